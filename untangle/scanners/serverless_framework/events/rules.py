"""Schedules and event patterns: AWS::Events::Rule and AWS::Scheduler::Schedule, for functions and state machines alike."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Ref, Value, concat, scalar_text
from untangle.scanners.sam import grants
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.events.event import Event, EventSource, is_name, label, listed, present, switched

_ACTIONS = {"lambda": "lambda:InvokeFunction", "states": "states:StartExecution"}


def read_schedule(event: Event) -> None:
    """`schedule`: one rule for each rate, or a schedule of EventBridge Scheduler where `method` says so."""
    rates = listed(event.own("rate"))
    for i, rate in enumerate(rates):
        number = event.number if len(rates) == 1 else f"{event.number}{chr(ord('a') + i % 26)}"
        if event.get("method") == "scheduler":
            _schedule(event, rate, number)
        else:
            values = present([("ScheduleExpression", rate), ("Name", event.get("name"))])
            address = f"{event.started.prefix}EventsRuleSchedule{number}"
            _rule(event, address, f"EventsRuleSchedule{number}", values, {"ScheduleExpression": "rate", "Targets": ""})


def _schedule(event: Event, rate: Value, number: int | str) -> None:
    target = present([("Arn", event.started.arn), ("RoleArn", _role(event, "scheduler")), ("Input", _input(event))])
    values: dict[str, Value] = {
        "ScheduleExpression": rate,
        "ScheduleExpressionTimezone": event.get("timezone"),
        "Name": event.get("name"),
        "State": switched(event.get("enabled")),
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    moved = {"ScheduleExpression": "rate", "State": "enabled", "Target": ""}
    event.make(f"{event.started.prefix}SchedulerSchedule{number}", "AWS::Scheduler::Schedule", values, moved)


def read_cloudwatch(event: Event) -> None:
    """`cloudwatchEvent`: a rule on the default bus."""
    values = present([("EventPattern", event.get("event")), ("Name", event.get("name"))])
    address = f"{event.started.prefix}EventsRuleCloudWatchEvent{event.number}"
    _rule(event, address, f"EventsRuleCloudWatchEvent{event.number}", values, {"EventPattern": "event", "Targets": ""})


def read_pattern(event: Event) -> None:
    """`eventBridge`: a rule with a pattern or a schedule, on any bus; a bus by mere name is made."""
    bus = event.get("eventBus")
    if is_name(bus) and bus != "default":
        _bus(event, bus)
    name = event.get("name")
    full = concat((event.started.name, f"-rule-{event.index}"))
    values: dict[str, Value] = {
        "EventPattern": event.get("pattern"),
        "ScheduleExpression": event.get("schedule"),
        "EventBusName": None if bus == "default" else bus,
        "Name": full if name is None else name,
    }
    moved = {"EventPattern": "pattern", "EventBusName": "eventBus", "ScheduleExpression": "schedule", "Targets": ""}
    address = f"{naming.alphanumeric(scalar_text(full) or f'{event.started.prefix}rule{event.index}')}EventBridgeRule"
    _rule(event, address, f"EventBridge{event.index}", values, moved)


def _bus(event: Event, name: Value) -> None:
    address = f"{naming.normalized(label(name))}EventBridgeEventBus"
    known = event.draft.made.get(event.draft.id(address))
    if known is None or known.origin is None:
        event.make(address, "AWS::Events::EventBus", {"Name": name}, {"Name": "eventBus"})


def _rule(event: Event, address: str, suffix: str, values: Mapping[str, Value], moved: Mapping[str, str]) -> None:
    dead_letter = event.get("deadLetterQueueArn")
    policy = event.get("retryPolicy")
    target = present(
        [
            ("Arn", event.started.arn),
            ("Id", f"{event.started.key}-target"),
            ("RoleArn", _role(event, "events")),
            ("Input", _input(event)),
            ("InputPath", event.get("inputPath")),
            ("InputTransformer", _capitalized(event.get("inputTransformer"))),
            ("RetryPolicy", _retry(policy)),
            ("DeadLetterConfig", None if dead_letter is None else {"Arn": dead_letter}),
        ]
    )
    state = switched(event.get("enabled")) or "ENABLED"
    rule = event.make(address, "AWS::Events::Rule", {**values, "State": state, "Targets": (target,)}, moved)
    event.permit(suffix, "events.amazonaws.com", Ref(rule.id, "Arn"))


def _input(event: Event) -> Value:
    value = event.get("input")
    return None if value is None else event.text(value)


def _retry(policy: Value) -> Value:
    if not isinstance(policy, Mapping):
        return None
    names = (("MaximumEventAgeInSeconds", "maximumEventAge"), ("MaximumRetryAttempts", "maximumRetryAttempts"))
    return present((target, policy.get(source)) for target, source in names)


def _capitalized(value: Value) -> Value:
    return {naming.upper_first(key): inner for key, inner in value.items()} if isinstance(value, Mapping) else None


def _role(event: Event, service: str) -> Value:
    """The role that a rule assumes to start a state machine, or a schedule to start anything; a rule starts functions without."""
    if service == "events" and event.started.service == "lambda":
        return None
    statement = grants.allow(_ACTIONS[event.started.service], event.started.arn)
    values: dict[str, Value] = {
        "AssumeRolePolicyDocument": grants.trust(service),
        "Policies": ({"PolicyName": "invoke", "PolicyDocument": grants.document((statement,))},),
    }
    address = f"{event.started.prefix}{event.type[:1].upper()}{event.type[1:]}{event.index}Role"
    return Ref(event.make(address, "AWS::IAM::Role", values).id, "Arn")


RULES = (
    EventSource(type="schedule", required="rate", read=read_schedule, machines=True),
    EventSource(type="cloudwatchEvent", required="event", read=read_cloudwatch, machines=True),
    EventSource(type="eventBridge", required="", read=read_pattern, machines=True),
)
