"""What a role may write once its denies and its permissions boundary are held against what it is granted."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.assemble.inventories import allow, function, inventory, resource
from untangle.assemble.grants import Grants
from untangle.assemble.held import Grant
from untangle.assemble.participants import functions
from untangle.assemble.world import Atlas
from untangle.channels import CHANNELS, dynamodb_stream, lambda_invoke, s3, sqs
from untangle.channels.channel import Channel
from untangle.model.resource import Resource
from untangle.model.value import Concat, Either, Ref, Symbol, Value

QUEUE = resource("shop/Queue", "AWS::SQS::Queue", QueueName="orders")
OTHER = resource("shop/Other", "AWS::SQS::Queue", QueueName="mail")
BUCKET = resource("shop/Bucket", "AWS::S3::Bucket", BucketName="labels")
TABLE = resource("shop/Table", "AWS::DynamoDB::Table", TableName="payments")
PRODUCE = function("shop/Produce", role=Ref("shop/Role", "Arn"))
ARN = "arn:aws:sqs:eu-west-1:123456789012:"
SEND = allow("sqs:SendMessage", Ref("shop/Queue", "Arn"))
HELD = "sqs:SendMessage (own role, role Role)"


def deny(action: Value, on: Value, **more: Value) -> Mapping[str, Value]:
    """A Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": on, **more}


def grants(
    channel: Channel, *statements: Mapping[str, Value], more: tuple[Resource, ...] = (), bound: Value = None
) -> list[Grant]:
    """What `Produce` is granted by statements of its role."""
    policies = ({"PolicyDocument": {"Statement": statements}},)
    role = resource("shop/Role", "AWS::IAM::Role", Policies=policies, PermissionsBoundary=bound)
    atlas = Atlas(inventory(QUEUE, OTHER, BUCKET, TABLE, PRODUCE, role, *more), CHANNELS)
    found = functions(atlas, {})
    (producer,) = [item for item in found if item.id == PRODUCE.id]
    return list(Grants(atlas, found).of(producer, channel))


def notes(*statements: Mapping[str, Value], more: tuple[Resource, ...] = (), bound: Value = None) -> list[str]:
    return [grant.note for grant in grants(sqs.CHANNEL, SEND, *statements, more=more, bound=bound)]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(deny("sqs:SendMessage", "*"), id="everything"),
        pytest.param(deny("sqs:Send*", Ref("shop/Queue", "Arn")), id="the queue itself"),
        pytest.param(deny("sqs:*", ARN + "orders"), id="by its ARN"),
        pytest.param(deny("sqs:*", ARN + "ord*"), id="by a pattern"),
        pytest.param({"Effect": "Deny", "NotAction": "sqs:ReceiveMessage", "Resource": "*"}, id="all actions but one"),
        pytest.param({"Effect": "Deny", "Action": "sqs:*", "NotResource": Ref("shop/Other", "Arn")}, id="all queues but one"),
    ],
)
def test_a_deny_takes_a_grant_away(statement: Mapping[str, Value]) -> None:
    assert notes(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(deny("sqs:ReceiveMessage", "*"), id="another action"),
        pytest.param(deny("sqs:*", Ref("shop/Other", "Arn")), id="another queue"),
        pytest.param(deny("sqs:*", ARN + "mail*"), id="other queues"),
        pytest.param(deny("*", "arn:aws:s3:::labels/*"), id="another service"),
        pytest.param({"Effect": "Deny", "NotAction": ("sqs:Send*", "s3:*"), "Resource": "*"}, id="all actions but this"),
        pytest.param({"Effect": "Deny", "Action": "sqs:*", "NotResource": ARN + "orders"}, id="all queues but this"),
    ],
)
def test_a_deny_of_something_else_does_not(statement: Mapping[str, Value]) -> None:
    assert notes(statement) == [HELD]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(deny("sqs:*", "*", Condition={"Bool": {"aws:SecureTransport": "false"}}), id="a condition"),
        pytest.param(deny("sqs:*", Symbol("Forbidden")), id="a queue that is not known"),
        pytest.param(deny("sqs:*", Concat((ARN, Symbol("Stage"), "*"))), id="a pattern that is not known"),
        pytest.param(deny(Symbol("Action"), "*"), id="an action that is not known"),
        pytest.param(deny("sqs:*", Either((Ref("shop/Queue", "Arn"), Ref("shop/Other", "Arn")))), id="one of two queues"),
    ],
)
def test_a_deny_that_may_be_meant_is_said(statement: Mapping[str, Value]) -> None:
    assert notes(statement) == [f"{HELD}; a Deny of role Role may forbid it"]


def test_a_deny_of_some_keys_leaves_the_others() -> None:
    found = grants(s3.CHANNEL, allow("s3:PutObject", "arn:aws:s3:::labels/*"), deny("s3:*", "arn:aws:s3:::labels/private/*"))
    assert {grant.note for grant in found} == {"s3:PutObject (own role, role Role); a Deny of role Role may forbid it"}
    assert not grants(s3.CHANNEL, allow("s3:PutObject", "arn:aws:s3:::labels/a/b/*"), deny("s3:*", "arn:aws:s3:::labels/a/*"))
    apart = grants(s3.CHANNEL, allow("s3:PutObject", "arn:aws:s3:::labels/a/*"), deny("s3:*", "arn:aws:s3:::labels/b/*"))
    assert {grant.note for grant in apart} == {"s3:PutObject (own role, role Role)"}


def test_a_deny_of_an_index_is_none_of_its_table() -> None:
    index = Concat((Ref("shop/Table", "Arn"), "/index/*"))
    found = grants(dynamodb_stream.CHANNEL, allow("dynamodb:PutItem", Ref("shop/Table", "Arn")), deny("dynamodb:*", index))
    assert [node for grant in found for node in sorted(grant.nodes)] == ["shop/Table"]


def boundary(*statements: Mapping[str, Value]) -> tuple[Resource, ...]:
    return (resource("shop/Bound", "AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": statements}),)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param((allow("sqs:*", "*"),), [HELD], id="allows it"),
        pytest.param((allow("s3:*", "*"),), [], id="allows another service"),
        pytest.param((allow("sqs:*", ARN + "mail"),), [], id="allows another queue"),
        pytest.param((allow("*", "*"), deny("sqs:*", ARN + "orders")), [], id="denies it"),
        pytest.param(({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},), [HELD], id="allows all but something else"),
        pytest.param(
            (allow("sqs:*", Symbol("Queues")),), [f"{HELD}; the permissions boundary Bound may not allow it"], id="is not known"
        ),
    ],
)
def test_a_boundary_takes_away_what_it_does_not_allow(statements: tuple[Mapping[str, Value], ...], expected: list[str]) -> None:
    found = notes(more=boundary(*statements), bound=Ref("shop/Bound"))
    assert found == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("arn:aws:iam::aws:policy/PowerUserAccess", [HELD], id="one of AWS's own that is known"),
        pytest.param(
            "arn:aws:iam::123456789012:policy/limits",
            [f"{HELD}; the permissions boundary limits may not allow it"],
            id="not read",
        ),
    ],
)
def test_a_boundary_by_its_arn(value: str, expected: list[str]) -> None:
    assert notes(bound=value) == expected


@pytest.mark.parametrize(
    ("principal", "nodes"),
    [(Ref("shop/Role", "Arn"), ["shop/Consume#invoke"]), ("s3.amazonaws.com", []), ("123456789012", []), ("*", [])],
    ids=["a role", "a service", "an account", "everybody"],
)
def test_the_policy_of_a_function_grants_to_the_roles_that_it_names(principal: Value, nodes: list[str]) -> None:
    permission = resource("shop/Open", "AWS::Lambda::Permission", FunctionName=Ref("shop/Consume"), Principal=principal)
    found = grants(lambda_invoke.CHANNEL, more=(function("shop/Consume"), permission))
    assert [node for grant in found for node in sorted(grant.nodes)] == nodes


@pytest.mark.parametrize(
    ("policy", "nodes"),
    [
        pytest.param(
            resource(
                "shop/Open",
                "AWS::SQS::QueuePolicy",
                Queues=(Ref("shop/Queue"),),
                PolicyDocument={"Statement": {**allow("sqs:SendMessage", "*"), "Principal": {"AWS": Ref("shop/Role", "Arn")}}},
            ),
            ["shop/Queue"],
            id="a role",
        ),
        pytest.param(
            resource(
                "shop/Open",
                "AWS::SQS::QueuePolicy",
                Queues=(Ref("shop/Queue"),),
                PolicyDocument={"Statement": {**allow("sqs:*", "*"), "Principal": {"AWS": ("123456789012", "*")}}},
            ),
            [],
            id="everybody, which names no producer",
        ),
        pytest.param(
            resource(
                "shop/Open",
                "AWS::SQS::QueuePolicy",
                Queues=(Ref("shop/Queue"),),
                PolicyDocument={"Statement": {**deny("sqs:*", "*"), "Principal": {"AWS": Ref("shop/Role", "Arn")}}},
            ),
            [],
            id="a role that may not",
        ),
    ],
)
def test_the_policy_of_a_queue_grants_to_the_roles_that_it_names(policy: Resource, nodes: list[str]) -> None:
    assert [node for grant in grants(sqs.CHANNEL, more=(policy,)) for node in sorted(grant.nodes)] == nodes
