"""A sieve holds back only what names nothing of the asked types."""

from __future__ import annotations

import pytest

from untangle.assemble.sieve import Sieve
from untangle.assemble.world import Atlas
from untangle.channels import CHANNELS
from untangle.model.resource import Inventory, Resource
from untangle.model.value import Concat, Ref, Symbol, Value

QUEUE, TOPIC = "AWS::SQS::Queue", "AWS::SNS::Topic"


def _declared(address: str, type: str, **properties: Value) -> Resource:
    return Resource(id=f"shop/{address}", type=type, stack="shop", address=address, properties=properties)


ATLAS = Atlas(
    Inventory(
        resources=(
            _declared("Orders", QUEUE, QueueName="orders"),
            _declared("Url", "AWS::SSM::Parameter", Name="/orders/url", Value=Ref("shop/Orders")),
        )
    ),
    CHANNELS,
)


@pytest.mark.parametrize(
    ("value", "type", "passes"),
    [
        (Ref("shop/Orders"), QUEUE, True),
        (Ref("shop/Orders"), TOPIC, False),
        (Ref("shop/Url"), QUEUE, True),  # a parameter stands for what it holds
        (Ref("shop/Gone"), QUEUE, False),
        ("orders", QUEUE, True),
        ("info", QUEUE, False),
        ("default", TOPIC, True),  # a bus of that name is in every account
        ("arn:aws:sqs:eu-west-1:111122223333:payments", QUEUE, True),
        ("arn:aws:sqs:eu-west-1:111122223333:payments", TOPIC, False),
        ("https://sqs.eu-west-1.amazonaws.com/111122223333/payments", QUEUE, True),
        ("https://sqs.eu-west-1.amazonaws.com/111122223333/payments", TOPIC, False),
        (Concat((Symbol("Stage"), "-orders")), QUEUE, True),
    ],
)
def test_lets_through_what_may_name_a_thing(value: Value, type: str, passes: bool) -> None:
    assert Sieve(ATLAS).passes(value, (type,)) is passes
    if not passes:
        assert ATLAS.resolve(value, type, near="shop") == ()
