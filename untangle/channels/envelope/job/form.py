"""The record that one kind of job fills: how it is started, how a workflow learns of its end, and what its end was told with.

A job's end was told by a notification, an event or an object. A workflow that waits for the job itself makes the *effect* of that
anew (`{id, service, op, params, response, at}`), so that the adapters of the channels give the consumer what it got before.
All texts are JSONata over `$e` (the effect of the call that started the job), `$a` (what the service last answered about it) and,
where the end is an object, `$o` (its metadata).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.channels.envelope.form import Names
from untangle.model.code import Call
from untangle.model.step import Stop

NOW = "$states.context.State.EnteredTime"
# The channel as the notice passes it, the calls that start the job: conditions that are missing, in words.
Refusal: TypeAlias = Callable[[tuple[Stop, ...], tuple[Call, ...]], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How the end of a job is told by one type of channel.

    `told` are the states of the job that are told of. `effect` gives the effect anew. `lost` are the fields that cannot be
    rebuilt truthfully: a consumer that reads them relies on the real notice. `refuses` says which condition is missing.
    `place` is where the job leaves its object (`{'Bucket': …, 'Key': …}`), for notices of S3. `differs` says what changes.
    """

    type: str
    told: tuple[str, ...]
    effect: Callable[[Stop, Names], str]
    lost: tuple[str, ...] = ()
    refuses: Refusal = field(default=lambda way, calls: iter(()))
    place: str = ""
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The integration that starts the job and waits for its end: `arguments` from `$e`; its result is what `asks` answers."""

    resource: str
    arguments: str
    throttled: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobForm:
    """One operation that starts a job.

    `asks` is the integration that tells its state, `arguments` are its parameters, `answer` is what is kept of its result (in
    `$states.result`), `state` the state in it. `ended` are the states that the job stays in. `page` is where AWS says all this.
    """

    service: str
    operation: str
    asks: str
    arguments: Mapping[str, str | int]
    answer: str
    state: str
    ended: tuple[str, ...]
    notices: tuple[Notice, ...]
    page: str
    sync: Sync | None = None

    def actions(self, type: str, starts: bool) -> tuple[str, ...]:
        """The IAM actions that the workflow's role needs for a notice of this type; those of the job itself are not among them.

        An integration that waits starts, asks and stops (Step Functions guide, "How Step Functions generates IAM policies").
        """
        service, _, operation = self.asks.partition(":")
        prefix = {"sfn": "states"}.get(service, service)
        asking = f"{prefix}:{operation[:1].upper()}{operation[1:]}"
        own = (
            (f"{prefix}:{self.operation}", asking, f"{prefix}:{self.operation.replace('Start', 'Stop')}") if starts else (asking,)
        )
        notice = self.notice(type)
        return (*own, "s3:GetObject") if notice is not None and notice.place else own

    def notice(self, type: str) -> Notice | None:
        """How the end is told by a channel of this type; None where that is not known well enough."""
        return next((notice for notice in self.notices if notice.type == type), None)


def only(*missing: tuple[str, str]) -> Refusal:
    """Refuses calls that set one of these parameters, with the reason of each, and calls whose parameters are not all known."""

    def refuses(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
        for call in calls:
            if "**" in call.arguments or not call.arguments:
                yield f"not all parameters of {call.operation} are known ({call.location})"
            yield from (f"{why} ({call.location})" for name, why in missing if name in call.arguments)

    return refuses
