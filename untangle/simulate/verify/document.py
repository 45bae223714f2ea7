"""A certificate on its way from the child process to its parent: plain JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from untangle.model.certificate import Certificate, Deviation, Mutant, Scenario
from untangle.simulate.verify.given import plain


def as_data(certificate: Certificate) -> dict[str, Any]:
    """The certificate as plain JSON."""
    made: dict[str, Any] = plain(asdict(certificate))
    return made


def read(data: Mapping[str, Any]) -> Certificate:
    """The certificate that `as_data` has taken apart."""
    return Certificate(
        **{
            **data,
            "scenarios": tuple(_scenario(one) for one in data["scenarios"]),
            "mutants": tuple(Mutant(**one) for one in data["mutants"]),
            "differences": tuple(data["differences"]),
        }
    )


def _scenario(data: Mapping[str, Any]) -> Scenario:
    return Scenario(
        **{
            **data,
            "faults": tuple(data["faults"]),
            "deviations": tuple(Deviation(**one) for one in data["deviations"]),
            "story": tuple(data["story"]),
        }
    )
