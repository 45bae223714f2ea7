"""Terragrunt: units that hand inputs to modules, and outputs to one another.

Source: Terragrunt's reference of configuration blocks and built-in functions. A unit is a folder with a `terragrunt.hcl` that
names a module or lies beside one. Environment variables are what their default says. Paths that Terragrunt's functions give
begin with "/", which is the scanned root.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from untangle.model.location import Location
from untangle.model.value import ACCOUNT, Symbol, Value, show
from untangle.scanners.terraform.body import attribute_value
from untangle.scanners.terraform.hcl import read_hcl
from untangle.scanners.terraform.instance import Given, Instance
from untangle.scanners.terraform.library import Library
from untangle.scanners.terraform.module import Module
from untangle.scanners.terraform.syntax import Attribute, Block, Literal, Object
from untangle.scanners.terraform.terragrunt_blocks import Arguments, arguments, deep, note_generated
from untangle.scanners.terraform.unknowns import Lazy, Open, Wrong
from untangle.scanners.terraform.world import World

UNIT = "terragrunt.hcl"
STACK = "terragrunt.stack.hcl"
_VALUES = "terragrunt.values.hcl"
_PARENTS = (UNIT, "root.hcl")
_REGISTRY = re.compile(r"tfr://(?:[^/]*)/(.+)")
_MAX_FILES = 20
_DEEP = ("deep", "deep_map_only")
# Functions that list commands: which those are says nothing of what is made.
_COMMANDS = tuple(f"get_terraform_commands_that_need_{what}" for what in ("vars", "input", "locking", "parallelism"))
MakeWorld = Callable[[str, str], World]
GivenTo = Callable[[Module, World, Arguments], Given]


class Units:
    """All units of a tree by folder."""

    def __init__(self, library: Library, make_world: MakeWorld) -> None:
        self.library = library
        self.make_world = make_world
        self.by_folder: Mapping[str, Unit] = {}
        self.stacks: tuple[Unit, ...] = ()
        if library.tree.single:
            return
        self.stacks = tuple(Unit(self, path) for path in library.tree.named(STACK))
        stacked = [unit for stack in self.stacks for unit in self._units_of(stack)]
        patterns = {posixpath.dirname(unit.path) for unit in stacked}
        written = [Unit(self, path) for path in library.tree.named(UNIT) if posixpath.dirname(path) not in patterns]
        found = {unit.folder: unit for unit in (*stacked, *written)}
        self.by_folder = {folder: unit for folder, unit in found.items() if unit.source or unit.module is not None}

    def _units_of(self, stack: Unit) -> Iterator[Unit]:
        """The units that a stack's file makes, where `terragrunt stack generate` puts them; a gap for each that is not read."""
        config, tree = stack.config, self.library.tree
        for block in (*config.body.all("unit"), *config.body.all("stack")):
            given = {name: attribute_value(config.scope, value, name) for name, value in block.body.attributes.items()}
            source, path, values = (given.get(name) for name in ("source", "path", "values"))
            target = config.resolve(source) if isinstance(source, str) and ":" not in source else None
            inner = "" if given.get("no_dot_terragrunt_stack") is True else ".terragrunt-stack"
            folder = tree.resolve(stack.folder, posixpath.join(inner, path)) if isinstance(path, str) else None
            if block.kind == "unit" and target and folder and tree.has(f"{target}/{UNIT}"):
                yield Unit(self, f"{target}/{UNIT}", folder, values if isinstance(values, Mapping) else {})
            elif not (folder and tree.has_folder(folder)):
                why = f"its source {show(source)} is not read: run `terragrunt stack generate`, then what it makes is"
                what = f"the {block.kind} {' '.join(block.labels)} of {stack.path}"
                stack.scratch.notes.gap(what, why, Location(stack.path, block.line))

    def start(self, ids: Mapping[str, str], given: GivenTo) -> None:
        """Names the units, and says what their variables are given beside their inputs."""
        for unit in self.by_folder.values():
            unit.id = ids[unit.folder]
            unit.given = given


class Unit:
    """One unit: its configuration, and the module that it hands its inputs to.

    A stack's unit stands in another folder than the file that it is made of, and is given `values`.
    """

    def __init__(self, units: Units, path: str, folder: str | None = None, values: Mapping[str, Value] | None = None) -> None:
        self.units = units
        self.path = path
        self.folder = posixpath.dirname(path) if folder is None else folder
        self._values = values
        self.id = self.folder
        self.given: GivenTo = lambda module, world, own: {}
        self.scratch = units.make_world(self.folder, self.folder)
        self.files: dict[str, Config] = {}

    @cached_property
    def config(self) -> Config:
        """The unit's own file."""
        return Config(self, self.path)

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """What a stack gives it: by its stack's file, or by the file that was generated from that."""
        path = posixpath.join(self.folder, _VALUES)
        if self._values is None and self.units.library.tree.has(path):
            config = self.read(path)
            return {name: attribute_value(config.scope, value, name) for name, value in config.body.attributes.items()}
        return self._values or {}

    def read(self, path: str) -> Config:
        """A file that the unit includes or reads. Raises Wrong where it reads too many."""
        if path not in self.files:
            if len(self.files) >= _MAX_FILES or not self.units.library.tree.has(path):
                raise Wrong(f"{path} is not read")
            self.files[path] = Config(self, path)
        return self.files[path]

    @cached_property
    def source(self) -> str:
        """The source of its module, "" where it names none."""
        for config in (self.config, *(config for config, _ in self.config.merged)):
            for block in config.body.all("terraform"):
                if "source" in block.body.attributes:
                    found = attribute_value(config.scope, block.body.attributes["source"], "source")
                    return found if isinstance(found, str) else show(found)
        return ""

    @cached_property
    def module(self) -> Module | None:
        """Its module; None where that is not in the tree."""
        library = self.units.library
        if not self.source:
            return library.get(posixpath.dirname(self.path))
        registry = _REGISTRY.match(self.source.partition("?")[0])
        if registry:
            return library.known(registry[1])
        if ":" in self.source:
            return library.known(self.source)
        target = self.config.resolve(self.source.partition("?")[0])
        return None if target is None else library.get(target)

    @cached_property
    def instance(self) -> Instance | None:
        """Its module with its inputs."""
        if self.module is None:
            return None
        world = self.units.make_world(self.id, self.module.folder)
        files = (*(config for config, _ in self.config.merged), self.config)
        for config in files:
            note_generated(config)
        own = arguments(files)
        environment: Given = {name: lambda _, value=value: value for name, value in own.environment.items()}  # type: ignore[misc]
        return Instance(self.module, world, {**environment, **self.config.inputs(), **self.given(self.module, world, own)})

    def output(self, name: str) -> Value:
        """An output of its module; an unknown where that has none."""
        try:
            if self.instance is not None:
                return self.instance.output(name, False)
        except Wrong:
            pass
        return Symbol(f"output.{name}", self.id)


class Config(Instance):
    """One file of Terragrunt's, as a unit reads it."""

    def __init__(self, unit: Unit, path: str) -> None:
        tree = unit.units.library.tree
        read = read_hcl(tree.text(path) or "")
        for fault in read.faults:
            unit.scratch.notes.problem(fault.rule, fault.message, Location(path, fault.line))
        module = Module(unit.folder if path == unit.path else posixpath.dirname(path))
        for block in read.body.all("locals"):
            module.locals.update(block.body.attributes)
        super().__init__(module, unit.scratch, {})
        self.unit = unit
        self.path_of_file = path
        self._inputs: Given | None = None
        self.body = read.body
        self.own = {
            "find_in_parent_folders": self._in_parents,
            "get_aws_account_id": lambda _: ACCOUNT,
            "get_env": _environment,
            **dict.fromkeys(_COMMANDS, lambda _: ()),
            "get_original_terragrunt_dir": lambda _: f"/{unit.folder}",
            "get_parent_terragrunt_dir": lambda _: f"/{self._including}",
            "get_repo_root": lambda _: "/.",
            "get_terragrunt_dir": lambda _: f"/{unit.folder}",
            "path_relative_from_include": lambda _: posixpath.relpath(f"/{self._including}", f"/{unit.folder}"),
            "path_relative_to_include": lambda _: posixpath.relpath(f"/{unit.folder}", f"/{self._including}"),
            "read_terragrunt_config": self._other,
        }

    def resolve(self, path: str) -> str | None:
        """A path as the file writes it, relative to the scanned root; None where it leaves that."""
        path = path.replace("//", "/")
        base = "" if path.startswith("/") else self.module.folder
        return self.world.library.tree.resolve(base, path.lstrip("/") or ".")

    def file(self, path: str) -> str | None:
        """See `Surroundings.file`."""
        target = self.resolve(path)
        if target is None:
            return None
        tree, inside = self.world.library.tree, f"{self.unit.folder}/"
        if target.startswith(inside) and not tree.has(target):  # a stack's unit is a copy of another folder
            target = posixpath.join(posixpath.dirname(self.unit.path), target[len(inside) :])
        return tree.text(target)

    def _space(self, name: str, supposed: bool) -> Value:
        if name == "dependency":
            return Open((), self._dependency)
        if name in ("values", "feature"):  # what a stack, or whoever runs it, says
            known = self.unit.values if name == "values" else {}
            return known or Open((), lambda value: Symbol(f"{name}.{value}", self.unit.id))
        if name == "include":
            bare = self.includes.get("")
            shown = {label: config.shown() for label, config in self.includes.items() if label}
            return {**shown, **(bare.shown() if bare else {})}
        return super()._space(name, supposed)

    @cached_property
    def includes(self) -> Mapping[str, Config]:
        """The files that it includes, by label."""
        found: dict[str, Config] = {}
        for block in self.body.all("include"):
            path = block.body.attributes.get("path")
            value = attribute_value(self.scope, path, "include") if path else None
            target = self.resolve(value) if isinstance(value, str) else None
            try:
                if target and target != self.path_of_file:
                    found[block.labels[0] if block.labels else ""] = self.unit.read(target)
            except Wrong as wrong:
                self.world.notes.gap(f"what {self.path_of_file} includes", str(wrong), Location(self.path_of_file, block.line))
        return found

    @cached_property
    def merged(self) -> tuple[tuple[Config, str], ...]:
        """The files whose inputs and arguments it takes over, and how: `shallow`, `deep`, `deep_map_only`."""
        found: list[tuple[Config, str]] = []
        for block in self.body.all("include"):
            attribute = block.body.attributes.get("merge_strategy")
            value = attribute_value(self.scope, attribute, "include") if attribute else "shallow"
            config = self.includes.get(block.labels[0] if block.labels else "")
            if config is not None and value != "no_merge":
                found.append((config, str(value)))
        return tuple(found)

    @property
    def _including(self) -> str:
        """The folder of the file that the unit includes."""
        if self.path_of_file != self.unit.path:
            return self.module.folder
        first = next(iter(self.includes.values()), self)
        return first.module.folder

    def shown(self) -> Mapping[str, Value]:
        """What another file sees of this one."""
        names = tuple(self.module.locals)
        inputs = self.inputs()
        return {
            "locals": Open(names, lambda name: self.local(name, False)),
            "inputs": Lazy(tuple(inputs), lambda name: inputs[name](False)),
            "dependency": Open((), self._dependency),
        }

    def inputs(self) -> Given:
        """The inputs that it and what it includes give, its own winning; none while they are worked out."""
        if self._inputs is None:
            self._inputs = {}
            self._inputs = self._all_inputs()
        return self._inputs

    def _all_inputs(self) -> Given:
        found: dict[str, Callable[[bool], Value]] = {}
        if self.path_of_file == self.unit.path:
            for config, how in self.merged:
                _put(found, config.inputs(), how)
        attribute = self.body.attributes.get("inputs")
        if attribute is not None:
            _put(found, self._inputs_of(attribute), max((how for _, how in self.merged if how in _DEEP), default=""))
        return found

    def _inputs_of(self, attribute: Attribute) -> Given:
        """Each input by itself, as far as they are written out: one may need what another unit makes of a third."""
        node = attribute.value
        if isinstance(node, Object) and all(isinstance(key, Literal) for key, _, _ in node.items):
            return {
                str(getattr(key, "value", "")): self._later(Attribute(attribute.name, value, line, attribute.text))
                for key, value, line in node.items
            }
        whole = attribute_value(self.scope, attribute, "inputs")
        return {name: lambda _, value=value: value for name, value in whole.items()} if isinstance(whole, Mapping) else {}  # type: ignore[misc]

    def _later(self, attribute: Attribute) -> Callable[[bool], Value]:
        return lambda _: attribute_value(self.scope, attribute, "inputs")

    def _dependency(self, name: str) -> Value:
        unit = self._unit_of(name)
        unknown = f"{self.unit.id}/dependency.{name}"
        outputs = Open((), lambda output: unit.output(output) if unit else Symbol(f"output.{output}", unknown))
        return {"outputs": outputs, "inputs": Open((), lambda input_: Symbol(f"input.{input_}", unknown))}

    def _unit_of(self, name: str) -> Unit | None:
        """The unit that a dependency names: in this file, or in one that it includes."""
        for config in (self, *self.includes.values()):
            for block in config.body.all("dependency"):
                if block.labels == (name,):
                    return self._at(config, block)
        return None

    def _at(self, config: Config, block: Block) -> Unit | None:
        path = block.body.attributes.get("config_path")
        value = attribute_value(config.scope, path, "dependency") if path else None
        target = self.unit.config.resolve(value) if isinstance(value, str) else None
        return self.unit.units.by_folder.get((target or "").removesuffix("/" + UNIT)) if target is not None else None

    def _in_parents(self, arguments: Sequence[Value]) -> Value:
        names = [arguments[0]] if arguments and arguments[0] else list(_PARENTS)
        folder = self.unit.folder
        while folder:
            folder = posixpath.dirname(folder)
            for name in names:
                path = posixpath.normpath(posixpath.join(folder, str(name)))
                if self.world.library.tree.has(path) or self.world.library.tree.has_folder(path):
                    return f"/{path}"
        if len(arguments) > 1:
            return arguments[1]
        raise Wrong("no folder above holds it")

    def _other(self, arguments: Sequence[Value]) -> Value:
        path = arguments[0]
        target = self.resolve(path) if isinstance(path, str) else None
        if target is None:
            raise Wrong("the file is not part of the scan")
        try:
            return self.unit.read(target).shown()
        except Wrong:
            if len(arguments) > 1:
                return arguments[1]
            raise


def _put(found: dict[str, Callable[[bool], Value]], more: Given, how: str) -> None:
    """Adds inputs to those there are: in their place, or merged with them."""
    for name, value in more.items():
        before = found.get(name) if how in _DEEP else None
        found[name] = value if before is None else _merged(before, value, lists=how == "deep")


def _merged(parent: Callable[[bool], Value], child: Callable[[bool], Value], *, lists: bool) -> Callable[[bool], Value]:
    return lambda supposed: deep(parent(supposed), child(supposed), lists=lists)


def _environment(arguments: Sequence[Value]) -> Value:
    """`get_env`: the default where there is one."""
    return arguments[1] if len(arguments) > 1 else Symbol(f"env {show(arguments[0])}")
