"""Which witnesses make a producer, and how sure of it untangle is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.assemble.inventories import allow, call, code, function, inventory, resource, role
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.code import CodeFacts
from untangle.model.evidence import Confidence
from untangle.model.graph import EventGraph
from untangle.model.resource import Resource
from untangle.model.shape import Shape
from untangle.model.value import Concat, Either, Env, Received, Ref, Symbol, Value

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


def test_a_target_that_the_message_carries_is_known_from_its_sender() -> None:
    """Each page of a paginated job sends the next page to the topic that the first message named."""
    topic = resource("jobs/Pages", "AWS::SNS::Topic", Subscription=({"Protocol": "lambda", "Endpoint": Ref("jobs/Work", "Arn")},))
    start = function("jobs/Start", environment={"TOPIC": Ref("jobs/Pages")})
    work = function("jobs/Work")
    payload = Shape(kind="object", properties={"topic": Shape(source=Env("TOPIC"))}, encoded=True)
    first = replace(call("sns", "Publish", TopicArn=Env("TOPIC")), payload=payload)
    again = call("sns", "Publish", TopicArn=Received("event.topic", ("Records", "*", "Sns", "Message", "()", "topic")))
    found = assemble(inventory(topic, start, work), [code("jobs/Start", first), code("jobs/Work", again)], CHANNELS)
    assert {(hop.producer, hop.consumer) for hop in found.reported} == {("jobs/Start", "jobs/Work"), ("jobs/Work", "jobs/Work")}
    assert not [gap for gap in found.gaps if "Publish" in gap.what]


def test_an_outside_queue_is_one_node_by_its_arn_and_by_its_url() -> None:
    grant = role("shop/Role", allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:999999999999:audit"))
    sends = code("shop/Produce", call("sqs", "SendMessage", QueueUrl=Env("AUDIT")))
    found = graph(sends, environment={"AUDIT": "https://sqs.eu-west-1.amazonaws.com/999999999999/audit"}, grant=grant)
    (outside,) = [node for node in found.channels if node.external]
    assert outside.id == "external/sqs/audit"
    (link,) = [link for link in found.links if link.target == outside.id]
    assert {item.kind.value for item in link.evidence} == {"coded", "permitted", "bound"}


def test_only_the_grant_of_the_action_that_is_used_is_a_witness() -> None:
    grant = role("shop/Role", allow("dynamodb:*", Ref("shop/Table", "Arn")))
    table = resource("shop/Table", "AWS::DynamoDB::Table", StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    found = graph(code("shop/Produce", call("dynamodb", "PutItem", TableName=Ref("shop/Table"))), grant=grant, more=(table,))
    (link,) = [link for link in found.links if link.target == "shop/Table"]
    assert [item.note.split()[0] for item in link.evidence if item.kind.value == "permitted"] == ["dynamodb:PutItem"]


def test_a_function_that_nobody_feeds_is_triggered_although_its_channel_feeds_others() -> None:
    def notify(function: str, prefix: str) -> Value:
        rules = ({"Name": "prefix", "Value": prefix},)
        return {"Event": "s3:ObjectCreated:*", "Function": Ref(function, "Arn"), "Filter": {"S3Key": {"Rules": rules}}}

    entries = (notify("s/First", "in/"), notify("s/Second", "out/"))
    bucket = resource("s/Files", "AWS::S3::Bucket", NotificationConfiguration={"LambdaConfigurations": entries})
    writes = call("s3", "PutObject", Bucket=Ref("s/Files"), Key=Concat(("out/", Symbol("name"))))
    world = inventory(bucket, function("s/First"), function("s/Second"))
    found = assemble(world, [code("s/First", writes), code("s/Second")], CHANNELS)
    assert [(hop.producer, hop.consumer) for hop in found.reported] == [("s/First", "s/Second")]
    assert [(trigger.function, trigger.type) for trigger in found.triggers] == [("s/First", "s3")]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param((), Confidence.LIKELY, id="every key"),
        pytest.param(({"Name": "suffix", "Value": ".pdf"},), Confidence.POSSIBLE, id="some keys"),
    ],
)
def test_a_grant_on_a_bucket_says_little_of_the_keys_that_a_notification_takes(
    rules: tuple[Value, ...], expected: Confidence
) -> None:
    notified = {"Event": "s3:ObjectCreated:*", "Function": Ref("shop/Take", "Arn")}
    if rules:
        notified["Filter"] = {"S3Key": {"Rules": rules}}
    bucket = resource("shop/Files", "AWS::S3::Bucket", NotificationConfiguration={"LambdaConfigurations": (notified,)})
    things = inventory(
        bucket,
        function("shop/Make", role=Ref("shop/Role", "Arn")),
        role("shop/Role", allow("s3:PutObject", Concat((Ref("shop/Files", "Arn"), "/*")))),
        function("shop/Take"),
    )
    (hop,) = assemble(things, [code("shop/Make", readable=False), code("shop/Take")], CHANNELS).hops
    assert hop.confidence is expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        pytest.param({}, Confidence.LIKELY, id="every key"),
        pytest.param({"object": {"key": ({"prefix": "pdf/"},)}}, Confidence.POSSIBLE, id="some keys"),
    ],
)
def test_a_grant_on_a_bucket_says_little_of_the_keys_that_a_rule_takes(stored: dict[str, Value], expected: Confidence) -> None:
    detail = {"bucket": {"name": (Ref("shop/Files"),)}} | stored
    rule = resource(
        "shop/Rule",
        "AWS::Events::Rule",
        EventPattern={"source": ("aws.s3",), "detail-type": ("Object Created",), "detail": detail},
        Targets=({"Id": "take", "Arn": Ref("shop/Take", "Arn")},),
    )
    things = inventory(
        resource("shop/Files", "AWS::S3::Bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}),
        function("shop/Make", role=Ref("shop/Role", "Arn")),
        role("shop/Role", allow("s3:PutObject", Concat((Ref("shop/Files", "Arn"), "/*")))),
        rule,
        function("shop/Take"),
    )
    (hop,) = assemble(things, [code("shop/Make", readable=False), code("shop/Take")], CHANNELS).hops
    assert hop.confidence is expected


def test_a_hop_depends_on_what_its_producer_depends_on() -> None:
    produce = replace(function("shop/Produce", role=Ref("shop/Role", "Arn"), environment=SENDS), condition="IsOn")
    made = inventory(QUEUE, MAPPING, CONSUME, CONSUME_ROLE, OWN_GRANT, produce)
    for facts in (code("shop/Produce", SEND), UNREAD):
        hops = assemble(made, [facts, code("shop/Consume")], CHANNELS).hops
        assert [hop.condition for hop in hops if hop.producer == "shop/Produce"] == ["IsOn"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(
            {"STORE": Either((Ref("shop/Dev"), Ref("shop/Live")), ("dev", "live"))},
            [("shop/Dev", "dev"), ("shop/Live", "live")],
            id="one, of the stage",
        ),
        pytest.param({"ONE": Ref("shop/Dev"), "OTHER": Ref("shop/Live")}, [], id="two"),
    ],
)
def test_the_alternatives_of_one_variable_are_one_candidate(
    variables: dict[str, Value], expected: list[tuple[str, str | None]]
) -> None:
    grants = allow("sqs:SendMessage", (Ref("shop/Dev", "Arn"), Ref("shop/Live", "Arn")))
    things = inventory(
        resource("shop/Dev", "AWS::SQS::Queue"),
        resource("shop/Live", "AWS::SQS::Queue"),
        function("shop/Make", role=Ref("shop/Role", "Arn"), environment=variables),
        role("shop/Role", grants),
    )
    made = assemble(things, [code("shop/Make", call("sqs", "SendMessage", QueueUrl=Symbol("url")))], CHANNELS)
    assert [(link.target, link.condition) for link in made.links if link.confidence is Confidence.LIKELY] == expected


def test_a_variable_that_no_template_sets_is_not_taken_for_what_another_one_names() -> None:
    shared = allow("sqs:SendMessage", "*")
    own = role("shop/Role", shared)
    other = function("shop/Idle", role=Ref("shop/Role", "Arn"))
    found = graph(
        code("shop/Produce", call("sqs", "SendMessage", QueueUrl=Env("TARGET"))), environment=SENDS, grant=own, more=(other,)
    )
    assert confidence(found) not in ("declared", "likely")
    assert any("TARGET, which no template sets" in gap.why for gap in found.gaps)


@pytest.mark.parametrize(
    ("granted", "likely"),
    [
        pytest.param(Ref("shop/Queue", "Arn"), True, id="the one that the variable names"),
        pytest.param(Concat(("arn:aws:sqs:", Symbol("AWS::Region"), ":1:*")), False, id="more than that one, by a pattern"),
    ],
)
def test_a_call_whose_target_is_not_seen_may_be_meant_for_all_that_is_granted(granted: Value, likely: bool) -> None:
    own = role("shop/Role", allow("sqs:SendMessage", granted))
    found = graph(code("shop/Produce", call("sqs", "SendMessage", QueueUrl=Symbol("url"))), environment=SENDS, grant=own)
    assert (confidence(found) == "likely") is likely
    assert bool(found.gaps) is not likely


@pytest.mark.parametrize(
    ("filters", "facts", "expected"),
    [
        pytest.param(({"kind": ("new",)}, {"kind": ("old",)}), UNREAD, "possible", id="one of two filters, the code unread"),
        pytest.param(({"kind": ("new",)}, None), UNREAD, "likely", id="the only filter"),
        pytest.param((None, None), UNREAD, "likely", id="no filters"),
        pytest.param(
            ({"kind": ("new",)}, {"kind": ("old",)}),
            code("shop/Produce", call("sns", "Publish", TopicArn=Ref("shop/Topic"))),
            "likely",
            id="the call is seen",
        ),
    ],
)
def test_a_grant_alone_does_not_say_which_of_several_filters_is_met(
    filters: tuple[Value, Value], facts: CodeFacts, expected: str
) -> None:
    topic = resource("shop/Topic", "AWS::SNS::Topic")
    heard = [
        resource(
            f"shop/Heard{i}",
            "AWS::SNS::Subscription",
            TopicArn=Ref("shop/Topic"),
            Protocol="lambda",
            Endpoint=Ref(consumer, "Arn"),
            **({} if wanted is None else {"FilterPolicy": wanted, "FilterPolicyScope": "MessageBody"}),
        )
        for i, (consumer, wanted) in enumerate(zip(("shop/Consume", "shop/Second"), filters, strict=True))
    ]
    grant = role("shop/Role", allow("sns:Publish", Ref("shop/Topic")))
    found = graph(facts, grant=grant, more=(topic, function("shop/Second"), *heard))
    assert confidence(found) == expected
