"""Resources in CloudFormation's vocabulary, the one vocabulary of the house, and what a scan collects of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from untangle.model.chain import Finding
from untangle.model.location import Location
from untangle.model.usage import Observation, Usage
from untangle.model.value import Either, Value

EMPTY: Mapping[str, Value] = MappingProxyType({})
Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of one stack, whatever format declared it.

    `id` is `<stack>/<address>`. `properties` are CloudFormation's, evaluated as far as the source alone
    allows. `lines` maps routes into the properties to line numbers of `location.path`. `condition` is the
    template's, in its words (a `SwitchedOff` text where it is known not to hold).
    `origin` names what generated a resource that nobody wrote ("sam event").
    `attributes` are physical facts of a live resource (Arn, QueueUrl). `elsewhere` holds the places of what is written in
    another block or file than the resource (a rule's target in Terraform), by routes like those of `lines`.
    `deployed` is the live ARN, also of a declared resource that was found in an account; `filled` are the routes of those of its
    properties that only the account tells.
    """

    id: str
    type: str
    stack: str
    address: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    location: Location | None = None
    lines: Mapping[Route, int] = field(default_factory=dict)
    condition: str | None = None
    origin: str | None = None
    metadata: Mapping[str, Value] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    deployed: str | None = None
    elsewhere: Mapping[Route, Location] = field(default_factory=dict)
    filled: frozenset[Route] = frozenset()

    def at(self, *route: str | int) -> Location | None:
        """Where a property is written: the nearest enclosing line that is known."""
        if self.location is None:
            return None
        for end in range(len(route), 0, -1):
            if route[:end] in self.elsewhere:
                return self.elsewhere[route[:end]]
            line = self.lines.get(route[:end])
            if line is not None:
                return Location(self.location.path, line)
        return self.location

    def get(self, *route: str) -> Value:
        """The property at a route of keys; None where it is absent.

        Where a condition chooses between values on the way, so it does between what is found in them.
        """
        return _at(self.properties, route)


def _at(value: Value, route: tuple[str, ...]) -> Value:
    if not route:
        return value
    if isinstance(value, Either):
        options = tuple(_at(option, route) for option in value.options)
        return None if all(option is None for option in options) else Either(options, value.conditions)
    return _at(value.get(route[0]), route[1:]) if isinstance(value, Mapping) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One instantiated template: a root, or one use of a nested template.

    `outputs` are by output name; `exports` pair an export's name with its value.
    `folder` is the template's folder, relative to the root: local code paths start there. `place` is the `<account>/<region>` in
    which a declared stack is known to be deployed.
    """

    id: str
    path: str
    folder: str
    kind: str
    outputs: Mapping[str, Value] = field(default_factory=dict)
    exports: tuple[tuple[Value, Value], ...] = ()
    parent: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Source:
    """A file (or account) that was read: `kind` is "sam", "cloudformation", …"""

    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that cannot be known, shown to the user: never an empty list, never a silent drop."""

    what: str
    why: str
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in a file the user gave: becomes a finding. `rule` is a rule id such as "template-syntax"."""

    rule: str
    message: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How one source or operation was read; `outcome` is "read", "denied", "skipped", …; `note` says how often and why."""

    source: str
    operation: str
    outcome: str
    unseen: tuple[str, ...] = ()
    permission: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All that the sources declare, before anything is resolved or linked.

    `usage` is by resource id, `observations` are hops that were seen: both only where an account was asked for them.
    """

    sources: tuple[Source, ...] = ()
    stacks: tuple[Stack, ...] = ()
    resources: tuple[Resource, ...] = ()
    gaps: tuple[Gap, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    usage: Mapping[str, Usage] = field(default_factory=dict)
    observations: tuple[Observation, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: Inventory) -> Inventory:
        return Inventory(
            sources=self.sources + other.sources,
            stacks=self.stacks + other.stacks,
            resources=self.resources + other.resources,
            gaps=self.gaps + other.gaps,
            problems=self.problems + other.problems,
            coverage=self.coverage + other.coverage,
            usage={**self.usage, **other.usage},
            observations=self.observations + other.observations,
            findings=self.findings + other.findings,
        )
