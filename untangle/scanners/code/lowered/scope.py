"""Variables by name, scope within scope."""

from __future__ import annotations

from dataclasses import dataclass, field

from untangle.scanners.code.lowered.things import Thing, join


@dataclass(slots=True, eq=False)
class Scope:
    """One scope. `depths` say in how many branches each name was declared: an assignment deeper than that may not happen."""

    parent: Scope | None = None
    names: dict[str, Thing] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)

    def declare(self, name: str, thing: Thing, depth: int) -> None:
        """A new variable."""
        self.names[name] = thing
        self.depths[name] = depth

    def assign(self, name: str, thing: Thing, depth: int) -> None:
        """Sets a variable where it was declared; a set inside a branch leaves the old value possible."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                old = scope.names[name]
                certain = depth <= scope.depths.get(name, 0) or old is None
                scope.names[name] = thing if certain else join((thing, old))
                return
            scope = scope.parent
        self.declare(name, thing, depth)

    def find(self, name: str) -> tuple[bool, Thing]:
        """Whether the name is known, and what it is."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True, scope.names[name]
            scope = scope.parent
        return False, None
