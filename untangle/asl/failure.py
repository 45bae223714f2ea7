"""Retriers and catchers: bounds, order and the rules of `States.ALL` (Amazon States Language, "Errors")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from untangle.asl.diagnostic import SCHEMA, Diagnostic, closest
from untangle.asl.fields import CATCHER, RETRIER
from untangle.asl.jsonpath import OWN_DATA, reference_problem
from untangle.asl.scope import Scope

_MAX = 99_999_999
_BOUNDS: Mapping[str, tuple[float, float, bool]] = {
    "IntervalSeconds": (1, _MAX, True),
    "MaxAttempts": (0, _MAX, True),
    "BackoffRate": (1, float("inf"), False),
    "MaxDelaySeconds": (1, 31_622_400, True),
}
# Error names that the service defines; anything else in its name space is a slip.
_SAID = """
ALL Timeout TaskFailed Permissions ResultPathMatchFailure ParameterPathFailure BranchFailed NoChoiceMatched IntrinsicFailure
HeartbeatTimeout Runtime DataLimitExceeded ExceedToleratedFailureThreshold ItemReaderFailed ResultWriterFailed
QueryEvaluationError Http.Socket
"""
_RESERVED = frozenset(_SAID.split())


def failure_problems(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with a state's Retry and Catch."""
    for field in ("Retry", "Catch"):
        if field not in state:
            continue
        rules = state[field]
        if not isinstance(rules, Sequence) or isinstance(rules, str):
            yield scope.problem(SCHEMA, f"{field} must be a list", field)
            continue
        for index, rule in enumerate(rules):
            inner = scope.at(field, index)
            if not isinstance(rule, Mapping):
                yield inner.problem(SCHEMA, f"an entry of {field} must be an object")
                continue
            yield from _names(inner, rule, last=index == len(rules) - 1)
            yield from _retrier(inner, rule) if field == "Retry" else _catcher(inner, rule)


def _names(scope: Scope, rule: Mapping[str, Any], *, last: bool) -> Iterator[Diagnostic]:
    names = rule.get("ErrorEquals")
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        yield scope.problem(SCHEMA, "ErrorEquals must be a list of at least one error name", "ErrorEquals")
        return
    for index, name in enumerate(names):
        if not isinstance(name, str) or not name:
            yield scope.problem(SCHEMA, "an error name must be a text", "ErrorEquals", index)
        elif name.startswith("States.") and name[7:] not in _RESERVED:
            hint = closest(name[7:], _RESERVED)
            message = f"there is no reserved error name {name}"
            right = f"States.{hint}" if hint else None
            yield scope.problem(SCHEMA, message, "ErrorEquals", index, hint=right, severity="warning")
    if "States.ALL" in names and len(names) > 1:
        yield scope.problem(SCHEMA, "States.ALL must stand alone in its ErrorEquals", "ErrorEquals")
    if "States.ALL" in names and not last:
        yield scope.problem(SCHEMA, "States.ALL must stand in the last entry; what follows is never reached", "ErrorEquals")


def _retrier(scope: Scope, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    yield from scope.unknown(rule, RETRIER, "a retrier")
    for field, (least, most, whole) in _BOUNDS.items():
        if field not in rule:
            continue
        value = rule[field]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not least <= value <= most or (whole and value != int(value)):
            kind = "a whole number" if whole else "a number"
            yield scope.problem(SCHEMA, f"{field} must be {kind} of at least {least:g}, not {value!r}", field)
    if rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
        yield scope.problem(SCHEMA, "JitterStrategy must be FULL or NONE", "JitterStrategy")
    interval, most_delay = rule.get("IntervalSeconds", 1), rule.get("MaxDelaySeconds")
    if isinstance(interval, int) and isinstance(most_delay, int) and most_delay <= interval:
        yield scope.problem(SCHEMA, "MaxDelaySeconds must be greater than IntervalSeconds", "MaxDelaySeconds")


def _catcher(scope: Scope, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    yield from scope.unknown(rule, CATCHER[scope.language], "a catcher")
    if "Next" not in rule:
        yield scope.problem(SCHEMA, "a catcher needs Next", "Next")
    path = rule.get("ResultPath")
    if path is not None and (wrong := reference_problem(path) if isinstance(path, str) else "ResultPath must be a path"):
        yield scope.problem(SCHEMA, wrong, "ResultPath")
    elif isinstance(path, str) and not OWN_DATA.match(path):
        yield scope.problem(SCHEMA, "ResultPath must lie in the state's own data", "ResultPath")
