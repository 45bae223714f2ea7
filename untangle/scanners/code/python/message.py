"""The message a handler receives: which keys the attributes of Powertools' data classes stand for."""

from __future__ import annotations

from untangle.model.shape import ANY_ELEMENT, DECODED

# What is asked of a plain dictionary or text, and is no key.
METHODS = frozenset(
    [
        "get",
        "items",
        "keys",
        "values",
        "pop",
        "popitem",
        "setdefault",
        "update",
        "copy",
        "split",
        "rsplit",
        "strip",
        "lstrip",
        "rstrip",
        "startswith",
        "endswith",
        "replace",
        "lower",
        "upper",
        "encode",
        "decode",
        "format",
        "join",
        "append",
        "extend",
        "sort",
        "index",
        "count",
        "read",
        "dict",
        "model_dump",
        "json",
        "model_dump_json",
    ]
)

_RECORDS = ("Records", ANY_ELEMENT)
# Attributes whose name does not tell the key.
_NAMED: dict[str, tuple[str, ...]] = {
    "records": _RECORDS[:1],
    "record": _RECORDS,
    "json_body": ("body", DECODED),
    "decoded_body": ("body",),
    "detail_type": ("detail-type",),
    "get_object": ("object",),
    "bucket_name": (*_RECORDS, "s3", "bucket", "name"),
    "object_key": (*_RECORDS, "s3", "object", "key"),
    "sns_message": (*_RECORDS, "Sns", "Message"),
    "new_image": ("NewImage",),
    "old_image": ("OldImage",),
    "keys": ("Keys",),
    "event_name": ("eventName",),
    "raw_event": (),
    "_data": (),
    "dynamodb": ("dynamodb",),
    "kinesis": ("kinesis",),
    "s3": ("s3",),
    "sns": ("Sns",),
    "message": ("Message",),
    "data": ("data",),
    "body": ("body",),
}
# Methods of data classes that give a part of the message.
CALLS: dict[str, tuple[str, ...]] = {
    "data_as_json": ("data", DECODED),
    "data_as_text": ("data",),
    "data_as_bytes": ("data",),
    "dict": (),
    "model_dump": (),
}


def attribute_path(path: tuple[str, ...], name: str) -> tuple[str, ...] | None:
    """The path that an attribute stands for; None where the name says that it is none."""
    if name.startswith("__"):
        return None
    if name in CALLS:
        return None
    if path[:1] == _RECORDS[:1] and name in ("bucket_name", "object_key"):
        return None
    known = _NAMED.get(name)
    if known is not None:
        return (*path, *known)
    first, *rest = name.split("_")
    return (*path, first + "".join(word.capitalize() for word in rest))
