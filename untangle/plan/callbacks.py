"""Queues that stay and call back: the workflow puts the message into the same queue, with a task token, and waits.

Order within message groups and the mapping's limit on concurrency are the queue's to give, and it goes on giving them: the
function's own mapping runs it, whoever else writes into the queue writes as before, and the function's outbox answers with the
token. Only what lies between the calls of a producer and the queue changes: the workflow sends when the producer has returned.
So a FIFO queue is kept that way only where nobody orders its producer's runs, for a state machine runs them side by side.

Sources: Step Functions guide, "Wait for a Callback with Task Token" and "Send messages to an Amazon SQS queue with Step
Functions" (the integration passes body, attributes, delay, group and deduplication ids); SQS guide, "Amazon SQS message quotas"
(ten attributes), "Message deduplication" (attributes take no part in it); Lambda guide, "Implementing partial batch responses".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from untangle.model.link import Hop, Link, LinkKind, Sent
from untangle.model.step import Stop
from untangle.model.value import Value
from untangle.plan.passes import Draft, number, settings, stops
from untangle.plan.stay import SYNCHRONOUS, competing, queued, reasons

ATTRIBUTES = 10  # of a message at most; one of them carries the token
PAYLOAD = 262_144  # bytes that a state carries: no message that the workflow sends is larger
LONGEST_RETENTION = 1_209_600  # seconds: CreateQueue, `MessageRetentionPeriod`
LONGEST_VISIBILITY = 43_200  # seconds: CreateQueue, `VisibilityTimeout`
# Channels whose subscription must go when the workflow takes a hop over: the write is made whoever reads it.
_TAKEN = frozenset({"s3", "dynamodb_stream", "kinesis"})
# Ways into a producer that hand its messages over in an order.
_ORDERED = frozenset({"kinesis", "dynamodb_stream", "msk", "mq", "documentdb"})
# Ways in by which the platform starts a function without waiting for it, in no order.
_UNORDERED = frozenset(
    {
        "alarm", "config_rule", "create_schedule", "eventbridge", "eventbridge_v2", "iot", "lambda_destination", "logs", "rule",
        "s3", "schedule", "scheduler", "ses", "sns", "sqs",
    }
)  # fmt: skip

PARKED_AS_SENT = "a message that the queue parks keeps the attribute `untangle`"


def call_back(draft: Draft) -> Draft:
    """The draft in which hops that only their queue's order or limit would keep move, with a callback; the others say why not."""
    kept, found = dict(draft.kept), set(draft.called_back)
    rivals = competing(draft)
    for id, obstacle in draft.kept.items():
        hop = draft.hops[id]
        if len(hop.passages) != 1 or hop.passages[0].type != "sqs" or not queued(draft, hop):
            continue
        if id in rivals or next(reasons(draft, hop, called_back=True), None) is not None:
            continue
        missing = next(_missing(draft, hop), None)
        if missing is None:
            del kept[id]
            found.add(id)
        else:
            kept[id] = replace(obstacle, text=f"{obstacle.text}; as a queue with a callback it could move, but {missing}")
    return replace(draft, kept=kept, called_back=frozenset(found))


def run_outside(draft: Draft) -> dict[str, str]:
    """Hops that cannot be taken over, with the reason: what brings them their messages also brings what a function does that a
    queue runs for others, outside of the workflow, or that such a one gives work."""
    return {
        id: f"{draft.address(hop.producer)} also runs outside of the workflow, for {_whom(draft, outside)}: what it does then "
        "comes by the same subscription, which would have to go"
        for function, outside in also_outside(draft).items()
        for id, hop in draft.leaving.get(function, ())
        if hop.passages[0].type in _TAKEN or hop.passages[0].channel in draft.heard_by_others
    }


def also_outside(draft: Draft) -> dict[str, frozenset[str]]:
    """The functions of a workflow that its platform also runs without it, with those for whom: consumers of queues that call back
    and into which others write, and whoever they send to then, by ways that must stay for it."""
    return _onward(draft, _outside(draft))


def ever_outside(draft: Draft) -> frozenset[str]:
    """The same, and every consumer of a queue that calls back: for a message that is redriven, or that comes when its branch has
    ended, the queue runs it without the workflow too."""
    redriven = {draft.hops[id].consumer: frozenset[str]() for id in draft.called_back & draft.moving.keys()}
    return frozenset(_onward(draft, redriven))


def _onward(draft: Draft, found: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """These functions and all that they send to, which run for the sender then."""
    found, pending = dict(found), list(found)
    while pending:
        function = pending.pop()
        for _, hop in draft.leaving.get(function, ()):
            if hop.consumer not in found:
                found[hop.consumer] = frozenset((function,))
                pending.append(hop.consumer)
    return {function: found[function] for function in sorted(found)}


def _outside(draft: Draft) -> dict[str, frozenset[str]]:
    """The consumers of queues that call back, with those whose messages reach them otherwise than by the workflow."""
    found: dict[str, set[str]] = {}
    writing = _senders(draft)
    for id in draft.called_back & draft.moving.keys():
        hop, senders = draft.hops[id], set()
        queue = hop.passages[0].channel
        mine = {other.producer for other in draft.moving.values() if other.passages[0].channel == queue}
        senders |= {link.source for link in writing.get(queue, ()) if link.source not in mine}
        senders |= {other.producer for other in draft.graph.reaching(hop.consumer) if other.id not in draft.moving}
        if hop.consumer not in draft.entries:
            senders |= {trigger.type for trigger in draft.graph.triggers_of(hop.consumer)}
        if senders:
            found.setdefault(hop.consumer, set()).update(senders)
    return {function: frozenset(senders) for function, senders in sorted(found.items())}


def _senders(draft: Draft) -> dict[str, list[Link]]:
    """Who is sure enough to write into the queues that call back."""
    queues = {draft.hops[id].passages[0].channel for id in draft.called_back}
    found: dict[str, list[Link]] = {}
    for link in draft.graph.standing_links:
        if link.target in queues and link.kind is not LinkKind.DELIVER and link.confidence.reported:
            found.setdefault(link.target, []).append(link)
    return found


def _whom(draft: Draft, senders: frozenset[str]) -> str:
    return ", ".join(sorted(draft.address(sender) for sender in senders))


def longest_wait(queue: Stop) -> int:
    """Seconds after which no answer can come any more: a message waits behind others until the queue forgets it, and may have
    been received just before."""
    kept = number(queue.settings, "retention", LONGEST_RETENTION) or LONGEST_RETENTION
    return kept + number(queue.settings, "visibility_timeout", LONGEST_VISIBILITY)


def one_by_one(draft: Draft, id: str, multiplicity: str = "many") -> int | None:
    """How many messages of one run may be under way at a time: one where their queue orders them and calls back, else any."""
    ordered = id in draft.called_back and settings(draft.graph, draft.hops[id].passages[0].channel).get("fifo")
    return 1 if ordered and multiplicity == "many" else None


def _missing(draft: Draft, hop: Hop) -> Iterator[str]:
    """What a callback would need and is not seen, in words."""
    (queue,) = stops(draft.graph, hop)
    if _in_a_loop(draft, hop):
        yield "it is part of a loop"
    yield from _sent(hop)
    most = number(queue.settings, "maximum_message_size")
    if 0 < most < PAYLOAD:
        yield f"the queue takes messages of up to {most:,} bytes, and the attribute with the token needs some thousands of them"
    if queue.settings.get("fifo"):
        yield from _order(draft, hop)
    if number(queue.delivery, "batch_size", 10) > 1:
        yield from _batch(draft, hop, queue)


def _in_a_loop(draft: Draft, hop: Hop) -> bool:
    """Whether the consumer's own messages lead back to the producer."""
    onward: dict[str, set[str]] = {}
    for other in draft.hops.values():
        onward.setdefault(other.producer, set()).add(other.consumer)
    seen, pending = {hop.consumer}, [hop.consumer]
    while pending:
        fresh = onward.get(pending.pop(), set()) - seen
        seen |= fresh
        pending.extend(fresh)
    return hop.producer in seen


def _sent(hop: Hop) -> Iterator[str]:
    """Calls whose message cannot be sent again with one attribute more."""
    for link in (link for link in hop.links if link.kind is LinkKind.PUBLISH):
        place = f" ({link.evidence[0].location})" if link.evidence and link.evidence[0].location else ""
        if link.sent is None:
            yield "the call that sends was not seen"
        elif (why := _unsendable(link.sent)) is not None:
            yield f"{why}{place}"


def _unsendable(sent: Sent) -> str | None:
    if sent.operation == "SendMessageBatch" and sent.body is None and "MessageBody" not in sent.attributes:
        return "the entries of its batch are not known"
    if "**" in sent.attributes:
        return "not all parameters of its call are known"
    if "MessageSystemAttributes" in sent.attributes:
        return "the integration with SQS passes no MessageSystemAttributes"
    given = sent.attributes.get("MessageAttributes")
    if given is None:
        return None
    if not isinstance(given, Mapping) or "**" in given or not all(_is_text(value) for value in given.values()):
        return "which attributes its message has is not known, and the token needs one of the ten"
    if len(given) >= ATTRIBUTES:
        return f"its message has {len(given)} attributes already, and the token would be one more than the ten there may be"
    return None


def _is_text(attribute: Value) -> bool:
    """Whether an attribute is seen to be text or a number; binary ones are not passed on."""
    if not isinstance(attribute, Mapping) or "BinaryValue" in attribute:
        return False
    kind = attribute.get("DataType")
    return "StringValue" in attribute and (not isinstance(kind, str) or not kind.startswith("Binary"))


def _order(draft: Draft, hop: Hop) -> Iterator[str]:
    """What orders the producer's runs today: their messages keep that order, and those of executions side by side would not."""
    name = draft.address(hop.producer)
    triggers = draft.graph.triggers_of(hop.producer)
    reaching = [before for before in draft.graph.reaching(hop.producer) if before.passages]
    for trigger in triggers:
        if trigger.type in SYNCHRONOUS:
            yield f"who calls {name} by {trigger.type} waits for it, and may count on the order of two calls"
        elif trigger.type in _ORDERED or (trigger.channel and settings(draft.graph, trigger.channel).get("fifo")):
            yield f"{name} gets its own messages in order by {trigger.type}, which executions side by side would not keep"
        elif trigger.type not in _UNORDERED:
            yield f"whether {name} gets its own messages in an order by {trigger.type} is not known"
    for before in reaching:
        last = before.passages[-1]
        if last.type in _ORDERED or any(settings(draft.graph, item.channel).get("fifo") for item in before.passages):
            yield f"{name} gets its own messages in order by {last.type}, which executions side by side would not keep"
        elif last.type == "lambda_invoke" and not _asynchronous(before):
            yield f"who invokes {name} may wait for it, and count on the order of two calls"
        elif last.type not in _UNORDERED | {"lambda_invoke"}:
            yield f"whether {name} gets its own messages in an order by {last.type} is not known"
    if not triggers and not reaching:
        yield f"what starts {name}, and in which order, is not known"


def _asynchronous(hop: Hop) -> bool:
    """Whether every call of an invocation is seen not to wait for the answer."""
    kinds = {
        link.sent.attributes.get("InvocationType") if link.sent else None for link in hop.links if link.kind is LinkKind.PUBLISH
    }
    return kinds == {"Event"}


def _batch(draft: Draft, hop: Hop, queue: Stop) -> Iterator[str]:
    """A batch is taken apart, message by message: what is against it."""
    size, name = number(queue.delivery, "batch_size", 10), draft.address(hop.consumer)
    facts = draft.graph.code.get(hop.consumer)
    if queue.delivery.get("report_batch_item_failures") is not True:
        yield (
            f"its mapping hands over up to {size} messages without ReportBatchItemFailures: one that fails would bring back "
            "those that have answered"
        )
    if facts is None or not facts.readable:
        yield f"whether {name} works on each message of a batch by itself is not known: its code was not read"
        return
    for read in facts.reads:
        if read.path[:1] == ("Records",) and read.path[1:2] not in ((), ("*",)):
            yield f"{name} does not go through its batch message by message ({read.location})"
    whole = next((call for call in facts.calls if not any(guard.kind == "loop" for guard in call.guards)), None)
    if whole is not None and any(read.path[:2] == ("Records", "*") for read in facts.reads):
        yield f"{name} makes a call for the batch as a whole ({whole.text or whole.operation}, {whole.location})"


def remarks(draft: Draft, hop: Hop) -> Iterator[str]:
    """What a callback changes for a hop, in words."""
    (queue,) = stops(draft.graph, hop)
    producer, name, why = draft.address(hop.producer), draft.address(hop.consumer), " and ".join(queued(draft, hop))
    yield (
        f"kept as a queue, with a callback: {why}. The workflow sends the message with a task token in its attribute `untangle`, "
        f"the mapping runs {name} as before, and its outbox answers: it needs states:SendTaskSuccess, states:SendTaskFailure "
        "and states:SendTaskHeartbeat"
    )
    yield (
        f"a message that the queue drops as a duplicate, or that {name} never answers for, leaves its branch waiting until the "
        f"queue would have forgotten it ({longest_wait(queue):,} s), where the branch ends quietly; the queue parks it as before"
    )
    yield f"{PARKED_AS_SENT}: redriven, it runs {name} outside of the workflow, whose branch has ended"
    yield (
        f"the message has the state machine as its sender and an id of its own, not the one that {producer} is told; "
        "its md5OfMessageAttributes counts the attribute that the outbox takes out"
    )
    if queue.settings.get("fifo"):
        yield (
            f"messages enter the queue in the order in which the runs of {producer} end, not call; those of one "
            "run one by one, each when the one before has been answered for"
        )
    if number(queue.delivery, "batch_size", 10) > 1:
        yield f"the outbox hands the messages of a batch to {name} one by one"
