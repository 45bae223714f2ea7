"""The event graph: functions and channels joined by links. Hides networkx behind questions a user would ask."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from untangle.model.chain import Finding
from untangle.model.code import CodeFacts
from untangle.model.link import Hop, Link, Trigger
from untangle.model.naming import telling
from untangle.model.node import ChannelNode, Function, StateMachine
from untangle.model.reach import Reach
from untangle.model.resource import Coverage, Gap, Inventory, Source
from untangle.model.usage import Usage

if TYPE_CHECKING:
    import networkx as nx

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class EventGraph:
    """All that `assemble` found, in one value.

    `hops` holds every hop, whatever its confidence; `reported` those that are shown by default, `standing` those of them
    that nothing is known to switch off: what leaves and reaches a function, chains and cycles are made of these. Every
    tuple is sorted by id, so the same input gives the same bytes. `usage` is by the id of a function, a channel or a rule.
    `reaches` are the grants whose weak links are too many to stand in `links`. `inventory` is what the graph was made of, for
    stages that need more of a resource than channels tell (a local run creates its tables).
    """

    functions: tuple[Function, ...] = ()
    channels: tuple[ChannelNode, ...] = ()
    links: tuple[Link, ...] = ()
    hops: tuple[Hop, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    state_machines: tuple[StateMachine, ...] = ()
    code: Mapping[str, CodeFacts] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    gaps: tuple[Gap, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    boundaries: tuple[str, ...] = ()
    usage: Mapping[str, Usage] = field(default_factory=dict)
    reaches: tuple[Reach, ...] = ()
    inventory: Inventory = field(default_factory=Inventory, compare=False, repr=False)

    @cached_property
    def _functions(self) -> Mapping[str, Function]:
        return {function.id: function for function in self.functions}

    @cached_property
    def _channels(self) -> Mapping[str, ChannelNode]:
        return {channel.id: channel for channel in self.channels}

    @cached_property
    def _hops(self) -> Mapping[str, Hop]:
        return {hop.id: hop for hop in self.hops}

    @cached_property
    def reported_by_id(self) -> Mapping[str, Hop]:
        """The hops that are sure enough to be shown, by id."""
        return {id: hop for id, hop in self._hops.items() if hop.confidence.reported}

    @cached_property
    def reported(self) -> tuple[Hop, ...]:
        """The hops that are sure enough to be shown."""
        return tuple(self.reported_by_id.values())

    @cached_property
    def standing_by_id(self) -> Mapping[str, Hop]:
        """The hops that are sure enough to be planned and no part of which is switched off, by id."""
        return {id: hop for id, hop in self.reported_by_id.items() if not hop.switched_off}

    @cached_property
    def standing(self) -> tuple[Hop, ...]:
        """The hops that are sure enough to be planned and no part of which is switched off."""
        return tuple(self.standing_by_id.values())

    @cached_property
    def standing_links(self) -> tuple[Link, ...]:
        """The links that are not switched off."""
        return tuple(link for link in self.links if not link.switched_off)

    def function(self, id: str) -> Function:
        """The function of this id; KeyError where there is none."""
        return self._functions[id]

    def called(self, address: str) -> frozenset[str]:
        """The ids of the functions with this address: stacks may each have one."""
        return self._addressed.get((True, address), frozenset())

    def full(self, node: str, among: Iterable[str]) -> str:
        """Where a function or channel is to be found: its address, or its id where another one of these has that address.

        Of a node that is not in the graph, the end of its id.
        """
        if node not in self:
            return node.rpartition("/")[2]
        own = self._address(node)
        return own[1] if self._addressed[own].intersection(among) <= {node} else node

    def told(self, node: str, among: Iterable[str]) -> str:
        """What people call a function or channel: the part of its address that says most (see `telling`), where no other one of
        these is called so; else as `full` has it."""
        if node not in self:
            return node.rpartition("/")[2]
        function, address = self._address(node)
        short = telling(address)
        same = self._told[function, short]
        return short if len(same) == 1 or same.intersection(among) == {node} else self.full(node, among)

    def __contains__(self, node: object) -> bool:
        return node in self._functions or node in self._channels

    def _address(self, node: str) -> tuple[bool, str]:
        """Whether a node is a function, and its address: a function's entry has that of the function."""
        known = self._functions.get(node) or self._channels[node]
        return node in self._functions, known.address

    @cached_property
    def _addressed(self) -> Mapping[tuple[bool, str], frozenset[str]]:
        groups = _grouped((self._address(id), id) for id in (*self._functions, *self._channels))
        return {own: frozenset(ids) for own, ids in groups.items()}

    @cached_property
    def _told(self) -> Mapping[tuple[bool, str], frozenset[str]]:
        pairs = (((function, telling(address)), ids) for (function, address), ids in self._addressed.items())
        return {short: frozenset().union(*ids) for short, ids in _grouped(pairs).items()}

    def channel(self, id: str) -> ChannelNode:
        """The channel of this id; KeyError where there is none."""
        return self._channels[id]

    def hop(self, id: str) -> Hop:
        """The hop of this id; KeyError where there is none."""
        return self._hops[id]

    def is_function(self, id: str) -> bool:
        """Whether a node id names a function."""
        return id in self._functions

    def leaving(self, function: str) -> tuple[Hop, ...]:
        """The reported hops that this function produces, those that are switched off left out."""
        return self._leaving.get(function, ())

    def reaching(self, function: str) -> tuple[Hop, ...]:
        """The reported hops that this function consumes, those that are switched off left out."""
        return self._reaching.get(function, ())

    @cached_property
    def _leaving(self) -> Mapping[str, tuple[Hop, ...]]:
        return _grouped((hop.producer, hop) for hop in self.standing)

    @cached_property
    def _reaching(self) -> Mapping[str, tuple[Hop, ...]]:
        return _grouped((hop.consumer, hop) for hop in self.standing)

    def standing_from(self, node: str) -> tuple[Link, ...]:
        """The links out of a function or channel that are not switched off."""
        return self._standing_from.get(node, ())

    @cached_property
    def _standing_from(self) -> Mapping[str, tuple[Link, ...]]:
        return _grouped((link.source, link) for link in self.standing_links)

    def triggers_of(self, function: str) -> tuple[Trigger, ...]:
        """The entries from outside that start this function."""
        return self._triggers.get(function, ())

    @cached_property
    def _triggers(self) -> Mapping[str, tuple[Trigger, ...]]:
        return _grouped((trigger.function, trigger) for trigger in self.triggers)

    @cached_property
    def dead_letters(self) -> frozenset[str]:
        """The nodes that hold what others failed at: redrive targets, dead-letter settings, failure destinations."""
        policies = [channel.settings.get("redrive") for channel in self.channels]
        named = [policy.get("dead_letter") for policy in policies if isinstance(policy, Mapping)]
        named += [link.delivery.get(key) for link in self.links for key in ("dead_letter", "on_failure")]
        named += [link.target for link in self.links if link.reason in ("redrive", "on_failure")]
        named += [link.target for link in self.links if link.source.endswith(("#on_failure", "#dead_letter"))]
        named += [function.asynchronous.get("dead_letter") for function in self.functions]
        return frozenset(name for name in named if isinstance(name, str))

    def components(self, without: Iterable[str] = ()) -> Iterator[tuple[tuple[str, ...], tuple[Hop, ...]]]:
        """Functions and hops of each connected part, the hops whose ids are in `without` cut away."""
        import networkx as nx

        cut = frozenset(without)
        parts = sorted((tuple(sorted(nodes)) for nodes in nx.weakly_connected_components(self._digraph(cut))), key=min)
        part_of = {node: index for index, nodes in enumerate(parts) for node in nodes}
        hops: list[list[Hop]] = [[] for _ in parts]
        for id, hop in sorted(self.standing_by_id.items()):
            if id not in cut:
                hops[part_of[hop.producer]].append(hop)
        for index, nodes in enumerate(parts):
            yield nodes, tuple(hops[index])

    def cycles(self, without: Iterable[str] = ()) -> Iterator[tuple[str, ...]]:
        """The functions of each strongly connected part that holds a cycle (one function that calls itself included)."""
        import networkx as nx

        graph = self._digraph(frozenset(without))
        for nodes in sorted(nx.strongly_connected_components(graph), key=min):
            if len(nodes) > 1 or graph.has_edge(*(list(nodes) * 2)):
                yield tuple(sorted(nodes))

    def _digraph(self, cut: frozenset[str]) -> nx.DiGraph[str]:
        """Who reaches whom, several hops between two functions being one edge."""
        import networkx as nx

        return nx.DiGraph((hop.producer, hop.consumer) for id, hop in self.standing_by_id.items() if id not in cut)


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> Mapping[Key, tuple[Item, ...]]:
    """The items of each key, in their order."""
    groups: dict[Key, list[Item]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in groups.items()}
