"""EventBridge's target input: a constant, a path into the event, or a template with placeholders, as JSONata.

Rules: EventBridge user guide, "Input transformation": a placeholder outside of quotes stands for its JSON value,
inside of quotes for its text; reserved names need no path: `<aws.events.event.json>` is the event, `<aws.events.event>` the
event without its detail; what the rule is called, only the rule knows. A path that finds nothing makes no variable. A template
that is no JSON is text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from untangle.channels.envelope.form import Unsupported, literal, step
from untangle.model.value import Value

_PATH = re.compile(r"\$((?:\.[A-Za-z0-9_@-]+|\[\d+\]|\[['\"][^'\"]+['\"]\])*)\Z")
_STEP = re.compile(r"\.([A-Za-z0-9_@-]+)|\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]")
_PLACE = re.compile(r"<([A-Za-z0-9_.-]+)>")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|<[A-Za-z0-9_.-]+>|[^"<]+|<')


def constant(value: Value) -> str:
    """A rule's constant input, given as JSON text or as the value itself."""
    if isinstance(value, str):
        try:
            return literal(json.loads(value))
        except ValueError:
            return literal(value)
    return literal(value)


def path_of(path: Value, root: str) -> str:
    """A simple JSON path (`$.detail.items[0]`) as JSONata below `root`. Raises `Unsupported` for any other path."""
    if not isinstance(path, str) or not _PATH.match(path.strip()):
        raise Unsupported(f"the path {path!r} of an input transformer is not a plain one")
    return root + "".join(
        f"[{index}]" if index else "." + step(name or quoted) for name, index, quoted in _STEP.findall(path.strip())
    )


def template(transformer: Mapping[str, Value], root: str) -> str:
    """An InputTransformer (`InputPathsMap`, `InputTemplate`, or the same in snake_case) as one JSONata expression."""
    paths = transformer.get("InputPathsMap", transformer.get("input_paths_map")) or {}
    text = transformer.get("InputTemplate", transformer.get("input_template"))
    if not isinstance(text, str) or not isinstance(paths, Mapping):
        raise Unsupported("the input template is not known before run time")
    known = {**{name: path_of(path, root) for name, path in paths.items()}, **_reserved(root)}
    pieces = _PIECE.findall(text.strip())
    if text.lstrip()[:1] not in ("{", "[", '"') and not (len(pieces) == 1 and _PLACE.fullmatch(pieces[0])):
        return _text(text, known)
    try:
        json.loads("".join("0" if _PLACE.fullmatch(piece) else piece for piece in pieces))
    except ValueError:
        raise Unsupported("the input template is neither JSON nor plain text") from None
    return "".join(_piece(piece, known) for piece in pieces)


def _reserved(root: str) -> Mapping[str, str]:
    return {
        "aws.events.event.json": root,
        "aws.events.event": f"$sift({root}, function($v, $k) {{ $k != 'detail' }})",
        "aws.events.event.ingestion-time": f"{root}.time",
    }


def _piece(piece: str, known: Mapping[str, str]) -> str:
    """One token of a JSON template: a placeholder, a string with placeholders in it, or JSON as it stands."""
    if piece.startswith('"'):
        return _text(json.loads(piece), known) if _PLACE.search(piece) else literal(json.loads(piece))
    found = _PLACE.fullmatch(piece)
    return _value(found.group(1), known) if found else piece


def _text(text: str, known: Mapping[str, str]) -> str:
    """Text with placeholders, as a concatenation."""
    parts = [
        f"$string({_value(part, known)})" if index % 2 else literal(part)
        for index, part in enumerate(_PLACE.split(text))
        if index % 2 or part
    ]
    if len(parts) <= 1:
        parts.insert(0, "''")  # a path that finds nothing leaves an empty text
    return "(" + " & ".join(parts) + ")"


def _value(name: str, known: Mapping[str, str]) -> str:
    if name.startswith("aws.events.rule-"):
        raise Unsupported(f"the input template names <{name}>, which only the rule can give")
    if name not in known:
        raise Unsupported(f"the input template names <{name}>, which has no path")
    return known[name]
