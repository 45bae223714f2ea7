"""Step Functions: a state machine that is started by code, a rule or a pipe. What it runs is orchestrated already.

A message to a state machine starts an execution (Standard: exactly once per name, up to a year; Express: at least once, five
minutes). Its tasks are no hops. When an execution ends, Step Functions tells the default bus: a rule on that goes on from here,
finished by the service. Express executions are not told of.
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, World, Write
from untangle.channels.routing import BUS, MACHINE, declared
from untangle.channels.service_event import name_of, states_event
from untangle.model.evidence import Confidence
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.resource import Resource
from untangle.model.value import Value


def _links(world: World) -> Iterator[Found]:
    for machine in world.of_type(MACHINE):
        if world.text(machine.get("StateMachineType")) != "EXPRESS":
            yield Link(
                source=machine.id,
                target=world.implicit(BUS, machine.stack),
                kind=LinkKind.ROUTE,
                confidence=Confidence.DECLARED,
                evidence=declared(machine, "status changes of executions go to the default bus"),
                delivery={"machine": name_of(world, machine)},
                condition=machine.condition,
                mediated=True,
            )


def _settings(machine: Resource, world: World) -> Mapping[str, Value]:
    return {"express": True} if world.text(machine.get("StateMachineType")) == "EXPRESS" else {}


def _onward(_: Sent, link: Link) -> Sent | None:
    """The start of an execution comes back as its status change."""
    return states_event(link.delivery.get("machine"))


CHANNEL = Channel(
    type="step_functions",
    title="Step Functions state machine",
    kinds=(Kind(type=MACHINE, name="StateMachineName", service="states", arn="stateMachine:{name}"),),
    writes=tuple(
        Write(service="stepfunctions", operation=operation, target="stateMachineArn", action=f"states:{operation}")
        for operation in ("StartExecution", "StartSyncExecution")
    ),
    links=_links,
    settings=_settings,
    onward=_onward,
    message=(),
)
