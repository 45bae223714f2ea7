"""Event sources that invoke a function themselves: topics, log groups, IoT rules, skills."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Value, concat
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import Event, EventSource
from untangle.scanners.sam.part import Part, absences

_SUBSCRIBED = ("Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")


def read_topic(draft: Draft, event: Event) -> None:
    """`SNS`: a subscription of the function, or (`SqsSubscription`) of a queue that the function consumes."""
    direct = [*absences(event.get("SqsSubscription"), event.part.condition)]
    for part in event.part.below("SqsSubscription"):
        if part.value in (False, "false"):
            direct.append(part.condition)
        else:
            _subscribe_queue(draft, event.when(part.condition), part)
    for condition in direct:
        _subscribe(draft, event.when(condition), "lambda", event.target.arn)
        event.when(condition).permit(draft, "sns.amazonaws.com", event.get("Topic"))


def _subscribe(draft: Draft, event: Event, protocol: str, endpoint: Value) -> None:
    values: dict[str, Value] = {"Protocol": protocol, "Endpoint": endpoint, "TopicArn": event.get("Topic")}
    event.make(draft, "AWS::SNS::Subscription", values | event.take(_SUBSCRIBED), moved={"TopicArn": "Topic"})


def _subscribe_queue(draft: Draft, event: Event, part: Part) -> None:
    given = part.value if isinstance(part.value, Mapping) else {}
    arn, url = given.get("QueueArn"), given.get("QueueUrl")
    if given and arn is None:
        draft.problem(part, f"SqsSubscription of event {event.name} names no QueueArn")
        return
    if arn is None:
        fifo: Mapping[str, Value] = {"FifoQueue": True} if _is_fifo(draft, event.get("Topic")) else {}
        queue = event.make(draft, "AWS::SQS::Queue", fifo, suffix="Queue")
        arn, url = Ref(queue.id, "Arn"), Ref(queue.id)
    _subscribe(draft, event, "sqs", arn)
    named = given.get("QueuePolicyLogicalId")
    policy: dict[str, Value] = {
        "PolicyDocument": grants.delivery("sns", arn, event.get("Topic")),
        "Queues": (url,),
    }
    address = named if isinstance(named, str) and named else f"{event.address}QueuePolicy"
    event.make(draft, "AWS::SQS::QueuePolicy", policy, address=address)
    mapping: dict[str, Value] = {
        "FunctionName": event.target.name,
        "EventSourceArn": arn,
        "BatchSize": given.get("BatchSize") or 10,
        "Enabled": True,
    }
    moved = {"EventSourceArn": "SqsSubscription", "BatchSize": "SqsSubscription"}
    event.make(draft, "AWS::Lambda::EventSourceMapping", mapping, suffix="EventSourceMapping", moved=moved)
    event.target.grants.manage(grants.managed("AWSLambdaSQSQueueExecutionRole"), event.head)


def _is_fifo(draft: Draft, topic: Value) -> bool:
    if not isinstance(topic, Ref):
        return False
    resource = draft.given.get(topic.resource.removeprefix(f"{draft.stack.id}/"))
    return resource is not None and resource.get("FifoTopic") in (True, "true")


def read_logs(draft: Draft, event: Event) -> None:
    """`CloudWatchLogs`: a subscription filter on a log group."""
    values: dict[str, Value] = {"DestinationArn": event.target.arn, **event.take(("LogGroupName", "FilterPattern"))}
    event.make(draft, "AWS::Logs::SubscriptionFilter", values)
    group = event.get("LogGroupName")
    source = concat(("arn:", PARTITION, ":logs:", REGION, ":", ACCOUNT, ":log-group:", group, ":*"))
    event.permit(draft, "logs.amazonaws.com", source)


def read_iot(draft: Draft, event: Event) -> None:
    """`IoTRule`: a topic rule whose action is the function."""
    payload: dict[str, Value] = {
        **event.take(("Sql", "AwsIotSqlVersion")),
        "RuleDisabled": False,
        "Actions": ({"Lambda": {"FunctionArn": event.target.arn}},),
    }
    rule = event.make(draft, "AWS::IoT::TopicRule", {"TopicRulePayload": payload}, moved={"TopicRulePayload": "Sql"})
    source = concat(("arn:", PARTITION, ":iot:", REGION, ":", ACCOUNT, ":rule/", Ref(rule.id)))
    event.permit(draft, "iot.amazonaws.com", source, account=ACCOUNT)


def read_skill(draft: Draft, event: Event) -> None:
    """`AlexaSkill`: nothing but the permission to invoke the function."""
    event.permit(draft, "alexa-appkit.amazon.com", EventSourceToken=event.get("SkillId"))


PUSHES = (
    EventSource(type="SNS", required=("Topic",), read=read_topic),
    EventSource(type="CloudWatchLogs", required=("LogGroupName",), read=read_logs),
    EventSource(type="IoTRule", required=("Sql",), read=read_iot),
    EventSource(type="AlexaSkill", required=(), read=read_skill),
)
