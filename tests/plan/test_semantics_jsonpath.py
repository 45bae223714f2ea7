"""The JSONPath form says what the JSONata form says, or refuses: the same rows, executed in both.

A row that is refused says why; nothing is left out. The MD5 of a body that the states put together is the only field that
differs, as a hash takes no long text: there it is made up, unless the handler reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, published, sent, value
from tests.golden import golden
from tests.machines import Failed, Machine
from tests.path_machines import PathMachine, ready
from tests.plan import test_semantics_joins as joins
from tests.plan import test_semantics_loops as loops
from tests.plan import test_semantics_nested as nested
from tests.plan import test_semantics_schedules as schedules
from tests.plan.test_semantics import ROWS, Row, executed, in_jsonata, put_events
from untangle.asl import validate
from untangle.emit.asl import Language, asl_definition, asl_json, substitutions
from untangle.emit.yaml import as_yaml
from untangle.errors import UntangleError
from untangle.model.change import NewFile
from untangle.model.code import CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.shape import Read, Shape
from untangle.pipeline import lint
from untangle.plan import plan

GOLDEN = Path(__file__).parent / "golden" / "jsonpath"
REFUSED: Mapping[str, str] = {
    "destination-on-failure": "how often it was tried is not known",
    "destination-on-success-sqs": "would have to be turned into milliseconds",
    "dynamodb-stream": "images that there are",
    "eventbridge-transformer": "an input transformer leaves out what is not there",
    "invoke-dead-letter": "JSONPath cannot cut",
    "s3": "must be URL-encoded",
    "s3-eventbridge": "must be URL-encoded",
    "s3-sqs": "must be URL-encoded",
    "write-then-many-ways": "images that there are",
}
UNHASHED = {"eventbridge-sqs", "sns-sqs"}
SAID = [name for name in ROWS if name not in REFUSED]


def definition(graph: EventGraph) -> dict[str, Any]:
    """The definition of a graph's only chain in JSONPath, with every substitution replaced by a value of its kind."""
    workflow = plan(graph, chain(graph))
    text = json.dumps(asl_definition(workflow, graph, "jsonpath"))
    for name, (resource, attribute) in substitutions(workflow, graph, language="jsonpath").items():
        text = text.replace(f"${{{name}}}", value(resource, name, attribute))
    assert "${" not in text
    return dict(json.loads(text))


def in_paths(graph: EventGraph, handlers: Handlers) -> Machine:
    return PathMachine(definition(graph), handlers)


def run(row: Row) -> tuple[Machine, Handlers]:
    """The definition in JSONPath, run once; handlers answer as the row says."""
    return executed(row, in_paths)


def known(event: Any, other: Any) -> Any:
    """An event whose made-up MD5s are replaced by those of another one."""
    if isinstance(event, dict) and isinstance(other, dict):
        made_up = event.get("md5OfBody") == "untangle-not-known"
        same = {key: known(inner, other.get(key)) for key, inner in event.items()}
        return {**same, "md5OfBody": other.get("md5OfBody")} if made_up else same
    if isinstance(event, list) and isinstance(other, list) and len(event) == len(other):
        return [known(*pair) for pair in zip(event, other, strict=True)]
    return event


@pytest.mark.parametrize("name", SAID)
def test_consumers_get_the_same_events(name: str) -> None:
    (machine, handlers), (other, expected) = run(ROWS[name]), executed(ROWS[name])
    assert known(handlers.events, expected.events) == expected.events
    assert (name in UNHASHED) == ("untangle-not-known" in json.dumps(handlers.events))
    assert machine.calls == other.calls
    assert machine.waits == other.waits


@pytest.mark.parametrize("name", ROWS)
def test_what_is_written_is_good_and_what_is_not_says_why(name: str) -> None:
    graph = ROWS[name].graph
    if name not in REFUSED:
        assert [found for found in validate(definition(graph)) if found.severity == "error"] == []
        return
    with pytest.raises(UntangleError, match=r"cannot be written in JSONPath") as refused:
        definition(graph)
    assert REFUSED[name] in refused.value.message
    assert "-> " in refused.value.message and "app.py:7" in refused.value.message


@pytest.mark.parametrize("name", ["eventbridge-sqs", "sns-filter-policy", "sqs-dead-letter"])
def test_as_it_is_written(name: str) -> None:
    """Whole definitions, adapters included; UNTANGLE_UPDATE=1 writes the files anew."""
    path, graph = GOLDEN / f"{name}.json", ROWS[name].graph
    text = asl_json(plan(graph, chain(graph)), graph, "jsonpath")
    assert text == golden(path, text)


def test_cloudformation_takes_them_all() -> None:
    graphs = [ROWS[name].graph for name in SAID]
    graphs += [row.graph for name, row in loops.ROWS.items() if name not in ROUNDS_REFUSED]
    graphs += [row.graph for name, row in joins.ROWS.items() if name not in JOINS_REFUSED]
    graphs.append(schedules.ROWS["one-off"].graph)
    assert refused(map(definition, graphs)) == []


@pytest.mark.parametrize("language", ["jsonata", "jsonpath"])
def test_yaml_says_the_same_and_checks_as_well(language: Language, tmp_path: Path) -> None:
    wanted = {}
    for name in SAID:
        graph = ROWS[name].graph
        text = asl_json(plan(graph, chain(graph)), graph, language)
        written = as_yaml(NewFile(path=f"{name}.asl.json", text=text))
        (tmp_path / written.path).write_text(written.text)
        wanted[written.path] = json.loads(text)
    assert {path.name: yaml.safe_load(path.read_text()) for path in tmp_path.iterdir()} == wanted
    linted = lint(tmp_path)
    assert len(linted) == len(SAID) and [found for item in linted for found in item.found] == []
    assert all("intake/app.py:7" in path.read_text() for path in tmp_path.iterdir())


def test_a_function_that_stays_outside_gives_its_effects() -> None:
    graph = arrows("intake -sqs*-> charge", triggers={"intake": "apigateway"})
    effects = [sent("ChargeQueue", text) for text in "xy"]
    marker = {"capture": ["ChargeQueue"], "observe": []}
    handlers = Handlers()
    PathMachine(definition(graph), handlers).run({"effects": [{**item, "ready": ready(item, marker)} for item in effects]})
    assert [event["Records"][0]["body"] for event in handlers.events["Charge"]] == ["x", "y"]
    assert "Intake" not in handlers.events


@pytest.mark.parametrize("count", [0, 2])
def test_a_message_that_must_be_there_once_fails_loudly_otherwise(count: int) -> None:
    row = Row(text="intake -sqs-> charge", does={"Intake": [sent("ChargeQueue", "x")] * count})
    with pytest.raises(Failed, match="IntrinsicFailure"):
        run(row)


def test_a_body_whose_hash_is_read_is_refused() -> None:
    read = Read(path=("Records", "*", "md5OfBody"), required=True)
    graph = arrows("intake -sns/sqs-> charge", code={"charge": CodeFacts(function="charge", readable=True, reads=(read,))})
    with pytest.raises(UntangleError, match="the consumer reads md5OfBody"):
        definition(graph)


def test_every_hop_that_cannot_be_said_is_named() -> None:
    graph = arrows("intake -s3-> parse -sqs-> charge -dynamodb_stream-> ship")
    with pytest.raises(UntangleError) as refused:
        definition(graph)
    assert "Intake -s3-> Parse (intake/app.py:7): an object's key" in refused.value.message
    assert "Charge -dynamodb_stream-> Ship (charge/app.py:7): a record has" in refused.value.message
    assert "Parse -sqs->" not in refused.value.message


def test_the_outbox_is_told_the_same_and_what_paths_need() -> None:
    graph = arrows("intake -sqs-> charge -sns-> ship")
    workflow = plan(graph, chain(graph), claim="orders-claims")
    markers = []
    for language, kind in (("jsonata", Machine), ("jsonpath", PathMachine)):
        text = json.dumps(asl_definition(workflow, graph, "jsonpath" if language == "jsonpath" else "jsonata"))
        for name, (resource, attribute) in substitutions(workflow, graph).items():
            text = text.replace(f"${{{name}}}", value(resource, name, attribute))
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")], Charge=[published("ChargeTopic", "y")])
        kind(json.loads(text), handlers).run({})
        markers.append(handlers.markers)
    for usual, marker in zip(markers[0].values(), markers[1].values(), strict=True):
        assert marker.pop("ready") is True and marker.pop("span").startswith("arn:aws:states:")
        assert usual.pop("traceparent").startswith("00-")
        assert marker == usual
    assert markers[0]["Intake"]["claim"] == {"bucket": "orders-claims", "of": ["ChargeQueue"]}


def test_a_call_that_a_path_cannot_follow_is_refused() -> None:
    graph = arrows("intake -sns-> charge", hops={"intake>charge": {"sent": {"MessageStructure": "json"}}})
    with pytest.raises(UntangleError, match="the call gives MessageStructure, or may"):
        definition(graph)


def test_what_only_some_notifications_have_is_in_the_queue_too() -> None:
    effect = published("IntakeTopic", "x", kind="gift")
    effect["params"]["Subject"] = "news"
    row = Row(text="intake -sns/sqs-> charge", does={"Intake": [effect]})
    bodies = [
        json.loads(handlers.events["Charge"][0]["Records"][0]["body"]) for _, handlers in (run(row), executed(row, in_jsonata))
    ]
    assert bodies[0] == bodies[1]
    assert bodies[0]["Subject"] == "news" and "MessageAttributes" in bodies[0]


def test_a_filtered_event_in_a_queue() -> None:
    given = {"filters": {"IntakeBus": {"source": ("shop",)}}, "settings": {"ChargeQueue": {"delay_seconds": 5}}}
    row = Row(text="intake -eventbridge/sqs-> charge", given=given, does={"Intake": [put_events({"total": 3})]})
    (machine, handlers), (_, expected) = run(row), executed(row)
    assert known(handlers.events, expected.events) == expected.events
    assert machine.visited == [
        "Intake",
        "Message for Charge",
        "Open the message for Charge",
        "Is it for Charge?",
        "Wait for Charge",
        "Prepare Charge",
        "Charge",
    ]


def test_a_delay_of_the_message_itself_goes_first() -> None:
    graph = arrows(
        "intake -sqs-> charge",
        settings={"ChargeQueue": {"delay_seconds": 60}},
        hops={"intake>charge": {"sent": {"DelaySeconds": 5}}},
    )
    for own, waited in (({}, 60), ({"DelaySeconds": 5}, 5)):
        machine = PathMachine(definition(graph), Handlers(Intake=[sent("ChargeQueue", "x", **own)]))
        machine.run({})
        assert machine.waits == [waited]


class TestEntries:
    graph = arrows("{shop, phone} -sqs:Orders-> charge")

    def test_the_input_names_its_entry(self) -> None:
        handlers = Handlers(Phone=[sent("Orders", "x")])
        PathMachine(definition(self.graph), handlers).run({"entry": "Phone", "event": {"n": 1}})
        assert handlers.events["Phone"] == [{"n": 1}]
        assert len(handlers.events["Charge"]) == 1

    @pytest.mark.parametrize("unknown", [{"entry": "Fax"}, {}])
    def test_an_unknown_entry_fails(self, unknown: Mapping[str, str]) -> None:
        with pytest.raises(Failed, match="UnknownEntry"):
            PathMachine(definition(self.graph), Handlers()).run(unknown)


def attributed(kind: str, text: str) -> list[Any]:
    effect = published("IntakeTopic", "x")
    effect["params"]["MessageAttributes"] = {"kind": {"DataType": kind, "StringValue": text}}
    return [effect]


BODY = Shape(
    kind="object",
    properties={"total": Shape(kind="number"), "kind": Shape(kind="string"), "tags": Shape(kind="array")},
)


def ordered(**body: Any) -> list[Any]:
    return [put_events(body)]


# The pattern of a filter, what is sent, and whether it passes.
FILTERS: dict[str, tuple[str, Any, list[Any], bool]] = {
    "attribute": ("sns", {"kind": ("gift",)}, attributed("String", "gift"), True),
    "attribute-other": ("sns", {"kind": ("gift",)}, attributed("String", "plain"), False),
    "attribute-in-list": ("sns", {"kind": ("gift",)}, attributed("String.Array", '["plain","gift"]'), True),
    "attribute-part-of-an-element": ("sns", {"kind": ("gift",)}, attributed("String.Array", '["gifts"]'), False),
    "attribute-number": ("sns", {"kind": ("7",)}, attributed("Number", "7"), False),
    "attribute-missing": ("sns", {"other": ("gift",)}, attributed("String", "gift"), False),
    "attribute-exists": ("sns", {"kind": ({"exists": True},)}, attributed("String", "gift"), True),
    "no-attributes": ("sns", {"kind": ({"exists": True},)}, [published("IntakeTopic", "x")], False),
    "source": ("eventbridge", {"source": ("shop",)}, ordered(total=3), True),
    "source-prefix": ("eventbridge", {"source": ({"prefix": "other"},)}, ordered(total=3), False),
    "source-wildcard": ("eventbridge", {"source": ({"wildcard": "s*p"},)}, ordered(total=3), True),
    "detail-number": ("eventbridge", {"detail": {"total": ({"numeric": (">", 2, "<=", 3)},)}}, ordered(total=3), True),
    "detail-number-outside": ("eventbridge", {"detail": {"total": ({"numeric": (">", 3)},)}}, ordered(total=3), False),
    "detail-missing": ("eventbridge", {"detail": {"kind": ("gift",)}}, ordered(total=3), False),
    "detail-absent": ("eventbridge", {"detail": {"kind": ({"exists": False},)}}, ordered(total=3), True),
    "detail-anything-but": ("eventbridge", {"detail": {"kind": ({"anything-but": ("a", "b")},)}}, ordered(kind="c"), True),
    "detail-listed": ("eventbridge", {"detail": {"kind": ({"anything-but": "c"},)}}, ordered(kind="c"), False),
    "detail-suffix-or-null": ("eventbridge", {"detail": {"kind": ({"suffix": "*t"}, None)}}, ordered(kind="a*t"), True),
    "detail-or": (
        "eventbridge",
        {"$or": ({"source": ("no",)}, {"detail": {"total": (3,)}})},
        ordered(total=3),
        True,
    ),
}
UNSAID: dict[str, tuple[str, Any, str]] = {
    "list": ("eventbridge", {"detail": {"tags": ("a",)}}, "whether detail.tags is one value or a list"),
    "unknown": ("eventbridge", {"detail": {"more": ("a",)}}, "whether detail.more is one value or a list"),
    "attribute-prefix": ("sns", {"kind": ({"prefix": "g"},)}, "prefix"),
    "body": ("sns", {"MessageBody": {"kind": ("gift",)}}, "a policy on the body"),
    "address": ("eventbridge", {"source": ({"cidr": "10.0.0.0/8"},)}, "cidr"),
}


def filtering(type: str, pattern: Any) -> EventGraph:
    label = {"sns": "IntakeTopic", "eventbridge": "IntakeBus"}[type]
    return arrows(f"intake -{type}-> charge", filters={label: pattern}, hops={"intake>charge": {"body": BODY}})


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name: str) -> None:
    type, pattern, effects, passes = FILTERS[name]
    graph, handlers, expected = filtering(type, pattern), Handlers(Intake=effects), Handlers(Intake=effects)
    PathMachine(definition(graph), handlers).run({})
    in_jsonata(graph, expected).run({})
    assert ("Charge" in handlers.events) is passes
    assert handlers.events == expected.events


@pytest.mark.parametrize("name", UNSAID)
def test_filters_that_rules_cannot_say(name: str) -> None:
    type, pattern, words = UNSAID[name]
    with pytest.raises(UntangleError) as refused:
        definition(filtering(type, pattern))
    assert words in refused.value.message


ROUNDS_REFUSED: Mapping[str, str] = {
    "rules-of-two-sources": "filters decide which of the ways",
}


@pytest.mark.parametrize("name", [name for name in loops.ROWS if name not in ROUNDS_REFUSED])
@pytest.mark.parametrize("rounds", ["0", "1", "5"])
def test_loops_and_ways_that_exclude_each_other_run_the_same(name: str, rounds: str) -> None:
    row = loops.ROWS[name]
    machine, handlers = loops.executed(row, rounds, in_paths)
    other, expected = loops.executed(row, rounds)
    assert known(handlers.events, expected.events) == expected.events
    assert (machine.waits, machine.calls) == (other.waits, other.calls)
    assert [found for found in validate(definition(row.graph)) if found.severity == "error"] == []


@pytest.mark.parametrize("name", ROUNDS_REFUSED)
def test_loops_that_cannot_be_said(name: str) -> None:
    with pytest.raises(UntangleError) as refused:
        definition(loops.ROWS[name].graph)
    assert ROUNDS_REFUSED[name] in refused.value.message


def test_a_loop_without_end_fails() -> None:
    handlers = Handlers({}, Intake=[sent("PollQueue", "x")], Poll=[sent("Again", "x")])
    written = json.loads(re.sub(r'("NumericLessThan": )\d+', r"\g<1>4", json.dumps(definition(loops.ROWS["poll"].graph))))
    with pytest.raises(Failed, match="TooManyRounds"):
        PathMachine(written, handlers).run({})
    assert len(handlers.events["Poll"]) == 1 + 4  # the first run stands before the loop


def test_more_than_one_of_what_excludes_itself_fails() -> None:
    handlers = Handlers({}, Intake=[sent("PackQueue", "x"), published("IntakeTopic", "x")])
    with pytest.raises(Failed, match="MoreThanOne"):
        PathMachine(definition(loops.ROWS["if-and-else"].graph), handlers).run({})


@pytest.mark.parametrize("name", nested.ROWS)
def test_workflows_of_their_own_do_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = nested.ROWS[name]
    workflow, written = nested.planned(row, monkeypatch, "jsonpath")
    assert list(written) == ["Chain", *(one.name for one in reversed(workflow.nested))]
    assert [found for one in written.values() for found in validate(one) if found.severity == "error"] == []
    machine, handlers = nested.executed(row, written, PathMachine)
    other, expected = nested.executed(row, nested.planned(row, monkeypatch)[1])
    assert known(handlers.events, expected.events) == expected.events
    assert (machine.waits, machine.calls, machine.failed) == (other.waits, other.calls, other.failed)
    assert [arn for arn, _ in machine.started] == [arn for arn, _ in other.started]


@pytest.mark.parametrize("name", ["one-off", "several"])
def test_times_that_a_message_names_are_waited_for(name: str) -> None:
    row = schedules.ROWS[name]
    (machine, handlers), (other, expected) = executed(row, in_paths), executed(row)
    assert handlers.events == expected.events
    assert machine.waits == other.waits == list(row.waits)


JOINS_REFUSED = {
    "branches-of-many",
    "branches-of-which-one-is-filtered",
    "one-within-another",
    "one-within-another-of-the-same-split",
}


@pytest.mark.parametrize("name", joins.ROWS)
def test_joins_wait_for_the_same_runs(name: str) -> None:
    row = joins.ROWS[name]
    if name in JOINS_REFUSED:
        with pytest.raises(UntangleError, match="runs within runs hand out their effects"):
            definition(row.graph)
        return
    (machine, handlers), (other, expected) = joins.ran(row, in_paths), joins.ran(row)
    assert known(handlers.events, expected.events) == expected.events
    assert handlers.order == expected.order
    assert (machine.waits, machine.calls) == (other.waits, other.calls)
    assert [found for found in validate(definition(row.graph)) if found.severity == "error"] == []
