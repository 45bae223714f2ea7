"""What was read of code survives being written and read again; secrets do not; other data is not taken for facts."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scanners.account.test_secrets import SECRETS
from untangle.model.code import Call, CodeFacts, Guard
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import Read, Shape
from untangle.model.value import Concat, Either, Env, Imported, Received, Ref, Stored, Symbol, Value
from untangle.scanners.account.packages.written import reread, written

HERE = Location("aws/123456789012/eu-west-1/f/app.py", 3)
CALL = Call(service="sqs", operation="SendMessage", location=HERE, text="sqs.send_message(…)")
VALUES: tuple[Value, ...] = (
    None, True, 3, 1.5, "text", ("a", 1), {"is": "Env", "of": "x"}, {}, Ref("s/Q", "Arn"), Symbol("stage", "s"), Env("QUEUE_URL"),
    Concat(("a-", Env("STAGE"))), Either(("a", Env("B")), ("x", "")), Imported("name"), Stored("ssm", Concat(("/", Env("P")))),
    Received("event['a']", ("a", "*")),
)  # fmt: skip


def facts(**more: Any) -> CodeFacts:
    return CodeFacts(function="s/f", readable=True, language="python", entry=HERE, **more)


def again(item: CodeFacts) -> CodeFacts:
    """Written as a recording is, read again."""
    return reread(json.loads(json.dumps(written(item))), item.function)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_kind_of_value_survives(value: Value) -> None:
    item = facts(calls=(Call(service="s", operation="O", location=HERE, text="t", arguments={"QueueUrl": value}),))
    assert again(item) == item


def test_all_facts_survive() -> None:
    inner = Shape(kind="object", properties={"id": Shape(source=Received("event.id")), "n": Shape(kind="integer", constant=3)})
    call = Call(
        service="events", operation="PutEvents", location=HERE, text="put", arguments={"Detail": {"a": Env("X")}},
        payload=Shape(kind="object", properties={"a": inner, "all": Shape(kind="array", items=inner)}, open=True, encoded=True),
        multiplicity="many",
        guards=(Guard(kind="if", text="x > 1", location=HERE),), mediated="a job",
    )  # fmt: skip
    item = facts(
        calls=(call,),
        reads=(Read(path=("Records", "*", "body"), required=True, location=HERE), Read(path=("a",), required=False)),
        discards=(Guard(kind="if", text="not x", location=HERE),),
        variables=("X",),
        gaps=(Gap(what="a", why="b", location=HERE), Gap(what="c", why="d")),
        returns=inner,
        signals={"idempotent": HERE},
    )
    assert again(item) == item


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_looks_like_a_secret_is_not_written(secret: str) -> None:
    call = Call(
        service="s", operation="O", location=HERE, text=f"send({secret!r})", arguments={"Message": secret},
        payload=Shape(kind="string", constant=secret), guards=(Guard(kind="if", text=f"key == {secret!r}", location=HERE),),
    )  # fmt: skip
    text = json.dumps(written(facts(calls=(call,), gaps=(Gap(what=secret, why=secret),))))
    assert not [line for line in secret.split("\n") if len(line) > 10 and json.dumps(line)[1:-1] in text]


def test_what_stands_under_the_name_of_a_secret_is_not_written_but_where_it_comes_from_is() -> None:
    shape = Shape(
        properties={
            "password": Shape(kind="string", constant="hunter22"),
            "api_key": Shape(source=Env("KEY")),
            "id": Shape(constant="7"),
        }
    )
    call = Call(
        service="s", operation="O", location=HERE, text="t", arguments={"Password": ("hunter22", Env("PW"))}, payload=shape
    )
    found = again(facts(calls=(call,))).calls[0]
    assert "hunter22" not in repr(found)
    assert found.payload is not None and found.payload.properties["api_key"] == Shape(source=Env("KEY"))
    assert found.payload.properties["id"] == Shape(constant="7") and Env("PW") in found.arguments["Password"]  # type: ignore[operator]


def test_nesting_without_end_is_cut_off() -> None:
    value: Value = "end"
    for _ in range(200):
        value = (value,)
    assert again(facts(calls=(Call(service="s", operation="O", location=HERE, text="t", arguments={"A": value}),))).calls


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"readable": "yes"},
        {"readable": True, "calls": "text"},
        {"readable": True, "calls": [{"service": "s"}]},
        {"readable": True, "more": 1},
        {"readable": True, "entry": {"path": 3}},
        {"readable": True, "signals": {"of": []}},
        {"readable": True, "calls": [{**written(facts(calls=(CALL,)))["calls"][0], "arguments": {"of": {"a": {"is": "Call"}}}}]},
    ],
    ids=repr,
)
def test_other_data_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        reread(data, "s/f")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["is", "of", "readable", "calls", "entry", "path", "line", "gaps", "returns"]), inner, max_size=4
        )
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_JSON)
def test_no_data_raises_anything_else(data: Any) -> None:
    with suppress(ValueError):
        assert reread(data, "s/f").function == "s/f"
