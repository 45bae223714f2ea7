"""Both sides beside each other: what is a deviation, and what explains one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from untangle.simulate.happening import Happening
from untangle.simulate.verify.compare import Terms, Variant, clamps, compare
from untangle.simulate.verify.outcome import Outcome, outcome

TERMS = Terms(clamps={}, windows={})


def side(*events: tuple[str, str, Any] | tuple[str, str, Any, float], state: Any = None, status: Sequence[str] = ()) -> Outcome:
    """An outcome of (kind, who, detail) in order; "ok" and "fail" are whole invocations."""
    log = []
    for number, (kind, who, detail, *time) in enumerate(events):
        at = float(time[0]) if time else float(number)
        if kind in ("ok", "fail"):
            log.append(Happening(time=at, kind="invoke", who=who, detail={"event": detail}))
            end = {"payload": None} if kind == "ok" else {"type": "Error"}
            log.append(Happening(time=at, kind="answer" if kind == "ok" else "error", who=who, detail=end))
        else:
            log.append(Happening(time=at, kind=kind, who=who, detail=detail))
    log += [Happening(time=99, kind="end", who="Machine", detail={"result": {"status": one}}) for one in status]
    return outcome(log, state or {}, lambda call, marked: True)


def told(one: Outcome, other: Outcome, *variants: Variant, terms: Terms = TERMS) -> list[tuple[str, str, str]]:
    """The deviations as (kind, subject, reason)."""
    return [(item.kind, item.subject, item.reason) for item in compare(one, other, variants, terms)]


def put(item: str) -> dict[str, Any]:
    return {"service": "dynamodb", "operation": "PutItem", "params": {"TableName": "t", "Item": {"id": {"S": item}}}}


def test_the_same_is_no_deviation_whatever_the_order() -> None:
    one = side(("ok", "f", {"a": 1}), ("ok", "f", {"a": 2}), ("call", "f", put("x")), ("call", "f", put("y")))
    other = side(("call", "f", put("y")), ("ok", "f", {"a": 2}), ("call", "f", put("x")), ("ok", "f", {"a": 1}))
    assert told(one, other) == []


def test_what_is_not_handled_any_more_is_one() -> None:
    assert told(side(("ok", "f", {"a": 1})), side()) == [("invocation", "f", ""), ("tries", "f", "")]


def test_a_changed_envelope_is_one() -> None:
    assert ("invocation", "f", "") in told(side(("ok", "f", {"a": 1})), side(("ok", "f", {"a": 2})))


def test_a_call_too_many_is_one() -> None:
    assert told(side(("call", "f", put("x"))), side(("call", "f", put("x")), ("call", "f", put("x")))) == [("effect", "f", "")]


def test_reads_are_none() -> None:
    read = {"service": "dynamodb", "operation": "GetItem", "params": {}}
    assert told(side(), side(("call", "f", read))) == []


def test_what_is_left_is_compared_by_node_and_in_no_order() -> None:
    one = side(state={"sqs": {"app/Dead": [{"body": "a"}, {"body": "b"}]}})
    assert told(one, side(state={"sqs": {"app/Dead": [{"body": "b"}, {"body": "a"}]}})) == []
    assert told(one, side(state={"sqs": {"app/Dead": [{"body": "a"}]}})) == [("state", "sqs app/Dead", "")]


def test_how_often_a_message_was_tried_counts() -> None:
    thrice = side(*[("fail", "f", {"a": 1})] * 3)
    assert told(thrice, side(*[("fail", "f", {"a": 1})] * 2)) == [("tries", "f", "")]


def test_a_clamp_explains_exactly_the_number_that_it_lists() -> None:
    often, listed, fewer = (side(*[("fail", "f", {"a": 1})] * count) for count in (9, 4, 3))
    terms = Terms(clamps={"f": (4, "the workflow tries 4 times")}, windows={})
    assert told(often, listed, terms=terms) == [("tries", "f", "the workflow tries 4 times")]
    assert told(often, fewer, terms=terms) == [("tries", "f", "")]


def test_messages_that_cannot_be_told_apart_are_each_tried_as_often_as_is_listed() -> None:
    terms = Terms(clamps={"f": (4, "the workflow tries 4 times")}, windows={})
    twice, listed, once = (side(*[("fail", "f", {"a": 1})] * count) for count in (18, 8, 4))
    assert told(twice, listed, terms=terms) == [("tries", "f", "the workflow tries 4 times")]
    assert told(side(*[("fail", "f", {"a": 1})] * 5), listed, terms=terms) == [("tries", "f", "")]
    assert told(once, listed, terms=terms) == [("tries", "f", "")]


def test_a_variant_explains_only_what_is_so_in_it() -> None:
    twice, once = side(*[("ok", "f", {"a": 1})] * 2), side(("ok", "f", {"a": 1}))
    without = Variant(reason="handled once", make=lambda: once)
    assert told(twice, once, without) == [("invocation", "f", "handled once"), ("tries", "f", "handled once")]
    assert ("invocation", "f", "") in told(twice, side(("ok", "f", {"a": 2})), without)


def test_an_execution_that_failed_is_one_unless_something_was_lost_before() -> None:
    terms = TERMS
    lost = side(("fail", "f", {}))
    assert told(lost, side(("fail", "f", {}), status=["FAILED"]), terms=terms) == []
    fine = side(("ok", "f", {}))
    assert told(fine, side(("ok", "f", {}), status=["FAILED"]), terms=terms) == [("status", "executions", "")]
    as_before = side(("ok", "f", {}), status=["FAILED"])  # a machine that the application has already
    assert told(as_before, side(("ok", "f", {}), status=["FAILED", "SUCCEEDED"]), terms=terms) == []
    assert told(as_before, side(("ok", "f", {}), status=["FAILED", "FAILED"]), terms=terms) == [("status", "executions", "")]


def test_what_comes_much_earlier_is_one_where_times_are_compared() -> None:
    late, early = side(("ok", "f", {}, 900)), side(("ok", "f", {}, 0))
    assert told(late, early) == []
    assert [kind for kind, _, _ in told(late, early, terms=Terms(clamps={}, windows={}, times=True))] == ["invocation"]


def test_only_what_failed_of_a_partial_batch_has_failed() -> None:
    batch = {"Records": [{"messageId": "1", "body": "a"}, {"messageId": "2", "body": "b"}]}
    log = [
        Happening(time=0, kind="invoke", who="f", detail={"event": batch}),
        Happening(time=0, kind="answer", who="f", detail={"payload": {"batchItemFailures": [{"itemIdentifier": "2"}]}}),
    ]
    handled = outcome(log, {}, lambda call, marked: True).handled()["f"]
    assert ['"a"' in envelope for envelope in handled] == [True]


def test_listed_numbers_of_tries_are_read() -> None:
    differences = (
        "app/Queue has no redrive policy: it retried until the message expired, the workflow tries 50 times",
        "app/Stream retried until the record expired, the workflow tries 20 times more",
    )
    found = dict(clamps(differences, {"app/Queue": ["f"], "app/Stream": ["g"], "app/Queue2": ["h"]}))
    assert {function: tries for function, (tries, _) in found.items()} == {"f": 50, "g": 21}


def test_a_parked_message_may_keep_its_token_where_that_is_listed() -> None:
    def parked(**attributes: str) -> dict[str, Any]:
        held = {name: {"StringValue": value, "DataType": "String"} for name, value in attributes.items()}
        return {"sqs": {"app/Lost": [{"body": "b", "attributes": held}]}}

    before, after = side(state=parked(own="1")), side(state=parked(own="1", untangle="{}"))
    listed = Terms(clamps={}, windows={}, parked="it keeps the token")
    assert told(before, after) == [("state", "sqs app/Lost", "")]
    assert told(before, after, terms=listed) == [("state", "sqs app/Lost", "it keeps the token")]
    assert told(before, side(state=parked(untangle="{}")), terms=listed) == [("state", "sqs app/Lost", "")]
    assert told(after, before, terms=listed) == [("state", "sqs app/Lost", "")]
