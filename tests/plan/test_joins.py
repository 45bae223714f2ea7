"""Joins hidden in a count: the conditions under which they would convert, with what the code shows of each."""

from __future__ import annotations

from tests.arrows import arrows, chain
from untangle.model.code import Call, CodeFacts
from untangle.model.location import Location
from untangle.model.value import Env, Ref, Value
from untangle.plan import plan

TABLE: dict[str, Value] = {
    "TableName": Env("TABLE"),
    "Key": {"id": "x"},
    "UpdateExpression": "SET remaining = remaining - :one",
    "ReturnValues": "UPDATED_NEW",
}
COUNTED = Location("gather/app.py", 8)


def written(function: str, operation: str, **signals: Location) -> CodeFacts:
    call = Call(service="dynamodb", operation=operation, location=Location(f"{function}/app.py", 8), text="", arguments=TABLE)
    return CodeFacts(function=f"app/{function.title()}", readable=True, calls=(call,), signals=signals)


def notes(**code: CodeFacts) -> list[str]:
    own = {name: {"environment": {"TABLE": Ref("app/Jobs")}} for name in ("split", "gather")}
    graph = arrows("split -sqs*-> work -sqs-> gather -sns-> done", code=code, functions=own)
    workflow = plan(graph, chain(graph))
    return [f"{item.text} @{item.location}" for item in workflow.obstacles if item.topic == "join" and not item.blocking]


def test_each_condition_says_what_the_code_shows_of_it() -> None:
    [note] = notes(split=written("split", "PutItem"), gather=written("gather", "UpdateItem", counter=COUNTED))
    assert note.endswith("@gather/app.py:8") and "Parallel or Map" in note
    assert "(1) the item that is counted in belongs to one run" in note
    assert "(2) the function that splits the work sets the count (seen to write the item: Split)" in note
    assert "(3) nobody but the branches changes it (seen to: Gather)" in note
    assert "(4) each of them ends here (Work send to it)" in note


def test_what_was_not_seen_is_not_claimed() -> None:
    [note] = notes(gather=written("gather", "UpdateItem", counter=COUNTED))
    assert "(none was seen to)" in note


def test_no_count_no_note() -> None:
    assert notes(gather=written("gather", "UpdateItem")) == []


def test_a_listing_has_conditions_of_its_own() -> None:
    [note] = notes(gather=CodeFacts(function="app/Gather", readable=True, signals={"listing": COUNTED}))
    assert note.endswith("@gather/app.py:8") and "Gather counts what a listing holds" in note
    assert (
        "(1) what is listed belongs to one run of the whole chain" in note
        and "(4) each of them ends here (Work send to it)" in note
    )
    assert (
        "As it is, nothing is joined: that a listing holds what the branches of this run have written, and nothing else" in note
    )
