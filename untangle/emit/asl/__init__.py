"""A workflow as an Amazon States Language definition, checked before anybody gets to see it. One writer per kind of step."""

from __future__ import annotations

from untangle.emit.asl.definition import (
    Language,
    Machine,
    as_text,
    asl_definition,
    asl_definitions,
    asl_json,
    asl_machines,
    every_state,
    states_of,
    substitutions,
)
from untangle.emit.asl.jsonpath import UNKNOWN

__all__ = [
    "UNKNOWN",
    "Language",
    "Machine",
    "as_text",
    "asl_definition",
    "asl_definitions",
    "asl_json",
    "asl_machines",
    "every_state",
    "states_of",
    "substitutions",
]
