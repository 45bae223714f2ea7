"""EventBridge custom event buses of the second generation (`AWS::EventsV2`): a bus that keeps its events, and its subscribers.

A subscriber is what a rule with one target was: filters (all must match), an optional JSONata transform, retries, a dead-letter
queue. It delivers unordered or (FIFO) in order per event group, may batch, and can start in the past. What PutEvents sends has
the classic envelope (`source`, `detail-type`, `detail`), which filters of scope DATA see; PutRawEvents sends its data as is.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, Match, World, Write
from untangle.channels.known import decoded, each, inner, number, plain
from untangle.channels.pattern import all_of, json_shape, matches, shape_of
from untangle.channels.routing import BUS, BUS_V2, ROUTABLE, dead_letter, declared, onward, unresolved
from untangle.channels.service_event import event_shape
from untangle.model.evidence import Confidence
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Value

SUBSCRIBER = "AWS::EventsV2::Subscriber"
EVENT_SOURCE = "AWS::EventsV2::EventSource"
_SERVICE = "eventbridgev2"


def _links(world: World) -> Iterator[Found]:
    for subscriber in world.of_type(SUBSCRIBER):
        yield from _subscribed(world, subscriber)
    for source in world.of_type(EVENT_SOURCE):
        yield from _forwarded(world, source)


def _subscribed(world: World, subscriber: Resource) -> Iterator[Found]:
    buses = world.resolve(subscriber.get("EventBusArn"), BUS_V2, near=subscriber.stack)
    if not buses:
        yield unresolved(subscriber, "bus", subscriber.get("EventBusArn"), "EventBusArn")
    route = ("InvokeConfiguration", "TargetArn")
    for bus in buses:
        yield from onward(
            world,
            bus.node,
            subscriber,
            subscriber.get(*route),
            *route,
            note=f"subscriber {subscriber.address}",
            filter=_filter(world, subscriber),
            delivery=_delivery(world, subscriber),
            condition=bus.condition,
            types=ROUTABLE,
        )


def _forwarded(world: World, source: Resource) -> Iterator[Found]:
    """Events of one AWS service, taken from the account's default bus."""
    configuration = source.get("Configuration", "AwsServiceEventsConfiguration")
    service = world.text(inner(configuration, "AwsService"))
    for bus in world.resolve(source.get("EventBusArn"), BUS_V2, near=source.stack) if service else ():
        pattern = decoded(world, inner(configuration, "Pattern"))
        wanted: dict[str, Value] = {"source": (service,), **(pattern if isinstance(pattern, Mapping) else {})}
        yield Link(
            source=world.implicit(BUS, source.stack),
            target=bus.node,
            kind=LinkKind.ROUTE,
            confidence=Confidence.DECLARED,
            evidence=declared(source, f"event source {source.address}", "Configuration"),
            filter=wanted,
            condition=source.condition,
        )


def _filter(world: World, subscriber: Resource) -> Value:
    """`{"DATA": [patterns], "METADATA": [patterns]}`; every pattern must match."""
    found: dict[str, tuple[Value, ...]] = {}
    for _, item, _ in each(subscriber.get("FilterConfiguration", "Filters")):
        scope = world.text(inner(item, "Scope")) or "DATA"
        found[scope] = (*found.get(scope, ()), decoded(world, inner(item, "Pattern")))
    return dict(found) or None


def _delivery(world: World, subscriber: Resource) -> dict[str, Value]:
    settings: dict[str, Value] = {"subscriber": subscriber.id}
    for key, route in (
        ("batch_size", ("BatchConfiguration", "MaxBatchSize")),
        ("batch_window", ("BatchConfiguration", "MaxBatchWindowInSeconds")),
        ("maximum_retry_attempts", ("RetryPolicy", "MaxRetryAttempts")),
        ("maximum_event_age", ("RetryPolicy", "MaxEventAgeInSeconds")),
    ):
        count = number(world, subscriber.get(*route))
        if count is not None:
            settings[key] = count
    invocation = subscriber.get("InvokeConfiguration", "LambdaParameters", "InvocationType")
    for key, value in (("invocation_type", invocation), ("transformer", subscriber.get("Transformer"))):
        if value is not None:
            settings[key] = plain(world, value)
    if world.text(subscriber.get("Type")) == "FIFO":
        settings["fifo"] = True
    if world.text(subscriber.get("State")) == "STOPPED":
        settings["enabled"] = False
    return settings | dead_letter(world, subscriber.get("OnFailureConfiguration", "Arn"), subscriber.stack)


def _accepts(sent: Sent, filter: Value) -> Match:
    """Filters of scope DATA against the event or the raw data, those of scope METADATA against the metadata given."""
    data = event_shape(sent) if sent.operation != "PutRawEvents" else json_shape(sent.body)
    given = sent.attributes.get("Metadata")
    metadata = shape_of(given) if isinstance(given, Mapping) else Shape(kind="object", open=True)
    shapes = {"DATA": data if sent.service in (_SERVICE, "events") else ANYTHING, "METADATA": metadata}
    listed = filter if isinstance(filter, Mapping) else {}
    return all_of(
        matches(pattern, shapes.get(scope, ANYTHING), "the subscriber")
        for scope, patterns in listed.items()
        for pattern in (patterns if isinstance(patterns, tuple) else (patterns,))
    )


def _onward(sent: Sent, link: Link) -> Sent | None:
    """An event goes on as it is, unless it is transformed or raw."""
    if "transformer" in link.delivery or sent.operation == "PutRawEvents":
        return None
    return Sent(service="events", operation=sent.operation, attributes=sent.attributes, body=sent.body)


CHANNEL = Channel(
    type="eventbridge_v2",
    title="EventBridge custom event bus",
    kinds=(Kind(type=BUS_V2, name="Name", service="events", arn="event-busv2/{name}"),),
    writes=(
        Write(service=_SERVICE, operation="PutEvents", target="EventBusArn", action="events:PutEvents"),
        Write(service=_SERVICE, operation="PutRawEvents", target="EventBusArn", action="events:PutRawEvents"),
    ),
    links=_links,
    accepts=_accepts,
    onward=_onward,
    message=("detail",),
)
