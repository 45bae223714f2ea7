"""The rules of a Choice in JSONPath: comparisons, tests of what a variable is, and their combinations (Amazon States Language,
"Choice State")."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from untangle.simulate.machine.failure import Undefined
from untangle.simulate.machine.states.wait import moment_of
from untangle.simulate.machine.visit import Visit

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_FIELDS = frozenset({"Variable", "Next", "Assign", "Comment", "Output"})


def met(visit: Visit, rule: Mapping[str, Any], data: Any) -> bool:
    """Whether a rule is met by the data; raises the state's failure where a path in it names nothing."""
    if "And" in rule:
        return all(met(visit, inner, data) for inner in rule["And"])
    if "Or" in rule:
        return any(met(visit, inner, data) for inner in rule["Or"])
    if "Not" in rule:
        return not met(visit, rule["Not"], data)
    name = next(key for key in rule if key not in _FIELDS)
    if name == "IsPresent":
        return _present(visit, rule["Variable"], data) is rule[name]
    value = _read(visit, rule["Variable"], data)
    if name in _TESTS:
        return _TESTS[name](value) is rule[name]
    compared = _read(visit, rule[name], data) if name.endswith("Path") else rule[name]
    return _comparison(name.removesuffix("Path"))(value, compared)


def _present(visit: Visit, path: str, data: Any) -> bool:
    try:
        visit.value(path, data)
    except Undefined:
        return False
    return True


def _read(visit: Visit, path: str, data: Any) -> Any:
    try:
        return visit.value(path, data)
    except Undefined as error:
        message = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise visit.invalid(message) from error


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _truth(value: Any) -> Any:
    return value if isinstance(value, bool) else None


_TYPES: Mapping[str, Callable[[Any], Any]] = {"String": _text, "Numeric": _number, "Boolean": _truth, "Timestamp": moment_of}
_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": lambda value: _number(value) is not None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: moment_of(value) is not None,
}


@lru_cache(maxsize=64)
def _comparison(name: str) -> Callable[[Any, Any], bool]:
    """The comparison that a field names: false where either side is of another type."""
    if name == "StringMatches":
        return lambda value, pattern: isinstance(value, str) and _pattern(pattern).fullmatch(value) is not None
    kind = next(kind for kind in _TYPES if name.startswith(kind))
    convert, order = _TYPES[kind], _ORDERS[name[len(kind) :]]

    def compare(value: Any, other: Any) -> bool:
        left, right = convert(value), convert(other)
        return left is not None and right is not None and order(left, right)

    return compare


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    r"""A pattern of StringMatches: `*` stands for any characters, `\*` and `\\` for themselves."""
    parts = re.findall(r"\\.|[*]|[^\\*]+|\\", text, re.DOTALL)
    return re.compile(
        "".join(".*" if part == "*" else re.escape(part[1:] if part[:1] == "\\" else part) for part in parts), re.DOTALL
    )
