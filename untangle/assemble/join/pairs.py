"""Which live thing is which declared one. In this order, and each thing once:

1. by the table of the stack that the declared one's template is joined with;
2. by the ARN that a state file tells;
3. by the physical name that the template states outright;
4. by the shape of a name with unknown parts, where one live thing fits one declaration and none of either fits another;
5. what wires two things together (a mapping, a subscription), by the things that it wires.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate

from untangle.assemble.join.deployments import Deployments, Entry
from untangle.assemble.join.things import ENDS, NAMES, RULE
from untangle.assemble.names import is_telling, only
from untangle.assemble.world import Atlas
from untangle.channels.channel import Channel
from untangle.model.condition import is_off
from untangle.model.resource import Gap, Inventory, Resource
from untangle.model.value import ACCOUNT, REGION, Concat, Symbol, Value, parts_of, show

GLOBAL = "global"
_Key = tuple[str, str, str]


class Pairs:
    """The pairs (declared, live) of an inventory, sorted by declared id."""

    def __init__(self, inventory: Inventory, channels: tuple[Channel, ...], deployments: Deployments) -> None:
        self._deployments = deployments
        live = deployments.live
        self._live = [item for item in inventory.resources if item.stack in live]
        self._declared = [item for item in inventory.resources if item.stack not in live and not is_off(item.condition)]
        self.declared = Atlas(_part(inventory, lambda stack: stack not in live), channels)
        self.live = Atlas(_part(inventory, lambda stack: stack in live), channels)
        self.gaps: list[Gap] = []
        self.of: dict[str, Resource] = {}  # declared id -> live thing
        self.owner: dict[str, str] = {}  # live id -> logical id in its stack's table
        self._taken: dict[str, Resource] = {}  # live id -> declared thing
        self._index: dict[_Key, list[Resource]] = {}
        self._arns: dict[str, list[Resource]] = {}
        for item in self._live:
            if item.deployed is not None:
                self._arns.setdefault(item.deployed, []).append(item)
            for key in _keys(item):
                self._index.setdefault((item.stack, item.type, key), []).append(item)
        for deployed, logical, row in deployments.owners():
            live_thing = self.find(deployed.place, row, row.type)
            if live_thing is not None:
                self.owner[live_thing.id] = logical
        self._by_table()
        self._by_arn()
        self._by_name()
        self._by_shape()
        self._by_ends()

    @property
    def found(self) -> list[tuple[Resource, Resource]]:
        """The pairs, by declared id."""
        by_id = {item.id: item for item in self._declared}
        return [(by_id[id], self.of[id]) for id in sorted(self.of)]

    def declared_of(self, live: str) -> Resource | None:
        """What a live thing is joined with."""
        return self._taken.get(live)

    @property
    def left(self) -> list[Resource]:
        """The live things that are joined with nothing."""
        return [item for item in self._live if item.id not in self._taken]

    def find(self, place: str, row: Entry, type_: str | None) -> Resource | None:
        """The one live thing that a row of a stack's table stands for; None where it is not known, or not read."""
        for where in (place, f"{place.partition('/')[0]}/{GLOBAL}"):
            if type_ is None:
                found = [item for item in self._arns.get(row.physical, ()) if item.stack == where]
            else:
                found = next(
                    (hit for key in _spellings(type_, row.physical) if (hit := self._index.get((where, type_, key)))), []
                )
            if found:
                return only(found)
        return None

    def _take(self, declared: Resource, live: Resource | None) -> None:
        if live is not None and declared.id not in self.of and live.id not in self._taken:
            self.of[declared.id] = live
            self._taken[live.id] = declared

    def _open(self) -> list[Resource]:
        """The declared things that nothing is known of: those of a joined stack stand in its table, or are not deployed."""
        return [item for item in self._declared if item.id not in self.of and item.stack not in self._deployments.of]

    def _by_table(self) -> None:
        for stack, deployed in sorted(self._deployments.of.items()):
            for logical, item in sorted(self._deployments.declared_by(stack).items()):
                row = deployed.rows.get(logical)
                if row is not None and row.type in (None, item.type) and not is_off(item.condition):
                    self._take(item, self.find(deployed.place, row, item.type if row.type else None))

    def _by_arn(self) -> None:
        by_arn = {item.deployed: item for item in self._live if item.deployed}
        for item in self._open():
            live = by_arn.get(item.deployed or item.attributes.get("Arn") or "")
            if live is not None and live.type == item.type:
                self._take(item, live)

    def _by_name(self) -> None:
        """Of several places where a name is, that where most of the stack's other names are."""
        fits: dict[str, list[tuple[Resource, list[Resource]]]] = {}
        for item in self._open():
            name = self._name(item)
            if isinstance(name, str):
                named = [live for live in self._named(item.type, name) if live.id not in self._taken and _same_bus(item, live)]
                if named:
                    fits.setdefault(self.declared.root_of(item.stack), []).append((item, named))
        for root, found in sorted(fits.items()):
            most = Counter(place for _, named in found for place in {live.stack for live in named})
            ranked = sorted(most, key=lambda place: (-most[place], place))
            for item, named in found:
                self._take(item, min(named, key=lambda live: ranked.index(live.stack)))
            if any(len(named) > 1 for _, named in found):
                listed = ", ".join(ranked)
                why = f"what it names is in {listed}; it is joined with what is in {ranked[0]}, the others are shown as they are"
                self.gaps.append(Gap(what=f"stack {root}", why=why))

    def _named(self, type_: str, name: str) -> Iterator[Resource]:
        for stack in sorted(self._deployments.live):
            yield from (item for item in self._index.get((stack, type_, name), ()) if item.get(NAMES[type_]) == name)

    def _name(self, item: Resource) -> Value:
        key = NAMES.get(item.type)
        return self.declared.follow(item.get(key)) if key else None

    def _by_shape(self) -> None:
        """Only where it is the one way round: one live thing for the declaration, one declaration for the live thing."""
        shaped = [
            (item, name) for item in self._open() if isinstance(name := self._name(item), Concat) and is_telling(name.parts)
        ]
        wanted = {item.type for item, _ in shaped}
        free: dict[tuple[str, str], list[tuple[str, Resource]]] = {}
        for live in self._live:
            text = live.get(NAMES[live.type]) if live.type in wanted and live.id not in self._taken else None
            if isinstance(text, str):
                free.setdefault((live.type, live.stack), []).append((text, live))
        fits = {item.id: list(self._alike(item, name, free)) for item, name in shaped}
        claims = Counter(live.id for found in fits.values() for live in found)
        joined: dict[str, dict[Symbol, set[str]]] = {}
        for item, name in shaped:
            if len(fits[item.id]) > 1:
                listed = ", ".join(sorted(live.id for live in fits[item.id]))
                self.gaps.append(Gap(what=f"{show(name)} in the account", why=f"several fit: {listed}", location=item.location))
            elif fits[item.id] and claims[fits[item.id][0].id] == 1:
                known = joined.setdefault(self.declared.root_of(item.stack), {})
                for symbol, text in _told(name, fits[item.id][0]):
                    known.setdefault(symbol, set()).add(text)
        for item, name in shaped:
            found = fits[item.id]
            told = joined.get(self.declared.root_of(item.stack), {})
            if len(found) == 1 and claims[found[0].id] == 1 and all(len(told.get(s, ())) < 2 for s in _symbols(name)):
                self._take(item, found[0])

    def _alike(
        self, item: Resource, name: Concat, free: Mapping[tuple[str, str], list[tuple[str, Resource]]]
    ) -> Iterator[Resource]:
        """The live things whose names have the shape; one that its own stack calls otherwise is another thing."""
        for (type_, place), named in free.items():
            if type_ != item.type:
                continue
            fits = re.compile(translate(_pattern(name, place))).match
            for text, live in named:
                if fits(text) and (self.owner.get(live.id, item.address) == item.address or not self._is_stacked(item)):
                    yield live

    def _is_stacked(self, item: Resource) -> bool:
        """Whether a thing is declared under a logical id of CloudFormation's."""
        return item.stack in self._deployments.stacks

    def _by_ends(self) -> None:
        """A mapping or subscription that wires the same things; where several do, as many of the one side as of the other."""
        asked: dict[tuple[str, ...], list[Resource]] = {}
        there: dict[tuple[str, ...], list[Resource]] = {}
        for item in self._declared:
            ends = self.ends(item, self.declared) if item.id not in self.of else None
            if ends is not None:
                asked.setdefault((item.type, *(self.of[id].id if id in self.of else id for id in ends)), []).append(item)
        for live in self._live:
            ends = self.ends(live, self.live) if live.id not in self._taken else None
            if ends is not None:
                there.setdefault((live.type, *ends), []).append(live)
        for key, items in sorted(asked.items()):
            for item, live in zip(items, there.get(key, ()), strict=False):
                self._take(item, live)

    def ends(self, item: Resource, atlas: Atlas) -> tuple[str, ...] | None:
        """The ids of what something wires, as its own side names them; None where it wires nothing, or that is not known."""
        properties = ENDS.get(item.type)
        found = [only(t.node for t in atlas.resolve(item.get(key), near=item.stack) if t.resource) for key in properties or ()]
        known = tuple(id for id in found if id is not None)
        return known if properties and len(known) == len(found) else None


def _part(inventory: Inventory, wanted: Callable[[str], bool]) -> Inventory:
    return Inventory(
        stacks=tuple(stack for stack in inventory.stacks if wanted(stack.id)),
        resources=tuple(item for item in inventory.resources if wanted(item.stack)),
    )


def _keys(item: Resource) -> Iterable[str]:
    """What CloudFormation may call a live thing: its Ref, ARN, URL or name, the last part of our address, `bus|rule`."""
    name = item.get(NAMES[item.type]) if item.type in NAMES else None
    keys = {*item.attributes.values(), item.address.rpartition(":")[2], item.address}
    if item.deployed:
        keys.add(item.deployed)
    if isinstance(name, str):
        keys.add(name)
        if item.type == RULE and (bus := item.get("EventBusName")) is not None:
            keys.add(f"{str(bus).rpartition('/')[2]}|{name}")
    return sorted(keys)


def _spellings(type_: str, physical: str) -> Iterator[str]:
    """A physical id as it is; where the type is named, also without what stands before the name."""
    yield physical
    if type_ in NAMES:
        yield physical.rpartition("/")[2].rpartition(":")[2]


def _same_bus(declared: Resource, live: Resource) -> bool:
    """Rules of one name stand on several buses: a rule without a bus is one of the default bus."""
    return declared.type != RULE or (declared.get("EventBusName") is None) == (live.get("EventBusName") is None)


def _pattern(name: Concat, place: str) -> str:
    """A partly unknown name as a pattern; the account and the region in it are those of the place."""
    account, _, region = place.partition("/")
    known = {ACCOUNT: account, REGION: region}
    parts = (part if isinstance(part, str) else known.get(part, "*") if isinstance(part, Symbol) else "*" for part in name.parts)
    return "".join(parts).replace("[", "[[]")


def _symbols(name: Concat) -> list[Symbol]:
    return [part for part in name.parts if isinstance(part, Symbol) and part not in (ACCOUNT, REGION)]


def _told(name: Concat, live: Resource) -> Iterator[tuple[Symbol, str]]:
    """What a live name says of the unknown part of a declared one, where it is the only one."""
    unknown = [part for part in parts_of(name) if not isinstance(part, str)]
    text = live.get(NAMES[live.type])
    if len(unknown) == 1 and isinstance(unknown[0], Symbol) and isinstance(text, str):
        at = name.parts.index(unknown[0])
        before = "".join(str(part) for part in name.parts[:at])
        after = "".join(str(part) for part in name.parts[at + 1 :])
        yield unknown[0], text[len(before) : len(text) - len(after)]
