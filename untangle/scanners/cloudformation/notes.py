"""What comes up while stacks are read, beside their resources."""

from __future__ import annotations

from dataclasses import dataclass, field

from untangle.model.location import Location
from untangle.model.resource import Gap, Problem


@dataclass(slots=True)
class Notes:
    """Gaps and problems in the order in which they were met; each is kept once."""

    gaps: dict[Gap, None] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)

    def gap(self, what: str, why: str, location: Location | None) -> None:
        """Something that could not be known."""
        self.gaps.setdefault(Gap(what=what, why=why, location=location))

    def problem(self, rule: str, message: str, location: Location) -> None:
        """Something wrong in a file."""
        self.problems.setdefault(Problem(rule=rule, message=message, location=location))
