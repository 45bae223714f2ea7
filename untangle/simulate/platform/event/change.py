"""DynamoDB streams: the record of a change of an item, with the images that the stream's view carries.

Values are in DynamoDB's typed JSON, binary ones as base64. A write that changes nothing makes no record.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from untangle.simulate.platform.event.text import base64_text, moment

Item: TypeAlias = Mapping[str, Any]
_BOTH = "NEW_AND_OLD_IMAGES"


def record(
    old: Item | None,
    new: Item | None,
    *,
    keys: Sequence[str],
    view: str,
    stream: str,
    id: str,
    at: str,
    sequence: int,
) -> dict[str, Any] | None:
    """The record of an item that was `old` (None: not there) and is `new` now; None where nothing changed. `stream` is an ARN."""
    if old == new:
        return None
    before, after = plain(old) if old is not None else None, plain(new) if new is not None else None
    held = after if after is not None else before or {}
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": int(moment(at).timestamp()),
        "Keys": {name: held[name] for name in keys if name in held},
    }
    if after is not None and view in ("NEW_IMAGE", _BOTH):
        change["NewImage"] = after
    if before is not None and view in ("OLD_IMAGE", _BOTH):
        change["OldImage"] = before
    change |= {"SequenceNumber": str(sequence), "SizeBytes": len(json.dumps(change)), "StreamViewType": view}
    return {
        "eventID": id,
        "eventName": "INSERT" if before is None else "REMOVE" if after is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.split(":")[3],
        "dynamodb": change,
        "eventSourceARN": stream,
    }


def plain(item: Item) -> dict[str, Any]:
    """An item of the API as JSON: its binary values as base64."""
    return {name: _value(value) for name, value in item.items()}


def _value(value: Any) -> Any:
    if not isinstance(value, Mapping) or len(value) != 1:
        return value
    ((kind, held),) = value.items()
    if kind == "M" and isinstance(held, Mapping):
        return {"M": plain(held)}
    if kind == "L":
        return {"L": [_value(inner) for inner in held]}
    if kind == "B":
        return {"B": base64_text(getattr(held, "value", held))}
    if kind == "BS":
        return {"BS": sorted(base64_text(getattr(inner, "value", inner)) for inner in held)}
    if kind in ("SS", "NS"):
        return {kind: sorted(held)}
    return {kind: held}
