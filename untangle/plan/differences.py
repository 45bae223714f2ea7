"""What changes although nothing is lost: differences in words, and notes that keep no hop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.code import SWALLOWED
from untangle.model.entry import EFFECTS
from untangle.model.link import Hop
from untangle.model.outlook import EXPRESS, STANDARD
from untangle.model.step import Task, steps
from untangle.model.workflow import Obstacle
from untangle.plan.callbacks import remarks
from untangle.plan.claims import claimed
from untangle.plan.cost.flavour import EXPRESS_ATTEMPTS
from untangle.plan.jobs.awaited import awaited, job_differences
from untangle.plan.jobs.schedules import schedule_remarks
from untangle.plan.passes import Draft, drawn, number, settings, stops, where
from untangle.plan.retry import SERVICE_ATTEMPTS
from untangle.plan.stay import made_up
from untangle.plan.written import after_a_failure, after_failures

_ALWAYS = (
    "a consumer starts when its producer has returned, not when it has sent",
    "what a failed run of a producer sent before it failed is not delivered; its retry sends it again",
    "states carry at most 256 KiB; queues, buses and asynchronous invocations carry up to 1 MiB",
    "message attributes that a call sets (traceparent, AWSTraceHeader) arrive as before, and so does the AWSTraceHeader that a "
    "queue takes from the call; what the service or an agent adds below the call elsewhere does not: switch on tracing for the "
    "state machine, whose execution the traces then belong to",
)
_REFUSED = "while the service refuses an invocation it is tried {} times over {}, not for up to six hours"
_STARTS_OVER = (
    "an Express workflow may start over: every function of a run may run once more than before, not only that which failed"
)


def note_differences(draft: Draft) -> Draft:
    """The draft with every difference that remains, in general and hop by hop."""
    if draft.root is None:
        return draft
    hop_by_hop = [
        Obstacle(text=f"{drawn(draft, hop)}: {text}", hops=(id,), location=where(hop))
        for id, hop in draft.moving.items()
        for text in _remarks(draft, id, hop)
    ]
    shared = [
        f"{draft.address(channel)} {_why_shared(draft, channel)}: the call still goes out, and {_whose(draft, channel)}"
        for channel in _shared(draft)
    ]
    entries = [text for entry in draft.entries for text in _start(draft, entry)]
    if len(draft.entries) > 1:
        names = ", ".join(draft.address(entry) for entry in draft.entries)
        entries += [f"the workflow has several entries ({names}): its input is {{entry, event}}"]
    merges = [
        f"{draft.address(function)} is reached by {count} hops and runs once for each, as before: it stands there as often"
        + (", or once in a workflow of its own that is started as often" if draft.nested else "")
        for function, count in _merged(draft).items()
    ]
    return replace(
        draft,
        notes=(*draft.notes, *hop_by_hop),
        differences=(*_ALWAYS, *_of_all(draft), *draft.differences, *entries, *merges, *shared),
    )


def _of_all(draft: Draft) -> Iterator[str]:
    yield from _by_type(draft)
    yield from after_failures(draft)
    yield from _claims(draft)
    yield from _parked(draft)


def _by_type(draft: Draft) -> Iterator[str]:
    """What depends on whether the workflow is a Standard or an Express one."""
    type = draft.outlook.type if draft.outlook else STANDARD
    yield _REFUSED.format(*((EXPRESS_ATTEMPTS, "half a minute") if type == EXPRESS else (SERVICE_ATTEMPTS, "about an hour")))
    if type == EXPRESS:
        yield _STARTS_OVER


def _claims(draft: Draft) -> Iterator[str]:
    """What goes through the bucket, and what that takes."""
    names = sorted({drawn(draft, hop) for hop in draft.moving.values() if claimed(draft, hop)})
    if names:
        yield (
            f"texts of more than 4,096 bytes go through the bucket {draft.claim}, which their producers may write and their "
            f"consumers "
            f"read; a message that is parked holds a claim, which an outbox opens. This is so for {', '.join(names)}"
        )


def _parked(draft: Draft) -> Iterator[str]:
    """Messages in dead-letter queues that SQS has not moved there itself (StartMessageMoveTask, `DestinationArn`)."""
    letters = (step.dead_letter for step in steps(draft.root) if isinstance(step, Task))
    targets = {letter.target for letter in letters if letter is not None and (letter.type, letter.body) == ("sqs", "message")}
    if targets:
        yield (
            f"what the workflow parks in {', '.join(sorted(map(draft.address, targets)))} is a new message there, without "
            "DeadLetterQueueSourceArn: whoever redrives the queue names where to, as SQS does not know where it came from"
        )


_STARTED = {
    EFFECTS: "{} stays outside of the workflow, which starts when it has returned: what it sends is held back until then",
    "sqs": "{}: messages leave the queue when the workflow starts, which then tries again and parks in the queue's place",
    "sns": "{}: a queue and a pipe stand between the topic and the workflow, which take a moment longer than the topic alone",
    "s3": "{}: the notification is made from the bucket's event on EventBridge, whose time has whole seconds; of who wrote the "
    "object it knows the account only",
    "dynamodb_stream": "{}: executions that a pipe starts run side by side: changes of one item are no longer handed over in "
    "order",
}


def _start(draft: Draft, entry: str) -> Iterator[str]:
    """What differs because of how the workflow is started."""
    form = draft.started[entry].form
    if form in _STARTED:
        yield _STARTED[form].format(draft.address(entry))


def _remarks(draft: Draft, id: str, hop: Hop) -> Iterator[str]:
    if id in draft.called_back:
        yield from remarks(draft, hop)
    else:
        yield from _delivered(draft, hop)
        yield from made_up(draft, hop)
    yield from schedule_remarks(hop)
    yield from _traced(draft, id, hop)
    yield from _guarded(hop)


def _delivered(draft: Draft, hop: Hop) -> Iterator[str]:
    """What changes for a hop whose channels are passed no more."""
    if hop.mediated and not isinstance(job := awaited(draft.graph, hop), str):
        yield from job_differences(draft.graph, hop, job)
    for stop in stops(draft.graph, hop):
        yield from after_a_failure(draft, hop, stop.type)
        if stop.type == "sqs" and number(stop.delivery, "batch_size", 10) > 1:
            yield "messages no longer arrive in batches: the function runs once per message"
        if stop.type == "dynamodb_stream":
            yield "changes of one item by different executions are no longer handed over in order"
        if stop.type == "s3":
            yield "objects that others write no longer start the function unless the notification stays"
        if stop.type in ("sns", "eventbridge", "sqs") and stop.delivery.get("dead_letter") and stop.type != "sqs":
            yield "the dead-letter queue of the delivery itself is no longer needed: there is no delivery that can fail"
        if stop.type == "eventbridge" and {"maximum_retry_attempts", "maximum_event_age"} & stop.delivery.keys():
            yield "the retry policy of the rule's target no longer acts: there is no delivery that can fail"


def _traced(draft: Draft, id: str, hop: Hop) -> Iterator[str]:
    """Handlers that read a trace header which only the service itself can set."""
    facts = draft.graph.code.get(hop.consumer)
    if hop.passages[-1].type != "sqs" or (len(hop.passages) == 1 and id not in draft.called_back):
        return
    why = "the workflow's own, if that is traced" if id in draft.called_back else f"missing behind {hop.passages[0].type}"
    for read in facts.reads if facts is not None else ():
        if "AWSTraceHeader" in read.path:
            place = f" ({read.location})" if read.location else ""
            yield f"{draft.address(hop.consumer)} reads AWSTraceHeader{place}, which will be {why}"


def _guarded(hop: Hop) -> Iterator[str]:
    if hop.condition:
        yield f"it exists only where {hop.condition}"
    guard = hop.guard
    if guard is not None and guard.kind == "if":
        yield f"it is sent only if {' '.join(guard.text.split())[:120]}"
    for guard in hop.guards:
        if guard.kind == SWALLOWED:
            yield f"it is sent {guard.text}; the run that swallows it ends well, and so does the workflow, without the message"


def _shared(draft: Draft) -> tuple[str, ...]:
    first = {hop.passages[0].channel for hop in draft.moving.values() if hop.passages[0].type in ("sns", "eventbridge")}
    return tuple(sorted(first & draft.heard_by_others))


def _why_shared(draft: Draft, channel: str) -> str:
    return "is archived" if settings(draft.graph, channel).get("archived") else "has other listeners"


def _whose(draft: Draft, channel: str) -> str:
    names = sorted({draft.address(hop.consumer) for hop in draft.moving.values() if hop.passages[0].channel == channel})
    return f"the subscriptions of {', '.join(names)} must be removed when the workflow takes over"


def _merged(draft: Draft) -> dict[str, int]:
    counts: dict[str, int] = {}
    for id in draft.starters.keys() & draft.forward.keys():
        consumer = draft.moving[id].consumer
        counts[consumer] = counts.get(consumer, 0) + 1
    return {function: count for function, count in sorted(counts.items()) if count > 1}
