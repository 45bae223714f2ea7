"""A workflow as an Amazon States Language definition, checked before anybody gets to see it. One writer per kind of step."""

from __future__ import annotations

from untangle.emit.asl.definition import asl_definition, asl_json, substitutions

__all__ = ["asl_definition", "asl_json", "substitutions"]
