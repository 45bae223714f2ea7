"""Who writes to each channel: calls in code, grants and environment variables joined into PUBLISH links.

Code is the witness that counts: a call whose target resolves to a channel. Grants and variables corroborate it;
alone they make a link only where code could not be read, and speak against it where it could (`evidence.derive`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from untangle.assemble.broad import Broad, Group
from untangle.assemble.carried import Carried
from untangle.assemble.grants import Grants
from untangle.assemble.held import Grant, Held
from untangle.assemble.overrule import Overrules
from untangle.assemble.sieve import Sieve
from untangle.assemble.world import Atlas
from untangle.channels.channel import Channel, Write
from untangle.model.code import Call, CodeFacts
from untangle.model.condition import both
from untangle.model.evidence import Evidence, Reading, Witness, derive
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.node import Function
from untangle.model.reach import Reach
from untangle.model.resource import Gap
from untangle.model.value import Concat, Either, Env, Received, Ref, Value, alternatives, concat, parts_of, show

_Named: TypeAlias = tuple[str, str | None, str]
_Variable: TypeAlias = tuple[str, Value]
SELF_NAMES = frozenset({"AWS_LAMBDA_FUNCTION_NAME"})


@dataclass(frozen=True, slots=True)
class _Witnesses:
    """What speaks for one function's link to one node, by kind."""

    grants: Sequence[Grant]
    variables: Sequence[Evidence]

    def evidence(self, action: str | None = None) -> tuple[Evidence, ...]:
        """The witnesses beside code; of the grants only those of one action, where it is known."""
        granted = (
            Evidence(kind=Witness.PERMITTED, note=item.note, location=item.location, shared=item.shared)
            for item in self.grants
            if action is None or item.action == action
        )
        return (*dict.fromkeys(granted), *dict.fromkeys(self.variables))

    def keys(self, action: str) -> tuple[str, ...]:
        """The only keys of objects that the grants of an action name; () where they name none, or any."""
        named = {grant.key for grant in self.grants if grant.action == action and grant.key}
        return () if "*" in named else tuple(sorted(named))


@dataclass(frozen=True, slots=True)
class _Witnessed:
    """What speaks for one function's links to the nodes of one channel type, beside code: grants, and variables by node."""

    held: Held
    variables: Mapping[str, Sequence[Evidence]]

    def get(self, node: str) -> _Witnesses | None:
        """What speaks for one link; None where nothing does."""
        grants, variables = self.held.on(node), self.variables.get(node, ())
        return _Witnesses(grants, variables) if grants or variables else None


@dataclass(slots=True, eq=False)
class _Open:
    """One function and one channel type: what is witnessed, and the calls whose target the code does not tell."""

    function: Function
    channel: Channel
    facts: CodeFacts | None
    witnesses: _Witnessed
    seen: set[str] = field(default_factory=set)
    unresolved: list[tuple[Call, Write]] = field(default_factory=list)


class Producers:
    """Finds the PUBLISH links of every function: first `coded`, then, knowing those, `settled`."""

    def __init__(
        self,
        atlas: Atlas,
        channels: tuple[Channel, ...],
        functions: Iterable[Function],
        code: Mapping[str, CodeFacts],
        overrules: Overrules,
        asked: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self._atlas = atlas
        self._overrules = overrules
        self._channels = channels
        self._functions = tuple(functions)
        self._code = code
        self._grants = Grants(atlas, self._functions)
        self._broad = Broad(self._holders(), asked)
        self._sieve = Sieve(atlas)
        self._writes = {(write.service, write.operation): (channel, write) for channel in channels for write in channel.writes}
        self._open: list[_Open] = []
        self._gaps: list[Gap] = []

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Calls whose target is not known, and links that are counted and not listed."""
        return (*self._gaps, *self._broad.gaps())

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """The grants whose links are counted and not listed."""
        return tuple(self._broad.reaches)

    def _holders(self) -> Mapping[Group, tuple[Held, int]]:
        """What the functions of one role and stack hold together, by channel type, and how many they are."""
        found: dict[Group, tuple[Held, int]] = {}
        for function in self._functions:
            for channel in self._channels if function.role is not None else ():
                if channel.writes:
                    group = _group(function, channel)
                    found[group] = (self._grants.of(function, channel), found[group][1] + 1 if group in found else 1)
        return found

    def coded(self) -> Iterator[Link]:
        """The PUBLISH links whose target the code itself tells, each with all its witnesses."""
        for function in self._functions:
            facts = self._code.get(function.id)
            calls = self._calls_by_channel(facts)
            variables = _naming(function)
            for channel in self._channels:
                if channel.writes:
                    open_question = _Open(function, channel, facts, self._witnesses(function, channel, variables))
                    yield from self._told(open_question, calls.get(channel.type, []))
                    self._open.append(open_question)

    def settled(self, carried: Carried) -> Iterator[Link]:
        """The rest: targets that a message carries, targets by elimination, grants without a call."""
        for question in self._open:
            left = []
            for call, write in question.unresolved:
                links = list(self._carried(question, call, write, carried))
                yield from links
                if not links:
                    left.append((call, write))
            for call, write in left:
                yield from self._by_elimination(question, call, write)
            yield from self._uncoded(question, bool(left))

    def _calls_by_channel(self, facts: CodeFacts | None) -> Mapping[str, list[tuple[Call, Write]]]:
        found: dict[str, list[tuple[Call, Write]]] = {}
        for call in facts.calls if facts is not None else ():
            entry = self._writes.get((call.service, call.operation))
            if entry is not None:
                found.setdefault(entry[0].type, []).append((call, entry[1]))
        return found

    def _told(self, question: _Open, calls: list[tuple[Call, Write]]) -> Iterator[Link]:
        for call, write in calls:
            nodes = self._targets(question.function, question.channel, call, write)
            if not nodes and write.mixed:
                self._gaps.extend(self._unnamed(question.function, call, write))
            elif not nodes:
                question.unresolved.append((call, write))
            for node, condition, aside in nodes:
                question.seen.add(node)
                yield self._link(question.function, node, call, write, question.witnesses.get(node), condition, aside)

    def _unnamed(self, function: Function, call: Call, write: Write) -> Iterator[Gap]:
        """The Gap of a call that may be meant for a channel or for something else, where not even that is known."""
        value = self.bound(function, call.arguments.get(write.target))
        lead = parts_of(value)[0] if value is not None else None
        if (isinstance(lead, str) and lead.startswith("arn:")) or self._atlas.resolve(value, near=function.stack):
            return
        why = f"its target ({self._describe(function, call.arguments.get(write.target))}) is not known"
        yield Gap(what=f"{call.service}:{call.operation} in {function.address}", why=why, location=call.location)

    def _carried(self, question: _Open, call: Call, write: Write, carried: Carried) -> Iterator[Link]:
        """A target that stands in the function's own message: what the senders of that message put there."""
        value = call.arguments.get(write.target)
        for received in (option for option, _ in alternatives(value) if isinstance(option, Received)):
            for told in carried.buckets(question.function.id, received) if question.channel.type == "s3" else ():
                question.seen.add(told.source)
                note = " (the bucket that its message is about)"
                yield self._link(
                    question.function, told.source, call, write, question.witnesses.get(told.source), told.condition, note
                )
            for sender, given in carried.given(question.function.id, received):
                for node, condition, aside in self._nodes(sender, question.channel, self.bound(sender, given)):
                    question.seen.add(node)
                    note = f" (its message carries it: {show(given)} of {sender.address}){aside}"
                    witnesses = question.witnesses.get(node)
                    yield self._link(question.function, node, call, write, witnesses, condition, note)

    def _targets(self, function: Function, channel: Channel, call: Call, write: Write) -> list[_Named]:
        value = call.arguments.get(write.target)
        if value is None and write.default is not None:
            value = write.default
        return list(self._nodes(function, channel, self.bound(function, value)))

    def _nodes(self, function: Function, channel: Channel, value: Value) -> Iterator[_Named]:
        """The channel's nodes that a value names, each with its condition and what a note must add."""
        for target in self._atlas.resolve(value, *self._atlas.types_of(channel), near=function.stack):
            if target.resource is not None or not channel.entry:
                yield target.node + channel.entry, target.condition, target.aside

    def bound(self, function: Function, value: Value) -> Value:
        """The value with the function's environment variables put in."""
        if isinstance(value, Env):
            if value.name in SELF_NAMES:
                return Ref(function.id)
            return function.environment.get(value.name)
        if isinstance(value, Concat):
            return concat([self.bound(function, part) or part for part in value.parts])
        if isinstance(value, Either):
            return Either(tuple(self.bound(function, option) for option in value.options), value.conditions)
        return value

    def _link(
        self,
        function: Function,
        node: str,
        call: Call,
        write: Write,
        witnesses: _Witnesses | None,
        condition: str | None,
        note: str = "",
    ) -> Link:
        coded = Evidence(kind=Witness.CODED, note=call.text + note, location=call.location)
        evidence = (coded, *(witnesses.evidence(write.action) if witnesses else ()))
        return Link(
            source=function.id,
            target=node,
            kind=LinkKind.PUBLISH,
            confidence=derive(evidence, Reading.READ),
            evidence=evidence,
            condition=both(function.condition, condition),
            multiplicity=call.multiplicity,
            per_record=call.per_record,
            guards=call.guards,
            place=call.place,
            sent=Sent(
                service=call.service,
                operation=call.operation,
                attributes=call.arguments,
                body=call.payload,
                permitted=witnesses.keys(write.action) if witnesses else (),
            ),
            mediated=call.mediated is not None,
        )

    def _by_elimination(self, question: _Open, call: Call, write: Write) -> Iterator[Link]:
        """A call whose target is not seen goes to the one channel of its type that is named to the function, if there is one."""
        function, witnesses, seen = question.function, question.witnesses, question.seen
        permitted = witnesses.held.named(write.action)
        value = call.arguments.get(write.target)
        named = {node for node in witnesses.variables if not permitted or witnesses.held.on(node)}
        # What grants several by a pattern says that the call may be meant for one that no variable names.
        covers_more = witnesses.held.covers_more(write.action, named)
        candidates = permitted or (set() if _is_variable(value) or covers_more else named)
        bound = self._overrules.binding(function.id, show(value) if value is not None else "")
        if bound is not None:
            seen.add(bound.channel)
            link = self._link(function, bound.channel, call, write, witnesses.get(bound.channel), None)
            yield replace(link, evidence=(*link.evidence, self._overrules.evidence(bound.reason, bound.line)))
            return
        if len(candidates) == 1:
            node = next(iter(candidates))
            seen.add(node)
            note = f" (target {show(value) if value is not None else 'unknown'}; the only one named to the function)"
            yield self._link(function, node, call, write, witnesses.get(node), None, note)
            return
        chosen = self._one_choice(question, candidates)
        if chosen is not None:
            for node, condition in chosen[1]:
                seen.add(node)
                note = (
                    f" (target {show(value) if value is not None else 'unknown'}; of what {chosen[0]} may be, the only one named)"
                )
                yield self._link(function, node, call, write, witnesses.get(node), condition, note)
            return
        what = f"{call.service}:{call.operation} in {function.address}"
        why = f"its target ({self._describe(function, value)}) is not known" + (
            f"; {len(candidates)} candidates are named to the function" if candidates else ""
        )
        self._gaps.append(Gap(what=what, why=why, location=call.location))

    def _one_choice(self, question: _Open, candidates: set[str]) -> tuple[str, list[tuple[str, str | None]]] | None:
        """The variable of which all candidates are alternatives, one to each stage, and each with its condition."""
        for name, value in sorted(question.function.environment.items()):
            if candidates and isinstance(value, Either):
                named = {node: condition for node, condition, _ in self._nodes(question.function, question.channel, value)}
                if candidates <= named.keys():
                    return name, [(node, named[node]) for node in sorted(candidates)]
        return None

    def _describe(self, function: Function, value: Value) -> str:
        if isinstance(value, Env):
            held = function.environment.get(value.name)
            return f"environment variable {value.name}" + (f" = {show(held)}" if held is not None else ", which no template sets")
        if isinstance(value, Received):
            return f"taken from the message, {value.path}"
        return show(value) if value is not None else "not given"

    def _uncoded(self, question: _Open, unresolved: bool) -> Iterator[Link]:
        facts, seen = question.facts, question.seen
        read = facts is not None and facts.readable
        reading = Reading.UNREAD if not read else Reading.UNRESOLVED if unresolved else Reading.READ
        for node in self._granted(question):
            found = question.witnesses.get(node)
            if node in seen or found is None or not found.grants:
                continue
            evidence = found.evidence()
            confidence = derive(evidence, reading)
            if facts is not None and not facts.readable:
                reason = facts.gaps[0].why if facts.gaps else "the code could not be read"
                evidence = (*evidence, Evidence(kind=Witness.PERMITTED, note=f"no call seen: {reason}", shared=True))
            yield Link(
                source=question.function.id,
                target=node,
                kind=LinkKind.PUBLISH,
                confidence=confidence,
                evidence=evidence,
                condition=question.function.condition,
            )

    def _granted(self, question: _Open) -> list[str]:
        """The nodes that a function is granted and that are listed."""
        function, held, group = question.function, question.witnesses.held, _group(question.function, question.channel)
        named = held.own | question.witnesses.variables.keys()
        if group not in self._broad:
            return sorted(named | held.shared)
        return sorted(named.union(self._broad.weak(group, function, held, named | question.seen)))

    def _witnesses(self, function: Function, channel: Channel, variables: Iterable[_Variable]) -> _Witnessed:
        found: dict[str, list[Evidence]] = {}
        types = self._atlas.types_of(channel)
        for name, value in variables:
            for node, _, _ in self._nodes(function, channel, value) if self._sieve.passes(value, types) else ():
                found.setdefault(node, []).extend(self._bound_by(function, name, value))
        return _Witnessed(self._grants.of(function, channel), found)

    def _bound_by(self, function: Function, name: str, value: Value) -> Iterator[Evidence]:
        """The variable as a witness; where only the account tells what it holds, that is one too."""
        resource = self._atlas.resource(function.id)
        route = ("Environment", "Variables", name)
        at = resource.at(*route) if resource is not None else None
        yield Evidence(kind=Witness.BOUND, note=f"environment {name}", location=at)
        if resource is not None and route in resource.filled:
            yield Evidence(kind=Witness.DEPLOYED, note=f"environment {name} is {show(value)} as deployed", location=at)


def _group(function: Function, channel: Channel) -> Group:
    return function.role or "", function.stack, channel.type


def _is_variable(value: Value) -> bool:
    """Whether a target is read from variables that name no channel: what another variable names is then not meant."""
    return value is not None and all(isinstance(option, Env) for option, _ in alternatives(value))


def _naming(function: Function) -> tuple[_Variable, ...]:
    """The variables of a function by name, one for each value that may name a channel."""
    options = ((name, option) for name, value in sorted(function.environment.items()) for option, _ in alternatives(value))
    return tuple((name, option) for name, option in options if _may_name(option))


def _may_name(value: Value) -> bool:
    """Short bare words ("default", "prod") are settings more often than names; they are not taken as naming a channel."""
    lead = parts_of(value)[0]
    return not (isinstance(value, str) and len(value) < 4) and not (isinstance(lead, str) and lead == "default")
