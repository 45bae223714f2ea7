"""Effects of which there is one at most, and loops, in JSONPath.

A choice rule cannot filter. So a Pass state lists the effects of each way, and the rules ask whether a list has a first item, or
a second one, which is a failure. What goes on works on the first item where it stands. A loop counts its rounds in a variable; as
no rule can change the data, a Pass state gives the effect of the next round its place and counts.
"""

from __future__ import annotations

from dataclasses import replace

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.selection import selected
from untangle.emit.asl.jsonpath.text import Expression, call, template
from untangle.emit.asl.rounds import NOT_ONE, TOO_MANY, asked
from untangle.emit.asl.writer import Lap, State, Writer, Writing, next_of
from untangle.errors import UntangleError
from untangle.model.step import Again, Choice, Each, Loop, OneOf

ROOT = "$"


def write_one_of(writer: Writer, one: OneOf, writing: Writing) -> list[Writing]:
    """A Pass and a Choice with a rule for each branch; more effects than one are a failure."""
    branches = [branch for branch in one.branches if isinstance(branch, Each)]
    if any(branch.stops for branch in branches):
        raise Unsupported("filters decide which of the ways a message goes, and a rule cannot count what passes them")
    return write_ways(writer, branches, one.hops, writing)


def write_ways(writer: Writer, branches: list[Each], hops: tuple[str, ...], writing: Writing) -> list[Writing]:
    """The ways of which one is taken at most, each with its filter behind it."""
    who = [asked(writer, branch, writing) for branch in branches]
    lists = {f"way{number}": selected(branch.effects, writer.names, writing.source) for number, branch in enumerate(branches)}
    title = f"Messages for {', '.join(who)}" if len(who) <= 4 else f"Messages after {writing.after}"
    listed = writing.scope[writer.place(writing, title, {"Type": "Pass", "Parameters": template(lists)}, ())]
    several = writer.states.take(f"Not one way only {writing.reached}".strip())
    none = writer.states.take(f"Nothing {writing.reached}".strip())
    rules: list[State] = [{**_more_than_one(list(lists)), "Next": several}]
    state: State = {"Type": "Choice", "Choices": rules, "Default": none}
    writing = writing.below(writing.step, arrive=next_of(listed))
    question = f"{', '.join(who[:-1])} or {who[-1]}?" if 1 < len(who) <= 4 else f"Which after {writing.after}?"
    writer.place(writing, question if len(who) > 1 else f"Anything for {who[0]}?", state, hops)
    cause = "The code was read to send a message on one of these ways at most, and sent more."
    writing.scope[several] = {"Type": "Fail", "Error": NOT_ONE, "Cause": cause}
    writing.scope[none] = {"Type": "Succeed", "OutputPath": None}
    below = []
    for path, branch in zip(lists, branches, strict=True):
        rule: State = {"Variable": f"$.{path}[0]", "IsPresent": True, "Next": ""}
        rules.append(rule)
        body = branch.body
        if branch.stops:
            body = Choice(stops=branch.stops, words=branch.words, body=body, hops=branch.hops)
        below.append(writing.below(body, arrive=next_of(rule), source=f"$.{path}[0]"))
    return below


def _more_than_one(paths: list[str]) -> State:
    """Whether any of the lists has a second item, or two of them a first one."""
    tests: list[State] = [{"Variable": f"$.{path}[1]", "IsPresent": True} for path in paths]
    for index, path in enumerate(paths):
        first: State = {"Variable": f"$.{path}[0]", "IsPresent": True}
        others: list[State] = [{"Variable": f"$.{other}[0]", "IsPresent": True} for other in paths[index + 1 :]]
        if others:
            tests.append({"And": [first, {"Or": others} if len(others) > 1 else others[0]]})
    return {"Or": tests} if len(tests) > 1 else tests[0]


def write_loop(writer: Writer, loop: Loop, writing: Writing) -> list[Writing]:
    """A Pass state that gives the effect its place and sets the count, and the body's states."""
    who = writer.called(loop.body)
    lap = Lap(who=who, variable=writer.variable("rounds"), limit=loop.limit, beyond="", start=[])
    if loop.limit is not None:
        lap = replace(lap, beyond=writer.states.take(f"Too many rounds of {who}", writing.reached))
        cause = f"{who} has sent the message for another round {loop.limit:,} times; a run's history holds no more rounds."
        beside: State = {"Type": "Pass", "Comment": f"{TOO_MANY}: {cause} Its siblings go on.", "OutputPath": None, "End": True}
        writing.scope[lap.beyond] = beside if writing.guarded else {"Type": "Fail", "Error": TOO_MANY, "Cause": cause}
    assign: State = {} if lap.limit is None else {"Assign": {lap.variable: 1}}
    state: State = {"Type": "Pass", "OutputPath": writing.source, **assign}
    entered = writing.scope[writer.place(writing, f"First round of {who}", state, loop.hops)]

    def arrive(name: str) -> None:
        lap.start.append(name)
        entered["Next"] = name

    return [writing.below(loop.body, arrive=arrive, source=ROOT, back=lap)]


def write_again(writer: Writer, again: Again, writing: Writing) -> list[Writing]:
    """A Choice by the count, and a Pass state that counts and goes back with the effect."""
    lap = writing.back
    if lap is None:
        raise UntangleError("a round goes back to a loop that it does not stand in")
    if not lap.start:
        raise Unsupported("the loop that it goes back to is refused")
    if lap.limit is not None:
        rule: State = {"Variable": f"${lap.variable}", "NumericLessThan": lap.limit, "Next": ""}
        state: State = {"Type": "Choice", "Choices": [rule], "Default": lap.beyond}
        writer.place(writing, f"Another round of {lap.who}?", state, again.hops)
        writing = writing.below(again, arrive=next_of(rule))
    raised = {f"{lap.variable}.$": call("MathAdd", Expression(f"${lap.variable}"), 1)}
    assign: State = {} if lap.limit is None else {"Assign": raised}
    back: State = {"Type": "Pass", "OutputPath": writing.source, **assign, "Next": lap.start[0]}
    writer.place(writing, f"Another round of {lap.who}", back, again.hops)
    return []
