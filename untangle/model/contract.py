"""The contract of a hop: what is produced, what is required, and where the two part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from untangle.model.location import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A path that the consumer reads and the producer is never seen to write."""

    path: str
    message: str
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The message of one hop, without its envelope. `schema` is JSON Schema 2020-12."""

    hop: str
    name: str
    schema: Mapping[str, Any]
    breaches: tuple[Breach, ...] = ()
