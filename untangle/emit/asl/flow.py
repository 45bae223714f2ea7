"""The states between the handlers: choices, maps, parallel branches, waits, and the ways into a workflow."""

from __future__ import annotations

from untangle.channels.envelope import condition
from untangle.channels.envelope.form import literal
from untangle.emit.asl.names import LIMIT
from untangle.emit.asl.rounds import asked, write_taken
from untangle.emit.asl.states import chosen, jsonata
from untangle.emit.asl.writer import INPUT, State, Writer, Writing, next_of, start_of
from untangle.model.entry import EFFECTS
from untangle.model.step import Choice, Each, Entries, Hand, Parallel, Wait


def write_each(writer: Writer, each: Each, writing: Writing) -> list[Writing]:
    """A Map over the effects, a Choice for the one that there may be, nothing for exactly one."""
    found = chosen(each.effects, writer.names, writing.source, each.stops)
    if each.multiplicity == "one":
        return [writing.below(each.body, arrive=writing.arrive, source=f"$single({found})")]
    who = asked(writer, each, writing)
    state: State
    if each.multiplicity == "maybe":
        none = writer.states.take(f"Nothing for {who}", writing.reached)
        rules: list[State] = []
        state = {"Type": "Choice", "Choices": rules, "Default": none}
        writer.place(writing, f"Anything for {who}?", state, each.hops, each.words)
        writing.scope[none] = writing.ended()
        return write_taken(writer, each, found, rules, writing)
    processor: State = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "", "States": {}}
    state = {"Type": "Map", "Items": jsonata(found)}
    if each.concurrency is not None:
        state["MaxConcurrency"] = each.concurrency
    state |= {"ItemProcessor": processor, "Output": writing.gathered, "End": True}
    writer.place(writing, f"{who} for each", state, each.hops, each.words)
    scope = processor["States"]
    return [writing.below(each.body, arrive=start_of(processor), scope=scope, source=INPUT, guarded=True, back=None)]


def write_parallel(writer: Writer, parallel: Parallel, writing: Writing) -> list[Writing]:
    """A Parallel state whose branches all work on the same effects."""
    branches: list[State] = [{"StartAt": "", "States": {}} for _ in parallel.branches]
    called = list(dict.fromkeys(writer.called(branch) for branch in parallel.branches if not isinstance(branch, Hand)))
    title = f"{', '.join(called[:-1])} and {called[-1]}" if 1 < len(called) <= 4 else ""
    if not title or len(title) > LIMIT:
        title = f"After {writing.after}" if writing.after else f"{called[0]} and others"
    writer.place(writing, title, {"Type": "Parallel", "Branches": branches, "Output": writing.gathered, "End": True}, ())
    return [
        writing.below(step, arrive=start_of(branch), scope=branch["States"], guarded=True, back=None)
        for step, branch in zip(parallel.branches, branches, strict=True)
    ]


def write_choice(writer: Writer, choice: Choice, writing: Writing) -> list[Writing]:
    """A Choice by the filters of the way."""
    who = writer.called(choice.body)
    test = condition(choice.stops, writer.names, writing.source) or "true"
    rule: State = {"Condition": jsonata(test), "Next": ""}
    other = writer.states.take(f"Not for {who}", writing.reached)
    state: State = {"Type": "Choice", "Choices": [rule], "Default": other}
    writer.place(writing, f"Is it for {who}?", state, choice.hops, choice.words)
    writing.scope[other] = writing.ended()
    return [writing.below(choice.body, arrive=next_of(rule))]


def write_wait(writer: Writer, wait: Wait, writing: Writing) -> list[Writing]:
    """A Wait state, by the effect's own delay where it has one."""
    seconds: int | str = wait.seconds
    if wait.parameter is not None:
        own = f"{writing.source}.params.{wait.parameter}"
        seconds = jsonata(f"$exists({own}) ? {own} : {wait.seconds}")
    state: State = {"Type": "Wait", "Seconds": seconds}
    if wait.until is not None:  # `at(2026-01-31T09:00:00)`, in UTC
        state = {"Type": "Wait", "Timestamp": jsonata(f"$substring({writing.source}.params.{wait.until}, 3, 19) & 'Z'")}
    name = writer.place(writing, f"Wait for {writer.called(wait.body)}", state, wait.hops)
    return [writing.below(wait.body, arrive=next_of(writing.scope[name]))]


def write_entries(writer: Writer, entries: Entries, writing: Writing) -> list[Writing]:
    """A Choice by the name of the entry; with a name comes an `event`, or the `effects` of a function that ran outside."""
    rules: list[State] = [
        {
            "Condition": jsonata(f"$states.input.entry = {literal(name)}"),
            **({} if task.entry == EFFECTS else {"Output": jsonata("$states.input.event")}),
            "Next": "",
        }
        for name, task in entries.entries
    ]
    unknown = writer.states.take("Unknown entry")
    writer.place(writing, "Which entry?", {"Type": "Choice", "Choices": rules, "Default": unknown}, ())
    known = ", ".join(name for name, _ in entries.entries)
    writing.scope[unknown] = {"Type": "Fail", "Error": "UnknownEntry", "Cause": f"The input's `entry` must be one of {known}."}
    return [
        writing.below(task, arrive=next_of(rule), source=INPUT, after="")
        for rule, (_, task) in zip(rules, entries.entries, strict=True)
    ]
