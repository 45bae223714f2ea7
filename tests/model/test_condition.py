"""Conditions: how they add up, and what is known to be switched off."""

from __future__ import annotations

import pytest

from untangle.model.condition import SwitchedOff, both, is_off, nearer
from untangle.model.value import Either, alternatives

OFF = SwitchedOff("var.on ? 1 : 0")


@pytest.mark.parametrize(
    ("conditions", "text", "off"),
    [
        ((), None, False),
        ((None, ""), None, False),
        (("a", None, "b", "a"), "a and b", False),
        ((OFF,), "var.on ? 1 : 0", True),
        (("a", OFF), "a and var.on ? 1 : 0", True),
        ((str(OFF), OFF), "var.on ? 1 : 0", True),
    ],
)
def test_one_condition_that_does_not_hold_switches_all_off(
    conditions: tuple[str | None, ...], text: str | None, off: bool
) -> None:
    assert (both(*conditions), is_off(both(*conditions))) == (text, off)


@pytest.mark.parametrize(
    ("chosen", "own", "expected"),
    [("a", None, "a"), ("a", "b", "a"), (None, "b", "b"), (None, OFF, OFF), ("a", OFF, OFF), (OFF, "b", OFF)],
)
def test_what_a_choice_names_may_be_switched_off_itself(chosen: str | None, own: str | None, expected: str) -> None:
    assert nearer(chosen, own) == expected
    assert is_off(nearer(chosen, own)) == is_off(expected)


def test_an_option_within_a_switched_off_option_is_switched_off() -> None:
    value = Either((Either(("x", "y"), ("a", "b")), "z"), (OFF, "c"))
    assert [(option, is_off(when)) for option, when in alternatives(value)] == [("x", True), ("y", True), ("z", False)]
