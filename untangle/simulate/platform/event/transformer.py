"""EventBridge's input templates: words in angle brackets, filled in from the event.

Outside of quotes a word stands for its JSON value, within them for its text. A path that finds nothing makes no word: what would
hold it does not appear in the output. A template that is no JSON is text.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_WORD = re.compile(r"<([A-Za-z0-9_.$\[\]'@*-]+)>")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[A-Za-z0-9_.$\[\]\'@*-]+>|[^"<]+|.', re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z0-9_@-]+)|\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]")
_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_@-]+|\[\d+\]|\[['\"][^'\"]+['\"]\])*\Z")
_NOTHING = object()
_GONE = "\ue000nothing\ue000"  # a word that no event holds, while the rest is read as JSON


class UnreadablePath(Exception):
    """A path that is no plain one, or a word that nothing explains."""


def found_at(path: str, value: Any) -> tuple[Any, ...]:
    """The value at a plain path (`$.detail.items[0]`), in a tuple; () where there is none. Raises `UnreadablePath`."""
    if not _PATH.match(path.strip()):
        raise UnreadablePath(f"the path {path!r} is no plain one")
    for name, index, quoted in _STEP.findall(path.strip()):
        if index:
            if not isinstance(value, list) or int(index) >= len(value):
                return ()
            value = value[int(index)]
        elif isinstance(value, Mapping) and (name or quoted) in value:
            value = value[name or quoted]
        else:
            return ()
    return (value,)


def filled(template: str, paths: Mapping[str, str], event: Mapping[str, Any], *, rule: str = "", rule_arn: str = "") -> Any:
    """What an InputTransformer of a rule makes of an event: JSON, or text. Raises `UnreadablePath`."""
    reserved = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule,
        "aws.events.event.ingestion-time": event.get("time"),
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": dict(event),
    }

    def value(word: str) -> Any:
        if word in paths:
            found = found_at(paths[word], event)
            return found[0] if found else _NOTHING
        if word in reserved:
            return reserved[word]
        raise UnreadablePath(f"<{word}> has no path")

    return _written(template, value)


def filled_by_pipe(template: str, record: Mapping[str, Any], *, pipe: str, reserved: Mapping[str, Any]) -> Any:
    """What a pipe's input template makes of one record: words are paths into it (`<$.body.order>`), and its JSON text is looked
    into as if it were JSON. Raises `UnreadablePath`."""
    opened = {key: _opened(value) for key, value in record.items()}
    named = {**reserved, "aws.pipes.pipe-name": pipe, "aws.pipes.event": dict(record), "aws.pipes.event.json": dict(record)}

    def value(word: str) -> Any:
        if word.startswith("$"):
            plain = found_at(word, record) or found_at(word, opened)
            return plain[0] if plain else _NOTHING
        if word in named:
            return named[word]
        raise UnreadablePath(f"<{word}> has no path")

    return _written(template, value)


def _opened(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else value
    except (ValueError, RecursionError):
        return value


def _written(template: str, value: Callable[[str], Any]) -> Any:
    """The template as JSON where it is JSON with its words filled in, as text where it is not."""
    text = template.strip()
    if text[:1] in ("{", "[", '"') or _WORD.fullmatch(text):
        written = "".join(_token(token, value) for token in _TOKEN.findall(text))
        try:
            return _without(json.loads(written))
        except (ValueError, RecursionError):
            pass
    return _WORD.sub(lambda found: _text(value(found[1])), template)


def _token(token: str, value: Callable[[str], Any]) -> str:
    word = _WORD.fullmatch(token)
    if word:
        held = value(word[1])
        return json.dumps(_GONE if held is _NOTHING else held)
    if token.startswith('"') and len(token) > 1:
        return _WORD.sub(lambda found: json.dumps(_text(value(found[1])))[1:-1], token)
    return token


def _text(held: Any) -> str:
    if held is _NOTHING:
        return ""
    return held if isinstance(held, str) else json.dumps(held, separators=(",", ":"), ensure_ascii=False)


def _without(value: Any) -> Any:
    """What is left without the words that nothing was found for."""
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if inner != _GONE}
    if isinstance(value, list):
        return [_without(inner) for inner in value if inner != _GONE]
    return None if value == _GONE else value
