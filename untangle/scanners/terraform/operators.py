"""Operators over values whose parts may be unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from untangle.model.value import ACCOUNT, Concat, Either, Expression, Ref, Symbol, Value, scalar_text, show
from untangle.scanners.terraform.unknowns import MAX_OPTIONS, TooMuch, Wrong, over, same, truth, unknown

_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": lambda a, b: abs(a) % abs(b) * (-1 if a < 0 else 1),
}
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_MAX_BITS = 4096


def key_text(value: Value) -> str:
    """The text of a key; one that is not known is written as it is shown. Raises Wrong for what is no key."""
    if isinstance(value, Expression):
        return show(value)
    text = scalar_text(value)
    if text is None:
        raise Wrong("null, lists and objects are no keys")
    return text


def number(value: Value) -> int | float:
    """A number, or a text that is one. Raises Wrong for anything else."""
    if isinstance(value, bool):
        raise Wrong("true and false are no numbers")
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) < 100:
        try:
            return whole(float(value)) if not value.lstrip("-").isdigit() else int(value)
        except ValueError:
            pass
    raise Wrong("not a number")


def whole(value: float) -> int | float:
    """A number as an integer where it is one. Raises TooMuch for what is beyond all measure."""
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise TooMuch("a number is too large")
        return value
    if value != value or value in (float("inf"), float("-inf")):
        raise Wrong("not a finite number")
    return int(value) if value.is_integer() and abs(value) < 1e18 else value


def unary(scope: str, sign: str, value: Value) -> Value:
    """`!a`, `-a`."""
    if isinstance(value, Expression):
        return unknown(scope, sign, value)
    if sign == "!":
        return not truth(value)
    return -number(value)


def logical(scope: str, sign: str, left: Value, right: Callable[[], Value]) -> Value:
    """`a && b`, `a || b` where `a` alone does not decide. A right side that is wrong is not known while the left one is not."""
    try:
        value = right()
    except Wrong:
        if truth(left) is not None:
            raise
        return unknown(scope, sign, left)
    decided = truth(value)
    if decided is (sign == "||"):
        return decided
    if truth(left) is None:
        return left if decided is not None else unknown(scope, sign, left, value)
    return value if decided is None else decided


def binary(scope: str, sign: str, left: Value, right: Value) -> Value:
    """Arithmetic, comparison and equality."""
    if isinstance(left, Either) and isinstance(right, Either) and len(left.options) * len(right.options) > MAX_OPTIONS:
        return unknown(scope, sign, left, right)
    if isinstance(left, Either):
        return over(left, lambda option: binary(scope, sign, option, right))
    if isinstance(right, Either):
        return over(right, lambda option: binary(scope, sign, left, option))
    if sign in ("==", "!="):
        equal = equals(left, right)
        return unknown(scope, sign, left, right) if equal is None else equal is (sign == "==")
    if isinstance(left, Expression) or isinstance(right, Expression):
        return unknown(scope, sign, left, right)
    one, two = number(left), number(right)
    if sign in _ORDER:
        return _ORDER[sign](one, two)
    try:
        return whole(_ARITHMETIC[sign](one, two))
    except (ZeroDivisionError, OverflowError) as error:
        raise Wrong(str(error)) from error


def equals(left: Value, right: Value) -> bool | None:
    """Whether two values are equal, None where that is not known.

    A variable that has no default and what AWS gives to a resource are never null; an ARN, an id or a text with a known part is
    never empty.
    """
    if isinstance(right, Expression) and not isinstance(left, Expression):
        left, right = right, left
    if isinstance(left, Expression):
        if left == right:
            return True
        if right is None:
            return False if isinstance(left, Ref | Symbol | Concat) else None
        if isinstance(right, tuple | Mapping):
            return None
        return False if _differ(left, right) else None
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _all([equals(a, b) for a, b in zip(left, right, strict=False)]) if len(left) == len(right) else False
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _all([equals(left[key], right[key]) for key in left]) if set(left) == set(right) else False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right and isinstance(left, bool) == isinstance(right, bool)
    return same(left, right)


def _all(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def _differ(unknown_: Value, other: Value) -> bool:
    """Whether a text with unknown parts cannot be this literal one."""
    text = scalar_text(other)
    if text is None:
        return False
    if isinstance(unknown_, Ref) or unknown_ == ACCOUNT:
        return text == ""
    if not isinstance(unknown_, Concat):
        return False
    first, last = unknown_.parts[0], unknown_.parts[-1]
    if isinstance(first, str) and not text.startswith(first):
        return True
    return (isinstance(last, str) and not text.endswith(last)) or text == ""
