"""How each entry of the workflow is started in the place of its first function.

Where the service that starts the function can start a workflow with the same content, it does. Everywhere else the function
stays as it is, with what starts it and how that tries again, and its outbox starts the workflow with the effects that the
function would have had: so it is for callers who wait for an answer, for order, for limits and for fields that only the real
way has.

Sources: EventBridge guide, "Targets"; S3 user guide, "Using EventBridge"; EventBridge Pipes guide, "Step Functions" as a target
and the pages of the sources; SNS guide, "Event destinations".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.entry import EFFECTS, EVENT, Entry
from untangle.plan.handover import unspoken
from untangle.plan.passes import Draft, drawn, number, settings
from untangle.plan.reach import keep_unreached
from untangle.plan.stay import LONGEST, NOT_ASYNCHRONOUS, SYNCHRONOUS
from untangle.plan.takeover.switches import Cannot, switched
from untangle.plan.tree.loops import settle_loops
from untangle.plan.tree.structure import channel_effects
from untangle.plan.ways import Way, ways

_AS_IT_IS = frozenset({"eventbridge", "schedule", "scheduler", "iot"})
_PIPED = frozenset({"sqs", "sns", "dynamodb_stream"})
# Fields of the function's own event that what starts the workflow does not have.
_ABSENT = {
    "s3": ("principalId", "x-amz-id-2", "configurationId", "ownerIdentity", "userIdentity"),
    "sns": ("EventSubscriptionArn",),
    "sqs": ("receiptHandle",),
}
_ALSO_FROM_OUTSIDE = (
    "others start it in the same way, and its own call goes out: with the subscription it would run twice, without it what "
    "the others send is lost"
)
_RECORDS_STAY = "{} stays outside of the workflow, and so does what its own destination hears"


def choose_entries(draft: Draft) -> Draft:
    """The draft with how each of its entries is started, and with the loops that move all the same (see `settle_loops`)."""
    while True:
        chosen = _chosen(draft)
        draft = settle_loops(chosen)
        if draft.kept == chosen.kept:
            return chosen


def _chosen(draft: Draft) -> Draft:
    """The draft with how each of its entries is started. Where one stays outside, its on-success destination is kept, and so is a
    hop that the workflow would start once more for, because others start its consumer in the same way."""
    draft = keep_unreached(_without_second_starts(draft))
    started = _started(draft)
    outside = {function for function, entry in started.items() if entry.form == EFFECTS}
    for id, hop in draft.moving.items():
        if hop.producer in outside and hop.passages[0].type == "lambda_destination":
            draft = draft.keep((id,), _RECORDS_STAY.format(draft.address(hop.producer)))
    before = draft.entries
    draft = keep_unreached(draft)
    return replace(draft, started=started if draft.entries == before else _started(draft))


def _without_second_starts(draft: Draft) -> Draft:
    """Keep each hop whose call goes out, and would by the same subscription start the workflow that runs its consumer already."""
    for function in draft.entries:
        channels = {way.channel for way in ways(draft, function)}
        for id, hop in draft.moving.items():
            if hop.consumer == function and hop.passages[-1].channel in channels and channel_effects(draft, hop).sent:
                draft = draft.keep((id,), f"{drawn(draft, hop)}: {_ALSO_FROM_OUTSIDE}")
    return draft


def _started(draft: Draft) -> dict[str, Entry]:
    return {function: _entry(draft, function, several=len(draft.entries) > 1) for function in draft.entries}


def _entry(draft: Draft, function: str, *, several: bool) -> Entry:
    """One entry; with `several`, its input must name it."""
    found = ways(draft, function)
    kinds = tuple(sorted({way.type for way in found}))
    name = draft.full(function)
    why = next(_outside(draft, function, found, several), "")
    form = EFFECTS if why else _form(found)
    if form != EFFECTS:
        try:
            add, remove, canary = switched(draft, function, found, name if several else None)
        except Cannot as cannot:
            form, why = EFFECTS, str(cannot)
        else:
            words = _words(found)
            return Entry(function=function, name=name, form=form, kinds=kinds, words=words, add=add, remove=remove, canary=canary)
    return Entry(function=function, name=name, form=EFFECTS, kinds=kinds, words=why)


def _form(found: tuple[Way, ...]) -> str:
    types = {way.type for way in found}
    return EVENT if not found or types <= _AS_IT_IS else found[0].type


def _words(found: tuple[Way, ...]) -> str:
    if not found:
        return "nothing in the scan starts it: who invokes it starts the workflow with its event, if nobody waits for the answer"
    type = found[0].type
    if type == "s3":
        return (
            "the bucket sends its events to EventBridge, where a rule starts the workflow, which makes the notification of them"
        )
    if type == "sns":
        return "a topic starts no workflow: a queue takes its notifications, and a pipe starts the workflow with each of them"
    if type in _PIPED:
        return "a pipe reads it and starts the workflow with the records, without waiting for its end: the workflow tries again"
    return "what starts the function starts the workflow, with the same event"


def _outside(draft: Draft, function: str, found: tuple[Way, ...], several: bool) -> Iterator[str]:
    """Why the function must stay what is started, in words; nothing where the workflow can be started in its place."""
    if (draft.graph.function(function).timeout or 0) > LONGEST:
        yield f"it may run {draft.graph.function(function).timeout} s, and a state waits {LONGEST} s for an invocation"
    if (not found or any(way.type not in NOT_ASYNCHRONOUS for way in found)) and (text := unspoken(draft, function)):
        yield text
    for way in found:
        yield from _unfit(draft, function, way)
    if len({_form((way,)) for way in found}) > 1:
        kinds = ", ".join(sorted({way.type for way in found}))
        yield f"it is started in several ways ({kinds}), each with an event of its own form"
    piped = [way for way in found if way.type in _PIPED]
    if piped and (several or len(piped) > 1):
        yield "the workflow has several entries, and a pipe that said which would change the messages"


def _unfit(draft: Draft, function: str, way: Way) -> Iterator[str]:
    if way.type in SYNCHRONOUS:
        yield f"{way.type} waits for its answer"
    elif way.type not in _AS_IT_IS | _PIPED | {"s3"}:
        yield f"{way.type} can start this function, and no workflow in the same way"
    elif way.channel is None and way.type not in _AS_IT_IS:
        yield f"it is not known which {way.type} starts it"
    yield from _ordered(draft, way)
    yield from _absent(draft, function, way)
    if way.type == "s3" and (way.node is None or way.node.external):
        yield "the bucket belongs to somebody else, who would have to switch on its events"


def _ordered(draft: Draft, way: Way) -> Iterator[str]:
    """What a pipe that does not wait gives up."""
    if way.channel is not None and settings(draft.graph, way.channel).get("fifo"):
        yield "the queue is FIFO: executions that a pipe starts run side by side"
    if number(way.delivery, "maximum_concurrency"):
        yield f"the mapping limits the function to {number(way.delivery, 'maximum_concurrency')} at a time; a pipe limits nothing"
    if number(way.delivery, "tumbling_window"):
        yield "the mapping aggregates over a tumbling window, which no pipe does"
    if way.type == "dynamodb_stream" and way.delivery.get("on_failure"):
        yield "the mapping reports the batches that failed, which no pipe does that does not wait"
    if way.type == "sqs" and way.rivals:
        yield "several functions compete for the messages of this queue"


def _absent(draft: Draft, function: str, way: Way) -> Iterator[str]:
    facts = draft.graph.code.get(function)
    for read in facts.reads if facts is not None else ():
        if set(_ABSENT.get(way.type, ())).intersection(read.path):
            place = f" ({read.location})" if read.location else ""
            yield f"the handler reads {'.'.join(read.path)}{place}, which what would start the workflow does not have"
