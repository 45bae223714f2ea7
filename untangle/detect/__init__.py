"""Patterns in the event graph: the chains, and what is wrong or doubtful in them. One pattern per file."""

from __future__ import annotations

from untangle.detect.chains import chains

__all__ = ["chains"]
