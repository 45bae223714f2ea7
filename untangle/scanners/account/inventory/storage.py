"""S3 buckets with their notifications, DynamoDB tables and Kinesis streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.model.resource import Gap
from untangle.scanners.account.call import Answer, Outcome
from untangle.scanners.account.inventory.place import Found, Place, Reader, document, picked, single
from untangle.scanners.account.inventory.policies import attached

# The API's words for what CloudFormation calls otherwise.
_NOTIFICATIONS = (
    ("LambdaFunctionConfigurations", "LambdaConfigurations", "LambdaFunctionArn", "Function"),
    ("QueueConfigurations", "QueueConfigurations", "QueueArn", "Queue"),
    ("TopicConfigurations", "TopicConfigurations", "TopicArn", "Topic"),
)
_OLD_NAMES = {"EU": "eu-west-1"}
_SENDING = ("ACTIVE", "ENABLING", "UPDATING")


def read_buckets(place: Place) -> Iterator[Found]:
    """The buckets of all regions that are read; one notifies only what is in its own region."""
    buckets = sorted(place.ask("s3", "ListBuckets").items("Buckets"), key=lambda bucket: str(bucket.get("Name")))
    unplaced = [bucket["Name"] for bucket in buckets if not bucket.get("BucketRegion")]
    located = place.each("s3", "GetBucketLocation", [{"Bucket": name} for name in unplaced])
    regions = {bucket["Name"]: bucket.get("BucketRegion") for bucket in buckets}
    for name, answer in zip(unplaced, located, strict=True):
        if answer.outcome is Outcome.READ:
            said = str(single(answer).get("LocationConstraint") or "us-east-1")
            regions[name] = _OLD_NAMES.get(said, said)
        else:
            yield Gap(what=f"bucket {name}", why=f"its region could not be read: {answer.code or answer.outcome.value}")
    for region in place.regions:
        yield from _notifying(place.at(region), [name for name, where in regions.items() if where == region])


def _notifying(place: Place, names: list[str]) -> Iterator[Found]:
    asked = [{"Bucket": name} for name in names]
    policies = place.each("s3", "GetBucketPolicy", asked)
    answers = place.each("s3", "GetBucketNotificationConfiguration", asked)
    for name, answer, policy in zip(names, answers, policies, strict=True):
        arn = f"arn:{place.partition}:s3:::{name}"
        properties = {"BucketName": name, "NotificationConfiguration": _notifications(single(answer)) or None}
        yield place.resource("AWS::S3::Bucket", name, properties, arn=arn)
        yield from attached(place, "AWS::S3::BucketPolicy", f"bucket:{name}", "Bucket", name, single(policy).get("Policy"))
        if not answer.outcome.known:
            why = f"they could not be read: {answer.code or answer.outcome.value}"
            yield Gap(what=f"notifications of bucket {name}", why=why)


def _notifications(page: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for group, ours, target, property_ in _NOTIFICATIONS:
        items = [_notification(item, target, property_) for item in page.get(group) or () if isinstance(item, Mapping)]
        if items:
            found[ours] = items
    if page.get("EventBridgeConfiguration") is not None:
        found["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    return found


def _notification(item: Mapping[str, Any], target: str, property_: str) -> dict[str, Any]:
    """Where the API lists several events, so does this: `Events`."""
    key = (item.get("Filter") or {}).get("Key") or {}
    rules = key.get("FilterRules")
    found = {property_: item.get(target), "Events": item.get("Events") or []}
    return {**found, "Filter": {"S3Key": {"Rules": rules}}} if rules else found


def read_tables(place: Place) -> Iterator[Found]:
    """Every table with its stream."""
    names = sorted(str(name) for name in place.ask("dynamodb", "ListTables").items("TableNames"))
    asked = [{"TableName": name} for name in names]
    sent_to = place.each("dynamodb", "DescribeKinesisStreamingDestination", asked)
    policies = place.each(
        "dynamodb", "GetResourcePolicy", [{"ResourceArn": place.arn("dynamodb", f"table/{it}")} for it in names]
    )
    described = place.each("dynamodb", "DescribeTable", asked)
    for name, answer, sent, policy in zip(names, described, sent_to, policies, strict=True):
        table = single(answer).get("Table") or {}
        stream = table.get("StreamSpecification") or {}
        properties = {
            "TableName": name,
            "KeySchema": table.get("KeySchema"),
            "StreamSpecification": picked(stream, "StreamViewType") if stream.get("StreamEnabled") else None,
            "KinesisStreamSpecification": _kinesis(sent),
            "ResourcePolicy": _policy(policy),
        }
        arn = table.get("TableArn") or place.arn("dynamodb", f"table/{name}")
        latest = table.get("LatestStreamArn")
        yield place.resource("AWS::DynamoDB::Table", name, properties, arn=arn, **({"StreamArn": latest} if latest else {}))


def _kinesis(answer: Answer) -> dict[str, Any] | None:
    """The Kinesis stream that a table sends its changes to; one that was taken away is still listed."""
    for found in answer.items("KinesisDataStreamDestinations"):
        if found.get("DestinationStatus") in _SENDING:
            return picked(found, "StreamArn")
    return None


def _policy(answer: Answer) -> dict[str, Any] | None:
    written = document(single(answer).get("Policy"))
    return {"PolicyDocument": written} if written else None


def read_streams(place: Place) -> Iterator[Found]:
    """Every Kinesis stream."""
    names = sorted(str(name) for name in place.ask("kinesis", "ListStreams").items("StreamNames"))
    described = place.each("kinesis", "DescribeStreamSummary", [{"StreamName": name} for name in names])
    policies = place.each("kinesis", "GetResourcePolicy", [{"ResourceARN": place.arn("kinesis", f"stream/{it}")} for it in names])
    for name, answer, policy in zip(names, described, policies, strict=True):
        stream = single(answer).get("StreamDescriptionSummary") or {}
        properties = {
            "Name": name,
            "ShardCount": stream.get("OpenShardCount"),
            **picked(stream, "RetentionPeriodHours", "StreamModeDetails"),
        }
        arn = stream.get("StreamARN") or place.arn("kinesis", f"stream/{name}")
        yield place.resource("AWS::Kinesis::Stream", name, properties, arn=arn)
        written = single(policy).get("Policy")
        yield from attached(
            place, "AWS::Kinesis::ResourcePolicy", f"stream:{name}", "ResourceArn", arn, written, "ResourcePolicy"
        )


BUCKETS = Reader(title="S3 buckets", read=read_buckets, everywhere=True)
TABLES = Reader(title="DynamoDB tables", read=read_tables)
STREAMS = Reader(title="Kinesis streams", read=read_streams)
