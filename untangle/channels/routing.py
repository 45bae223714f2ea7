"""The links of channels: from a node to whatever a property names, with the property as evidence.

Every channel declares *where* in its resources a target is named; what the name turns out to be (a function, a
queue, a bus, something outside the scan) is found out here, the same way for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Found, Target, World
from untangle.model.condition import both
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.link import Link, LinkKind, Sent, Trigger
from untangle.model.node import ChannelNode
from untangle.model.resource import Gap, Resource
from untangle.model.value import Value, show, split

QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
BUS = "AWS::Events::EventBus"
BUS_V2 = "AWS::EventsV2::EventBus"
BUCKET = "AWS::S3::Bucket"
STREAM = "AWS::Kinesis::Stream"
MACHINE = "AWS::StepFunctions::StateMachine"
FIREHOSE = "AWS::KinesisFirehose::DeliveryStream"
ROUTABLE = (QUEUE, TOPIC, BUS, BUS_V2, STREAM, MACHINE, FIREHOSE)
# ARNs of these services name something that this scan should know; all others are sinks (a log group, an API destination).
_OURS = ("lambda", "sqs", "sns", "events", "kinesis", "states")


def declared(resource: Resource, note: str, *route: str | int) -> tuple[Evidence, ...]:
    """The evidence of a property that states both ends; where what the template declares was found in an account, that too."""
    said = Evidence(kind=Witness.DECLARED, note=note, location=resource.at(*route))
    if resource.location is None or resource.deployed is None:
        return (said,)
    return (
        said,
        Evidence(kind=Witness.DEPLOYED, note=f"{resource.address} is deployed as {resource.deployed}", location=said.location),
    )


def sureness(*targets: Target) -> Confidence:
    """How sure a property's link is: it states both ends, unless one of them had to be inferred."""
    return Confidence.LIKELY if any(target.aside for target in targets) else Confidence.DECLARED


def onward(
    world: World,
    node: str,
    resource: Resource,
    value: Value,
    *route: str | int,
    note: str,
    filter: Value = None,
    delivery: Mapping[str, Value] | None = None,
    condition: str | None = None,
    mediated: bool = False,
    types: tuple[str, ...] = ROUTABLE,
    quiet: bool = False,
) -> Iterator[Found]:
    """DELIVER links to the functions and ROUTE links to the channels that `value`, a property at `route`, names; else a Gap.

    `quiet` leaves the Gap out: for entries that no function of the scan can feed, so that no hop can be missed.
    """
    found = False
    for kind, target in named(world, value, resource.stack, types):
        found = True
        yield Link(
            source=node,
            target=target.node,
            kind=kind,
            confidence=sureness(target),
            evidence=declared(resource, note + target.aside, *route),
            filter=filter,
            delivery=dict(delivery or {}),
            condition=both(resource.condition, condition, target.condition),
            mediated=mediated,
        )
    if not found and not quiet and not is_sink(world, value):
        yield unresolved(resource, note, value, *route)


def named(world: World, value: Value, stack: str, types: tuple[str, ...] = ROUTABLE) -> Iterator[tuple[LinkKind, Target]]:
    """What a value names: functions to deliver to, channels of these types to route to."""
    for target in world.function(value, near=stack):
        yield LinkKind.DELIVER, target
    for target in world.resolve(value, *types, near=stack) if types else ():
        yield LinkKind.ROUTE, target


def publish(
    source: str,
    node: str,
    evidence: tuple[Evidence, ...],
    reason: str | None,
    *,
    condition: str | None = None,
    sent: Sent | None = None,
) -> Link:
    """A declared PUBLISH link: the platform writes to `node` on behalf of the function `source`."""
    return Link(
        source=source,
        target=node,
        kind=LinkKind.PUBLISH,
        confidence=Confidence.DECLARED,
        evidence=evidence,
        condition=condition,
        multiplicity="maybe" if reason in ("redrive", "on_failure") else "one",
        sent=sent,
        reason=reason,
    )


def triggers(
    world: World,
    type: str,
    resource: Resource,
    value: Value,
    *route: str | int,
    note: str,
    channel: str | None = None,
    delivery: Mapping[str, Value] | None = None,
) -> Iterator[Found]:
    """A Trigger for every function that `value` names; a Gap where it names none."""
    targets = world.function(value, near=resource.stack)
    for target in targets:
        yield Trigger(
            type=type,
            function=target.node,
            channel=channel,
            location=resource.at(*route),
            note=note + target.aside,
            delivery=dict(delivery or {}),
        )
    if not targets and value is not None and not is_sink(world, value):
        yield unresolved(resource, note, value, *route)


def entry_node(resource: Resource, type: str, name: str | None = None) -> ChannelNode:
    """A node for an entry from outside that feeds a channel (an API, an alarm): it has no producers."""
    return ChannelNode(
        id=resource.id, type=type, address=resource.address, stack=resource.stack, name=name, location=resource.location
    )


def entrance(
    world: World,
    resource: Resource,
    type: str,
    entry: str,
    delivery: Mapping[str, Value] | None = None,
    *,
    named: str = "FunctionName",
    note: str = "function",
) -> Iterator[Found]:
    """The node `<resource><entry>` that calls of one kind reach a function or task by, and the way from there to it; `named` is
    the property that holds its name."""
    yield ChannelNode(
        id=resource.id + entry,
        type=type,
        address=resource.address,
        stack=resource.stack,
        name=world.text(resource.get(named)),
        location=resource.location,
    )
    yield Link(
        source=resource.id + entry,
        target=resource.id,
        kind=LinkKind.DELIVER,
        confidence=Confidence.DECLARED,
        evidence=declared(resource, note),
        delivery=dict(delivery or {}),
        condition=resource.condition,
    )


def unresolved(resource: Resource, note: str, value: Value, *route: str | int) -> Gap:
    """The Gap for a property that names nothing in the scan."""
    what = f"{note} of {resource.address}"
    why = "no target is given" if value is None else f"{show(value)} names nothing in the scan"
    return Gap(what=what, why=why, location=resource.at(*route))


def dead_letter(world: World, value: Value, stack: str, *types: str, key: str = "dead_letter") -> dict[str, Value]:
    """`{key: node id}` where a value names a queue or topic (or one of `types`); nothing where it does not."""
    targets = world.resolve(value, *(types or (QUEUE, TOPIC)), near=stack)
    return {key: targets[0].node} if targets else {}


def is_sink(world: World, value: Value) -> bool:
    """Whether a value names something that passes no message on: a resource of another kind, an ARN of another service."""
    if any(target.resource is not None and target.resource.type not in ROUTABLE for target in world.resolve(value)):
        return True
    fields = split(value, ":") if value is not None else ()
    if len(fields) < 6 or fields[0] != "arn" or not isinstance(fields[2], str):
        return False
    rest = fields[5]
    return fields[2] not in _OURS or (fields[2] == "events" and isinstance(rest, str) and not rest.startswith("event-bus"))
