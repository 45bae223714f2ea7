"""Which stack of an account was made from which template: by the logical ids and types that both have.

A stack is a template's where most of what either holds the other holds too, most names that the template states agree, and
something more than a coincidence of common logical ids speaks for it; of several templates the one that fits best, of several
that fit alike none. Nested stacks follow their parents' tables.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceSummary.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from untangle.assemble.join.things import COMPARED, NAMES
from untangle.assemble.names import words
from untangle.assemble.places import LIVE
from untangle.model.resource import Gap, Inventory, Resource, Stack
from untangle.model.value import Value, parts_of

STACK = "AWS::CloudFormation::Stack"
# Stacks whose addresses are no logical ids of CloudFormation's.
_OTHERS = frozenset({"terraform", "pulumi", "serverless_framework", LIVE})
_ENOUGH = 3  # so many equal logical ids of equal types are no coincidence
_Fit: TypeAlias = tuple[bool, int, int, int]
_PRODUCTION = frozenset({"prod", "production", "prd", "live"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a stack's table: the physical id of a logical one. Where only a tag tells it is the ARN, and `type` is None."""

    type: str | None
    physical: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One live stack: `id` is its resource's, `parent` the stack that it is nested in; `table` is None where it is not known."""

    id: str
    name: str
    place: str
    arn: str
    parent: str
    table: Mapping[str, Entry] | None

    @property
    def rows(self) -> Mapping[str, Entry]:
        """What is known of the table."""
        return self.table or {}

    @property
    def is_whole(self) -> bool:
        """Whether the table holds all that the stack has: tags tell only of what can be tagged."""
        return self.table is not None and all(row.type is not None for row in self.table.values())


class Deployments:
    """The live stacks of an inventory, and what each declared stack is joined with.

    `of` is by declared stack, `others` holds the further deployments of its template.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.live = frozenset(stack.id for stack in inventory.stacks if stack.kind == LIVE)
        self.all = tuple(_deployment(item) for item in inventory.resources if item.type == STACK and item.stack in self.live)
        self.stacks = {stack.id: stack for stack in inventory.stacks if stack.kind not in _OTHERS}
        self._held: dict[str, dict[str, Resource]] = {}
        for item in inventory.resources:
            if item.stack in self.stacks:
                self._held.setdefault(item.stack, {})[item.address] = item
        self._compared = {
            stack: {key: item for key, item in held.items() if item.type in COMPARED} for stack, held in self._held.items()
        }
        self._having: dict[str, list[str]] = {}
        for stack, held in self._compared.items():
            for key in held:
                self._having.setdefault(key, []).append(stack)
        self.of: dict[str, Deployment] = {}
        self.others: dict[str, tuple[Deployment, ...]] = {}
        self.gaps: list[Gap] = []
        self._choose(self._fitting())
        self._follow_nested()

    def declared_by(self, stack: str) -> Mapping[str, Resource]:
        """What a stack declares, by logical id."""
        return self._held.get(stack, {})

    def _fitting(self) -> Mapping[str, list[tuple[_Fit, Deployment]]]:
        """For each declared root stack the deployments that are its own, each with how well it fits."""
        found: dict[str, list[tuple[_Fit, Deployment]]] = {}
        arns = {item.arn for item in self.all}
        for deployed in (item for item in self.all if item.table and item.parent not in arns):
            rows = {key: row for key, row in deployed.rows.items() if row.type is None or row.type in COMPARED}
            fits = [(self._fit(self.stacks[id], deployed, rows), self.stacks[id]) for id in self._sharing(rows)]
            ranked = sorted((fit for fit in fits if fit[0] is not None), key=lambda fit: (fit[0] or (), fit[1].id), reverse=True)
            if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
                self._tell_tie(deployed, [stack for fit, stack in ranked if fit == ranked[0][0]])
            elif ranked and (best := ranked[0][0]) is not None:
                found.setdefault(ranked[0][1].id, []).append((best, deployed))
        return found

    def _sharing(self, rows: Mapping[str, Entry]) -> list[str]:
        """The declared root stacks that have a logical id of a table at all."""
        return sorted({id for key in rows for id in self._having.get(key, ()) if self.stacks[id].parent is None})

    def _fit(self, stack: Stack, deployed: Deployment, rows: Mapping[str, Entry]) -> _Fit | None:
        """How well a stack fits, to be compared: named so, equal names and logical ids, words in common; None where not."""
        declared = self._compared[stack.id]
        shared = [key for key, row in rows.items() if key in declared and row.type in (None, declared[key].type)]
        needed = sum(1 for key, item in declared.items() if key in shared or not item.condition)
        if not shared or 2 * len(shared) < max(needed, len(rows)):
            return None
        stated = [_agrees(declared[key], rows[key].physical) for key in shared]
        agreed = stated.count(True) - stated.count(False)
        if agreed < 0:
            return None
        common = len(words(deployed.name) & words("/".join((stack.id, stack.path))))
        if len(shared) < _ENOUGH and True not in stated and not common:
            return None
        return stack.id.rpartition("/")[2].lower() == deployed.name.lower(), agreed, len(shared), common

    def _tell_tie(self, deployed: Deployment, stacks: Iterable[Stack]) -> None:
        listed = ", ".join(sorted(stack.path for stack in stacks))
        why = f"{listed} fit it alike, so that it is not joined with any of them"
        self.gaps.append(Gap(what=f"stack {deployed.name} in {deployed.place}", why=why))

    def _choose(self, fitting: Mapping[str, list[tuple[_Fit, Deployment]]]) -> None:
        """Of several deployments of one template that which fits best, production before others, then the first by name."""
        for stack, found in sorted(fitting.items()):
            ranked = sorted(found, key=lambda fit: (*_best_first(fit[0]), *_preferred(fit[1])))
            chosen, *others = (deployed for _, deployed in ranked)
            self.of[stack] = chosen
            if others:
                self.others[stack] = tuple(others)
                listed = ", ".join(f"{item.name} in {item.place}" for item in (chosen, *others))
                why = f"it is deployed as {listed}; it is joined with the first, the others are shown as they are"
                self.gaps.append(Gap(what=f"template {self.stacks[stack].path}", why=why))

    def _follow_nested(self) -> None:
        by_arn = {item.arn: item for item in self.all if item.arn}
        for stack in sorted(self.stacks.values(), key=lambda stack: stack.id.count("/")):
            parent = self.of.get(stack.parent or "")
            row = parent.rows.get(stack.id.rpartition("/")[2]) if parent is not None else None
            if row is not None and row.physical in by_arn:
                self.of[stack.id] = by_arn[row.physical]

    def owners(self) -> Iterator[tuple[Deployment, str, Entry]]:
        """Every row of every table: the stack, the logical id, the row."""
        for deployed in self.all:
            for logical, row in deployed.rows.items():
                yield deployed, logical, row


def _best_first(fit: _Fit) -> tuple[int, int]:
    """Two deployments of one template are held against each other by the names and logical ids that agree."""
    return -fit[1], -fit[2]


def _preferred(deployed: Deployment) -> tuple[bool, str, str]:
    return not words(deployed.name) & _PRODUCTION, deployed.place, deployed.name


def _deployment(item: Resource) -> Deployment:
    table = item.get("Table")
    rows = table.items() if isinstance(table, Mapping) else ()
    entries = {key: entry for key, row in rows if (entry := _entry(row)) is not None}
    return Deployment(
        id=item.id,
        name=str(item.get("StackName")),
        place=item.stack,
        arn=item.deployed or "",
        parent=str(item.get("ParentId") or ""),
        table=entries if isinstance(table, Mapping) else None,
    )


def _entry(row: Value) -> Entry | None:
    if not isinstance(row, Mapping) or not isinstance(row.get("Id"), str):
        return None
    type_ = row.get("Type")
    return Entry(type_ if isinstance(type_, str) else None, str(row["Id"]))


def _agrees(declared: Resource, physical: str) -> bool | None:
    """Whether the name that a template states is that of the physical id; None where it states none."""
    key = NAMES.get(declared.type)
    name = declared.get(key) if key else None
    if name is None or isinstance(name, (Mapping, tuple)):
        return None
    pattern = "".join(part.replace("[", "[[]") if isinstance(part, str) else "*" for part in parts_of(name))
    tail = physical.replace("|", "/").replace(":", "/").rpartition("/")[2]
    if not pattern.strip("*"):
        return None
    return fnmatchcase(tail, pattern) if pattern != tail else True
