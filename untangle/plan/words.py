"""Filters and lists of names in words, for comments, names of states and obstacles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from untangle.model.step import Stop
from untangle.model.value import Value, show

_NAMED = 3
# What stands in a filter for a resource of the template: `${stack/Bucket}`. In a definition it would be a substitution.
_PLACEHOLDER = re.compile(r"\$\{(?:[^{}]*/)?([^{}]*)\}")


def named(names: Iterable[str]) -> str:
    """`a, b, c and 2 more`: each name once, the first of them."""
    each = list(dict.fromkeys(names))
    return ", ".join(each[:_NAMED]) + (f" and {len(each) - _NAMED} more" if len(each) > _NAMED else "")


def filter_words(way: tuple[Stop, ...]) -> str:
    """What the filters of a way let pass: `kind is order; source is shop`."""
    found = [" or ".join(dict.fromkeys(map(_one, _alternatives(stop.filter)))) for stop in way if stop.filter]
    return _PLACEHOLDER.sub(r"\1", "; ".join(words for words in found if words)) or "the filter lets it pass"


def _alternatives(filter: Value) -> list[Value]:
    """The filters of several deliveries that make one hop, each; else the one."""
    pending, found = [filter], []
    while pending:
        either = pending.pop()
        several = either.get("anyOf") if isinstance(either, Mapping) else None
        if isinstance(several, tuple | list):
            pending.extend(reversed(several))
        else:
            found.append(either)
    return found


def _one(filter: Value) -> str:
    if isinstance(filter, tuple | list):
        return " or ".join(_one(item) for item in filter)
    if not isinstance(filter, Mapping):
        return show(filter)
    return ", ".join(f"{'.'.join(path)} is {wanted}" for path, wanted in _leaves(filter))


def _leaves(filter: Mapping[str, Value]) -> list[tuple[tuple[str, ...], str]]:
    """Paths with what is wanted there, depth first; patterns are shallow (EventBridge allows few levels)."""
    pending: list[tuple[tuple[str, ...], Value]] = [((), filter)]
    found = []
    while pending:
        path, value = pending.pop()
        if isinstance(value, Mapping) and value and not (path and len(value) == 1 and path[-1].isdigit()):
            pending.extend(((*path, key), inner) for key, inner in reversed(list(value.items())))
        elif isinstance(value, tuple | list):
            found.append((path, " or ".join(show(item) for item in value)))
        else:
            found.append((path, show(value)))
    return found
