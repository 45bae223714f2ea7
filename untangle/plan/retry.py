"""What a channel does when its consumer fails, as retriers and a dead-letter target.

Sources: Lambda guide, "Asynchronous invocation" (two more runs after 60 s and 120 s; throttles go back to the queue for
up to six hours), "Using Lambda with Amazon SQS" (the message reappears after the visibility timeout until
maxReceiveCount), "Lambda parameters for stream mappings". A function that a state machine invokes is invoked
synchronously: its own asynchronous settings no longer act and are said again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from untangle.model.graph import EventGraph
from untangle.model.node import Function
from untangle.model.value import Value
from untangle.model.workflow import DeadLetter, Retry, Stop
from untangle.plan.passes import number

SERVICE_ATTEMPTS = 20  # covers about an hour; six hours would take 80 attempts, each of them billed
MAX_MESSAGE_ATTEMPTS = 50
VISIBILITY_TIMEOUT = 30
STREAM_ATTEMPTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How one delivery fails: its retriers in order, where the message ends, and what differs from before, in words."""

    retries: tuple[Retry, ...]
    dead_letter: DeadLetter | None = None
    differences: tuple[str, ...] = ()


def failing(graph: EventGraph, function: Function, last: Stop, on_failure: str | None = None) -> Failing:
    """The failure semantics of a function that gets its messages from this channel.

    `on_failure` is the node that its on-failure destination names; it acts for asynchronous invocations only.
    """
    if last.type == "sqs":
        return _queue(graph, last)
    if last.type in ("dynamodb_stream", "kinesis", "pipe"):
        return _stream(last)
    return asynchronous(graph, function, on_failure)


def service_retry() -> Retry:
    """Retries while the invocation itself is refused (throttling, service faults)."""
    return Retry(errors="throttle", interval=1, rate=2, attempts=SERVICE_ATTEMPTS, max_delay=300, jitter=True)


def asynchronous(graph: EventGraph, function: Function, on_failure: str | None = None) -> Failing:
    """Asynchronous invocation by its EventInvokeConfig: two more runs after one and two minutes unless set otherwise."""
    settings = function.asynchronous
    attempts = number(settings, "maximum_retry_attempts", 2)
    retries = [service_retry()]
    if attempts:
        retries.append(Retry(errors="any", interval=60, rate=2, attempts=attempts))
    letter = _letter(graph, on_failure, "record") or _letter(graph, settings.get("dead_letter"), "event")
    return Failing(retries=tuple(retries), dead_letter=letter)


def _queue(graph: EventGraph, queue: Stop) -> Failing:
    redrive = queue.settings.get("redrive")
    redrive = redrive if isinstance(redrive, Mapping) else {}
    interval = max(1, number(queue.settings, "visibility_timeout", VISIBILITY_TIMEOUT))
    receives = number(queue.delivery, "max_receive_count") or number(redrive, "max_receive_count")
    differences: tuple[str, ...] = ()
    if not receives:
        receives = MAX_MESSAGE_ATTEMPTS
        differences = (
            f"{queue.channel} has no redrive policy: it retried until the message expired, the workflow tries {receives} times",
        )
    retries = [service_retry()]
    if receives > 1:
        retries.append(Retry(errors="any", interval=interval, rate=1, attempts=min(receives - 1, 1000)))
    target = queue.delivery.get("dead_letter") or redrive.get("dead_letter")
    return Failing(retries=tuple(retries), dead_letter=_letter(graph, target, "message"), differences=differences)


def _stream(stream: Stop) -> Failing:
    attempts = number(stream.delivery, "maximum_retry_attempts", -1)
    differences: list[str] = []
    if attempts < 0:
        attempts = STREAM_ATTEMPTS
        differences.append(f"{stream.channel} retried until the record expired, the workflow tries {attempts} times more")
    if stream.delivery.get("on_failure"):
        differences.append(
            f"the mapping of {stream.channel} reports failed batches to its destination; a failed execution does not"
        )
    retries = [service_retry()]
    if attempts:
        retries.append(Retry(errors="any", interval=1, rate=2, attempts=attempts, max_delay=30))
    return Failing(retries=tuple(retries), differences=tuple(differences))


def _letter(graph: EventGraph, target: Value, body: str) -> DeadLetter | None:
    if not isinstance(target, str) or not target:
        return None
    try:
        type = graph.channel(target).type
    except KeyError:
        return DeadLetter(target=target, type="lambda" if graph.is_function(target) else "sqs", body=body)
    return DeadLetter(target=target, type=type, body=body) if type in ("sqs", "sns", "eventbridge") else None
