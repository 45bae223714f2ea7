"""What one run of a chain did: told line by line, with the executions of its state machine as trees, and what it left behind."""

from __future__ import annotations

import json
from typing import Any

from untangle.emit.emitter import View
from untangle.emit.history import as_text as history_text
from untangle.emit.history import document, duration
from untangle.emit.sheet import Sheet, styled
from untangle.emit.wording import count, cut
from untangle.simulate.local.chain import Performance

_LINES = 60  # of the story, without -v
_VALUE = 100  # characters of a value


def as_json(performance: Performance) -> str:
    """`{status, output, error, cause, events, given, log, state, executions, skipped, notes}`: the first five are those of the
    execution that began first, where there is one."""
    main = performance.executions[0] if performance.executions else None
    shown: dict[str, Any] = {
        "status": main.status if main else "SUCCEEDED" if performance.succeeded else "FAILED",
        "output": main.output if main else None,
        "error": main.error if main else None,
        "cause": main.cause if main else None,
        "events": list(main.events) if main else [],
        "given": performance.given,
        "log": list(performance.log),
        "state": performance.state,
        "executions": [document(execution) for execution in performance.executions],
        "skipped": round(performance.seconds, 3),
        "notes": list(performance.notes),
    }
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def as_text(performance: Performance, view: View) -> str:
    """The story, the executions, what is left, and what is worth knowing."""
    sheet = Sheet(view.width, view.color)
    for time, text in performance.lines if view.verbosity else performance.lines[:_LINES]:
        sheet.add(styled((f"{time:10.1f} s  ", "quiet"), text), rest=" " * 14, wrap=view.verbosity > 0)
    hidden = 0 if view.verbosity else max(0, len(performance.lines) - _LINES)
    if hidden:
        sheet.add(styled((f"and {count(hidden, 'line')} more (-v)", "quiet")), first=" " * 14)
    parts = [sheet.render()]
    parts += [history_text(execution, view) for execution in performance.executions]
    return "\n".join([*parts, _rest(performance, view)])


def _rest(performance: Performance, view: View) -> str:
    sheet = Sheet(view.width, view.color)
    for kind, held in performance.state.items():
        for node, content in held.items() if isinstance(held, dict) else ():
            text = json.dumps(content, ensure_ascii=False)
            told = styled(
                ("left  ", "quiet"), f"{kind} ", (str(node), "channel"), f"  {text if view.verbosity else cut(text, _VALUE)}"
            )
            sheet.add(told, rest="      ", wrap=view.verbosity > 0)
    for note in performance.notes:
        sheet.add(styled(("note  ", "quiet"), note), rest="      ")
    if performance.seconds >= 1:
        sheet.add(styled((f"{duration(performance.seconds)} of waiting and work went by in no time", "quiet")))
    if not performance.finished:
        sheet.add(styled(("it did not come to an end", "error")))
    if performance.failed and not performance.executions:
        sheet.add(styled(("failed  ", "error"), ", ".join(performance.failed)), rest="        ")
    return sheet.render()
