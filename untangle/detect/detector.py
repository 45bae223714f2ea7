"""The record that one detector file fills, and what all of them share: rules out of docstrings, findings out of rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from untangle.model.chain import Chain, Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link
from untangle.model.location import Location
from untangle.model.rule import Rule
from untangle.model.value import Value

Chains: TypeAlias = tuple[Chain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One pattern: the rules it can report and the function that finds it, in linear time."""

    name: str
    rules: tuple[Rule, ...]
    detect: Callable[[EventGraph, Chains], Iterator[Finding]]


def rule(id: str, severity: str, docstring: str | None) -> Rule:
    """The rule that a docstring describes: its first line, its **What it costs** and its **Instead** paragraph."""
    text = docstring or ""
    title = text.partition("\n")[0].strip().rstrip(".")
    return Rule(id=id, severity=severity, title=title, costs=_part(text, "What it costs"), instead=_part(text, "Instead"))


def _part(text: str, heading: str) -> str:
    found = re.search(rf"\*\*{heading}\*\*\s*(.*?)(?=\n\s*\n|\Z)", text, re.DOTALL)
    return _joined(found.group(1)) if found else ""


def _joined(text: str) -> str:
    return " ".join(text.split())


def finding(about: Rule, message: str, subject: Iterable[str], locations: Iterable[Location | None] = ()) -> Finding:
    """A finding of a rule; `subject` are stable words (ids), `locations` lose their doubles and unknowns."""
    places = tuple(dict.fromkeys(place for place in locations if place is not None))
    return Finding(rule=about.id, severity=about.severity, message=message, subject="\n".join(subject), locations=places)


def witnessed(hop: Hop) -> Iterator[Location]:
    """Where a hop's evidence stands."""
    return (item.location for item in hop.evidence if item.location is not None)


def is_synchronous(link: Link) -> bool:
    """Whether a call waits for the function it invokes: `Invoke` without an InvocationType, or with the default one."""
    if link.sent is None or link.sent.operation != "Invoke":
        return False
    return link.sent.attributes.get("InvocationType", "RequestResponse") == "RequestResponse"


def number(value: Value) -> int | None:
    """A whole number of a template, which may be written as text; None where it is not known."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value.strip()):
        return int(value)
    return int(value) if isinstance(value, (int, float)) else None


def listed(names: Iterable[str], most: int = 4) -> str:
    """Names in a sentence: "A, B and C", the rest of a long list counted."""
    every = list(names)
    if len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))
