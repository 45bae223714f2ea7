"""What a planned workflow would be run as and what it would cost: its type with the reasons, its size, its bills.

All of it is in words that hold the numbers, with the numbers beside them for programs. Dollars are US dollars.
"""

from __future__ import annotations

from dataclasses import dataclass

from untangle.model.location import Location

STANDARD, EXPRESS = "STANDARD", "EXPRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One reason for the type of a workflow, with the places that show it."""

    text: str
    locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many of something one run makes: `least` where nothing is sent on, `usual` where every filter and condition passes
    and every loop sends one message, `further` for each further message of a loop."""

    least: int
    usual: int
    further: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one way of running the chain costs: `way` is "today", "standard", "express" or "durable".

    `million` is for a million runs, `month` for a month where an account was asked for its numbers; None where it cannot be
    said. `verified` is False where a price could not be checked: such a number is no fact.
    """

    way: str
    words: str
    million: float | None = None
    month: float | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How a workflow would be run: as what `type` ("STANDARD" or "EXPRESS") and why, its transitions, its history, its bills.

    `seconds` is the longest a run may take with all tries. `runs` counts those of a month, where known. `remarks` say what the
    bills mean; `savings` what each rewrite of the tree saves; `hybrid` which part would fit into a nested Express workflow.
    """

    type: str = STANDARD
    grounds: tuple[Ground, ...] = ()
    hybrid: str | None = None
    transitions: Size
    events: Size
    seconds: int
    runs: float | None = None
    bills: tuple[Bill, ...] = ()
    remarks: tuple[str, ...] = ()
    savings: tuple[str, ...] = ()

    def bill(self, way: str) -> Bill | None:
        """The bill of one way of running it; None where there is none."""
        return next((bill for bill in self.bills if bill.way == way), None)
