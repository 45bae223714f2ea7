"""What all module instances of one root share: where they stand, how much they may do, and what came up."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from untangle.model.value import Value
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.terraform.hcl import read_template
from untangle.scanners.terraform.library import Library
from untangle.scanners.terraform.syntax import Node
from untangle.scanners.terraform.tokens import Trouble
from untangle.scanners.terraform.unknowns import TooMuch, Wrong

MAX_STEPS = 300_000
MAX_STEPS_OF_ALL = 3_000_000
MAX_MODULES = 5_000
MAX_RESOURCES = 50_000
MAX_NESTING = 20


@dataclass(slots=True)
class World:
    """One root. `budget` counts down for all roots of a scan together."""

    id: str
    folder: str
    library: Library
    budget: list[int]
    notes: Notes = field(default_factory=Notes)
    steps: int = 0
    modules: int = 0
    resources: int = 0
    # By the id of a resource: the value of one of its configured arguments, and of one of its attributes that is special.
    configured: dict[str, Callable[[str], Value]] = field(default_factory=dict)
    special: dict[str, Callable[[str], Value]] = field(default_factory=dict)
    _templates: dict[str, Node] = field(default_factory=dict)

    def spend(self, amount: int) -> None:
        """Counts steps. Raises TooMuch where there were too many."""
        self.budget[0] -= amount
        self.steps += amount
        if self.budget[0] < 0 or self.steps > MAX_STEPS:
            raise TooMuch(f"evaluation takes more than {MAX_STEPS} steps")

    def file(self, path: str) -> str | None:
        """The text of a file, by a path relative to the root's folder."""
        target = self.library.tree.resolve(self.folder, path)
        if target is None:
            return None
        self.spend(20)
        data = self.library.tree.read(target)
        return None if data is None else data.decode("utf-8-sig", errors="replace")

    def files(self, path: str) -> tuple[str, ...] | None:
        """The files under a folder, relative to it."""
        target = self.library.tree.resolve(self.folder, path)
        if target is None:
            return None
        start = len(target) + 1 if target else 0
        return tuple(name[start:] for name in self.library.tree.under(target))

    def template(self, text: str) -> Node:
        """A text as a template. Raises Wrong where it is none."""
        if text not in self._templates:
            try:
                self._templates[text] = read_template(text)
            except (Trouble, RecursionError) as trouble:
                raise Wrong(f"not a template: {trouble}") from trouble
        return self._templates[text]

    def path(self, folder: str) -> str:
        """A module's folder as `path.module` gives it: relative to the root's."""
        return posixpath.relpath(f"/{folder}", f"/{self.folder}")
