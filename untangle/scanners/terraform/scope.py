"""What an expression may ask of the place it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from untangle.model.value import Ref, Value
from untangle.scanners.terraform.syntax import Node


class Surroundings(Protocol):
    """The module instance that an expression stands in, as far as expressions need it."""

    @property
    def id(self) -> str:
        """The scope of its unknowns: the root's id, and the module's path where it is not the root."""

    @property
    def own(self) -> Mapping[str, Callable[[Sequence[Value]], Value]]:
        """Functions that are only known there, by name."""

    def lookup(self, name: str, *, supposed: bool) -> Value:
        """What a name means: `var`, `local`, a type of resources, … Raises Wrong for what means nothing."""

    def follow(self, resource: str, attribute: str) -> Value:
        """What is configured for an attribute of a resource; None where that is not known before it is deployed."""

    def special(self, resource: str, attribute: str) -> Value:
        """What a data source that needs no provider says (`aws_region`, `aws_iam_policy_document`); None for all others."""

    def file(self, path: str) -> str | None:
        """The text of a file, by a path as expressions write it; None where it is not part of the scan."""

    def files(self, folder: str) -> tuple[str, ...] | None:
        """The files under a folder, relative to it; None where there is no such folder."""

    def template(self, text: str) -> Node:
        """A text as a template. Raises Wrong where it is none."""

    def spend(self, amount: int) -> None:
        """Counts a step. Raises TooMuch where evaluation has gone on for too long."""

    def excess(self, why: str) -> None:
        """Notes that something was not evaluated because it is too much."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A place in a module: the names that hold there beside the module's own.

    `supposed` is true within what is switched off: there, what is switched off by the same means is taken to be there.
    """

    module: Surroundings
    names: Mapping[str, Value]
    evaluate: Callable[[Scope, Node], Value]
    supposed: bool = False

    @property
    def id(self) -> str:
        """The scope of unknowns."""
        return self.module.id

    def lookup(self, name: str) -> Value:
        """What a name means here. Raises Wrong for what means nothing."""
        return self.names[name] if name in self.names else self.module.lookup(name, supposed=self.supposed)

    def inside(self, names: Mapping[str, Value]) -> Scope:
        """The same place with more names."""
        return Scope(self.module, {**self.names, **names}, self.evaluate, self.supposed)

    def supposing(self, supposed: bool) -> Scope:
        """The same place, within what is switched off if `supposed`."""
        return self if supposed == self.supposed or not supposed else Scope(self.module, self.names, self.evaluate, True)

    def spend(self, amount: int = 1) -> None:
        """Counts a step. Raises TooMuch where evaluation has gone on for too long."""
        self.module.spend(amount)

    def concrete(self, value: Value) -> Value:
        """A reference to an attribute whose collection is configured as that collection, anything else as it is."""
        if isinstance(value, Ref) and value.attribute:
            configured = self.module.follow(value.resource, value.attribute)
            if isinstance(configured, Mapping | tuple):
                return configured
        return value

    def rendered(self, template: str, names: Mapping[str, Value]) -> Value:
        """A template with these names and no others. Raises Wrong where it is none."""
        return self.evaluate(Scope(self.module, names, self.evaluate, self.supposed), self.module.template(template))
