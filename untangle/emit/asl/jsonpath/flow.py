"""The states between the handlers in JSONPath: choices, maps, parallel branches, waits, and the ways into a workflow.

A path with a filter gives a list, and no index may follow it. So several effects become a Map whose InputPath filters (an
ItemsPath may not), and the one effect that there must be is taken by a Pass state, which fails where there is not exactly one.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.join import apart
from untangle.emit.asl.jsonpath.rounds import write_ways
from untangle.emit.asl.jsonpath.rules import rule_of
from untangle.emit.asl.jsonpath.selection import selected
from untangle.emit.asl.jsonpath.task import ROOT, parameter, prepared
from untangle.emit.asl.jsonpath.text import Expression, call, of_effect, part
from untangle.emit.asl.jsonpath.way import way_of
from untangle.emit.asl.names import LIMIT
from untangle.emit.asl.writer import State, Writer, Writing, next_of, start_of
from untangle.model.step import Choice, Each, Entries, Parallel, Wait


def write_each(writer: Writer, each: Each, writing: Writing) -> list[Writing]:
    """A Map over the effects, a Pass that takes the only one; nothing for the record of a run, which has a place of its own."""
    # a Map could neither go back to the start of the loop around it nor hand out to the join around it
    if each.multiplicity == "maybe" and (writing.back is not None or writing.handing):
        return write_ways(writer, [each], each.hops, writing)
    if each.stops:
        body = Choice(stops=each.stops, words=each.words, body=each.body, hops=each.hops)
        return write_each(writer, Each(effects=each.effects, multiplicity=each.multiplicity, body=body,
                                       concurrency=each.concurrency, hops=each.hops), writing)  # fmt: skip
    if each.effects.type == "lambda_destination":
        if "[*]" in writing.source:
            raise Unsupported("the records of several runs are not in a list that a path could go through")
        return [writing.below(each.body, arrive=writing.arrive, source=f"{writing.source}.record")]
    found = selected(each.effects, writer.names, writing.source)
    who = writer.called(each.body)
    if each.multiplicity == "one":
        last = call("MathAdd", call("ArrayLength", found), Expression("-1"))
        only = call("ArrayGetItem", call("Array", 0), last)  # 0 for a list of one, an error for any other
        taken: State = {
            "Type": "Pass",
            "Parameters": {"effect.$": call("ArrayGetItem", found, only)},
            "OutputPath": "$.effect",
        }
        name = writer.place(writing, f"Message for {who}", taken, each.hops)
        return [writing.below(each.body, arrive=next_of(writing.scope[name]), source=ROOT)]
    writing = apart(each, writing)
    processor: State = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "", "States": {}}
    state: State = {"Type": "Map", "InputPath": str(found)}
    if each.concurrency is not None:
        state["MaxConcurrency"] = each.concurrency
    state |= {"ItemProcessor": processor, "OutputPath": None, "End": True}
    title = f"{who} for each" if each.multiplicity == "many" else f"{who} for the one there may be"
    writer.place(writing, title, state, each.hops)
    guarded = writing.guarded or each.multiplicity == "many"
    return [
        writing.below(each.body, arrive=start_of(processor), scope=processor["States"], source=ROOT, guarded=guarded, back=None)
    ]


def write_parallel(writer: Writer, parallel: Parallel, writing: Writing) -> list[Writing]:
    """A Parallel state whose branches all work on the same effects."""
    writing = apart(parallel, writing)
    branches: list[State] = [{"StartAt": "", "States": {}} for _ in parallel.branches]
    called = list(dict.fromkeys(writer.called(branch) for branch in parallel.branches))
    title = f"{', '.join(called[:-1])} and {called[-1]}" if 1 < len(called) <= 4 else ""
    if not title or len(title) > LIMIT:
        title = f"After {writing.after}" if writing.after else f"{called[0]} and others"
    writer.place(writing, title, {"Type": "Parallel", "Branches": branches, "OutputPath": None, "End": True}, ())
    return [
        writing.below(step, arrive=start_of(branch), scope=branch["States"], guarded=True, back=None)
        for step, branch in zip(parallel.branches, branches, strict=True)
    ]


def write_choice(writer: Writer, choice: Choice, writing: Writing) -> list[Writing]:
    """A Choice by the filters of the way, behind the Pass states that make what they look into."""
    way = way_of(writer.graph, choice.hops, writing.source, writer.names)
    rule: State = rule_of(choice.stops, way)
    who = writer.called(choice.body)
    writing = prepared(writer, way, writing, f"Open the message for {who}")
    rule = {**way.placed(rule), "Next": ""}
    other = writer.states.take(f"Not for {who}", writing.reached)
    state: State = {"Type": "Choice", "Choices": [rule], "Default": other}
    writer.place(writing, f"Is it for {who}?", state, choice.hops, choice.words)
    writing.scope[other] = {"Type": "Succeed", "OutputPath": None}
    return [writing.below(choice.body, arrive=next_of(rule), source=way.effect)]


def write_wait(writer: Writer, wait: Wait, writing: Writing) -> list[Writing]:
    """A Wait state; where the effect may name its own delay, a Choice between two."""
    who = writer.called(wait.body)
    if wait.until is not None:  # `at(2026-01-31T09:00:00)`, in UTC; each sign of a separator splits
        way = way_of(writer.graph, (), writing.source, writer.names)
        stated = part(of_effect("params", wait.until), "()", 1)
        time = way.keep("time", call("Format", Expression("'{}Z'"), stated))
        writing = prepared(writer, way, writing, f"Time of {who}")
        name = writer.place(writing, f"Wait for {who}", {"Type": "Wait", "TimestampPath": str(time)}, wait.hops)
        return [writing.below(wait.body, arrive=next_of(writing.scope[name]), source=way.effect)]
    if wait.parameter is None:
        name = writer.place(writing, f"Wait for {who}", {"Type": "Wait", "Seconds": wait.seconds}, wait.hops)
        return [writing.below(wait.body, arrive=next_of(writing.scope[name]))]
    own = parameter(writing.source, wait.parameter)
    rule: State = {"Variable": own, "IsPresent": True, "Next": ""}
    state: State = {"Type": "Choice", "Choices": [rule], "Default": ""}
    name = writer.place(writing, f"Which delay for {who}?", state, wait.hops)
    asked, usual = writer.states.take(f"Wait for {who} as asked"), writer.states.take(f"Wait for {who}")
    rule["Next"] = asked
    writing.scope[name]["Default"] = usual
    writing.scope[asked] = {"Type": "Wait", "SecondsPath": own}
    writing.scope[usual] = {"Type": "Wait", "Seconds": wait.seconds}

    def arrive(name: str) -> None:
        for waiting in (asked, usual):
            writing.scope[waiting]["Next"] = name

    return [writing.below(wait.body, arrive=arrive)]


def write_entries(writer: Writer, entries: Entries, writing: Writing) -> list[Writing]:
    """A Choice by the name of the entry; a function that ran outside has its effects in the input (see `task`)."""
    rules: list[State] = [
        {
            "And": [
                {"Variable": "$.entry", "IsPresent": True},
                {"Variable": "$.entry", "StringEquals": name},
            ],
            "Next": "",
        }
        for name, _ in entries.entries
    ]
    unknown = writer.states.take("Unknown entry")
    writer.place(writing, "Which entry?", {"Type": "Choice", "Choices": rules, "Default": unknown}, ())
    known = ", ".join(name for name, _ in entries.entries)
    writing.scope[unknown] = {"Type": "Fail", "Error": "UnknownEntry", "Cause": f"The input's `entry` must be one of {known}."}
    return [
        writing.below(task, arrive=next_of(rule), source=f"{ROOT}.event", after="")
        for rule, (_, task) in zip(rules, entries.entries, strict=True)
    ]
