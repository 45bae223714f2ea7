"""What conditions say of the message: a field that is held against literals has one of them where they hold."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.javascript.test_calls import V3, read
from untangle.model.shape import Shape
from untangle.model.value import alternatives, show

SEND = "await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'x', Detail: JSON.stringify({ was: e.kind }) }] }))"
LISTS = "const ALLOWED = new Set(['A', 'B']);\nconst KINDS = ['A', 'B'];\nconst isKnown = (k) => KINDS.includes(k);\n"


def kinds(folder: Path, body: str) -> list[list[object]]:
    """What `was` may be in each call, [] where that is left open."""
    source = V3 + LISTS + f"export const handler = async (e) => {{ {body} }};"
    return [values(call.payload.properties["was"]) for call in read(folder, app_dot_ts=source).calls if call.payload]


def values(shape: Shape) -> list[object]:
    if shape.constant is not None:
        return [shape.constant]
    found = [option for option, _ in alternatives(shape.source)]
    return list(found) if all(isinstance(option, str | int | float) for option in found) else []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # behind a way out
        pytest.param(f"if (!ALLOWED.has(e.kind)) return; {SEND}", ["A", "B"], id="not in a set: return"),
        pytest.param(f"if (!KINDS.includes(e.kind)) return; {SEND}", ["A", "B"], id="not in a list: return"),
        pytest.param(
            f"if (!['A', 'C'].includes(e.kind as string)) {{ log(e); return; }} {SEND}",
            ["A", "C"],
            id="not in a list on the spot",
        ),
        pytest.param(f"if (!ALLOWED.has(e.kind)) throw new Error('no'); {SEND}", ["A", "B"], id="not in a set: throw"),
        pytest.param(f"if (e.kind !== 'A') return; {SEND}", ["A"], id="not equal: return"),
        pytest.param(f"if (e.kind !== 'A' && e.kind !== 'B') return; {SEND}", ["A", "B"], id="neither of two: return"),
        pytest.param(f"if (!e.id || e.kind !== 'A') return; {SEND}", ["A"], id="one of two reasons: return"),
        pytest.param(f"const {{ kind }} = e; if (!ALLOWED.has(kind)) return; {SEND}", ["A", "B"], id="by a name of its own"),
        pytest.param(f"if (e.kind === 'A') {{ {SEND} }}", ["A"], id="equal"),
        pytest.param(f"if ('A' == e.kind) {{ {SEND} }}", ["A"], id="turned round"),
        pytest.param(f"if (e.kind === 'A' || e.kind === 'B') {{ {SEND} }}", ["A", "B"], id="one or the other"),
        pytest.param(f"if (e.id && ALLOWED.has(e.kind)) {{ {SEND} }}", ["A", "B"], id="and something else"),
        pytest.param(f"if (e.kind !== 'A') {{ skip(); }} else {{ {SEND} }}", ["A"], id="else"),
        pytest.param(f"switch (e.kind) {{ case 'A': {SEND}; break; default: skip(); }}", ["A"], id="a case"),
        pytest.param(f"switch (e.kind) {{ case 'A': case 'B': {{ {SEND}; return; }} }}", ["A", "B"], id="two cases"),
        pytest.param(
            f"switch (e.kind) {{ case 'A': first(); case 'B': {SEND}; break; }}", ["A", "B"], id="a case that falls through"
        ),
        pytest.param(f"if (!ALLOWED.has(e.kind)) return; if (e.kind !== 'A') return; {SEND}", ["A"], id="twice"),
        # what says nothing
        pytest.param(f"if (e.kind === 'A') return; {SEND}", [], id="one that is left out"),
        pytest.param(f"if (ALLOWED.has(e.kind)) skip(); {SEND}", [], id="no way out"),
        pytest.param(f"if (e.id || e.kind === 'A') {{ {SEND} }}", [], id="or something else"),
        pytest.param(f"if (e.kind !== 'A' && e.id) return; {SEND}", [], id="out only if both"),
        pytest.param(f"if (!e.list.includes(e.kind)) return; {SEND}", [], id="a list that is not known"),
        pytest.param(f"if (!e.kind.includes('A')) return; {SEND}", [], id="a part of a text"),
        pytest.param(f"switch (e.kind) {{ case 'A': skip(); default: {SEND}; }}", [], id="anything else"),
        pytest.param(f"if (e.other !== 'A') return; {SEND}", [], id="another field"),
        pytest.param(f"if (e.kind === process.env.KIND) {{ {SEND} }}", [], id="a variable"),
        pytest.param(f"if (e.kind === 'A') {{ skip(); }} {SEND}", [], id="after the branch"),
    ],
)
def test_a_condition_narrows_a_field(tmp_path: Path, body: str, expected: list[object]) -> None:
    assert kinds(tmp_path, body) == [expected]


def test_each_branch_has_its_own_and_the_rest_is_open(tmp_path: Path) -> None:
    body = f"const send = async () => {{ {SEND} }}; if (e.kind === 'A') {{ await send(); }} else {{ await send(); }}"
    assert sorted(kinds(tmp_path, body), key=len) == [[], ["A"]]


@pytest.mark.parametrize(
    "body",
    [
        "for (const r of e.Records) { const m = JSON.parse(r.body); if (!ALLOWED.has(m.kind)) continue; await put(m); }",
        "for (const r of e.Records) { const m = JSON.parse(r.body); if (!ALLOWED.has(m.kind)) { continue; } await put({ ...m, at: 1 }); }",
        "await Promise.all(e.Records.map(async (r) => { try { const m = JSON.parse(r.body); if (!ALLOWED.has(m.kind)) { return; } await put(m); } catch (x) { log(x); } }));",
        "if (!ALLOWED.has(e.detail.kind)) return; await put(e.detail);",
        "await Promise.all(e.items.filter((i) => ALLOWED.has(i.kind)).map((i) => put(i)));",
        "const i = e.items.find((i) => i.kind === 'A' || i.kind === 'B'); await put(i);",
    ],
)
def test_a_message_that_is_passed_on_carries_what_is_known(tmp_path: Path, body: str) -> None:
    source = (
        V3
        + LISTS
        + "const put = (m) => events.send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 'x', Detail: JSON.stringify(m) }] }));\n"
    )
    (call,) = read(tmp_path, app_dot_ts=source + f"export const handler = async (e) => {{ {body} }};").calls
    assert call.payload is not None
    assert values(call.payload.properties["kind"]) == ["A", "B"]
    assert call.payload.open  # the other fields are as they came


def test_what_the_code_assigns_is_stronger(tmp_path: Path) -> None:
    assert kinds(tmp_path, f"if (e.kind !== 'A') return; e.kind = 'C'; {SEND}") == [["C"]]


def test_letters_that_are_changed_are_changed_in_what_is_known(tmp_path: Path) -> None:
    assert kinds(tmp_path, f"if (!ALLOWED.has(e.kind)) return; {SEND.replace('e.kind', 'e.kind.toLowerCase()')}") == [["a", "b"]]


def test_a_text_made_of_too_many_values_is_left_open(tmp_path: Path) -> None:
    listed = ", ".join(f"'{letter}'" for letter in "ABCDEFGHIJ")
    whole = kinds(tmp_path, f"if (![{listed}].includes(e.kind)) return; {SEND}")
    assert whole == [list("ABCDEFGHIJ")]
    part = kinds(tmp_path, f"if (![{listed}].includes(e.kind)) return; {SEND.replace('e.kind', '`x-${e.kind}`')}")
    assert part == [[]]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("isDone(x) ? x.state : 'new'", {"${load().state}", "new"}, id="one is not followed"),
        pytest.param("isDone(x) ? 'old' : 'new'", {"old", "new"}, id="both are"),
        pytest.param("state ? state : 'new'", {"${load().state}", "new"}, id="a name that is not followed"),
    ],
)
def test_what_is_not_followed_stays_beside_a_literal(tmp_path: Path, key: str, expected: set[str]) -> None:
    put = f"sqs.send(new SendMessageCommand({{ QueueUrl: 'q', MessageGroupId: {key} }}))"
    source = V3 + f"export const handler = async (e) => {{ const x = load(), state = x.state; await {put}; }};"
    (call,) = read(tmp_path, app_dot_ts=source).calls
    assert {show(option) for option, _ in alternatives(call.arguments["MessageGroupId"])} == expected
