"""Drift: what is in the template only, in the account only, or otherwise in one than in the other.

Only what belongs to a joined stack is compared, and only where the account was read: what could not be listed says nothing. What
has nothing to do with the scanned stacks is only counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from untangle.assemble.join.deployments import Deployment, Deployments
from untangle.assemble.join.pairs import GLOBAL, Pairs
from untangle.assemble.join.things import BUCKET, COMPARED, ENDS, FUNCTION, INVOKE_CONFIG, LISTED_BY, NAMES, RULE, WIRING, noun
from untangle.detect import only_deployed
from untangle.detect.detector import finding, listed
from untangle.detect.sources import SOURCE_RULES
from untangle.model.chain import Finding
from untangle.model.location import Location
from untangle.model.resource import Gap, Inventory, Resource
from untangle.model.value import alternatives, scalar_text

_RULES = {rule.id: rule for rule in SOURCE_RULES}
ONLY_DECLARED, CHANGED, ONLY_DEPLOYED = _RULES["only-declared"], _RULES["changed-wiring"], only_deployed.RULE
_READ = ("read", "absent")


def drift(inventory: Inventory, deployments: Deployments, pairs: Pairs) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    """The findings, one for each kind of thing in each stack; what is deployed beside the stacks is counted, in a Gap a place."""
    drifting = _Drift(inventory, deployments, pairs)
    found = (*drifting.missing(), *drifting.additional(), *drifting.wired(), *drifting.changed())
    return found, tuple(drifting.beside())


class _Drift:
    """What is compared: the two sides, and how far the account was read."""

    def __init__(self, inventory: Inventory, deployments: Deployments, pairs: Pairs) -> None:
        self._inventory, self._deployments, self._pairs = inventory, deployments, pairs
        self._by_id = {item.id: item for item in inventory.resources}
        self._paths = {stack.id: stack.path for stack in inventory.stacks}
        rows = [row for row in inventory.coverage if row.source.startswith("aws/")]
        self._refused = {(row.source, row.operation) for row in rows if row.outcome not in _READ}
        self._read = {(row.source, row.operation) for row in rows} - self._refused
        self._told: set[str] = set()

    def _is_read(self, place: str, type_: str) -> bool:
        """Whether everything of a type in a place was listed."""
        account = place.partition("/")[0]
        wanted = [(f"aws/{account}/{GLOBAL}" if name.startswith("s3.") else f"aws/{place}", name) for name in LISTED_BY[type_]]
        return all(item in self._read for item in wanted)

    def missing(self) -> Iterator[Finding]:
        """What a joined stack declares, unconditionally, and the account does not have."""
        groups: dict[tuple[str, str, str], list[Resource]] = {}
        places = self._places()
        for item in self._inventory.resources:
            place = places.get(item.stack)
            if place is None or item.type not in COMPARED or item.id in self._pairs.of or item.condition:
                continue
            if self._is_known_to_be_missing(item, place):
                groups.setdefault((item.stack, item.type, place), []).append(item)
        for (_, type_, place), items in sorted(groups.items()):
            rule = CHANGED if type_ in WIRING else ONLY_DECLARED
            names = listed(item.address for item in items)
            verb = "is" if len(items) == 1 else "are"
            message = f"{noun(type_, len(items))} {verb} declared and not deployed in {place}: {names}"
            yield finding(rule, message, [item.id for item in items], [item.location for item in items])

    def _is_known_to_be_missing(self, item: Resource, place: str) -> bool:
        """By its stack's table, or, where things are joined by name, because nothing of its literal name is there."""
        if not self._is_read(place, item.type):
            return False
        deployed = self._deployments.of.get(item.stack)
        if deployed is not None:
            return deployed.is_whole and self._is_missing_from(deployed, item)
        if item.type == BUCKET:  # its name is the world's: it may be in a region that is not read
            return False
        name = NAMES.get(item.type)
        if name is not None:
            return isinstance(self._pairs.declared.follow(item.get(name)), str)
        ends = self._pairs.ends(item, self._pairs.declared) if item.type in ENDS else None
        return ends is not None and all(id in self._pairs.of for id in ends)

    def _is_missing_from(self, deployed: Deployment, item: Resource) -> bool:
        """Whether a stack's table lacks a thing, or names one that is gone; some physical ids say nothing that could be found."""
        row = deployed.rows.get(item.address)
        return row is None or (item.type != INVOKE_CONFIG and self._pairs.find(deployed.place, row, row.type) is None)

    def _places(self) -> dict[str, str]:
        """Where each declared stack is deployed: by its table, or by what is joined of it by name, in one place."""
        found: dict[str, set[str]] = {}
        for declared, live in self._pairs.found:
            if declared.type in COMPARED:
                found.setdefault(declared.stack, set()).add(live.stack)
        by_name = {stack: min(places) for stack, places in found.items() if len(places) == 1 and self._is_mostly_there(stack)}
        return by_name | {stack: deployed.place for stack, deployed in self._deployments.of.items()}

    def _is_mostly_there(self, stack: str) -> bool:
        """Whether at least half of what a stack names outright was found: else it is hardly deployed."""
        items = [
            item for item in self._inventory.resources if item.stack == stack and item.type in COMPARED and item.type in NAMES
        ]
        named = [item for item in items if isinstance(self._pairs.declared.follow(item.get(NAMES[item.type])), str)]
        return 2 * sum(1 for item in named if item.id in self._pairs.of) >= len(named)

    def additional(self) -> Iterator[Finding]:
        """What a joined stack has deployed under a logical id that its template does not declare."""
        groups: dict[tuple[str, str], list[Resource]] = {}
        for stack, deployed in self._deployments.of.items():
            declared = self._deployments.declared_by(stack)
            for logical, row in deployed.rows.items():
                live = self._pairs.find(deployed.place, row, row.type) if logical not in declared else None
                if live is not None and live.type in COMPARED and self._pairs.declared_of(live.id) is None:
                    groups.setdefault((stack, live.type), []).append(live)
        for (stack, type_), items in sorted(groups.items()):
            self._told.update(item.id for item in items)
            rule = CHANGED if type_ in WIRING else ONLY_DEPLOYED
            ordered = sorted(items, key=lambda item: item.id)
            names = listed(self._pairs.owner.get(item.id, item.address) for item in ordered)
            verb = "is" if len(items) == 1 else "are"
            message = f"{noun(type_, len(items))} of {self._deployments.of[stack].name} {verb} deployed and not declared: {names}"
            yield finding(rule, message, [item.id for item in ordered], [Location(self._paths[stack])])

    def wired(self) -> Iterator[Finding]:
        """What is wired in the account between things that are declared, and declared nowhere."""
        groups: dict[tuple[str, ...], list[Resource]] = {}
        for item in self._pairs.left:
            ends = self._ends(item) if item.id not in self._told else None
            joined = [self._pairs.declared_of(id) for id in ends or ()]
            known = [thing for thing in joined if thing is not None]
            if known and len(known) == len(joined):
                groups.setdefault((item.type, *(thing.id for thing in known)), []).append(item)
        for (type_, *ids), items in sorted(groups.items()):
            self._told.update(item.id for item in items)
            ends_of = [self._by_id[id] for id in ids]
            verb = "is" if len(items) == 1 else "are"
            names = " and ".join(item.address for item in ends_of)
            message = f"{noun(type_, len(items))} of {names} {verb} deployed and not declared: {listed(i.address for i in items)}"
            yield finding(CHANGED, message, [item.id for item in items], [item.location for item in ends_of])

    def _ends(self, item: Resource) -> tuple[str, ...] | None:
        """What a live thing wires; of a rule the functions and channels that it has as targets."""
        if item.type != RULE:
            return self._pairs.ends(item, self._pairs.live)
        targets = item.get("Targets")
        arns = [target.get("Arn") for target in targets if isinstance(target, Mapping)] if isinstance(targets, tuple) else []
        found = [t.node for arn in arns for t in self._pairs.live.resolve(arn, near=item.stack) if t.resource is not None]
        return tuple(sorted(set(found))) or None

    def changed(self) -> Iterator[Finding]:
        """What has another name, and functions whose handler, runtime or names of variables differ."""
        for declared, live in self._pairs.found:
            said = [*self._renamed(declared, live), *(self._differences(declared, live) if declared.type == FUNCTION else ())]
            if said:
                message = f"{declared.address} is deployed otherwise than it is declared: {'; '.join(said)}"
                yield finding(CHANGED, message, [declared.id, "settings"], [declared.location])

    def _renamed(self, declared: Resource, live: Resource) -> Iterator[str]:
        key = NAMES.get(declared.type) if declared.type in COMPARED else None
        written = self._pairs.declared.follow(declared.get(key)) if key else None
        there = live.get(key) if key else None
        if isinstance(written, str) and isinstance(there, str) and written != there:
            yield f"name {there} instead of {written}"

    def _differences(self, declared: Resource, live: Resource) -> Iterator[str]:
        for key, word in (("Handler", "handler"), ("Runtime", "runtime")):
            written = {scalar_text(self._pairs.declared.follow(option)) for option, _ in alternatives(declared.get(key))}
            there = scalar_text(live.get(key))
            if there is not None and None not in written and there not in written:
                yield f"{word} {there} instead of {' or '.join(sorted(text for text in written if text))}"
        environment, held = declared.get("Environment"), live.get("Environment", "Variables")
        variables = {} if environment is None else declared.get("Environment", "Variables")
        if isinstance(variables, Mapping):
            set_there = set(held) if isinstance(held, Mapping) else set()
            sure = {key for key, value in variables.items() if all(option is not None for option, _ in alternatives(value))}
            yield from _named("without", sure - set_there)
            yield from _named("with", set_there - variables.keys())

    def beside(self) -> Iterator[Gap]:
        """For each place how many functions and channels in it belong to nothing that was scanned."""
        beside: dict[str, int] = {}
        others = {item.id for found in self._deployments.others.values() for item in self._of(found)}
        for item in self._pairs.left:
            if item.type in COMPARED - WIRING and item.id not in self._told and item.id not in others:
                beside[item.stack] = beside.get(item.stack, 0) + 1
        for place, count in sorted(beside.items()):
            why = f"{count} functions and channels belong to no scanned stack; they are shown as they are, and not compared"
            yield Gap(what=f"what else is deployed in {place}", why=why)

    def _of(self, found: Iterable[Deployment]) -> Iterator[Resource]:
        for deployed in found:
            for row in deployed.rows.values():
                item = self._pairs.find(deployed.place, row, row.type)
                if item is not None:
                    yield item


def _named(word: str, names: set[str]) -> Iterator[str]:
    if names:
        yield f"{word} the variable{'s' if len(names) > 1 else ''} {listed(sorted(names))}"
