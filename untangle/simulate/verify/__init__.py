"""The proof that a proposal does what the choreography did: both run on the same handlers, through the same faults, compared."""

from __future__ import annotations

from untangle.simulate.verify.options import BUDGET, Options

__all__ = ["BUDGET", "Options"]
