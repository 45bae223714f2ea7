"""Texts that look computed where nothing computes them: the warnings NO_DOLLAR, NO_PATH and PASS_RESULT_IS_STATIC.

Source: Step Functions API reference, ValidateStateMachineDefinitionDiagnostic, "List of warning codes". The service takes such
a definition; what it then does is seldom what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from untangle.asl.choice import OPERATORS
from untangle.asl.diagnostic import NO_DOLLAR, NO_PATH, SCHEMA, STATIC_RESULT, Diagnostic
from untangle.asl.fields import JSONATA, JSONPATH, TYPES, allowed
from untangle.asl.jsonata import is_jsonata
from untangle.asl.jsonpath import INTRINSICS
from untangle.asl.scope import Scope

_PATH = re.compile(r"\$(?:\Z|\$?(?:\.\.?[A-Za-z_*]|\[\s*['\"?*\d]))")
_CALL = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(?:[.\[]|\Z)")
_UNDELIMITED = re.compile(r"\$states\.(?:input|result|context|errorOutput)\b")
_TEMPLATES = (
    *(("Parameters",), ("ResultSelector",), ("ItemSelector",), ("Assign",), ("Credentials",)),
    *(("ItemBatcher", "BatchInput"), ("ItemReader", "Parameters"), ("ResultWriter", "Parameters")),
)
_COMPUTED = ("Arguments", "Output", "Assign", "ItemSelector", "Items")


def static_texts(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Warnings about texts of a state that are taken as they stand, although they look like paths or calls."""
    if scope.language == JSONATA:
        for name in _COMPUTED:
            yield from _undelimited(scope.at(name), state.get(name))
        return
    for route in _TEMPLATES:
        value: Any = state
        for step in route:
            value = value.get(step) if isinstance(value, Mapping) else None
        yield from _template(scope.at(*route), value)
        yield from _expressions(scope.at(*route), value)
    yield from _fields(scope, state)
    if state.get("Type") == "Choice":
        yield from _rules(scope.at("Choices"), state.get("Choices"))
    if state.get("Type") == "Pass" and any(
        _computed(key, text, scope.variables) for _, key, text in _texts(scope, state.get("Result"))
    ):
        message = "Result is taken as it stands: no path or intrinsic function in it is evaluated"
        yield scope.problem(STATIC_RESULT, message, "Result", hint="Parameters", severity="warning")


def _looks_computed(text: str, variables: Collection[str] = ()) -> bool:
    """Whether a text would be a path or a call of an intrinsic function."""
    if (call := _CALL.match(text)) is not None:
        return call[1] in INTRINSICS
    name = _VARIABLE.match(text)
    return _PATH.match(text) is not None or (name is not None and name[1] in variables)


def _computed(key: str, text: str, variables: Collection[str]) -> bool:
    return _looks_computed(text, variables) or (key.endswith(".$") and text.startswith(("$", "States.")))


def _texts(scope: Scope, value: Any) -> Iterator[tuple[Scope, str, str]]:
    """Every text below a value that a field holds, with its key; those of lists have none."""
    pending: list[tuple[Scope, str, Any]] = [(scope, "", value)]
    while pending:
        here, key, item = pending.pop()
        if isinstance(item, Mapping):
            pending.extend((here.at(str(name)), str(name), inner) for name, inner in item.items())
        elif isinstance(item, list | tuple):
            pending.extend((here.at(index), "", inner) for index, inner in enumerate(item))
        elif isinstance(item, str):
            yield here, key, item


def _template(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    for here, key, text in _texts(scope, value):
        if key and not key.endswith(".$") and _looks_computed(text, scope.variables):
            message = f"{text[:60]!r} looks like a path or an intrinsic function, but the name of its field does not end with .$"
            yield here.problem(NO_DOLLAR, message, hint=f'"{key}.$"', severity="warning")


def _expressions(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    for here, _, text in _texts(scope, value):
        if is_jsonata(text):
            message = "{% … %} is plain text in a JSONPath state: nothing evaluates it"
            yield here.problem(SCHEMA, message, hint='"QueryLanguage": "JSONata"', severity="warning")


def _fields(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    type = state.get("Type")
    known = allowed(type, JSONPATH) if isinstance(type, str) and type in TYPES else frozenset()
    for name, value in state.items():
        if isinstance(value, str) and f"{name}Path" in known and _looks_computed(value, scope.variables):
            yield _no_path(scope, str(name), value)


def _rules(scope: Scope, rules: Any) -> Iterator[Diagnostic]:
    for here, key, text in _texts(scope, rules):
        if f"{key}Path" in OPERATORS and _looks_computed(text, scope.variables):
            outer = Scope(route=here.route[:-1])
            yield _no_path(outer, key, text)


def _no_path(scope: Scope, name: str, text: str) -> Diagnostic:
    message = f"{text[:60]!r} looks like a path, but the name of its field does not end with Path"
    return scope.problem(NO_PATH, message, name, hint=f"{name}Path", severity="warning")


def _undelimited(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    for here, _, text in _texts(scope, value):
        if _UNDELIMITED.match(text):
            message = f"{text[:60]!r} is plain text: only what stands within {{% and %}} is evaluated"
            yield here.problem(SCHEMA, message, hint=f"{{% {text.strip()} %}}", severity="warning")
