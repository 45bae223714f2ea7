"""Rules of classic event buses: which bus each listens to, or which AWS service speaks to it from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from untangle.channels.channel import Verdict, World
from untangle.channels.known import decoded, inner, plain
from untangle.channels.pattern import matches
from untangle.channels.routing import BUS, MACHINE
from untangle.channels.service_event import emitting_buckets, event_shape, name_of, s3_event, services, states_event
from untangle.model.condition import both
from untangle.model.node import ChannelNode
from untangle.model.resource import Resource
from untangle.model.shape import Shape
from untangle.model.value import Value, alternatives

RULE = "AWS::Events::Rule"
# Where a pattern names the bucket or state machine whose events it takes.
_BUCKET_NAME = ("detail", "bucket", "name")
_MACHINE_ARN = ("detail", "stateMachineArn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """One rule with one pattern: the nodes it listens to, each with the condition under which it does.

    `service` is the AWS service whose events it takes where nothing in the scan makes them. `pattern` is None for a schedule.
    `aside` says how the bus was found where it had to be inferred.
    """

    rule: Resource
    pattern: Value
    sources: tuple[tuple[str, str | None], ...] = ()
    nodes: tuple[ChannelNode, ...] = ()
    service: str | None = None
    schedule: str | None = None
    aside: str = ""


def rules(world: World) -> Iterator[Ruled]:
    """Every rule, once per pattern and once for its schedule."""
    made_here = _MadeHere(world)
    for rule in world.of_type(RULE):
        schedule = rule.get("ScheduleExpression")
        if schedule is not None:
            yield Ruled(rule=rule, pattern=None, schedule=str(plain(world, schedule)))
        for option, when in alternatives(rule.get("EventPattern")):
            pattern = decoded(world, option)
            if isinstance(pattern, Mapping):
                yield from _listening(world, rule, _by_machine(world, rule, pattern, option), when, made_here)
            elif option is not None:
                world.gap(f"event pattern of {rule.address}", "it is not JSON", rule.at("EventPattern"))


def _by_machine(world: World, rule: Resource, pattern: Mapping[str, Value], written: Value) -> Mapping[str, Value]:
    """The pattern in which a state machine of the scan is named alike, by a pointer at it or by its ARN as `written`."""
    arns = inner(written, "detail", "stateMachineArn")
    detail = pattern.get("detail")
    if not isinstance(arns, tuple) or not isinstance(detail, Mapping):
        return pattern

    def named(arn: Value) -> Value:
        found = {target.node: target.resource for target in world.resolve(arn, MACHINE, near=rule.stack)}
        machine = found.popitem()[1] if len(found) == 1 else None
        return plain(world, arn) if machine is None else name_of(world, machine)

    return {**pattern, "detail": {**detail, "stateMachineArn": tuple(named(arn) for arn in arns)}}


def _listening(world: World, rule: Resource, pattern: Value, when: str | None, made_here: _MadeHere) -> Iterator[Ruled]:
    named = services(pattern)
    if named and not made_here.may_match(pattern):
        for service in named:
            node = ChannelNode(
                id=f"eventbridge/{service.rstrip('.')}",
                type="eventbridge",
                address=service,
                stack="",
                name=service,
                external=True,
            )
            yield Ruled(rule=rule, pattern=pattern, sources=((node.id, when),), nodes=(node,), service=service)
        return
    value = rule.get("EventBusName")
    if value is None:
        yield Ruled(rule=rule, pattern=pattern, sources=((world.implicit(BUS, rule.stack), when),))
        return
    targets = world.resolve(value, BUS, near=rule.stack)
    nodes: tuple[ChannelNode, ...] = ()
    sources = tuple((target.node, both(when, target.condition)) for target in targets)
    if not targets:
        name = str(plain(world, value))
        nodes = (ChannelNode(id=f"eventbridge/{name}", type="eventbridge", address=name, stack="", name=name, external=True),)
        sources = ((nodes[0].id, when),)
        world.gap(f"bus of rule {rule.address}", f"{name} is not declared in the scan", rule.at("EventBusName"))
    aside = next((target.aside for target in targets if target.aside), "")
    yield Ruled(rule=rule, pattern=pattern, sources=sources, nodes=nodes, aside=aside)


class _MadeHere:
    """Events that buckets and state machines of the scan may make: by who makes them, for each place where patterns say who."""

    def __init__(self, world: World) -> None:
        buckets = {str(name): s3_event(name) for name in (name_of(world, bucket) for bucket, _, _ in emitting_buckets(world))}
        machines = {str(name): states_event(name) for name in (name_of(world, machine) for machine in world.of_type(MACHINE))}
        made = ((_BUCKET_NAME, buckets), (_MACHINE_ARN, machines))
        self._events = [(place, {name: event_shape(sent) for name, sent in events.items()}) for place, events in made if events]

    def may_match(self, pattern: Value) -> bool:
        """Whether a pattern may take one of the events. What all events of one service have in common is asked once."""
        envelope = {key: wanted for key in ("source", "detail-type") if (wanted := inner(pattern, key)) is not None}
        return any(
            matches(envelope, next(iter(events.values()))).verdict is not Verdict.EXCLUDED
            and any(matches(pattern, event).verdict is not Verdict.EXCLUDED for event in _candidates(events, pattern, place))
            for place, events in self._events
        )


def _candidates(events: Mapping[str, Shape], pattern: Value, place: tuple[str, ...]) -> Iterator[Shape]:
    """The events that can be meant, those that the pattern names first: of two names that are known only the same one can be."""
    wanted = inner(pattern, *place)
    names = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, tuple) else []
    yield from (events[name] for name in names if name in events)
    known = isinstance(wanted, tuple) and len(names) == len(wanted) and not any("${" in name for name in names)
    yield from (event for name, event in events.items() if name not in names and not (known and "${" not in name))
