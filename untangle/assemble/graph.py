"""The one way from an inventory and the code facts to the event graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from untangle.assemble.broad import leading
from untangle.assemble.carried import Carried
from untangle.assemble.ended import Ended
from untangle.assemble.hops import Hops
from untangle.assemble.invokers import permitted
from untangle.assemble.observed import Observed, ends
from untangle.assemble.overrule import Overrules
from untangle.assemble.own_trigger import keyed
from untangle.assemble.participants import functions, state_machines
from untangle.assemble.producers import Producers
from untangle.assemble.world import Atlas
from untangle.channels.channel import Channel, Found
from untangle.config import Config
from untangle.detect import RULES
from untangle.model.chain import Finding
from untangle.model.code import CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, LinkKind, Trigger
from untangle.model.location import Location
from untangle.model.node import ChannelNode, Function
from untangle.model.resource import Gap, Inventory, Problem
from untangle.model.value import Value


def assemble(
    inventory: Inventory, code: Iterable[CodeFacts], channels: tuple[Channel, ...], config: Config | None = None
) -> EventGraph:
    """Everything that is known, joined. Sorted throughout: the same input gives the same graph.

    What `config` overrules is laid over it.
    """
    overrules = Overrules(config or Config())
    facts = {item.function: item for item in code}
    atlas = Atlas(inventory, channels)
    participants = overrules.owned(functions(atlas, facts))
    found = [item for channel in channels for item in channel.links(atlas)]
    found.extend(permitted(atlas, tuple(found)))
    atlas.mention(found)
    seen = tuple(ends(atlas, inventory.observations))
    edges = [(item.source, item.target) for item in found if isinstance(item, Link)]
    asked = leading((*edges, *seen, *overrules.ways), (*seen, *overrules.ways, *overrules.pairs))
    producers = Producers(atlas, channels, participants, facts, overrules, asked)
    links = [*(item for item in found if isinstance(item, Link)), *producers.coded()]
    links.extend(producers.settled(Carried(links, channels, _types(atlas, channels, found), participants)))
    ended = Ended(atlas, participants, facts, producers.bound)
    links.extend(ended.links(tuple(links)))
    links = _known_ends(links, participants)
    links = _used_entries(links, channels)
    nodes = _nodes(atlas, channels, found, links)
    links.extend(overrules.links(participants, nodes, links))
    types = {node.id: node.type for node in nodes}
    observed = Observed(atlas, inventory.observations, (function.id for function in participants), types)
    links = keyed(observed.links(links), types)
    roots = {function.id: atlas.root_of(function.stack) for function in participants}
    shared = _shared(nodes, atlas.places.implicit_nodes(channels))
    joined = Hops(links, channels, types, shared=shared, roots=roots, asked=(*observed.pairs, *overrules.pairs), ended=ended)
    hops = joined.all()
    internal = {function.id for function in participants if function.internal}
    hops = observed.hops(hops)
    hops = overrules.hops(tuple(hop for hop in hops if hop.producer not in internal and hop.consumer not in internal))
    boundaries = overrules.boundaries(hops, nodes)
    gaps = [*inventory.gaps, *atlas.gaps, *producers.gaps, *observed.gaps, *(gap for item in facts.values() for gap in item.gaps)]
    gaps.extend((*joined.gaps, *(item for item in found if isinstance(item, Gap))))
    return EventGraph(
        functions=_taking_part(participants, hops),
        channels=nodes,
        links=tuple(sorted(links, key=_link_order)),
        hops=hops,
        triggers=_triggers(found, links, hops, nodes, channels),
        state_machines=state_machines(atlas),
        code=facts,
        sources=tuple(sorted(inventory.sources)),
        gaps=tuple(sorted(set(gaps), key=lambda gap: (str(gap.location or ""), gap.what, gap.why))),
        findings=(*(_finding(problem) for problem in inventory.problems), *inventory.findings, *overrules.stale()),
        coverage=inventory.coverage,
        boundaries=boundaries,
        usage=dict(sorted(inventory.usage.items())),
        reaches=producers.reaches,
        inventory=inventory,
    )


def _shared(nodes: Iterable[ChannelNode], implicit: Mapping[str, ChannelNode]) -> frozenset[str]:
    """What stacks have in common without saying so: what every account has, and what only an unknown name stands for."""
    return frozenset(node.id for node in nodes if node.id in implicit or (node.external and "${" in (node.name or "")))


def _types(atlas: Atlas, channels: tuple[Channel, ...], found: list[Found]) -> Mapping[str, str]:
    """The channel type of every declared node."""
    types = {item.id: item.type for item in found if isinstance(item, ChannelNode)}
    for channel in channels:
        types.update((resource.id, channel.type) for kind in channel.kinds for resource in atlas.of_type(kind.type))
    return types


def _known_ends(links: list[Link], participants: tuple[Function, ...]) -> list[Link]:
    """Links whose function end is a function of the scan."""
    known = {function.id for function in participants}
    return [
        link
        for link in links
        if (link.kind is not LinkKind.DELIVER or link.target in known)
        and (link.kind is not LinkKind.PUBLISH or link.source in known)
    ]


def _used_entries(links: list[Link], channels: tuple[Channel, ...]) -> list[Link]:
    """Every function has an entry for direct calls; those that nobody calls say nothing."""
    written = {link.target for link in links if link.kind is not LinkKind.DELIVER}
    entries = tuple(channel.entry for channel in channels if channel.entry)
    return [link for link in links if not link.source.endswith(entries) or link.source in written]


def _nodes(atlas: Atlas, channels: tuple[Channel, ...], found: list[Found], links: list[Link]) -> tuple[ChannelNode, ...]:
    nodes = {item.id: item for item in found if isinstance(item, ChannelNode)}
    for channel in channels:
        for kind in channel.kinds:
            for resource in atlas.of_type(kind.type):
                settings: Mapping[str, Value] = channel.settings(resource, atlas) if channel.settings else {}
                name = atlas.text(resource.get(kind.name)) if kind.name else None
                node = ChannelNode(
                    id=resource.id,
                    type=channel.type,
                    address=resource.address,
                    stack=resource.stack,
                    name=name,
                    location=resource.location,
                    settings=settings,
                )
                nodes.setdefault(resource.id, node)
    implicit = atlas.places.implicit_nodes(channels)
    nodes = {**implicit, **nodes}
    for id, (type_, name) in atlas.externals.items():
        nodes.setdefault(id, ChannelNode(id=id, type=type_, address=name, stack="", name=name, external=True))
    used = {end for link in links for end in (link.source, link.target)}
    # what exists for every function or in every account says nothing until it is used
    implied = {channel.type for channel in channels if channel.entry}
    declared = (node for node in nodes.values() if not (node.external or node.type in implied or node.id in implicit))
    shown = {node.id for node in declared} | (used & nodes.keys())
    return tuple(nodes[id] for id in sorted(shown))


def _taking_part(participants: tuple[Function, ...], hops: tuple[Hop, ...]) -> tuple[Function, ...]:
    """All Lambda functions; other compute only where a hop starts or ends there."""
    touched = {end for hop in hops if hop.confidence.reported for end in (hop.producer, hop.consumer)}
    return tuple(function for function in participants if function.kind == "lambda" or function.id in touched)


def _triggers(
    found: list[Found], links: list[Link], hops: tuple[Hop, ...], nodes: tuple[ChannelNode, ...], channels: tuple[Channel, ...]
) -> tuple[Trigger, ...]:
    """Declared triggers, and every channel that delivers to a function without a hop that ends so."""
    reported = [hop for hop in hops if hop.confidence.reported]
    # of several calls into one channel, all but the first stand behind the delivery
    heard = {_heard(link) for hop in reported if hop.mediated for link in hop.links if link.target == hop.consumer}
    entries = (item for item in found if isinstance(item, Trigger))
    triggers = {_trigger_key(item): item for item in entries if (item.channel, item.function, item.location) not in heard}
    fed = {(link.source, hop.consumer) for hop in reported for link in hop.links if link.target == hop.consumer}
    types = {node.id: node.type for node in nodes}
    # a function's own entry or exit is no way in from outside
    own = {channel.type for channel in channels if channel.entry} | {"lambda_destination", None}
    for link in links:
        if link.kind is LinkKind.DELIVER and (link.source, link.target) not in fed and types.get(link.source) not in own:
            where = link.evidence[0].location if link.evidence else None
            trigger = Trigger(
                type=types[link.source],
                function=link.target,
                channel=link.source,
                location=where,
                delivery=link.delivery,
                condition=link.condition,
            )
            triggers.setdefault(_trigger_key(trigger), trigger)
    return tuple(triggers[key] for key in sorted(triggers))


def _heard(link: Link) -> tuple[str, str, Location | None]:
    """What a declared trigger and the delivery that it stands for have in common."""
    return link.source, link.target, link.evidence[0].location if link.evidence else None


def _trigger_key(trigger: Trigger) -> tuple[str, str, str, str]:
    """What tells triggers apart: where they are written; of live ones without a channel (the routes of an API), what is said."""
    where = str(trigger.location) if trigger.location else "" if trigger.channel else trigger.note
    return (trigger.function, trigger.type, trigger.channel or "", where)


def _link_order(link: Link) -> tuple[str, str, str, str]:
    where = str(link.evidence[0].location or "") if link.evidence else ""
    return (link.source, link.target, link.kind.value, where)


_SEVERITIES = {rule.id: rule.severity for rule in RULES}


def _finding(problem: Problem) -> Finding:
    return Finding(
        rule=problem.rule,
        severity=_SEVERITIES.get(problem.rule, "error"),
        message=problem.message,
        subject=f"{problem.location.path} {problem.message}",
        locations=(problem.location,),
    )
