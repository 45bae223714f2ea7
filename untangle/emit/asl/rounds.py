"""Choices among effects of which there is one at most, and loops: a Choice that goes back, with a variable that counts.

A loop counts its rounds in a variable of its own, set where the loop is entered and raised by the rule that goes back; a rule
before it ends the run in a Fail state once the limit is reached. All of these stand in one scope: branches of a Parallel and
items of a Map cannot go back out of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from untangle.emit.asl.states import chosen, jsonata
from untangle.emit.asl.writer import INPUT, Lap, State, Writer, Writing, next_of
from untangle.errors import UntangleError
from untangle.model.step import Again, Each, Loop, OneOf

TOO_MANY = "TooManyRounds"
NOT_ONE = "MoreThanOne"


def write_one_of(writer: Writer, one: OneOf, writing: Writing) -> list[Writing]:
    """One Choice with a rule for each branch; more effects than one are a failure."""
    found = [
        (branch, chosen(branch.effects, writer.names, writing.source, branch.stops))
        for branch in one.branches
        if isinstance(branch, Each)
    ]
    who = [asked(writer, branch, writing) for branch, _ in found]
    title = f"{', '.join(who[:-1])} or {who[-1]}?" if len(who) <= 4 else f"Which after {writing.after}?"
    several = writer.states.take(f"Not one way only {writing.reached}".strip())
    none = writer.states.take(f"Nothing {writing.reached}".strip())
    counts = " + ".join(f"$count({effects})" for _, effects in found)
    rules: list[State] = [{"Condition": jsonata(f"{counts} > 1"), "Next": several}]
    state: State = {"Type": "Choice", "Choices": rules, "Default": none}
    words = "; ".join(branch.words for branch, _ in found if branch.words)
    writer.place(writing, title, state, one.hops, words)
    writing.scope[several] = {
        "Type": "Fail",
        "Error": NOT_ONE,
        "Cause": "The code was read to send a message on one of these ways at most, and sent more.",
    }
    writing.scope[none] = writing.ended()
    below: list[Writing] = []
    for branch, effects in found:
        below.extend(write_taken(writer, branch, effects, rules, writing))
    return below


def write_taken(writer: Writer, each: Each, effects: str, rules: list[State], writing: Writing) -> list[Writing]:
    """The rules of a Choice by which the one effect that there may be goes on, and what follows."""
    taken: State = {"Condition": jsonata(f"$count({effects}) > 0"), "Output": jsonata(f"$single({effects})"), "Next": ""}
    if not isinstance(each.body, Again) or writing.back is None:
        rules.append(taken)
        return [writing.below(each.body, arrive=next_of(taken), source=INPUT, via=taken)]
    lap = writing.back
    if lap.limit is not None:
        beyond = f"$count({effects}) > 0 and ${lap.variable} >= {lap.limit}"
        rules.append({"Condition": jsonata(beyond), "Next": lap.beyond})
    rules.append({**_raised(taken, lap), "Next": lap.start[0]})
    return []


def write_loop(writer: Writer, loop: Loop, writing: Writing) -> list[Writing]:
    """The body's states. The rule that leads to them sets the count, or a Pass state that also gives the effect its place."""
    who = writer.called(loop.body)
    lap = Lap(who=who, variable=writer.variable("rounds"), limit=loop.limit, beyond="", start=[])
    if loop.limit is not None:
        lap = replace(lap, beyond=writer.states.take(f"Too many rounds of {who}", writing.reached))
        writing.scope[lap.beyond] = _beyond(lap, loop.limit, writing)
    enter = _entered(writer, loop, writing, lap)

    def arrive(name: str) -> None:
        lap.start.append(name)
        enter(name)

    return [writing.below(loop.body, arrive=arrive, source=INPUT, back=lap)]


def _beyond(lap: Lap, limit: int, writing: Writing) -> State:
    """Where a loop ends that did not end by itself: the run fails, but beside others only the loop's own message is dropped."""
    cause = f"{lap.who} has sent the message for another round {limit:,} times; a run's history holds no more rounds."
    if not writing.guarded:
        return {"Type": "Fail", "Error": TOO_MANY, "Cause": cause}
    return {"Type": "Pass", "Comment": f"{TOO_MANY}: {cause} Its siblings go on.", "Output": writing.nothing, "End": True}


def _entered(writer: Writer, loop: Loop, writing: Writing, lap: Lap) -> Callable[[str], None]:
    """Sets the count before the first round; tells who leads to its first state."""
    assign: State = {} if lap.limit is None else {"Assign": {lap.variable: 1}}
    if writing.source == INPUT and (writing.via is not None or not assign):
        if writing.via is not None:
            writing.via.update({**assign, "Next": writing.via.pop("Next")})
        return writing.arrive
    state: State = {
        "Type": "Pass",
        **({} if writing.source == INPUT else {"Output": jsonata(writing.source)}),
        **assign,
        "Next": "",
    }
    name = writer.place(writing, f"First round of {lap.who}", state, loop.hops)
    return next_of(writing.scope[name])


def write_again(writer: Writer, again: Again, writing: Writing) -> list[Writing]:
    """A Choice that goes back; only where no other Choice leads here (see `write_taken`)."""
    lap = writing.back
    if lap is None:
        raise UntangleError("a round goes back to a loop that it does not stand in")
    output: State = {} if writing.source == INPUT else {"Output": jsonata(writing.source)}
    test = "true" if lap.limit is None else f"${lap.variable} < {lap.limit}"
    rule = {**_raised({"Condition": jsonata(test), **output}, lap), "Next": lap.start[0]}
    state: State = {"Type": "Choice", "Choices": [rule], **({"Default": lap.beyond} if lap.beyond else {})}
    writer.place(writing, f"Another round of {lap.who}?", state, again.hops)
    return []


def _raised(rule: State, lap: Lap) -> State:
    """A rule that counts a round."""
    if lap.limit is None:
        return rule
    next = {"Next": rule.pop("Next")} if "Next" in rule else {}
    return {**rule, "Assign": {lap.variable: jsonata(f"${lap.variable} + 1")}, **next}


def asked(writer: Writer, each: Each, writing: Writing) -> str:
    """What an effect is for: the function that runs on it, or another round of a loop."""
    if isinstance(each.body, Again) and writing.back is not None:
        return f"another round of {writing.back.who}"
    return writer.called(each.body)
