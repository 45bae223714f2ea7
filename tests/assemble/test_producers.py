"""Which witnesses make a producer, and how sure of it untangle is."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import allow, call, code, function, inventory, resource, role
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.code import CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.resource import Resource
from untangle.model.value import Concat, Env, Ref, Symbol, Value

QUEUE = resource("shop/Queue", "AWS::SQS::Queue", QueueName="orders")
OTHER = resource("shop/Other", "AWS::SQS::Queue", QueueName="returns")
MAPPING = resource(
    "shop/Mapping", "AWS::Lambda::EventSourceMapping", EventSourceArn=Ref("shop/Queue", "Arn"), FunctionName=Ref("shop/Consume")
)
CONSUME = function("shop/Consume", role=Ref("shop/ConsumeRole", "Arn"))
CONSUME_ROLE = role("shop/ConsumeRole", allow(("sqs:ReceiveMessage", "sqs:DeleteMessage"), Ref("shop/Queue", "Arn")))
SENDS = {"QUEUE_URL": Ref("shop/Queue")}
OWN_GRANT = role("shop/Role", allow("sqs:SendMessage", Ref("shop/Queue", "Arn")))


def graph(
    *facts: CodeFacts, environment: dict[str, Value] | None = None, grant: Resource | None = None, more: tuple[Resource, ...] = ()
) -> EventGraph:
    produce = function("shop/Produce", role=Ref("shop/Role", "Arn"), environment=environment or {})
    resources = [QUEUE, OTHER, MAPPING, CONSUME, CONSUME_ROLE, produce, *more]
    if grant is not None:
        resources.append(grant)
    facts = facts or (code("shop/Produce"),)
    return assemble(inventory(*resources), [*facts, code("shop/Consume")], CHANNELS)


def confidence(found: EventGraph) -> str | None:
    return next(
        (hop.confidence.value for hop in found.hops if (hop.producer, hop.consumer) == ("shop/Produce", "shop/Consume")), None
    )


SEND = call("sqs", "SendMessage", QueueUrl=Env("QUEUE_URL"))
UNREAD = code("shop/Produce", readable=False)


@pytest.mark.parametrize(
    ("facts", "environment", "grant", "expected"),
    [
        pytest.param(code("shop/Produce", SEND), SENDS, OWN_GRANT, "likely", id="call, variable and grant agree"),
        pytest.param(code("shop/Produce", SEND), SENDS, None, "likely", id="the call alone is enough"),
        pytest.param(
            code("shop/Produce", call("sqs", "SendMessage", QueueUrl=Symbol("url"))),
            {},
            OWN_GRANT,
            "likely",
            id="target unseen, one grant",
        ),
        pytest.param(
            code("shop/Produce", call("sqs", "SendMessage", QueueUrl=Symbol("url"))),
            {},
            role("shop/Role", allow("sqs:SendMessage", (Ref("shop/Queue", "Arn"), Ref("shop/Other", "Arn")))),
            "possible",
            id="target unseen, two grants",
        ),
        pytest.param(UNREAD, {}, OWN_GRANT, "likely", id="unreadable code, a grant of its own"),
        pytest.param(UNREAD, SENDS, None, None, id="unreadable code, a variable without any grant"),
        pytest.param(UNREAD, {}, role("shop/Role", allow("sqs:*", "*")), "weak", id="a wildcard"),
        pytest.param(code("shop/Produce"), SENDS, OWN_GRANT, "contradicted", id="readable code never sends"),
        pytest.param(
            UNREAD, {}, role("shop/Role", allow("sqs:ReceiveMessage", Ref("shop/Queue", "Arn"))), None, id="a read grant"
        ),
        pytest.param(
            UNREAD,
            {},
            role(
                "shop/Role",
                allow("sqs:*", Ref("shop/Queue", "Arn")),
                {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"},
            ),
            None,
            id="denied",
        ),
    ],
)
def test_confidence_of_a_producer(
    facts: CodeFacts, environment: dict[str, Value], grant: Resource | None, expected: str | None
) -> None:
    assert confidence(graph(facts, environment=environment, grant=grant)) == expected


def test_a_role_that_two_functions_share_is_only_a_weak_witness() -> None:
    other = function("shop/Neighbour", role=Ref("shop/Role", "Arn"))
    found = graph(UNREAD, code("shop/Neighbour", readable=False), grant=OWN_GRANT, more=(other,))
    assert confidence(found) == "weak"


def test_a_policy_that_names_its_roles_is_read() -> None:
    policy = resource(
        "shop/Policy",
        "AWS::IAM::Policy",
        Roles=(Ref("shop/Bare"),),
        PolicyDocument={"Statement": allow("sqs:SendMessage", Ref("shop/Queue", "Arn"))},
    )
    produce = function("shop/Produce", role=Ref("shop/Bare", "Arn"))
    world = inventory(QUEUE, MAPPING, CONSUME, produce, policy, resource("shop/Bare", "AWS::IAM::Role"))
    found = assemble(world, [UNREAD, code("shop/Consume")], CHANNELS)
    assert confidence(found) == "likely"


def test_a_target_that_cannot_be_known_is_a_gap_that_names_the_variable() -> None:
    found = graph(code("shop/Produce", call("sqs", "SendMessage", QueueUrl=Env("TARGET"))))
    (gap,) = [gap for gap in found.gaps if "SendMessage" in gap.what]
    assert "TARGET" in gap.why
    assert str(gap.location) == "src/app.py:7"


def test_a_queue_url_built_from_parts_names_its_queue() -> None:
    url = Concat(("https://sqs.eu-west-1.amazonaws.com/111122223333/", Env("NAME")))
    found = graph(code("shop/Produce", call("sqs", "SendMessage", QueueUrl=url)), environment={"NAME": "orders"})
    assert confidence(found) == "likely"


def test_a_function_that_invokes_itself_by_its_own_name() -> None:
    again = call("lambda", "Invoke", FunctionName=Env("AWS_LAMBDA_FUNCTION_NAME"), InvocationType="Event")
    found = graph(code("shop/Produce", again))
    assert [(hop.producer, hop.consumer) for hop in found.reported] == [("shop/Produce", "shop/Produce")]


def test_a_queue_nobody_is_seen_to_write_to_is_a_trigger() -> None:
    found = graph()
    assert [(trigger.type, trigger.function, trigger.channel) for trigger in found.triggers] == [
        ("sqs", "shop/Consume", "shop/Queue")
    ]
