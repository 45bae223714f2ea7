"""Claims: a large text goes into a bucket, and in the effect stands where it is; of an event each claim becomes its text again.

The claim is the text `{"untangle-claim":"s3://BUCKET/KEY#SHA256"}`. It is opened only where the object has that digest. The
variable `UNTANGLE_CLAIMS` names the buckets that may be asked, with commas between them; where it is not set any is, for who
knows the digest of an object knows what it holds.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import re
from collections.abc import Mapping
from typing import Any

from .clients import client
from .effect import md5
from .recording import OutboxError, Recording, aside
from .target import target

WORD = "untangle-claim"
SMALLEST = 4_096  # bytes of a text that stays where it is
LARGEST = 8_388_608  # bytes of an object that is taken for a message: several times what a channel takes
_TEXTS = ("MessageBody", "Message", "Detail", "Payload")
_PLACE = re.compile(r"s3://([a-zA-Z0-9._-]{1,255})/([^\"\\#]{1,1024})#([0-9a-f]{64})\Z")
# One claim within a text; the backslashes before its quotes tell how many times the text around it is a string in another.
_WITHIN = re.compile(r"\{\s*(\\*)\"untangle-claim\1\"\s*:\s*\1\"(s3://[^\"\\#]+#[0-9a-f]{64})\1\"\s*\}")


class ClaimError(OutboxError):
    """A claim whose text cannot be had."""


def put_away(recording: Recording, effects: list[dict[str, Any]]) -> None:
    """Puts the large texts of effects into the bucket that the marker names, claims into their place."""
    asked = recording.asked.get("claim")
    if not isinstance(asked, Mapping):
        return
    of = {target(text).text for text in asked.get("of") or ()}
    held = {one.text for one in recording.capture}
    for effect in effects:
        params = effect["params"]
        if params.get("MessageStructure") or not of & held & _named(params):
            continue
        for name in _TEXTS:
            if name in params:
                params[name] = _claimed(recording, asked["bucket"], params[name])


def _named(params: Mapping[str, Any]) -> set[str]:
    """What an effect names as its target, in the words of the marker."""
    given = [params.get(name) for name in ("QueueUrl", "TopicArn", "TargetArn", "FunctionName")]
    if "Detail" in params:
        given.append(params.get("EventBusName", "default"))
    return {name for name in given if isinstance(name, str)}


def _claimed(recording: Recording, bucket: str, value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    data = text.encode()
    if len(data) <= SMALLEST:
        return value
    digest = hashlib.sha256(data).hexdigest()
    run = re.sub(r"[^A-Za-z0-9_-]", "-", str(recording.asked.get("execution") or recording.request))
    key = f"untangle/{run[:128]}/{digest}"
    with aside():
        client("s3").put_object(Bucket=bucket, Key=key, Body=data, ContentType="text/plain; charset=utf-8")
    claim = {WORD: f"s3://{bucket}/{key}#{digest}"}
    return json.dumps(claim, separators=(",", ":")) if isinstance(value, str) else claim


def holds_claims(event: Any) -> bool:
    """Whether a claim may stand somewhere in an event: the bytes of it as Python writes them, which is fast, hold its word."""
    try:
        return WORD.encode() in marshal.dumps(event, 2)
    except ValueError:  # not plain JSON, or very deep
        return _found(event)


def _found(event: Any) -> bool:
    pending = [event]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if WORD in value:
                return True
        elif isinstance(value, dict):
            if WORD in value:
                return True
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return False


def opened(event: Any) -> Any:
    """The event with each claim put back. Raises `ClaimError` where a text cannot be had or is another one."""
    return _opened(event, {}) if holds_claims(event) else event


def _opened(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _WITHIN.sub(lambda found: _escaped(_text(found[2], texts), len(found[1])), value) if WORD in value else value
    if isinstance(value, list):
        return [_opened(inner, texts) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {WORD} and isinstance(value[WORD], str) and _PLACE.match(value[WORD]) is not None:
        return json.loads(_text(value[WORD], texts))
    found = {key: _opened(inner, texts) for key, inner in value.items()}
    if "md5OfBody" in found and found.get("body") != value.get("body"):
        found["md5OfBody"] = md5(found["body"].encode())
    return found


def _escaped(text: str, backslashes: int) -> str:
    """A text as it stands in a string within a string …: a quote at depth n has 2**n - 1 backslashes before it."""
    while backslashes > 0:
        text, backslashes = json.dumps(text, ensure_ascii=False)[1:-1], backslashes // 2
    return text


def _text(place: str, texts: dict[str, str]) -> str:
    if place not in texts:
        texts[place] = _fetched(place)
    return texts[place]


def _fetched(place: str) -> str:
    known = _PLACE.match(place)
    if known is None:
        raise ClaimError(f"the claim {place[:200]} names no object")
    bucket, key, digest = known.groups()
    allowed = [name.strip() for name in os.environ.get("UNTANGLE_CLAIMS", "").split(",") if name.strip()]
    if allowed and bucket not in allowed:
        raise ClaimError(f"the claim {place[:200]} names a bucket that UNTANGLE_CLAIMS does not")
    with aside():
        found = client("s3").get_object(Bucket=bucket, Key=key)
        if found["ContentLength"] > LARGEST:
            raise ClaimError(
                f"the object of the claim {place[:200]} has {found['ContentLength']:,} bytes: no message is that large"
            )
        data: bytes = found["Body"].read()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ClaimError(f"the object of the claim {place[:200]} is not the one that was put there")
    return data.decode()
