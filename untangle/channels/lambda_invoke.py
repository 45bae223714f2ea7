"""Lambda invocations by code: each function has an entry `<function>#invoke`.

Asynchronous (`InvocationType: Event`): at least once, unordered; an error is tried twice more after one and two minutes, a
throttle for up to six hours, then the event goes to the function's destination or dead-letter queue. Synchronous: the
caller waits and handles errors itself; nothing of the asynchronous settings applies.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World, Write
from untangle.channels.known import number
from untangle.channels.routing import entrance
from untangle.model.resource import Resource
from untangle.model.value import Value

FUNCTION = "AWS::Lambda::Function"
ENTRY = "#invoke"


def _links(world: World) -> Iterator[Found]:
    retries = _retries(world)
    for function in world.of_type(FUNCTION):
        yield from entrance(world, function, "lambda_invoke", ENTRY, retries.get(function.id))


def _retries(world: World) -> dict[str, dict[str, Value]]:
    """The asynchronous retry settings of each function that has some."""
    found: dict[str, dict[str, Value]] = {}
    for config in world.of_type("AWS::Lambda::EventInvokeConfig"):
        for target in world.function(config.get("FunctionName"), near=config.stack):
            found.setdefault(target.node, {}).update(_numbers(world, config))
    return found


def _numbers(world: World, config: Resource) -> dict[str, Value]:
    named = (("MaximumRetryAttempts", "maximum_retry_attempts"), ("MaximumEventAgeInSeconds", "maximum_event_age"))
    return {key: value for name, key in named if (value := number(world, config.get(name))) is not None}


CHANNEL = Channel(
    type="lambda_invoke",
    title="Lambda invocation",
    writes=tuple(
        Write(service="lambda", operation=operation, target="FunctionName", action="lambda:InvokeFunction")
        for operation in ("Invoke", "InvokeAsync", "InvokeWithResponseStream")
    ),
    links=_links,
    message=(),
    enters="AWS::Lambda::Function",
    entry=ENTRY,
)
