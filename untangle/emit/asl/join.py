"""Joins: a Map or Parallel that puts out what its branches have handed out, and what follows on these effects.

The states that end in a scope which a join waits for put out an array of effects, most of them an empty one; each Map and
Parallel on the way makes one flat array of its branches' arrays. What is handed out has the form of what a handler's task puts
out, so whatever follows picks its effects from it in the same way.
"""

from __future__ import annotations

from untangle.emit.asl.states import chosen, jsonata
from untangle.emit.asl.writer import GATHERED, INPUT, State, Writer, Writing, next_of
from untangle.model.step import Each, Hand, Join, Parallel


def write_join(writer: Writer, join: Join, writing: Writing) -> list[Writing]:
    """The states of the body's runs, then what follows on all that they handed out."""
    state, within = write_runs(writer, join, writing, {"Output": GATHERED}, handing=True)
    return [*within, writing.below(join.then, arrive=next_of(state), source=INPUT)]


def write_runs(writer: Writer, join: Join, writing: Writing, out: State, *, handing: bool) -> tuple[State, list[Writing]]:
    """The Map or Parallel state of a join's runs, which puts `out` what they hand out, and the writings within it."""
    placed: list[str] = []

    def arrive(name: str) -> None:
        placed.append(name)
        writing.arrive(name)

    scoped = isinstance(join.body, Parallel) or (isinstance(join.body, Each) and join.body.multiplicity == "many")
    body = join.body if scoped else Parallel(branches=(join.body,))
    within = writer.write(writing.below(body, arrive=arrive, handing=handing))
    state = writing.scope[placed[0]]
    told = [state.pop("Comment")] if "Comment" in state else []
    comment = "; ".join([*told, "what follows waits for all runs, and works on what they hand out"])
    kept = {name: value for name, value in state.items() if name not in ("Type", "End", "OutputPath")}
    state = {"Type": state["Type"], "Comment": comment, **kept, **out, "Next": ""}
    writing.scope[placed[0]] = state
    return state, within


def write_hand(writer: Writer, hand: Hand, writing: Writing) -> list[Writing]:
    """A Pass in a branch of its own; right behind a task the task itself puts the effects out (`handed`)."""
    state: State = {"Type": "Pass", "Output": handed(writer, hand, writing.source), "End": True}
    writer.place(writing, f"Hand out {writing.reached}".strip(), state, hand.hops)
    return []


def handed(writer: Writer, hand: Hand, source: str) -> str:
    """The effects that are handed out, as one JSONata array."""
    first, *others = (chosen(effects, writer.names, source) for effects in hand.effects)
    for other in others:
        first = f"$append({first}, {other})"
    return jsonata(first)
