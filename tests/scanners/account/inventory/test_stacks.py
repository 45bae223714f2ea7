"""The stacks of a region with their tables of logical and physical ids; where a table is refused, the tags say it."""

from __future__ import annotations

import json

import boto3
import pytest

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults, xml_error
from untangle.model.resource import Resource
from untangle.scanners.account import read
from untangle.scanners.account.scopes import live

STACK = "AWS::CloudFormation::Stack"
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}}
URL, ARN = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"


@pytest.fixture
def shop(faults: Faults) -> Faults:
    body = json.dumps({"Resources": {"Orders": QUEUE, "News": {"Type": "AWS::SNS::Topic"}}})
    boto3.client("cloudformation", REGION).create_stack(StackName="shop", TemplateBody=body)
    return faults


def stacks() -> dict[str, Resource]:
    return {item.address: item for item in read(live(regions=[REGION])).resources if item.type == STACK}


def tagged(faults: Faults) -> None:
    """moto's tagging API knows nothing of what CloudFormation made: its answer is played."""
    says = {"stack-name": "shop", "logical-id": "Orders"}
    tags = [{"Key": f"aws:cloudformation:{key}", "Value": value} for key, value in says.items()]
    other = [{"Key": "team", "Value": "a"}]
    rows = [{"ResourceARN": ARN, "Tags": tags}, {"ResourceARN": f"{ARN}-2", "Tags": other}]
    faults.says("GetResources", {"ResourceTagMappingList": rows})


def test_a_stack_says_what_each_logical_id_stands_for(shop: Faults) -> None:
    (stack,) = stacks().values()
    assert stack.get("StackName") == "shop"
    assert str(stack.deployed).startswith(f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/")
    assert stack.get("Table", "Orders") == {"Type": "AWS::SQS::Queue", "Id": URL}
    assert shop.sent["GetResources"] == 0


@pytest.mark.parametrize("operation", ["ListStacks", "ListStackResources"])
def test_where_the_table_is_refused_the_tags_say_it(shop: Faults, operation: str) -> None:
    tagged(shop)
    shop.always(operation, lambda: xml_error("AccessDeniedException"))
    assert stacks()["stack:shop"].get("Table") == {"Orders": {"Type": None, "Id": ARN}}


def test_a_stack_of_which_nothing_may_be_read_has_no_table(shop: Faults) -> None:
    shop.always("ListStackResources", lambda: xml_error("AccessDeniedException"))
    shop.says("GetResources", {"ResourceTagMappingList": []})
    assert stacks()["stack:shop"].get("Table") is None


def test_what_was_deleted_is_no_stack(shop: Faults) -> None:
    boto3.client("cloudformation", REGION).delete_stack(StackName="shop")
    assert stacks() == {}
