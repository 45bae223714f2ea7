"""Chains, verdicts and findings: what the thinking stages say about the graph."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from untangle.model.location import Location
from untangle.model.outlook import Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of a verdict: `toward` is "migrate" or "keep", `weight` its points."""

    toward: str
    weight: int
    text: str
    locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a chain: `decision` is migrate, partial or keep; `score` runs from 0 to 100."""

    decision: str
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The connected hops a person would call one workflow.

    `functions`, `hops` and `entries` hold ids; `entries` are the functions that are reached from outside (or,
    in a pure cycle, the first by name). `outlook` is that of the workflow which could replace it, where one could.
    """

    id: str
    functions: tuple[str, ...]
    hops: tuple[str, ...]
    entries: tuple[str, ...]
    cyclic: bool = False
    verdict: Verdict | None = None
    outlook: Outlook | None = None


SEVERITIES = ("note", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to tell the user about what was scanned.

    `subject` is what the finding is about in stable words (ids, names: no line numbers), one a line; with the
    rule it makes the fingerprint.
    """

    rule: str
    severity: str
    message: str
    subject: str
    locations: tuple[Location, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Stable over moves within files, so that baselines hold."""
        return hashlib.sha256(f"{self.rule}\n{self.subject}".encode(errors="surrogatepass")).hexdigest()[:16]
