"""An effect: one call of the handler as plain JSON, with what the JSONPath form of a definition cannot work out."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from .recording import Recording, now

_TEXTS = ("MessageBody", "Message", "Detail", "Payload")


def plain(value: Any) -> Any:
    """A parameter or response as JSON: bytes as base64, times as ISO 8601 in UTC; what can be read only once is left out."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items() if not hasattr(inner, "read")}
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def moment(value: datetime) -> str:
    """A time in UTC; one without a zone is one of this machine, as for botocore."""
    return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def md5(data: bytes) -> str:
    """The digest that SQS gives; it secures nothing, which Python 3.9 can be told."""
    try:
        return hashlib.md5(data, usedforsecurity=False).hexdigest()
    except TypeError:
        return hashlib.md5(data).hexdigest()  # noqa: S324


def trace() -> str | None:
    """The tracing header that botocore sends along in Lambda (botocore, `add_recursion_detection_header`)."""
    return os.environ.get("_X_AMZN_TRACE_ID") if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else None


def effect_of(
    recording: Recording, number: int, target: str, call: tuple[str, str], params: dict[str, Any], response: Any, **more: Any
) -> dict[str, Any]:
    """The effect of one call: `call` is (service, operation), `target` the entry of the marker that it was matched with."""
    at = now()
    text = next((params[name] for name in _TEXTS if isinstance(params.get(name), str)), None)
    found: dict[str, Any] = {
        "id": f"{recording.request}#{number}",
        "service": call[0],
        "op": call[1],
        "params": params,
        "response": plain(response),
        "at": at,
    }
    if text is not None:
        found["size"] = len(text.encode())
    header = trace()
    if header:
        found["trace"] = header
    found.update((name, value) for name, value in more.items() if value is not None)
    if recording.ready:
        if call[1] == "Invoke":
            params.setdefault("Payload", {})
        found["ready"] = ready(found, target)
    return found


def ready(effect: Mapping[str, Any], target: str) -> dict[str, Any]:
    """What paths cannot work out: see `ready` in the contract of the marker."""
    params, at, op = effect["params"], effect["at"], effect["op"]
    found: dict[str, Any] = {"target": target, "millis": str(_millis(at))}
    given = params.get("MessageAttributes") or {}
    if op in ("SendMessage", "Publish"):
        found["md5"] = md5(params.get("MessageBody", params.get("Message", "")).encode())
        found["attributes"] = {name: _of_record(value) for name, value in given.items()}
    if op == "SendMessage":
        system = {name: params[name] for name in ("MessageGroupId", "MessageDeduplicationId") if name in params}
        header = ((params.get("MessageSystemAttributes") or {}).get("AWSTraceHeader") or {}).get("StringValue")
        if header or effect.get("trace"):
            system["AWSTraceHeader"] = header or effect["trace"]
        found["system"] = system
    if op == "Publish":
        typed = {name: _of_notification(value) for name, value in given.items()}
        found.update(typed=typed, subject=params.get("Subject"))
        found["optional"] = {"Subject": params["Subject"]} if "Subject" in params else {}
        if typed:
            found["optional"]["MessageAttributes"] = typed
    if op == "PutEvents":
        found["time"] = f"{str(params.get('Time', at))[:19]}Z"
        found["resources"] = params.get("Resources") or []
    return found


def _millis(at: str) -> int:
    return round(datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp() * 1000)


def _of_record(value: Mapping[str, Any]) -> dict[str, Any]:
    found = {"stringValue": value["StringValue"]} if "StringValue" in value else {}
    if "BinaryValue" in value:
        found["binaryValue"] = value["BinaryValue"]
    return {**found, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}


def _of_notification(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": value["DataType"], "Value": value.get("StringValue", value.get("BinaryValue"))}
