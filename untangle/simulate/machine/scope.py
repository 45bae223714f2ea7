"""Variables of a workflow: each machine, branch and iteration has its own, and reads those around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Scope:
    """The variables of one branch, within those of the branches around it."""

    __slots__ = ("around", "own")

    def __init__(self, around: Scope | None = None) -> None:
        self.around = around
        self.own: dict[str, Any] = {}

    def read(self, name: str) -> Any:
        """The value of a variable, its own or one around it; raises `KeyError` where there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.own:
                return scope.own[name]
            scope = scope.around
        raise KeyError(name)

    def assign(self, values: Mapping[str, Any]) -> None:
        """Set variables, all at once."""
        self.own.update(values)
