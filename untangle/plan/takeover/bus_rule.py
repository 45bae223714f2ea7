"""The EventBridge rule that takes what a bucket's notification took.

Sources: S3 user guide, "Using EventBridge" (types of events), "EventBridge event message structure" (`reason`, `deletion-type`);
EventBridge guide, "Comparison operators" (prefix, suffix, wildcard, in which `*` and `\\` are escaped).
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Value

_CREATED = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}
_DELETED = {"Delete": "Permanently Deleted", "DeleteMarkerCreated": "Delete Marker Created"}
_REMOVED = {"ObjectRemoved": "DeleteObject", "LifecycleExpiration": "Lifecycle Expiration"}


class Cannot(Exception):
    """What cannot be said in a rule, or not by these words; the text says why, for people."""


def rule_pattern(filter: Value, delivery: Mapping[str, Value], bucket: str) -> dict[str, Value]:
    """The event pattern for a notification's events, prefix and suffix. Raises `Cannot` for others than the adapter knows.

    A notification takes a key whose prefix and suffix overlap, and so does the wildcard's rule only where they do not.
    """
    wanted = filter if isinstance(filter, Mapping) else {}
    types = wanted.get("events") or delivery.get("events")
    if not isinstance(types, tuple | list) or not types:
        raise Cannot("the events of its notification are not known")
    parts = [str(item).removeprefix("s3:").partition(":") for item in types]
    named = [(kind, what) for kind, _, what in parts]
    detail: dict[str, Value] = {"bucket": {"name": (bucket,)}}
    if key := _key(wanted.get("prefix"), wanted.get("suffix")):
        detail["object"] = {"key": (key,)}
    kinds = {kind for kind, _ in named}
    if kinds == {"ObjectCreated"}:
        return {"source": ("aws.s3",), "detail-type": ("Object Created",), "detail": detail | _created(named)}
    if kinds <= _REMOVED.keys():
        return {"source": ("aws.s3",), "detail-type": ("Object Deleted",), "detail": detail | _deleted(kinds, named)}
    told = ", ".join(sorted(str(item) for item in types))
    raise Cannot(f"no adapter makes the notification of {told} from one event of EventBridge")


def _created(named: list[tuple[str, str]]) -> dict[str, Value]:
    which = [what for _, what in named]
    if "*" in which:
        return {}
    unknown = [what for what in which if what not in _CREATED]
    if unknown:
        raise Cannot(f"no adapter makes the notification of ObjectCreated:{unknown[0]}")
    return {"reason": tuple(_CREATED[what] for what in which)}


def _deleted(kinds: set[str], named: list[tuple[str, str]]) -> dict[str, Value]:
    if len(kinds) > 1 and len({what for _, what in named}) > 1:
        raise Cannot("its notification takes deletions and expirations, each of another kind")
    which = [what for _, what in named]
    reasons: dict[str, Value] = {"reason": tuple(_REMOVED[kind] for kind in sorted(kinds))}
    if "*" in which:
        return reasons
    unknown = [what for what in which if what not in _DELETED]
    if unknown:
        raise Cannot(f"no adapter makes the notification of {unknown[0]}")
    return reasons | {"deletion-type": tuple(dict.fromkeys(_DELETED[what] for what in which))}


def _key(prefix: Value, suffix: Value) -> dict[str, Value] | None:
    for part in (prefix, suffix):
        if part is not None and not isinstance(part, str):
            raise Cannot("the prefix or suffix of its notification is not known before it is deployed")
    if isinstance(prefix, str) and prefix and isinstance(suffix, str) and suffix:
        return {"wildcard": f"{_escaped(prefix)}*{_escaped(suffix)}"}
    if isinstance(prefix, str) and prefix:
        return {"prefix": prefix}
    return {"suffix": suffix} if isinstance(suffix, str) and suffix else None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")
