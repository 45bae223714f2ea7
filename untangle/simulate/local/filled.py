"""A definition with its placeholders filled: what a deployment would substitute, as far as a local run needs it.

`${Name}` is what a deployment fills in. What is not known becomes its own name, so that a queue `${OrderQueue}` is a queue called
OrderQueue; where a whole resource is left open, it is taken for a function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from untangle.simulate.names import ACCOUNT, REGION

Known = Callable[[str], str | None]

_PLACEHOLDER = re.compile(r"\$\{([^{}\"]+)\}")
_PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "local",
}
_ATTRIBUTES = ("arn", "name", "url", "queueurl", "topicarn", "queuename", "tablename", "functionname")
_NUMBERS = re.compile(r"(?:Seconds|MaxConcurrency|MaxAttempts|BackoffRate|Percentage|Count|MaxItems|MaxItemsPerBatch)\Z")


def fill(definition: Any, known: Known = lambda name: None) -> Any:
    """The definition with every placeholder filled, by `known` where that knows it."""
    return _filled(definition, "", known)


def placeholders(definition: Any) -> tuple[str, ...]:
    """The names of all placeholders, sorted."""
    found: set[str] = set()
    _collect(definition, found)
    return tuple(sorted(found))


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, Mapping):
        for inner in value.values():
            _collect(inner, found)
    elif isinstance(value, list | tuple):
        for inner in value:
            _collect(inner, found)
    elif isinstance(value, str):
        found.update(name.strip() for name in _PLACEHOLDER.findall(value))


def _filled(value: Any, key: str, known: Known) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(inner, name, known) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, key, known) for inner in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    text = _PLACEHOLDER.sub(lambda found: _one(found[1].strip(), known), value)
    whole = _PLACEHOLDER.fullmatch(value) is not None
    if whole and key == "Resource" and not text.startswith("arn:"):
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{text}"
    if whole and _NUMBERS.search(key) and re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    return text


def _one(name: str, known: Known) -> str:
    """What a placeholder stands for: a parameter, a thing of the template, or else its own name without an attribute."""
    found = known(name)
    if found is not None:
        return found
    if name in _PSEUDO:
        return _PSEUDO[name]
    bare, _, attribute = name.rpartition(".")
    return bare if bare and attribute.lower() in _ATTRIBUTES else name
