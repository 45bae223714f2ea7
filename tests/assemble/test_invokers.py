"""What the policy of a live function tells of its triggers, where no listing could have told it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.assemble.inventories import function, resource, role
from untangle.assemble.graph import assemble
from untangle.channels import CHANNELS
from untangle.model.evidence import Confidence
from untangle.model.graph import EventGraph
from untangle.model.resource import Coverage, Inventory, Resource, Stack
from untangle.model.value import Ref, Value

HERE, THERE = "111111111111/eu-west-1", "222222222222"
CALLED = replace(
    function(f"{HERE}/called", FunctionName="called"), deployed="arn:aws:lambda:eu-west-1:111111111111:function:called"
)
REFUSED = Coverage(source=f"aws/{HERE}", operation="elbv2.DescribeTargetGroups", outcome="denied", unseen=("alb",))


def allowed(principal: str, source: Value = None, account: str | None = None, of: str = "called") -> Resource:
    """A statement of the function's policy."""
    type_ = "AWS::Lambda::Permission"
    return resource(f"{HERE}/permission:1", type_, FunctionName=of, Principal=principal, SourceArn=source, SourceAccount=account)


def graph(*resources: Resource, coverage: tuple[Coverage, ...] = (), kind: str = "account") -> EventGraph:
    """The graph of an account of which one region was read."""
    stacks = tuple(Stack(id=id, path=f"aws/{id}", folder="", kind=kind) for id in (HERE, "111111111111/global"))
    live = tuple(replace(item, location=None) for item in (CALLED, *resources))
    return assemble(Inventory(stacks=stacks, resources=live, coverage=coverage), (), CHANNELS)


def triggers(found: EventGraph) -> list[tuple[str, str | None]]:
    return [(item.type, item.channel) for item in found.triggers]


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        pytest.param(
            allowed("sns.amazonaws.com", f"arn:aws:sns:eu-west-1:{THERE}:paid"),
            ("sns", f"external/sns/{THERE}/eu-west-1/paid"),
            id="a topic of another account",
        ),
        pytest.param(
            allowed("sns.amazonaws.com", "arn:aws:sns:us-east-1:111111111111:paid"),
            ("sns", "external/sns/111111111111/us-east-1/paid"),
            id="a topic of another region",
        ),
        pytest.param(
            allowed("sns.amazonaws.com", f"arn:aws:sns:eu-west-1:{THERE}:paid", of="called:live"),
            ("sns", f"external/sns/{THERE}/eu-west-1/paid"),
            id="in the policy of an alias",
        ),
        pytest.param(
            allowed("s3.amazonaws.com", "arn:aws:s3:::their-bucket", THERE),
            ("s3", "external/s3/their-bucket"),
            id="a bucket of another account",
        ),
        pytest.param(
            allowed("events.amazonaws.com", f"arn:aws:events:eu-west-1:{THERE}:rule/shop/paid"),
            ("eventbridge", f"external/eventbridge/{THERE}/eu-west-1/shop"),
            id="a rule of another account, whose bus is the channel",
        ),
        pytest.param(
            allowed("iot.amazonaws.com", f"arn:aws:iot:eu-west-1:{THERE}:rule/measured"), ("iot", None), id="a topic rule there"
        ),
        pytest.param(allowed("codecommit.amazonaws.com"), ("codecommit", None), id="a service that is not asked"),
        pytest.param(
            allowed("lexv2.amazonaws.com", "arn:aws:lex:eu-west-1:111111111111:bot-alias/a/b"), ("lexv2", None), id="Lex"
        ),
        pytest.param(allowed("alexa-appkit.amazon.com"), ("alexa-appkit", None), id="Alexa"),
        pytest.param(allowed(f"arn:aws:iam::{THERE}:root"), ("lambda_invoke", None), id="another account"),
        pytest.param(allowed(THERE), ("lambda_invoke", None), id="another account by its number"),
    ],
)
def test_who_else_may_invoke_a_function_is_a_trigger(permission: Resource, expected: tuple[str, str | None]) -> None:
    found = graph(permission)
    assert triggers(found) == [expected]
    assert found.triggers[0].note.startswith("only the function's policy tells")
    assert [node.id for node in found.channels if node.external] == [expected[1]] * (expected[1] is not None)


@pytest.mark.parametrize(
    "permission",
    [
        pytest.param(allowed("sns.amazonaws.com", "arn:aws:sns:eu-west-1:111111111111:gone"), id="a topic that is gone"),
        pytest.param(allowed("sns.amazonaws.com"), id="any topic"),
        pytest.param(allowed("s3.amazonaws.com", "arn:aws:s3:::gone", "111111111111"), id="a bucket that is gone"),
        pytest.param(
            allowed("apigateway.amazonaws.com", "arn:aws:execute-api:eu-west-1:111111111111:a1/*/GET/"), id="an API that was read"
        ),
        pytest.param(allowed("events.amazonaws.com", "arn:aws:events:eu-west-1:111111111111:rule/old"), id="a rule that is gone"),
        pytest.param(allowed("elasticloadbalancing.amazonaws.com"), id="a load balancer"),
        pytest.param(allowed("arn:aws:iam::111111111111:role/deploy"), id="a role of the account itself"),
        pytest.param(allowed("*"), id="everybody"),
    ],
)
def test_a_statement_without_the_trigger_that_a_listing_would_show_is_left_over(permission: Resource) -> None:
    assert triggers(graph(permission)) == []


def test_where_the_listing_was_refused_it_is_a_witness() -> None:
    found = graph(allowed("elasticloadbalancing.amazonaws.com"), coverage=(REFUSED,))
    assert triggers(found) == [("alb", None)]


def test_a_trigger_that_is_shown_is_not_told_twice() -> None:
    group = resource(
        f"{HERE}/group", "AWS::ElasticLoadBalancingV2::TargetGroup", TargetType="lambda", Targets=({"Id": CALLED.deployed},)
    )
    found = graph(group, allowed("elasticloadbalancing.amazonaws.com"), coverage=(REFUSED,))
    assert [item.note for item in found.triggers] == ["target group group"]


def test_a_template_s_permission_says_nothing_beside_its_trigger() -> None:
    assert triggers(graph(allowed("codecommit.amazonaws.com"), kind="cloudformation")) == []


def test_a_hop_over_a_topic_of_another_account_is_possible_at_most() -> None:
    """The one may publish, the other may be called: whether it is subscribed only the other account knows."""
    topic = f"arn:aws:sns:eu-west-1:{THERE}:paid"
    grant = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}
    pay = function(f"{HERE}/pay", FunctionName="pay", role=Ref("111111111111/global/role", "Arn"))
    found = graph(pay, role("111111111111/global/role", grant), allowed("sns.amazonaws.com", topic))
    assert [(hop.producer, hop.consumer, hop.confidence) for hop in found.hops] == [
        (f"{HERE}/pay", f"{HERE}/called", Confidence.POSSIBLE)
    ]


def test_routes_of_one_function_are_triggers_each() -> None:
    """Live resources are written nowhere: what is said tells them apart."""
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{CALLED.deployed}/invocations"
    methods = [
        resource(f"{HERE}/{verb}", "AWS::ApiGateway::Method", HttpMethod=verb, Integration={"Type": "AWS_PROXY", "Uri": uri})
        for verb in ("GET", "POST")
    ]
    assert [item.note for item in graph(*methods).triggers] == ["GET /", "POST /"]
