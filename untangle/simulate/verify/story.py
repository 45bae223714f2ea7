"""What happened, in order, on both sides: the log of each world as lines, the two beside each other by time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from untangle.simulate.happening import Happening
from untangle.simulate.verify.given import plain
from untangle.simulate.verify.outcome import Outcome

LINES = 60  # of one side
_WIDTH = 150
_VERBS = {"park": "holds what failed", "drop": "drops a message", "start": "starts", "end": "ends", "fault": "fault"}


def story(one: Outcome, other: Outcome) -> tuple[str, ...]:
    """The lines of both sides, each with its time and its side, in the order of time."""
    lines = [*_side("choreography", one), *_side("machine     ", other)]
    return tuple(text for _, _, text in sorted(lines, key=lambda line: line[:2]))


def _side(name: str, side: Outcome) -> Iterator[tuple[float, int, str]]:
    told = [(item, text) for item in side.log if (text := words(item))]
    for number, (item, text) in enumerate(told[:LINES]):
        yield item.time, number, f"{name} {item.time:9.1f} s  {text}"
    if len(told) > LINES:
        last = told[-1][0].time
        yield last, LINES, f"{name} {last:9.1f} s  and {len(told) - LINES} more"


def words(item: Happening) -> str:
    """One happening as a line; "" for what is of no interest."""
    detail, who = item.detail, item.who.rpartition("/")[2] or "a client"
    if item.kind == "invoke":
        return f"{who} is invoked with {_short(detail.get('event'))}"
    if item.kind == "answer":
        return f"{who} answers {_short(detail.get('payload'))}"
    if item.kind == "error":
        return f"{who} fails: {detail.get('type', '')} {detail.get('message', '')}"[:_WIDTH]
    if item.kind == "call":
        failed = f" -> {_short(detail['error'])}" if detail.get("error") else ""
        return f"{who} calls {detail.get('service')}.{detail.get('operation')} {_short(detail.get('params'))}{failed}"
    if item.kind == "said":
        lines = [line for line in str(detail.get("text", "")).splitlines() if line.strip()]
        return f"{who} prints {_short(' / '.join(lines))}" if lines else ""
    if item.kind == "deliver":
        return f"{who} delivers to {str(detail.get('to', '')).rpartition('/')[2]}"
    if item.kind in _VERBS:
        verb = _VERBS[item.kind]
        return f"{who}: {verb} {_short({key: value for key, value in detail.items() if value})}"
    return ""


def _short(value: Any) -> str:
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"
