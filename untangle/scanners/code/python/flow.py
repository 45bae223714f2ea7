"""How statements end, and what is known of names where several ways come together."""

from __future__ import annotations

from dataclasses import dataclass, field

from untangle.model.code import Guard
from untangle.scanners.code.python.domain import Abstract, either

RETURN, LOOP = "return", "loop"


@dataclass(frozen=True, slots=True)
class Flow:
    """How a statement ends: whether what follows is reached (`falls`), the ways out it may have taken, the first guarded one."""

    falls: bool = True
    leaves: frozenset[str] = frozenset()
    way: Guard | None = None


FALLS = Flow()


@dataclass(slots=True)
class Paths:
    """The branches of one statement, as far as they were read."""

    after: list[dict[str, Abstract]] = field(default_factory=list)
    leaves: frozenset[str] = frozenset()
    way: Guard | None = None

    def flow(self) -> Flow:
        """How the statement ends, all branches taken together."""
        return Flow(bool(self.after), self.leaves, self.way)


def joined(before: dict[str, Abstract], after: list[dict[str, Abstract]]) -> dict[str, Abstract]:
    """The names after several branches, those that were reached: what differs is one of its values."""
    if not after:
        return before
    first, *rest = after
    found = dict(first)
    for names in rest:
        for name, value in names.items():
            known = found.get(name, names)
            if known is names:
                found[name] = value
            elif known is not value:
                found[name] = either([known, value])
    return found
