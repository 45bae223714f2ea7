"""What a function's own trigger says of the key that it writes: a key taken from the message has the trigger's prefix and suffix.

A handler that is told of `in/*.csv` and copies each object under the key it had writes `in/….csv`, and a copy to
`valid/${key}` is `valid/in/….csv`: that decides which notifications of the other bucket it can meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from untangle.channels.known import inner
from untangle.model.link import Link, LinkKind
from untangle.model.value import Concat, Either, Received, Symbol, Value, concat

_KEY = ["Records", "*", "s3", "object", "key"]
_PLAIN = re.compile(r"[A-Za-z0-9_./-]*\Z")  # what stands in an event as it stands in the key: the rest is URL-encoded there


def keyed(links: Iterable[Link], types: Mapping[str, str]) -> list[Link]:
    """The links, with written keys as far as the writer's own notifications tell them; `types` are the types of the nodes."""
    links = list(links)
    told: dict[str, list[Link]] = {}
    called: set[str] = set()  # whoever calls a function may hand it an event of any kind
    for link in links:
        if link.kind is LinkKind.DELIVER and types.get(link.source) == "s3":
            told.setdefault(link.target, []).append(link)
        elif link.kind is LinkKind.DELIVER and types.get(link.source) in ("lambda_invoke", "create_schedule"):
            called.add(link.target)
    known = {function: _received(found) for function, found in told.items() if function not in called}
    return [_with_key(link, known.get(link.source)) for link in links]


def _received(notifications: list[Link]) -> Value:
    """The key in the messages of these notifications."""
    options: list[Value] = []
    for link in notifications:
        prefix, suffix = (inner(link.filter, name) or "" for name in ("prefix", "suffix"))
        start = prefix if isinstance(prefix, str) and _PLAIN.match(prefix) else ""
        end = suffix if isinstance(suffix, str) and _PLAIN.match(suffix) else ""
        overlap = any(start.endswith(end[:size]) for size in range(1, len(end) + 1))  # `a.c` + `.csv` fits `a.csv`
        option = concat([start, Symbol("key"), "" if overlap else end])
        if option not in options:
            options.append(option)
    return options[0] if len(options) == 1 else Either(tuple(options))


def _with_key(link: Link, received: Value) -> Link:
    sent = link.sent
    key = sent.attributes.get("Key") if sent is not None and sent.service == "s3" else None
    if sent is None or key is None or received is None:
        return link
    return replace(link, sent=replace(sent, attributes={**sent.attributes, "Key": _put(key, received)}))


def _put(key: Value, received: Value) -> Value:
    if isinstance(key, Received):
        return received if re.findall(r"\w+|\*", key.path)[1:] == _KEY else key
    if isinstance(key, Concat):
        return concat([_put(part, received) for part in key.parts])
    if isinstance(key, Either):
        return Either(tuple(_put(option, received) for option in key.options), key.conditions)
    return key
