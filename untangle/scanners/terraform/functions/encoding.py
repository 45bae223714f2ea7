"""Functions that encode, decode and hash texts."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import urllib.parse
from collections.abc import Callable, Mapping, Sequence

from untangle.model.value import Concat, Expression, Value, scalar_text
from untangle.scanners.terraform.json_text import encode, structure
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import Wrong, is_known, unknown


def _bytes(value: Value) -> bytes:
    text = scalar_text(value)
    if text is None:
        raise Wrong("null, lists and objects have no text")
    return text.encode("utf-8", "replace")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(value: Value) -> Value:
    return base64.b64decode(_bytes(value), validate=True).decode("utf-8")


def _csv(value: Value) -> Value:
    return tuple([dict(row) for row in csv.DictReader(io.StringIO(_bytes(value).decode("utf-8")), restval="")])


def _hash(name: str) -> Callable[[Value], Value]:
    return lambda value: hashlib.new(name, _bytes(value), usedforsecurity=False).hexdigest()


KNOWN: Mapping[str, Callable[..., Value]] = {
    "base64decode": _decoded,
    "base64encode": lambda value: _base64(_bytes(value)),
    "base64gzip": lambda value: _base64(gzip.compress(_bytes(value), mtime=0)),
    "base64sha256": lambda value: _base64(hashlib.sha256(_bytes(value)).digest()),
    "base64sha512": lambda value: _base64(hashlib.sha512(_bytes(value)).digest()),
    "csvdecode": _csv,
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
    "urldecode": lambda value: urllib.parse.unquote_plus(_bytes(value).decode("utf-8")),
    "urlencode": lambda value: urllib.parse.quote_plus(_bytes(value)),
}


def _jsonencode(scope: Scope, arguments: Sequence[Value]) -> Value:
    return encode(scope.id, arguments[0])


def _jsondecode(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _read(scope, "jsondecode", arguments[0], yaml=False)


def _yamldecode(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _read(scope, "yamldecode", arguments[0], yaml=True)


def _read(scope: Scope, name: str, value: Value, *, yaml: bool) -> Value:
    if isinstance(value, Mapping):
        return value
    found = structure(value, yaml=yaml)
    if found is not value:
        return found
    if isinstance(value, Expression):
        return unknown(scope.id, name, value)
    raise Wrong(f"{name}: not a document")


def _yamlencode(scope: Scope, arguments: Sequence[Value]) -> Value:
    """YAML holds JSON: the JSON text is one of the texts that it may be."""
    value = arguments[0]
    if isinstance(value, Concat) or not is_known(value):
        return encode(scope.id, value)
    return json.dumps(json.loads(str(encode(scope.id, value))), indent=2, ensure_ascii=False) + "\n"


PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {
    "jsondecode": _jsondecode,
    "jsonencode": _jsonencode,
    "yamldecode": _yamldecode,
    "yamlencode": _yamlencode,
}
