"""Hops that must stay as they are, each for a reason that can be seen on the hop itself.

The reasons are those of delivery that a state machine cannot give: order across executions, batches and windows,
limits on concurrency, other owners; and those of code that would no longer see what it relies on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from untangle.channels.envelope import Unsupported, condition, envelope
from untangle.channels.job_event import heard_at
from untangle.model.link import Hop, LinkKind
from untangle.model.step import Stop
from untangle.model.workflow import Obstacle
from untangle.plan.jobs.awaited import awaited
from untangle.plan.jobs.schedules import schedule_reasons
from untangle.plan.passes import Draft, drawn, number, stops, where

LONGEST = 900  # seconds that a synchronous invocation may take; on Managed Instances others may take more (Lambda guide)
# Fields of the event that no envelope can rebuild truthfully: a handler that reads them relies on the transport.
_LOST = {
    "sqs": ("receiptHandle",),
    "sns": ("Signature", "SigningCertUrl", "SigningCertURL"),
    "s3": ("sequencer",),
    "dynamodb_stream": ("SequenceNumber",),
    "kinesis": ("sequenceNumber",),
}
# Fields that an envelope fills with something: a handler that reads them gets a value, but not the transport's.
_MADE_UP = {
    "sqs": ("SenderId", "md5OfMessageAttributes"),
    "sns": ("UnsubscribeUrl", "UnsubscribeURL", "EventSubscriptionArn"),
    "s3": (
        "principalId", "sourceIPAddress", "source-ip-address", "x-amz-id-2", "x-amz-request-id", "request-id", "requester",
        "configurationId",
    ),
    "dynamodb_stream": ("eventID", "SizeBytes", "ApproximateCreationDateTime"),
}  # fmt: skip
# Ways into a function that wait for its answer: its asynchronous settings do not act on them.
SYNCHRONOUS = frozenset({"apigateway", "alb", "appsync", "cognito", "custom_resource", "function_url", "s3_object_lambda"})
NOT_ASYNCHRONOUS = SYNCHRONOUS | {"sqs", "dynamodb_stream", "kinesis", "pipe", "msk", "mq", "documentdb", "firehose"}
_NO_IMAGES = ("BatchWriteItem", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")


def keep_what_must_stay(draft: Draft) -> Draft:
    """Keep every hop for which `reasons` finds one; the first reason is the one that is given."""
    kept = dict(draft.kept)
    rivals = competing(draft)
    for id, hop in draft.moving.items():
        text = rivals.get(id) or next(reasons(draft, hop), None)
        if text:
            obstacle = Obstacle(text=f"{drawn(draft, hop)}: {text}", hops=(id,), blocking=True, location=where(hop))
            kept[id] = obstacle
    return replace(draft, kept=kept)


def reasons(draft: Draft, hop: Hop, *, called_back: bool = False) -> Iterator[str]:
    """Why this hop must stay, in words; nothing where it can move.

    With `called_back`, what would keep it although its queue stays and calls back: its order, its limit and its own fields are
    no reason then.
    """
    yield from _ends(draft, hop)
    yield from _owners(draft, hop)
    way = stops(draft.graph, hop)
    for stop in way:
        yield from _delivery(stop)
    if not called_back:
        yield from queued(draft, hop)
    yield from _enriching(draft, hop)
    yield from _destination(draft, hop)
    yield from _calls(hop)
    yield from schedule_reasons(draft, hop)
    if not called_back:
        yield from _reads(draft, hop)
    yield from _unsaid(way)


def queued(draft: Draft, hop: Hop) -> tuple[str, ...]:
    """The reasons that are no reason any more where the producer's queue stays and calls back; () for any other way."""
    return tuple(text for stop in stops(draft.graph, hop) for text in _queue(stop))


def _ends(draft: Draft, hop: Hop) -> Iterator[str]:
    for id in (hop.producer, hop.consumer):
        if not draft.graph.is_function(id) or draft.graph.function(id).kind != "lambda":
            yield f"{draft.address(id)} is not a Lambda function"
        machine = next((machine for machine in draft.graph.state_machines if id in machine.functions), None)
        if machine is not None:
            yield f"{draft.address(id)} is a step of the state machine {machine.address} already"
    if draft.graph.is_function(hop.consumer) and (longest := draft.graph.function(hop.consumer).timeout or 0) > LONGEST:
        yield f"{draft.address(hop.consumer)} may run {longest} s, and a state waits {LONGEST} s for an invocation"
    if hop.mediated and isinstance(job := awaited(draft.graph, hop), str):
        yield f"an outside service finishes this hop later, and the workflow cannot wait for it: {job}"
    if hop.reason in ("redrive", "on_failure"):
        yield "it carries what failed; failed messages go to the same place as before, and on from there as before"


def _owners(draft: Draft, hop: Hop) -> Iterator[str]:
    for passage in hop.passages:
        if hop.mediated and heard_at(passage.channel) is not None:
            continue  # the default bus, on which a service tells of a job of this scan
        if passage.channel in draft.graph and draft.graph.channel(passage.channel).external:
            yield f"{draft.address(passage.channel)} belongs to somebody else"


def _queue(stop: Stop) -> Iterator[str]:
    if stop.settings.get("fifo"):
        yield "it is FIFO: order across executions cannot be expressed by a state machine"
    if number(stop.delivery, "maximum_concurrency"):
        yield f"the mapping limits the function to {number(stop.delivery, 'maximum_concurrency')} at a time across everything"


def _delivery(stop: Stop) -> Iterator[str]:
    delivery = stop.delivery
    if stop.type == "kinesis":
        yield "a stream keeps the order of its records and hands them over in batches; a state machine does neither"
    if number(delivery, "tumbling_window"):
        yield "the mapping aggregates over a tumbling window"
    if number(delivery, "batch_window") and number(delivery, "batch_size", 2) > 1:
        yield "messages are collected into batches over a window before the function runs"
    if stop.type == "sqs" and number(delivery, "batch_size", 10) > 10:
        yield f"the function works on batches of up to {number(delivery, 'batch_size')} messages"


def _enriching(draft: Draft, hop: Hop) -> Iterator[str]:
    """A function that enriches answers the pipe: who else invokes it does not get the answer to the pipe's target."""
    last = hop.passages[-1] if hop.passages else None
    if last is None or last.type != "pipe":
        return
    if any(link.target == f"{last.channel}#enriched" for link in draft.graph.standing_from(hop.consumer)):
        yield f"{draft.address(hop.consumer)} enriches for a pipe, which hands on what it returns"


def _destination(draft: Draft, hop: Hop) -> Iterator[str]:
    """On-success destinations speak for asynchronous invocations only, not for those of mappings or of an API."""
    if hop.passages[0].type != "lambda_destination":
        return
    ways = {before.passages[-1].type for before in draft.graph.reaching(hop.producer) if before.passages}
    ways |= {trigger.type for trigger in draft.graph.triggers_of(hop.producer)}
    if ways & NOT_ASYNCHRONOUS:
        yield f"{draft.address(hop.producer)} is not only invoked asynchronously, and its destination hears of nothing else"


def _calls(hop: Hop) -> Iterator[str]:
    publishes = [link for link in hop.links if link.kind is LinkKind.PUBLISH]
    if hop.passages and hop.passages[0].type == "lambda_invoke":
        kinds = {link.sent.attributes.get("InvocationType") if link.sent else "unknown" for link in publishes}
        if kinds != {"Event"}:
            yield "the caller waits for the answer, or it is not known that it does not; only an asynchronous call can move"
    for link in publishes:
        if link.sent is not None and link.sent.operation in _NO_IMAGES:
            yield f"{link.sent.operation} does not return the items it changed, so the stream record cannot be rebuilt"
        if any(guard.kind == "except" for guard in link.guards):
            yield "it is sent from an exception handler: what a failed run sends is lost to a state machine"


def _reads(draft: Draft, hop: Hop) -> Iterator[str]:
    for text in _reading(draft, hop, _LOST):
        yield f"{text}, which only the real transport can give"


def made_up(draft: Draft, hop: Hop) -> Iterator[str]:
    """Fields that the consumer reads and that will hold something else than the transport's own, in words."""
    for text in _reading(draft, hop, _MADE_UP):
        yield f"{text}, which will be there but is made up"


def _reading(draft: Draft, hop: Hop, fields: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What the consumer reads of these fields, by the type of any channel on the way: one may stand in the other's text."""
    facts = draft.graph.code.get(hop.consumer)
    names = {name for passage in hop.passages for name in fields.get(passage.type, ())}
    for read in facts.reads if facts is not None else ():
        if names.intersection(read.path):
            place = f" ({read.location})" if read.location else ""
            yield f"{draft.address(hop.consumer)} reads {'.'.join(read.path)}{place}"


def _unsaid(way: tuple[Stop, ...]) -> Iterator[str]:
    """Whether an envelope or a filter on the way cannot be expressed."""
    try:
        envelope(way, lambda node, attribute: node)
        condition(way, lambda node, attribute: node)
    except Unsupported as error:
        yield str(error)


def competing(draft: Draft) -> dict[str, str]:
    """Hops into one queue that more than one function reads: each message goes to one of them, nobody knows which."""
    readers: dict[str, set[str]] = {}
    for hop in draft.hops.values():
        if hop.passages and hop.passages[-1].type == "sqs":
            channel = hop.passages[-1].channel
            delivered = (link.target for link in draft.graph.standing_from(channel) if link.kind is LinkKind.DELIVER)
            readers.setdefault(channel, set()).update((hop.consumer, *delivered))
    return {
        id: "several functions compete for the messages of this queue"
        for id, hop in draft.hops.items()
        if hop.passages and hop.passages[-1].type == "sqs" and len(readers[hop.passages[-1].channel]) > 1
    }
