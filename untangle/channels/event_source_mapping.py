"""Event source mappings: the pollers that take messages from a queue or stream and invoke a function with a batch.

SQS, DynamoDB streams, Kinesis, MSK, MQ and DocumentDB share them. Retries: a failed batch comes back (a queue: after the
visibility timeout; a stream: at once, blocking its shard, until the record expires or MaximumRetryAttempts is reached).
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from untangle.channels.channel import Found, Target, World
from untangle.channels.known import decoded, each, flag, inner, number, plain
from untangle.channels.routing import BUCKET, QUEUE, TOPIC, dead_letter, declared, publish, sureness, unresolved
from untangle.model.condition import both
from untangle.model.link import Link, LinkKind
from untangle.model.resource import Resource
from untangle.model.value import Value

MAPPING = "AWS::Lambda::EventSourceMapping"
NUMBERS = (
    ("BatchSize", "batch_size"),
    ("MaximumBatchingWindowInSeconds", "batch_window"),
    ("ParallelizationFactor", "parallelization_factor"),
    ("MaximumRetryAttempts", "maximum_retry_attempts"),
    ("MaximumRecordAgeInSeconds", "maximum_record_age"),
    ("TumblingWindowInSeconds", "tumbling_window"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One mapping with one source and one consumer; `filters` is a list of patterns of which one must match."""

    resource: Resource
    source: Target
    consumer: Target
    filters: Value

    @property
    def condition(self) -> str | None:
        """The template's condition under which all three exist."""
        return both(self.resource.condition, self.source.condition, self.consumer.condition)


def mapped(world: World, *types: str) -> Iterator[Mapped]:
    """Every mapping whose source is a resource of these types (or is named as one outside the scan)."""
    for resource in world.of_type(MAPPING):
        for source in world.resolve(resource.get("EventSourceArn"), *types, near=resource.stack):
            consumers = world.function(resource.get("FunctionName"), near=resource.stack)
            for consumer in consumers:
                yield Mapped(resource=resource, source=source, consumer=consumer, filters=filters(world, resource))
            if not consumers:
                gap = unresolved(resource, "consumer of the event source mapping", resource.get("FunctionName"), "FunctionName")
                world.gap(gap.what, gap.why, gap.location)


def mapping_links(world: World, *types: str, batch_size: int, note: str) -> Iterator[Found]:
    """The DELIVER link of each mapping, and the declared links of consumers to their failure destinations."""
    for item in mapped(world, *types):
        settings = delivery(world, item.resource, batch_size)
        yield deliver(item, settings, note)
        yield from on_failure(world, item)


def deliver(item: Mapped, settings: dict[str, Value], note: str) -> Link:
    """The link from a mapping's source to its consumer."""
    return Link(
        source=item.source.node,
        target=item.consumer.node,
        kind=LinkKind.DELIVER,
        confidence=sureness(item.source, item.consumer),
        evidence=declared(item.resource, note + (item.source.aside or item.consumer.aside), "EventSourceArn"),
        filter=item.filters,
        delivery=settings,
        condition=item.condition,
    )


def on_failure(world: World, item: Mapped) -> Iterator[Link]:
    """DestinationConfig.OnFailure of streams: what the consumer could not process goes on, without its payload (S3: with it)."""
    route = ("DestinationConfig", "OnFailure", "Destination")
    for target in world.resolve(item.resource.get(*route), QUEUE, TOPIC, BUCKET, near=item.resource.stack):
        evidence = declared(item.resource, "on-failure destination of the mapping", *route)
        condition = both(item.condition, target.condition)
        yield publish(item.consumer.node, target.node, evidence, "on_failure", condition=condition)


def filters(world: World, resource: Resource, *route: str) -> Value:
    """FilterCriteria as a list of decoded patterns; None where nothing is filtered."""
    listed = resource.get(*(route or ("FilterCriteria",)))
    found = [decoded(world, inner(item, "Pattern")) for _, item, _ in each(inner(listed, "Filters"))]
    return tuple(found) if found else None


def delivery(world: World, resource: Resource, batch_size: int) -> dict[str, Value]:
    """How the mapping delivers, under snake_case names; `batch_size` is the service's default."""
    settings: dict[str, Value] = {"batch_size": batch_size}
    for name, key in NUMBERS:
        value = number(world, resource.get(name))
        if value is not None:
            settings[key] = value
    most = number(world, resource.get("ScalingConfig", "MaximumConcurrency"))
    if most is not None:
        settings["maximum_concurrency"] = most
    if resource.get("StartingPosition") is not None:
        settings["starting_position"] = plain(world, resource.get("StartingPosition"))
    if flag(world, resource.get("BisectBatchOnFunctionError")):
        settings["bisect_batch"] = True
    if any(world.text(item) == "ReportBatchItemFailures" for _, item, _ in each(resource.get("FunctionResponseTypes"))):
        settings["report_batch_item_failures"] = True
    if flag(world, resource.get("Enabled")) is False:
        settings["enabled"] = False
    destination = resource.get("DestinationConfig", "OnFailure", "Destination")
    return settings | dead_letter(world, destination, resource.stack, QUEUE, TOPIC, BUCKET, key="on_failure")
