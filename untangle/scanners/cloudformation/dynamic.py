"""Dynamic references inside texts: `{{resolve:ssm:/orders/url}}` is what a store holds under a name.

Source: "Using dynamic references to specify template values" of the CloudFormation user guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from untangle.model.value import Stored, Value, concat, parts_of, split

_START, _END = "{{resolve:", "}}"
_MARKS = re.compile(r"(\{\{resolve:|\}\})")
_STORES = {"ssm": "ssm", "ssm-secure": "ssm", "secretsmanager": "secretsmanager"}
_ARN_FIELDS = 7


def with_stored(value: Value) -> Value:
    """The text with every dynamic reference in it replaced by a `Stored`, also where its name has unknown parts."""
    for part in parts_of(value):
        if isinstance(part, str) and _START in part:
            return _with_stored(value)
    return value


def _with_stored(value: Value) -> Value:
    done: list[Value] = []
    inside: list[Value] | None = None
    for piece in _pieces(value):
        if inside is None and piece == _START:
            inside = []
        elif inside is not None and piece == _END:
            done.append(_stored(concat(inside)))
            inside = None
        else:
            (done if inside is None else inside).append(piece)
    if inside is not None:  # never closed: it is plain text
        done += [_START, *inside]
    return concat(done)


def _pieces(value: Value) -> Iterator[Value]:
    """The parts of a text, its literal ones cut at the marks."""
    for part in parts_of(value):
        if isinstance(part, str):
            yield from _MARKS.split(part)
        else:
            yield part


def _stored(reference: Value) -> Value:
    """`service:name[:…]` without what follows the name (a version, a JSON key, a stage)."""
    parts = parts_of(reference)
    head = parts[0] if isinstance(parts[0], str) else ""
    service, _, name = head.partition(":")
    store = _STORES.get(service)
    if store is None:
        return concat([_START, reference, _END])
    fields = split(concat([name, *parts[1:]]), ":")
    count = _ARN_FIELDS if fields[0] == "arn" else 1
    kept: list[Value] = []
    for field in fields[:count]:
        kept += [":", field] if kept else [field]
    return Stored(store, concat(kept))
