"""Lambda destinations and dead-letter queues of asynchronous invocations: what the platform sends after a function has run.

Nodes `<function>#on_success`, `<function>#on_failure` (the invocation record, with request and response) and
`<function>#dead_letter` (the event itself). They speak only for asynchronous invocations, after the last retry.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.lambda_invoke import FUNCTION
from untangle.channels.routing import BUCKET, BUS, QUEUE, TOPIC, declared, onward, publish
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.node import ChannelNode
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Value

DESTINATIONS = (("OnSuccess", "on_success", "Success"), ("OnFailure", "on_failure", "Failure"))
_RECORD = ("version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload")


def _links(world: World) -> Iterator[Found]:
    for config in world.of_type("AWS::Lambda::EventInvokeConfig"):
        for property_, reason, outcome in DESTINATIONS:
            route = ("DestinationConfig", property_, "Destination")
            value = config.get(*route)
            for function in world.function(config.get("FunctionName"), near=config.stack) if value is not None else ():
                sent = Sent(service="lambda", operation=outcome)
                yield from _sent_on(world, function.node, config, value, route, reason, reason, sent)
    for resource in world.of_type(FUNCTION):
        value = resource.get("DeadLetterConfig", "TargetArn")
        if value is not None:
            sent = Sent(service="lambda", operation="DeadLetter")
            at = ("DeadLetterConfig", "TargetArn")
            yield from _sent_on(world, resource.id, resource, value, at, "dead_letter", "on_failure", sent)


def _sent_on(
    world: World, function: str, resource: Resource, value: Value, route: tuple[str, ...], name: str, reason: str, sent: Sent
) -> Iterator[Found]:
    node = f"{function}#{name}"
    words = name.replace("_", "-") + (" queue" if name == "dead_letter" else " destination")
    address = f"{function.rpartition('/')[2]} {words}"
    yield ChannelNode(id=node, type="lambda_destination", address=address, stack=resource.stack, location=resource.at(*route))
    yield publish(function, node, declared(resource, words, *route), reason, condition=resource.condition, sent=sent)
    yield from onward(world, node, resource, value, *route, note=words, types=(QUEUE, TOPIC, BUS, BUCKET))


def _onward(sent: Sent, link: Link) -> Sent | None:
    """A bus gets the record as the detail of an event of source `lambda`; all others get it as their body."""
    if sent.operation == "DeadLetter" or link.kind is LinkKind.DELIVER:
        return None
    record = Shape(kind="object", properties=dict.fromkeys(_RECORD, ANYTHING))
    return Sent(
        service="events",
        operation="ServiceEvent",
        attributes={"Source": "lambda", "DetailType": f"Lambda Function Invocation Result - {sent.operation}"},
        body=record,
    )


CHANNEL = Channel(
    type="lambda_destination", title="Lambda destination", links=_links, onward=_onward, message=("responsePayload",)
)
