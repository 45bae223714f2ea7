"""A scan as text, for the terminal or a log. The drawing is loaded when something is drawn: rich takes its time."""

from __future__ import annotations

from untangle.emit.emitter import Emitter, View
from untangle.model.scan import Scan


def render(scan: Scan, view: View) -> str:
    """The chains drawn with their evidence, then findings, gaps and totals; coloured where the view says so."""
    from untangle.emit.terminal import render

    return render(scan, view)


EMITTER = Emitter(format="text", suffixes=(".txt", ".text"), title="for the terminal", render=render)
