"""EventBridge Pipes: one source, a filter, perhaps an enrichment, one target.

A pipe polls a queue or stream like an event source mapping does and has its source's guarantees: a failed batch comes back, the
source's own dead-letter queue applies to queues. Where a function enriches, what it returns goes on to the target:
pipe -> function, function -> `<pipe>#enriched` -> target.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, World
from untangle.channels.event_source_mapping import NUMBERS, filters
from untangle.channels.known import inner, number, plain
from untangle.channels.routing import QUEUE, STREAM, dead_letter, declared, is_sink, onward, publish, sureness, unresolved
from untangle.model.condition import both
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.node import ChannelNode
from untangle.model.resource import Resource
from untangle.model.value import Concat, Symbol, Value

PIPE = "AWS::Pipes::Pipe"
_SOURCES = (
    QUEUE,
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    STREAM,
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::AmazonMQ::Broker",
)


def _links(world: World) -> Iterator[Found]:
    for pipe in world.of_type(PIPE):
        yield from _fed(world, pipe)
        leaving = pipe.id
        enrichment = pipe.get("Enrichment")
        functions = world.function(enrichment, near=pipe.stack) if enrichment is not None else ()
        if enrichment is not None and not world.resolve(enrichment, near=pipe.stack) and not is_sink(world, enrichment):
            yield unresolved(pipe, "enrichment of the pipe", enrichment, "Enrichment")
        for function in functions:
            leaving = f"{pipe.id}#enriched"
            yield ChannelNode(
                id=leaving, type="pipe", address=f"{pipe.address} (enriched)", stack=pipe.stack, location=pipe.at("Enrichment")
            )
            note = "enrichment of the pipe"
            yield from onward(world, pipe.id, pipe, enrichment, "Enrichment", note=note, types=())
            evidence = declared(pipe, "what the enrichment returns", "Enrichment")
            yield publish(function.node, leaving, evidence, None, condition=both(pipe.condition, function.condition))
        task = pipe.get("TargetParameters", "EcsTaskParameters", "TaskDefinitionArn")
        value = pipe.get("Target") if task is None else task
        yield from onward(world, leaving, pipe, value, "Target", note="target of the pipe", delivery=_target(world, pipe))


def _fed(world: World, pipe: Resource) -> Iterator[Found]:
    sources = world.resolve(pipe.get("Source"), *_SOURCES, near=pipe.stack)
    if not sources:
        yield unresolved(pipe, "source of the pipe", pipe.get("Source"), "Source")
    for source in sources:
        yield Link(
            source=source.node,
            target=pipe.id,
            kind=LinkKind.ROUTE,
            confidence=sureness(source),
            evidence=declared(pipe, "source of the pipe" + source.aside, "Source"),
            filter=filters(world, pipe, "SourceParameters", "FilterCriteria"),
            delivery=_source(world, pipe),
            condition=both(pipe.condition, source.condition),
        )


def _source(world: World, pipe: Resource) -> dict[str, Value]:
    settings: dict[str, Value] = {}
    written = pipe.get("SourceParameters")
    for group in written.values() if isinstance(written, Mapping) else ():
        for name, key in NUMBERS:
            count = number(world, inner(group, name))
            if count is not None:
                settings[key] = count
        if inner(group, "StartingPosition") is not None:
            settings["starting_position"] = plain(world, inner(group, "StartingPosition"))
        settings |= dead_letter(world, inner(group, "DeadLetterConfig", "Arn"), pipe.stack)
    if world.text(pipe.get("DesiredState")) == "STOPPED":
        settings["enabled"] = False
    return settings


def _target(world: World, pipe: Resource) -> dict[str, Value]:
    settings: dict[str, Value] = {}
    for key, route in (
        ("input_template", ("InputTemplate",)),
        ("source", ("EventBridgeEventBusParameters", "Source")),
        ("detail_type", ("EventBridgeEventBusParameters", "DetailType")),
        ("invocation_type", ("LambdaFunctionParameters", "InvocationType")),
        ("invocation_type", ("StepFunctionStateMachineParameters", "InvocationType")),
        ("message_group_id", ("SqsQueueParameters", "MessageGroupId")),
    ):
        value = pipe.get("TargetParameters", *route)
        if value is not None:
            settings[key] = plain(world, value)
    return settings


def _onward(_: Sent, link: Link) -> Sent | None:
    """On a bus the event bears the source and detail type that the pipe gives, by default its own name and the source's kind."""
    source = link.delivery.get("source", Concat(("Pipe ", Symbol("pipe name"))))
    kind = link.delivery.get("detail_type", Concat(("Event from aws:", Symbol("pipe source"))))
    return Sent(service="events", operation="PipeEvent", attributes={"Source": source, "DetailType": kind})


CHANNEL = Channel(
    type="pipe",
    title="EventBridge pipe",
    kinds=(Kind(type=PIPE, name="Name", service="pipes", arn="pipe/{name}"),),
    links=_links,
    onward=_onward,
    message=(),
    billed=(("pipes.request", 1),),
)
