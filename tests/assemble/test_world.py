"""What a value names: every way in which templates and code write a queue, table, topic or function."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import function, inventory, resource
from untangle.assemble.world import Atlas
from untangle.channels import CHANNELS
from untangle.model.value import ACCOUNT, PARTITION, REGION, Concat, Either, Imported, Ref, Stored, Symbol, Value

STAGE = Symbol("Stage", "shop")
WORLD = inventory(
    resource("shop/Orders", "AWS::SQS::Queue", QueueName="orders"),
    resource("shop/Staged", "AWS::SQS::Queue", QueueName=Concat((STAGE, "-orders"))),
    resource("shop/Nameless", "AWS::SQS::Queue"),
    resource("shop/Paid", "AWS::SNS::Topic", TopicName="paid"),
    resource("shop/Uploads", "AWS::S3::Bucket", BucketName="uploads"),
    resource("shop/Table", "AWS::DynamoDB::Table", TableName=Symbol("TableNameParameter", "shop")),
    resource("shop/Bus", "AWS::Events::EventBus", Name="shop-bus"),
    function("shop/Charge", FunctionName="charge"),
    resource("shop/Live", "AWS::Lambda::Alias", FunctionName=Ref("shop/Charge"), Name="live"),
    resource("shop/Held", "AWS::SSM::Parameter", Name="/shop/queue", Value=Ref("shop/Orders")),
    exports=(("shop:queue-arn", Ref("shop/Orders", "Arn")),),
)


def arn(service: str, tail: Value, *, account: Value = ACCOUNT) -> Value:
    return Concat(("arn:", PARTITION, f":{service}:", REGION, ":", account, ":", tail))


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        pytest.param(Ref("shop/Orders"), "AWS::SQS::Queue", "shop/Orders", id="Ref"),
        pytest.param(Ref("shop/Orders", "Arn"), "AWS::SQS::Queue", "shop/Orders", id="GetAtt"),
        pytest.param("orders", "AWS::SQS::Queue", "shop/Orders", id="literal name"),
        pytest.param("arn:aws:sqs:eu-west-1:111122223333:orders", "AWS::SQS::Queue", "shop/Orders", id="literal ARN"),
        pytest.param("https://sqs.eu-west-1.amazonaws.com/111122223333/orders", "AWS::SQS::Queue", "shop/Orders", id="queue URL"),
        pytest.param(
            Concat(("https://sqs.", REGION, ".amazonaws.com/", ACCOUNT, "/", STAGE, "-orders")),
            "AWS::SQS::Queue",
            "shop/Staged",
            id="queue URL with unknown parts",
        ),
        pytest.param(arn("sqs", Concat((STAGE, "-orders"))), "AWS::SQS::Queue", "shop/Staged", id="ARN built by Sub"),
        pytest.param(
            Concat(("arn:aws:sqs:", REGION, ":", ACCOUNT, ":", Ref("shop/Nameless", "QueueName"))),
            "AWS::SQS::Queue",
            "shop/Nameless",
            id="ARN around a GetAtt",
        ),
        pytest.param(Concat((Ref("shop/Uploads", "Arn"), "/*")), "AWS::S3::Bucket", "shop/Uploads", id="objects of a bucket"),
        pytest.param(
            Concat(("arn:aws:s3:::", Ref("shop/Uploads"), "/in/*")), "AWS::S3::Bucket", "shop/Uploads", id="bucket by Ref in ARN"
        ),
        pytest.param(Symbol("TableNameParameter", "shop"), "AWS::DynamoDB::Table", "shop/Table", id="same parameter as the name"),
        pytest.param(Ref("shop/Table", "StreamArn"), "AWS::DynamoDB::Table", "shop/Table", id="stream of a table"),
        pytest.param("shop-bus", "AWS::Events::EventBus", "shop/Bus", id="bus by name"),
        pytest.param("default", "AWS::Events::EventBus", "eventbridge/default", id="the default bus"),
        pytest.param(Ref("shop/Live"), "AWS::Lambda::Function", "shop/Charge", id="alias"),
        pytest.param(Concat((Ref("shop/Charge", "Arn"), ":live")), "AWS::Lambda::Function", "shop/Charge", id="qualified ARN"),
        pytest.param("charge:live", "AWS::Lambda::Function", "shop/Charge", id="qualified name"),
        pytest.param(arn("lambda", "function:charge:live"), "AWS::Lambda::Function", "shop/Charge", id="qualified ARN by name"),
        pytest.param(Imported("shop:queue-arn"), "AWS::SQS::Queue", "shop/Orders", id="import"),
        pytest.param(Stored("ssm", "/shop/queue"), "AWS::SQS::Queue", "shop/Orders", id="SSM parameter of another stack"),
    ],
)
def test_a_value_names_a_resource(value: Value, type_: str, expected: str) -> None:
    targets = Atlas(WORLD, CHANNELS).resolve(value, type_)
    assert [target.node for target in targets] == [expected]


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        pytest.param(Symbol("Other", "shop"), "AWS::SQS::Queue", id="an unknown parameter"),
        pytest.param("nobody", "AWS::SQS::Queue", id="a bare name that nothing has"),
        pytest.param(Ref("shop/Paid"), "AWS::SQS::Queue", id="a topic where a queue is asked"),
        pytest.param(Imported("elsewhere"), "AWS::SQS::Queue", id="an export of no stack"),
        pytest.param(Symbol("Stage", "other"), "AWS::SQS::Queue", id="a parameter of the same name in another stack"),
        pytest.param("arn:aws:sqs:eu-west-1:111122223333:ord*", "AWS::SQS::Queue", id="a wildcard"),
        pytest.param(None, "AWS::SQS::Queue", id="nothing"),
    ],
)
def test_what_is_not_known_is_not_guessed(value: Value, type_: str) -> None:
    assert Atlas(WORLD, CHANNELS).resolve(value, type_) == ()


def test_an_arn_of_something_undeclared_is_external_and_named() -> None:
    atlas = Atlas(WORLD, CHANNELS)
    (target,) = atlas.resolve("arn:aws:sqs:eu-west-1:999999999999:audit", "AWS::SQS::Queue")
    assert target.resource is None
    assert atlas.externals[target.node] == ("sqs", "audit")


def test_each_branch_of_a_condition_is_followed_and_noted() -> None:
    value = Either((Ref("shop/Orders"), Ref("shop/Staged")), ("IsProd", "not IsProd"))
    targets = Atlas(WORLD, CHANNELS).resolve(value, "AWS::SQS::Queue")
    assert [(target.node, target.condition) for target in targets] == [("shop/Orders", "IsProd"), ("shop/Staged", "not IsProd")]


def test_of_two_queues_with_one_name_the_asking_stack_has_its_own() -> None:
    twice = inventory(
        resource("a/Queue", "AWS::SQS::Queue", QueueName="jobs"),
        resource("b/Queue", "AWS::SQS::Queue", QueueName="jobs"),
    )
    atlas = Atlas(twice, CHANNELS)
    assert [target.node for target in atlas.resolve("jobs", "AWS::SQS::Queue", near="b")] == ["b/Queue"]


def test_a_value_that_names_itself_ends() -> None:
    loop = inventory(
        resource("s/One", "AWS::SSM::Parameter", Name="/one", Value=Stored("ssm", "/two")),
        resource("s/Two", "AWS::SSM::Parameter", Name="/two", Value=Stored("ssm", "/one")),
    )
    assert Atlas(loop, CHANNELS).resolve(Stored("ssm", "/one"), "AWS::SQS::Queue") == ()


def test_of_two_queues_with_one_name_in_other_roots_none_is_taken() -> None:
    twice = inventory(
        resource("a/Queue", "AWS::SQS::Queue", QueueName="jobs"),
        resource("b/Queue", "AWS::SQS::Queue", QueueName="jobs"),
        function("c/Work"),
    )
    atlas = Atlas(twice, CHANNELS)
    assert atlas.resolve("jobs", "AWS::SQS::Queue", near="c") == ()
    assert [gap.why for gap in atlas.gaps] == ["which of a/Queue, b/Queue is meant from c is not known"]
