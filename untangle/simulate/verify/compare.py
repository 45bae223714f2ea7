"""Both sides beside each other: what differs, and whether a listed difference explains it.

A reason is not taken at its word. Each comes with a variant of the choreography in which only that is so (without the duplicate,
one message at a time, with the crash before the first effect); what differs is explained where the machine did what that did.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from untangle.model.certificate import Deviation
from untangle.simulate.faults import FAILS
from untangle.simulate.normal import key
from untangle.simulate.platform.polling import PATIENCE
from untangle.simulate.verify.outcome import Outcome, functions_of

LATE = 45.0  # seconds by which a first try may come at another time, beside what a mapping waits for a batch
_SHOWN = 4  # items of a difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A choreography in which a listed difference is so; made only where it is asked for."""

    reason: str
    make: Callable[[], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the comparison may rely on: the `clamps`, by function, with the number of tries of the workflow and the difference
    that lists it; whether `times` are compared; `windows` that mappings wait for a batch, by function; `reports` the destinations
    that a mapping tells of batches that failed, each with the difference that says that a workflow does not; `failing` the
    difference that says that the workflow fails where a job does, `parked` the one that says that parked messages keep their
    token, "" for none."""

    clamps: Mapping[str, tuple[int, str]]
    times: bool = False
    reports: Mapping[str, str] = field(default_factory=dict)
    failing: str = ""
    parked: str = ""
    windows: Mapping[str, float]


def compare(one: Outcome, other: Outcome, variants: Sequence[Variant], terms: Terms) -> tuple[Deviation, ...]:
    """Everything in which the machine (`other`) differs from the choreography (`one`), with the reason where one holds."""
    found: list[Deviation] = []
    for kind, subject, take in _views(one, other, terms):
        mine, theirs = take(one), take(other)
        if mine == theirs:
            continue
        reason = next((variant.reason for variant in variants if take(variant.make()) == theirs), "")
        left, right = _apart(mine, theirs)
        if not reason and kind == "state":
            reason = _report(terms.reports.get(subject.rpartition(" ")[2], ""), mine, theirs)
            reason = reason or (terms.parked if subject.startswith("sqs ") and _without_tokens(theirs) == mine else "")
        found.append(Deviation(kind=kind, subject=subject, choreography=left, machine=right, reason=reason))
    found.extend(_tries(one, other, variants, terms))
    found.extend(_status(one, other, terms.failing))
    if terms.times:
        found.extend(_times(one, other, variants, terms))
    return tuple(found)


def _report(listed: str, mine: Any, theirs: Any) -> str:
    """The listed difference where all that the machine lacks are reports of what failed, as it says; "" else."""
    had, has = (value if isinstance(value, list) else [] for value in (mine, theirs))
    lacking = [item for item in had if item not in has]
    more = [item for item in has if item not in had]
    fits = lacking and not more and all(any(word in str(item) for word in _REPORTED) for item in lacking)
    return listed if fits else ""


def _without_tokens(left: Any) -> Any:
    """Messages of a queue without the attribute in which a workflow has sent a task token along."""
    if not isinstance(left, list) or not all(isinstance(item, Mapping) for item in left):
        return left
    plain = [
        {**item, "attributes": {name: value for name, value in held.items() if name != "untangle"}}
        if isinstance(held := item.get("attributes"), Mapping)
        else item
        for item in left
    ]
    return sorted(plain, key=key)


# In what a mapping tells its destination, and in the attributes of an event that Lambda gives up.
_REPORTED = ("StreamBatchInfo", "KinesisBatchInfo", "ErrorCode")


_Take = Callable[[Outcome], Any]


def _views(one: Outcome, other: Outcome, terms: Terms) -> Iterator[tuple[str, str, _Take]]:
    """What is looked at, each by itself: the state of each node, what each function handled, what each function called."""
    for node in sorted({*one.state, *other.state}):
        yield "state", node, lambda side, node=node: side.state.get(node)  # type: ignore[misc]
    for function in functions_of((one, other)):
        yield "invocation", function, lambda side, function=function: side.handled().get(function, Counter())  # type: ignore[misc]
    for function in sorted({name for name, _ in (*one.effects, *other.effects)}):
        yield "effect", function, lambda side, function=function: _effects(side, function)  # type: ignore[misc]


def _effects(side: Outcome, function: str) -> Counter[str]:
    return Counter({call: count for (name, call), count in side.effects.items() if name == function})


def _apart(mine: Any, theirs: Any) -> tuple[Any, Any]:
    """Only what is not the same on both sides."""
    if isinstance(mine, Counter) and isinstance(theirs, Counter):
        return tuple(  # type: ignore[return-value]
            [{"what": item, "times": count} for item, count in sorted((left - right).items())[:_SHOWN]]
            for left, right in ((mine, theirs), (theirs, mine))
        )
    if isinstance(mine, list) and isinstance(theirs, list):
        rest = [item for item in mine if item not in theirs], [item for item in theirs if item not in mine]
        return (rest[0][:_SHOWN], rest[1][:_SHOWN]) if any(rest) else (mine[:_SHOWN], theirs[:_SHOWN])
    if isinstance(mine, dict) and isinstance(theirs, dict):
        keys = sorted({*mine, *theirs})
        pairs = {name: _apart(mine.get(name), theirs.get(name)) for name in keys if mine.get(name) != theirs.get(name)}
        return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}
    return mine, theirs


def _tries(one: Outcome, other: Outcome, variants: Sequence[Variant], terms: Terms) -> Iterator[Deviation]:
    """How often each message was tried, of functions that handled the same; where it is clamped, the number that is listed."""
    mine, theirs = one.tries(), other.tries()
    for function in sorted({*mine, *theirs}):
        left, right = mine.get(function, Counter()), theirs.get(function, Counter())
        if left == right:
            continue
        reason = next((variant.reason for variant in variants if variant.make().tries().get(function, Counter()) == right), "")
        clamp = terms.clamps.get(function)
        if not reason and clamp is not None and left.keys() == right.keys() and _clamped(left, right, clamp[0]):
            reason = clamp[1]
        apart = _apart(left, right)
        yield Deviation(kind="tries", subject=function, choreography=apart[0], machine=apart[1], reason=reason)


def _clamped(left: Counter[str], right: Counter[str], most: int) -> bool:
    """Whether each was tried as often on both sides, or as often as is listed where the choreography would go on and on; messages
    that cannot be told apart stand together, each with that many tries."""
    endless = min(most + 1, PATIENCE)  # the simulation too gives up on what nothing ever moves on
    alike = {item: count // most for item, count in right.items() if count % most == 0}
    return all(right[item] == left[item] or (item in alike and left[item] >= alike[item] * endless) for item in left)


def clamps(differences: Sequence[str], consumers: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, tuple[int, str]]]:
    """The listed numbers of tries, by function; `consumers` gives, by the node id of a queue or stream, who reads it."""
    for text in differences:
        match = re.search(r"the workflow tries (\d+) times( more)?", text)
        if match is not None:
            for node, functions in consumers.items():
                if text.startswith((f"{node} ", f"{node}:")):
                    for function in functions:
                        yield function, (int(match[1]) + bool(match[2]), text)


def _status(one: Outcome, other: Outcome, failing: str) -> Iterator[Deviation]:
    """Executions succeed, but where the choreography lost a message: an execution may fail with what it dropped.

    Machines that the application has already may fail as they did.
    """
    lost = any(one.last_failed(function) for function in functions_of((one,)))
    left = Counter(other.status) - Counter(one.status)
    failed = sorted(status for status in left.elements() if status != "SUCCEEDED")
    if failed and not lost:
        reason = failing if len(failed) <= _failed_jobs(other) else ""
        yield Deviation(kind="status", subject="executions", choreography="nothing lost", machine=failed[:_SHOWN], reason=reason)


def _failed_jobs(side: Outcome) -> int:
    """How many jobs of other services a fault had fail."""
    return sum(item.kind == "fault" and str(item.detail.get("what", "")).startswith(FAILS) for item in side.log)


def _times(one: Outcome, other: Outcome, variants: Sequence[Variant], terms: Terms) -> Iterator[Deviation]:
    """Messages that come much earlier or later than they did, and whether a listed difference brings them then."""
    mine, theirs = one.first_times(), other.first_times()
    for place in sorted(mine.keys() & theirs.keys()):
        function, envelope = place
        if not _in_time(theirs[place], mine[place], terms.windows.get(function, 0.0)):
            subject = f"{function}: when {envelope[:120]}"
            before, after = round(mine[place], 1), round(theirs[place], 1)
            times = ((variant.reason, variant.make().first_times().get(place)) for variant in variants)
            reason = next((why for why, time in times if time is not None and _in_time(theirs[place], time, 0.0)), "")
            yield Deviation(kind="invocation", subject=subject, choreography=before, machine=after, reason=reason)


def _in_time(time: float, before: float, window: float) -> bool:
    return -LATE - window <= time - before <= LATE
