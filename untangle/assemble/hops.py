"""From links to hops: every way from a producer through channels to a consumer, with filters held against what is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from untangle.assemble.crowds import Crowd, crowded, unlisted
from untangle.assemble.ended import ANY, Ended
from untangle.channels.channel import Channel, Match, Verdict
from untangle.model.condition import both, is_off
from untangle.model.evidence import Confidence, Evidence, Reading, Witness, derive, weakest
from untangle.model.link import Hop, Link, LinkKind, Passage, Sent
from untangle.model.resource import Gap
from untangle.model.value import Value

MAX_CHANNELS = 6  # a message that passes more channels than this on its way is not followed
_SORTED = ("sns", "eventbridge")  # channels whose messages are addressed by what they say
_MULTIPLICITY = ("maybe", "one", "many")


@dataclass(frozen=True, slots=True)
class _Way:
    """A path in the making: the links so far and what is known of the message at its end.

    `certain` says that every message of the first link comes this far: no filter is in doubt.
    """

    links: tuple[Link, ...]
    sent: Sent | None
    against: tuple[Evidence, ...] = ()
    notes: tuple[Evidence, ...] = ()
    unaddressed: Link | None = None
    certain: bool = True


class Hops:
    """Joins links into hops. `types` gives the channel type of each node.

    `shared` are the nodes that stacks have in common without saying so (the default bus, a bus that only a parameter names),
    `roots` gives the root stack of each function: through a shared node a hop between two roots is likely only where the
    filter names what is sent. `asked` are pairs of functions whose hops are listed however doubtful they are; what is not
    listed (see `crowds`) is told of in `gaps`. `ended` says which rules are about the jobs that a call starts.
    """

    def __init__(
        self,
        links: Iterable[Link],
        channels: Iterable[Channel],
        types: Mapping[str, str],
        *,
        shared: frozenset[str] = frozenset(),
        roots: Mapping[str, str] = MappingProxyType({}),
        asked: Collection[tuple[str, str]] = (),
        ended: Ended | None = None,
    ) -> None:
        self._ended = ended
        self._asked = frozenset(asked)
        self._shared = shared
        self._roots = roots
        self._channels = {channel.type: channel for channel in channels}
        self._types = types
        self._onward: dict[str, list[Link]] = {}
        self._published: list[Link] = []
        for link in links:
            if link.kind is LinkKind.PUBLISH:
                self._published.append(link)
            else:
                self._onward.setdefault(link.source, []).append(link)
        self._calls = Counter((link.source, link.target) for link in self._published)
        self._sorts: dict[str, bool] = {}
        self._steps: dict[tuple[int, int], tuple[Match | None, Sent | None]] = {}
        self._doubted: dict[tuple[str, bool, bool], tuple[int, list[tuple[Link, ...]]]] = {}
        self._crowds = {node: Crowd(node, types) for node in crowded(self._published, self._onward, MAX_CHANNELS)}

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What `all` found and did not list."""
        return unlisted(self._crowds.values())

    def all(self) -> tuple[Hop, ...]:
        """Every hop, merged where producer, channels and consumer agree, sorted by id."""
        merged: dict[str, Hop] = {}
        for hop in self._found():
            id = hop.id  # a hash, made anew each time
            known = merged.get(id)
            merged[id] = hop if known is None else _merge(known, hop)
        mirrored = {self._heard(hop) for hop in merged.values() if hop.confidence.reported and self._is_at_home(hop)}
        return tuple(self._apart(merged[id], mirrored) for id in sorted(merged))

    def _found(self) -> Iterator[Hop]:
        """A hop for each way; the doubtful ones of a crowd come last, by those that stand for them."""
        for publish in self._published:
            crowd = self._crowds.get(publish.target)
            for way in self._all_ways(publish) if crowd is None else self._telling_ways(publish, crowd):
                told = self._ended.told(publish, way.links[1]) if self._ended is not None else None
                if told == "":
                    continue
                confidence, notes = self._judged(way)
                if told == "any" and confidence.reported:
                    confidence, notes = Confidence.POSSIBLE, (*notes, Evidence(kind=Witness.DECLARED, note=ANY))
                if crowd is None or confidence.reported or (publish.source, way.links[-1].target) in self._asked:
                    yield self._hop(way, confidence, notes)
                    continue
                place = crowd.place(way.links)
                if place is not None and crowd.needs(place):
                    crowd.represent(place, self._hop(way, confidence, notes))
        for _, crowd in sorted(self._crowds.items()):
            yield from crowd.hops

    def _all_ways(self, publish: Link) -> Iterator[_Way]:
        return self._ways(_Way((publish,), publish.sent), frozenset({publish.target}))

    def _telling_ways(self, publish: Link, crowd: Crowd) -> Iterator[_Way]:
        """The ways of a link into a crowd. Where only a grant tells of it, the same ways are doubtful for all: told once."""
        asks = any(producer == publish.source for producer, _ in self._asked)
        if asks or publish.confidence.rank > Confidence.LIKELY.rank or not _only_granted(publish):
            yield from self._all_ways(publish)
            return
        alike = (publish.target, publish.switched_off, any(item.against for item in publish.evidence))
        known = self._doubted.get(alike)
        if known is not None:
            crowd.count(publish.source, known[0])
            for tail in known[1]:
                yield self._along(publish, tail)
            return
        doubted, open_ways = 0, []
        for way in self._all_ways(publish):
            if self._is_doubted(way):
                doubted += 1
            else:
                open_ways.append(way.links[1:])
            yield way
        self._doubted[alike] = (doubted, open_ways)

    def _is_doubted(self, way: _Way) -> bool:
        """Whether a way is doubtful whoever it is that may send, as long as only a grant says so."""
        onward = list(way.links[1:])
        seen = any(item.kind is Witness.OBSERVED for link in onward for item in link.evidence)
        doubted = bool(way.against) or any(not link.confidence.reported for link in onward) or self._sorted(onward)
        return not seen and (doubted or any(_takes_few_keys(link.filter) for link in onward))

    def _along(self, publish: Link, tail: tuple[Link, ...]) -> _Way:
        """The way of a link on along others."""
        way = _Way((publish,), publish.sent)
        for link in tail:
            way = self._extend(way, link)
        return way

    def _heard(self, hop: Hop) -> tuple[str, str, str]:
        """A hop with its consumer by what it is called in its own root."""
        root = self._roots.get(hop.consumer, "")
        path = repr([(passage.channel, passage.filter) for passage in hop.passages])
        return hop.producer, path, hop.consumer.removeprefix(f"{root}/")

    def _is_at_home(self, hop: Hop) -> bool:
        return self._roots.get(hop.producer) == self._roots.get(hop.consumer)

    def _apart(self, hop: Hop, mirrored: set[tuple[str, str, str]]) -> Hop:
        """Two roots whose consumers of one name hear the same of a shared node are one application, deployed in two ways."""
        shared = any(passage.channel in self._shared for passage in hop.passages)
        if hop.confidence is not Confidence.LIKELY or not shared or self._is_at_home(hop) or self._heard(hop) not in mirrored:
            return hop
        note = f"the sender's own stack has its {hop.consumer.rpartition('/')[2]}, which hears the same: they seem to be variants"
        return replace(hop, confidence=Confidence.POSSIBLE, evidence=(*hop.evidence, Evidence(kind=Witness.DECLARED, note=note)))

    def _ways(self, way: _Way, passed: frozenset[str]) -> Iterator[_Way]:
        node = way.links[-1].target
        for link in self._onward.get(node, ()):
            longer = self._extend(way, link)
            if link.kind is LinkKind.DELIVER:
                yield longer
            elif link.target not in passed and len(passed) < MAX_CHANNELS:
                yield from self._ways(longer, passed | {link.target})

    def _extend(self, way: _Way, link: Link) -> _Way:
        match, passed = self._step(way, link)
        against, notes = way.against, way.notes
        where = link.evidence[0].location if link.evidence else None
        if match is not None and match.verdict is Verdict.EXCLUDED:
            against = (*against, Evidence(kind=Witness.DECLARED, note=match.why, location=where, against=True))
        elif match is not None and match.verdict is Verdict.UNKNOWN and match.why:
            notes = (*notes, Evidence(kind=Witness.DECLARED, note=match.why, location=where))
        loose = link.source in self._shared and (match is None or not match.addressed)
        unaddressed = way.unaddressed or (link if loose else None)
        certain = way.certain and not loose and (link.filter is None or self._surely_passes(way, match))
        return _Way((*way.links, link), passed, against, notes, unaddressed, certain)

    def _step(self, way: _Way, link: Link) -> tuple[Match | None, Sent | None]:
        """What a link's filter says of what was sent, and what goes on behind it; once for all whose calls are not seen."""
        unseen = way.links[0].sent is None
        key = (id(way.sent), id(link))  # what is sent then is None or was kept below: no id is used twice
        if unseen and key in self._steps:
            return self._steps[key]
        channel = self._channels.get(self._types.get(link.source, ""))
        sent = way.sent or Sent(service=channel.type if channel is not None else "", operation="")
        onward = channel.onward if channel is not None else None
        done = _held(channel, sent, link), onward(sent, link) if onward is not None else None
        if unseen:
            self._steps[key] = done
        return done

    def _surely_passes(self, way: _Way, match: Match | None) -> bool:
        """Whether all that a function sends there passes a filter: of several calls another one may have been the one seen."""
        calls = self._calls[way.links[0].source, way.links[0].target]
        return match is not None and match.verdict is Verdict.PASSES and calls == 1

    def _judged(self, way: _Way) -> tuple[Confidence, tuple[Evidence, ...]]:
        """How sure a way is, and what is to be noted of it."""
        publish, *onward = way.links
        confidence = weakest([link.confidence if way.certain else _of_itself(link) for link in way.links])
        if way.against and confidence is not Confidence.CONFIRMED:
            return Confidence.CONTRADICTED, way.notes
        if (
            confidence is Confidence.LIKELY
            and _only_granted(publish)
            and (_tells_little(publish, onward) or self._sorted(onward))
        ):
            return Confidence.POSSIBLE, way.notes
        if way.unaddressed is not None and confidence.reported and self._is_between_roots(publish, onward[-1]):
            return Confidence.POSSIBLE, (*way.notes, _by_accident(way.unaddressed))
        return confidence, way.notes

    def _hop(self, way: _Way, confidence: Confidence, notes: tuple[Evidence, ...]) -> Hop:
        publish, *onward = way.links
        passages = tuple(
            Passage(channel=link.source, type=self._types.get(link.source, "unknown"), filter=link.filter, delivery=link.delivery)
            for link in onward
        )
        return Hop(
            producer=publish.source,
            consumer=onward[-1].target,
            passages=passages,
            confidence=confidence,
            evidence=tuple(dict.fromkeys([*(item for link in way.links for item in link.evidence), *notes, *way.against])),
            links=way.links,
            multiplicity=publish.multiplicity,
            guards=publish.guards,
            condition=both(*(link.condition for link in way.links)),
            mediated=any(link.mediated for link in way.links),
            reason=next((link.reason for link in way.links if link.reason), None),
        )

    def _sorted(self, onward: list[Link]) -> bool:
        """Whether a topic or bus on the way sorts messages by several filters: a grant alone does not say which one is met."""
        sorting = (link.source for link in onward if link.filter is not None and self._types.get(link.source) in _SORTED)
        return any(self._has_several_filters(source) for source in sorting)

    def _has_several_filters(self, source: str) -> bool:
        if source not in self._sorts:
            self._sorts[source] = len({repr(link.filter) for link in self._onward[source] if link.filter is not None}) > 1
        return self._sorts[source]

    def _is_between_roots(self, publish: Link, deliver: Link) -> bool:
        mine, theirs = self._roots.get(publish.source), self._roots.get(deliver.target)
        return mine is not None and theirs is not None and mine != theirs


def _of_itself(link: Link) -> Confidence:
    """How sure a link is where its ends were seen, but not that what one sends reaches the other: likely, or as without."""
    rest = tuple(item for item in link.evidence if item.kind is not Witness.OBSERVED)
    if len(rest) == len(link.evidence):
        return link.confidence
    return max(Confidence.LIKELY, derive(rest, Reading.READ), key=lambda level: level.rank)


def _by_accident(link: Link) -> Evidence:
    note = "sender and consumer are deployed apart, and nothing that is seen to be sent is named by the filter"
    return Evidence(kind=Witness.DECLARED, note=note, location=link.evidence[0].location if link.evidence else None)


def _held(channel: Channel | None, sent: Sent, link: Link) -> Match | None:
    if channel is None or channel.accepts is None or link.filter is None:
        return None
    return channel.accepts(sent, link.filter)


def _only_granted(publish: Link) -> bool:
    return publish.sent is None and publish.reason is None and all(item.kind is not Witness.DECLARED for item in publish.evidence)


def _tells_little(publish: Link, onward: list[Link]) -> bool:
    """A grant alone says little about a function's own trigger, which it must be let read, and about a bus that all share.

    Nor does a grant on a whole bucket about the few keys that a notification takes.
    """
    own = publish.source == onward[-1].target
    return own or publish.target.endswith("/default") or any(_takes_few_keys(link.filter) for link in onward)


def _takes_few_keys(filter: Value) -> bool:
    """Whether a filter is on the keys of objects: that of a notification, or of a rule on what a bucket tells EventBridge."""
    if not isinstance(filter, Mapping):
        return False
    detail = filter.get("detail")
    stored = detail.get("object") if isinstance(detail, Mapping) and filter.get("source") == ("aws.s3",) else None
    return any(filter.get(key) for key in ("prefix", "suffix")) or (isinstance(stored, Mapping) and bool(stored.get("key")))


def _merge(one: Hop, other: Hop) -> Hop:
    """Two calls, or two rules, that make the same hop: the surer one leads, every witness is kept.

    One that is switched off adds nothing to one that is not.
    """
    lead, second = (one, other) if _lead(one) >= _lead(other) else (other, one)
    if is_off(second.condition) and not is_off(lead.condition):
        return lead
    witnesses = second.evidence if second.confidence.reported or not lead.confidence.reported else ()
    passages = tuple(
        mine if mine.filter == theirs.filter else replace(mine, filter=_either(mine.filter, theirs.filter))
        for mine, theirs in zip(lead.passages, second.passages, strict=True)
    )
    heard = second.confidence.reported
    return replace(
        lead,
        evidence=tuple(dict.fromkeys([*lead.evidence, *witnesses])),
        links=(*lead.links, *(link for link in second.links if link not in lead.links)) if heard else lead.links,
        passages=passages if heard else lead.passages,
        multiplicity=max(lead.multiplicity, second.multiplicity, key=_MULTIPLICITY.index) if heard else lead.multiplicity,
        condition=lead.condition if lead.condition == second.condition or is_off(lead.condition) or not heard else None,
    )


def _lead(hop: Hop) -> tuple[bool, bool, int]:
    """What is reported leads, of that what is not switched off, of that what is surer."""
    return hop.confidence.reported, not is_off(hop.condition), hop.confidence.rank


def _either(one: Value, other: Value) -> Value:
    return None if one is None or other is None else {"anyOf": (one, other)}
