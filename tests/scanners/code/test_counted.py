"""Counts and ticks in a table, as the recorded calls of any language show them."""

from __future__ import annotations

import pytest

from untangle.model.code import Call, Guard
from untangle.model.location import Location
from untangle.scanners.code.counted import counted

HERE, THERE = Location("app.py", 3), Location("app.py", 9)


def updated(expression: str | None = "SET done = done + :one", returned: str | None = "UPDATED_NEW") -> Call:
    arguments = {key: value for key, value in (("UpdateExpression", expression), ("ReturnValues", returned)) if value is not None}
    return Call(service="dynamodb", operation="UpdateItem", location=HERE, text="", arguments=arguments)


def published(*tests: str) -> Call:
    guards = tuple(Guard(kind="if", text=text, location=THERE) for text in tests)
    return Call(service="sns", operation="Publish", location=THERE, text="", guards=guards)


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([updated()], {"counter": HERE}),
        ([updated("ADD done :one", "ALL_NEW")], {"counter": HERE}),
        ([updated(returned=None)], {}),
        ([updated(returned="NONE")], {}),
        ([updated("SET #part = :done", "ALL_NEW"), published("all(item[p] for p in PARTS)")], {"flags": HERE}),
        ([updated("SET #part = :done", "ALL_NEW"), published("parts.every(p => p.done)")], {"flags": HERE}),
        ([updated("SET #part = :done", "ALL_NEW"), published("item['vip']")], {}),
        ([updated("SET #part = :done", "ALL_NEW"), published("install(item)")], {}),
        ([updated("SET #part = :done", "UPDATED_NEW"), published("all(item)")], {}),
        ([updated(None, "ALL_NEW"), published()], {}),
        ([published("all(item)")], {}),
    ],
)
def test_signals(calls: list[Call], found: dict[str, Location]) -> None:
    assert counted(calls) == found
