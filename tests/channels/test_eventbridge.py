"""EventBridge: rules as links, events of AWS services, schedules, patterns against PutEvents."""

from __future__ import annotations

import pytest

from tests.channels.world import BUCKET, BUS, FN, QUEUE, arrows, gaps, link, links, nodes, ref, triggers, world
from untangle.channels.eventbridge import CHANNEL
from untangle.channels.s3 import CHANNEL as S3
from untangle.channels.step_functions import CHANNEL as STEP_FUNCTIONS
from untangle.model.link import Sent
from untangle.model.shape import Shape
from untangle.model.value import Concat, Symbol, Value


def rule(target: Value = None, **properties: Value) -> dict[str, Value]:
    arn = ref("Ship", "Arn") if target is None else target
    return {"Type": "AWS::Events::Rule", "Targets": ({"Id": "1", "Arn": arn},), **properties}


PAID: Value = {"source": ("shop",), "detail-type": ("Paid",)}
MACHINE = {"Type": "AWS::StepFunctions::StateMachine"}
EMITTING = {**BUCKET, "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}


@pytest.mark.parametrize(
    ("bus", "node"),
    [(None, "eventbridge/default"), ("default", "eventbridge/default"), (ref("Bus"), "Bus"), ("orders", "Bus")],
    ids=["none", "default", "pointer", "name"],
)
def test_a_rule_is_a_link_of_its_bus(bus: Value, node: str) -> None:
    made = world(Ship=FN, Bus={**BUS, "Name": "orders"}, Rule=rule(EventPattern=PAID, EventBusName=bus))
    assert arrows(CHANNEL, made) == {f"{node} -> Ship"}
    assert link(CHANNEL, made).filter == PAID


def test_what_a_target_says() -> None:
    target = {
        "Arn": ref("Orders", "Arn"),
        "InputPath": "$.detail",
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60},
        "DeadLetterConfig": {"Arn": ref("Dead", "Arn")},
        "SqsParameters": {"MessageGroupId": "one"},
    }
    written = {**rule(EventPattern=PAID, State="DISABLED"), "Targets": (target,)}
    found = link(CHANNEL, world(Orders=QUEUE, Dead=QUEUE, Rule=written))
    assert found.delivery == {
        "rule": "s/Rule",
        "input_path": "$.detail",
        "maximum_retry_attempts": 3,
        "maximum_event_age": 60,
        "message_group_id": "one",
        "enabled": False,
        "dead_letter": "s/Dead",
    }


@pytest.mark.parametrize(("archived", "settings"), [("Bus", {"archived": True}), ("Other", {})])
def test_a_bus_knows_that_it_is_archived(archived: str, settings: dict[str, Value]) -> None:
    archive = {"Type": "AWS::Events::Archive", "SourceArn": ref(archived, "Arn")}
    made = world(Bus=BUS, Other=BUS, Archive=archive)
    (bus,) = (resource for resource in made.of_type("AWS::Events::EventBus") if resource.id == "s/Bus")
    assert CHANNEL.settings is not None and CHANNEL.settings(bus, made) == settings


def test_targets_of_all_kinds() -> None:
    made = world(
        Ship=FN,
        Orders=QUEUE,
        News={"Type": "AWS::SNS::Topic"},
        Stream={"Type": "AWS::Kinesis::Stream"},
        Flow=MACHINE,
        Other=BUS,
        Log={"Type": "AWS::Logs::LogGroup"},
        Task={"Type": "AWS::ECS::TaskDefinition"},
        Rule=rule(EventPattern=PAID)
        | {
            "Targets": (
                *({"Arn": ref(name, "Arn")} for name in ("Ship", "Orders", "News", "Stream", "Flow", "Other", "Log")),
                {"Arn": ref("Cluster", "Arn"), "EcsParameters": {"TaskDefinitionArn": ref("Task")}},
            )
        },
    )
    sign = {"Ship": "->", "Task": "->"}
    wanted = {
        f"eventbridge/default {sign.get(name, '=>')} {name}"
        for name in ("Ship", "Orders", "News", "Stream", "Flow", "Other", "Task")
    }
    assert arrows(CHANNEL, made) == wanted
    assert not gaps(CHANNEL, made)


def test_a_schedule_is_an_entry() -> None:
    made = world(Ship=FN, Rule=rule(ScheduleExpression="rate(1 day)"))
    (trigger,) = triggers(CHANNEL, made)
    assert (trigger.type, trigger.function, trigger.note) == ("schedule", "s/Ship", "rate(1 day)")
    assert links(CHANNEL, made) == []


def test_a_schedule_may_feed_a_queue() -> None:
    made = world(Orders=QUEUE, Rule=rule(ref("Orders", "Arn"), ScheduleExpression="rate(1 day)"))
    assert arrows(CHANNEL, made) == {"Rule => Orders"}
    assert nodes(CHANNEL, made)["s/Rule"].type == "scheduler"


def test_events_of_an_aws_service_come_from_outside() -> None:
    pattern = {"source": ("aws.ec2",), "detail-type": ("EC2 Instance State-change Notification",)}
    made = world(Ship=FN, Rule=rule(EventPattern=pattern))
    assert arrows(CHANNEL, made) == {"eventbridge/aws.ec2 -> Ship"}
    (trigger,) = triggers(CHANNEL, made)
    assert (trigger.type, trigger.channel) == ("eventbridge", "eventbridge/aws.ec2")
    assert trigger.note == "aws.ec2: EC2 Instance State-change Notification"


@pytest.mark.parametrize(
    ("pattern", "node"),
    [
        ({"source": ("aws.s3",), "detail-type": ("Object Created",), "detail": {"bucket": {"name": (ref("In"),)}}}, "default"),
        ({"source": ("aws.s3",)}, "default"),
        ({"source": ("aws.s3",), "detail": {"bucket": {"name": ("of-another-team",)}}}, "aws.s3"),
        ({"source": ("aws.s3",), "detail": {"bucket": {"name": (ref("Silent"),)}}}, "aws.s3"),
        ({"source": ("aws.s3",), "detail-type": ("AWS API Call via CloudTrail",)}, "aws.s3"),
    ],
)
def test_a_rule_on_objects_listens_to_the_buckets_that_tell(pattern: Value, node: str) -> None:
    made = world(In=EMITTING, Silent=BUCKET, Ship=FN, Rule=rule(EventPattern=pattern))
    assert arrows(CHANNEL, made) == {f"eventbridge/{node} -> Ship"}


@pytest.mark.parametrize(
    ("bucket", "key", "verdict"),
    [
        ("In", "in/a.csv", "passes"),
        ("In", "out/a.csv", "excluded"),
        ("Other", "in/a.csv", "excluded"),
        ("In", Symbol("k"), "unknown"),
    ],
)
def test_an_object_reaches_the_rule_that_names_its_bucket(bucket: str, key: Value, verdict: str) -> None:
    detail = {"bucket": {"name": (ref("In"),)}, "object": {"key": ({"prefix": "in/"},)}}
    pattern = {"source": ("aws.s3",), "detail-type": ("Object Created",), "detail": detail}
    made = world(In=EMITTING, Other=EMITTING, Ship=FN, Rule=rule(EventPattern=pattern))
    assert S3.onward is not None and CHANNEL.accepts is not None
    (route,) = [item for item in links(S3, made) if item.source == f"s/{bucket}"]
    assert route.target == "eventbridge/default"
    event = S3.onward(Sent(service="s3", operation="PutObject", attributes={"Key": key}), route)
    assert event is not None
    assert CHANNEL.accepts(event, link(CHANNEL, made).filter).verdict.value == verdict


def test_a_call_that_removes_does_not_reach_a_rule_on_created_objects() -> None:
    pattern = {"source": ("aws.s3",), "detail-type": ("Object Created",)}
    made = world(In=EMITTING, Ship=FN, Rule=rule(EventPattern=pattern))
    assert S3.onward is not None and CHANNEL.accepts is not None
    event = S3.onward(Sent(service="s3", operation="DeleteObject"), link(S3, made))
    assert event is not None
    assert (
        CHANNEL.accepts(event, link(CHANNEL, made).filter).why == "detail-type is Object Deleted, the rule wants [Object Created]"
    )


@pytest.mark.parametrize("arn", [ref("Flow", "Arn"), "arn:aws:states:eu-west-1:1:stateMachine:app-Flow"])
def test_the_end_of_an_execution_reaches_the_rule_that_names_its_machine(arn: Value) -> None:
    detail = {"stateMachineArn": (arn,)}
    flow = {**MACHINE, "StateMachineName": "app-Flow"}
    made = world(
        Flow=flow,
        Other={**MACHINE, "StateMachineName": "app-OtherFlow"},
        Ship=FN,
        Rule=rule(EventPattern={"source": ("aws.states",), "detail": detail}),
    )
    assert STEP_FUNCTIONS.onward is not None and CHANNEL.accepts is not None
    verdicts = {}
    for route in links(STEP_FUNCTIONS, made):
        assert route.mediated
        event = STEP_FUNCTIONS.onward(Sent(service="stepfunctions", operation="StartExecution"), route)
        assert event is not None
        verdicts[route.source] = CHANNEL.accepts(event, link(CHANNEL, made).filter).verdict.value
    assert verdicts == {"s/Flow": "passes", "s/Other": "excluded"}


def put(detail: Shape | None = None, **attributes: Value) -> Sent:
    return Sent(service="events", operation="PutEvents", attributes=attributes, body=detail)


@pytest.mark.parametrize(
    ("pattern", "sent", "verdict"),
    [
        (PAID, put(Source="shop", DetailType="Paid"), "passes"),
        (PAID, put(Source="shop", DetailType="Refunded"), "excluded"),
        (PAID, put(Source="shop"), "unknown"),
        (PAID, put(Source=Concat(("shop.", Symbol("stage"))), DetailType="Paid"), "excluded"),
        ({"source": ({"prefix": "shop"},)}, put(Source=Concat(("shop.", Symbol("stage")))), "passes"),
        ({"detail": {"kind": ("a",)}}, put(Shape(kind="object", properties={"kind": Shape(constant="b")})), "excluded"),
        ({"detail": {"kind": ("a",)}}, put(Shape(kind="object", open=True)), "unknown"),
        ({"detail": {"kind": ("a",)}}, put(), "unknown"),
        ({"source": ("aws.s3",)}, put(), "excluded"),
        ({"account": ("111122223333",)}, put(Source="shop"), "unknown"),
    ],
)
def test_a_pattern_against_what_code_puts(pattern: Value, sent: Sent, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    assert CHANNEL.accepts(sent, pattern).verdict.value == verdict


def test_a_pattern_that_is_text_and_one_that_is_none() -> None:
    made = world(Ship=FN, Rule=rule(EventPattern='{"source": ["shop"]}'))
    assert link(CHANNEL, made).filter == {"source": ("shop",)}
    broken = world(Ship=FN, Rule=rule(EventPattern="{not json"))
    assert links(CHANNEL, broken) == []
    assert [gap.why for gap in gaps(CHANNEL, broken)] == ["it is not JSON"]


def test_a_bus_outside_the_scan_is_a_node_and_a_gap() -> None:
    made = world(Ship=FN, Rule=rule(EventPattern=PAID, EventBusName=Symbol("BusName")))
    assert arrows(CHANNEL, made) == {"eventbridge/${BusName} -> Ship"}
    assert nodes(CHANNEL, made)["eventbridge/${BusName}"].external
    assert [gap.why for gap in gaps(CHANNEL, made)] == ["${BusName} is not declared in the scan"]


def test_a_transformed_event_is_no_longer_known() -> None:
    target = {"Arn": ref("Orders", "Arn"), "InputPath": "$.detail"}
    made = world(Orders=QUEUE, Rule={**rule(EventPattern=PAID), "Targets": (target,)})
    assert CHANNEL.onward is not None
    assert CHANNEL.onward(put(Source="shop"), link(CHANNEL, made)) is None
