"""Calls that go out and are told of, with what the service answered; what is refused is no effect.

S3 is asked for the size of what it copied or put together. For DynamoDB and batches of it see `images`.
"""

from __future__ import annotations

from typing import Any

from .call import Call, Prepare, Send, Steps
from .effect import effect_of, plain
from .images import WRITES
from .parts import renamed
from .target import Target


def tell(call: Call, target: Target) -> Steps:
    """What happens to a call on a target whose calls go out and are told of."""
    if call.service == "dynamodb" and call.name in WRITES:
        return (yield from WRITES[call.name](call, target))
    if call.service == "s3":
        return (yield from _object(call, target))
    prepared = yield Prepare()
    parts = call.operation.apart(prepared)
    response = yield Send(call.name, call.params)
    for part in parts:
        answer = call.operation.answer(response, part.reference)
        if answer is not None:
            _add(call, target, part.operation, part.params, answer)
    return response  # type: ignore[no-any-return]


def _add(call: Call, target: Target, operation: str, params: dict[str, Any], answer: Any, **more: Any) -> None:
    recording, number = call.recording, call.recording.number()
    named = renamed(call.operation, params, target.text)
    recording.add(effect_of(recording, number, target.text, (call.service, operation), named, answer, **more))


def _object(call: Call, target: Target) -> Steps:
    """The writes of S3 (CompleteMultipartUpload knows the sizes of the parts that this run has sent)."""
    params = call.params
    size = length(params) if call.name in ("PutObject", "UploadPart") else None
    response = yield Send(call.name, params)
    if call.name == "UploadPart":
        call.recording.parts[f"{params.get('UploadId')}/{params.get('PartNumber')}"] = size if size is not None else -1
        return response  # type: ignore[no-any-return]
    if call.name == "DeleteObjects":
        _deleted(call, target, response)
        return response  # type: ignore[no-any-return]
    if call.name == "CompleteMultipartUpload":
        size = _together(call)
    if size is None and call.name != "DeleteObject":
        size = yield from _asked(call, response)
    ((operation, told, _),) = call.operation.apart(params)
    _add(call, target, operation, told, call.operation.answer(response, None), size=size)
    return response  # type: ignore[no-any-return]


def length(params: Any) -> int | None:
    """The bytes of an object's body, which is left where it stood; None where only reading it would tell."""
    body = params.get("Body", b"")
    if isinstance(body, str):
        return len(body.encode())
    if isinstance(body, (bytes, bytearray)):
        return len(body)
    if isinstance(params.get("ContentLength"), int):
        return int(params["ContentLength"])
    try:
        at = body.tell()
        end = body.seek(0, 2)
        end = body.tell() if end is None else end
        body.seek(at)
        return int(end - at)
    except (AttributeError, OSError, ValueError):
        return None


def _together(call: Call) -> int | None:
    upload = call.params.get("UploadId")
    listed = (call.params.get("MultipartUpload") or {}).get("Parts") or ()
    sizes = [call.recording.parts.get(f"{upload}/{part.get('PartNumber')}", -1) for part in listed]
    return sum(sizes) if sizes and min(sizes) >= 0 else None


def _asked(call: Call, response: Any) -> Any:
    """The size of an object as S3 tells it; None where it may not be asked."""
    wanted = {name: call.params[name] for name in ("Bucket", "Key") if name in call.params}
    if response.get("VersionId", "null") != "null":
        wanted["VersionId"] = response["VersionId"]
    try:
        head = yield Send("HeadObject", wanted)
    except Exception:
        return None
    return head.get("ContentLength")


def _deleted(call: Call, target: Target, response: Any) -> None:
    """Each object of a batch that is gone; a quiet batch answers only with those that are not."""
    failed = {(item.get("Key"), item.get("VersionId")) for item in response.get("Errors") or ()}
    answers = {(item.get("Key"), item.get("VersionId")): item for item in response.get("Deleted") or ()}
    shared = {name: value for name, value in call.params.items() if name != "Delete"}
    for item in (call.params.get("Delete") or {}).get("Objects") or ():
        key = (item.get("Key"), item.get("VersionId"))
        if key in failed:
            continue
        said = answers.get(key, {})
        answer = {"DeleteMarker": said.get("DeleteMarker"), "VersionId": said.get("DeleteMarkerVersionId", key[1])}
        told = plain({**shared, **item})
        _add(call, target, "DeleteObject", told, {name: value for name, value in answer.items() if value is not None})
