"""Jobs whose end the workflow waits for itself: which hops by a job these are, and what is missing for the others.

The call that starts the job goes out as before, its real response holds the job's id, and the workflow asks for its state until
it has ended. Then it makes the notice of the end anew, as the service documents it, so that the consumer gets what it got before.
Where Step Functions has an integration that waits by itself, and the starting function throws the answer of its call away, the
call is held back and made by that integration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from untangle.channels.envelope.job import JobForm, Notice, Sync, job_of
from untangle.channels.envelope.job.form import texts_of
from untangle.channels.job_event import heard_at
from untangle.model.code import Call
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, LinkKind
from untangle.model.location import Location
from untangle.model.step import INTERVAL, JOB, Effects, Job, Step, Stop, steps
from untangle.model.workflow import Workflow, every_step
from untangle.plan.jobs.starters import named_by, other_starters, several_named, started_by
from untangle.plan.passes import stops, told_by

MACHINE = "step_functions"
# Fields of the notice's envelope that hold something made up: the id that the channel would have given it.
_OWN_IDS = {"sns": "MessageId", "eventbridge": "id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A hop by a job that the workflow can wait for: the job, how its end is told, the calls that start it, the channels on the
    way from the notice on. `starts` says that the workflow makes the call itself."""

    form: JobForm
    notice: Notice
    calls: tuple[Call, ...]
    way: tuple[Stop, ...]
    starts: bool

    @property
    def effects(self) -> Effects:
        """The calls that start the job, among the effects of the function that makes them."""
        return Effects(type=JOB, target=f"{self.form.service}:{self.form.operation}", sent=not self.starts)

    @property
    def answers(self) -> bool:
        """Whether the service is asked for a job's state after its end, however it ended."""
        return not self.starts or (self.form.sync is not None and bool(self.form.sync.response))

    @property
    def resource(self) -> str:
        """The integration that waits, or asks."""
        return self.form.sync.resource if self.starts and self.form.sync is not None else f"aws-sdk:{self.form.asks}"


def awaited(graph: EventGraph, hop: Hop) -> Awaited | str:
    """What the workflow needs to wait for the end of a hop's job; the condition that is missing, in words, where it cannot."""
    facts = graph.code.get(hop.producer)
    publishes = [link for link in hop.links if link.kind is LinkKind.PUBLISH]
    places = {place for link in publishes for place in _places(link)}
    here = [call for call in facts.calls if call.location in places] if facts is not None else []
    calls = tuple(call for call in here if job_of(call.service, call.operation) is not None)
    form = job_of(calls[0].service, calls[0].operation) if calls else None
    way = stops(graph, hop)
    if form is None or not way:
        return _unknown(here)
    notice = form.notice(way[0].type)
    if notice is None:
        return (
            f"what a {form.service} job ({form.operation}) tells by {way[0].type} is not documented well enough to make it anew"
        )
    same = (
        tuple(call for call in facts.calls if (call.service, call.operation) == (form.service, form.operation)) if facts else ()
    )
    whole = tuple(Stop.of(passage, {}) for passage in told_by(hop))
    missing = (
        *_calls(graph, hop, publishes, calls, same),
        *notice.refuses(whole, calls),
        *_reads(graph, hop, notice),
        *_rule(graph, hop, notice, whole[0]),
    )
    if missing:
        return missing[0]
    starts = form.sync is not None and _may_start(graph, hop, form.sync, calls, whole[0])
    return Awaited(form=form, notice=notice, calls=calls, way=way, starts=starts)


def waiting_for(graph: EventGraph, hop: Hop, body: Step, hops: tuple[str, ...]) -> Step:
    """What follows the end of a hop's job, behind the wait for it."""
    job = awaited(graph, hop)
    if isinstance(job, str):
        return body
    notice = replace(job.way[0], filter=None)
    return Job(service=job.form.service, operation=job.form.operation, body=body, notice=notice, starts=job.starts, hops=hops)


def job_actions(root: Step | None) -> tuple[str, ...]:
    """The IAM actions that waiting for the jobs of a workflow takes, sorted."""
    found: set[str] = set()
    for step in steps(root):
        form = job_of(step.service, step.operation) if isinstance(step, Job) else None
        if isinstance(step, Job) and form is not None and step.notice is not None:
            found.update(form.actions(step.notice.type, step.starts))
    return tuple(sorted(found))


def jobs_of(workflow: Workflow) -> tuple[tuple[str, str], ...]:
    """The service and operation of the jobs that a workflow waits for, sorted."""
    found = (step for step in every_step(workflow.root, workflow.nested) if isinstance(step, Job))
    return tuple(sorted({(step.service, step.operation) for step in found}))


def job_differences(graph: EventGraph, hop: Hop, job: Awaited) -> Iterator[str]:
    """What changes for a hop by a job that the workflow waits for, in words."""
    consumer = graph.told(hop.consumer, ())
    yield f"the notice of the job's end still goes out: {consumer} must no longer get it when the workflow takes over"
    sync = job.form.sync
    if job.starts and sync is not None:
        producer = graph.told(hop.producer, ())
        yield (
            f"{producer} no longer starts the job, its call is held back and {job.resource} makes it: where the service refuses "
            f"the call{'' if job.answers else ', or the job fails,'} the workflow does"
        )
        yield from sync.differs
        if job.answers and sync.well is None:
            yield f"a failure of {job.resource} whose cause does not hold the job fails the workflow: of that end nobody hears"
    else:
        yield f"the end of the job is asked for every {INTERVAL} s, so it is heard of up to that much later"
        yield (
            "of a job that was started by a run that failed later, and was tried again, nobody hears; the retry starts another "
            "one, or fails where the job's name is taken"
        )
    yield from job.notice.differs
    if heard_at(job.way[0].channel) is not None or len(job.way) < len(hop.passages):  # a rule hears of all, whoever starts them
        yield f"of such jobs that somebody starts who is not in this scan (by hand, from another stack), {consumer} hears no more"
    yield from _made_up(graph, hop, job)


def _made_up(graph: EventGraph, hop: Hop, found: Awaited) -> Iterator[str]:
    """The id of the notice, where the consumer reads it, in words."""
    facts = graph.code.get(hop.consumer)
    name = _OWN_IDS.get(found.notice.type)
    for read in facts.reads if facts is not None else ():
        if name is not None and read.path and name == read.path[-1] and "detail" not in read.path:
            yield f"{graph.told(hop.consumer, ())} reads {'.'.join(read.path)}, which will be there but is made up"


def _unknown(here: list[Call]) -> str:
    started = next((call for call in here if call.mediated), None)
    if started is None:
        return "which call starts it is not seen"
    if started.mediated == "client upload":
        return "a client makes the call whenever it likes, which nobody can be asked about"
    return f"how the end of it ({started.mediated}) is told is not known well enough to wait for it instead"


def _calls(graph: EventGraph, hop: Hop, publishes: list[Link], calls: tuple[Call, ...], same: tuple[Call, ...]) -> Iterator[str]:
    """The calls that start the job must be all of their kind, tell nobody else in the same way, and be all that tells it."""
    places = {call.location for call in calls}
    if len({(call.service, call.operation) for call in calls}) > 1:
        yield "jobs of several kinds tell of their ends by it"
    if any(not places.intersection(_places(link)) for link in publishes):
        yield "not only the job sends it"
    for call in same:
        if call.location not in places:
            yield f"{call.operation} is called for something else too ({call.location})"
    first = publishes[0].target
    for link in graph.standing_from(hop.producer):
        if link.target != first and places.intersection(_places(link)) and _type(graph, link.target) == _type(graph, first):
            yield f"the job may tell {graph.told(link.target, ())} instead"
    if _type(graph, first) == MACHINE:
        yield from _starters(graph, hop, first)


def _starters(graph: EventGraph, hop: Hop, machine: str) -> Iterator[str]:
    """Nobody else may start the state machine: the rule tells of these executions too."""
    others = {link.source for link in graph.standing_links if link.target == machine} - {hop.producer}
    others |= {trigger.type for trigger in graph.triggers if trigger.channel == machine}
    if others:
        yield f"{' and '.join(sorted(graph.told(other, ()) for other in others))} starts {graph.told(machine, ())} too"


def _rule(graph: EventGraph, hop: Hop, notice: Notice, stop: Stop) -> Iterator[str]:
    """Where a rule hears from the service itself: who else starts what it names, and what that tells of more than once."""
    event = heard_at(stop.channel)
    if event is None:
        return
    yield from several_named(graph, hop, event)
    yield from other_starters(graph, hop, event, stop)
    found, unseen = started_by(graph, hop, event, notice.declared)
    yield from unseen
    for resource in {item.id: item for item in (*named_by(graph, event, stop), *found)}.values():
        for name, why in notice.unset.items():
            if resource.get(name) not in (None, 0, "0", False, "false"):
                yield f"{resource.address} has {name}: {why}"


def _may_start(graph: EventGraph, hop: Hop, sync: Sync, calls: tuple[Call, ...], stop: Stop) -> bool:
    """Whether the workflow can make the calls itself: nobody takes their answers, the integration takes their parameters, and
    nothing that differs then is read."""
    if any(call.answered is not False or (sync.takes and not set(call.arguments) <= set(sync.takes)) for call in calls):
        return False
    detail = stop.filter.get("detail") if isinstance(stop.filter, Mapping) else None
    if sync.well is not None and isinstance(detail, Mapping):
        field, states = sync.well
        if not set(texts_of(detail.get(field)) or ("any",)) <= set(states):
            return False
    facts = graph.code.get(hop.consumer)
    return facts is not None and not any(set(sync.lost).intersection(read.path) for read in facts.reads)


def _reads(graph: EventGraph, hop: Hop, notice: Notice) -> Iterator[str]:
    """Whether the consumer reads what cannot be rebuilt. Fields of a notification count inside its message only."""
    facts = graph.code.get(hop.consumer)
    if facts is None or not facts.readable:
        yield "what its consumer reads of the notice is not known, as its code could not be read"
        return
    for read in facts.reads:
        path = read.path
        if notice.type == "sns":
            parsed = [place for place, name in enumerate(path) if name == "()"]
            path = path[parsed[-1] :] if parsed else path
        if set(notice.lost).intersection(path):
            place = f" ({read.location})" if read.location else ""
            yield f"its consumer reads {'.'.join(read.path)}{place}, which only the real notice can give"


def _places(link: Link) -> set[Location]:
    return {item.location for item in link.evidence if item.location is not None}


def _type(graph: EventGraph, node: str) -> str:
    try:
        return graph.channel(node).type
    except KeyError:
        return ""
