"""One service: its file, its variables, and its parts evaluated, CloudFormation's functions in them included."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from untangle.model.location import Location
from untangle.model.resource import Resource
from untangle.model.value import Symbol, Value, concat, scalar_text, show
from untangle.scanners.cloudformation.evaluate import Lines, evaluate
from untangle.scanners.cloudformation.instance import Instance
from untangle.scanners.cloudformation.library import Library
from untangle.scanners.cloudformation.nested import Family, Given
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.document import Map, Node, Seq
from untangle.scanners.sam.part import Part
from untangle.scanners.serverless_framework.files import Files
from untangle.scanners.serverless_framework.resources import flat, template
from untangle.scanners.serverless_framework.variables import Variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a section: its key, its content, and where it is written."""

    key: str
    node: Any
    location: Location


@dataclass(kw_only=True)
class Service:
    """A service as the framework sees it. `id` is the id of its stack; `given` are the options that the user stated."""

    path: str
    root: Map
    id: str
    files: Files
    library: Library
    notes: Notes
    given: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Node] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder of its file: code and files are named from there."""
        return posixpath.dirname(self.path)

    @cached_property
    def variables(self) -> Variables:
        """Its variables."""
        variables = Variables(self.root, self.path, self.id, self.files, self.folder, self.given)
        variables.params = self.params
        return variables

    @cached_property
    def name(self) -> Value:
        """The service's own name."""
        found = self.variables.node(self.root.get("service"))
        found = found.get("name") if isinstance(found, Map) else found
        return found if isinstance(found, str) or found is not None else Symbol("service", self.id)

    @cached_property
    def stage(self) -> Value:
        """The stage that it is deployed to."""
        found: Value = self.variables.stage
        return found

    @cached_property
    def stack_name(self) -> Value:
        """The name of its stack in the account."""
        given = self.get("provider", "stackName")
        return concat((self.name, "-", self.stage)) if given is None else given

    @cached_property
    def instance(self) -> Instance:
        """Its `resources` as a stack of CloudFormation."""
        family: Family[Instance] = Family(self.library, self.notes, Instance)
        made = template(self.path, self.variables.node(self.root.get("resources")), self.notes)
        return Instance(made, self.id, Given(values=self.given, certain=self.given), family)

    # its sections

    def get(self, *route: str) -> Value:
        """The evaluated value at a route of keys of the service."""
        node: Any = self.root
        for i, key in enumerate(route):
            if isinstance(node, str):
                node = self.variables.node(node)
            if not isinstance(node, Map):
                return None
            node = node.get(key) if i or key != "provider" else self._resolved("provider")
        return self.instance.evaluate(self.variables.node(node))

    def _resolved(self, section: str) -> Any:
        if section not in self._sections:
            self._sections[section] = self.variables.node(self.root.get(section))
        return self._sections[section]

    @cached_property
    def _sections(self) -> dict[str, Any]:
        return {}

    @cached_property
    def provider(self) -> Part:
        """The `provider` section."""
        node = self._resolved("provider")
        path = (node.path if isinstance(node, Map) else None) or self.path
        return self.part(Entry(key="provider", node=node, location=Location(path, self.root.lines.get("provider"))))

    def entries(self, *route: str) -> list[Entry]:
        """The entries of a section that is a mapping or a list of mappings, in order."""
        node: Any = self.root
        for key in route:
            node = self.variables.node(node.get(key)) if isinstance(node, Map) else None
        line = self.root.lines.get(route[0], 1)
        found: dict[str, Entry] = {}
        for block in flat(node):
            if isinstance(block, Map):
                for entry in self._entries(block):
                    found.setdefault(entry.key, entry)
            elif block is not None:
                why = "it is not in the scanned tree, or known only when it is deployed"
                self.notes.gap(f"{'.'.join(route)} of {self.id}: {show(block)}", why, Location(self.path, line))
        return list(found.values())

    def _entries(self, block: Map) -> Iterator[Entry]:
        for key, node in block.items():
            own = node.path if isinstance(node, Map) else None
            line = node.line if isinstance(node, Map) and own is not None else block.lines.get(key, block.line)
            yield Entry(key=key, node=node, location=Location(own or block.path or self.path, line))

    def part(self, entry: Entry) -> Part:
        """An entry evaluated, with its lines."""
        lines: Lines = {}
        node = entry.node
        if isinstance(node, Map):
            node = Map(node.items(), line=node.line, lines=node.lines)
        value = evaluate(self.instance, node, (), lines)
        owner = Resource(
            id=f"{self.id}/{entry.key}",
            type="",
            stack=self.id,
            address=entry.key,
            properties=value if isinstance(value, Mapping) else {},
            location=entry.location,
            lines=lines,
        )
        return Part(owner=owner, value=value)

    @cached_property
    def functions(self) -> list[Entry]:
        """The functions, in order."""
        return self.entries("functions")

    @cached_property
    def function_keys(self) -> frozenset[str]:
        """The keys of the functions."""
        return frozenset(entry.key for entry in self.functions)

    @cached_property
    def plugins(self) -> frozenset[str]:
        """The names of its plugins."""
        found = self.get("plugins")
        if isinstance(found, Mapping):
            found = found.get("modules")
        return frozenset(name for name in found if isinstance(name, str)) if isinstance(found, tuple) else frozenset()

    def is_written(self, text: bytes) -> bool:
        """Whether the service's file holds this text."""
        data = self.files.tree.read(self.path)
        return data is not None and text in data


def name_of(root: Map, otherwise: str) -> str:
    """The literal name of a service, as far as its file alone says it."""
    service = root.get("service")
    service = service.get("name") if isinstance(service, Map) else service
    text = scalar_text(service) if not isinstance(service, Map | Seq) else None
    return text if text and "${" not in text else otherwise
