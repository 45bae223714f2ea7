"""What a channel does when its consumer fails, as retriers and a dead-letter target.

Sources: Lambda guide, "Asynchronous invocation" (two more runs after 60 s and 120 s; throttles go back to the queue for
up to six hours), "Using Lambda with Amazon SQS" (the message reappears after the visibility timeout until
maxReceiveCount), "Lambda parameters for stream mappings"; a pipe has its source's guarantees. A function that a state
machine invokes is invoked synchronously: its own asynchronous settings no longer act and are said again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from untangle.model.graph import EventGraph
from untangle.model.node import Function
from untangle.model.step import DeadLetter, Retry, Stop
from untangle.model.value import Value
from untangle.plan.passes import number

SERVICE_ATTEMPTS = 20  # covers about an hour; six hours would take 80 attempts, each of them billed
MAX_MESSAGE_ATTEMPTS = 50
VISIBILITY_TIMEOUT = 30
RETENTION = 345600
STREAM_ATTEMPTS = 20
QUEUED = 21600  # seconds that an asynchronous invocation is kept while it is refused, unless set otherwise
FIRST_PAUSE = 60  # seconds before the second run of an asynchronous invocation; each further pause is twice as long


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How one delivery fails: its retriers in order, where the message ends, and what differs from before, in words."""

    retries: tuple[Retry, ...]
    dead_letter: DeadLetter | None = None
    differences: tuple[str, ...] = ()


def failing(graph: EventGraph, function: Function, way: tuple[Stop, ...], on_failure: str | None = None) -> Failing:
    """The failure semantics of a function that gets its messages by this way.

    `on_failure` is the node that its on-failure destination names; it acts for asynchronous invocations only.
    """
    polled = source(way)
    if polled.type == "sqs":
        return _queue(graph, polled)
    if polled.type in ("dynamodb_stream", "kinesis", "pipe"):
        return _stream(polled)
    return asynchronous(graph, function, on_failure)


def source(way: tuple[Stop, ...]) -> Stop:
    """The channel that answers for failures: the last one, or what a pipe polls."""
    behind = [stop for stop in way if stop.type != "pipe"]
    return behind[-1] if behind else way[-1]


def reports_failures(way: tuple[Stop, ...]) -> bool:
    """Whether the function's answer `batchItemFailures` fails its messages: where the mapping asks for it, and behind a pipe
    that waits for the answer (Lambda guide, "Implementing partial batch responses"; EventBridge Pipes guide, "Batching")."""
    if way and way[-1].type == "pipe":
        return way[-1].delivery.get("invocation_type") != "FIRE_AND_FORGET"
    return bool(way) and way[-1].delivery.get("report_batch_item_failures") is True


def service_retry(horizon: int = QUEUED) -> Retry:
    """Retries while the invocation itself is refused (throttling, service faults), for `horizon` seconds or about an hour."""
    attempts = min(SERVICE_ATTEMPTS, max(1, _attempts(horizon)))
    return Retry(errors="throttle", interval=1, rate=2, attempts=attempts, max_delay=300, jitter=True)


def _attempts(horizon: int) -> int:
    """How many tries with doubling pauses of at most five minutes it takes to cover so many seconds."""
    waited, pause, count = 0, 1, 0
    while waited < horizon and count < SERVICE_ATTEMPTS:
        waited, pause, count = waited + min(pause, 300), pause * 2, count + 1
    return count


def asynchronous(graph: EventGraph, function: Function, on_failure: str | None = None) -> Failing:
    """Asynchronous invocation by its EventInvokeConfig: two more runs after one and two minutes unless set otherwise.

    An event that is older than its maximum age by then is not tried again.
    """
    settings = function.asynchronous
    age = number(settings, "maximum_event_age", QUEUED) or QUEUED
    attempts = number(settings, "maximum_retry_attempts", 2)
    while attempts and FIRST_PAUSE * (2**attempts - 1) > age:
        attempts -= 1
    retries = [service_retry(age)]
    if attempts:
        retries.append(Retry(errors="any", interval=FIRST_PAUSE, rate=2, attempts=attempts))
    letter = _letter(graph, on_failure, "record") or _letter(graph, settings.get("dead_letter"), "event")
    differences = (*_unwritten(graph, function, on_failure), *_once(function, letter, settings.get("dead_letter")))
    return Failing(retries=tuple(retries), dead_letter=letter, differences=differences)


# Lambda writes to both: AWS Compute Blog, "Introducing AWS Lambda Destinations" ("can be used together and at the same time").
ONCE = "what fails for good goes to its on-failure destination alone, not as an event to its dead-letter queue too"


def _once(function: Function, letter: DeadLetter | None, queue: Value) -> tuple[str, ...]:
    """A dead-letter queue beside an on-failure destination: a state writes to one."""
    if letter is None or letter.body != "record" or not isinstance(queue, str):
        return ()
    return (f"{function.address}: {ONCE} ({queue.rpartition('/')[2]})",)


def _unwritten(graph: EventGraph, function: Function, target: str | None) -> tuple[str, ...]:
    """A destination that no state writes to."""
    if target is None or _letter(graph, target, "record") is not None:
        return ()
    who, where = graph.told(function.id, ()), graph.told(target, ())
    return (f"{who} sent the record of a failed run to {where}; a failed execution does not",)


def _queue(graph: EventGraph, queue: Stop) -> Failing:
    redrive = queue.settings.get("redrive")
    redrive = redrive if isinstance(redrive, Mapping) else {}
    interval = max(1, number(queue.settings, "visibility_timeout", VISIBILITY_TIMEOUT))
    receives = number(queue.delivery, "max_receive_count") or number(redrive, "max_receive_count")
    differences: tuple[str, ...] = ()
    if not receives:
        most = number(queue.settings, "retention", RETENTION) // interval
        receives = max(1, min(MAX_MESSAGE_ATTEMPTS, most))
        tried = f"{queue.channel} has no redrive policy: it retried until the message expired"
        differences = (f"{tried}, the workflow tries {receives} times" + (", as often" if receives == most else ""),)
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
