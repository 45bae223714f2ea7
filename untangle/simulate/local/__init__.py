"""A definition run by itself on this machine: its tasks against mocks, handlers and an account that moto plays."""

from __future__ import annotations

from untangle.simulate.local.filled import fill, placeholders
from untangle.simulate.local.handled import run_job
from untangle.simulate.local.job import Job, Outcome
from untangle.simulate.local.run import run

__all__ = ["Job", "Outcome", "fill", "placeholders", "run", "run_job"]
