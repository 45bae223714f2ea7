"""Reference paths: where ResultPath puts a result into a state's input."""

from __future__ import annotations

from typing import Any

from untangle.simulate.machine.failure import StateFailure, text_of
from untangle.simulate.machine.query.jsonpath import Step, path_of


def put(path: str | None, value: Any, into: Any) -> Any:
    """The input with the result at a path; the input itself for the path null, the result itself for `$`.

    Objects that are missing on the way are made. Raises `States.ResultPathMatchFailure` where the path leads into what is no
    object (Amazon States Language, "ResultPath"). Nothing is changed in place.
    """
    if path is None:
        return into
    steps = path_of(path.strip()).steps
    try:
        return _put(steps, value, into)
    except (TypeError, IndexError) as error:
        message = f"Unable to apply ReferencePath {path} to input {text_of(into)}"
        raise StateFailure("States.ResultPathMatchFailure", message) from error


def _put(steps: tuple[Step, ...], value: Any, into: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step.kind == "name" and (into is None or isinstance(into, dict)):
        return {**(into or {}), step.value: _put(rest, value, (into or {}).get(step.value))}
    if step.kind == "index" and isinstance(into, list) and -len(into) <= step.value < len(into):
        place = step.value % len(into)
        return [*into[:place], _put(rest, value, into[place]), *into[place + 1 :]]
    raise TypeError(step.kind)
