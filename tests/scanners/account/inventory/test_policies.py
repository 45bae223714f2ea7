"""Policies of an account: of aliases that something names, of queues and topics, and the boundaries of roles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scanners.account.faults import Faults
from tests.scanners.account.inventory.shop import ACCOUNT, REGION, Shop, arn
from tests.scanners.account.inventory.test_shop import hops, of, whole
from untangle.scanners.account import read
from untangle.scanners.account.scopes import live

THERE = "222222222222"
QUEUE = arn("sqs", "orders")


@pytest.fixture
def shop(faults: Faults) -> Shop:
    """A function that polls a queue, and whose alias a rule names."""
    made = Shop()
    made.queue("orders")
    made.function("charge")
    made.client("lambda").create_alias(FunctionName="charge", Name="live", FunctionVersion="$LATEST")
    made.polls("charge", QUEUE)
    made.rule("charged", {"source": ["shop"]}, arn("lambda", "function:charge:live"))
    return made


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement]})


def test_aliases_are_read_where_something_names_them(shop: Shop, faults: Faults) -> None:
    shop.function("idle")
    shop.client("lambda").create_alias(FunctionName="idle", Name="live", FunctionVersion="$LATEST")
    shop.function("audit")
    shop.client("lambda").create_alias(FunctionName="audit", Name="blue", FunctionVersion="$LATEST")
    shop.rule("audited", {"source": ["shop"]}, arn("lambda", "function:audit:blue"))
    found = read(live(regions=[REGION]))
    assert {item.deployed for item in of(found, "AWS::Lambda::Alias").values()} >= {
        arn("lambda", "function:charge:live"),
        arn("lambda", "function:audit:blue"),
    }
    assert faults.sent["ListAliases"] == 2


def test_the_policy_of_an_alias_is_read_too(shop: Shop) -> None:
    shop.client("lambda").add_permission(
        FunctionName="charge", Qualifier="live", StatementId="theirs", Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com", SourceArn=f"arn:aws:sns:{REGION}:{THERE}:paid",
    )  # fmt: skip
    (permission,) = [
        item
        for item in of(read(live(regions=[REGION])), "AWS::Lambda::Permission").values()
        if item.get("FunctionName") == "charge:live"
    ]
    assert permission.get("Principal") == "sns.amazonaws.com"
    triggers = {(item.type, item.channel, item.function.rpartition("/")[2]) for item in whole().graph.triggers}
    assert ("sns", f"external/sns/{THERE}/{REGION}/paid", "charge") in triggers


def test_a_queue_that_names_a_role_is_open_to_its_function(shop: Shop) -> None:
    shop.function("intake")
    assert hops(whole()) == []
    policy = document(Action="sqs:SendMessage", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/intake-role"})
    url = shop.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    shop.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert hops(whole()) == [("intake", "charge", "sqs")]


@pytest.mark.parametrize(
    ("type_", "make"),
    [
        ("AWS::SNS::TopicPolicy", lambda shop, policy: _topic(shop, policy)),
        ("AWS::S3::BucketPolicy", lambda shop, policy: _bucket(shop, policy)),
        ("AWS::Events::EventBusPolicy", lambda shop, policy: _bus(shop, policy)),
        ("AWS::Kinesis::ResourcePolicy", lambda shop, policy: _stream(shop, policy)),
    ],
)
def test_the_policies_of_other_channels_are_resources_too(shop: Shop, type_: str, make: Any) -> None:
    make(shop, document(Action="*", Sid="theirs", Principal={"AWS": f"arn:aws:iam::{THERE}:root"}))
    (policy,) = of(read(live(regions=[REGION])), type_).values()
    written = policy.get("Statement") or policy.get("PolicyDocument", "Statement") or policy.get("ResourcePolicy", "Statement")
    assert THERE in str(written)


def test_a_policy_for_everybody_of_an_organization_is_kept_too(shop: Shop) -> None:
    """Which accounts are in it is not known here: other stages must not take it for a policy that lets nobody in."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-a1"}}
    _topic(shop, document(Action="sns:Publish", Principal="*", Condition=condition))
    assert [item.address for item in of(read(live(regions=[REGION])), "AWS::SNS::TopicPolicy").values()] == [
        "policy-of:topic:paid"
    ]


def _topic(shop: Shop, policy: str) -> None:
    shop.client("sns").create_topic(Name="quiet")  # its policy is the one that AWS gives every topic
    topic = shop.client("sns").create_topic(Name="paid")["TopicArn"]
    shop.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def _bucket(shop: Shop, policy: str) -> None:
    shop.client("s3").create_bucket(Bucket="labels", CreateBucketConfiguration={"LocationConstraint": REGION})
    shop.client("s3").put_bucket_policy(Bucket="labels", Policy=policy)


def _bus(shop: Shop, policy: str) -> None:
    shop.client("events").put_permission(StatementId="theirs", Action="events:PutEvents", Principal=THERE)


def _stream(shop: Shop, policy: str) -> None:
    shop.client("kinesis").create_stream(StreamName="changes", ShardCount=1)
    shop.client("kinesis").put_resource_policy(ResourceARN=arn("kinesis", "stream/changes"), Policy=policy)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [("sqs:*", [("intake", "charge", "sqs")]), ("s3:*", [])],
)
def test_a_boundary_limits_what_a_role_may(shop: Shop, allowed: str, expected: list[tuple[str, str, str]]) -> None:
    shop.function("intake", ("sqs:SendMessage", QUEUE))
    iam = shop.client("iam")
    bound = iam.create_policy(PolicyName="limits", PolicyDocument=document(Action=allowed))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="intake-role", PermissionsBoundary=bound)
    assert hops(whole()) == expected
