"""A job of another service as it is played, and the record that one kind of job fills: what it answers and tells of its end.

Nothing runs a job here. It ends `SECONDS` of virtual time after it was started, well unless a fault makes it fail, and what it
made is left out or empty. What starts it and what asks for it are those of its `JobForm`; answers have the fields of the
service's own output shapes, and what is told is written after the examples in the service's guide: never made out of the forms
by which a workflow writes it anew, which are what is to be proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from untangle.channels.envelope.job import JobForm, job_of
from untangle.simulate.names import ACCOUNT, REGION

SECONDS = 60.0  # of virtual time: what a job takes that nobody runs
LONGER = 90.0  # more, where a fault makes it take long


@dataclass(slots=True, kw_only=True)
class Job:
    """One job. `id` is an UUID without hyphens, `begun` and `over` are moments, `over` None while it runs; `well` says whether it
    succeeded. `number` counts the jobs of one call from 0; `output` is where it writes where the call does not say."""

    params: Mapping[str, Any]
    id: str
    begun: datetime
    number: int = 0
    over: datetime | None = None
    well: bool = True
    output: str = ""

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.over is not None

    def state(self, running: str, well: str, failed: str) -> str:
        """One of these three."""
        return running if self.over is None else well if self.well else failed

    def kept(self, *names: str) -> dict[str, Any]:
        """Parameters of its call that are there, under the same names."""
        return {name: self.params[name] for name in names if name in self.params}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event on the default bus."""

    source: str
    kind: str
    detail: Mapping[str, Any]
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to a topic."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object that is written."""

    bucket: str
    key: str
    body: bytes


Told: TypeAlias = Event | Message | Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """How the jobs of one operation are played.

    `response` is what the call answers that starts `jobs` (one, unless `several` gives another number for its parameters).
    `asked` gives the ids or names that a question is about, `named` those by which a job is known; `answer` is the answer about
    the jobs that were found. `told` is what is told of a job as it begins and as it ends. `result` is the part of the answer, in
    the spelling of a state machine, which `.sync` gives. `taken` is the error for a name that a job has already, and `token` the
    parameter by which a call that is made again is known.
    """

    service: str
    operation: str
    response: Callable[[Sequence[Job]], Mapping[str, Any]]
    asked: Callable[[Mapping[str, Any]], Sequence[str]]
    answer: Callable[[Sequence[Job]], Mapping[str, Any]]
    told: Callable[[Job], Iterator[Told]]
    result: Callable[[Mapping[str, Any]], Any] = field(default=lambda answer: answer)
    named: Callable[[Job], Sequence[str]] = field(default=lambda job: (job.id,))
    several: Callable[[Mapping[str, Any]], int] = field(default=lambda params: 1)
    missing: str = "InvalidRequestException"
    taken: str = ""
    token: str = ""

    @property
    def form(self) -> JobForm:
        """The form of the job. Raises `LookupError` where none is written."""
        found = job_of(self.service, self.operation)
        if found is None:
            raise LookupError(f"{self.service}:{self.operation}")
        return found

    @property
    def asks(self) -> str:
        """The operation that tells how a job stands."""
        name = self.form.asks.partition(":")[2]
        return name[:1].upper() + name[1:]


def arn(service: str, resource: str) -> str:
    """The ARN of something in this account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def millis(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def text_of(moment: datetime) -> str:
    """A moment as services write it in their events."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
