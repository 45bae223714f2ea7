"""What a broad grant lets a function write to, where that is too much to be listed link by link."""

from __future__ import annotations

from dataclasses import dataclass

from untangle.model.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A shared or wildcard grant of one function, as a witness for all channels (by node id) that it covers."""

    function: str
    channels: frozenset[str]
    evidence: Evidence
