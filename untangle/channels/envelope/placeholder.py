"""What a filter names of the template itself: `${stack/Bucket}` stands in it for what is known when the template is deployed.

A channel on the way is named in the definition in the same way as everywhere else; the account and the region of an event are
those of the state machine. For anything else there is no text to compare with, so the filter cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.channels.envelope.form import Names, Unsupported
from untangle.model.step import Stop
from untangle.model.value import Value

_DEEPEST = 64
_OWN = {"account": ("${AWS::AccountId}",), "region": ("${AWS::Region}",)}


def filled(stops: tuple[Stop, ...], names: Names) -> tuple[Stop, ...]:
    """The stops with what their filters name in the words of the definition. Raises `Unsupported` for what has none."""
    known = {f"${{{stop.channel}}}": names(stop.channel, "") for stop in stops}
    return tuple(replace(stop, filter=_filled(_foreign(stop), known, 0)) if stop.filter else stop for stop in stops)


def _foreign(stop: Stop) -> Value:
    """A rule's pattern without the tests for the account and region that it stands in itself."""
    if stop.type != "eventbridge" or not isinstance(stop.filter, Mapping):
        return stop.filter
    return {key: inner for key, inner in stop.filter.items() if key not in _OWN or inner != _OWN[key]}


def _filled(value: Value, known: Mapping[str, str], depth: int) -> Value:
    if depth > _DEEPEST:
        return value  # the filter is refused for its depth
    if isinstance(value, Mapping):
        return {key: _filled(inner, known, depth + 1) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_filled(inner, known, depth + 1) for inner in value)
    if isinstance(value, str) and "${" in value and value not in known:
        raise Unsupported(f"its filter names {value}, which is known only when it is deployed")
    return known.get(value, value) if isinstance(value, str) else value
