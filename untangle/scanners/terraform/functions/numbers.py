"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from untangle.model.value import Value
from untangle.scanners.terraform.functions.collections import listed
from untangle.scanners.terraform.operators import number, whole
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import TooMuch

_MAX_BITS = 4096


def _pow(base: Value, exponent: Value) -> Value:
    one, two = number(base), number(exponent)
    if abs(two) * max(1, math.log2(abs(one) + 1)) > _MAX_BITS:
        raise TooMuch("a number is too large")
    return whole(one**two)


def _parse(text: Value, base: Value) -> Value:
    if not isinstance(text, str) or len(text) > 300:
        raise ValueError("not a number")
    return int(text, int(number(base)))


KNOWN: Mapping[str, Callable[..., Value]] = {
    "abs": lambda value: abs(number(value)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "log": lambda value, base: whole(math.log(number(value), number(base))),
    "max": lambda *values: max(number(value) for value in values),
    "min": lambda *values: min(number(value) for value in values),
    "parseint": _parse,
    "pow": _pow,
    "signum": lambda value: (number(value) > 0) - (number(value) < 0),
    "sum": lambda values: whole(sum(number(value) for value in listed(values))),
}
PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {}
