"""Declared and deployed, made one: a pure step from an inventory to an inventory, before anything is linked.

    deployments.py   which stack of an account is which template: by their tables of logical ids
    pairs.py         which live thing is which declared one: by those tables, by names, by the shapes of names, by what is wired
    merged.py        the one resource of two: the declared id, what the template says, and what only the account knows
    drift.py         what is in one of the two only, or otherwise in one than in the other

Nothing is joined by guess: of several that fit, none is taken, and a Gap says so. A template that is deployed several times is
joined with one of its stacks; the others stay what they are, things of the account.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from untangle.assemble.join.deployments import Deployments
from untangle.assemble.join.drift import drift
from untangle.assemble.join.merged import merged, repointed
from untangle.assemble.join.pairs import Pairs
from untangle.assemble.join.things import FUNCTION
from untangle.assemble.places import LIVE, place_of_thing
from untangle.channels.channel import Channel
from untangle.model.resource import Inventory, Resource, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The inventory in which each thing stands once, and the declared id of each live one that was joined."""

    inventory: Inventory
    ids: Mapping[str, str] = field(default_factory=dict)


def join(inventory: Inventory, channels: tuple[Channel, ...]) -> Joined:
    """Joins what is declared with what is deployed; an inventory that holds only one of the two stays as it is.

    `Inventory.findings` then hold the drift, `usage` is by the ids that remain.
    """
    kinds = {stack.kind == LIVE for stack in inventory.stacks}
    if kinds != {True, False}:
        return Joined(inventory=inventory)
    deployments = Deployments(inventory)
    pairs = Pairs(inventory, channels, deployments)
    ids = {live.id: declared.id for declared, live in pairs.found}
    by_id = {declared.id: repointed(merged(declared, live, pairs.declared), ids) for declared, live in pairs.found}
    others = dict(_others(inventory, deployments, pairs))
    resources = (
        by_id.get(item.id) or (repointed(others.get(item.id, item), ids) if item.stack in deployments.live else item)
        for item in inventory.resources
        if item.id not in ids
    )
    drifted, beside = drift(inventory, deployments, pairs)
    joined = replace(
        inventory,
        stacks=tuple(_placed(stack, deployments, by_id) for stack in inventory.stacks),
        resources=tuple(sorted(resources, key=lambda item: item.id)),
        usage={ids.get(id, id): item for id, item in inventory.usage.items()},
        gaps=(*inventory.gaps, *deployments.gaps, *pairs.gaps, *beside),
        findings=(*inventory.findings, *drifted),
    )
    return Joined(inventory=joined, ids=ids)


def _others(inventory: Inventory, deployments: Deployments, pairs: Pairs) -> Iterator[tuple[str, Resource]]:
    """The functions of a template's further deployments, by live id, each with the code of its declaration."""
    folders = {stack.id: stack.folder for stack in inventory.stacks}
    for stack, found in sorted(deployments.others.items()):
        functions = [item for item in deployments.declared_by(stack).values() if item.type == FUNCTION]
        for deployed, declared in product(found, functions):
            row, code = deployed.rows.get(declared.address), declared.get("Code")
            live = pairs.find(deployed.place, row, row.type) if row is not None else None
            if live is not None and live.type == FUNCTION:
                at = posixpath.normpath(posixpath.join(folders[stack], code)) if isinstance(code, str) else code
                yield live.id, replace(live, properties={**live.properties, "Code": at}, metadata=declared.metadata)


def _placed(stack: Stack, deployments: Deployments, joined: Mapping[str, Resource]) -> Stack:
    """A declared stack with the place of its deployment, or with that where all that is joined of it is."""
    if stack.id in deployments.live:
        return stack
    deployed = deployments.of.get(stack.id)
    if deployed is not None:
        return replace(stack, place=deployed.place)
    places = {place for item in joined.values() if item.stack == stack.id and (place := place_of_thing(item)) is not None}
    return replace(stack, place=next(iter(places)) if len(places) == 1 else None)
