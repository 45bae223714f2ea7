"""An account with an entry of every kind: what it triggers, and the hops behind it, are those of a template of the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.account.faults import Faults
from tests.scanners.account.inventory.shop import REGION, Shop, arn
from untangle.config import Config
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account.scopes import live

NAMES = (
    "sign-up", "on-mqtt", "on-mail", "resolve", "authorize", "serve", "on-alarm", "on-told", "on-log", "on-kafka", "on-mq",
    "rotate", "comply", "transform", "on-bounce", "writer", "on-change",
)  # fmt: skip
TABLE, STREAM, RULE = arn("dynamodb", "table/items"), arn("kinesis", "stream/changes"), "select * from 'a/b'"


def fn(name: str) -> str:
    return arn("lambda", f"function:{name}")


def entries() -> tuple[str, str]:
    """What moto can make of it; the ARNs of the cluster and of the broker."""
    shop = Shop()
    for name in NAMES:
        shop.function(name, *([("dynamodb:PutItem", TABLE)] if name == "writer" else []))
    shop.client("cognito-idp").create_user_pool(PoolName="people", LambdaConfig={"PreSignUp": fn("sign-up")})
    payload = {"sql": RULE, "actions": [{"lambda": {"functionArn": fn("on-mqtt")}}]}
    shop.client("iot").create_topic_rule(ruleName="measured", topicRulePayload=payload)
    ses = shop.client("ses")
    ses.create_receipt_rule_set(RuleSetName="mail")
    rule = {"Name": "all", "Enabled": True, "Actions": [{"LambdaAction": {"FunctionArn": fn("on-mail")}}]}
    ses.create_receipt_rule(RuleSetName="mail", Rule=rule)
    ses.set_active_receipt_rule_set(RuleSetName="mail")
    shop.client("sesv2").create_configuration_set(ConfigurationSetName="sent")
    for topic, name in (("told", "on-told"), ("bounces", "on-bounce")):
        shop.client("sns").create_topic(Name=topic)
        shop.subscribe(topic, "lambda", fn(name))
    lambda_authorizer = {"authorizerUri": fn("authorize")}
    appsync = shop.client("appsync")
    appsync.create_graphql_api(name="api", authenticationType="AWS_LAMBDA", lambdaAuthorizerConfig=lambda_authorizer)
    balancers = shop.client("elbv2")
    group = balancers.create_target_group(Name="web", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    balancers.register_targets(TargetGroupArn=group, Targets=[{"Id": fn("serve")}])
    for name, told in (("high", fn("on-alarm")), ("low", arn("sns", "told"))):
        shop.client("cloudwatch").put_metric_alarm(
            AlarmName=name, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1, Statistic="Sum",
            ComparisonOperator="GreaterThanThreshold", AlarmActions=[told],
        )  # fmt: skip
    logs = shop.client("logs")
    logs.create_log_group(logGroupName="/shop/web")
    logs.create_log_group(logGroupName="/nobody/listens")
    logs.put_subscription_filter(
        logGroupName="/shop/web", filterName="errors", filterPattern="ERROR", destinationArn=fn("on-log")
    )
    shop.client("lambda").add_permission(
        FunctionName="on-log", StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com",
        SourceArn=arn("logs", "log-group:/shop/web:*"),
    )  # fmt: skip
    shop.client("dynamodb").create_table(
        TableName="items", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    shop.client("kinesis").create_stream(StreamName="changes", ShardCount=1)
    shop.polls("on-change", STREAM, StartingPosition="LATEST")
    network = {"ClientSubnets": ["subnet-1"], "InstanceType": "kafka.m5.large"}
    cluster = shop.client("kafka").create_cluster(
        ClusterName="stock", KafkaVersion="3.6.0", NumberOfBrokerNodes=1, BrokerNodeGroupInfo=network
    )["ClusterArn"]
    broker = shop.client("mq").create_broker(
        BrokerName="post", EngineType="RABBITMQ", EngineVersion="3.13", HostInstanceType="mq.m5.large", PubliclyAccessible=False,
        DeploymentMode="SINGLE_INSTANCE", Users=[{"Username": "user", "Password": "not-so-secret"}],
    )["BrokerArn"]  # fmt: skip
    return cluster, broker


def what_moto_lacks(faults: Faults, cluster: str, broker: str) -> None:
    """Answers of the operations that moto does not have (or that run a function there), as AWS gives them."""
    destination = {"Name": "bounced", "Enabled": True, "MatchingEventTypes": ["BOUNCE"]}
    told = {"SnsDestination": {"TopicArn": arn("sns", "bounces")}}
    faults.says("GetConfigurationSetEventDestinations", {"EventDestinations": [destination | told]})
    source = {"name": "items", "type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": fn("resolve")}}
    faults.says("ListDataSources", {"dataSources": [source]})
    sent = [{"StreamArn": STREAM, "DestinationStatus": "ACTIVE"}]
    faults.says("DescribeKinesisStreamingDestination", {"TableName": "items", "KinesisDataStreamDestinations": sent})
    rotated = {"ARN": arn("secretsmanager", "secret:password-a1"), "Name": "password", "RotationLambdaARN": fn("rotate")}
    stopped = rotated | {"Name": "old", "RotationEnabled": False, "RotationLambdaARN": fn("writer")}
    faults.says("ListSecrets", {"SecretList": [rotated | {"RotationEnabled": True}, stopped]})
    rule = {"ConfigRuleName": "tagged", "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": fn("comply")}}
    managed = {"ConfigRuleName": "encrypted", "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}}
    faults.says("DescribeConfigRules", {"ConfigRules": [rule, managed]})
    faults.says("ListAccessPointsForObjectLambda", {"ObjectLambdaAccessPointList": [{"Name": "small"}]})
    transformation = {"Actions": ["GetObject"], "ContentTransformation": {"AwsLambda": {"FunctionArn": fn("transform")}}}
    configuration = {"SupportingAccessPoint": "all", "TransformationConfigurations": [transformation]}
    faults.says("GetAccessPointConfigurationForObjectLambda", {"Configuration": configuration})
    polled = [
        {"UUID": name, "State": "Enabled", "FunctionArn": fn(name), "EventSourceArn": source}
        for name, source in (("on-kafka", cluster), ("on-mq", broker), ("on-change", STREAM))
    ]
    faults.says("ListEventSourceMappings", {"EventSourceMappings": polled})


def template() -> dict[str, Any]:
    """The same as a template would say it."""

    def of(name: str) -> dict[str, Any]:
        return {"Fn::GetAtt": [name.replace("-", ""), "Arn"]}

    def made(type_: str, **properties: Any) -> dict[str, Any]:
        return {"Type": type_, "Properties": properties}

    code = {"S3Bucket": "artifacts", "S3Key": "app.zip"}
    found = {
        name.replace("-", ""): made("AWS::Lambda::Function", FunctionName=name, Code=code, Role={"Fn::GetAtt": [f"R{i}", "Arn"]})
        for i, name in enumerate(NAMES)
    }
    grant = {"Statement": [{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": {"Fn::GetAtt": ["Items", "Arn"]}}]}
    policies = {"writer": [{"PolicyName": "own", "PolicyDocument": grant}]}
    found |= {f"R{i}": made("AWS::IAM::Role", Policies=policies.get(name, [])) for i, name in enumerate(NAMES)}
    action = {"LambdaAction": {"FunctionArn": of("on-mail")}}
    transformation = {"Actions": ["GetObject"], "ContentTransformation": {"AwsLambda": {"FunctionArn": of("transform")}}}
    destination = {"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicARN": {"Ref": "Bounces"}}}
    source = {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": of("comply")}
    found |= {
        "Pool": made("AWS::Cognito::UserPool", LambdaConfig={"PreSignUp": of("sign-up")}),
        "Rule": made(
            "AWS::IoT::TopicRule", TopicRulePayload={"Sql": RULE, "Actions": [{"Lambda": {"FunctionArn": of("on-mqtt")}}]}
        ),
        "Mail": made("AWS::SES::ReceiptRule", RuleSetName="mail", Rule={"Name": "all", "Actions": [action]}),
        "Sent": made("AWS::SES::ConfigurationSetEventDestination", ConfigurationSetName="sent", EventDestination=destination),
        "Told": made("AWS::SNS::Topic", TopicName="told"),
        "Bounces": made("AWS::SNS::Topic", TopicName="bounces"),
        "S1": made("AWS::SNS::Subscription", TopicArn={"Ref": "Told"}, Protocol="lambda", Endpoint=of("on-told")),
        "S2": made("AWS::SNS::Subscription", TopicArn={"Ref": "Bounces"}, Protocol="lambda", Endpoint=of("on-bounce")),
        "Api": made("AWS::AppSync::GraphQLApi", Name="api", LambdaAuthorizerConfig={"AuthorizerUri": of("authorize")}),
        "Source": made("AWS::AppSync::DataSource", Name="items", LambdaConfig={"LambdaFunctionArn": of("resolve")}),
        "Web": made("AWS::ElasticLoadBalancingV2::TargetGroup", TargetType="lambda", Targets=[{"Id": of("serve")}]),
        "High": made("AWS::CloudWatch::Alarm", AlarmActions=[of("on-alarm")]),
        "Low": made("AWS::CloudWatch::Alarm", AlarmActions=[{"Ref": "Told"}]),
        "Errors": made(
            "AWS::Logs::SubscriptionFilter", LogGroupName="/shop/web", FilterPattern="ERROR", DestinationArn=of("on-log")
        ),
        "Rotation": made("AWS::SecretsManager::RotationSchedule", RotationLambdaARN=of("rotate")),
        "Tagged": made("AWS::Config::ConfigRule", Source=source),
        "Small": made(
            "AWS::S3ObjectLambda::AccessPoint", ObjectLambdaConfiguration={"TransformationConfigurations": [transformation]}
        ),
        "Stock": made("AWS::MSK::Cluster", ClusterName="stock"),
        "Post": made("AWS::AmazonMQ::Broker", BrokerName="post"),
        "Items": made(
            "AWS::DynamoDB::Table",
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            KinesisStreamSpecification={"StreamArn": {"Fn::GetAtt": ["Changes", "Arn"]}},
        ),
        "Changes": made("AWS::Kinesis::Stream", Name="changes", ShardCount=1),
        "M1": made("AWS::Lambda::EventSourceMapping", FunctionName=of("on-kafka"), EventSourceArn={"Ref": "Stock"}),
        "M2": made("AWS::Lambda::EventSourceMapping", FunctionName=of("on-mq"), EventSourceArn={"Fn::GetAtt": ["Post", "Arn"]}),
        "M3": made(
            "AWS::Lambda::EventSourceMapping", FunctionName=of("on-change"), EventSourceArn={"Fn::GetAtt": ["Changes", "Arn"]}
        ),
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": found}


def told(found: Scan) -> tuple[set[tuple[str, str]], set[tuple[str, str, str, str]]]:
    """The triggers (type, function) and hops of a scan, functions by their names."""
    names = {function.id: function.name or "" for function in found.graph.functions}
    hops = {
        (names[hop.producer], names[hop.consumer], "/".join(passage.type for passage in hop.passages), hop.confidence.value)
        for hop in found.graph.hops
    }
    return {(trigger.type, names[trigger.function]) for trigger in found.graph.triggers}, hops


@pytest.fixture
def account(faults: Faults) -> Faults:
    what_moto_lacks(faults, *entries())
    return faults


def whole() -> Scan:
    return scan(None, config=Config(), scopes=live(regions=[REGION]))


def test_the_entries_of_an_account_are_those_of_its_template(account: Faults, tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text(json.dumps(template()))
    triggers, hops = told(whole())
    assert (triggers, hops) == told(scan(tmp_path, config=Config()))
    assert {type_ for type_, _ in triggers} == {
        "alarm", "alb", "appsync", "cognito", "config_rule", "iot", "logs", "mq", "msk", "s3_object_lambda", "secretsmanager",
        "ses", "sns",
    }  # fmt: skip
    assert hops == {("writer", "on-change", "dynamodb_stream/kinesis", "likely")}


def test_only_log_groups_that_may_invoke_a_function_are_asked_for(account: Faults) -> None:
    whole()
    assert account.sent["DescribeSubscriptionFilters"] == 1
    assert account.sent["DescribeLogGroups"] == 0
