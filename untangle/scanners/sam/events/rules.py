"""Schedules and event patterns: AWS::Events::Rule and AWS::Scheduler::Schedule, for functions and state machines alike."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Ref, Value
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import ORIGIN, Event, EventSource
from untangle.scanners.sam.part import Part, each, either, options

_TARGETED = ("Input", "InputPath", "InputTransformer", "RetryPolicy")
_SCHEDULED = (
    "Description",
    "EndDate",
    "GroupName",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
)
_ACTIONS = {"lambda": "lambda:InvokeFunction", "states": "states:StartExecution"}
_SUFFIXES = {"lambda": "LambdaTarget", "states": "StepFunctionsTarget"}


def read_schedule(draft: Draft, event: Event) -> None:
    """`Schedule`: a rule with a ScheduleExpression."""
    values: dict[str, Value] = {"ScheduleExpression": event.get("Schedule"), **event.take(("Name", "Description"))}
    _rule(draft, event, values, {"ScheduleExpression": "Schedule"})


def read_pattern(draft: Draft, event: Event) -> None:
    """`EventBridgeRule` and `CloudWatchEvent`: a rule with an EventPattern."""
    values: dict[str, Value] = {
        "EventPattern": event.get("Pattern"),
        "Name": event.get("RuleName"),
        "EventBusName": event.get("EventBusName"),
    }
    _rule(draft, event, values, {"EventPattern": "Pattern", "Name": "RuleName"})


def _rule(draft: Draft, event: Event, values: dict[str, Value], moved: dict[str, str]) -> None:
    given = event.get("Target", "Id")
    suffix = _SUFFIXES[event.target.service]
    target: dict[str, Value] = {
        "Arn": event.target.arn,
        "Id": event.address[: 64 - len(suffix)] + suffix if given is None else given,
        **event.take(_TARGETED),
        "DeadLetterConfig": _dead_letter(draft, event, rule=draft.ref(event.address, "Arn")),
    }
    if event.target.service == "states":
        target["RoleArn"] = _role(draft, event, "events")
    values["Targets"] = ({key: value for key, value in target.items() if value is not None},)
    values["State"] = _state(event)
    rule = event.make(draft, "AWS::Events::Rule", values, moved=moved)
    event.permit(draft, "events.amazonaws.com", Ref(rule.id, "Arn"))


def _state(event: Event) -> Value:
    """A rule's State, from `State` or `Enabled`; unknown text behind `Enabled` leaves it out."""
    given = event.get("State")
    return each(event.get("Enabled"), _switched) if given is None else given


def _switched(enabled: Value) -> Value:
    if isinstance(enabled, str):
        enabled = {"true": True, "false": False}.get(enabled.lower())
    return ("ENABLED" if enabled else "DISABLED") if isinstance(enabled, bool) else None


def read_schedule_v2(draft: Draft, event: Event) -> None:
    """`ScheduleV2`: a schedule of EventBridge Scheduler with the role that it assumes."""
    dead_letter = _dead_letter(draft, event, rule=None)
    arn = dead_letter.get("Arn") if isinstance(dead_letter, Mapping) else None
    target: dict[str, Value] = {
        "Arn": event.target.arn,
        "RoleArn": _role(draft, event, "scheduler", queue=arn),
        "DeadLetterConfig": dead_letter,
        **event.take(("Input", "RetryPolicy")),
    }
    values: dict[str, Value] = {
        **event.take(_SCHEDULED),
        "Name": None if event.get("OmitName") is True else event.get("Name") or event.address,
        "FlexibleTimeWindow": event.get("FlexibleTimeWindow") or {"Mode": "OFF"},
        "Target": {key: value for key, value in target.items() if value is not None},
    }
    event.make(draft, "AWS::Scheduler::Schedule", values, moved={"Target": "Input"})


def _role(draft: Draft, event: Event, service: str, queue: Value = None) -> Value:
    """The role that the rule or schedule assumes to start its target: the event's own RoleArn or a generated one."""
    given = event.get("RoleArn")
    if given is not None:
        return given
    statements = [grants.allow(_ACTIONS[event.target.service], event.target.arn)]
    if queue is not None:
        statements.append(grants.allow("sqs:SendMessage", queue))
    policy: Mapping[str, Value] = {"PolicyName": f"{event.address}RolePolicy", "PolicyDocument": grants.document(statements)}
    values: dict[str, Value] = {"AssumeRolePolicyDocument": grants.trust(service), "Policies": (policy,)}
    return Ref(event.make(draft, "AWS::IAM::Role", values, suffix="Role").id, "Arn")


def _dead_letter(draft: Draft, event: Event, *, rule: Ref | None) -> Value:
    """A target's DeadLetterConfig: `Arn` as given, `Type: SQS` as a generated queue (and, for a rule, its policy)."""
    forms: list[tuple[Value, str | None]] = []
    for config in event.part.below("DeadLetterConfig"):
        arn = config.get("Arn")
        if arn is None and config.get("Type") == "SQS":
            arn = _queue(draft, event, config, rule)
        if arn is None:
            draft.problem(config, f"DeadLetterConfig of event {event.name} needs an Arn or Type: SQS")
        else:
            forms.append(({"Arn": arn}, config.condition))
    return either(forms, event.part.condition)


def _queue(draft: Draft, event: Event, config: Part, rule: Ref | None) -> Ref:
    named = next((name for name, _ in options(config.get("QueueLogicalId")) if isinstance(name, str)), None)
    address = named or f"{event.address}Queue"
    queue = draft.make(config, address, "AWS::SQS::Queue", {}, origin=ORIGIN)
    if rule is not None:
        values: dict[str, Value] = {
            "PolicyDocument": grants.delivery("events", Ref(queue.id, "Arn"), rule),
            "Queues": (Ref(queue.id),),
        }
        draft.make(config, f"{event.address}QueuePolicy", "AWS::SQS::QueuePolicy", values, origin=ORIGIN)
    return Ref(queue.id, "Arn")


RULES = (
    EventSource(type="Schedule", required=("Schedule",), read=read_schedule),
    EventSource(type="ScheduleV2", required=("ScheduleExpression",), read=read_schedule_v2),
    EventSource(type="CloudWatchEvent", required=("Pattern",), read=read_pattern),
    EventSource(type="EventBridgeRule", required=("Pattern",), read=read_pattern),
)
