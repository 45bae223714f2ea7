"""Partly known text against what a filter wants: must, may or can never."""

from __future__ import annotations

import pytest

from untangle.channels.channel import Verdict
from untangle.channels.text import MAX_WORK, ends, equal, like, starts
from untangle.model.value import Concat, Env, Ref, Symbol, Value

PASSES, UNKNOWN, EXCLUDED = Verdict.PASSES, Verdict.UNKNOWN, Verdict.EXCLUDED
ID = Symbol("id")
ORDER = Concat(("order-", ID))


@pytest.mark.parametrize(
    ("value", "wanted", "verdict"),
    [
        ("order-1", "order-1", PASSES),
        ("order-1", "order-2", EXCLUDED),
        (ORDER, "order-1", UNKNOWN),
        (ORDER, "refund-1", EXCLUDED),
        (Symbol("Topic"), "anything", UNKNOWN),
        (Concat((Symbol("Stage"), "-orders")), "${Stage}-orders", PASSES),
        (Concat((Symbol("Stage"), "-orders")), "${Stage}-refunds", EXCLUDED),
        (Concat((Symbol("Stage"), "-orders")), "dev-orders", UNKNOWN),
        (Env("TYPE"), "paid", UNKNOWN),
        (Ref("s/Bucket"), "${s/Bucket}", PASSES),
        (Ref("s/Bucket"), "${s/Other}", EXCLUDED),
        (Ref("s/Bucket"), "legacy-bucket", EXCLUDED),
        (Ref("s/Machine"), "arn:aws:states:eu-west-1:111122223333:stateMachine:Orders", UNKNOWN),
        ("", "", PASSES),
    ],
)
def test_equal(value: Value, wanted: str, verdict: Verdict) -> None:
    assert equal(value, wanted) is verdict


@pytest.mark.parametrize(
    ("value", "prefix", "verdict"),
    [
        ("in/a.csv", "in/", PASSES),
        ("out/a.csv", "in/", EXCLUDED),
        (Concat(("in/", ID, ".csv")), "in/", PASSES),
        (Concat(("in", ID)), "in/", UNKNOWN),
        (Concat((ID, "/in/")), "in/", UNKNOWN),
        (Concat(("out/", ID)), "in/", EXCLUDED),
        (ORDER, "${Prefix}", UNKNOWN),
    ],
)
def test_starts(value: Value, prefix: str, verdict: Verdict) -> None:
    assert starts(value, prefix) is verdict


@pytest.mark.parametrize(
    ("value", "suffix", "verdict"),
    [
        ("a.csv", ".csv", PASSES),
        (Concat((ID, ".csv")), ".csv", PASSES),
        (Concat((ID, ".csv")), ".json", EXCLUDED),
        (Concat(("a.", ID)), ".csv", UNKNOWN),
        (Concat((ID, "v")), ".csv", UNKNOWN),
        (Concat(("a/", ID, "/archive.zip")), "extract.xml", EXCLUDED),
    ],
)
def test_ends(value: Value, suffix: str, verdict: Verdict) -> None:
    assert ends(value, suffix) is verdict


@pytest.mark.parametrize(
    ("value", "pattern", "verdict"),
    [
        ("in/2024/a.csv", "in/*/*.csv", PASSES),
        ("in/a.txt", "in/*.csv", EXCLUDED),
        (Concat(("in/", ID, ".csv")), "in/*.csv", PASSES),
        (Concat(("in/", ID)), "in/*.csv", UNKNOWN),
        ("a*b", r"a\*b", PASSES),
        ("axb", r"a\*b", EXCLUDED),
        ("", "*", PASSES),
    ],
)
def test_like(value: Value, pattern: str, verdict: Verdict) -> None:
    assert like(value, pattern) is verdict


def test_case_is_ignored_where_asked() -> None:
    assert equal("IMG.PNG", "img.png", fold=True) is PASSES
    assert equal("IMG.PNG", "img.png") is EXCLUDED
    assert ends(Concat((ID, ".PNG")), ".png", fold=True) is PASSES


def test_endless_text_is_unknown_and_quick() -> None:
    long = "a" * (MAX_WORK // 100)
    assert like(Concat((long, ID)), "*a" * 200) is UNKNOWN


def test_many_wildcards_do_not_explode() -> None:
    assert like("a" * 200 + "b", "*a" * 60 + "*c") is EXCLUDED
