"""One event of a function or state machine, and what it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from untangle.model.resource import Resource
from untangle.model.value import PARTITION, REGION, Concat, Expression, Ref, Value, concat, parts_of, scalar_text
from untangle.scanners.cloudformation.intrinsics import to_json
from untangle.scanners.sam.part import Part, each
from untangle.scanners.serverless_framework.draft import ServiceDraft
from untangle.scanners.serverless_framework.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What an event starts: a function ("lambda") or a state machine ("states").

    `prefix` begins the logical ids of what its events make; `needs` collects the statements that they add to its role.
    """

    key: str
    prefix: str
    service: str
    arn: Ref
    name: Value
    needs: list[tuple[Mapping[str, Value], Part]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: `part` is what stands under its type. `index` counts all events of the function from 1, `number` those of its
    type."""

    owner: Service
    draft: ServiceDraft
    started: Started
    type: str
    index: int
    number: int
    part: Part

    def get(self, *keys: str) -> Value:
        """A property of the event; None where it is absent."""
        return self.part.get(*keys)

    def own(self, key: str) -> Value:
        """A property that may also stand for the whole event: `- sqs: arn…` is `- sqs: {arn: arn…}`."""
        return self.part.get(key) if isinstance(self.part.value, Mapping) else self.part.value

    def take(self, names: Mapping[str, str]) -> dict[str, Value]:
        """The properties that are present, under CloudFormation's names."""
        return {target: value for target, source in names.items() if (value := self.get(source)) is not None}

    def make(
        self,
        address: str,
        type: str,
        values: Mapping[str, Value],
        moved: Mapping[str, str] | None = None,
        metadata: Mapping[str, Value] | None = None,
    ) -> Resource:
        """Makes a resource at the event's line; `moved` says which property came from which one of the event."""
        at = [((target,), (*self.part.route, source) if source else self.part.route) for target, source in (moved or {}).items()]
        return self.draft.make(self.part, address, type, values, moved=at, metadata=metadata)

    def permit(self, suffix: str, principal: Value, source: Value = None, **more: Value) -> None:
        """Makes the permission by which a service invokes the function; a state machine has none."""
        if self.started.service == "lambda":
            values: dict[str, Value] = {
                "Action": "lambda:InvokeFunction",
                "FunctionName": self.started.arn,
                "Principal": principal,
                "SourceArn": source,
            }
            self.make(f"{self.started.prefix}LambdaPermission{suffix}", "AWS::Lambda::Permission", values | more)

    def need(self, statement: Mapping[str, Value]) -> None:
        """Adds a statement to the role of what is started."""
        self.started.needs.append((statement, self.part))

    def json(self, value: Value) -> Value:
        """A value as JSON text."""
        return to_json(self.owner.instance, value)  # type: ignore[arg-type]

    def text(self, value: Value) -> Value:
        """A text as it is, a structure as JSON."""
        return self.json(value) if isinstance(value, Mapping | tuple) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One event type: the property without which it means nothing ("" where none), and what it is written out as.

    `machines` says that it may also start a state machine.
    """

    type: str
    required: str
    read: Callable[[Event], None]
    machines: bool = False


def invocation(arn: Value) -> Value:
    """The URI by which API Gateway invokes a function."""
    return each(
        arn,
        lambda one: concat(
            ("arn:", PARTITION, ":apigateway:", REGION, ":lambda:path/2015-03-31/functions/", one, "/invocations")
        ),
    )


def label(value: Value, otherwise: str = "") -> str:
    """The part of a name or ARN that the framework makes logical ids from: a resource's logical id, or the last field."""
    if isinstance(value, Ref):
        return value.resource.rpartition("/")[2]
    text = scalar_text(value)
    if text is None and isinstance(value, Expression):
        parts = getattr(value, "parts", ())
        text = next((part for part in reversed(parts) if isinstance(part, str)), None)
    return otherwise if text is None else text.rpartition(":")[2]


def is_name(value: Value) -> bool:
    """Whether a value is a plain name (or a text around unknown parts) and no ARN or pointer."""
    if not isinstance(value, str | Concat):
        return False
    return not any(isinstance(part, str) and ":" in part for part in parts_of(value))


def listed(value: Value) -> tuple[Value, ...]:
    """A list, or a single value as one."""
    return value if isinstance(value, tuple) else () if value is None else (value,)


def switched(value: Value) -> Value:
    """`enabled` as the State of a rule."""
    return each(
        value, lambda on: "DISABLED" if on is False or on == "false" else "ENABLED" if isinstance(on, bool | str) else None
    )


def present(values: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """The pairs whose value is there."""
    return {key: value for key, value in values if value is not None}
