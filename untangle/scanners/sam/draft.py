"""One stack while its SAM resources are written out: what was given, what has been made, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from untangle.model.location import Location
from untangle.model.resource import Gap, Problem, Resource, Route, Stack
from untangle.model.value import Ref, Value
from untangle.scanners.sam.part import Part

# A route of the generated resource and the route of the owner's properties that it was written at.
Moved = tuple[Route, Route]


@dataclass(kw_only=True)
class Draft:
    """Collects the canonical resources of one stack, in the order in which they are made.

    `given` are the template's own resources by logical id, before expansion (Globals merged in). `made` holds everything
    that will be returned, by id; a resource made under an id that is taken gets `#2`, `#3` … behind it, which happens only
    where one logical id has several forms (both sides of an Fn::If). `implicit` are the APIs that events need without naming
    one, each with the first such event. `references` are SAM's own names for what it generates.
    """

    stack: Stack
    given: dict[str, Resource] = field(default_factory=dict)
    made: dict[str, Resource] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    implicit: dict[str, Part] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)

    def id(self, address: str) -> str:
        """The id of a logical id of this stack."""
        return f"{self.stack.id}/{address}"

    def ref(self, address: str, attribute: str = "") -> Ref:
        """A Ref (or GetAtt) of a logical id of this stack."""
        return Ref(self.id(address), attribute)

    def make(
        self,
        part: Part,
        address: str,
        type: str,
        values: Mapping[str, Value],
        *,
        origin: str,
        moved: Iterable[Moved] = (),
        lines: Mapping[Route, int] | None = None,
        metadata: Mapping[str, Value] | None = None,
    ) -> Resource:
        """Makes one generated resource from what is written at `part`; absent values (None) are left out.

        Its lines are `lines` and those at the routes of `moved`; all else points at the line of `part`.
        """
        id = self.id(address)
        count = 2
        while id in self.made:
            id, count = self.id(f"{address}#{count}"), count + 1
        made = Resource(
            id=id,
            type=type,
            stack=self.stack.id,
            address=id[len(self.stack.id) + 1 :],
            properties={key: value for key, value in values.items() if value is not None},
            location=part.location,
            lines={**moved_lines(part.owner.lines, moved), **(lines or {})},
            condition=part.condition,
            origin=origin,
            metadata={key: value for key, value in (metadata or {}).items() if value is not None},
        )
        self.made[id] = made
        return made

    def keep(self, resource: Resource, type: str, values: Mapping[str, Value], moved: Iterable[Moved] = ()) -> Resource:
        """Keeps a resource of the template under its canonical type and properties."""
        present = {key: value for key, value in values.items() if value is not None}
        kept = replace(resource, type=type, properties=present, lines=moved_lines(resource.lines, moved))
        self.made[resource.id] = kept
        return kept

    def refer(self, owner: str, name: str, address: str) -> None:
        """Lets `<owner>.<name>` (MyFn.Alias) stand for the resource at `address`; the first one stays."""
        self.references.setdefault(self.id(f"{owner}.{name}"), self.id(address))

    def problem(self, part: Part, message: str) -> None:
        """Notes that the user's template is wrong at this part."""
        location = part.location or Location(self.stack.path)
        self.problems.append(Problem(rule="sam-invalid", message=message, location=location))

    def gap(self, part: Part, what: str, why: str) -> None:
        """Notes what cannot be known at this part."""
        self.gaps.append(Gap(what=what, why=why, location=part.location))


def moved_lines(lines: Mapping[Route, int], moved: Iterable[Moved]) -> dict[Route, int]:
    """The lines under each source route, as lines under its target route."""
    by_source: dict[Route, list[Route]] = {}
    for target, source in moved:
        by_source.setdefault(source, []).append(target)
    found: dict[Route, int] = {}
    lengths = sorted({len(source) for source in by_source})
    for route, line in lines.items() if lengths else ():
        for length in lengths:
            for target in by_source.get(route[:length], ()):
                found[target + route[length:]] = line
    return found
