"""How much text a step takes in a definition: estimated from above, in characters of JSON without its spaces.

What counts is the expression that rebuilds an event; all around it is of much the same length for every step of a kind. The true
length is checked when the definition is written.
"""

from __future__ import annotations

import json

from untangle.channels.envelope import condition, envelope
from untangle.model.step import Choice, Each, Hand, Job, Join, OneOf, Parallel, Start, Step, Stop, Task

TASK = 1_100  # names, marker, retriers, a catcher and the state it leads to
PARKING = 900  # the state that sends a message to its dead-letter target
CATCHER = 300
SELECTING = 550  # a Map, or a Choice with its end, and the selection of effects
START = 1_100
JOB_STATES = 6_500  # waits, the question with its catcher, the choice with the notice made anew
OTHER = 500
CAPTURE = 80
_NAME = "x" * 60


def own_length(step: Step) -> int:
    """The characters of a step itself, without the steps below it."""
    if isinstance(step, Task):
        event = _escaped(envelope(step.stops, _name)) if step.stops else 40
        goes_on = any(effects.sent for effects in step.captures)  # where it fails, after it is parked a second way
        parks = (1 + goes_on) if step.dead_letter is not None else 0
        times = 1 + parks + step.record
        return TASK + times * event + parks * PARKING + goes_on * CATCHER + CAPTURE * len(step.captures)
    if isinstance(step, Each):
        return SELECTING + _test(step.stops)
    if isinstance(step, Choice):
        return OTHER + _test(step.stops)
    if isinstance(step, Parallel):
        return OTHER + 60 * len(step.branches)
    if isinstance(step, Job):
        return JOB_STATES
    return START if isinstance(step, Start) else OTHER


def _test(stops: tuple[Stop, ...]) -> int:
    return _escaped(condition(stops, _name) or "") if stops else 0


def _escaped(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False))


def _name(node: str, attribute: str) -> str:
    return _NAME


def selects(step: Step) -> bool:
    """Whether a step works on all effects of the function before it, and picks from them, rather than on the one at hand."""
    while isinstance(step, Parallel | OneOf | Join):
        step = step.body if isinstance(step, Join) else step.branches[0]
    return isinstance(step, Each | Hand) or (isinstance(step, Start) and step.together)
