"""What a finding can be about, in words that `untangle explain`, the report and SARIF share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: `id` in kebab-case, `severity` note, warning or error, `costs` what it costs, `instead` what to do instead."""

    id: str
    severity: str
    title: str
    costs: str
    instead: str
