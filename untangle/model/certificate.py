"""What a proof found: the scenarios that both sides were run through, whether they came out equal, and what that is worth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def fingerprint(definitions: Mapping[str, Mapping[str, Any]]) -> str:
    """Sixteen characters that stand for the state machines of a proposal, by name: any change of one changes them."""
    text = json.dumps({name: dict(one) for name, one in definitions.items()}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One thing that differs between the two sides: `kind` is "state", "effect", "invocation" or "status"; `choreography` and
    `machine` are what each side has, as JSON. `reason` is the listed difference that explains it, "" where none does."""

    kind: str
    subject: str
    choreography: Any = None
    machine: Any = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One input with its faults, run on both sides. `equal` is True where every deviation is explained, None where it could not
    be run (`unable` says why). `faults` are in words; `story` tells, for one that is not equal, what happened in which order."""

    name: str
    stimulus: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    equal: bool | None = None
    deviations: tuple[Deviation, ...] = ()
    unable: str = ""
    story: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A proposal with one planted fault: `change` in words; `killed_by` is the first scenario that told it apart, "" for none.
    `equivalent` says why a survivor changes nothing that could be seen, `unable` why not every scenario that could tell it apart
    was run with it."""

    change: str
    killed_by: str = ""
    equivalent: str = ""
    unable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The result of `verify` for one chain. `fingerprint` is that of the definitions that were run, which were made in the query
    language `language` and with the bucket `claim` for large messages, "" for none; `unable` are the functions or hops that could
    not be run, each with why; `seconds` of virtual time that were skipped."""

    chain: str
    fingerprint: str
    seed: int
    scenarios: tuple[Scenario, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    unable: Mapping[str, str] = field(default_factory=dict)
    hops: Mapping[str, bool] = field(default_factory=dict)
    differences: tuple[str, ...] = ()
    seconds: float = 0.0
    language: str = "jsonata"
    claim: str = ""

    @property
    def equal(self) -> bool:
        """Whether at least one scenario could be run and every one that could came out equal."""
        run = [scenario for scenario in self.scenarios if scenario.equal is not None]
        return bool(run) and all(scenario.equal for scenario in run)

    @property
    def proves(self) -> bool:
        """Whether both sides are equal, and a message went over at least one of the hops that move."""
        return self.equal and (any(self.hops.values()) or not self.hops)

    @property
    def score(self) -> float | None:
        """The share of the mutants that were killed, those that change nothing or were not run left out; None without any."""
        real = [mutant for mutant in self.mutants if not mutant.equivalent and not mutant.unable]
        return sum(bool(mutant.killed_by) for mutant in real) / len(real) if real else None
