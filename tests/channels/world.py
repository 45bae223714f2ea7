"""A world in memory: resources by logical id, in which pointers, names and literal ARNs resolve. No guesses, no files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from untangle.channels.channel import Channel, Found, Target
from untangle.model.link import Link, LinkKind, Trigger
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.resource import Gap, Resource
from untangle.model.value import Concat, Ref, Symbol, Value, alternatives, scalar_text, show

FUNCTIONS = ("AWS::Lambda::Function", "AWS::ECS::TaskDefinition")
_NAMES = ("QueueName", "TopicName", "BucketName", "TableName", "FunctionName", "Name", "StateMachineName", "Family")
_STANDS_FOR = {
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Kinesis::StreamConsumer": "StreamARN",
}


def ref(address: str, attribute: str = "") -> Ref:
    """A pointer at a resource of the one stack `s`."""
    return Ref(f"s/{address}", attribute)


@dataclass
class MemoryWorld:
    """`World` over a dictionary of resources."""

    resources: Mapping[str, Resource]
    gaps: list[Gap] = field(default_factory=list)

    def of_type(self, *types: str) -> Iterable[Resource]:
        return [
            self.resources[id] for id in sorted(self.resources) if any(fnmatchcase(self.resources[id].type, t) for t in types)
        ]

    def resource(self, id: str) -> Resource | None:
        return self.resources.get(id)

    def resolve(self, value: Value, *types: str, near: str | None = None) -> tuple[Target, ...]:
        found = {target.node: target for option, when in alternatives(value) for target in self._named(option, when, types)}
        return tuple(found.values())

    def function(self, value: Value, *, near: str | None = None) -> tuple[Target, ...]:
        return self.resolve(value, *FUNCTIONS, near=near)

    def text(self, value: Value) -> str | None:
        return scalar_text(self._followed(value))

    def plain(self, value: Value) -> Value:
        followed = self._followed(value)
        return followed if isinstance(followed, str | int | float | bool | None) else show(followed)

    def implicit(self, type: str, near: str | None) -> str:
        return {"AWS::Events::EventBus": "eventbridge/default", "AWS::IoT::MessageBroker": "iot/broker"}[type]

    def gap(self, what: str, why: str, location: Location | None) -> None:
        self.gaps.append(Gap(what=what, why=why, location=location))

    def _followed(self, value: Value) -> Value:
        if isinstance(value, Ref) and not value.attribute and value.resource in self.resources:
            names = [self.resources[value.resource].get(name) for name in _NAMES]
            return next((name for name in names if name is not None), value)
        return value

    def _named(self, value: Value, when: str | None, types: tuple[str, ...]) -> Iterator[Target]:
        if isinstance(value, Concat) and isinstance(value.parts[0], Ref):
            value = value.parts[0]  # `${Function.Arn}:live`
        if isinstance(value, Ref):
            resource = self.resources.get(value.resource)
            stands_for = _STANDS_FOR.get(resource.type) if resource else None
            if resource and stands_for and resource.type not in types:
                yield from self._named(resource.get(stands_for), when, types)
            elif resource and (not types or resource.type in types):
                yield Target(node=resource.id, resource=resource, condition=when or resource.condition)
        elif isinstance(value, str):
            yield from self._by_text(value, when, types)

    def _by_text(self, text: str, when: str | None, types: tuple[str, ...]) -> Iterator[Target]:
        name = text.split(":")[-1].split("/")[-1]
        for resource in self.of_type(*types):
            if name and any(resource.get(key) == name for key in _NAMES):
                yield Target(node=resource.id, resource=resource, condition=when or resource.condition, how="name")
        if name == "default" and "AWS::Events::EventBus" in types:
            yield Target(node="eventbridge/default", condition=when, how="name")


def world(**resources: Mapping[str, Value]) -> MemoryWorld:
    """`world(Orders={"Type": "AWS::SQS::Queue", "QueueName": "orders"})`; `Type_` is a property `Type`."""
    made = {}
    for line, (address, written) in enumerate(resources.items(), start=1):
        made[f"s/{address}"] = Resource(
            id=f"s/{address}",
            type=str(written["Type"]),
            stack="s",
            address=address,
            properties={key.rstrip("_"): value for key, value in written.items() if key not in ("Type", "Condition")},
            location=Location("template.yaml", line),
            condition=written.get("Condition"),  # type: ignore[arg-type]
        )
    return MemoryWorld(made)


FN: Mapping[str, Value] = {"Type": "AWS::Lambda::Function"}
QUEUE: Mapping[str, Value] = {"Type": "AWS::SQS::Queue"}
TOPIC: Mapping[str, Value] = {"Type": "AWS::SNS::Topic"}
BUCKET: Mapping[str, Value] = {"Type": "AWS::S3::Bucket"}
BUS: Mapping[str, Value] = {"Type": "AWS::Events::EventBus"}
STAGE = Symbol("Stage", "s")


def found(channel: Channel, made: MemoryWorld) -> list[Found]:
    """All that a channel finds in a world."""
    made.gaps.clear()
    return list(channel.links(made))


def links(channel: Channel, made: MemoryWorld) -> list[Link]:
    """The links that a channel finds, each with evidence that has a place."""
    made_links = [item for item in found(channel, made) if isinstance(item, Link)]
    assert all(link.evidence and link.evidence[0].location and link.evidence[0].note for link in made_links)
    return made_links


def link(channel: Channel, made: MemoryWorld) -> Link:
    """The one link that a channel finds."""
    (only,) = links(channel, made)
    return only


def arrows(channel: Channel, made: MemoryWorld) -> set[str]:
    """The links as text: `Orders -> Ship` delivers, `Topic => Queue` routes, `Ship ~> Dead` is a declared publish."""
    signs = {LinkKind.DELIVER: "->", LinkKind.ROUTE: "=>", LinkKind.PUBLISH: "~>"}
    return {f"{bare(item.source)} {signs[item.kind]} {bare(item.target)}" for item in links(channel, made)}


def triggers(channel: Channel, made: MemoryWorld) -> list[Trigger]:
    """The triggers that a channel finds."""
    return [item for item in found(channel, made) if isinstance(item, Trigger)]


def nodes(channel: Channel, made: MemoryWorld) -> dict[str, ChannelNode]:
    """The nodes that a channel adds, by id."""
    return {item.id: item for item in found(channel, made) if isinstance(item, ChannelNode)}


def gaps(channel: Channel, made: MemoryWorld) -> list[Gap]:
    """What a channel says it could not know."""
    return [item for item in found(channel, made) if isinstance(item, Gap)] + made.gaps


def bare(id: str) -> str:
    """An id without the stack."""
    return id.removeprefix("s/")
