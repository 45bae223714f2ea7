"""Artefacts, one per file. `EMITTERS` are the formats in which a whole scan can be written.

Each is loaded when it is used: the drawing of a terminal or a page is not paid for by those who ask for JSON.
"""

from __future__ import annotations

from untangle.emit.emitter import Emitter, View
from untangle.model.scan import Scan


def _text(scan: Scan, view: View) -> str:
    from untangle.emit.text import render

    return render(scan, view)


def _json(scan: Scan, view: View) -> str:
    from untangle.emit.json import render

    return render(scan, view)


def _markdown(scan: Scan, view: View) -> str:
    from untangle.emit.markdown import render

    return render(scan, view)


def _sarif(scan: Scan, view: View) -> str:
    from untangle.emit.sarif import render

    return render(scan, view)


def _mermaid(scan: Scan, view: View) -> str:
    from untangle.emit.mermaid import render

    return render(scan, view)


def _html(scan: Scan, view: View) -> str:
    from untangle.emit.html import render

    return render(scan, view)


EMITTERS: tuple[Emitter, ...] = (
    Emitter(format="text", suffixes=(".txt", ".text"), title="for the terminal", render=_text),
    Emitter(format="json", suffixes=(".json",), title="the scan document, for programs", render=_json),
    Emitter(format="markdown", suffixes=(".md", ".markdown"), title="for pull requests and wikis", render=_markdown),
    Emitter(format="sarif", suffixes=(".sarif", ".sarif.json"), title="SARIF 2.1.0, for code scanning", render=_sarif),
    Emitter(format="mermaid", suffixes=(".mmd", ".mermaid"), title="the chains as a diagram", render=_mermaid),
    Emitter(format="html", suffixes=(".html", ".htm"), title="the audit page, one self-contained file", render=_html),
)


def emitter_for(name: str) -> Emitter | None:
    """The emitter that a file name's suffix asks for, the longest suffix winning; None where none does."""
    fitting = [(len(suffix), item) for item in EMITTERS for suffix in item.suffixes if name.lower().endswith(suffix)]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None
