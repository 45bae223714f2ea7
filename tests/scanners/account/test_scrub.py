"""Field by field, kind by kind: what is kept of an answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.scanners.account.test_secrets import AKIA, SECRETS
from untangle.scanners.account.operations import operation, parse_fields
from untangle.scanners.account.scrub import names_in, scrub
from untangle.scanners.account.secrets import REDACTED

KNOWN = frozenset({"orders", "prod-orders"})
ARN = "arn:aws:sns:eu-west-1:123456789012:orders"


def kept(kind: str, value: Any, known: frozenset[str] | None = KNOWN) -> Any:
    return scrub({"F": kind}, {"F": value}, known)["F"]


class TestFields:
    def test_only_what_is_named_is_kept(self) -> None:
        fields = parse_fields("Functions{FunctionName Layers{Arn}} Missing")
        page = {
            "Functions": [{"FunctionName": "f", "Description": "secret", "Layers": [{"Arn": "a", "CodeSize": 1}]}],
            "ResponseMetadata": {"RequestId": "x"},
        }
        assert scrub(fields, page, KNOWN) == {"Functions": [{"FunctionName": "f", "Layers": [{"Arn": "a"}]}]}

    def test_a_star_stands_for_every_key(self) -> None:
        fields = parse_fields("methods{*{uri}}")
        assert scrub(fields, {"methods": {"GET": {"uri": "u", "x": 1}}}, KNOWN) == {"methods": {"GET": {"uri": "u"}}}

    def test_a_structure_where_text_is_expected_is_not_kept(self) -> None:
        assert kept("", {"inner": "x"}) is None
        assert kept("", b"bytes") is None
        assert kept("", ["a", {"b": 1}, 2]) == ["a", 2]

    def test_moments_become_text(self) -> None:
        assert kept("", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"

    @pytest.mark.parametrize("page", [{"F": None}, {"F": 5}, {"F": [[1]]}, {"F": {"a": [None]}}])
    @pytest.mark.parametrize("kind", ["", "tree", "json", "shape", "template", "names", "tags", "endpoint"])
    def test_no_form_of_answer_breaks_it(self, kind: str, page: dict[str, Any]) -> None:
        assert set(scrub({"F": kind}, page, KNOWN)) == {"F"}


class TestEnvironment:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("TOPIC", ARN),
            ("ANY", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"),
            ("ANY", "orders"),
            ("ANY", "orders,prod-orders"),
            ("TABLE_NAME", "elsewhere-table"),
            ("eventBusName", "shop"),
            ("STAGE", "prod"),
            ("API", "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders"),
        ],
    )
    def test_a_value_that_names_a_resource_is_kept(self, name: str, value: str) -> None:
        assert kept("names", {name: value}) == {name: value}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DB_PASSWORD", "hunter2"),
            ("GREETING", "hello"),
            ("TABLE_NAME", AKIA),
            ("QUEUE_TOKEN", "abcdefgh"),
            ("STAGE", "unheard-of"),
            ("URL", "https://user:pw@example.com/x"),
            ("URL", "https://bucket.s3.amazonaws.com/k?X-Amz-Signature=abc"),
            ("TOPIC", f"{ARN} {AKIA}"),
            ("N", 5),
            *(("QUEUE_URL", value) for value in SECRETS.values()),
        ],
    )
    def test_any_other_is_not_but_its_name_is(self, name: str, value: object) -> None:
        assert kept("names", {name: value}) == {name: None}


class TestTexts:
    def test_json_keeps_its_layout_where_nothing_is_taken_out(self) -> None:
        text = '{\n  "StartAt": "A",\n  "States": {}\n}'
        assert kept("json", text) == text

    def test_a_password_in_a_definition_goes(self) -> None:
        text = json.dumps({"States": {"A": {"Parameters": {"Password": "hunter2", "Token.$": "$.t", "TopicArn": ARN}}}})
        parameters = json.loads(kept("json", text))["States"]["A"]["Parameters"]
        assert parameters == {"Password": REDACTED, "Token.$": "$.t", "TopicArn": ARN}

    def test_text_that_is_no_json_is_redacted_as_text(self) -> None:
        assert kept("json", f"not json {AKIA}") == f"not json {REDACTED}"
        assert AKIA not in kept("json", "[" * 100_000 + AKIA)

    def test_of_a_constant_message_the_form_is_kept(self) -> None:
        text = json.dumps({"action": "nightly", "topic": ARN, "items": [1, "x"], "on": True})
        assert json.loads(kept("shape", text)) == {"action": REDACTED, "topic": ARN, "items": [1, REDACTED], "on": True}
        assert kept("shape", "not json") == REDACTED

    def test_of_a_template_the_placeholders_are_kept(self) -> None:
        text = '{"id": <id>, "kind": "order", "queue": "orders", "mixed": "a <b>"}'
        assert kept("template", text) == f'{{"id": <id>, "kind": "{REDACTED}", "queue": "orders", "mixed": "a <b>"}}'

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (ARN, ARN),
            (
                "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/orders",
                "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/orders",
            ),
            ("https://user:pw@example.com/hook?token=1", "https://example.com"),
            ("somebody@example.com", None),
            ("+4912345678", None),
            ("http://[", None),
        ],
    )
    def test_of_an_endpoint_no_person_and_no_password(self, value: str, expected: str | None) -> None:
        assert kept("endpoint", value) == expected

    def test_of_tags_only_those_of_cloudformation(self) -> None:
        tags = [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}, {"Key": "owner", "Value": "ada@example.com"}]
        assert kept("tags", tags) == tags[:1]


def test_scrubbing_what_was_scrubbed_changes_nothing() -> None:
    page = {"Functions": [{"FunctionName": "f", "Environment": {"Variables": {"A": "x", "TOPIC": ARN}}}]}
    fields = operation("lambda", "ListFunctions").fields
    once = scrub(fields, page, KNOWN)
    assert scrub(fields, once, None) == once


def test_names_of_resources_in_an_answer() -> None:
    fields = operation("sqs", "ListQueues").fields
    assert list(names_in(fields, {"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/1/orders"]})) == ["orders"]
    fields = operation("sns", "ListTopics").fields
    assert list(names_in(fields, [{"Topics": [{"TopicArn": ARN}]}])) == ["orders"]
