"""Joins in JSONPath: a Map or Parallel whose runs put out `{effects: […]}`, and what follows on the effects of all of them.

The runs stand under `runs`, so the path of all effects is `$.runs[*].effects`; a run that hands nothing out has none, which a
path behind a wildcard passes over. Only the runs themselves hand out: what runs side by side within them would have to be put
together first, and there is no function for that.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.join import write_runs
from untangle.emit.asl.jsonpath.selection import picked
from untangle.emit.asl.writer import State, Writer, Writing, next_of
from untangle.model.step import Hand, Join, Step, steps

RUNS = "$.runs[*]"


def write_join(writer: Writer, join: Join, writing: Writing) -> list[Writing]:
    """The states of the body's runs, then what follows on all that they handed out."""
    state, within = write_runs(writer, join, writing, {"ResultSelector": {"runs.$": "$"}}, handing=False)
    then = writing.below(join.then, arrive=next_of(state), source=RUNS)
    return [*(item.below(item.step, arrive=item.arrive, handing=True) for item in within), then]


def write_hand(writer: Writer, hand: Hand, writing: Writing) -> list[Writing]:
    """A Pass in a branch of its own; right behind a task the task itself puts the effects out."""
    parameters = {"effects.$": picked(hand.effects, writer.names, f"{writing.source}.effects")}
    state: State = {"Type": "Pass", "Parameters": parameters, "End": True}
    writer.place(writing, f"Hand out {writing.reached}".strip(), state, hand.hops)
    return []


def apart(step: Step, writing: Writing) -> Writing:
    """The writing of what runs side by side; raises `Unsupported` where that would have to hand out to a join further out."""
    if writing.handing and any(isinstance(below, Hand) for below in steps(step)):
        raise Unsupported("runs within runs hand out their effects, and JSONPath cannot put lists together")
    return writing.below(step, arrive=writing.arrive, handing=False)
