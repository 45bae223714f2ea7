"""Amazon EventBridge: a bus, whose rules send every event that their pattern takes to up to five targets each.

At least once, unordered. A target is tried for 24 hours and 185 times, then the event goes to the target's dead-letter queue; a
function is invoked asynchronously, so its own retries follow. A target gets the event, or what Input, InputPath or
InputTransformer make of it. A rule is no node here: it is a link with the pattern as its filter.

Events of AWS services stand on the default bus. Those of S3 and Step Functions have their producers in the scan and come in by
their own channels; all other services are entries from outside, each a node `eventbridge/aws.<service>`.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from untangle.channels.channel import Channel, Found, Kind, Match, Verdict, World, Write
from untangle.channels.known import each, inner, number, plain
from untangle.channels.pattern import matches, names
from untangle.channels.routing import BUS, dead_letter, entry_node, onward, triggers
from untangle.channels.rule import Ruled, rules
from untangle.channels.service_event import event_shape, services
from untangle.model.condition import both
from untangle.model.link import Link, LinkKind, Sent, Trigger
from untangle.model.resource import Resource
from untangle.model.value import Value

ARCHIVE = "AWS::Events::Archive"
_TRANSFORMS = (("Input", "input"), ("InputPath", "input_path"), ("InputTransformer", "input_transformer"))
_RETRIES = (("MaximumRetryAttempts", "maximum_retry_attempts"), ("MaximumEventAgeInSeconds", "maximum_event_age"))


def _links(world: World) -> Iterator[Found]:
    for ruled in rules(world):
        yield from ruled.nodes
        if ruled.schedule is not None:
            yield entry_node(ruled.rule, "scheduler", world.text(ruled.rule.get("Name")))
        for index, target, when in each(ruled.rule.get("Targets")):
            if isinstance(target, Mapping):
                yield from _target(world, ruled, index, target, when)


def _target(world: World, ruled: Ruled, index: int, target: Mapping[str, Value], when: str | None) -> Iterator[Found]:
    """The links of one target; a task of ECS is named by its definition, not by the cluster that runs it."""
    rule, route = ruled.rule, ("Targets", index)
    task = inner(target, "EcsParameters", "TaskDefinitionArn")
    value = target.get("Arn") if task is None else task
    settings = _delivery(world, rule, target)
    if ruled.schedule is not None:
        if world.function(value, near=rule.stack):
            yield from triggers(world, "schedule", rule, value, *route, note=ruled.schedule, delivery=settings)
            return
        note = f"rule {rule.address}, {ruled.schedule}"
        yield from onward(world, rule.id, rule, value, *route, note=note, delivery=settings, condition=when)
    for node, listens in ruled.sources:
        condition = both(listens, when)
        for item in onward(
            world,
            node,
            rule,
            value,
            *route,
            note=f"rule {rule.address}{ruled.aside}",
            filter=ruled.pattern,
            delivery=settings,
            condition=condition,
        ):
            yield item
            if ruled.service is not None and isinstance(item, Link) and item.kind is LinkKind.DELIVER:
                yield _from_outside(ruled, item, index)


def _from_outside(ruled: Ruled, link: Link, index: int) -> Trigger:
    kinds = inner(ruled.pattern, "detail-type")
    listed = ", ".join(item for item in kinds if isinstance(item, str)) if isinstance(kinds, tuple) else ""
    return Trigger(
        type="eventbridge",
        function=link.target,
        channel=link.source,
        location=ruled.rule.at("Targets", index),
        note=f"{ruled.service}: {listed}" if listed else str(ruled.service),
        delivery=link.delivery,
    )


def _delivery(world: World, rule: Resource, target: Mapping[str, Value]) -> dict[str, Value]:
    """How the rule hands the event over; `input`, `input_path` and `input_transformer` replace it."""
    settings: dict[str, Value] = {"rule": rule.id}
    for name, key in _TRANSFORMS:
        if target.get(name) is not None:
            settings[key] = plain(world, target[name])
    for name, key in _RETRIES:
        count = number(world, inner(target, "RetryPolicy", name))
        if count is not None:
            settings[key] = count
    group = inner(target, "SqsParameters", "MessageGroupId")
    if group is not None:
        settings["message_group_id"] = plain(world, group)
    if world.text(rule.get("State")) == "DISABLED":
        settings["enabled"] = False
    return settings | dead_letter(world, inner(target, "DeadLetterConfig", "Arn"), rule.stack)


def _settings(bus: Resource, world: World) -> Mapping[str, Value]:
    """Whether an archive keeps what is put onto the bus, to be replayed."""
    sources = (world.resolve(archive.get("SourceArn"), BUS, near=archive.stack) for archive in world.of_type(ARCHIVE))
    return {"archived": True} if any(target.node == bus.id for targets in sources for target in targets) else {}


def _accepts(sent: Sent, filter: Value) -> Match:
    """An event pattern against the event that a call makes."""
    if sent.service != "events":
        return Match(verdict=Verdict.UNKNOWN)
    if sent.operation == "PutEvents" and services(filter):
        return Match(verdict=Verdict.EXCLUDED, why="the rule takes events of an AWS service, which no application can send")
    event = event_shape(sent)
    match = matches(filter, event)
    if match.verdict is Verdict.EXCLUDED:
        return match
    # an application's event is known by where it comes from and what it is, a service's by what it is about
    keys = ("detail", "resources") if sent.operation == "ServiceEvent" else ("source", "detail-type")
    naming = {key: filter[key] for key in keys if key in filter} if isinstance(filter, Mapping) else {}
    return replace(match, addressed=names(naming, event))


def _onward(sent: Sent, link: Link) -> Sent | None:
    """The event goes on as it is, unless the rule replaces it."""
    return None if any(key in link.delivery for _, key in _TRANSFORMS) else sent


CHANNEL = Channel(
    type="eventbridge",
    title="EventBridge bus",
    kinds=(Kind(type=BUS, name="Name", service="events", arn="event-bus/{name}", implicit="default"),),
    writes=(Write(service="events", operation="PutEvents", target="EventBusName", action="events:PutEvents", default="default"),),
    links=_links,
    settings=_settings,
    accepts=_accepts,
    onward=_onward,
    message=("detail",),
    billed=(("events.put", 1),),  # rules and deliveries within an account are free
)
