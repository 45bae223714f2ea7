"""Contracts: what a producer writes and a consumer requires, where each is written, and where they part."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.arrows import arrows
from untangle.contracts import contracts, message_path
from untangle.emit.contracts import contract_files
from untangle.model.code import CodeFacts
from untangle.model.contract import Contract
from untangle.model.link import Passage
from untangle.model.location import Location
from untangle.model.shape import ANYTHING, Read, Shape

ORDER = Shape(
    kind="object",
    encoded=True,
    properties={
        "id": Shape(kind="string"),
        "kind": Shape(kind="string", constant="gift"),
        "lines": Shape(kind="array", items=Shape(kind="object", properties={"sku": Shape(kind="string")})),
    },
)
BODY = ("Records", "*", "body", "()")


def read(*path: str, required: bool = True, line: int = 1) -> Read:
    return Read(path=path, required=required, location=Location("charge/app.py", line))


def contract(*reads: Read, body: Shape = ORDER, way: str = "sqs", **given: Any) -> Contract:
    facts = CodeFacts(function="charge", readable=True, reads=reads)
    graph = arrows(f"intake -{way}-> charge", hops={"intake>charge": {"body": body}}, code={"charge": facts}, **given)
    (found,) = contracts(graph, [hop.id for hop in graph.hops])
    return found


class TestPath:
    @pytest.mark.parametrize(
        ("way", "delivery", "path"),
        [
            ("sqs", {}, "Records.*.body.()"),
            ("sns", {}, "Records.*.Sns.Message.()"),
            ("sns/sqs", {}, "Records.*.body.().Message.()"),
            ("sns/sqs", {"raw_message_delivery": True}, "Records.*.body.()"),
            ("eventbridge", {}, "detail"),
            ("eventbridge/sqs", {}, "Records.*.body.().detail"),
            ("lambda_invoke", {}, ""),
        ],
    )
    def test_where_the_message_stands(self, way: str, delivery: dict[str, Any], path: str) -> None:
        types = way.split("/")
        passages = tuple(
            Passage(channel=type, type=type, delivery=delivery if index == 0 else {}) for index, type in enumerate(types)
        )
        found = message_path(passages)
        assert found is not None and ".".join(found) == path

    def test_what_a_rule_replaces_is_not_known(self) -> None:
        assert message_path((Passage(channel="b", type="eventbridge", delivery={"input": "{}"}),)) is None


class TestSchema:
    def test_what_is_written_and_what_is_required(self) -> None:
        schema = contract(read(*BODY, "id", line=4), read(*BODY, "note", required=False)).schema
        assert schema["required"] == ["id"]
        assert set(schema["properties"]) == {"id", "kind", "lines", "note"}
        assert schema["properties"]["id"]["x-untangle"] == {"produced": ["intake/app.py:7"], "required": ["charge/app.py:4"]}

    def test_it_is_json_schema(self) -> None:
        schema = contract(read(*BODY, "lines", "*", "sku")).schema
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        assert validator.is_valid({"id": "1", "lines": [{"sku": "a"}]})
        assert not validator.is_valid({"lines": [{}]})

    def test_envelope_fields_are_not_part_of_the_message(self) -> None:
        assert "messageId" not in str(contract(read("Records", "*", "messageId")).schema["properties"])

    def test_a_service_makes_its_own_messages(self) -> None:
        graph = arrows("intake -s3-> charge")
        assert contracts(graph, [graph.hops[0].id]) == ()


class TestBreaches:
    def test_a_key_that_is_never_written(self) -> None:
        (breach,) = contract(read(*BODY, "customer", line=9)).breaches
        assert breach.path == "customer"
        assert breach.location == Location("charge/app.py", 9)
        assert "intake/app.py:7" in breach.message

    def test_within_an_array(self) -> None:
        (breach,) = contract(read(*BODY, "lines", "*", "price")).breaches
        assert breach.path == "lines.*.price"

    @pytest.mark.parametrize(
        "body",
        [ANYTHING, Shape(kind="object", open=True, properties={"id": ANYTHING}), Shape(kind="object")],
        ids=["unknown", "open", "nothing literal"],
    )
    def test_what_is_not_known_proves_nothing(self, body: Shape) -> None:
        assert contract(read(*BODY, "customer"), body=body).breaches == ()

    def test_an_optional_key_may_be_missing(self) -> None:
        assert contract(read(*BODY, "customer", required=False)).breaches == ()

    def test_below_a_value_that_is_not_literal(self) -> None:
        assert contract(read(*BODY, "id", "inner")).breaches == ()


def test_one_file_per_hop() -> None:
    found = contract(read(*BODY, "id"))
    (file,) = contract_files((found,))
    assert file.path == "contracts/intake-charge-queue-charge.schema.json"
    assert file.text.endswith("}\n")
    assert len(contract_files((found, found))) == 2
