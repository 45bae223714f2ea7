"""Things in several accounts and regions: what is named alike in two places is not one thing, the default bus least of all."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import allow, function, resource, role
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.resource import Inventory, Resource, Stack
from untangle.model.value import Ref, Value

A, B, FAR = "111111111111/eu-west-1", "222222222222/eu-west-1", "111111111111/us-east-1"


def arn(place: str, service: str, rest: str) -> str:
    account, region = place.split("/")
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def live(place: str, type: str, address: str, arn_of: str | None, **properties: Value) -> Resource:
    """A thing of an account, as its reader makes it."""
    facts = {"Ref": address, **({"Arn": arn_of} if arn_of else {})}
    return Resource(
        id=f"{place}/{address}", type=type, stack=place, address=address, properties=properties, attributes=facts, deployed=arn_of
    )


def work(place: str, name: str, *grants: tuple[str, Value], **properties: Value) -> tuple[Resource, ...]:
    """A function with a role of its own, whose code is not read."""
    made = live(
        place, "AWS::Lambda::Function", name, arn(place, "lambda", f"function:{name}"),
        FunctionName=name, Role=Ref(f"{place}/role:{name}", "Arn"), **properties,
    )  # fmt: skip
    permitted = role(f"{place}/role:{name}", *(allow(action, on) for action, on in grants))
    return made, Resource(**{**{key: getattr(permitted, key) for key in permitted.__dataclass_fields__}, "location": None})


def rule(place: str, name: str, target: str, bus: str | None = None, source: str = "shop") -> Resource:
    properties: dict[str, Value] = {"EventPattern": {"source": (source,)}, "Targets": ({"Id": "1", "Arn": target},)}
    if bus is not None:
        properties["EventBusName"] = bus
    return live(place, "AWS::Events::Rule", f"rule:{name}", arn(place, "events", f"rule/{name}"), **properties)


def bus(place: str, name: str) -> Resource:
    return live(place, "AWS::Events::EventBus", name, arn(place, "events", f"event-bus/{name}"), Name=name)


def queue(place: str, name: str) -> Resource:
    return live(place, "AWS::SQS::Queue", name, arn(place, "sqs", name), QueueName=name)


def polls(place: str, name: str, source: str) -> Resource:
    target = arn(place, "lambda", f"function:{name}")
    return live(place, "AWS::Lambda::EventSourceMapping", f"mapping:{name}", None, FunctionName=target, EventSourceArn=source)


def hops(*resources: Resource, places: tuple[str, ...] = (A, B, FAR)) -> set[str]:
    """Producer, channels and consumer of every hop, whatever its confidence."""
    stacks = tuple(Stack(id=place, path=f"aws/{place}", folder="", kind="account") for place in places)
    stacks += tuple(
        Stack(id=name, path=name, folder="", kind="sam") for name in sorted({item.stack for item in resources} - set(places))
    )
    graph = assemble(Inventory(stacks=stacks, resources=tuple(sorted(resources, key=lambda item: item.id))), (), CHANNELS)
    return {f"{hop.producer} > {' > '.join(p.channel for p in hop.passages)} > {hop.consumer}" for hop in graph.hops}


def put(place: str, name: str = "default") -> tuple[str, Value]:
    return "events:PutEvents", arn(place, "events", f"event-bus/{name}")


def test_the_default_bus_of_each_place_is_its_own() -> None:
    there = [
        item
        for place in (A, B, FAR)
        for item in (
            *work(place, "send", put(place)),
            *work(place, "hear"),
            rule(place, "r", arn(place, "lambda", "function:hear")),
        )
    ]
    assert hops(*there) == {f"{place}/send > {place}/eventbridge/default > {place}/hear" for place in (A, B, FAR)}


def test_no_event_leaps_from_one_region_to_another() -> None:
    assert hops(*work(A, "send", put(A)), *work(FAR, "hear"), rule(FAR, "r", arn(FAR, "lambda", "function:hear"))) == set()


def test_a_grant_on_another_places_default_bus_leads_there() -> None:
    there = (*work(B, "hear"), rule(B, "r", arn(B, "lambda", "function:hear")))
    assert hops(*work(A, "send", put(B)), *there) == {f"{A}/send > {B}/eventbridge/default > {B}/hear"}
    assert hops(*work(A, "send", put("333333333333/eu-west-1")), *there) == set()


def test_a_rule_hands_events_to_a_bus_of_another_account() -> None:
    """Both accounts have a bus of the name; only that of the ARN is meant."""
    central = arn(B, "events", "event-bus/central")
    resources = [
        *work(A, "send", put(A)), rule(A, "out", central), bus(A, "central"), bus(B, "central"),
        *work(A, "near"), rule(A, "near", arn(A, "lambda", "function:near"), bus=arn(A, "events", "event-bus/central")),
        *work(B, "hear"), rule(B, "in", arn(B, "lambda", "function:hear"), bus=central),
    ]  # fmt: skip
    assert hops(*resources) == {f"{A}/send > {A}/eventbridge/default > {B}/central > {B}/hear"}


def test_events_reach_another_regions_default_bus() -> None:
    resources = [
        *work(A, "send", put(A)), rule(A, "out", arn(FAR, "events", "event-bus/default")),
        *work(FAR, "hear"), rule(FAR, "in", arn(FAR, "lambda", "function:hear")),
    ]  # fmt: skip
    assert hops(*resources) == {f"{A}/send > {A}/eventbridge/default > {FAR}/eventbridge/default > {FAR}/hear"}


@pytest.mark.parametrize("target", ["queue", "function"])
def test_a_topic_delivers_to_another_account(target: str) -> None:
    topic = live(A, "AWS::SNS::Topic", "news", arn(A, "sns", "news"), TopicName="news")
    endpoint = arn(B, "sqs", "in") if target == "queue" else arn(B, "lambda", "function:hear")
    protocol = "sqs" if target == "queue" else "lambda"
    subscription = live(
        A, "AWS::SNS::Subscription", "s", None, TopicArn=arn(A, "sns", "news"), Protocol=protocol, Endpoint=endpoint
    )
    resources = [
        *work(A, "send", ("sns:Publish", arn(A, "sns", "news"))), topic, subscription,
        *work(A, "hear"), queue(A, "in"), polls(A, "hear", arn(A, "sqs", "in")),
        *work(B, "hear"), queue(B, "in"), polls(B, "hear", arn(B, "sqs", "in")),
    ]  # fmt: skip
    way = f"{A}/news > {B}/in" if target == "queue" else f"{A}/news"
    assert hops(*resources) == {f"{A}/send > {way} > {B}/hear"}


def test_a_function_invokes_its_namesake_in_another_account() -> None:
    calls = work(A, "send", ("lambda:InvokeFunction", arn(B, "lambda", "function:hear")))
    assert hops(*calls, *work(A, "hear"), *work(B, "hear")) == {f"{A}/send > {B}/hear#invoke > {B}/hear"}


def test_queues_of_one_name_in_two_accounts_that_are_not_read_are_two() -> None:
    c, d = "333333333333/eu-west-1", "444444444444/eu-west-1"
    hear = (*work(A, "hear"), polls(A, "hear", arn(c, "sqs", "in")))
    assert hops(*hear, *work(A, "send", ("sqs:SendMessage", arn(d, "sqs", "in")))) == set()
    assert hops(*hear, *work(A, "send", ("sqs:SendMessage", arn(c, "sqs", "in")))) == {
        f"{A}/send > external/sqs/{c}/in > {A}/hear"
    }


def test_a_bare_name_means_what_is_in_the_same_place() -> None:
    sends = work(A, "send", ("sqs:SendMessage", arn(A, "sqs", "in")), Environment={"Variables": {"QUEUE_NAME": "inbox"}})
    assert hops(*sends, queue(B, "inbox"), *work(B, "hear"), polls(B, "hear", arn(B, "sqs", "inbox"))) == set()


def test_what_a_bucket_tells_stays_in_its_region() -> None:
    on: Value = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    bucket = live(A, "AWS::S3::Bucket", "files", "arn:aws:s3:::files", BucketName="files", NotificationConfiguration=on)
    sends = work(A, "send", ("s3:PutObject", "arn:aws:s3:::files/*"))
    heard = [
        item
        for place in (A, FAR)
        for item in (*work(place, "hear"), rule(place, "r", arn(place, "lambda", "function:hear"), source="aws.s3"))
    ]
    assert hops(*sends, bucket, *heard) == {f"{A}/send > {A}/files > {A}/eventbridge/default > {A}/hear"}


def test_declared_stacks_share_one_default_bus() -> None:
    declared = [
        function("app/Send", role=Ref("app/Role", "Arn")),
        role("app/Role", allow("events:PutEvents", "arn:aws:events:eu-west-1:111111111111:event-bus/default")),
        function("app/Hear"),
        resource("app/Rule", "AWS::Events::Rule", EventPattern={"source": ("shop",)}, Targets=({"Arn": Ref("app/Hear", "Arn")},)),
    ]
    assert hops(*declared, places=()) == {"app/Send > eventbridge/default > app/Hear"}
