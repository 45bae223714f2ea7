"""What is kept of an answer: the allow-listed fields, each in the way its kind says. The rest is gone before anybody sees it.

The same is done to live answers and to recorded ones, so that a recording gives what the account gave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from untangle.scanners.account.operations import Fields
from untangle.scanners.account.secrets import ARN, DEPTH, REDACTED, is_named_secret, is_secret, redact

Known = frozenset[str] | None  # names of the account's resources; None for answers that were scrubbed when they were recorded

_AWS_URL = re.compile(r"https://[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)(?:/[\w./$-]*)?")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{1,254}")
_NAMING_KEY = re.compile(
    r"(queue|topic|table|bucket|bus|stream|function|lambda|machine|sfn|firehose|pipe)s?([_-]?(name|arn|url|uri|id))?$",
    re.IGNORECASE,
)
_PART_KEY = re.compile(
    r"(stage|env|environment|prefix|suffix|namespace|app|application|service|project|tenant)([_-]?name)?$", re.I
)
_BETWEEN = re.compile(r"[-_.]")
_LITERAL = re.compile(r'(:\s*)"((?:[^"\\<>]|\\.)*)"')


def scrub(fields: Mapping[str, Fields], page: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """One page of an answer cut down to its allow-listed fields."""
    kept = _keep(page, fields, known)
    return kept if isinstance(kept, dict) else {}


def _keep(value: Any, fields: Fields, known: Known) -> Any:
    if isinstance(fields, str):
        return KINDS[fields](value, known)
    if isinstance(value, (list, tuple)):
        return [_keep(item, fields, known) for item in value if isinstance(item, (dict, Mapping))]
    if not isinstance(value, (dict, Mapping)):
        return None
    if "*" in fields:
        return {str(key): _keep(item, fields["*"], known) for key, item in sorted(value.items())}
    return {key: _keep(value[key], inner, known) for key, inner in sorted(fields.items()) if key in value}


def _plain(value: Any, known: Known) -> Any:
    """Text, numbers, moments as text, and lists of them; structures and bytes are not kept."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (list, tuple)):
        return [_plain(item, known) for item in value if not isinstance(item, (list, tuple, Mapping))]
    return None


def _tree(value: Any, known: Known, depth: int = 0) -> Any:
    """A structure whose texts lose what looks like a secret, by its look or by its key."""
    if isinstance(value, str):
        return value if known is None else redact(value)
    if isinstance(value, Mapping):
        pairs = value.items() if depth < DEPTH else ()
        return {str(key): REDACTED if is_named_secret(str(key), item) else _tree(item, known, depth + 1) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        return [_tree(item, known, depth + 1) for item in value if depth < DEPTH]
    return _plain(value, known)


def _json(value: Any, known: Known) -> Any:
    """A JSON text, treated as what it says; text that is as harmless as it came keeps its layout."""
    if not isinstance(value, str) or known is None:
        return _tree(value, known)
    try:
        said = json.loads(value)
    except (ValueError, RecursionError):
        return redact(value)
    kept = _tree(said, known)
    return value if kept == said else json.dumps(kept, separators=(",", ":"))


def _shape(value: Any, known: Known) -> Any:
    """A constant message: its keys, and only those texts that name a resource."""
    if known is None:
        return _json(value, known)
    if not isinstance(value, str):
        return _shaped(value, known, 0)
    try:
        return json.dumps(_shaped(json.loads(value), known, 0), separators=(",", ":"))
    except (ValueError, RecursionError):
        return REDACTED


def _shaped(value: Any, known: frozenset[str], depth: int) -> Any:
    if isinstance(value, str):
        return value if _names_resource(value, known) else REDACTED
    if isinstance(value, Mapping):
        return {str(key): _shaped(item, known, depth + 1) for key, item in value.items() if depth < DEPTH}
    if isinstance(value, (list, tuple)):
        return [_shaped(item, known, depth + 1) for item in value if depth < DEPTH]
    return _plain(value, known)


def _template(value: Any, known: Known) -> Any:
    """An input template: placeholders stay, literal texts only where they name a resource."""
    if not isinstance(value, str) or known is None:
        return _json(value, known)
    kept = _LITERAL.sub(lambda match: match[0] if _names_resource(match[2], known) else f'{match[1]}"{REDACTED}"', value)
    return redact(kept)


def _names(value: Any, known: Known) -> Any:
    """Environment variables: every name; a value only where it names a resource, else null."""
    if not isinstance(value, Mapping):
        return None
    if known is None:
        return {str(key): item if item is None else str(item) for key, item in sorted(value.items())}
    return {
        str(key): item if isinstance(item, str) and _says_where(str(key), item, known) else None
        for key, item in sorted(value.items())
    }


def _says_where(key: str, value: str, known: frozenset[str]) -> bool:
    """Whether an environment variable names resources, or is a part of such names (`STAGE=prod` beside `prod-orders`)."""
    parts = value.split(",")
    if all(_names_resource(part.strip(), known) for part in parts):
        return True
    if is_secret(value) or is_named_secret(key, value):
        return False
    if _NAMING_KEY.search(key):
        return all(_NAME.fullmatch(part.strip()) for part in parts)
    return bool(_PART_KEY.search(key)) and value in _parts(known)


@lru_cache(maxsize=4)  # one region's names are the same for all of its functions, of which each may have a STAGE
def _parts(known: frozenset[str]) -> frozenset[str]:
    """What names are made of: `prod` and `orders` of `prod-orders`."""
    return frozenset(part for name in known for part in _BETWEEN.split(name))


def _names_resource(value: str, known: frozenset[str]) -> bool:
    if value in known:
        return True
    return bool(ARN.fullmatch(value) or _AWS_URL.fullmatch(value)) and not is_secret(value)


def _tags(value: Any, known: Known) -> Any:
    """Only the tags that CloudFormation sets: they say which stack a resource belongs to."""
    tags = value if isinstance(value, (list, tuple)) else ()
    return [
        {"Key": tag["Key"], "Value": _plain(tag.get("Value"), known)}
        for tag in tags
        if isinstance(tag, Mapping) and str(tag.get("Key", "")).startswith("aws:cloudformation:")
    ]


def _endpoint(value: Any, known: Known) -> Any:
    """Where something is sent to: ARNs and AWS's own URLs, of other URLs the host; addresses of people are not kept."""
    if not isinstance(value, str):
        return None
    if value.startswith("arn:") or _AWS_URL.fullmatch(value):
        return value if known is None else redact(value)
    try:
        url = urlsplit(value)
        host = url.hostname
    except ValueError:
        return None
    return f"{url.scheme}://{host}" if url.scheme in ("http", "https") and host else None


KINDS: Mapping[str, Callable[[Any, Known], Any]] = {
    "": _plain,
    "id": _plain,
    "tree": _tree,
    "json": _json,
    "shape": _shape,
    "template": _template,
    "names": _names,
    "tags": _tags,
    "endpoint": _endpoint,
}


def names_in(fields: Fields, value: Any) -> Iterator[str]:
    """The names of resources in an answer: the fields of kind `id`, of ARNs and URLs the last part."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from names_in(fields, item)
    elif isinstance(fields, str):
        if fields == "id" and isinstance(value, str):
            yield re.split(r"[/:]", value)[-1]
    elif isinstance(value, Mapping):
        for key, inner in fields.items():
            yield from names_in(inner, value.get(key))
