"""Choice rules: JSONPath comparisons and JSONata conditions (Amazon States Language, "Choice State")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from untangle.asl.diagnostic import SCHEMA, Diagnostic, closest
from untangle.asl.fields import JSONATA
from untangle.asl.jsonata import is_jsonata
from untangle.asl.jsonpath import path_problem
from untangle.asl.scope import Scope
from untangle.asl.time import is_time

_ORDERED = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_KINDS: Mapping[str, tuple[type, ...]] = {"String": (str,), "Numeric": (int, float), "Timestamp": (str,)}
# The comparisons of a rule and the kinds of value that each takes.
OPERATORS: dict[str, tuple[type, ...]] = {
    **{f"{kind}{order}": types for kind, types in _KINDS.items() for order in _ORDERED},
    **{f"{kind}{order}Path": (str,) for kind in _KINDS for order in _ORDERED},
    "BooleanEquals": (bool,),
    "BooleanEqualsPath": (str,),
    "StringMatches": (str,),
    **dict.fromkeys(("IsNull", "IsPresent", "IsString", "IsNumeric", "IsBoolean", "IsTimestamp"), (bool,)),
}
_COMBINED = ("And", "Or", "Not")
_TOP = ("Next", "Comment", "Assign")
_MAX_DEPTH = 40
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[^*\\]|\Z)", re.DOTALL)


def choice_problems(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the rules of a Choice."""
    rules = state.get("Choices")
    if not isinstance(rules, Sequence) or isinstance(rules, str) or not rules:
        yield scope.problem(SCHEMA, "Choices must be a list of at least one rule", "Choices")
        return
    for index, rule in enumerate(rules):
        inner = scope.at("Choices", index)
        if not isinstance(rule, Mapping):
            yield inner.problem(SCHEMA, "a choice rule must be an object")
            continue
        if not isinstance(rule.get("Next"), str):
            yield inner.problem(SCHEMA, "a choice rule needs Next", "Next")
        if scope.language == JSONATA:
            yield from _condition(inner, rule)
        else:
            yield from _comparison(inner, rule, 0)


def _condition(scope: Scope, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    for name in rule:
        if name not in ("Condition", "Next", "Assign", "Output", "Comment"):
            hint = (
                "Condition"
                if name in OPERATORS or name in (*_COMBINED, "Variable")
                else closest(name, ("Condition", "Output", "Assign"))
            )
            yield scope.problem(SCHEMA, f"a JSONata choice rule has no field {name!r}", str(name), hint=hint, misplaced=True)
    condition = rule.get("Condition")
    if not isinstance(condition, bool) and not is_jsonata(condition):
        yield scope.problem(SCHEMA, "a JSONata choice rule needs a Condition in {% … %}", "Condition")


def _comparison(scope: Scope, rule: Mapping[str, Any], depth: int) -> Iterator[Diagnostic]:
    if depth > _MAX_DEPTH:
        yield scope.problem(SCHEMA, f"choice rules nest more than {_MAX_DEPTH} deep")
        return
    combined = [name for name in _COMBINED if name in rule]
    tests = [name for name in rule if name in OPERATORS]
    allowed = {"Comment"} | ({*_TOP} if depth == 0 else set())
    for name in rule:
        if name not in allowed and name not in tests and name not in combined and name != "Variable":
            if name == "Next":
                yield scope.problem(SCHEMA, "only the outermost rule may have Next", "Next", misplaced=True)
            else:
                hint = closest(name, [*OPERATORS, *_COMBINED])
                yield scope.problem(SCHEMA, f"a choice rule has no field {name!r}", str(name), hint=hint, misplaced=True)
    if len(combined) + len(tests) != 1:
        what = ", ".join([*combined, *tests]) or "none"
        yield scope.problem(SCHEMA, f"a choice rule needs exactly one comparison, And, Or or Not; here: {what}")
    for name in combined:
        yield from _nested(scope, name, rule[name], depth)
    if tests:
        yield from _variable(scope, rule)
    for name in tests:
        yield from _operand(scope, name, rule[name])


def _nested(scope: Scope, name: str, value: object, depth: int) -> Iterator[Diagnostic]:
    if name == "Not":
        if isinstance(value, Mapping):
            yield from _comparison(scope.at(name), value, depth + 1)
        else:
            yield scope.problem(SCHEMA, "Not takes one rule", name)
        return
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        yield scope.problem(SCHEMA, f"{name} takes a list of at least one rule", name)
        return
    for index, rule in enumerate(value):
        if isinstance(rule, Mapping):
            yield from _comparison(scope.at(name, index), rule, depth + 1)
        else:
            yield scope.problem(SCHEMA, "a choice rule must be an object", name, index)


def _variable(scope: Scope, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    variable = rule.get("Variable")
    if not isinstance(variable, str):
        yield scope.problem(SCHEMA, "a comparison needs a Variable", "Variable")
    elif problem := path_problem(variable):
        yield scope.problem(SCHEMA, problem, "Variable")


def _operand(scope: Scope, name: str, value: object) -> Iterator[Diagnostic]:
    types = OPERATORS[name]
    fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    if not fits:
        names = {str: "a text", int: "a number", bool: "true or false"}
        yield scope.problem(SCHEMA, f"{name} compares with {names[types[0]]}, not {value!r}", name)
    elif name == "StringMatches" and isinstance(value, str) and (wrong := _ESCAPED.search(value)):
        message = f"{wrong[0]!r} is no escape of StringMatches: a backslash stands before * or another backslash"
        yield scope.problem(SCHEMA, message, name, severity="warning")
    elif name.endswith("Path") and isinstance(value, str) and (problem := path_problem(value)):
        yield scope.problem(SCHEMA, problem, name)
    elif name.startswith("Timestamp") and not name.endswith("Path") and isinstance(value, str) and not is_time(value):
        yield scope.problem(SCHEMA, f"{value!r} is not an ISO 8601 time", name)
