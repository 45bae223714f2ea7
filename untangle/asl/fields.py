"""Which fields a state may have, by type and query language (Amazon States Language, "State type table")."""

from __future__ import annotations

from collections.abc import Mapping

JSONPATH, JSONATA = "JSONPath", "JSONata"
LANGUAGES = (JSONPATH, JSONATA)
TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
TERMINAL = ("Succeed", "Fail")

_ALWAYS = {"Type", "Comment", "QueryLanguage"}
_STEP = _ALWAYS | {"Next", "End", "Assign"}
_PATHS = {"InputPath", "OutputPath"}
_FAILING = {"Retry", "Catch"}

_BOTH: Mapping[str, set[str]] = {
    "Task": _STEP | _FAILING | {"Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"},
    "Pass": _STEP,
    "Choice": _ALWAYS | {"Choices", "Default", "Assign"},
    "Wait": _STEP | {"Seconds", "Timestamp"},
    "Succeed": _ALWAYS,
    "Fail": _ALWAYS | {"Error", "Cause"},
    "Parallel": _STEP | _FAILING | {"Branches"},
    "Map": _STEP
    | _FAILING
    | {"ItemProcessor", "Iterator", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter", "Label"}
    | {"MaxConcurrency", "ToleratedFailurePercentage", "ToleratedFailureCount"},
}
_PATH_ONLY: Mapping[str, set[str]] = {
    "Task": _PATHS | {"Parameters", "ResultPath", "ResultSelector", "TimeoutSecondsPath", "HeartbeatSecondsPath"},
    "Pass": _PATHS | {"Parameters", "ResultPath", "Result"},
    "Choice": _PATHS,
    "Wait": _PATHS | {"SecondsPath", "TimestampPath"},
    "Succeed": _PATHS,
    "Fail": {"ErrorPath", "CausePath"},
    "Parallel": _PATHS | {"Parameters", "ResultPath", "ResultSelector"},
    "Map": _PATHS
    | {"Parameters", "ResultPath", "ResultSelector", "ItemsPath", "MaxConcurrencyPath"}
    | {"ToleratedFailurePercentagePath", "ToleratedFailureCountPath"},
}
_JSONATA_ONLY: Mapping[str, set[str]] = {
    "Task": {"Arguments", "Output"},
    "Pass": {"Output"},
    "Choice": {"Output"},
    "Wait": {"Output"},
    "Succeed": {"Output"},
    "Fail": set(),
    "Parallel": {"Arguments", "Output"},
    "Map": {"Items", "Output"},
}
MACHINE = frozenset({"StartAt", "States", "Comment", "Version", "TimeoutSeconds", "QueryLanguage"})
BRANCH = frozenset({"StartAt", "States", "Comment", "QueryLanguage"})
PROCESSOR = BRANCH | {"ProcessorConfig"}
RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
CATCHER = {
    JSONPATH: frozenset({"ErrorEquals", "Next", "ResultPath", "Assign", "Comment"}),
    JSONATA: frozenset({"ErrorEquals", "Next", "Output", "Assign", "Comment"}),
}
# Words that people write where the language has another one.
SYNONYMS: Mapping[str, str] = {
    "Transition": "Next",
    "NextState": "Next",
    "Catchers": "Catch",
    "Retries": "Retry",
    "Retriers": "Retry",
    "Timeout": "TimeoutSeconds",
    "Heartbeat": "HeartbeatSeconds",
    "Description": "Comment",
    "Branch": "Branches",
    "Input": "Arguments",
    "Delay": "Seconds",
}
# Seconds in the units that a Wait does not have.
UNITS = {"Millisecond": 0.001, "Minute": 60, "Hour": 3600, "Day": 86400, "Week": 604800, "Second": 1}


def allowed(type: str, language: str) -> frozenset[str]:
    """The fields of a state of this type in this query language."""
    return frozenset(_BOTH[type] | (_JSONATA_ONLY if language == JSONATA else _PATH_ONLY)[type])


def elsewhere(type: str, language: str, name: str) -> bool:
    """Whether a field belongs to the same type in the other query language."""
    return name in (_PATH_ONLY if language == JSONATA else _JSONATA_ONLY)[type]
