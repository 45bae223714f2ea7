"""Loops and effects that exclude one another: which become a Choice, and which stay, and why.

A row that moves has a definition (`golden/loops/<name>.json`, its adapters left out). It is executed, and so is the choreography
that it replaces, by a small model of it that knows nothing of plans: each message of a function goes to all that its channel
reaches, until none is left. Both must run the same functions, as often, on the same messages.
UNTANGLE_UPDATE=1 writes the files anew: read the difference.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, arn, definition, effect, published, sent
from tests.golden import golden
from tests.machines import Failed, Machine
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import asl_definition
from untangle.model.code import Guard
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.step import Join, Loop, OneOf, Step, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan
from untangle.plan.size import events
from untangle.plan.tree.rounds import MOST

GOLDEN = Path(__file__).parent / "golden" / "loops"
DLQ = ChannelNode(id="app/Dead", type="sqs", address="Dead", stack="app")
Effects = list[dict[str, Any]]
Act = Callable[[str], Effects]


def guard(text: str, side: str = "", kind: str = "if") -> dict[str, Any]:
    return {"guards": (Guard(kind=kind, text=text, location=Location("poll/app.py", 5), side=side),)}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chain, what its handlers send by the text of their message, the steps that it must hold, the seconds that it waits."""

    text: str
    does: Mapping[str, Act]
    holds: tuple[type[Step], ...] = (Loop,)
    given: Mapping[str, Any] = field(default_factory=dict)
    waits: tuple[int, ...] = ()
    start: str = "3"
    differences: tuple[str, ...] = ()

    @property
    def graph(self) -> EventGraph:
        first = self.text.split(" ")[0]
        return arrows(self.text, **{"triggers": {first: "schedule"}, **self.given})


def left(text: str) -> int:
    return int(text.partition(" ")[0])


def queued(queue: str, **more: Any) -> Act:
    """One message less for each round, until none is left."""
    return lambda text: [sent(queue, str(left(text) - 1), **more)] if left(text) > 0 else []


def told(topic: str) -> Act:
    return lambda text: [published(topic, str(left(text) - 1))] if left(text) > 0 else []


def passed(queue: str) -> Act:
    return lambda text: [sent(queue, text)]


def both(*acts: Act) -> Act:
    return lambda text: [one for act in acts for one in act(text)]


def last(act: Act) -> Act:
    return lambda text: act(text) if left(text) == 0 else []


ROWS: dict[str, Row] = {
    "poll": Row(
        text="intake -sqs-> poll; poll -sqs:Again?-> poll",
        given={"settings": {"Again": {"delay_seconds": 300}}},
        does={"Intake": passed("PollQueue"), "Poll": queued("Again")},
        waits=(300, 300, 300),
        differences=("Poll goes round within one run", "TooManyRounds", "about 16 runs"),
    ),
    "poll-from-one-queue": Row(
        text="intake -sqs:Work-> poll; poll -sqs:Work?-> poll",
        given={"settings": {"Work": {"delay_seconds": 60}}},
        does={"Intake": passed("Work"), "Poll": queued("Work")},
        waits=(60, 60, 60, 60),
    ),
    "poll-by-itself": Row(
        text="poll -sqs:Again?-> poll",
        does={"Poll": queued("Again", DelaySeconds=20)},
        given={"hops": {"poll>poll": {"sent": {"DelaySeconds": 20}}}},
        waits=(20, 20, 20),
    ),
    "each-message-has-its-rounds": Row(
        text="intake -sqs:Work*-> poll; poll -sqs:Work?-> poll",
        does={"Intake": lambda text: [sent("Work", count) for count in ("2", "0", "1")], "Poll": queued("Work")},
    ),
    "two-functions": Row(
        text="intake -sns-> ask -sqs-> look; look -sqs:Asked?-> ask",
        does={"Intake": lambda text: [published("IntakeTopic", text)], "Ask": passed("LookQueue"), "Look": queued("Asked")},
        differences=("Ask and Look go round",),
    ),
    "retry-with-the-topic": Row(
        text="poll -sns:Again?-> {poll, audit}",
        does={"Poll": told("Again")},
        holds=(Loop, Join),
        differences=("the round goes on when Audit and what follows there has ended",),
    ),
    "done-or-again": Row(
        text="poll -sqs:Again?-> poll; poll -sns:Done?-> mail",
        given={"hops": {"poll>poll": guard("not ready", "1+"), "poll>mail": guard("not (not ready)", "1-")}},
        does={"Poll": both(queued("Again"), last(lambda text: [published("Done", text)]))},
        holds=(Loop, OneOf),
    ),
    "report-and-again": Row(
        text="poll -sqs:Again?-> poll; poll -sns:Seen-> mail",
        does={"Poll": both(queued("Again"), lambda text: [published("Seen", text)])},
        holds=(Loop, Join),
        differences=("Poll: the round goes on when Mail",),
    ),
    "filter-ends-it": Row(
        text="poll -sns:Again-> poll",
        given={"filters": {"Again": {"more": ("yes",)}}},
        does={"Poll": lambda text: [published("Again", str(left(text) - 1), more="yes" if left(text) else "no")]},
    ),
    "dead-letter": Row(
        text="intake -sqs-> poll; poll -sqs:Again?-> poll",
        given={"settings": {"Again": {"redrive": {"dead_letter": "app/Dead", "max_receive_count": 2}}}, "extra": (DLQ,)},
        does={"Intake": passed("PollQueue"), "Poll": queued("Again")},
    ),
    "if-and-else": Row(
        text="intake -sqs?-> pack; intake -sns?-> mail",
        given={"hops": {"intake>pack": guard("paid", "4+"), "intake>mail": guard("not (paid)", "4-")}},
        does={"Intake": lambda text: [sent("PackQueue", text)] if left(text) else [published("IntakeTopic", text)]},
        holds=(OneOf,),
    ),
    "several-cases": Row(
        text="intake -sqs?-> pack; intake -sns?-> mail; intake -lambda_invoke?-> log; log -sqs-> keep",
        given={"hops": {"intake>pack": guard("a", "4.0"), "intake>mail": guard("b", "4.1")}},
        does={"Intake": lambda text: [sent("PackQueue", text)], "Log": passed("KeepQueue")},
        holds=(OneOf,),
    ),
    "rules-of-two-sources": Row(
        text="intake -eventbridge-> {gift, plain}",
        given={"filters": {"IntakeBus>Gift": {"source": ("gifts",)}, "IntakeBus>Plain": {"source": ("shop", "phone")}}},
        does={
            "Intake": lambda text: [
                effect(
                    "events",
                    "PutEvents",
                    {"Source": "phone", "DetailType": "x", "Detail": "{}", "EventBusName": "IntakeBus"},
                    {"EventId": "e"},
                )
            ]
        },
        holds=(OneOf,),
    ),
}  # fmt: skip


def planned(row: Row) -> tuple[Workflow, EventGraph]:
    graph = row.graph
    return plan(graph, chain(graph)), graph


def text_in(event: Any) -> str:
    """The text that a handler finds in its event."""
    if "Records" not in event:
        return str(event.get("text", ""))
    (record,) = event["Records"]
    return str(record["Sns"]["Message"] if "Sns" in record else record["body"])


def in_jsonata(graph: EventGraph, handlers: Handlers) -> Machine:
    """What runs a definition as it is usually written."""
    return Machine(definition(graph), handlers)


def executed(
    row: Row, start: str | None = None, made: Callable[[EventGraph, Handlers], Machine] = in_jsonata
) -> tuple[Machine, Handlers]:
    def answer(name: str) -> Callable[[Any], Effects]:
        act = row.does.get(name, lambda text: [])
        return lambda event: act(text_in(event))

    handlers = Handlers({}, **{function.address: answer(function.address) for function in row.graph.functions})
    machine = made(row.graph, handlers)
    machine.run({"text": row.start if start is None else start})
    return machine, handlers


def choreographed(row: Row, start: str | None = None) -> Counter[tuple[str, str]]:
    """What the functions run on without a workflow: (function, text), with how often."""
    graph = row.graph
    (first,) = graph.triggers
    pending = [(first.function, row.start if start is None else start)]
    runs: Counter[tuple[str, str]] = Counter()
    while pending:
        function, text = pending.pop()
        name = graph.function(function).address
        runs[name, text] += 1
        for one in row.does.get(name, lambda text: [])(text):
            pending.extend((hop.consumer, said) for hop in graph.hops if (said := _reaches(hop, function, one)) is not None)
    return runs


def _reaches(hop: Any, function: str, one: Mapping[str, Any]) -> str | None:
    """The text of an effect for the consumer of a hop; None where it is not for it."""
    params, first = one["params"], hop.passages[0]
    target = params.get("QueueUrl") or params.get("TopicArn") or params.get("EventBusName")
    if hop.producer != function or target not in (first.channel.partition("/")[2], arn(first.channel.partition("/")[2])):
        return None
    attributes = {name: value["StringValue"] for name, value in params.get("MessageAttributes", {}).items()}
    given = {**attributes, "source": params.get("Source")}
    if first.filter is not None and any(given.get(name) not in values for name, values in first.filter.items()):
        return None
    return str(params.get("MessageBody") or params.get("Message") or "")


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    workflow, graph = planned(ROWS[name])
    written = asl_definition(workflow, graph)
    assert [found for found in validate(written) if found.severity == "error"] == []
    assert {type(step) for step in steps(workflow.root)} >= set(ROWS[name].holds)
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(written), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)


def ran(handlers: Handlers) -> Counter[tuple[str, str]]:
    return Counter((name, text_in(event)) for name, got in handlers.events.items() for event in got)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("rounds", ["0", "1", "2", "5"])
def test_the_workflow_runs_what_the_channels_ran(name: str, rounds: str) -> None:
    row = ROWS[name]
    _, handlers = executed(row, rounds)
    assert ran(handlers) == choreographed(row, rounds)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.waits])
def test_rounds_wait_as_their_queue_delays(name: str) -> None:
    machine, _ = executed(ROWS[name])
    assert tuple(machine.waits) == ROWS[name].waits


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.differences])
def test_differences(name: str) -> None:
    workflow, _ = planned(ROWS[name])
    assert [words for words in ROWS[name].differences if words not in " | ".join(workflow.differences)] == []


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if Loop in row.holds])
def test_a_loop_without_end_fails_beyond_its_limit(name: str) -> None:
    """As many rounds run as the limit says, whatever is sent back, and all that a run's history may hold suffices for them."""
    workflow, graph = planned(ROWS[name])
    (loop,) = (step for step in steps(workflow.root) if isinstance(step, Loop))
    limit = loop.limit
    assert limit is not None and limit * (events(loop.body).usual - 2) <= MOST
    written = json.loads(json.dumps(definition(graph)).replace(f">= {limit}", ">= 4").replace(f"< {limit}", "< 4"))
    calls: Counter[str] = Counter()

    def endless(function: str) -> Callable[[Any], Effects]:
        def run(event: Any) -> Effects:
            calls[function] += 1
            return ROWS[name].does.get(function, lambda text: [])("1")

        return run

    handlers = Handlers({}, **{function.address: endless(function.address) for function in graph.functions})
    head = graph.function(graph.hop(loop.hops[-1]).consumer).address
    if name == "each-message-has-its-rounds":  # in a Map one that goes round for ever must not stop the others
        Machine(written, handlers).run({"text": "1"})
        assert calls[head] == 3 * 4
        return
    with pytest.raises(Failed, match="TooManyRounds"):
        Machine(written, handlers).run({"text": "1"})
    assert calls[head] in (4, 5)  # the first lap may stand before the loop


def test_a_round_that_fails_is_tried_again_and_parked() -> None:
    row = ROWS["dead-letter"]
    tries: list[str] = []

    def poll(event: Any) -> Effects:
        tries.append(text_in(event))
        if text_in(event) == "1":
            raise ValueError("broken")
        return row.does["Poll"](text_in(event))

    machine = Machine(definition(row.graph), Handlers({}, Intake=lambda event: row.does["Intake"]("3"), Poll=poll))
    machine.run({})
    assert tries == ["3", "2", "1", "1"]
    ((resource, call),) = machine.calls
    assert resource.endswith("sqs:sendMessage") and (call["QueueUrl"], call["MessageBody"]) == ("Dead", "1")


def test_more_than_one_of_what_excludes_itself_is_never_dropped() -> None:
    row = ROWS["if-and-else"]
    with pytest.raises(Failed, match="MoreThanOne"):
        Machine(definition(row.graph), Handlers({}, Intake=[sent("PackQueue", "x"), published("IntakeTopic", "x")])).run({})


def again(side: str) -> Link:
    """One more call of `poll` into its own queue, at another place."""
    place = Location("poll/app.py", 9)
    return Link(
        source="app/Poll",
        target="app/Again",
        kind=LinkKind.PUBLISH,
        confidence=Confidence.LIKELY,
        evidence=(Evidence(kind=Witness.CODED, note="call", location=place),),
        multiplicity="maybe",
        guards=guard("a", side)["guards"],
        sent=Sent(service="sqs", operation="SendMessage"),
    )


POLL = "intake -sqs-> poll; poll -sqs:Again?-> poll"
STAYING: dict[str, tuple[str, dict[str, Any], str]] = {
    "several-messages-a-round": ("poll -sqs:Again*-> poll", {}, "may send several messages from Poll to Poll"),
    "two-entries": ("one -sqs-> ask -sqs?-> look; look -sqs:Back?-> ask; two -sns-> look", {}, "it is entered at Ask and Look"),
    "two-ways-back": ("poll -sqs:Again?-> poll; poll -sns:Soon?-> poll", {}, "Poll has 2 ways on within it"),
    "rounds-that-part": (
        "one -sqs-> split -sqs?-> {left, right}; {left, right} -sqs:Back?-> split",
        {},
        "Split has 2 ways on within it",
    ),
    "without-end": ("poll -sqs:Again-> poll", {}, "nothing is seen that ends it"),
    "more-rounds-than-a-history": (POLL, {"hops": {"poll>poll": guard("attempts < 9000")}}, "history holds no 9000 rounds"),
    "nothing-starts-it": (
        "intake -sqs-> charge; poll -sqs:Again?-> poll",
        {"triggers": {"intake": "schedule"}},
        "nothing is seen that starts it",
    ),
    "the-subscription-starts-it-too": ("work -s3:Box?-> work", {"triggers": {}}, "what starts it is not seen"),
    "a-filter-that-ends-nothing": (
        "work -s3:Box-> work",
        {"filters": {"Box": {"events": ("s3:ObjectCreated:*",)}}},
        "nothing is seen that ends it",
    ),
    "both-answers-go-round": (
        "poll -sqs:Again?-> poll",
        {"hops": {"poll>poll": guard("a", "1+")}, "links": (again("1-"),)},
        "nothing is seen that ends it",
    ),
    "order-in-the-queue": (POLL, {"settings": {"Again": {"fifo": True}}}, "FIFO"),
}  # fmt: skip


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    text, given, words = STAYING[name]
    graph = arrows(text, **{"triggers": {text.split(" ")[0]: "schedule"}, **given})
    workflow = plan(graph, chain(graph))
    assert not any(isinstance(step, Loop) for step in steps(workflow.root))
    assert words in " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


SIDE_BY_SIDE = {
    "no-sides": guard("paid"),
    "one-question-asked-twice": guard("paid", "5-"),
    "the-same-answer": guard("paid", "4+"),
}


@pytest.mark.parametrize("name", SIDE_BY_SIDE)
def test_what_is_not_proved_to_exclude_stands_side_by_side(name: str) -> None:
    hops = {"intake>pack": guard("paid", "4+"), "intake>mail": SIDE_BY_SIDE[name]}
    graph = arrows("intake -sqs?-> pack; intake -sns?-> mail", hops=hops)
    assert not any(isinstance(step, OneOf) for step in steps(plan(graph, chain(graph)).root))


def test_one_choice_costs_less_than_branches_side_by_side() -> None:
    row = ROWS["if-and-else"]
    apart = arrows(row.text)
    one, several = planned(row)[0].outlook, plan(apart, chain(apart)).outlook
    assert one is not None and several is not None
    assert (one.transitions.least, one.transitions.usual) == (3, 3)
    assert several.transitions.usual == 6
    assert any(text.endswith("one Choice asks for them: 3 transitions less") for text in one.savings)


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []
