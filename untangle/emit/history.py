"""What a local run did: its history as a tree for people, and as JSON for programs.

Orders run-1  SUCCEEDED
├─ Validate  Task lambda:invoke                                  {"valid":true}
├─ Charge    Task lambda:invoke, 2 tries (Lambda.TooManyRequestsException); 1 s skipped
└─ Ship      Map of 2
   ├─ 0
   │  └─ Pack  Task lambda:invoke
   …
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from untangle.emit.emitter import View
from untangle.emit.sheet import Sheet, styled
from untangle.emit.wording import cut
from untangle.simulate.local.job import Outcome

_MOST_ITEMS = 20  # of a Map that are drawn
_MOST_SAID = 20  # lines of handlers that are shown
_VALUE = 60  # characters of an output on a line
_DEEPEST = 40  # levels that are drawn
_FAILED = ("TaskFailed", "LambdaFunctionFailed", "ActivityFailed", "TaskTimedOut", "LambdaFunctionTimedOut", "ActivityTimedOut")
_FAILED_EARLY = (
    "TaskSubmitFailed",
    "TaskStartFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "ActivityScheduleFailed",
)
_TRIED = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")
_ENDED = ("MapIterationSucceeded", "MapIterationFailed", "MapIterationAborted")
_JOINED = (
    "ParallelStateSucceeded",
    "ParallelStateFailed",
    "ParallelStateAborted",
    "MapStateSucceeded",
    "MapStateFailed",
    "MapStateAborted",
)


@dataclass(slots=True)
class State:
    """One visit of a state: what it called, how often, what failed, what it gave, and what ran inside of it by branch or item."""

    name: str
    kind: str
    entered: float
    left: float | None = None
    resource: str = ""
    tries: int = 0
    failures: list[str] = field(default_factory=list)
    output: str | None = None
    items: int | None = None
    inner: dict[str, list[State]] = field(default_factory=dict)


def as_json(outcome: Outcome) -> str:
    """`{status, output, error, cause, events: [{type, …}], machine, name, skipped, notes, said}`; `skipped` is in seconds, `said`
    what handlers printed: `[[function, line], …]`."""
    return json.dumps(document(outcome), indent=2, ensure_ascii=False) + "\n"


def document(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain JSON."""
    return {
        "status": outcome.status,
        "output": outcome.output,
        "error": outcome.error,
        "cause": outcome.cause,
        "events": list(outcome.events),
        "machine": outcome.machine,
        "name": outcome.name,
        "skipped": round(outcome.seconds, 3),
        "notes": list(outcome.notes),
        "said": [list(pair) for pair in outcome.said],
    }


def as_text(outcome: Outcome, view: View) -> str:
    """The history as a tree, then what came out, how much waiting was skipped, what handlers printed, and notes."""
    sheet = Sheet(view.width, view.color)
    style = {"SUCCEEDED": "migrate", "RUNNING": "warning"}.get(outcome.status, "error")
    sheet.add(styled((outcome.machine, "title"), f" {outcome.name}  ", (outcome.status, style)))
    _draw(sheet, states_of(outcome.events), "", view, 0)
    if outcome.succeeded:
        sheet.add(styled(("output  ", "quiet"), json.dumps(outcome.output, ensure_ascii=False)), rest="        ")
    elif outcome.error is not None or outcome.cause:
        sheet.add(styled(("error   ", "quiet"), (outcome.error or "none", "error")))
        sheet.add(styled(("cause   ", "quiet"), outcome.cause or "none"), rest="        ")
    if outcome.seconds >= 1:
        sheet.add(styled((f"{duration(outcome.seconds)} of waiting and work went by in no time", "quiet")))
    for name, line in outcome.said if view.verbosity else outcome.said[:_MOST_SAID]:
        sheet.add(styled((f"{name} prints  ", "quiet"), line), rest=" " * (len(name) + 9))
    if len(outcome.said) > _MOST_SAID and not view.verbosity:
        sheet.add(styled((f"and {len(outcome.said) - _MOST_SAID:,} more lines that handlers printed (-v)", "quiet")))
    for note in outcome.notes:
        sheet.add(styled(("note    ", "quiet"), note), rest="        ")
    if outcome.unused:
        sheet.add(styled(("note    ", "quiet"), f"mocked and never reached: {', '.join(outcome.unused)}"), rest="        ")
    return sheet.render()


def duration(seconds: float) -> str:
    """`1.5 s`, `15 min`, `2 h 5 min`, `3 d`."""
    if seconds < 120:
        return f"{seconds:g} s" if seconds == round(seconds, 1) else f"{seconds:.1f} s"
    parts = []
    rest = round(seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number:,} {unit}")
    return " ".join(parts[:2])


def _draw(sheet: Sheet, states: Sequence[State], margin: str, view: View, depth: int) -> None:
    wide = max((len(state.name) for state in states), default=0)
    for index, state in enumerate(states):
        last = index == len(states) - 1
        first, rest = margin + ("└─ " if last else "├─ "), margin + ("   " if last else "│  ")
        sheet.add(_line(state, min(wide, 30), view), first=first, rest=rest + "   ")
        if depth < _DEEPEST:
            _inside(sheet, state, rest, view, depth)


def _inside(sheet: Sheet, state: State, margin: str, view: View, depth: int) -> None:
    """The branches of a Parallel, or the items of a Map; all of them with -v."""
    shown = list(state.inner.items())
    hidden = 0 if view.verbosity else max(0, len(shown) - _MOST_ITEMS)
    shown = shown[: len(shown) - hidden]
    for index, (label, states) in enumerate(shown):
        last = index == len(shown) - 1 and not hidden
        sheet.add(styled((label, "quiet")), first=margin + ("└─ " if last else "├─ "))
        _draw(sheet, states, margin + ("   " if last else "│  "), view, depth + 1)
    if hidden:
        sheet.add(styled((f"and {hidden:,} more (-v)", "quiet")), first=f"{margin}└─ ")


def _line(state: State, wide: int, view: View) -> Any:
    told: list[tuple[str, str] | str] = [(state.name.ljust(wide), "function"), f"  {state.kind}"]
    if state.resource:
        told.append(f" {state.resource}")
    if state.items is not None:
        told.append(f" of {state.items}")
    if state.tries > 1:
        told.append(f", {state.tries} tries")
    if state.failures:
        told.append((f"  {', '.join(dict.fromkeys(state.failures))}", "error"))
    if state.left is not None and state.left - state.entered >= 1:
        told.append((f"  {duration(state.left - state.entered)} skipped", "quiet"))
    if state.left is None and not state.failures:
        told.append(("  not left", "warning"))
    if state.output is not None and state.kind in ("Task", "Pass"):
        told.append((f"  → {state.output if view.verbosity else cut(state.output, _VALUE)}", "quiet"))
    return styled(*told)


@dataclass(slots=True)
class _Place:
    """Where an event stands: the list of states that it belongs to, the state it is in, and the place around it."""

    states: list[State]
    state: State | None = None
    outer: _Place | None = None


def states_of(events: Sequence[Mapping[str, Any]]) -> list[State]:
    """The visits of states, nested as they ran, out of a history in the service's shape."""
    root: list[State] = []
    places: dict[int, _Place] = {}
    for event in events:
        before = places.get(int(event.get("previousEventId") or 0)) or _Place(root)
        places[int(event["id"])] = _take(event, before)
    return root


def _take(event: Mapping[str, Any], before: _Place) -> _Place:
    """Notes one event; gives the place where those that follow it stand."""
    kind, time = str(event["type"]), _seconds(str(event.get("timestamp", "")))
    if kind.endswith("StateEntered"):
        return _entered(event, kind, time, before)
    details = next((value for key, value in event.items() if key.endswith("EventDetails") and isinstance(value, Mapping)), {})
    left = details.get("name") if kind.endswith("StateExited") else None
    if kind in _ENDED:
        before = before.outer or before
    while before.outer is not None and not _concerns(kind, left, before):
        before = before.outer
    state = before.state
    if state is None:
        return before
    if kind == "MapIterationStarted":
        label = str(details.get("index", len(state.inner)))
        return _Place(state.inner.setdefault(label, []), None, before)
    if kind == "MapStateStarted":
        state.items = details.get("length")
    elif kind in _TRIED:
        state.tries += 1
        state.resource = _called(details) or state.resource
    elif kind in _FAILED or kind in _FAILED_EARLY or (kind.endswith("Failed") and kind not in _ENDED and "error" in details):
        state.failures.append(str(details.get("error") or kind))
    elif kind.endswith("StateExited"):
        state.left = time
        state.output = details.get("output")
    return before


def _concerns(kind: str, left: object, place: _Place) -> bool:
    """Whether an event is about the state that the place is in: the end of a Parallel or Map follows what ended inside of it."""
    if left is not None:
        return place.state is not None and place.state.left is None and place.state.name == left
    return kind not in _JOINED or (place.state is not None and place.state.left is None and kind.startswith(place.state.kind))


def _entered(event: Mapping[str, Any], kind: str, time: float, before: _Place) -> _Place:
    details = event.get("stateEnteredEventDetails", {})
    state = State(name=str(details.get("name", "")), kind=kind.removesuffix("StateEntered"), entered=time)
    around = before.state
    if around is not None and around.kind == "Parallel" and around.left is None:
        branch: list[State] = [state]
        around.inner[f"branch {len(around.inner) + 1}"] = branch
        return _Place(branch, state, before)
    before.states.append(state)
    return _Place(before.states, state, before.outer)


def _called(details: Mapping[str, Any]) -> str:
    """What a task calls, in short: `lambda:invoke`, `sqs:sendMessage`, the name of a function."""
    kind, resource = str(details.get("resourceType", "")), str(details.get("resource", ""))
    return f"{kind}:{resource}" if kind else resource.rsplit(":", 1)[-1]


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
