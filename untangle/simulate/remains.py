"""What is left in the services at the end of a run: items, objects, parameters, secrets, as sorted plain JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.simulate import backend
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.plain import plain
from untangle.simulate.platform.event.change import plain as as_json


def left_of(application: Application) -> dict[str, Mapping[str, Any]]:
    """By what holds it (`dynamodb`, `s3`, `ssm`): the content of each, by node id, what is empty left out."""
    found: dict[str, dict[str, Any]] = {}
    for channel in application.graph.channels:
        read = {"dynamodb_stream": ("dynamodb", _items), "s3": ("s3", _objects)}.get(channel.type)
        if read is not None:
            kind, reader = read
            held = reader(application.name(channel.id))
            if held:
                found.setdefault(kind, {})[channel.id] = held
    parameters = [resource.id for resource in application.inventory.resources if resource.type == "AWS::SSM::Parameter"]
    for id in sorted(parameters):
        found.setdefault("ssm", {})[id] = _parameter(application.name(id))
    return dict(found)


def _pages(call: ApiCall, key: str, token: str, next_token: str) -> Iterator[Any]:
    params = dict(call.params)
    while True:
        try:
            page = backend.carry_out(ApiCall(service=call.service, operation=call.operation, params=params))
        except ApiError:
            return
        yield from page.get(key, ())
        if not page.get(next_token):
            return
        params[token] = page[next_token]


def _items(table: str) -> list[Any]:
    call = ApiCall(service="dynamodb", operation="Scan", params={"TableName": table})
    items = [plain(as_json(item)) for item in _pages(call, "Items", "ExclusiveStartKey", "LastEvaluatedKey")]
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def _objects(bucket: str) -> dict[str, Any]:
    call = ApiCall(service="s3", operation="ListObjectsV2", params={"Bucket": bucket})
    found = {}
    for listed in _pages(call, "Contents", "ContinuationToken", "NextContinuationToken"):
        key = listed["Key"]
        got = backend.carry_out(ApiCall(service="s3", operation="GetObject", params={"Bucket": bucket, "Key": key}))
        body = bytes(got.get("Body") or b"")
        found[key] = {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body), "text": _text(body)}
    return dict(sorted(found.items()))


def _text(body: bytes, most: int = 4096) -> str | None:
    """The content where it is a short text: what differs can be told then."""
    try:
        return body.decode() if len(body) <= most else None
    except UnicodeDecodeError:
        return None


def _parameter(name: str) -> Any:
    try:
        call = ApiCall(service="ssm", operation="GetParameter", params={"Name": name, "WithDecryption": True})
        return backend.carry_out(call)["Parameter"]["Value"]
    except ApiError:
        return None
