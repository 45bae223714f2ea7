"""What two runs may differ in and what not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from untangle.simulate.normal import ID, OF_SERVICE, TIME, messages, normal

UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (UUID, ID),
        (f"order {UUID} of Tuesday", f"order {ID} of Tuesday"),
        ("2026-01-01T00:00:00.000Z", TIME),
        ("reports/2026-01-01.txt", "reports/2026-01-01.txt"),
        (1767225600, TIME),
        (1767225600123, TIME),
        ("1767225600", TIME),
        (17, 17),
        (2.0, 2),
        (True, True),
        ("a plain text", "a plain text"),
        ('{"id": 1, "at": "2026-01-01T00:00:00Z"}', {"()": {"id": 1, "at": TIME}}),
        ('{"no json', '{"no json'),
        (b"bytes", "bytes"),
        ({UUID: 1}, {ID: 1}),
    ],
)
def test_ids_and_times_are_known_by_their_form(value: Any, told: Any) -> None:
    assert normal(value) == told


def test_what_the_service_makes_is_known_by_name_in_an_envelope_and_nowhere_else() -> None:
    record = {"messageId": "m-1", "body": json.dumps({"messageId": "m-1"}), "eventSource": "aws:sqs"}
    assert messages({"Records": [record]}) == [
        {"Records": [{"messageId": OF_SERVICE, "body": {"()": {"messageId": "m-1"}}, "eventSource": "aws:sqs"}]}
    ]


@pytest.mark.parametrize(("body", "said"), [("hello", "fits"), ("other", "does not fit")])
def test_a_digest_says_whether_it_fits(body: str, said: str) -> None:
    digest = hashlib.md5(b"hello", usedforsecurity=False).hexdigest()
    assert messages({"Records": [{"body": body, "md5OfBody": digest}]})[0]["Records"][0]["md5OfBody"] == said


def test_a_batch_is_its_messages() -> None:
    assert len(messages({"Records": [{"body": "a"}, {"body": "b"}]})) == 2


def test_a_notification_within_a_body_is_an_envelope_too() -> None:
    notification = {"Type": "Notification", "MessageId": "one", "Message": "text", "Signature": "abc"}
    (one,) = messages({"Records": [{"body": json.dumps(notification)}]})
    assert one["Records"][0]["body"]["()"] == {
        "Type": "Notification",
        "MessageId": OF_SERVICE,
        "Message": "text",
        "Signature": OF_SERVICE,
    }


@pytest.mark.parametrize(
    ("text", "left"),
    [('{"token": "t", "capture": []}', []), ("mine", ["untangle"]), ('{"mine": 1}', ["untangle"]), ("[1]", ["untangle"])],
)
def test_what_the_outbox_takes_out_of_a_message_its_handler_does_not_see(text: str, left: list[str]) -> None:
    record = {"body": "a", "messageAttributes": {"untangle": {"dataType": "String", "stringValue": text}}}
    assert list(messages({"Records": [record]})[0]["Records"][0]["messageAttributes"]) == left


def test_so_is_an_event_that_was_parked_as_a_whole() -> None:
    record = {"EventSource": "aws:sns", "Sns": {"MessageId": "1", "Message": '{"MessageId": "2"}'}}
    held = normal(json.dumps({"requestPayload": {"Records": [record]}}))["()"]["requestPayload"]["Records"][0]
    assert held["Sns"] == {"MessageId": OF_SERVICE, "Message": {"()": {"MessageId": "2"}}}
    assert normal({"Records": [{"MessageId": "of mine"}]}) == {"Records": [{"MessageId": "of mine"}]}


def test_a_trace_is_that_of_the_functions_own_code() -> None:
    outbox = '  File "/opt/python/untangle_outbox/invocation.py", line 9, in run\n'
    own = '  File "/var/task/app.py", line 4, in handler\n'
    assert normal({"stackTrace": [own, outbox]}) == normal({"stackTrace": [own]}) == {"stackTrace": [own]}
    other = '  File "/usr/lib/python3.11/json/decoder.py", line 1, in decode\n'
    assert normal({"stackTrace": [outbox, other]}) == {"stackTrace": [other]}
    assert normal({"stackTrace": [outbox]}) == normal({"stackTrace": []})  # what ends a run from outside has no frames


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("in/1767225601500-report.csv", f"in/{TIME}-report.csv"),
        ("1767225601.25", TIME),
        ("7zurievg7ckmjuohsrs", f"7zurievg7ck{TIME}"),
        ("mjuohsuk-one", f"{TIME}-one"),
        ("order 1234567890123", "order 1234567890123"),
        ("mortgage", "mortgage"),
    ),
)
def test_moments_within_names_are_told_by_the_simulations_own_time(text: str, expected: str) -> None:
    """`Date.now()`, `time.time()` and `Date.now().toString(36)` in a key or an id."""
    assert normal(text) == expected


def test_the_record_of_a_run_is_an_envelope() -> None:
    record = {"requestContext": {"requestId": "r"}, "requestPayload": {"Records": [{"EventSubscriptionArn": "arn:one"}]}}
    assert normal(record)["requestPayload"]["Records"] == [{"EventSubscriptionArn": OF_SERVICE}]
