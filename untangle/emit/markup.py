"""HTML and SVG as values: everything is escaped on its way in, once, and only here.

Names and source text come from files that nobody vouches for. A plain `str` is text and gets escaped; only what
`tag` built is `Html`. Characters that are invisible or turn the direction of writing are shown by their code point,
so that a name cannot pose as another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

VOID = frozenset({"meta", "input", "br", "rect", "circle", "path", "line", "hr", "link", "wbr"})
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
# Controls, surrogates, zero-width and bidirectional marks, line separators, interlinear and tag characters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


class Html(str):
    """Markup that is safe to show as it stands."""

    __slots__ = ()


def visible(text: str) -> str:
    """Text with each character that cannot be seen written as its code point."""
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def escape(value: object) -> Html:
    """Any value as text of a page; `Html` passes through."""
    if isinstance(value, Html):
        return value
    return Html(re.sub("[&<>\"']", lambda found: _MARKUP[found.group()], visible(str(value))))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """One element. Attributes lose a trailing `_` and turn `_` into `-`; None and False are left out, True has no value."""
    written = "".join(
        f" {_attribute(key)}" if value is True else f' {_attribute(key)}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{''.join(escape(child) for child in children if child is not None)}</{name}>")


def join(parts: Iterable[object], separator: object = "") -> Html:
    """Several pieces one after the other."""
    return Html(escape(separator).join(escape(part) for part in parts))


def _attribute(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")
