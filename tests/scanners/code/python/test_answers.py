"""Whether a handler does anything with the answer, or with the error, of a call that starts a job."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import body

START = "athena.start_query_execution(QueryString='select 1')"
HEAD = "athena = boto3.client('athena')"
# A handler's body, and whether it is seen that nothing is done with the answer.
CASES: dict[str, tuple[str, bool]] = {
    "thrown-away": (f"{HEAD}\n{START}", True),
    "kept": (f"{HEAD}\nanswer = {START}", False),
    "returned": (f"{HEAD}\nreturn {START}", False),
    "printed": (f"{HEAD}\nprint({START})", False),
    "its-error-is-caught": (f"{HEAD}\ntry:\n    {START}\nexcept Exception:\n    pass", False),
    "cleaned-up-behind": (f"{HEAD}\ntry:\n    {START}\nfinally:\n    print(1)", True),
    "in-a-function-that-returns-nothing": (f"{HEAD}\ndef start():\n    {START}\nstart()", True),
    "in-a-function-that-returns-it": (f"{HEAD}\ndef start():\n    return {START}\nstart()", False),
    "in-a-function-whose-error-is-caught": (
        f"{HEAD}\ndef start():\n    {START}\ntry:\n    start()\nexcept ValueError:\n    pass", False
    ),
    "in-a-function-whose-error-is-caught-once": (
        f"{HEAD}\ndef start():\n    {START}\nstart()\ntry:\n    start()\nexcept ValueError:\n    pass", False
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_nobody_takes(name: str) -> None:
    text, thrown_away = CASES[name]
    [call] = [call for call in body(text).calls if call.service == "athena"]
    assert call.answered is (False if thrown_away else None)


def test_only_of_jobs() -> None:
    [call] = body("boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')").calls
    assert call.answered is None
