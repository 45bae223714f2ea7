"""Wait: lets virtual time pass, up to a moment or for some seconds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from untangle.simulate.clock import START
from untangle.simulate.machine.failure import StateFailure, Undefined, text_of
from untangle.simulate.machine.states.kind import NOTHING, Kind, Outcome
from untangle.simulate.machine.strand import Work, sleep
from untangle.simulate.machine.visit import Visit

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})\Z")
_LONGEST = 2_147_483_647  # seconds that the service takes


def _work(visit: Visit) -> Work:
    state = visit.state
    value = visit.at(state["InputPath"], visit.input) if "InputPath" in state and not visit.jsonata else visit.input
    seconds = _asked(visit) if visit.jsonata else _named(visit, value)
    if seconds > _LONGEST:
        raise visit.invalid("Wait state delay is too long.")
    yield sleep(visit.frame.execution.clock, seconds)
    if visit.jsonata:
        output = visit.ask(state["Output"], "Output") if "Output" in state else visit.input
        return Outcome(output, state.get("Next"), visit.ask(state.get("Assign", NOTHING), "Assign"))
    assigned = visit.fill(state.get("Assign", NOTHING), value)
    return Outcome(visit.at(state["OutputPath"], value) if "OutputPath" in state else value, state.get("Next"), assigned)


def _asked(visit: Visit) -> float:
    """The seconds of a JSONata state."""
    state = visit.state
    if "Seconds" in state:
        seconds = visit.expected(state["Seconds"], "Seconds", "number")
        if seconds < 0 or int(seconds) != seconds:
            raise visit.unevaluated(f"The Seconds field must be a non-negative integer: {text_of(seconds)}", "Seconds")
        return float(seconds)
    written = visit.expected(state["Timestamp"], "Timestamp", "string")
    moment = moment_of(written)
    if moment is None:
        said = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string"
        raise visit.unevaluated(f"{said}: {written}", "Timestamp", later=True)
    return _until(visit, moment)


def _named(visit: Visit, value: Any) -> float:
    """The seconds of a JSONPath state."""
    state = visit.state
    if "Seconds" in state:
        return float(state["Seconds"])
    if "SecondsPath" in state:
        return _seconds(visit, state["SecondsPath"], _read(visit, "SecondsPath", value))
    path = state.get("TimestampPath")
    written = state["Timestamp"] if path is None else _read(visit, "TimestampPath", value)
    moment = moment_of(written)
    if moment is None:
        said = "parameter does not reference a valid ISO-8601 extended offset date-time format string"
        shown = written if isinstance(written, str) else text_of(written)
        raise visit.invalid(f"The TimestampPath {said}: {path} == {shown}")
    return _until(visit, moment)


def _read(visit: Visit, field: str, value: Any) -> Any:
    path = visit.state[field]
    try:
        return visit.value(path, value)
    except Undefined as error:
        raise visit.invalid(f"The {field} parameter does not reference an input value: {path}") from error


def _seconds(visit: Visit, path: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or int(value) != value:
        raise _refused(visit, "cannot be parsed as a long value", path, value)
    if value < 0:
        raise _refused(visit, "references a negative value", path, value)
    return float(value)


def _refused(visit: Visit, why: str, path: str, value: Any) -> StateFailure:
    return visit.invalid(f"The SecondsPath parameter {why}: {path} == {value if isinstance(value, str) else text_of(value)}")


def _until(visit: Visit, moment: datetime) -> float:
    return max(0.0, (moment - START).total_seconds() - visit.frame.execution.clock.now)


def moment_of(text: object) -> datetime | None:
    """The moment that an RFC 3339 text names, with its offset; None where it names none."""
    if not isinstance(text, str) or not _FORM.match(text):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"([.,]\d{6})\d+", r"\1", text))
    except ValueError:
        return None


WAIT = Kind("Wait", _work)
