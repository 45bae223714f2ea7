"""Events that are settings of another resource: notifications of buckets and triggers of user pools.

The framework makes the bucket or pool unless the event says `existing: true`; for one that exists it calls the service's API
while it deploys, which is written here as the notification that it puts there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.model.resource import Resource
from untangle.model.value import ACCOUNT, PARTITION, Value, concat, show
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.draft import merge
from untangle.scanners.serverless_framework.events.event import Event, EventSource, is_name, label, listed, present

_CREATED = "s3:ObjectCreated:*"


def read_bucket(event: Event) -> None:
    """`s3`: a notification of a bucket that the framework makes, or of one that exists."""
    reference = event.own("bucket")
    settings = event.owner.get("provider", "s3", reference) if isinstance(reference, str) else None
    named = settings.get("name") if isinstance(settings, Mapping) else None
    name = reference if named is None else named
    kinds = (event.get("event") or _CREATED,)
    if event.get("existing") in (True, "true"):
        _notify_existing(event, name, kinds)
        return
    entry = present([("Event", kinds[0]), ("Function", event.started.arn), ("Filter", _filter(event))])
    address = f"S3Bucket{naming.alphanumeric(label(reference))}"
    more = (
        {naming.upper_first(key): value for key, value in settings.items() if key != "name"}
        if isinstance(settings, Mapping)
        else {}
    )
    known = event.draft.made.get(event.draft.id(address))
    notification: Value = {"LambdaConfigurations": (entry,)}
    if known is None or known.origin is None:
        values = merge({"BucketName": name, "NotificationConfiguration": notification}, more)
        event.make(address, "AWS::S3::Bucket", values, {"BucketName": "bucket", "NotificationConfiguration": ""})
    else:
        _add(event, known, {"NotificationConfiguration": notification})
    event.permit(f"{naming.alphanumeric(label(reference))}S3", "s3.amazonaws.com", SourceAccount=ACCOUNT)


def read_existing(event: Event) -> None:
    """`existingS3`, of the plugin of that name: like `s3` with `existing: true`, with a list of event kinds."""
    _notify_existing(event, event.own("bucket"), listed(event.get("events")) or listed(event.get("event")) or (_CREATED,))


def _notify_existing(event: Event, bucket: Value, kinds: tuple[Value, ...]) -> None:
    name = concat(("arn:", PARTITION, ":s3:::", bucket)) if is_name(bucket) else bucket
    entry = present(
        [("Events", kinds), ("LambdaFunctionArn", event.started.arn), ("Filter", _filter(event, "Key", "FilterRules"))]
    )
    values: dict[str, Value] = {
        "BucketName": name,
        "NotificationConfiguration": {"LambdaFunctionConfigurations": (entry,)},
    }
    moved = {"BucketName": "bucket" if isinstance(event.part.value, Mapping) else "", "NotificationConfiguration": ""}
    event.make(f"{event.started.prefix}CustomS3{event.index}", "Custom::S3BucketNotifications", values, moved)
    event.permit(f"{naming.alphanumeric(label(bucket))}S3", "s3.amazonaws.com", SourceAccount=ACCOUNT)


def _filter(event: Event, outer: str = "S3Key", inner: str = "Rules") -> Value:
    """`rules` is a list of one-entry mappings, or one mapping."""
    pairs = [(key, value) for rule in listed(event.get("rules")) if isinstance(rule, Mapping) for key, value in rule.items()]
    return {outer: {inner: tuple({"Name": key, "Value": value} for key, value in pairs)}} if pairs else None


def _add(event: Event, known: Resource, more: Mapping[str, Value]) -> None:
    event.draft.made[known.id] = replace(known, properties=merge(known.properties, more))


def read_pool(event: Event) -> None:
    """`cognitoUserPool`: a trigger of a user pool that the framework makes, or of one that exists."""
    name, trigger = event.get("pool"), event.get("trigger")
    if not isinstance(trigger, str):
        event.draft.gap(event.part, f"the trigger {show(trigger)} of {event.started.key}", "its name is not known")
        return
    suffix = naming.alphanumeric(label(name))
    address = f"CognitoUserPool{suffix}"
    config: Mapping[str, Value] = {"LambdaConfig": {trigger: event.started.arn}}
    known = _pool(event, name) if event.get("existing") in (True, "true") else event.draft.made.get(event.draft.id(address))
    if known is None or (known.origin is None and known.address == address):
        event.make(address, "AWS::Cognito::UserPool", {"UserPoolName": name, **config}, {"LambdaConfig": "trigger"})
    else:
        _add(event, known, config)
    event.permit(f"CognitoUserPool{suffix}TriggerSource{trigger}", "cognito-idp.amazonaws.com")


def _pool(event: Event, name: Value) -> Resource | None:
    """The pool of this service with this name."""
    pools = [item for item in event.draft.made.values() if item.type == "AWS::Cognito::UserPool"]
    return next((pool for pool in pools if name is not None and pool.get("UserPoolName") == name), None)


NOTIFICATIONS = (
    EventSource(type="s3", required="bucket", read=read_bucket),
    EventSource(type="existingS3", required="bucket", read=read_existing),
    EventSource(type="cognitoUserPool", required="pool", read=read_pool),
)
