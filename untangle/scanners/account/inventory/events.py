"""EventBridge: the rules of every bus with their targets, schedules and pipes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from untangle.model.resource import Gap
from untangle.scanners.account.inventory.place import Found, Place, Reader, document, picked, single
from untangle.scanners.account.inventory.policies import lets_in

DEFAULT = "default"
_PIPE = ("Name", "Source", "Target", "Enrichment", "RoleArn", "DesiredState")
_PIPE_SETTINGS = ("SourceParameters", "TargetParameters", "EnrichmentParameters")
_SCHEDULE = ("Name", "GroupName", "State", "ScheduleExpression", "ScheduleExpressionTimezone", "Target")


def read_rules(place: Place) -> Iterator[Found]:
    """Every bus but the default one, which needs no declaration, and the rules of each: they are listed by bus.

    Where the buses may not be listed, the default one is still there.
    """
    buses = {str(bus.get("Name")): bus for bus in place.ask("events", "ListEventBuses").items("EventBuses")}
    for name, bus in sorted(buses.items()):
        if name != DEFAULT:
            arn = bus.get("Arn") or place.arn("events", f"event-bus/{name}")
            yield place.resource("AWS::Events::EventBus", name, {"Name": name}, arn=arn, Name=name)
        yield from _open_to(place, name, document(bus.get("Policy")))
    names = sorted({*buses, DEFAULT})
    rules: list[tuple[str, dict[str, Any]]] = []
    for name, answer in zip(names, place.each("events", "ListRules", [{"EventBusName": name} for name in names]), strict=True):
        rules.extend((name, rule) for rule in sorted(answer.items("Rules"), key=lambda rule: str(rule.get("Name"))))
    asked = [{"Rule": rule["Name"], "EventBusName": name} for name, rule in rules]
    for (name, rule), answer in zip(rules, place.each("events", "ListTargetsByRule", asked), strict=True):
        yield _rule(place, name, rule, list(answer.items("Targets")))
        if not answer.outcome.known:
            why = f"they could not be read: {answer.code or answer.outcome.value}"
            yield Gap(what=f"targets of rule {rule['Name']} on bus {name}", why=why)


def _open_to(place: Place, bus: str, policy: Any) -> Iterator[Found]:
    """The policy of a bus, a resource for each of its statements, as templates have them."""
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    of = None if bus == DEFAULT else place.arn("events", f"event-bus/{bus}")
    for index, statement in enumerate(statements if isinstance(statements, list) else []):
        if lets_in(statement):
            address = f"policy-of:bus:{bus}:{statement.get('Sid') or index}"
            properties = {"EventBusName": of, "Statement": statement}
            yield place.resource("AWS::Events::EventBusPolicy", address, properties, arn=None)


def _rule(place: Place, bus: str, found: dict[str, Any], targets: list[dict[str, Any]]) -> Found:
    """A rule of the default bus names no bus, as in a template."""
    properties = {
        **picked(found, "Name", "State", "ScheduleExpression", "RoleArn"),
        "EventPattern": document(found.get("EventPattern")),
        "EventBusName": None if bus == DEFAULT else place.arn("events", f"event-bus/{bus}"),
        "Targets": sorted(targets, key=lambda target: str(target.get("Id"))) or None,
    }
    scope = "" if bus == DEFAULT else f"{bus}:"
    return place.resource(
        "AWS::Events::Rule", f"rule:{scope}{found['Name']}", properties, arn=found.get("Arn"), ref=found["Name"]
    )


def read_pipes(place: Place) -> Iterator[Found]:
    """Every pipe. Its filter is known only where it could be described."""
    listed = sorted(place.ask("pipes", "ListPipes").items("Pipes"), key=lambda pipe: str(pipe.get("Name")))
    described = place.each("pipes", "DescribePipe", [{"Name": pipe["Name"]} for pipe in listed])
    for pipe, answer in zip(listed, described, strict=True):
        found = {**pipe, **single(answer)}
        name = str(found["Name"])
        properties = {**picked(found, *_PIPE), **{key: found.get(key) or None for key in _PIPE_SETTINGS}}
        properties["Enrichment"] = found.get("Enrichment") or None
        yield place.resource("AWS::Pipes::Pipe", f"pipe:{name}", properties, arn=found.get("Arn"), ref=name)
        if not answer.outcome.known:
            yield Gap(what=f"filter of pipe {name}", why=f"it could not be described: {answer.code or answer.outcome.value}")


def read_schedules(place: Place) -> Iterator[Found]:
    """Every schedule of every group."""
    listed = sorted(
        place.ask("scheduler", "ListSchedules").items("Schedules"),
        key=lambda item: (str(item.get("GroupName")), str(item["Name"])),
    )
    asked = [picked(item, "Name", "GroupName") for item in listed]
    for item, answer in zip(listed, place.each("scheduler", "GetSchedule", asked), strict=True):
        found = {**item, **single(answer)}
        address = f"schedule:{found.get('GroupName', DEFAULT)}:{found['Name']}"
        yield place.resource(
            "AWS::Scheduler::Schedule", address, picked(found, *_SCHEDULE), arn=found.get("Arn"), ref=found["Name"]
        )


RULES = Reader(title="EventBridge rules", read=read_rules)
PIPES = Reader(title="EventBridge pipes", read=read_pipes)
SCHEDULES = Reader(title="EventBridge schedules", read=read_schedules)
