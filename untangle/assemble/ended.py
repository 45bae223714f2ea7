"""Ends of jobs: a function starts one, and a rule on the default bus hears from the service how it ended.

The service is an entry from outside until a call is seen whose job the rule is about. Where the pattern names what the call
names, they belong together; where it names nothing and just one function of the scan starts such jobs, they may. Anything else is
no hop: anybody may start jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from untangle.assemble.world import Atlas
from untangle.channels.job_event import JobEvent, job_event, tells
from untangle.channels.known import plain
from untangle.model.code import Call, CodeFacts
from untangle.model.evidence import Evidence, Reading, Witness, derive
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.location import Location
from untangle.model.node import Function
from untangle.model.value import Ref, Value

NODE = "eventbridge/"
ANY = "the rule names no job, and only this function is seen to start such jobs"
_ARNS = ("", "Arn", "JobQueueArn")  # how a pointer at a resource may hold its name


@dataclass(frozen=True, slots=True)
class _Start:
    """A call that starts jobs, with the function that makes it."""

    function: Function
    call: Call
    event: JobEvent


class Ended:
    """The ends of jobs of a scan. `bound` puts a function's environment into a value."""

    def __init__(
        self,
        atlas: Atlas,
        functions: Iterable[Function],
        code: Mapping[str, CodeFacts],
        bound: Callable[[Function, Value], Value],
    ) -> None:
        self._atlas = atlas
        self._bound = bound
        self._starts = [
            _Start(function, call, event)
            for function in functions
            for call in (code[function.id].calls if function.id in code else ())
            if (event := job_event(call.service, call.operation)) is not None
        ]
        self._by_call: dict[tuple[str, str, Location | None, int], _Start] = {
            (start.function.id, start.call.operation, start.call.location, id(start.call.arguments)): start
            for start in self._starts
        }

    def links(self, links: Iterable[Link]) -> Iterator[Link]:
        """A PUBLISH link onto the service's events for each call of whose jobs one of these links may tell."""
        told: dict[str, list[Link]] = {}
        for link in links:
            if link.source.startswith(NODE) and link.kind is not LinkKind.PUBLISH:
                told.setdefault(link.source, []).append(link)
        for start in self._starts:
            heard = {self._told(start, link) for link in told.get(NODE + start.event.source, ())}
            if "named" in heard or "any" in heard:
                yield self._link(start)

    def _told(self, start: _Start, link: Link) -> str:
        """What a link says of one call's jobs (see `tells`), "" where it asks for nothing and others start such jobs too."""
        rule = self._atlas.resource(str(link.delivery.get("rule") or ""))
        near = rule is not None and rule.stack == start.function.stack
        given: dict[str, frozenset[str]] = {}

        def named(parameter: str, text: str) -> bool:
            if parameter not in given:
                given[parameter] = self._given(start, parameter, near=near)
            return text in given[parameter]

        found = tells(start.event, link.filter, named)
        if found != "any":
            return found
        alone = all(other.function.id == start.function.id for other in self._starts if other.event is start.event)
        return found if alone else ""

    def _given(self, start: _Start, parameter: str, *, near: bool) -> frozenset[str]:
        """What a call gives for a parameter, as patterns write it. An unknown part counts within one stack, or of a resource."""
        value = self._bound(start.function, start.call.arguments.get(parameter))
        if value is None:
            return frozenset()
        text = plain(self._atlas, value)
        written = {text} if isinstance(text, str) and text and ("${" not in text or near) else set()
        for target in self._atlas.resolve(value, near=start.function.stack):
            if target.resource is not None and not target.aside:
                written.update(str(plain(self._atlas, Ref(target.resource.id, name))) for name in _ARNS)
        return frozenset(written)

    def _link(self, start: _Start) -> Link:
        call = start.call
        evidence = (Evidence(kind=Witness.CODED, note=call.text, location=call.location),)
        return Link(
            source=start.function.id,
            target=NODE + start.event.source,
            kind=LinkKind.PUBLISH,
            confidence=derive(evidence, Reading.READ),
            evidence=evidence,
            condition=start.function.condition,
            multiplicity=call.multiplicity,
            per_record=call.per_record,
            guards=call.guards,
            place=call.place,
            sent=Sent(service=call.service, operation=call.operation, attributes=call.arguments),
            mediated=True,
        )

    def told(self, publish: Link, onward: Link) -> str | None:
        """What the link behind one of these says of the call's jobs: "named", "any", or "" where it is about others.

        None for any other PUBLISH link.
        """
        if not publish.target.startswith(NODE) or publish.sent is None:
            return None
        start = self._by_call.get(
            (publish.source, publish.sent.operation, publish.evidence[0].location, id(publish.sent.attributes))
        )
        return None if start is None else self._told(start, onward)
