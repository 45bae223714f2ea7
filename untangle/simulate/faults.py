"""Faults that are planted on purpose, and the bookkeeping that says when one strikes.

A fault is bound to a function and to the tries of a message, not to a moment: so it strikes on both sides of a comparison,
however differently they deliver. The number of a try is how often the function has been given that message by now.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from untangle.simulate.call import ApiCall

FaultKind: TypeAlias = Literal[
    "throttle", "timeout", "crash_before", "crash_after", "error", "duplicate", "delay", "reorder", "fails", "slow"
]
CallFault: TypeAlias = Literal["refused"]  # of a call that a function makes
# Operations that change something, by the verb of their name: what "the n-th effect" counts.
_EFFECT = re.compile(
    r"(Put|Send|Publish|Update|Delete|Create|Invoke|Start|Transact(Write|Execute)|BatchWrite|Copy|Complete|Upload|Restore|Tag|"
    r"Execute|Admin|Abort|Change|Submit|Run|Add|Stop|Terminate|Cancel)"
)
FAILS = "a job fails:"  # how the words of such a fault begin
_IDS = ("messageId", "eventID", "id", "MessageId", "sequencer")
_VOLATILE = frozenset({"attributes", "receiptHandle", "timestamp", "Timestamp", "time", "eventTime", "requestContext"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault.

    Of a function (`subject` is its node id), on the tries from `first` to `last` of each message (or only of the `message`-th
    that reaches it): "throttle" refuses the invocation, "timeout" lets it do all it does and never answer, "crash_before" and
    "crash_after" end it around its `effect`-th effect, "error" raises after all of them (so does
    "crash_before" where there are fewer); "refused" has the service refuse the `effect`-th effect, which the handler may notice.
    Of a channel (`subject` is its node id), on its `message`-th delivery or every one: "duplicate" delivers once more, "delay"
    later by `seconds`, "reorder" behind what comes next.
    Of a kind of jobs (`subject` is "service:Operation" of what starts them), on the `message`-th or every one: "fails" has the
    job fail, "slow" has it take longer.
    """

    kind: FaultKind | CallFault
    subject: str
    first: int = 1
    last: int | None = 1
    effect: int = 1
    message: int | None = None
    seconds: float = 60.0

    def strikes(self, attempt: int, message: int) -> bool:
        """Whether it strikes on this try of this message (both counted from 1)."""
        in_range = self.first <= attempt and (self.last is None or attempt <= self.last)
        return in_range and self.message in (None, message)

    @property
    def words(self) -> str:
        """The fault in words."""
        name = self.subject.rpartition("/")[2]
        tries = (
            "every try"
            if self.last is None
            else f"try {self.first}"
            if self.first == self.last
            else f"tries {self.first}-{self.last}"
        )
        message = "" if self.message is None else f" of message {self.message}"
        if self.kind in ("duplicate", "delay", "reorder"):
            what = {
                "duplicate": "delivers twice",
                "delay": f"delivers {self.seconds:g} s late",
                "reorder": "delivers out of order",
            }
            return f"{name} {what[self.kind]}{message}"
        if self.kind in ("fails", "slow"):
            return f"{FAILS} {name}{message}" if self.kind == "fails" else f"a job takes long: {name}{message}"
        what = {
            "throttle": "is throttled",
            "timeout": "times out",
            "crash_before": f"crashes before effect {self.effect}",
            "crash_after": f"crashes after effect {self.effect}",
            "refused": f"has effect {self.effect} refused",
            "error": "fails after its last effect",
        }
        return f"{name} {what[self.kind]} on {tries}{message}"


def is_effect(call: ApiCall) -> bool:
    """Whether an API call changes something."""
    return _EFFECT.match(call.operation) is not None


@dataclass(slots=True)
class Faults:
    """The faults of one run, and how often each message has been tried and each channel has delivered."""

    planted: tuple[Fault, ...] = ()
    _tries: Counter[tuple[str, str]] = field(default_factory=Counter)
    _messages: dict[str, dict[str, int]] = field(default_factory=dict)
    _deliveries: Counter[str] = field(default_factory=Counter)

    def of_invocation(self, function: str, event: Any) -> tuple[int, Fault | None]:
        """The number of this try, and the fault that strikes it."""
        ids = identities(event)
        known = self._messages.setdefault(function, {})
        for id in ids:
            self._tries[function, id] += 1
            known.setdefault(id, len(known) + 1)
        attempt = max(self._tries[function, id] for id in ids)
        numbers = [known[id] for id in ids]
        for fault in self.planted:
            if fault.subject == function and any(fault.strikes(attempt, number) for number in numbers):
                return attempt, fault
        return attempt, None

    def of_delivery(self, channel: str) -> tuple[Fault, ...]:
        """The faults that strike the next delivery of a channel."""
        self._deliveries[channel] += 1
        number = self._deliveries[channel]
        kinds = ("duplicate", "delay", "reorder", "fails", "slow")
        return tuple(
            fault
            for fault in self.planted
            if fault.subject == channel and fault.kind in kinds and fault.message in (None, number)
        )


def identities(event: Any) -> tuple[str, ...]:
    """What tells the messages of an event apart: the ids of its records, or of the event, or its whole content."""
    records = event.get("Records") if isinstance(event, Mapping) else event
    if isinstance(records, list) and records:
        return tuple(dict.fromkeys(_identity(record) for record in records))
    return (_identity(event),)


def _identity(record: Any) -> str:
    if isinstance(record, Mapping):
        for place in (record, *_inner(record, ("Sns", "kinesis"))):
            for name in (*_IDS, "sequenceNumber"):
                if isinstance(place.get(name), str):
                    return str(place[name])
        record = {key: value for key, value in record.items() if key not in _VOLATILE}
    return json.dumps(record, sort_keys=True, default=str)


def _inner(record: Mapping[str, Any], names: Iterable[str]) -> list[Mapping[str, Any]]:
    return [record[name] for name in names if isinstance(record.get(name), Mapping)]
