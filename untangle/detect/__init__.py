"""Patterns in the event graph: the chains, and what is wrong or doubtful in them. One pattern per file.

A new pattern is a new file with a `DETECTOR` and one line in `DETECTORS`.
"""

from __future__ import annotations

from collections.abc import Iterable

from untangle.detect import (
    dead_grant,
    dead_variable,
    disabled_mapping,
    fan_in,
    fan_out,
    filter_never_matches,
    hidden_join,
    long_chain,
    loop,
    missing_dlq,
    only_deployed,
    retry_mismatch,
    self_trigger,
    sync_invoke_chain,
    unread_code,
    visibility_timeout,
    wildcard_grant,
)
from untangle.detect.chains import boundary_hops, chains
from untangle.detect.detector import Detector
from untangle.detect.sources import SOURCE_RULES
from untangle.model.chain import SEVERITIES, Chain, Finding
from untangle.model.graph import EventGraph
from untangle.model.rule import Rule

__all__ = ["DETECTORS", "RULES", "Detector", "boundary_hops", "chains", "findings", "ordered"]

DETECTORS: tuple[Detector, ...] = (
    self_trigger.DETECTOR,
    loop.DETECTOR,
    missing_dlq.DETECTOR,
    visibility_timeout.DETECTOR,
    retry_mismatch.DETECTOR,
    sync_invoke_chain.DETECTOR,
    filter_never_matches.DETECTOR,
    disabled_mapping.DETECTOR,
    fan_out.DETECTOR,
    fan_in.DETECTOR,
    long_chain.DETECTOR,
    hidden_join.DETECTOR,
    dead_grant.DETECTOR,
    dead_variable.DETECTOR,
    wildcard_grant.DETECTOR,
    unread_code.DETECTOR,
    only_deployed.DETECTOR,
)

RULES: tuple[Rule, ...] = (*SOURCE_RULES, *(rule for detector in DETECTORS for rule in detector.rules))


def findings(graph: EventGraph, chains: tuple[Chain, ...]) -> tuple[Finding, ...]:
    """All findings, those that reading brought (`graph.findings`) included: the gravest first, then by rule and subject."""
    found = {(item.rule, item.subject, item.message): item for item in graph.findings}
    for detector in DETECTORS:
        found |= {(item.rule, item.subject, item.message): item for item in detector.detect(graph, chains)}
    return ordered(found.values())


def ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the gravest first, then by rule and subject."""
    return tuple(sorted(found, key=_order))


def _order(item: Finding) -> tuple[int, str, str, str]:
    return (-SEVERITIES.index(item.severity), item.rule, item.subject, item.message)
