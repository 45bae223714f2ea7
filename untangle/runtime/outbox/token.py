"""Messages with a task token: the function's own queue runs it, and a state machine waits for each of these messages.

The protocol is that of the marker's contract. A message is answered for by itself: SendTaskSuccess with `{return, effects}`, or
SendTaskFailure where this was the last receive before the queue parks it (`Untangle.Parked`, or `FailedWithEffects` with what has
gone out). Where it fails, the record fails
too, so that the queue tries again. Of a FIFO queue nothing is worked on behind a record that failed. An answer that came too late
fails its record as well: nobody has the effects that were held back, so the next run lets them out.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Generator

from .answer import cause_of, text_of
from .clients import client
from .failed import FailedWithEffects, as_cause
from .recording import aside

ATTRIBUTE, PARKED = "untangle", "Untangle.Parked"
_GONE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")
Runs = Generator[Any, Any, Any]


class Late(Exception):
    """Nobody waits any more for an answer that is there."""


def tokened(event: Any) -> bool:
    """Whether a message of a queue brings a marker with a token."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return isinstance(records, list) and any(_attribute(record) is not None for record in records)


def _attribute(record: Any) -> dict[str, Any] | None:
    attributes = record.get("messageAttributes") if isinstance(record, Mapping) else None
    found = attributes.get(ATTRIBUTE) if isinstance(attributes, Mapping) else None
    text = found.get("stringValue") if isinstance(found, Mapping) else None
    try:
        asked = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return asked if isinstance(asked, dict) and isinstance(asked.get("token"), str) else None


def each(event: Mapping[str, Any], alone: Callable[[Any, Any, str], Runs], rest: Callable[[Any], Runs]) -> Runs:
    """The runs of an event with such messages: `alone(event, marker, request)` gives `{return, effects}` for one of them,
    `rest(event)` what the handler returns for the others. The result is the function's: a report of what failed where it had
    more than one record."""
    pending = [_known(record) for record in event["Records"]]
    if all(asked is None for asked, _ in pending):
        return (yield from rest({**event, "Records": [record for _, record in pending]}))
    fifo = any(str(record.get("eventSourceARN", "")).endswith(".fifo") for _, record in pending)
    failed: list[str] = []
    errors: list[Exception] = []
    result: Any = None
    groups = _groups(pending, fifo)
    for position, (asked, records) in enumerate(groups):
        part = {**event, "Records": records}
        try:
            if asked is not None:
                result = yield from _one(part, asked, alone)
            else:
                result = yield from rest(part)
                failed.extend(_reported(result, records))
        except Exception as error:
            errors.append(error)
            failed.extend(_id(record) for record in records)
            if len(event["Records"]) > 1:
                traceback.print_exception(type(error), error, error.__traceback__)
        if failed and fifo:
            failed.extend(_id(record) for _, later in groups[position + 1 :] for record in later)
            break
    if errors and len(failed) == len(event["Records"]):
        raise errors[0]
    return result if len(event["Records"]) == 1 else {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}


def _groups(pending: list[Any], fifo: bool) -> list[tuple[Any, list[Any]]]:
    """Messages with a token alone; the others together, of a FIFO queue as far as they follow one another."""
    found: list[tuple[Any, list[Any]]] = []
    others: list[Any] | None = None
    for asked, record in pending:
        if asked is not None:
            found.append((asked, [record]))
            others = None if fifo else others
        elif others is None:
            others = [record]
            found.append((None, others))
        else:
            others.append(record)
    return found


def _known(record: Any) -> tuple[dict[str, Any] | None, Any]:
    """A record without the attribute, and the marker where its task is waited for."""
    asked = _attribute(record)
    if asked is None:
        return None, record
    kept = {name: value for name, value in record["messageAttributes"].items() if name != ATTRIBUTE}
    waited = _told("send_task_heartbeat", taskToken=asked["token"])
    return (asked if waited else None), {**record, "messageAttributes": kept}


def _one(event: Any, asked: dict[str, Any], alone: Callable[[Any, Any, str], Runs]) -> Runs:
    """One message that is waited for: what the handler returned, once the answer is given."""
    (record,) = event["Records"]
    try:
        tries = {"tries": _received(record) - 1} if "tries" in asked else {}
        answer = yield from alone(event, {**asked, **tries}, _id(record))
        if not _told("send_task_success", taskToken=asked["token"], output=text_of(answer)):
            raise Late("the task was given up while the handler ran: its effects were held back, so the message is tried again")
    except Exception as error:
        written = error if isinstance(error, FailedWithEffects) else None
        if not isinstance(error, Late) and _is_last(record, asked):
            name, cause = (PARKED, cause_of(error)) if written is None else (type(written).__name__, as_cause(written))
            _told("send_task_failure", taskToken=asked["token"], error=name, cause=cause)
        if written is not None and written.__cause__ is not None:
            raise written.__cause__  # noqa: B904 - the queue gets the handler's own error
        raise
    return answer["return"]


def _received(record: Any) -> int:
    count = str((record.get("attributes") or {}).get("ApproximateReceiveCount", "0"))
    return int(count) if count.isdigit() else 0


def _is_last(record: Any, asked: Mapping[str, Any]) -> bool:
    receives = asked.get("receives")
    return isinstance(receives, int) and _received(record) >= receives > 0


def _reported(result: Any, records: list[Any]) -> list[str]:
    """The messages that a handler said had failed; a report that names none it was given means all (Lambda guide)."""
    failures = result.get("batchItemFailures") if isinstance(result, Mapping) else None
    if not failures:
        return []
    known = [_id(record) for record in records]
    named = [item.get("itemIdentifier") if isinstance(item, Mapping) else None for item in failures]
    return [name for name in known if name in named] if all(name in known for name in named) else known


def _id(record: Any) -> str:
    return str(record.get("messageId", ""))


def _told(operation: str, **told: Any) -> bool:
    """Tells Step Functions; False where nobody waits any more."""
    try:
        with aside():
            getattr(client("stepfunctions"), operation)(**told)
    except Exception as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") in _GONE:
            return False
        raise
    return True
