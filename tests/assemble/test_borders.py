"""Between accounts: what a role may do by its own policies is worth nothing where the other account does not let it in."""

from __future__ import annotations

import pytest

from untangle.assemble.borders import Borders
from untangle.assemble.limits import Asked, Limit
from untangle.assemble.resource_policies import OpenTo
from untangle.assemble.world import Atlas
from untangle.channels import CHANNELS
from untangle.model.resource import Coverage, Inventory, Resource, Stack
from untangle.model.value import Value

OWN, OTHER, REGION = "111111111111", "222222222222", "eu-west-1"
QUEUE, FUNCTION = f"{OTHER}/{REGION}/inbox", f"{OTHER}/{REGION}/clerk"


def live(type_: str, address: str, account: str = OTHER, region: str = REGION, **properties: Value) -> Resource:
    stack = f"{account}/{region}"
    service = "sqs" if type_ == "AWS::SQS::Queue" else "lambda"
    arn = f"arn:aws:{service}:{region}:{account}:{address if service == 'sqs' else 'function:' + address}"
    return Resource(
        id=f"{stack}/{address}",
        type=type_,
        stack=stack,
        address=address,
        properties=properties,
        deployed=arn,
        attributes={"Arn": arn},
    )


def policy(**statement: Value) -> Resource:
    document = {"Statement": ({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **statement},)}
    arn = f"arn:aws:sqs:{REGION}:{OTHER}:inbox"
    return live("AWS::SQS::QueuePolicy", "policy", Queues=(arn,), PolicyDocument=document)


def permission(principal: str, **more: str) -> Resource:
    return live("AWS::Lambda::Permission", "permission", FunctionName="clerk", Principal=principal, **more)


def crossing(node: str, *more: Resource, account: str = OWN, read: str = "read") -> Limit:
    places = [f"{each}/{region}" for each in (OWN, OTHER) for region in (REGION, "global")]
    inventory = Inventory(
        stacks=tuple(Stack(id=place, path=f"aws/{place}", folder="", kind="account") for place in places),
        resources=(
            live("AWS::SQS::Queue", "inbox", QueueName="inbox"),
            live("AWS::Lambda::Function", "clerk", FunctionName="clerk"),
            *more,
        ),
        coverage=tuple(
            Coverage(source=f"aws/{OTHER}/{REGION}", operation=operation, outcome=read)
            for operation in ("sqs.GetQueueAttributes", "lambda.GetPolicy")
        ),
    )
    atlas = Atlas(inventory, CHANNELS)
    type_, action = ("sqs", "sqs:SendMessage") if node == QUEUE else ("lambda_invoke", "lambda:InvokeFunction")
    channel = next(item for item in CHANNELS if item.type == type_)
    role = live("AWS::IAM::Role", "role", account, "global")
    return Borders(atlas, OpenTo(atlas)).crossing(
        Asked(action=action, node=node, channel=channel, stack=f"{account}/{REGION}"), role
    )


@pytest.mark.parametrize(
    "principal", ["*", OWN, f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:role/sender", (OTHER, OWN)], ids=str
)
def test_a_policy_that_names_the_account_lets_it_in(principal: Value) -> None:
    assert crossing(QUEUE, policy(Principal={"AWS": principal})) == Limit()


@pytest.mark.parametrize(
    "given",
    [
        (),
        (policy(Principal={"AWS": OTHER}),),
        (policy(Principal={"AWS": "arn:aws:iam::333333333333:root"}),),
        (policy(Principal={"Service": "sns.amazonaws.com"}),),
        (policy(Principal="*", Effect="Deny"),),
        (policy(Principal={"AWS": OWN}, Action="sqs:ReceiveMessage"),),
    ],
    ids=["none", "its own", "a third", "a service", "a denial", "another action"],
)
def test_a_policy_that_does_not_stops_it(given: tuple[Resource, ...]) -> None:
    assert crossing(QUEUE, *given) == Limit(taken=True)


@pytest.mark.parametrize(
    "given",
    [
        policy(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        policy(Principal={"AWS": "AROAEXAMPLE"}),
    ],
    ids=["a condition", "the id of a role that is gone"],
)
def test_what_is_not_sure_is_said_and_takes_nothing_away(given: Resource) -> None:
    limit = crossing(QUEUE, given)
    assert not limit.taken and OWN in limit.doubts[0]


def test_a_policy_that_may_not_be_read_is_not_none() -> None:
    limit = crossing(QUEUE, read="denied")
    assert not limit.taken and limit.doubts


def test_within_one_account_the_role_is_enough() -> None:
    assert crossing(QUEUE, account=OTHER) == Limit()


@pytest.mark.parametrize(
    ("given", "taken", "doubtful"),
    [
        ((), True, False),
        ((permission("s3.amazonaws.com"),), True, False),
        ((permission(OWN),), False, False),
        ((permission("*", PrincipalOrgID="o-1"),), False, True),
    ],
    ids=["none", "a service", "the account", "an organization"],
)
def test_permissions_of_functions(given: tuple[Resource, ...], taken: bool, doubtful: bool) -> None:
    limit = crossing(FUNCTION, *given)
    assert (limit.taken, bool(limit.doubts)) == (taken, doubtful)
