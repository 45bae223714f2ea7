"""What a proof is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BUDGET = 120  # scenarios


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`seed` chooses values and pairs of faults, `budget` is how many scenarios are run at most, `inputs` are events of the
    user's by name (then no others are made), `mutants` asks for faults planted into the proposal, `seconds` is the real time
    after which nothing more is run, None for as long as it takes."""

    seed: int = 0
    budget: int = BUDGET
    inputs: tuple[tuple[str, Any], ...] = ()
    mutants: bool = True
    seconds: float | None = None
