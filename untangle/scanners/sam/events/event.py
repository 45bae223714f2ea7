"""One entry of an `Events` section, and what it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from untangle.model.resource import Resource
from untangle.model.value import PARTITION, REGION, Ref, Value, concat
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.part import Part, each
from untangle.scanners.sam.role import Grants

ORIGIN = "sam event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an event starts: a function (or its alias) or a state machine.

    `service` is "lambda" or "states"; `arn` names it in targets and subscriptions, `name` in mappings and permissions.
    `grants` is what goes into its execution role.
    """

    address: str
    service: str
    arn: Ref
    name: Ref
    grants: Grants


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: `head` is the whole entry, `part` its `Properties`, `address` the logical id of what it generates."""

    address: str
    name: str
    type: str
    head: Part
    part: Part
    target: Target

    def when(self, condition: str | None) -> Event:
        """The same event under another condition."""
        head, part = replace(self.head, condition=condition), replace(self.part, condition=condition)
        return replace(self, head=head, part=part)

    def get(self, *keys: str) -> Value:
        """A property of the event; None where it is absent."""
        return self.part.get(*keys)

    def take(self, names: Iterable[str]) -> dict[str, Value]:
        """The properties of these names that are present."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    def make(
        self,
        draft: Draft,
        type: str,
        values: Mapping[str, Value],
        *,
        suffix: str = "",
        address: str | None = None,
        moved: Mapping[str, str] | None = None,
        metadata: Mapping[str, Value] | None = None,
    ) -> Resource:
        """Makes a resource at the event's own line; `moved` says which property came from which one of the event.

        Properties under a name that the event uses too take their lines from there.
        """
        renamed = {name: name for name in values} | dict(moved or {})
        return draft.make(
            self.head,
            address or self.address + suffix,
            type,
            values,
            origin=ORIGIN,
            moved=[((target,), (*self.part.route, source)) for target, source in renamed.items()],
            metadata=metadata,
        )

    def permit(
        self,
        draft: Draft,
        principal: str,
        source: Value = None,
        *,
        account: Value = None,
        address: str | None = None,
        suffix: str = "",
        **more: Value,
    ) -> None:
        """Makes the permission by which a service invokes the function; a state machine has none."""
        if self.target.service != "lambda":
            return
        values: dict[str, Value] = {
            "Action": "lambda:InvokeFunction",
            "FunctionName": self.target.name,
            "Principal": principal,
            "SourceArn": source,
            "SourceAccount": account,
        }
        self.make(draft, "AWS::Lambda::Permission", values | more, suffix=f"Permission{suffix}", address=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One event type: the properties without which it means nothing, and what it is written out as."""

    type: str
    required: tuple[str, ...]
    read: Callable[[Draft, Event], None]


def invocation(function: Value) -> Value:
    """The URI by which API Gateway invokes a function."""
    return each(
        function,
        lambda arn: concat(
            ("arn:", PARTITION, ":apigateway:", REGION, ":lambda:path/2015-03-31/functions/", arn, "/invocations")
        ),
    )
