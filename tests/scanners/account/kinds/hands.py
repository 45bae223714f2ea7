"""The calls that CloudFormation makes for what moto's does not; what moto has no call for, or drops, is laid over its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.scanners.account.inventory.shop import ACCOUNT, REGION, Shop, arn
from tests.scanners.account.kinds.laid import Laid

Properties = Mapping[str, Any]
Made = Mapping[str, str]  # the attributes of a thing, `Ref` among them
Hand = Callable[[Shop, Laid, Properties], Made]
_POLLED = ("sqs", "dynamodb", "kinesis")


def lower(value: Any) -> Any:
    """CloudFormation's spelling as the APIs of some services have it: `FunctionArn` is `functionArn`."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: lower(item) for name, item in value.items()}
    return [lower(item) for item in value] if isinstance(value, list) else value


def subscription(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Attributes are text."""
    attributes = {
        name: json.dumps(item) if not isinstance(item, str) else item
        for name, item in said.items()
        if name not in ("TopicArn", "Protocol", "Endpoint")
    }
    made = shop.client("sns").subscribe(
        TopicArn=said["TopicArn"], Protocol=said["Protocol"], Endpoint=said["Endpoint"], Attributes=attributes
    )
    return {"Ref": made["SubscriptionArn"]}


def mapping(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto polls queues, tables and streams only, and keeps few of the settings: what else there is, AWS would tell."""
    source = said.get("EventSourceArn", "")
    if source.split(":")[2:3] and source.split(":")[2] in _POLLED and source.split(":")[4] == ACCOUNT:
        known = {name: said[name] for name in ("EventSourceArn", "FunctionName", "BatchSize", "StartingPosition") if name in said}
        uuid = str(shop.client("lambda").create_event_source_mapping(**known)["UUID"])
        rest = {name: item for name, item in said.items() if name not in (*known, "FunctionName")}
        if rest:
            laid.change("lambda.ListEventSourceMappings", "EventSourceMappings", "UUID", uuid, rest)
        return {"Ref": uuid}
    name = str(said["FunctionName"])
    rest = {name: item for name, item in said.items() if name != "FunctionName"}
    uuid = f"00000000-0000-0000-0000-{laid.edits:012}"
    function = name if name.startswith("arn:") else arn("lambda", f"function:{name}")
    row = {"UUID": uuid, "State": "Enabled", "FunctionArn": function, **rest}
    laid.add("lambda.ListEventSourceMappings", "EventSourceMappings", row)
    return {"Ref": uuid}


def invoke_config(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Destinations and retries of asynchronous invocations."""
    shop.client("lambda").put_function_event_invoke_config(**said)
    return {"Ref": str(said["FunctionName"])}


def alias(shop: Shop, laid: Laid, said: Properties) -> Made:
    """An alias of a function."""
    made = shop.client("lambda").create_alias(**said)["AliasArn"]
    return {"Ref": made, "Arn": made}


def url(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto has no call that lists them."""
    name = said["TargetFunctionArn"].rpartition(":")[2]
    row = {"FunctionArn": said["TargetFunctionArn"], "AuthType": said["AuthType"]}
    laid.add("lambda.ListFunctionUrlConfigs", "FunctionUrlConfigs", row, FunctionName=name)
    return {"Ref": said["TargetFunctionArn"]}


def role(shop: Shop, laid: Laid, said: Properties) -> None:
    """Its policies."""
    for policy in said.get("Policies", ()):
        text = json.dumps(policy["PolicyDocument"])
        shop.client("iam").put_role_policy(RoleName=said["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=text)


def function(shop: Shop, laid: Laid, said: Properties) -> None:
    """Moto drops the dead-letter queue."""
    if "DeadLetterConfig" in said:
        more = {"DeadLetterConfig": said["DeadLetterConfig"]}
        laid.change("lambda.ListFunctions", "Functions", "FunctionName", said["FunctionName"], more)


def bucket(shop: Shop, laid: Laid, said: Properties) -> None:
    """Moto's CloudFormation leaves the notifications out, and moto drops that EventBridge is told."""
    written = said.get("NotificationConfiguration", {})
    wanted: dict[str, Any] = {}
    for kind, api, property_ in (
        ("Lambda", "LambdaFunction", "Function"),
        ("Queue", "Queue", "Queue"),
        ("Topic", "Topic", "Topic"),
    ):
        for item in written.get(f"{kind}Configurations", ()):
            filter = {"Filter": {"Key": {"FilterRules": item["Filter"]["S3Key"]["Rules"]}}} if "Filter" in item else {}
            told = {f"{api}Arn": item[property_], "Events": [item["Event"]], **filter}
            wanted.setdefault(f"{api}Configurations", []).append(told)
    if wanted:
        shop.client("s3").put_bucket_notification_configuration(Bucket=said["BucketName"], NotificationConfiguration=wanted)
    if "EventBridgeConfiguration" in written:
        empty: dict[str, Any] = {"EventBridgeConfiguration": {}}
        laid.edit("s3.GetBucketNotificationConfiguration", lambda page: page.update(empty), Bucket=said["BucketName"])


def table(shop: Shop, laid: Laid, said: Properties) -> None:
    """Moto has no call that tells where a table's changes are sent."""
    if "KinesisStreamSpecification" in said:
        row = {"StreamArn": said["KinesisStreamSpecification"]["StreamArn"], "DestinationStatus": "ACTIVE"}
        asked = {"TableName": said["TableName"]}
        laid.add("dynamodb.DescribeKinesisStreamingDestination", "KinesisDataStreamDestinations", row, **asked)


def rule(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A rule and its targets. Moto's CloudFormation cannot put one on a bus of the same stack."""
    events, at = shop.client("events"), {"EventBusName": said.get("EventBusName", "default")}
    more = {name: item for name, item in said.items() if name not in ("Targets", "EventPattern")}
    pattern = {"EventPattern": json.dumps(said["EventPattern"])} if "EventPattern" in said else {}
    made = events.put_rule(**more, **pattern)
    events.put_targets(Rule=said["Name"], Targets=said["Targets"], **at)
    return {"Ref": said["Name"], "Arn": made["RuleArn"]}


def pipe(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A pipe as it is written."""
    return {"Ref": said["Name"], "Arn": shop.client("pipes").create_pipe(**said)["Arn"]}


def schedule(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A schedule as it is written."""
    return {"Ref": said["Name"], "Arn": shop.client("scheduler").create_schedule(**said)["ScheduleArn"]}


def log_filter(shop: Shop, laid: Laid, said: Properties) -> Made:
    """CloudFormation makes up a name; so does this."""
    shop.client("logs").put_subscription_filter(filterName="all", **lower(said))
    return {"Ref": "all"}


def user_pool(shop: Shop, laid: Laid, said: Properties) -> Made:
    """`UserPoolName` is the API's `PoolName`."""
    made = shop.client("cognito-idp").create_user_pool(PoolName=said["UserPoolName"], LambdaConfig=said["LambdaConfig"])
    return {"Ref": made["UserPool"]["Id"]}


def topic_rule(shop: Shop, laid: Laid, said: Properties) -> Made:
    """The API spells the payload with small letters."""
    shop.client("iot").create_topic_rule(ruleName=said["RuleName"], topicRulePayload=lower(said["TopicRulePayload"]))
    return {"Ref": said["RuleName"]}


def receipt_rule_set(shop: Shop, laid: Laid, said: Properties) -> Made:
    """It gets mail only when it is active; to make it so is a call of its own."""
    shop.client("ses").create_receipt_rule_set(**said)
    shop.client("ses").set_active_receipt_rule_set(**said)
    return {"Ref": said["RuleSetName"]}


def receipt_rule(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A rule as it is written."""
    shop.client("ses").create_receipt_rule(**said)
    return {"Ref": said["Rule"]["Name"]}


def configuration_set(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A configuration set by its name."""
    shop.client("sesv2").create_configuration_set(ConfigurationSetName=said["Name"])
    return {"Ref": said["Name"]}


def mail_events(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto has no call that tells them."""
    written = dict(said["EventDestination"])
    if "SnsDestination" in written:
        written["SnsDestination"] = {"TopicArn": written["SnsDestination"]["TopicARN"]}
    owner = said["ConfigurationSetName"]
    laid.add("sesv2.GetConfigurationSetEventDestinations", "EventDestinations", written, ConfigurationSetName=owner)
    return {"Ref": "events"}


def rest_api(shop: Shop, laid: Laid, said: Properties) -> Made:
    """An API; moto's own CloudFormation wants a deployment too."""
    made = shop.client("apigateway").create_rest_api(name=said["Name"], description="x")
    return {"Ref": made["id"], "RootResourceId": made["rootResourceId"]}


def rest_resource(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A part of a path."""
    named = {"restApiId": said["RestApiId"], "parentId": said["ParentId"], "pathPart": said["PathPart"]}
    return {"Ref": shop.client("apigateway").create_resource(**named)["id"]}


def rest_method(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A method and its integration."""
    at = {"restApiId": said["RestApiId"], "resourceId": said["ResourceId"], "httpMethod": said["HttpMethod"]}
    gateway, called = shop.client("apigateway"), said["Integration"]
    gateway.put_method(**at, authorizationType="NONE")
    more = {"requestTemplates": called["RequestTemplates"]} if "RequestTemplates" in called else {}
    more |= {"requestParameters": called["RequestParameters"]} if "RequestParameters" in called else {}
    more |= {"credentials": called["Credentials"]} if "Credentials" in called else {}
    gateway.put_integration(
        **at, type=called["Type"], integrationHttpMethod=called["IntegrationHttpMethod"], uri=called["Uri"], **more
    )
    return {"Ref": said["HttpMethod"]}


def rest_authorizer(shop: Shop, laid: Laid, said: Properties) -> Made:
    """An authorizer of a REST API."""
    made = shop.client("apigateway").create_authorizer(
        restApiId=said["RestApiId"], name=said["Name"], type=said["Type"], authorizerUri=said["AuthorizerUri"],
        identitySource="method.request.header.Authorization",
    )  # fmt: skip
    return {"Ref": made["id"]}


def http_api(shop: Shop, laid: Laid, said: Properties) -> Made:
    """An HTTP or WebSocket API."""
    return {"Ref": shop.client("apigatewayv2").create_api(**said)["ApiId"]}


def http_integration(shop: Shop, laid: Laid, said: Properties) -> Made:
    """What a route calls."""
    return {"Ref": shop.client("apigatewayv2").create_integration(**said)["IntegrationId"]}


def http_route(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A route."""
    return {"Ref": shop.client("apigatewayv2").create_route(**said)["RouteId"]}


def graphql(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A GraphQL API."""
    made = shop.client("appsync").create_graphql_api(**lower(said))["graphqlApi"]
    return {"Ref": made["arn"], "ApiId": made["apiId"]}


def data_source(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto has no data sources."""
    laid.add("appsync.ListDataSources", "dataSources", lower(said), apiId=said["ApiId"])
    return {"Ref": said["Name"]}


def target_group(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A target group and who is in it."""
    balancers = shop.client("elbv2")
    made = str(balancers.create_target_group(Name=said["Name"], TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"])
    balancers.register_targets(TargetGroupArn=made, Targets=said["Targets"])
    return {"Ref": made}


def alarm(shop: Shop, laid: Laid, said: Properties) -> Made:
    """An alarm as it is written."""
    shop.client("cloudwatch").put_metric_alarm(**said)
    return {"Ref": said["AlarmName"]}


def delivery_stream(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto says nothing of what is done with the records on their way."""
    made = shop.client("firehose").create_delivery_stream(**said)["DeliveryStreamARN"]
    return {"Ref": said["DeliveryStreamName"], "Arn": made}


def kafka(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A cluster as it is written."""
    made = shop.client("kafka").create_cluster(**said)["ClusterArn"]
    return {"Ref": made, "Arn": made}


def broker(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A broker as it is written."""
    made = shop.client("mq").create_broker(**said)
    return {"Ref": made["BrokerId"], "Arn": made["BrokerArn"]}


def documents(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Its ARN is one of RDS; nothing is asked of the cluster itself."""
    return {"Ref": said["DBClusterIdentifier"], "Arn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{said['DBClusterIdentifier']}"}


def secret(shop: Shop, laid: Laid, said: Properties) -> Made:
    """A secret."""
    return {"Ref": shop.client("secretsmanager").create_secret(Name=said["Name"], SecretString="x")["ARN"]}


def rotation(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto would run the function."""
    more = {"RotationEnabled": True, "RotationLambdaARN": said["RotationLambdaARN"]}
    laid.change("secretsmanager.ListSecrets", "SecretList", "ARN", said["SecretId"], more)
    return {"Ref": said["SecretId"]}


def config_rule(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto runs into an error with a function of one's own."""
    laid.add("config.DescribeConfigRules", "ConfigRules", dict(said))
    return {"Ref": said["ConfigRuleName"]}


def object_lambda(shop: Shop, laid: Laid, said: Properties) -> Made:
    """Moto has none."""
    laid.add("s3control.ListAccessPointsForObjectLambda", "ObjectLambdaAccessPointList", {"Name": said["Name"]})
    configuration = said["ObjectLambdaConfiguration"]
    laid.edit(
        "s3control.GetAccessPointConfigurationForObjectLambda",
        lambda page: page.update({"Configuration": configuration}),
        Name=said["Name"],
    )
    return {"Ref": said["Name"]}


MADE: Mapping[str, Hand] = {
    "AWS::SNS::Subscription": subscription,
    "AWS::Lambda::EventSourceMapping": mapping,
    "AWS::Lambda::EventInvokeConfig": invoke_config,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::Url": url,
    "AWS::Events::Rule": rule,
    "AWS::Pipes::Pipe": pipe,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::Logs::SubscriptionFilter": log_filter,
    "AWS::Cognito::UserPool": user_pool,
    "AWS::IoT::TopicRule": topic_rule,
    "AWS::SES::ReceiptRuleSet": receipt_rule_set,
    "AWS::SES::ReceiptRule": receipt_rule,
    "AWS::SES::ConfigurationSet": configuration_set,
    "AWS::SES::ConfigurationSetEventDestination": mail_events,
    "AWS::ApiGateway::RestApi": rest_api,
    "AWS::ApiGateway::Resource": rest_resource,
    "AWS::ApiGateway::Method": rest_method,
    "AWS::ApiGateway::Authorizer": rest_authorizer,
    "AWS::ApiGatewayV2::Api": http_api,
    "AWS::ApiGatewayV2::Integration": http_integration,
    "AWS::ApiGatewayV2::Route": http_route,
    "AWS::AppSync::GraphQLApi": graphql,
    "AWS::AppSync::DataSource": data_source,
    "AWS::ElasticLoadBalancingV2::TargetGroup": target_group,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::KinesisFirehose::DeliveryStream": delivery_stream,
    "AWS::MSK::Cluster": kafka,
    "AWS::AmazonMQ::Broker": broker,
    "AWS::DocDB::DBCluster": documents,
    "AWS::SecretsManager::Secret": secret,
    "AWS::SecretsManager::RotationSchedule": rotation,
    "AWS::Config::ConfigRule": config_rule,
    "AWS::S3ObjectLambda::AccessPoint": object_lambda,
}
# What a stack leaves unfinished.
COMPLETED: Mapping[str, Callable[[Shop, Laid, Properties], None]] = {
    "AWS::IAM::Role": role,
    "AWS::Lambda::Function": function,
    "AWS::S3::Bucket": bucket,
    "AWS::DynamoDB::Table": table,
}
