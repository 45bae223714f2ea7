"""Artefacts, one per file. `EMITTERS` are the formats in which a whole scan can be written.

What is slow to load (rich, the assets of a page) is loaded by the function that uses it, not by its module.
"""

from __future__ import annotations

from untangle.emit import html, json, markdown, mermaid, sarif, text
from untangle.emit.emitter import Emitter, View
from untangle.errors import UsageError

__all__ = ["EMITTERS", "Emitter", "View", "choose", "emitter_for"]


EMITTERS: tuple[Emitter, ...] = (
    text.EMITTER,
    json.EMITTER,
    markdown.EMITTER,
    sarif.EMITTER,
    mermaid.EMITTER,
    html.EMITTER,
)


# What several formats share.
MECHANISMS: tuple[str, ...] = ("outlook", "plan_chart")


def emitter_for(name: str) -> Emitter | None:
    """The emitter that a file name's suffix asks for, the longest suffix winning; None where none does."""
    fitting = [(len(suffix), item) for item in EMITTERS for suffix in item.suffixes if name.lower().endswith(suffix)]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


def choose(name: str, format: str | None) -> Emitter:
    """The emitter for a file name or `-`: by its suffix, else by the format asked for, which is text for `-`.

    Raises UsageError where neither names one.
    """
    by_format = {item.format: item for item in EMITTERS}
    if format is not None and format not in by_format:
        raise UsageError(f"there is no format {format!r}", hint=f"one of {', '.join(by_format)}")
    if name == "-":
        return by_format[format or "text"]
    found = emitter_for(name) or (by_format[format] if format else None)
    if found is None:
        suffixes = ", ".join(item.suffixes[0] for item in EMITTERS)
        raise UsageError(f"the suffix of {name} means no format", hint=f"one of {suffixes}; or say --format")
    return found
