"""A folder of Terraform files as one module: what it declares, overrides merged in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from untangle.model.location import Location
from untangle.model.resource import Problem
from untangle.scanners.terraform.hcl import read_hcl
from untangle.scanners.terraform.json_syntax import read_json_syntax
from untangle.scanners.terraform.syntax import Attribute, Block, Body, File, Literal
from untangle.scanners.tree import Tree

_CONFIGURATION = re.compile(r"(?P<stem>.+)\.(?P<kind>tf|tofu)(?P<json>\.json)?\Z")
_OVERRIDE = re.compile(r"(?:.*_)?override\Z")
_MODES = {"resource": "managed", "data": "data", "ephemeral": "ephemeral"}
Key = tuple[str, str, str]
_K = TypeVar("_K", str, Key)


class Declared(NamedTuple):
    """A block with the file it stands in."""

    block: Block
    path: str

    @property
    def location(self) -> Location:
        """Where it begins."""
        return Location(self.path, self.block.line)


@dataclass(slots=True)
class Module:
    """One folder of configuration. Resources are by mode, type and name; `names` are theirs by mode and type."""

    folder: str
    files: tuple[str, ...] = ()
    variables: dict[str, Declared] = field(default_factory=dict)
    locals: dict[str, Attribute] = field(default_factory=dict)
    resources: dict[Key, Declared] = field(default_factory=dict)
    names: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    calls: dict[str, Declared] = field(default_factory=dict)
    outputs: dict[str, Declared] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether it declares nothing that could be deployed, and nothing is wrong in it."""
        return not (self.resources or self.calls or self.problems)

    def sources(self) -> Iterator[tuple[str, str]]:
        """The name and the source of each module that is called; a source that is no literal is ""."""
        for name, declared in self.calls.items():
            yield name, source_of(declared)


def source_of(call: Declared) -> str:
    """The source of a module call as written."""
    attribute = call.block.body.attributes.get("source")
    value = attribute.value.value if attribute and isinstance(attribute.value, Literal) else None
    return value if isinstance(value, str) else ""


def is_configuration(path: str) -> bool:
    """Whether a file's name says that it is Terraform's or OpenTofu's."""
    return _CONFIGURATION.match(path) is not None


def read_module(tree: Tree, folder: str, names: Iterable[str]) -> Module:
    """The module of a folder from its files, in Terraform's order: overrides last, each in the order of their names."""
    module = Module(folder)
    files = list(_configuration(names))
    module.files = tuple(path for path, _ in files)
    for path, overrides in files:
        read = _read(tree, path)
        module.problems += [
            Problem(rule=fault.rule, message=fault.message, location=Location(path, fault.line)) for fault in read.faults
        ]
        for block in read.body.blocks:
            _declare(module, Declared(block, path), overrides=overrides)
    return module


def stand_in(folder: str, texts: Iterable[str]) -> Module:
    """The module that texts make up which lie in no folder of the tree; `folder` is what it is called."""
    module = Module(folder)
    for text in texts:
        for block in read_hcl(text).body.blocks:
            _declare(module, Declared(block, folder), overrides=False)
    return module


def _configuration(names: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The files that count, with whether each overrides. OpenTofu reads `x.tofu` in the place of `x.tf`."""
    found = {path: match for path in sorted(names) if (match := _CONFIGURATION.match(path))}
    shadowed = {f"{match['stem']}.tf{match['json'] or ''}" for match in found.values() if match["kind"] == "tofu"}
    kept = [(path, _OVERRIDE.match(posixpath.basename(match["stem"])) is not None) for path, match in found.items()]
    yield from sorted((item for item in kept if item[0] not in shadowed), key=lambda item: (item[1], item[0]))


def _read(tree: Tree, path: str) -> File:
    if path.endswith(".json"):
        return read_json_syntax(tree.read(path) or b"{}")
    return read_hcl(tree.text(path) or "")


def _declare(module: Module, declared: Declared, *, overrides: bool) -> None:
    block = declared.block
    if block.kind == "locals":
        for name, attribute in block.body.attributes.items():
            module.locals[name] = attribute
    elif block.kind in _MODES and len(block.labels) == 2:
        mode, (type_, name) = _MODES[block.kind], block.labels
        if (mode, type_, name) not in module.resources:
            module.names.setdefault((mode, type_), []).append(name)
        _put(module, module.resources, (mode, type_, name), declared, overrides)
    elif len(block.labels) == 1:
        place = {"variable": module.variables, "output": module.outputs, "module": module.calls}.get(block.kind)
        if place is not None:
            _put(module, place, block.labels[0], declared, overrides)


def _put(module: Module, place: dict[_K, Declared], key: _K, declared: Declared, overrides: bool) -> None:
    first = place.get(key)
    if first is None:
        place[key] = declared
    elif overrides:
        place[key] = Declared(first.block._replace(body=_merged(first.block.body, declared.block.body)), first.path)
    else:
        name = " ".join((declared.block.kind, *declared.block.labels))
        message = f"{name} stands twice, first in {first.location}; the first one is read"
        module.problems.append(Problem(rule="template-duplicate-key", message=message, location=declared.location))


def _merged(base: Body, over: Body) -> Body:
    """A body with what an override says: its arguments, and its blocks in the place of all of the same kind."""
    kinds = {block.kind for block in over.blocks}
    attributes: Mapping[str, Attribute] = {
        **base.attributes,
        **{name: attribute._replace(line=0) for name, attribute in over.attributes.items()},
    }
    kept = tuple(block for block in base.blocks if block.kind not in kinds)
    return Body(attributes, kept + tuple(block._replace(line=0) for block in over.blocks))
