"""One state: its fields by type and query language, and the values they may have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from untangle.asl.choice import choice_problems
from untangle.asl.dataset import dataset_problems
from untangle.asl.diagnostic import BAD_LABEL, SCHEMA, Diagnostic, closest
from untangle.asl.failure import failure_problems
from untangle.asl.fields import JSONATA, LANGUAGES, SYNONYMS, TYPES, UNITS, allowed, elsewhere
from untangle.asl.jsonata import is_jsonata
from untangle.asl.jsonpath import OWN_DATA, path_problem, reference_problem
from untangle.asl.resource import resource_problems
from untangle.asl.scope import Scope
from untangle.asl.time import is_time

_LONGEST = 99_999_999
_WAITING = re.compile(r"\.sync(?::2)?\Z|\.waitForTaskToken\Z|:activity:")
_NOT_IN_LABEL = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]")
_PATHS = ("InputPath", "OutputPath", "ItemsPath", "ErrorPath", "CausePath")
_REFERENCES = ("ResultPath",)
_REFERENCED = (
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
)
_EITHER = (
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("ItemProcessor", "Iterator"),
    ("ItemSelector", "Parameters"),
    ("Next", "End"),
)


def state_problems(scope: Scope, state: Mapping[str, Any], *, jsonata_machine: bool) -> Iterator[Diagnostic]:
    """What is wrong within one state; `scope.language` is the state's own. Transitions are looked at elsewhere."""
    type = state.get("Type")
    if not isinstance(type, str) or type not in TYPES:
        message = "a state needs a Type" if type is None else f"there is no state type {type!r}"
        yield scope.problem(SCHEMA, message, "Type", hint=closest(type, TYPES) if type is not None else None)
        return
    language = state.get("QueryLanguage")
    if "QueryLanguage" in state and language not in LANGUAGES:
        yield scope.problem(SCHEMA, f"QueryLanguage must be JSONPath or JSONata, not {language!r}", "QueryLanguage")
    elif jsonata_machine and language == "JSONPath":
        yield scope.problem(SCHEMA, "a JSONata machine cannot hold a JSONPath state", "QueryLanguage")
    yield from _fields(scope, type, state)
    for one, other in _EITHER:
        if one in state and other in state:
            yield scope.problem(SCHEMA, f"{one} and {other} exclude each other", other, misplaced=True)
    yield from _numbers(scope, state)
    yield from _kinds(scope, type, state)
    yield from _paths(scope, type, state)
    yield from failure_problems(scope, state)
    yield from _of_type(scope, type, state)


def _fields(scope: Scope, type: str, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    known = allowed(type, scope.language)
    for name, value in state.items():
        if name in known:
            continue
        if type == "Wait" and (seconds := _seconds(name, value)) is not None:
            yield scope.problem(
                SCHEMA, f"a Wait has no field {name!r}: it counts in seconds", str(name), hint=f'"Seconds": {seconds}'
            )
        elif elsewhere(type, scope.language, name):
            other = "JSONPath" if scope.language == JSONATA else "JSONata"
            yield scope.problem(SCHEMA, f"{name} belongs to {other} states, this one is {scope.language}", name, misplaced=True)
        else:
            hint = SYNONYMS.get(str(name))
            hint = hint if hint in known else closest(name, known - set(state))
            yield scope.problem(SCHEMA, f"a {type} state has no field {name!r}", str(name), hint=hint, misplaced=True)


def _kinds(scope: Scope, type: str, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Fields that must be texts, objects or lists."""
    computed = scope.language == JSONATA
    for field in ("Comment", "Error", "Cause", "Default"):
        if field in state and not isinstance(state[field], str):
            yield scope.problem(SCHEMA, f"{field} must be a text, not {state[field]!r}", field)
    for field in ("ResultSelector", "Assign", *(("Parameters",) if type == "Task" else ())):
        if field in state and not isinstance(state[field], Mapping) and not (computed and is_jsonata(state[field])):
            yield scope.problem(SCHEMA, f"{field} must be an object", field)
    if isinstance(state.get("Parameters"), bool | int | float):
        yield scope.problem(SCHEMA, "Parameters must be an object", "Parameters")
    if "Arguments" in state and not isinstance(state["Arguments"], Mapping | list | tuple) and not is_jsonata(state["Arguments"]):
        yield scope.problem(SCHEMA, "Arguments must be an object or one JSONata string", "Arguments")
    selector = state.get("ItemSelector", {})
    if type == "Map" and not isinstance(selector, Mapping) and not (computed and is_jsonata(selector)):
        yield scope.problem(SCHEMA, "ItemSelector must be an object", "ItemSelector")
    items = state.get("Items")
    if "Items" in state and not isinstance(items, Mapping | list | tuple) and not is_jsonata(items):
        yield scope.problem(SCHEMA, "Items must be a list or one JSONata string", "Items")


def _seconds(name: str, value: object) -> int | None:
    """`Days: 2` in seconds; None for what is no unit of time."""
    unit = next((unit for unit in UNITS if str(name).lower().rstrip("s") in (unit.lower(), f"wait{unit.lower()}")), None)
    if (
        unit is None
        or isinstance(value, bool)
        or not isinstance(value, int | float)
        or name == "Seconds"
        or not abs(value) < _LONGEST
    ):
        return None
    return int(value * UNITS[unit])


def _numbers(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    bounds = {
        "TimeoutSeconds": (1, _LONGEST),
        "HeartbeatSeconds": (1, _LONGEST),
        "MaxConcurrency": (0, _LONGEST),
        "ToleratedFailureCount": (0, _LONGEST),
        "ToleratedFailurePercentage": (0, 100),
    }
    for field, (least, most) in bounds.items():
        value = state.get(field)
        if field not in state or (scope.language == JSONATA and is_jsonata(value)):
            continue
        whole = isinstance(value, int) and not isinstance(value, bool)
        if field == "ToleratedFailurePercentage":
            whole = isinstance(value, int | float) and not isinstance(value, bool)
        if not whole or not least <= float(str(value)) <= most:
            yield scope.problem(SCHEMA, f"{field} must be a number from {least} to {most}, not {value!r}", field)
    timeout, beat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(beat, int) and beat >= timeout > 0:
        # the language forbids both, the service takes a heartbeat that is as long: it can never be missed before the timeout
        severity = "error" if beat > timeout else "warning"
        yield scope.problem(SCHEMA, "HeartbeatSeconds must be smaller than TimeoutSeconds", "HeartbeatSeconds", severity=severity)


def _paths(scope: Scope, type: str, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if scope.language == JSONATA:
        return
    for field in (*_PATHS, *_REFERENCES, *_REFERENCED):
        value = state.get(field)
        if field not in state or (value is None and field in ("InputPath", "OutputPath", "ResultPath")):
            continue
        if not isinstance(value, str):
            yield scope.problem(SCHEMA, f"{field} must be a path", field)
        elif value.startswith("States.") and field not in _REFERENCES:
            continue  # read with the other intrinsic functions
        elif problem := reference_problem(value) if field in (*_REFERENCES, *_REFERENCED) else path_problem(value):
            yield scope.problem(SCHEMA, problem, field)
        elif field == "ResultPath" and not OWN_DATA.match(value):
            yield scope.problem(SCHEMA, "ResultPath must lie in the state's own data", field)


def _of_type(scope: Scope, type: str, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if type == "Task":
        yield from _task(scope, state)
    elif type == "Choice":
        yield from choice_problems(scope, state)
    elif type == "Wait":
        yield from _wait(scope, state)
    elif type == "Parallel":
        branches = state.get("Branches")
        if not isinstance(branches, Sequence) or isinstance(branches, str) or not branches:
            yield scope.problem(SCHEMA, "Branches must be a list of at least one branch", "Branches")
            return
        for index, branch in enumerate(branches):
            if not isinstance(branch, Mapping):
                yield scope.problem(SCHEMA, "a branch must be an object with StartAt and States", "Branches", index)
    elif type == "Map":
        yield from _map(scope, state)


def _task(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if "Resource" not in state:
        yield scope.problem(SCHEMA, "a Task needs a Resource", "Resource")
        return
    paths = scope.language != JSONATA
    given = state.get("Parameters" if paths else "Arguments")
    for fault in resource_problems(state["Resource"], given, paths):
        place = ("Parameters" if paths else "Arguments", fault.parameter) if fault.parameter is not None else ("Resource",)
        yield scope.problem(fault.code, fault.message, *place, hint=fault.hint, severity=fault.severity)
    if scope.express and (found := _WAITING.search(str(state["Resource"]))):
        yield scope.problem(
            SCHEMA, f"an Express machine supports no {found[0].strip(':')}: it cannot wait for an answer", "Resource"
        )
    if "Credentials" in state:
        yield from _credentials(scope, state["Credentials"])


def _credentials(scope: Scope, value: object) -> Iterator[Diagnostic]:
    if scope.language == JSONATA and is_jsonata(value):
        return
    names = {"RoleArn"} if scope.language == JSONATA else {"RoleArn", "RoleArn.$"}
    if not isinstance(value, Mapping):
        yield scope.problem(SCHEMA, "Credentials must be an object with a RoleArn", "Credentials")
    elif not names & set(value):
        yield scope.problem(SCHEMA, "Credentials need a RoleArn", "Credentials", hint=closest("RoleArn", map(str, value)))
    else:
        yield from scope.at("Credentials").unknown(value, names, "Credentials")


def _wait(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    ways = [field for field in ("Seconds", "Timestamp", "SecondsPath", "TimestampPath") if field in state]
    if len(ways) > 1:
        yield scope.problem(SCHEMA, f"a Wait has one way to say how long: {' or '.join(ways)}", ways[1])
    if not ways and not any(_seconds(name, value) is not None for name, value in state.items()):
        yield scope.problem(SCHEMA, "a Wait needs Seconds or Timestamp")
    seconds, time = state.get("Seconds"), state.get("Timestamp")
    computed = scope.language == JSONATA
    whole = isinstance(seconds, int) and not isinstance(seconds, bool) and 0 <= seconds <= _LONGEST
    if "Seconds" in state and not whole and not (computed and is_jsonata(seconds)):
        yield scope.problem(SCHEMA, f"Seconds must be a whole number from 0 to {_LONGEST}, not {seconds!r}", "Seconds")
    if "Timestamp" in state and not (computed and is_jsonata(time)) and not (isinstance(time, str) and is_time(time)):
        yield scope.problem(SCHEMA, f"Timestamp must be an ISO 8601 time such as 2026-01-31T12:00:00Z, not {time!r}", "Timestamp")


def _map(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    processor = state.get("ItemProcessor", state.get("Iterator"))
    if not isinstance(processor, Mapping):
        yield scope.problem(SCHEMA, "a Map needs an ItemProcessor", "ItemProcessor")
        return
    config = processor.get("ProcessorConfig", {})
    inner = scope.at("ItemProcessor", "ProcessorConfig")
    if not isinstance(config, Mapping):
        yield inner.problem(SCHEMA, "ProcessorConfig must be an object")
        return
    yield from inner.unknown(config, ("Mode", "ExecutionType", "Comment"), "ProcessorConfig")
    mode = config.get("Mode", "INLINE")
    if mode not in ("INLINE", "DISTRIBUTED"):
        yield inner.problem(SCHEMA, f"Mode must be INLINE or DISTRIBUTED, not {mode!r}", "Mode")
    if mode == "DISTRIBUTED" and config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        yield inner.problem(SCHEMA, "a distributed Map needs ExecutionType STANDARD or EXPRESS", "ExecutionType")
    elif mode == "INLINE" and "ExecutionType" in config:
        message = "only a distributed Map has an ExecutionType: the items of an inline one run within the same execution"
        yield inner.problem(SCHEMA, message, "ExecutionType", hint='"Mode": "DISTRIBUTED"', severity="warning")
    yield from dataset_problems(scope, state)
    for field in ("ItemReader", "ItemBatcher", "ResultWriter") if mode == "INLINE" else ():
        if field in state:
            message = f"only a distributed Map has {field}"
            yield scope.problem(SCHEMA, message, field, hint='"Mode": "DISTRIBUTED"', severity="warning")
    if mode == "DISTRIBUTED" and scope.express:
        yield inner.problem(SCHEMA, "an Express machine cannot hold a distributed Map", "Mode")
    label = state.get("Label")
    if "Label" in state and (not isinstance(label, str) or not 1 <= len(label) <= 40 or _NOT_IN_LABEL.search(label)):
        yield scope.problem(BAD_LABEL, f"{label!r} is no label: at most 40 characters, without spaces and signs", "Label")
