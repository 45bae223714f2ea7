"""The workflow's variables: the names that states assign, and those that JSONPath states refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.asl.diagnostic import SCHEMA, Diagnostic, closest
from untangle.asl.scope import Scope

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"[^\"]*\"")
_USED = re.compile(r"(?<![\w.$\[{])\$([A-Za-z_]\w*)")
_PLAIN = frozenset({"Type", "Next", "End", "Comment", "Resource", "Result"})
_NESTED = frozenset({"Branches", "ItemProcessor", "Iterator"})


def misnamed(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Names of variables, in the state and in its rules and catchers."""
    places: list[tuple[Scope, Any]] = [(scope, state)]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        if isinstance(rules, list | tuple):
            places.extend((scope.at(field, index), rule) for index, rule in enumerate(rules))
    for here, holder in places:
        assigned = holder.get("Assign") if isinstance(holder, Mapping) else None
        if assigned is None:
            continue
        if not isinstance(assigned, Mapping):
            yield here.problem(SCHEMA, "Assign must be an object of variables", "Assign")
            continue
        for name in assigned:
            plain = str(name).removesuffix(".$")
            if plain == "states":
                yield here.problem(SCHEMA, "the variable name 'states' is reserved", "Assign", str(name))
            elif not plain.replace("_", "a").isalnum() or plain[:1].isdigit() or len(plain) > 80:
                yield here.problem(SCHEMA, f"{plain!r} is no name of a variable", "Assign", str(name))


def assigned_names(state: Mapping[str, Any]) -> Iterator[str]:
    """The variables that a state assigns."""
    holders = [state]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        holders.extend(rule for rule in rules if isinstance(rule, Mapping)) if isinstance(rules, list | tuple) else None
    for holder in holders:
        assigned = holder.get("Assign")
        if isinstance(assigned, Mapping):
            yield from (str(name).removesuffix(".$") for name in assigned)


def undeclared(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Paths of a JSONPath state that begin with a variable which no state assigns; nested machines are left out."""
    pending: list[tuple[Scope, str, Any]] = [
        (scope.at(str(name)), str(name), value) for name, value in state.items() if name not in _PLAIN
    ]
    while pending:
        here, name, value = pending.pop()
        if name in _NESTED:
            continue
        if isinstance(value, Mapping):
            pending.extend((here.at(str(key)), str(key), inner) for key, inner in value.items())
        elif isinstance(value, list | tuple):
            pending.extend((here.at(index), "", inner) for index, inner in enumerate(value))
        elif isinstance(value, str) and (name.endswith((".$", "Path")) or name == "Variable"):
            for used in sorted(set(_USED.findall(_QUOTED.sub("''", value))) - scope.variables):
                hint = closest(used, scope.variables)
                right = f"${hint}" if hint else None
                yield here.problem(SCHEMA, f"the variable ${used} is never assigned", hint=right)
