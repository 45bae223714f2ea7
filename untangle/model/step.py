"""The steps of a planned workflow: a tree, free of any target's words, whose nodes keep the hops they came from.

The tree describes what happens to *effects*. A `Task` runs one unchanged handler; what it returns is the list of
effects it had (`{id, service, op, params, response, at, size}`, see `Effects`). A branch for a hop works on the
effects of its producer that belong to that hop.

A function that several hops reach stands in the tree once per hop (an XOR-merge is not a join); the subtree below it
is one shared value, so a tree is never larger in memory than its graph. Walk it with a work list, not by recursion:
a chain may be a thousand steps deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from untangle.model.link import Passage
from untangle.model.value import Value

JOB = "job"  # the type of `Effects` that are calls which start a job
INTERVAL = 30  # seconds after which the state of a job is asked for again


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """One retrier. `errors` are "throttle" (the invocation itself was refused) or "any"; times are in seconds,
    `attempts` counts the tries after the first."""

    errors: str
    interval: int
    rate: float
    attempts: int
    max_delay: int | None = None
    jitter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Where a message goes when its consumer has failed for good, in the form in which it would have arrived.

    `target` is a node id of a queue, topic or bus and `type` its channel type, or that of a function and "lambda"; `body`
    says what is sent: "message" (the original body and attributes), "event" (the event the handler got) or "record" (the
    invocation record of an on-failure destination).
    """

    target: str
    type: str
    body: str = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A channel as one hop passes it, with all that is needed to rebuild what comes out of it.

    `filter` and `delivery` are the passage's, `settings` the channel's own (see `ChannelNode.settings`).
    """

    channel: str
    type: str
    filter: Value = None
    delivery: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, passage: Passage, settings: Mapping[str, Value]) -> Stop:
        """The stop of a passage through a channel that has these settings."""
        return cls(
            channel=passage.channel, type=passage.type, filter=passage.filter, delivery=passage.delivery, settings=settings
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Which of a producer's effects are meant: those of this channel.

    `type` is the channel's type, which knows its service (botocore's name), its API operations and the parameter
    that names the target (batches are taken apart: a `SendMessageBatch` gives `SendMessage` effects).
    `sent` says that the producer's call still goes out, because others listen to the channel too. Calls that start a job of
    another service have the type `JOB`, and `service:Operation` for a target.
    """

    type: str
    target: str
    sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One function run on one effect, or, where `stops` is (), on the input of the workflow as it stands.

    The event that the handler gets is rebuilt from the effect by way of `stops`, the channels the message passed.
    `captures` are the effects of the function that the workflow carries on with; `record` asks for the function's
    invocation record as one more effect (an on-success destination). `then` follows with all its captured effects.
    Those of `claimed` go through the bucket `claim` where they are large.
    `partial` says that an answer with `batchItemFailures` is a failed run. When all `retries` are used up the message is
    parked at the `dead_letter`, where there is one.

    `called_back` leaves the run to the queue that is the only one of `stops`: the message goes into it with a task token, the
    function's own mapping runs it, and its outbox calls back with what it returned. The queue tries again and parks then, and
    `timeout` is how long an answer may take to come.
    `entry` names the form in which the workflow's input holds the event of a task without stops (see `model.entry.Entry.form`);
    with `EFFECTS` the function itself is not run: it ran outside, and the input holds its effects.
    """

    function: str
    stops: tuple[Stop, ...] = ()
    retries: tuple[Retry, ...] = ()
    dead_letter: DeadLetter | None = None
    timeout: int | None = None
    captures: tuple[Effects, ...] = ()
    claim: str = ""
    claimed: tuple[Effects, ...] = ()
    record: bool = False
    partial: bool = False
    called_back: bool = False
    entry: str = ""
    then: Step | None = None
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """Run `body` for each of the effects (`multiplicity` "many"), for the one there may be ("maybe") or for the one ("one").

    Where `stops` are given, only for those effects that their filters let pass; `words` say it for people.
    """

    effects: Effects
    multiplicity: str
    body: Step
    concurrency: int | None = None
    hops: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Run `body` where the filters of `stops` let the effect pass, else nothing; `words` say it for people."""

    stops: tuple[Stop, ...]
    words: str
    body: Step
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Independent branches on the same input; the failure of one must not stop the others."""

    branches: tuple[Step, ...]
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A delay before `body`: `seconds` unless the effect names its own in the parameter `parameter`.

    `until` names the parameter that holds the time to wait for instead, as a one-off expression `at(2026-01-31T09:00:00)`.
    """

    seconds: int
    body: Step
    parameter: str | None = None
    until: str | None = None
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Several ways into one workflow: the input is `{entry: <name>, event: …}` and `entries` pairs names with tasks."""

    entries: tuple[tuple[str, Task], ...]
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Effects of which a run has one at most (an `if` and its `else`): the branch of the one there is, or nothing.

    Every branch is an `Each` with "one" or "maybe".
    """

    branches: tuple[Step, ...]
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Rounds: `body` runs on the effect at hand, and again on each effect that an `Again` below it takes back to its start.

    `limit` is the number of rounds after which the workflow fails, as a guard against a loop without end.
    """

    body: Step
    limit: int | None = None
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Back to the start of the nearest `Loop` above, with the effect at hand; no `Parallel` and no `Each` of "many" stands
    between."""

    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """All runs of `body` first, those that fail for good included; then `then`, once, on the effects that each `Hand` in the body
    has handed out, together (an `Each` picks from them).

    `body` is a `Parallel` or an `Each` of "many", or costs one more state; where it ends without a `Hand` nothing is handed out.
    """

    body: Step
    then: Step
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Hands the effects of these channels out to the nearest `Join` in whose `body` it stands, and ends there."""

    effects: tuple[Effects, ...]
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Waits for the end of a job of another service; `body` works on the effect that would have told of the end.

    The effect at hand is the call of `service` (botocore's name) and `operation` that started it or, where `starts`, was held
    back so that the workflow starts the job itself with the same parameters and is told of its end by the service. Otherwise it
    asks for the state of the job every `seconds`. `notice` is the channel by which the end was told before. Ends that nobody was
    told of end the branch. What kinds of jobs there are says untangle/channels/envelope/job.
    """

    service: str
    operation: str
    body: Step
    notice: Stop | None = None
    starts: bool = False
    seconds: int = INTERVAL
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Starts the workflow that `Workflow.nested` holds under this name, and does not wait for it.

    The nested workflow runs on the effect at hand or, where `together`, on all effects of the function before it.
    """

    workflow: str
    together: bool = False
    hops: tuple[str, ...] = ()


Step: TypeAlias = Task | Each | Choice | Parallel | Wait | Entries | OneOf | Loop | Again | Join | Hand | Job | Start


def children(step: Step) -> tuple[Step, ...]:
    """The steps directly below one step, in order."""
    if isinstance(step, Task):
        return () if step.then is None else (step.then,)
    if isinstance(step, Parallel | OneOf):
        return step.branches
    if isinstance(step, Entries):
        return tuple(task for _, task in step.entries)
    if isinstance(step, Join):
        return step.body, step.then
    if isinstance(step, Again | Hand | Start):
        return ()
    return (step.body,)


def with_below(step: Step, below: tuple[Step, ...]) -> Step:
    """The step with other steps below it; the step itself where these are the same."""
    if all(new is old for new, old in zip(below, children(step), strict=True)):
        return step
    if isinstance(step, Task):
        return replace(step, then=below[0])
    if isinstance(step, Parallel | OneOf):
        return replace(step, branches=below)
    if isinstance(step, Entries):
        tasks = zip(step.entries, below, strict=True)
        return replace(step, entries=tuple((name, task) for (name, _), task in tasks if isinstance(task, Task)))
    if isinstance(step, Join):
        return replace(step, body=below[0], then=below[1])
    if isinstance(step, Again | Hand | Start):
        return step
    return replace(step, body=below[0])


def steps(root: Step | None) -> Iterator[Step]:
    """Every distinct step of a tree once, parents before children; a subtree that is shared is not walked twice."""
    pending = [] if root is None else [root]
    seen: set[int] = set()
    while pending:
        step = pending.pop()
        if id(step) in seen:
            continue
        seen.add(id(step))
        yield step
        pending.extend(reversed(children(step)))


Found = TypeVar("Found")


def gathered(root: Step, of: Callable[[Step, tuple[Found, ...]], Found], started: Mapping[str, Found] | None = None) -> Found:
    """What `of` finds for the root: it is asked once for every distinct step, with what it found for the steps below it.

    `started` holds what was found for nested workflows, by name: it stands below the steps that start them.
    """
    found: dict[int, Found] = {}
    pending = [root]
    while pending:
        step = pending[-1]
        missing = [child for child in children(step) if id(child) not in found]
        if missing:
            pending.extend(reversed(missing))
            continue
        pending.pop()
        if id(step) not in found:
            below = tuple(found[id(child)] for child in children(step))
            if started is not None and isinstance(step, Start):
                below = (started[step.workflow],)
            found[id(step)] = of(step, below)
    return found[id(root)]
