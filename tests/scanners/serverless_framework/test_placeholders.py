"""`${…}` in a text: what is the framework's, and what it lists."""

from __future__ import annotations

import pytest

from untangle.scanners.serverless_framework.placeholders import Literal, Nested, Placeholder, Source, parse


def _shown(text: str) -> list[object]:
    found: list[object] = []
    for piece in parse(text):
        if isinstance(piece, str):
            found.append(piece)
            continue
        for item in piece.alternatives:
            match item:
                case Literal(value):
                    found.append(("literal", value))
                case Source(type, parameter, address, _):
                    found.append((type, parameter, address))
                case Nested(inner):
                    found.append(("nested", inner))
    return found


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("${self:custom.x}", [("self", "", "custom.x")]),
        ("a-${env:A}-b", ["a-", ("env", "", "A"), "-b"]),
        ("${opt:stage, self:provider.stage, 'dev'}", [("opt", "", "stage"), ("self", "", "provider.stage"), ("literal", "dev")]),
        ("${opt:n, 3}${opt:m, true}", [("opt", "", "n"), ("literal", 3), ("opt", "", "m"), ("literal", True)]),
        ("${opt:x, 'a, b'}", [("opt", "", "x"), ("literal", "a, b")]),
        ("${opt:x, '{}'}", [("opt", "", "x"), ("literal", "{}")]),
        ("${file(./a.yml):b.c}", [("file", "./a.yml", "b.c")]),
        ("${file(./a.${opt:stage}.yml):b}", [("file", "./a.${opt:stage}.yml", "b")]),
        ("${file(./a.yml)}", [("file", "./a.yml", "")]),
        ("${ssm(raw):/a/b}", [("ssm", "raw", "/a/b")]),
        ("${cf.us-east-1:stack.Out}", [("cf.us-east-1", "", "stack.Out")]),
        ("${self:custom.${self:provider.stage}.x}", [("self", "", "custom.${self:provider.stage}.x")]),
        ("${opt:x, ${env:Y}}", [("opt", "", "x"), ("nested", "${env:Y}")]),
        ("${strToBool(${env:ON})}", [("strToBool", "${env:ON}", "")]),
    ],
)
def test_what_a_text_is_made_of(text: str, pieces: list[object]) -> None:
    assert _shown(text) == pieces


@pytest.mark.parametrize(
    "text", ["${AWS::Region}", "${Queue}", "${Queue.Arn}", "${!Literal}", "${self:open", "$ {self:x}", "${}", "${a b:c}"]
)
def test_what_cloudformation_or_nobody_means_stays_text(text: str) -> None:
    assert parse(text) == (text,)


def test_a_framework_placeholder_inside_one_of_cloudformation_is_found() -> None:
    assert [type(piece) for piece in parse("${AWS::Region}-${self:x}")] == [str, Placeholder]


def test_the_first_versions_could_double_their_braces() -> None:
    (piece,) = parse("${{self:service}}", "${{", "}}")

    assert isinstance(piece, Placeholder)
