"""How large a run of a planned workflow is: its transitions, the events of its history, the seconds that it may take.

A transition is a state that is entered ("each time a step of your workflow is executed", Step Functions pricing); whether the
start counts as one too is not documented, so it is not counted. What fails adds a transition and three events for each
further try. Every answer is found in one pass over the tree, from its leaves up; a subtree that is shared is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from untangle.channels.envelope.job import job_of
from untangle.model.entry import EFFECTS
from untangle.model.outlook import Size
from untangle.model.step import (
    Again,
    Choice,
    Each,
    Entries,
    Hand,
    Job,
    Join,
    Loop,
    OneOf,
    Parallel,
    Retry,
    Step,
    Task,
    Wait,
    gathered,
)
from untangle.model.workflow import Nested

DEFAULT_TIMEOUT = 3  # seconds: Lambda guide, "Configure Lambda function timeout"
_MANY = 10**12  # what doubles with every rung of a ladder is not counted further
Seconds = TypeVar("Seconds", int, float)
LONGEST_EXECUTION = 31_536_000  # seconds: Step Functions guide, "Service quotas"
LONGEST_DELAY = 900  # seconds: SQS API reference, SendMessage, `DelaySeconds`
INLINE_CONCURRENCY = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """What each kind of state counts for; `item` is what an iteration of a Map adds of its own, `end` a Succeed state,
    `called_back` a task that waits for an answer, `passing` a Pass state."""

    task: int = 1
    choice: int = 1
    wait: int = 1
    end: int = 1
    parallel: int = 1
    map: int = 1
    item: int = 0
    called_back: int = 1
    passing: int = 1


_TRANSITIONS = _Weights()
# Entered, scheduled, started, succeeded, exited for a task; see the types of HistoryEvent in the API reference.
# One that waits for a callback is submitted too.
_EVENTS = _Weights(task=5, choice=2, wait=2, end=2, parallel=4, map=4, item=2, called_back=6, passing=2)


def transitions(root: Step, nested: Iterable[Nested] = ()) -> Size:
    """The state transitions of one run without failures, with those of the nested workflows that it starts (what one of them
    starts stands before it)."""

    def counted(step: Step, below: tuple[Size, ...]) -> Size:
        return _size(step, below, _TRANSITIONS)

    started: dict[str, Size] = {}
    for one in nested:
        started[one.name] = gathered(one.root, counted, started)
    return gathered(root, counted, started or None)


def events(root: Step) -> Size:
    """The events in the history of one run without failures, its start and its end included."""
    size = gathered(root, lambda step, below: _size(step, below, _EVENTS))
    return Size(least=size.least + 2, usual=size.usual + 2, further=size.further)


def _size(step: Step, below: tuple[Size, ...], weights: _Weights) -> Size:
    least, usual, further = (min(_MANY, sum(getattr(size, name) for size in below)) for name in ("least", "usual", "further"))
    if isinstance(step, Each):
        return _each(step, below[0], weights)
    if isinstance(step, Choice):
        return Size(least=weights.choice + weights.end, usual=weights.choice + usual, further=further)
    if isinstance(step, Entries):
        least, usual = min(size.least for size in below), max(size.usual for size in below)
        return Size(least=weights.choice + least, usual=weights.choice + usual, further=max(size.further for size in below))
    if isinstance(step, Hand):
        return Size(least=0, usual=0, further=0)  # the task before it puts the effects out
    if isinstance(step, OneOf):
        most = max(size.usual for size in below)
        return Size(least=weights.choice + weights.end, usual=most, further=max(size.further for size in below))
    if isinstance(step, Loop):  # one round, two where it is also the first lap (`hops`), and what each further one adds
        again = usual - weights.end
        return Size(least=least, usual=usual + again * (len(step.hops) > 1), further=min(_MANY, again + further))
    if isinstance(step, Again):  # the Choice that leads here goes back, or after the last round to an end
        return Size(least=0, usual=weights.end, further=0)
    if isinstance(step, Join):  # one loop after the other
        return Size(least=least, usual=usual, further=max(size.further for size in below))
    if isinstance(step, Job):
        return _job(step, below[0], weights)
    own = weights.wait if isinstance(step, Wait) else weights.parallel if isinstance(step, Parallel) else weights.task
    if isinstance(step, Parallel):
        own += weights.end * sum(isinstance(branch, Hand) for branch in step.branches)  # there it is a state of its own
    if isinstance(step, Task) and step.called_back:
        own = weights.called_back
    if isinstance(step, Task) and step.entry == EFFECTS:
        own = 0
    return Size(least=own + least, usual=own + usual, further=further)


def _job(job: Job, body: Size, weights: _Weights) -> Size:
    """A job that has ended when it is first asked for; each further time makes another wait, task and choice (`asking`)."""
    form = job_of(job.service, job.operation)
    asked = job.starts and form is not None and form.sync is not None and bool(form.sync.response)
    own = weights.task + weights.choice + (weights.task if asked else 0 if job.starts else weights.wait)
    notice = form.notice(job.notice.type) if form is not None and job.notice is not None else None
    found = weights.task if notice is not None and notice.place else 0
    silent = form is not None and notice is not None and (notice.told != form.ended or bool(notice.place))
    least = own + weights.end if silent else own + found + body.least
    return Size(least=least, usual=own + found + body.usual, further=body.further)


def asking(events: bool = False) -> int:
    """The transitions, or the events of the history, of asking once more for a job that has not ended."""
    weights = _EVENTS if events else _TRANSITIONS
    return weights.wait + weights.task + weights.choice


def _each(each: Each, body: Size, weights: _Weights) -> Size:
    own = weights.passing if isinstance(each.body, Loop) else 0  # it gives the first effect its place
    if each.multiplicity == "one":
        own += weights.choice if isinstance(each.body, Again) else 0
        return Size(least=own + body.least, usual=own + body.usual, further=body.further)
    if each.multiplicity == "maybe":
        return Size(least=weights.choice + weights.end, usual=weights.choice + body.usual, further=body.further)
    item = weights.item + own + body.usual
    return Size(least=weights.map, usual=weights.map + item, further=item + body.further)


def seconds(root: Step, *, tries: bool) -> int:
    """The longest that a run may take: timeouts and waits on its longest way, with all `tries` after failures or without.

    The tries while an invocation itself is refused are left out. A Map counts once: up to 40 iterations run side by side.
    """

    def longest(step: Step, below: tuple[int, ...]) -> int:
        return own_seconds(step, tries=tries) + _rounds(step) * longest_way(step, below)

    return gathered(root, longest)


def _rounds(step: Step) -> int:
    return step.limit or 1 if isinstance(step, Loop) else 1


def longest_way(step: Step, below: tuple[Seconds, ...]) -> Seconds | int:
    """The seconds below a step: of its longest branch or, where one part waits for the other, of both together."""
    return sum(below) if isinstance(step, Join) else max(below, default=0)


def own_seconds(step: Step, *, tries: bool) -> int:
    """What a step itself takes at most, without the steps below it."""
    if isinstance(step, Wait) and step.until is not None:
        return LONGEST_EXECUTION
    if isinstance(step, Wait):
        return max(step.seconds, LONGEST_DELAY) if step.parameter is not None else step.seconds
    if isinstance(step, Job) and not step.starts:  # what the job itself takes is not known
        return step.seconds
    if not isinstance(step, Task) or step.entry == EFFECTS:  # it ran before the workflow was started
        return 0
    timeout = step.timeout or DEFAULT_TIMEOUT
    retries = [retry for retry in step.retries if retry.errors != "throttle"] if tries else []
    return timeout + sum(retry.attempts * timeout + waiting(retry) for retry in retries)


def waiting(retry: Retry) -> int:
    """The seconds that a retrier waits in all, where every try fails."""
    total, interval = 0.0, float(retry.interval)
    for _ in range(min(retry.attempts, 1000)):
        total += interval
        interval = min(interval * retry.rate, retry.max_delay or 31_622_400)
    return round(total)


def waits(root: Step) -> int:
    """The seconds of waiting on the way that waits longest."""

    def longest(step: Step, below: tuple[int, ...]) -> int:
        own = own_seconds(step, tries=False) if isinstance(step, Wait) else 0
        return own + _rounds(step) * longest_way(step, below)

    return gathered(root, longest)
