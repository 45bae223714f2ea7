"""Only reads are on the list, and only fields that AWS has; what botocore calls sensitive is never kept as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from untangle.scanners.account.boto import without_sensitive
from untangle.scanners.account.operations import OPERATIONS, Fields, Operation, operation, parse_fields
from untangle.scanners.account.scrub import KINDS

SESSION = botocore.session.get_session()


def model(item: Operation) -> Any:
    return SESSION.get_service_model(item.service).operation_model(item.name)


def leaves(shape: Any, fields: Fields, at: str = "") -> Iterator[tuple[str, Any, str]]:
    """(place, shape, kind) of every kept field; the shape is None where AWS has no such field."""
    while shape is not None and shape.type_name == "list":
        shape = shape.member
    assert not isinstance(fields, str)
    for name, inner in fields.items():
        part = None if shape is None else shape.value if shape.type_name == "map" else shape.members.get(name)
        if isinstance(inner, str) or part is None:
            yield f"{at}.{name}", part, inner if isinstance(inner, str) else ""
        else:
            yield from leaves(part, inner, f"{at}.{name}")


def name_of(item: Operation) -> str:
    return f"{item.service}.{item.name}"


@pytest.mark.parametrize("item", OPERATIONS, ids=name_of)
class TestEach:
    def test_it_is_a_read(self, item: Operation) -> None:
        assert item.name.startswith(("Get", "List", "Describe"))

    def test_every_kept_field_is_one_of_its_answer(self, item: Operation) -> None:
        found = list(leaves(model(item).output_shape, item.fields))
        assert found and not [at for at, shape, _ in found if shape is None]
        assert all(kind in KINDS for _, _, kind in found)

    def test_a_structure_is_only_kept_by_a_kind_that_looks_into_it(self, item: Operation) -> None:
        for at, shape, kind in leaves(model(item).output_shape, item.fields):
            while shape.type_name == "list":
                shape = shape.member
            assert kind not in ("", "id") or shape.type_name not in ("structure", "map"), at

    def test_what_botocore_calls_sensitive_is_not_kept_as_it_comes(self, item: Operation) -> None:
        for at, shape, kind in leaves(model(item).output_shape, item.fields):
            element = shape.member if shape.type_name == "list" else shape
            if shape.metadata.get("sensitive") or element.metadata.get("sensitive"):
                assert kind not in ("", "id"), f"{at} needs a kind that redacts"

    def test_it_says_what_is_unseen_without_it(self, item: Operation) -> None:
        assert item.unseen


def test_nothing_is_listed_twice() -> None:
    names = [name_of(item) for item in OPERATIONS]
    assert sorted(set(names)) == sorted(names)


def test_what_is_not_listed_may_not_be_called() -> None:
    with pytest.raises(ValueError, match="sqs:ReceiveMessage"):
        operation("sqs", "ReceiveMessage")


def test_a_plain_field_that_botocore_calls_sensitive_is_dropped() -> None:
    shape = SESSION.get_service_model("lambda").operation_model("ListFunctions").output_shape
    fields = parse_fields("Functions{FunctionName Environment{Variables}}")
    assert without_sensitive(shape, fields) == {"Functions": {"FunctionName": "", "Environment": {}}}


class TestFields:
    def test_nested_names_and_kinds(self) -> None:
        fields = parse_fields("A B=json C{D *{E=id}}")
        assert fields == {"A": "", "B": "json", "C": {"D": "", "*": {"E": "id"}}}

    @pytest.mark.parametrize("text", ["A{B", "A}", "A,B"])
    def test_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"list of fields|not closed"):
            parse_fields(text)
