"""A failing case made small: fewer messages, fewer faults, a smaller message, for as long as it still fails.

Greedy, as in delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from untangle.simulate.call import ApiCall
from untangle.simulate.stimulus import Invoked
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.scenarios import Plan

_BODIES = ("MessageBody", "Message", "Detail")


def shrunk(plan: Plan, fails: Callable[[Plan], bool], most: int = 24) -> Plan:
    """The smallest plan that still fails, found within so many tries."""
    tried, found = 0, plan
    again = True
    while again and tried < most:
        again = False
        for candidate in _smaller(found):
            tried += 1
            if fails(_named(candidate, tried)):
                found, again = candidate, True
                break
            if tried >= most:
                break
    return found


def _named(plan: Plan, number: int) -> Plan:
    """Under a name of its own, by which the bench knows it."""
    return replace(plan, given=replace(plan.given, name=f"{plan.given.name} (smaller {number})"))


def _smaller(plan: Plan) -> Iterator[Plan]:
    for number in range(len(plan.faults)):
        yield replace(plan, faults=plan.faults[:number] + plan.faults[number + 1 :])
    given = plan.given
    if len(given.stimuli) > 1:
        for number in range(len(given.stimuli)):
            yield _with(plan, replace(given, stimuli=given.stimuli[:number] + given.stimuli[number + 1 :]))
    for number in range(len(given.before)):
        yield _with(plan, replace(given, before=given.before[:number] + given.before[number + 1 :]))
    for number, stimulus in enumerate(given.stimuli):
        for smaller in _smaller_stimulus(stimulus):
            yield _with(plan, replace(given, stimuli=(*given.stimuli[:number], smaller, *given.stimuli[number + 1 :])))


def _with(plan: Plan, given: Given) -> Plan:
    return replace(plan, given=given)


def _smaller_stimulus(stimulus: Invoked | ApiCall) -> Iterator[Invoked | ApiCall]:
    """With one field of its message, or one line of its file, less."""
    if isinstance(stimulus, Invoked):
        if isinstance(stimulus.event, Mapping):
            for event in _less(stimulus.event):
                yield replace(stimulus, event=event)
        return
    params = stimulus.params
    for name in _BODIES:
        if isinstance(params.get(name), str):
            for text in _less_text(params[name]):
                yield replace(stimulus, params={**params, name: text})
    if stimulus.operation == "PutEvents":
        for text in _less_text(params["Entries"][0]["Detail"]):
            yield replace(stimulus, params={"Entries": [{**params["Entries"][0], "Detail": text}]})
    if isinstance(params.get("Body"), bytes) and params["Body"].count(b"\n") > 2:
        lines = params["Body"].splitlines(keepends=True)
        for number in range(1, len(lines)):
            yield replace(stimulus, params={**params, "Body": b"".join(lines[:number] + lines[number + 1 :])})


def _less_text(text: str) -> Iterator[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return
    for smaller in _less(value):
        yield json.dumps(smaller)


def _less(value: Any) -> Iterator[Any]:
    """A value with one member or item less, at any depth down to three."""
    pending: list[tuple[Any, Callable[[Any], Any], int]] = [(value, lambda made: made, 0)]
    while pending:
        here, put, depth = pending.pop(0)
        if depth > 3:
            continue
        if isinstance(here, Mapping):
            for name, inner in here.items():
                yield put({other: item for other, item in here.items() if other != name})
                pending.append((inner, _within(here, name, put), depth + 1))
        elif isinstance(here, list) and len(here) > 1:
            for number in range(len(here)):
                yield put(here[:number] + here[number + 1 :])


def _within(here: Mapping[str, Any], name: str, put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Puts a changed member back into where it was."""
    return lambda made: put({**here, name: made})
