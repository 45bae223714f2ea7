"""Nested stacks: which template one means, what it passes, and where the nesting ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from untangle.model.location import Location
from untangle.model.value import Value, show
from untangle.scanners.cloudformation.library import Library
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.cloudformation.scope import NO_VALUE
from untangle.scanners.cloudformation.template import Template
from untangle.scanners.document import Map, Node

# Where each type of nested stack names its template.
NESTED_TYPES: Mapping[str, str] = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
_ASSET = "aws:asset:path"
_MAX_NESTED = 50_000
_MAX_NESTING = 20


class Parent(Protocol):
    """A stack that nests others, as far as that matters to them."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def template(self) -> Template:
        """Its template."""

    @property
    def parent(self) -> Parent | None:
        """The stack that it is nested in."""

    def evaluate(self, node: Node) -> Value:
        """The value of a part of its template."""

    def certain(self, node: Node) -> Value:
        """The same without the defaults of its parameters."""


Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A resource that makes a nested stack."""

    name: str
    entry: Map
    location: Location
    condition: str | None = None

    @property
    def properties(self) -> Map:
        """Its properties as written."""
        found = self.entry.get("Properties")
        return found if isinstance(found, Map) else Map()


class Passed(Mapping[str, Value]):
    """The parameters that a parent passes, each evaluated in the parent when it is asked for."""

    def __init__(self, nodes: Map, evaluate: Callable[[Node], Value]) -> None:
        self._nodes = nodes
        self._evaluate = evaluate

    def __getitem__(self, name: str) -> Value:
        value = self._evaluate(self._nodes[name])
        return None if value is NO_VALUE else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Values of parameters: `certain` holds them as far as no default of a parameter around them decided."""

    values: Mapping[str, Value]
    certain: Mapping[str, Value]


class Family(Generic[Made]):
    """All stacks of one scan: the templates they come from, and how much there may be of them."""

    def __init__(self, library: Library, notes: Notes, make: Callable[..., Made]) -> None:
        self.library = library
        self.notes = notes
        self._make = make
        self._count = 0

    def nested(self, parent: Parent, call: Call) -> Made | None:
        """The stack that a call makes. What cannot be found, or nests itself, is a gap."""
        template = self.template(parent, call)
        if isinstance(template, str):
            self.notes.gap(f"the nested stack {parent.id}/{call.name}", template, call.location)
            return None
        self._count += len(template.section("Resources"))
        passed = call.properties.get("Parameters")
        nodes = passed if isinstance(passed, Map) else Map()
        given = Given(values=Passed(nodes, parent.evaluate), certain=Passed(nodes, parent.certain))
        return self._make(template, f"{parent.id}/{call.name}", given, self, parent=parent, condition=call.condition)

    def template(self, parent: Parent, call: Call) -> Template | str:
        """The template that a call means, or why there is none."""
        around = tuple(stack.template.path for stack in _upward(parent))
        key = NESTED_TYPES[call.entry["Type"]]
        location = parent.evaluate(call.properties.get(key))
        if self._count >= _MAX_NESTED or len(around) >= _MAX_NESTING:
            return f"the scan stops at {_MAX_NESTED} resources in nested stacks, {_MAX_NESTING} deep"
        if isinstance(location, Mapping):
            return f"it is a published application ({show(location)}), which is not in the scanned tree"
        own = parent.template.folder
        found = self._asset(parent, call) or self.library.find(own, location, _names(call), frozenset(around))
        if found is None:
            named = f"its {key} {show(location)}" if location else f"its empty {key}"
            return f"{named} names no template of the scanned tree, and its parameters fit none or several"
        return f"{found.path} nests itself" if found.path in around else found

    def _asset(self, parent: Parent, call: Call) -> Template | None:
        """What the AWS CDK notes beside a nested stack: its template's file name."""
        metadata = call.entry.get("Metadata")
        path = metadata.get(_ASSET) if isinstance(metadata, Map) else None
        if not isinstance(path, str):
            return None
        resolved = self.library.tree.resolve(parent.template.folder, path)
        return self.library.get(resolved) if resolved and self.library.tree.has(resolved) else None


def _names(call: Call) -> frozenset[str]:
    passed = call.properties.get("Parameters")
    return frozenset(passed) if isinstance(passed, Map) else frozenset()


def _upward(stack: Parent | None) -> Iterator[Parent]:
    while stack is not None:
        yield stack
        stack = stack.parent
