"""The check of a whole definition: every machine in it, every state of each, every expression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from untangle.asl.content import content_problems
from untangle.asl.diagnostic import DUPLICATE_LABEL, DUPLICATE_NAME, MISSING, SCHEMA, TOO_DEEP, Diagnostic
from untangle.asl.document import Document
from untangle.asl.fields import JSONATA, JSONPATH, LANGUAGES
from untangle.asl.machine import Machine, machine_problems, nested
from untangle.asl.scope import Scope, is_open
from untangle.asl.state import state_problems
from untangle.asl.static import static_texts
from untangle.asl.variables import assigned_names

_DEEPEST = 20  # machines within machines


def validate(definition: Document | Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a definition, sorted by place.

    Takes what `parse` returned, or a definition as a mapping (from YAML, from a template). Raises nothing: whatever is
    handed in, the answer is a tuple of diagnostics, () for a good definition.
    """
    document = definition if isinstance(definition, Document) else Document(value=definition)
    found = [*document.problems]
    if not document.problems or document.value is not None:
        found.extend(item for item in _problems(document.value, document.express) if not _open(document.value, item))
    located = [replace(item, line=item.line or _line(document, item.pointer)) for item in found]
    return tuple(sorted(dict.fromkeys(located), key=lambda item: (item.line or 0, item.pointer, item.code, item.message)))


def _open(value: Any, found: Diagnostic) -> bool:
    """Whether what a diagnostic is about is a placeholder, `${Name}`, which is filled in later with what nobody knows here."""
    if found.misplaced or found.pointer.endswith("/Resource"):
        return False  # the check of a Resource reads around placeholders
    for step in found.pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list | tuple) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return is_open(value)


def _line(document: Document, place: str) -> int | None:
    """The line of a pointer, or of the nearest place around it that is written."""
    while place and place not in document.lines:
        place = place.rpartition("/")[0]
    return document.lines.get(place)


def _problems(value: Any, express: bool) -> Iterator[Diagnostic]:
    if value is None:
        yield Diagnostic(code=MISSING, message="there is no definition")
        return
    if not isinstance(value, Mapping):
        yield Diagnostic(code=SCHEMA, message="a definition must be an object")
        return
    language = value.get("QueryLanguage", JSONPATH)
    language = language if language in LANGUAGES else JSONPATH
    machines, too_deep = _machines(Machine(Scope(language=language, express=express), value, "machine"))
    yield from too_deep
    names = Counter(name for machine in machines for name in machine.states)
    yield from _duplicates(machines)
    yield from _labels(machines)
    for machine in machines:
        yield from machine_problems(machine, names)
        for name, state in machine.states.items():
            if isinstance(state, Mapping):
                own = state.get("QueryLanguage", language)
                scope = replace(machine.scope, language=own if own in LANGUAGES else language)
                scope = scope.at("States", name)
                yield from state_problems(scope, state, jsonata_machine=language == JSONATA)
                yield from content_problems(scope, state)
                yield from static_texts(scope, state)


def _machines(root: Machine) -> tuple[list[Machine], list[Diagnostic]]:
    """All machines of a definition, outer before inner, each with the variables that its states see."""
    found: list[Machine] = []
    problems: list[Diagnostic] = []
    pending = [(root, 0)]
    while pending:
        machine, depth = pending.pop()
        own = {name for state in machine.states.values() if isinstance(state, Mapping) for name in assigned_names(state)}
        machine = replace(machine, scope=replace(machine.scope, variables=machine.scope.variables | own))
        found.append(machine)
        inner = list(nested(machine))
        if depth >= _DEEPEST and inner:
            problems.append(machine.scope.problem(TOO_DEEP, f"machines nest more than {_DEEPEST} deep"))
            continue
        pending.extend((item, depth + 1) for item in reversed(inner))
    return found, problems


def _duplicates(machines: list[Machine]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for machine in machines:
        for name in machine.states:
            if name in seen:
                message = f"the name {name!r} is used twice; names of states are unique in the whole machine"
                yield machine.scope.problem(DUPLICATE_NAME, message, "States", name)
        seen.update(machine.states)


def _labels(machines: list[Machine]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for machine in machines:
        for name, state in machine.states.items():
            label = state.get("Label") if isinstance(state, Mapping) else None
            if isinstance(label, str) and label in seen:
                yield machine.scope.problem(DUPLICATE_LABEL, f"the label {label!r} is used twice", "States", name, "Label")
            elif isinstance(label, str):
                seen.add(label)
