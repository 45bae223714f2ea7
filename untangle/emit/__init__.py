"""Artefacts, one per file. `EMITTERS` are the formats in which a whole scan can be written.

What is slow to load (rich, the assets of a page) is loaded by the function that uses it, not by its module.
"""

from __future__ import annotations

from untangle.emit import json, markdown, mermaid, sarif, text
from untangle.emit.emitter import Emitter, View
from untangle.model.scan import Scan

__all__ = ["EMITTERS", "Emitter", "View", "emitter_for"]


def _html(scan: Scan, view: View) -> str:
    from untangle.emit.html import render

    return render(scan, view)


EMITTERS: tuple[Emitter, ...] = (
    text.EMITTER,
    json.EMITTER,
    markdown.EMITTER,
    sarif.EMITTER,
    mermaid.EMITTER,
    Emitter(format="html", suffixes=(".html", ".htm"), title="the audit page, one self-contained file", render=_html),
)


def emitter_for(name: str) -> Emitter | None:
    """The emitter that a file name's suffix asks for, the longest suffix winning; None where none does."""
    fitting = [(len(suffix), item) for item in EMITTERS for suffix in item.suffixes if name.lower().endswith(suffix)]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None
