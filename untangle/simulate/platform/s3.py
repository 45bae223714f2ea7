"""S3: a bucket tells of objects that were created or deleted, by its notifications and, where that is on, on the default bus.

What is uploaded is carried out by whoever keeps the objects; the bucket hears of it afterwards. Deleting what is not there tells
nobody, unless the bucket keeps versions (then it leaves a marker).
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjects.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.event.object import CREATED, Change, bus_event, notification
from untangle.simulate.platform.matching import in_notification
from untangle.simulate.platform.passing import not_played, pass_on, resolved
from untangle.simulate.platform.played import Handed, Played, Stage

_DELETED = ("DeleteObject", "DeleteObjects")
_UNTOLD = ("PutObjectTagging", "DeleteObjectTagging", "PutObjectAcl", "RestoreObject")
_SERVICE = "s3.amazonaws.com"


def _bucket(stage: Stage, call: ApiCall) -> str | None:
    """The node of a call's bucket, where anybody listens to it."""
    node = stage.application.node(str(call.params.get("Bucket") or ""), "s3")
    return node if node is not None and stage.links(node) else None


def _before(stage: Stage, call: ApiCall) -> frozenset[str]:
    """Which of the keys that are to be deleted are there."""
    if call.operation not in _DELETED or _bucket(stage, call) is None:
        return frozenset()
    return frozenset(key for key in _keys(call) if _head(stage, call, key) is not None)


def _keys(call: ApiCall) -> list[str]:
    if call.operation == "DeleteObjects":
        return [str(item["Key"]) for item in (call.params.get("Delete") or {}).get("Objects") or ()]
    return [str(call.params.get("Key") or "")]


def _head(stage: Stage, call: ApiCall, key: str) -> Mapping[str, Any] | None:
    look = ApiCall(service="s3", operation="HeadObject", params={"Bucket": call.params["Bucket"], "Key": key})
    try:
        return stage.look(look)
    except ApiError:
        return None


def _heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
    bucket = _bucket(stage, call)
    if bucket is None:
        return
    if call.operation in _UNTOLD:
        not_played(stage, bucket, f"it tells nobody of {call.operation}")
    elif call.operation in _DELETED:
        for answer in _deletions(call, response):
            marker = bool(answer.get("DeleteMarker"))
            if marker or answer["Key"] in before:
                version = answer.get("DeleteMarkerVersionId") or answer.get("VersionId")
                _tell_all(stage, bucket, _change(stage, bucket, call, answer["Key"], version=version, marker=marker))
    else:
        key = str(call.params.get("Key") or "")
        head = _head(stage, call, key) or {}
        tag = response.get("ETag") or (response.get("CopyObjectResult") or {}).get("ETag") or head.get("ETag") or ""
        size, etag = int(head.get("ContentLength", 0)), str(tag).strip('"')
        _tell_all(stage, bucket, _change(stage, bucket, call, key, version=response.get("VersionId"), size=size, etag=etag))


def _deletions(call: ApiCall, response: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if call.operation == "DeleteObject":
        return [{**response, "Key": _keys(call)[0]}]
    if (call.params.get("Delete") or {}).get("Quiet"):
        return [{"Key": key} for key in _keys(call)]
    return list(response.get("Deleted") or ())


def _change(stage: Stage, bucket: str, call: ApiCall, key: str, *, version: str | None, **about: Any) -> Change:
    memory = stage.memory("s3")
    memory["changes"] = memory.get("changes", 0) + 1
    return Change(
        operation="DeleteObject" if call.operation in _DELETED else call.operation,
        bucket=stage.application.name(bucket),
        key=key,
        at=stage.clock.text,
        sequence=0x0055AED6DCD90281E5 + int(memory["changes"]),
        request=stage.new_id().replace("-", "").upper()[:16],
        version=version if version not in (None, "null") else None,
        **about,
    )


def _tell_all(stage: Stage, bucket: str, change: Change) -> None:
    for link in stage.links(bucket):
        to_bus = stage.application.type_of(link.target) == "eventbridge"
        if to_bus or in_notification(resolved(stage, link.filter), change.name, change.key):
            pass_on(stage, bucket, partial(_deliver, stage, bucket, link, change))


def _deliver(stage: Stage, bucket: str, link: Link, change: Change) -> None:
    told = notification(change, region=REGION)
    if link.kind is LinkKind.DELIVER:
        stage.tell("deliver", bucket, to=link.target, event=told)
        stage.invoke_later(link.target, told)
        return
    kind = stage.application.type_of(link.target)
    arn = stage.application.attribute(bucket, "Arn")
    if kind == "eventbridge":
        event = bus_event(change, id=stage.new_id(), account=ACCOUNT, region=REGION)
        stage.hand(link.target, Handed(text=json.dumps(event), value=event, id=event["id"], source=arn, service=_SERVICE))
    elif kind in ("sqs", "sns"):
        text = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
        stage.hand(link.target, Handed(text=text, value=told, id=stage.new_id(), source=arn, service=_SERVICE))
    else:
        not_played(stage, link.target, f"a bucket tells it of objects, which is not played ({kind or 'not declared'})")


PLAYED = Played(type="s3", operations={"s3": frozenset({*CREATED, *_DELETED, *_UNTOLD})}, before=_before, heard=_heard)
