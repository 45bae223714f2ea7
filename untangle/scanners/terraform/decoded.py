"""The attributes of resources in plans and states, decoded where something reads them."""

from __future__ import annotations

import msgspec

from untangle.model.value import Value
from untangle.scanners.terraform.mapping import table_of
from untangle.scanners.terraform.mapping.lookups import LOOKUPS

MAX_DEPTH = 32
# Types that no table writes, and that say where code lies.
_CODE = frozenset(("archive_file", "aws_s3_object", "aws_s3_bucket_object", "docker_image", "docker_registry_image"))
# What nothing reads and much is written in.
_UNREAD = frozenset(("tags", "tags_all", "timeouts"))


def is_read(mode: str, type: str) -> bool:
    """Whether anything reads the attributes of this type."""
    return type in _CODE or (type in LOOKUPS if mode == "data" else table_of(type) is not None)


def values(raw: msgspec.Raw) -> dict[str, Value]:
    """The attributes of one resource; none where they are not an object or nested too deeply."""
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return {str(key): frozen(item) for key, item in data.items() if key not in _UNREAD} if isinstance(data, dict) else {}


def frozen(data: object, depth: int = 0) -> Value:
    """Decoded JSON as a value; what is nested too deeply is left out."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(data, dict):
        return {str(key): frozen(item, depth + 1) for key, item in data.items()}
    if isinstance(data, list):
        return tuple(frozen(item, depth + 1) for item in data)
    return data if data is None or isinstance(data, bool | int | float | str) else str(data)
