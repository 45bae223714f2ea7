"""Entries from outside: for every kind of resource, the function that it calls or the channel that it feeds."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, TOPIC, MemoryWorld, arrows, found, gaps, ref, triggers, world
from untangle.channels import (
    CHANNELS,
    alarm,
    alb,
    apigateway,
    appsync,
    cognito,
    config_rule,
    custom_resource,
    function_url,
    logs,
    s3_object_lambda,
    secretsmanager,
    ses,
)
from untangle.channels.channel import Channel
from untangle.model.value import Concat, Symbol, Value

WORK = ref("Work", "Arn")
INVOCATION = Concat(("arn:aws:apigateway:", Symbol("AWS::Region"), ":lambda:path/2015-03-31/functions/", WORK, "/invocations"))
LIVE = Concat(("arn:aws:apigateway:", Symbol("AWS::Region"), ":lambda:path/2015-03-31/functions/", WORK, ":live/invocations"))


def operation(uri: Value) -> Value:
    return {"x-amazon-apigateway-integration": {"uri": uri, "httpMethod": "POST", "type": "aws_proxy"}}


CALLS: list[tuple[Channel, str, dict[str, Value], str]] = [
    (
        function_url.CHANNEL,
        "AWS::Lambda::Url",
        {"TargetFunctionArn": WORK, "AuthType": "NONE"},
        "function URL (authentication NONE)",
    ),
    (
        alb.CHANNEL,
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {"TargetType": "lambda", "Targets": ({"Id": WORK},)},
        "target group It",
    ),
    (cognito.CHANNEL, "AWS::Cognito::UserPool", {"LambdaConfig": {"PreSignUp": WORK}}, "user pool It: PreSignUp"),
    (
        cognito.CHANNEL,
        "AWS::Cognito::UserPool",
        {"LambdaConfig": {"PreTokenGenerationConfig": {"LambdaArn": WORK, "LambdaVersion": "V2_0"}, "KMSKeyID": "k"}},
        "user pool It: PreTokenGenerationConfig",
    ),
    (logs.CHANNEL, "AWS::Logs::SubscriptionFilter", {"DestinationArn": WORK, "LogGroupName": "/app"}, "log group /app"),
    (
        ses.CHANNEL,
        "AWS::SES::ReceiptRule",
        {"Rule": {"Actions": ({"LambdaAction": {"FunctionArn": WORK}},)}},
        "receipt rule It",
    ),
    (
        logs.CHANNEL,
        "AWS::Logs::AccountPolicy",
        {"PolicyType": "SUBSCRIPTION_FILTER_POLICY", "PolicyDocument": {"DestinationArn": WORK, "FilterPattern": "ERROR"}},
        "all log groups",
    ),
    (alarm.CHANNEL, "AWS::CloudWatch::Alarm", {"AlarmActions": (WORK,)}, "alarm It: AlarmActions"),
    (alarm.CHANNEL, "AWS::CloudWatch::CompositeAlarm", {"OKActions": (WORK,)}, "alarm It: OKActions"),
    (custom_resource.CHANNEL, "AWS::CloudFormation::CustomResource", {"ServiceToken": WORK}, "custom resource It"),
    (custom_resource.CHANNEL, "Custom::Seed", {"ServiceToken": WORK}, "custom resource It (Custom::Seed)"),
    (
        config_rule.CHANNEL,
        "AWS::Config::ConfigRule",
        {"Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": WORK}},
        "config rule It",
    ),
    (secretsmanager.CHANNEL, "AWS::SecretsManager::RotationSchedule", {"RotationLambdaARN": WORK}, "rotation It"),
    (appsync.CHANNEL, "AWS::AppSync::DataSource", {"LambdaConfig": {"LambdaFunctionArn": WORK}}, "data source It"),
    (appsync.CHANNEL, "AWS::AppSync::GraphQLApi", {"LambdaAuthorizerConfig": {"AuthorizerUri": WORK}}, "authorizer of It"),
    (
        s3_object_lambda.CHANNEL,
        "AWS::S3ObjectLambda::AccessPoint",
        {
            "ObjectLambdaConfiguration": {
                "TransformationConfigurations": ({"ContentTransformation": {"AwsLambda": {"FunctionArn": WORK}}},)
            }
        },
        "access point It",
    ),
    (apigateway.CHANNEL, "AWS::ApiGateway::Method", {"HttpMethod": "GET", "Integration": {"Uri": INVOCATION}}, "GET /"),
    (apigateway.CHANNEL, "AWS::ApiGateway::Method", {"HttpMethod": "GET", "Integration": {"Uri": LIVE}}, "GET /"),
    (apigateway.CHANNEL, "AWS::ApiGateway::Authorizer", {"AuthorizerUri": INVOCATION}, "authorizer It"),
    (apigateway.CHANNEL, "AWS::ApiGateway::RestApi", {"Body": {"paths": {"/a": {"get": operation(INVOCATION)}}}}, "GET /a"),
    (apigateway.CHANNEL, "AWS::ApiGatewayV2::Integration", {"IntegrationUri": WORK}, "integration without a route"),
    (apigateway.CHANNEL, "AWS::ApiGatewayV2::Api", {"Target": WORK}, "$default"),
]


@pytest.mark.parametrize(("channel", "type", "properties", "note"), CALLS, ids=[f"{case[1]}-{i}" for i, case in enumerate(CALLS)])
def test_a_function_is_called(channel: Channel, type: str, properties: dict[str, Value], note: str) -> None:
    made = world(Work=FN, It={"Type": type, **properties})
    (trigger,) = triggers(channel, made)
    assert (trigger.type, trigger.function, str(trigger.location)) == (channel.type, "s/Work", "template.yaml:2")
    assert trigger.note.startswith(note)
    assert not gaps(channel, made)


STAGED = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.fn}"
APIS: list[tuple[str, dict[str, dict[str, Value]]]] = [
    (
        "a method",
        {
            "Api": {"Type": "AWS::ApiGateway::RestApi"},
            "It": {"Type": "AWS::ApiGateway::Method", "RestApiId": ref("Api"), "Integration": {"Uri": f"{STAGED}/invocations"}},
        },
    ),
    (
        "a definition",
        {"Api": {"Type": "AWS::ApiGateway::RestApi", "Body": {"paths": {"/a": {"get": operation(f"{STAGED}/invocations")}}}}},
    ),
    (
        "an authorizer",
        {
            "Api": {"Type": "AWS::ApiGateway::RestApi"},
            "It": {"Type": "AWS::ApiGateway::Authorizer", "RestApiId": ref("Api"), "AuthorizerUri": f"{STAGED}/invocations"},
        },
    ),
]
FNS = {name: {**FN, "FunctionName": name.lower()} for name in ("Work", "Rest")}


@pytest.mark.parametrize("api", [case[1] for case in APIS], ids=[case[0] for case in APIS])
@pytest.mark.parametrize(
    ("stages", "called"),
    [
        ({"Live": {"fn": "work"}}, ["s/Work"]),
        ({"Live": {"fn": "work"}, "Test": {"fn": "rest"}}, ["s/Rest", "s/Work"]),
        ({"Live": {"fn": "work"}, "Test": {"other": "rest"}}, ["s/Work"]),
        ({"Live": {"other": "work"}}, []),
        ({}, []),
    ],
)
def test_a_variable_of_the_stage_names_the_function(
    api: dict[str, dict[str, Value]], stages: dict[str, dict[str, Value]], called: list[str]
) -> None:
    made = world(
        **FNS,
        **api,
        **{
            name: {"Type": "AWS::ApiGateway::Stage", "RestApiId": ref("Api"), "StageName": name, "Variables": variables}
            for name, variables in stages.items()
        },
    )
    assert sorted(item.function for item in triggers(apigateway.CHANNEL, made)) == called
    assert len(gaps(apigateway.CHANNEL, made)) == (0 if called else 1)


def test_another_api_has_variables_of_its_own() -> None:
    made = world(
        **FNS,
        **APIS[0][1],
        Other={"Type": "AWS::ApiGateway::RestApi"},
        Live={"Type": "AWS::ApiGateway::Stage", "RestApiId": ref("Other"), "StageName": "live", "Variables": {"fn": "work"}},
    )
    assert not triggers(apigateway.CHANNEL, made)


def uri(service: str, *rest: Value) -> Value:
    return Concat(("arn:aws:apigateway:", Symbol("AWS::Region"), f":{service}:", *rest))


FEEDS: list[tuple[Channel, str, dict[str, Value], str]] = [
    (logs.CHANNEL, "AWS::Logs::SubscriptionFilter", {"DestinationArn": ref("Stream", "Arn"), "LogGroupName": "/app"}, "Stream"),
    (ses.CHANNEL, "AWS::SES::ReceiptRule", {"Rule": {"Actions": ({"SNSAction": {"TopicArn": ref("News")}},)}}, "News"),
    (ses.CHANNEL, "AWS::SES::ReceiptRule", {"Rule": {"Actions": ({"S3Action": {"BucketName": ref("In")}},)}}, "In"),
    (
        ses.CHANNEL,
        "AWS::SES::ConfigurationSetEventDestination",
        {"EventDestination": {"SnsDestination": {"TopicARN": ref("News")}}},
        "News",
    ),
    (alarm.CHANNEL, "AWS::CloudWatch::Alarm", {"OKActions": (ref("News"), "arn:aws:automate:eu-west-1:ec2:stop")}, "News"),
    (custom_resource.CHANNEL, "Custom::Seed", {"ServiceToken": ref("News")}, "News"),
    (appsync.CHANNEL, "AWS::AppSync::DataSource", {"EventBridgeConfig": {"EventBusArn": ref("Bus", "Arn")}}, "Bus"),
    (
        apigateway.CHANNEL,
        "AWS::ApiGateway::Method",
        {"Integration": {"Uri": uri("sqs", "path/", Symbol("AWS::AccountId"), "/", ref("Orders", "QueueName"))}},
        "Orders",
    ),
    (
        apigateway.CHANNEL,
        "AWS::ApiGateway::Method",
        {
            "Integration": {
                "Uri": uri("states", "action/StartExecution"),
                "RequestTemplates": {"application/json": Concat(('{"stateMachineArn": "', ref("Flow"), '"}'))},
            }
        },
        "Flow",
    ),
    (
        apigateway.CHANNEL,
        "AWS::ApiGateway::Method",
        {"Integration": {"Uri": uri("events", "action/PutEvents")}},
        "eventbridge/default",
    ),
    (
        apigateway.CHANNEL,
        "AWS::ApiGatewayV2::Integration",
        {"IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"QueueUrl": ref("Orders")}},
        "Orders",
    ),
    (
        apigateway.CHANNEL,
        "AWS::ApiGateway::RestApi",
        {"Body": {"paths": {"/a": {"post": operation(uri("sns", "path/", ref("News")))}}}},
        "News",
    ),
]


def surroundings(**more: dict[str, Value]) -> MemoryWorld:
    return world(
        Orders=QUEUE,
        News=TOPIC,
        In={"Type": "AWS::S3::Bucket"},
        Bus={"Type": "AWS::Events::EventBus"},
        Stream={"Type": "AWS::Kinesis::Stream"},
        Flow={"Type": "AWS::StepFunctions::StateMachine"},
        Items={"Type": "AWS::DynamoDB::Table"},
        Sub={"Type": "AWS::SNS::Subscription", "TopicArn": ref("News"), "Protocol": "sqs", "Endpoint": ref("Orders", "Arn")},
        **more,
    )


@pytest.mark.parametrize(("channel", "type", "properties", "target"), FEEDS, ids=[f"{case[1]}-{case[3]}" for case in FEEDS])
def test_a_channel_is_fed(channel: Channel, type: str, properties: dict[str, Value], target: str) -> None:
    made = surroundings(It={"Type": type, **properties})
    assert arrows(channel, made) == {f"It => {target}"}
    assert not gaps(channel, made)


def test_a_call_that_only_reads_feeds_nothing() -> None:
    template = {"application/json": Concat(('{"TableName": "', ref("Items"), '"}'))}
    for action, fed in (("Query", set()), ("PutItem", {"It => Items"})):
        integration = {"Uri": uri("dynamodb", f"action/{action}"), "RequestTemplates": template}
        assert arrows(apigateway.CHANNEL, surroundings(It={"Type": "AWS::ApiGateway::Method", "Integration": integration})) == fed


def test_the_path_of_a_method() -> None:
    made = world(
        Work=FN,
        Orders={"Type": "AWS::ApiGateway::Resource", "PathPart": "orders", "ParentId": ref("Api", "RootResourceId")},
        One={"Type": "AWS::ApiGateway::Resource", "PathPart": "{id}", "ParentId": ref("Orders")},
        Api={"Type": "AWS::ApiGateway::RestApi"},
        Method={
            "Type": "AWS::ApiGateway::Method",
            "HttpMethod": "PUT",
            "ResourceId": ref("One"),
            "Integration": {"Uri": INVOCATION},
        },
    )
    assert [trigger.note for trigger in triggers(apigateway.CHANNEL, made)] == ["PUT /orders/{id}"]


def test_the_routes_of_an_http_or_websocket_api() -> None:
    made = world(
        Work=FN,
        Call={"Type": "AWS::ApiGatewayV2::Integration", "IntegrationUri": INVOCATION},
        Get={"Type": "AWS::ApiGatewayV2::Route", "RouteKey": "GET /a", "Target": Concat(("integrations/", ref("Call")))},
        Connect={"Type": "AWS::ApiGatewayV2::Route", "RouteKey": "$connect", "Target": Concat(("integrations/", ref("Call")))},
    )
    assert sorted(trigger.note for trigger in triggers(apigateway.CHANNEL, made)) == ["$connect", "GET /a"]


def test_alarms_and_log_lines_that_lead_out_are_left_out() -> None:
    made = world(
        News=TOPIC,
        Alarm={"Type": "AWS::CloudWatch::Alarm", "AlarmActions": (ref("News"), Symbol("TopicArn"))},
        Lines={"Type": "AWS::Logs::SubscriptionFilter", "DestinationArn": Symbol("ForwarderArn")},
    )
    assert found(alarm.CHANNEL, made) == []
    assert found(logs.CHANNEL, made) == []


def test_another_kind_of_account_policy_subscribes_nobody() -> None:
    policy: dict[str, Value] = {"Type": "AWS::Logs::AccountPolicy", "PolicyType": "DATA_PROTECTION_POLICY"}
    assert found(logs.CHANNEL, world(Work=FN, It=policy | {"PolicyDocument": {"DestinationArn": WORK}})) == []


def test_who_is_told_of_mail_outside_the_scan_is_left_out() -> None:
    told: dict[str, Value] = {"SnsDestination": {"TopicARN": Symbol("Elsewhere")}}
    made = world(It={"Type": "AWS::SES::ConfigurationSetEventDestination", "EventDestination": told})
    assert found(ses.CHANNEL, made) == []


@pytest.mark.parametrize(("enabled", "expected"), [(False, {"enabled": False}), (True, {}), (None, {})])
def test_an_alarm_whose_actions_are_switched_off_says_so(enabled: Value, expected: dict[str, Value]) -> None:
    made = world(Work=FN, It={"Type": "AWS::CloudWatch::Alarm", "AlarmActions": (WORK,), "ActionsEnabled": enabled})
    assert [trigger.delivery for trigger in triggers(alarm.CHANNEL, made)] == [expected]


def test_a_function_outside_the_scan_is_said() -> None:
    made = world(It={"Type": "AWS::Lambda::Url", "TargetFunctionArn": Symbol("FunctionArn")})
    assert [gap.why for gap in gaps(function_url.CHANNEL, made)] == ["${FunctionArn} names nothing in the scan"]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.type)
def test_properties_that_are_not_what_they_should_be_are_survived(channel: Channel) -> None:
    types = [
        *(case[1] for case in (*CALLS, *FEEDS)),
        *(kind.type for kind in channel.kinds),
        "AWS::Events::Rule",
        "AWS::SNS::Subscription",
        "AWS::Lambda::Function",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Pipes::Pipe",
        "AWS::Scheduler::Schedule",
        "AWS::IoT::TopicRule",
        "AWS::EventsV2::Subscriber",
        "AWS::EventsV2::EventSource",
        "AWS::KinesisFirehose::DeliveryStream",
        "Custom::S3BucketNotifications",
    ]
    names = {key for case in (*CALLS, *FEEDS) for key in case[2]} | {
        "NotificationConfiguration", "Targets", "EventPattern", "Target", "Source", "SourceParameters", "TopicRulePayload",
        "RedrivePolicy", "FilterPolicy", "Subscription", "FilterCriteria", "DestinationConfig", "EventSourceArn", "FunctionName",
        "TopicArn", "Endpoint", "EventBusName", "ScheduleExpression", "FilterConfiguration", "ExtendedS3DestinationConfiguration",
        "KeySchema", "ScalingConfig", "Configuration", "InvokeConfiguration",
    }  # fmt: skip
    for strange in (
        "text",
        7,
        True,
        (),
        ("a", 1),
        {"a": ()},
        {"Filters": "x", "paths": {"/": 3}},
        ({"Arn": 3},),
        Symbol("X"),
        "",
    ):
        written = dict.fromkeys(sorted(names), strange)
        resources = {f"R{i}": {"Type": type_, **written} for i, type_ in enumerate(types)}
        found(channel, world(**resources))  # type: ignore[arg-type]
        if channel.settings is not None:
            made = world(**resources)  # type: ignore[arg-type]
            for kind in channel.kinds:
                for resource in made.of_type(kind.type):
                    channel.settings(resource, made)
