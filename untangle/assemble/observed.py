"""What was seen at run time, laid over what was found: it confirms links and hops, and never takes anything away.

A service graph tells who called what, not what for. So a call of a queue or a stream confirms a write that something else speaks
for, and adds none; a call of a topic, a bus or a state machine is a write. A link is confirmed only where both of its ends are
each exactly one thing of the scan; all else that was seen is a Gap that names both ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from untangle.assemble.world import Atlas
from untangle.model.evidence import Confidence, Evidence, Reading, Witness, derive
from untangle.model.link import Hop, Link, LinkKind
from untangle.model.resource import Gap
from untangle.model.usage import Observation

_WRITTEN = frozenset({"sns", "eventbridge", "step_functions"})  # what a function calls only to send
_BUS = "AWS::Events::EventBus"
_DEFAULT_BUS = ":event-bus/default"
_SOURCES = {"x-ray": "X-Ray"}
UNKNOWN_END = "it was seen at run time, and one of its ends is nothing that this scan knows by that name"
AMBIGUOUS_END = "it was seen at run time, and several things of this scan have the name of one of its ends"
READ_OR_WRITTEN = "it was seen at run time, and nothing tells whether the call reads or writes"
NO_WAY = "it was seen at run time, and no channel between the two is known"
SEVERAL_WAYS = "it was seen at run time, and which of several ways it took is not known"


class Observed:
    """The observations of a scan. `functions` are the ids of its functions, `types` the channel types of its other nodes."""

    def __init__(
        self, atlas: Atlas, observations: Iterable[Observation], functions: Iterable[str], types: Mapping[str, str]
    ) -> None:
        self._atlas, self._functions, self._types = atlas, frozenset(functions), types
        self._ids = self._by_arn() if observations else {}
        self.gaps: list[Gap] = []
        self._edges: dict[tuple[str, str], Evidence] = {}
        for item in observations:
            self._take(item)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The things between which something was seen."""
        return tuple(self._edges)

    def _by_arn(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for resource in self._atlas.inventory.resources:
            if resource.deployed and (resource.id in self._functions or resource.id in self._types):
                found.setdefault(resource.deployed, set()).add(resource.id)
        return found

    def _take(self, item: Observation) -> None:
        ends = [self._named(arn, item.stack) for arn in (item.producer, item.consumer)]
        if all(len(end) == 1 for end in ends):
            (producer,), (consumer,) = ends
            self._edges.setdefault((producer, consumer), _witness(item))
        else:
            why = AMBIGUOUS_END if any(len(end) > 1 for end in ends) else UNKNOWN_END
            self.gaps.append(Gap(what=f"{_short(item.producer)} → {_short(item.consumer)}", why=why))

    def _named(self, arn: str, stack: str) -> set[str]:
        """The things of the scan that an ARN names: those that are deployed under it, or what needs no declaration."""
        if arn in self._ids:
            return set(self._ids[arn])
        if arn.endswith(_DEFAULT_BUS):
            return {target.node for target in self._atlas.resolve(arn, _BUS, near=stack)} & self._types.keys()
        return set()

    def _gap(self, ends: tuple[str, str], why: str) -> None:
        self.gaps.append(Gap(what=f"{ends[0]} → {ends[1]}", why=why))

    def links(self, links: Iterable[Link]) -> list[Link]:
        """The links with what was seen of them, and those that only were seen."""
        known = list(links)
        if not self._edges:
            return known
        at: dict[tuple[str, str], list[int]] = {}
        for place, link in enumerate(known):
            at.setdefault((link.source, link.target), []).append(place)
        onward = _onward(known)
        for ends, seen in sorted(self._edges.items(), key=lambda item: item[0]):
            if ends[0] in self._functions and ends[1] in self._functions:
                continue  # see `hops`
            for place in at.get(ends, ()):
                if self._is_witness(known[place]):
                    known[place] = _confirmed(known[place], seen)
            if not any(self._is_witness(known[place]) for place in at.get(ends, ())):
                known.extend(self._without_link(ends, seen, known, at, onward))
        return known

    def _is_witness(self, link: Link) -> bool:
        """Whether a call that was seen is this link: a call of what is also read from only where a write is witnessed."""
        if link.kind is not LinkKind.PUBLISH or self._types.get(link.target) in _WRITTEN:
            return True
        told = (Witness.CODED, Witness.STATED, Witness.DECLARED, Witness.OBSERVED)
        writes = any(item.kind in told or (item.kind is Witness.PERMITTED and not item.shared) for item in link.evidence)
        return writes and self._types.get(link.target) in ("sqs", "kinesis")

    def _without_link(
        self,
        ends: tuple[str, str],
        seen: Evidence,
        known: list[Link],
        at: Mapping[tuple[str, str], list[int]],
        onward: Mapping[str, set[str]],
    ) -> Iterator[Link]:
        """What is made of an edge that is no link: a new one, or the one way between its ends, or a Gap."""
        source, target = ends
        if source in self._functions:
            if self._types.get(target) not in _WRITTEN:
                self._gap(ends, READ_OR_WRITTEN)
                return
            yield _seen_only(LinkKind.PUBLISH, ends, seen)
            return
        ways = _ways(onward, source, target)
        if len(ways) == 1:
            for place in (place for step in ways[0] for place in at.get(step, ())):
                known[place] = _confirmed(known[place], seen)
        elif ways:
            self._gap(ends, SEVERAL_WAYS)
        elif target in self._functions:
            yield _seen_only(LinkKind.DELIVER, ends, seen)
        else:
            self._gap(ends, NO_WAY)

    def hops(self, hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
        """The hops, confirmed where one function was seen to reach the other, and one way is known that it can have taken."""
        if not self._edges:
            return hops
        between: dict[tuple[str, str], list[Hop]] = {}
        for hop in hops:
            if hop.confidence is not Confidence.CONTRADICTED and not hop.switched_off:
                between.setdefault((hop.producer, hop.consumer), []).append(hop)
        chosen: dict[str, Evidence] = {}
        for ends, seen in sorted(self._edges.items(), key=lambda item: item[0]):
            if not set(ends) <= self._functions:
                continue
            ways = between.get(ends, [])
            direct = [hop for hop in ways if all(passage.type == "lambda_invoke" for passage in hop.passages)]
            only = direct if len(direct) == 1 else ways
            if len(only) == 1:
                chosen[only[0].id] = seen
            else:
                self._gap(ends, SEVERAL_WAYS if ways else NO_WAY)
        return tuple(_sure(hop, chosen[hop.id]) if hop.id in chosen else hop for hop in hops)


def ends(atlas: Atlas, observations: Iterable[Observation]) -> Iterator[tuple[str, str]]:
    """All pairs of things of the scan that observations may be about, by the ARNs that they name; sorted."""
    observations = tuple(observations)
    named = {arn for item in observations for arn in (item.producer, item.consumer)}
    known: dict[str, set[str]] = {}
    for resource in atlas.inventory.resources if named else ():
        if resource.deployed in named:
            known.setdefault(resource.deployed, set()).add(resource.id)
    for item in observations:
        if item.consumer.endswith(_DEFAULT_BUS):
            found = {target.node for target in atlas.resolve(item.consumer, _BUS, near=item.stack)}
            known.setdefault(item.consumer, set()).update(found)
    pairs = {ends for item in observations for ends in product(known.get(item.producer, ()), known.get(item.consumer, ()))}
    yield from sorted(pairs)


def _witness(item: Observation) -> Evidence:
    times = "once" if item.count == 1 else f"{item.count:,} times"
    return Evidence(kind=Witness.OBSERVED, note=f"{_SOURCES.get(item.source, item.source)} saw it {times} in {item.hours:g} h")


def _confirmed(link: Link, seen: Evidence) -> Link:
    evidence = tuple(dict.fromkeys((*link.evidence, seen)))
    return replace(link, evidence=evidence, confidence=derive(evidence, Reading.READ))


def _seen_only(kind: LinkKind, ends: tuple[str, str], seen: Evidence) -> Link:
    return Link(source=ends[0], target=ends[1], kind=kind, confidence=Confidence.CONFIRMED, evidence=(seen,))


def _sure(hop: Hop, seen: Evidence) -> Hop:
    return replace(hop, confidence=Confidence.CONFIRMED, evidence=tuple(dict.fromkeys((*hop.evidence, seen))))


def _onward(links: Iterable[Link]) -> Mapping[str, set[str]]:
    """Where each channel leads."""
    found: dict[str, set[str]] = {}
    for link in links:
        if link.kind is not LinkKind.PUBLISH and not link.switched_off:
            found.setdefault(link.source, set()).add(link.target)
    return found


def _ways(onward: Mapping[str, set[str]], source: str, target: str) -> list[list[tuple[str, str]]]:
    """The ways from a channel over others to a function or channel: none, the one, or two where there are more."""
    reached = Counter({source: 1})
    came: dict[str, str] = {}
    waiting = [source]
    while waiting:
        node = waiting.pop(0)
        for after in sorted(onward.get(node, ())):
            reached[after] += 1
            if after not in came and after != source:
                came[after] = node
                if after != target:
                    waiting.append(after)
    if target not in came:
        return []
    steps: list[tuple[str, str]] = []
    node, several = target, False
    while node != source:
        several = several or reached[node] > 1
        steps.append((came[node], node))
        node = came[node]
    return [steps, steps] if several else [steps]


def _short(arn: str) -> str:
    """An ARN as people say it: service, region and name."""
    parts = arn.split(":", 5)
    return f"{parts[2]} {parts[5]} ({parts[4]}/{parts[3]})" if len(parts) == 6 else arn
