"""Events that invoke a function themselves: topics, log groups, IoT, skills, functions at CloudFront's edge."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import ACCOUNT, PARTITION, REGION, Imported, Ref, Value, concat
from untangle.scanners.sam import grants
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.events.event import Event, EventSource, is_name, label


def read_topic(event: Event) -> None:
    """`sns`: a topic by ARN, or by a name under which the framework makes it."""
    given = event.own("arn")
    name = event.get("topicName") if isinstance(event.part.value, Mapping) else given
    name = given if name is None else name
    topic = _topic(event, name) if given is None or is_name(given) else given
    _subscribe(event, topic, naming.alphanumeric(label(name)))


def read_outside_topic(event: Event) -> None:
    """`externalSNS`, of the plugin of that name: a topic that something else makes."""
    name = event.part.value
    topic = _arn(name) if is_name(name) else name
    _subscribe(event, topic, naming.alphanumeric(label(name)))


def _topic(event: Event, name: Value) -> Value:
    address = f"SNSTopic{naming.alphanumeric(label(name))}"
    known = event.draft.made.get(event.draft.id(address))
    if known is None or known.origin is None:
        values = {"TopicName": name, **event.take({"DisplayName": "displayName", "KmsMasterKeyId": "kmsMasterKeyId"})}
        event.make(address, "AWS::SNS::Topic", values, {"TopicName": "topicName"})
    return _arn(name)


def _arn(name: Value) -> Value:
    return concat(("arn:", PARTITION, ":sns:", REGION, ":", ACCOUNT, ":", name))


def _subscribe(event: Event, topic: Value, name: str) -> None:
    values: dict[str, Value] = {
        "Protocol": "lambda",
        "Endpoint": event.started.arn,
        "TopicArn": topic,
        **event.take({"FilterPolicy": "filterPolicy", "FilterPolicyScope": "filterPolicyScope"}),
        "RedrivePolicy": _redrive(event, topic, name),
    }
    moved = {"TopicArn": "arn", "FilterPolicy": "filterPolicy", "RedrivePolicy": "redrivePolicy"}
    event.make(f"{event.started.prefix}SnsSubscription{name}", "AWS::SNS::Subscription", values, moved)
    event.permit(f"{name}SNS", "sns.amazonaws.com", topic)


def _redrive(event: Event, topic: Value, name: str) -> Value:
    """`redrivePolicy`: a dead-letter queue by ARN, by logical id, or by the exports of another stack; and its queue policy."""
    policy = event.get("redrivePolicy")
    if not isinstance(policy, Mapping):
        return None
    reference, imported = policy.get("deadLetterTargetRef"), policy.get("deadLetterTargetImport")
    arn: Value = policy.get("deadLetterTargetArn")
    url: Value = None
    if isinstance(reference, str):
        arn, url = event.draft.ref(reference, "Arn"), event.draft.ref(reference)
    elif isinstance(imported, Mapping):
        arn, url = Imported(imported.get("arn")), Imported(imported.get("url"))
    if url is not None:
        document = grants.delivery("sns", arn, topic)
        address = f"{name}To{event.started.prefix}DLQPolicy"
        event.make(address, "AWS::SQS::QueuePolicy", {"PolicyDocument": document, "Queues": (url,)})
    return {"deadLetterTargetArn": arn}


def read_logs(event: Event) -> None:
    """`cloudwatchLog`: a subscription filter on a log group."""
    group = event.own("logGroup")
    values: dict[str, Value] = {
        "LogGroupName": group,
        "FilterPattern": event.get("filter") or "",
        "DestinationArn": event.started.arn,
    }
    address = f"{event.started.prefix}LogsSubscriptionFilterCloudWatchLog{event.number}"
    event.make(address, "AWS::Logs::SubscriptionFilter", values, {"LogGroupName": "logGroup", "FilterPattern": "filter"})
    source = concat(("arn:", PARTITION, ":logs:", REGION, ":", ACCOUNT, ":log-group:", group, ":*"))
    event.permit(f"LogsSubscriptionFilterCloudWatchLog{event.number}", "logs.amazonaws.com", source)


def read_subscription(event: Event) -> None:
    """`subscriptionFilter`, of the plugin of that name."""
    values: dict[str, Value] = {
        "LogGroupName": event.get("logGroupName"),
        "FilterPattern": event.get("filterPattern") or "",
        "DestinationArn": event.started.arn,
    }
    moved = {"LogGroupName": "logGroupName", "FilterPattern": "filterPattern"}
    address = f"{event.started.prefix}SubscriptionFilter{event.number}"
    event.make(address, "AWS::Logs::SubscriptionFilter", values, moved)


def read_iot(event: Event) -> None:
    """`iot`: a topic rule whose action is the function."""
    payload: dict[str, Value] = {
        **event.take({"Sql": "sql", "AwsIotSqlVersion": "sqlVersion", "Description": "description"}),
        "RuleDisabled": event.get("enabled") is False,
        "Actions": ({"Lambda": {"FunctionArn": event.started.arn}},),
    }
    values: dict[str, Value] = {"RuleName": event.get("name"), "TopicRulePayload": payload}
    rule = event.make(
        f"{event.started.prefix}IotTopicRule{event.number}", "AWS::IoT::TopicRule", values, {"TopicRulePayload": "sql"}
    )
    source = concat(("arn:", PARTITION, ":iot:", REGION, ":", ACCOUNT, ":rule/", Ref(rule.id)))
    event.permit(f"IotTopicRule{event.number}", "iot.amazonaws.com", source)


def read_provisioning(event: Event) -> None:
    """`iotFleetProvisioning`: a hook before a device is provisioned."""
    values: dict[str, Value] = {
        "TemplateBody": event.text(event.get("templateBody")),
        "TemplateName": event.get("templateName"),
        "PreProvisioningHook": {"TargetArn": event.started.arn},
    }
    event.make(f"{event.started.prefix}IotProvisioningTemplate", "AWS::IoT::ProvisioningTemplate", values)
    event.permit("IotProvisioningTemplate", "iot.amazonaws.com")


def read_skill(event: Event) -> None:
    """`alexaSkill`: nothing but the permission to invoke the function."""
    skill = event.own("appId")
    more: dict[str, Value] = {} if skill is None or skill == event.type else {"EventSourceToken": skill}
    event.permit(f"AlexaSkill{event.number}", "alexa-appkit.amazon.com", **more)


def read_home(event: Event) -> None:
    """`alexaSmartHome`: the same for a smart home skill."""
    event.permit(f"AlexaSmartHome{event.number}", "alexa-connectedhome.amazon.com", EventSourceToken=event.own("appId"))


def read_edge(event: Event) -> None:
    """`cloudFront`: the function runs at the edge of the service's distribution."""
    association: Value = {"EventType": event.get("eventType"), "LambdaFunctionARN": event.started.arn}
    address = "CloudFrontDistribution"
    known = event.draft.made.get(event.draft.id(address))
    before = known.get("DistributionConfig", "DefaultCacheBehavior", "LambdaFunctionAssociations") if known else None
    associations = (*(before if isinstance(before, tuple) else ()), association)
    if known is not None:
        del event.draft.made[known.id]
    behavior: Value = {"LambdaFunctionAssociations": associations}
    event.make(address, "AWS::CloudFront::Distribution", {"DistributionConfig": {"DefaultCacheBehavior": behavior}})


PUSHES = (
    EventSource(type="sns", required="", read=read_topic),
    EventSource(type="externalSNS", required="", read=read_outside_topic),
    EventSource(type="cloudwatchLog", required="logGroup", read=read_logs),
    EventSource(type="subscriptionFilter", required="logGroupName", read=read_subscription),
    EventSource(type="iot", required="sql", read=read_iot),
    EventSource(type="iotFleetProvisioning", required="", read=read_provisioning),
    EventSource(type="alexaSkill", required="", read=read_skill),
    EventSource(type="alexaSmartHome", required="", read=read_home),
    EventSource(type="cloudFront", required="", read=read_edge),
)
