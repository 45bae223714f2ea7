"""What the blocks of a Terragrunt file give a unit beside its inputs: variable files and arguments; what they generate.

Source: Terragrunt's reference of the `terraform`, `include` and `generate` blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from untangle.model.location import Location
from untangle.model.value import Value, show
from untangle.scanners.terraform.body import attribute_value
from untangle.scanners.terraform.hcl import read_hcl
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import Block, Body
from untangle.scanners.terraform.world import World

MAX_DEPTH = 24
_VARIABLE = re.compile(r"(?:-{1,2}var[= ])?([A-Za-z_][\w-]*)=(.*)", re.DOTALL)
_FILE = re.compile(r"-{1,2}var-file=(.+)", re.DOTALL)
# What a generated file may hold that a message passes through, or that says what such a thing is called.
_TELLING = frozenset({"resource", "module", "data", "locals", "variable", "output", "moved", "import"})
# Commands that read variables: arguments for none of these say nothing of what is made.
_MAKING = frozenset({"apply", "plan"})


class File(Protocol):
    """A file of Terragrunt's, as its unit reads it."""

    path_of_file: str
    body: Body
    scope: Scope
    world: World

    def resolve(self, path: str) -> str | None:
        """A path as the file writes it, relative to the scanned root; None where it leaves that."""


class Arguments(NamedTuple):
    """What Terragrunt adds to Terraform's command line: variable files in their order, single values, and the environment's."""

    files: tuple[str, ...] = ()
    stated: Mapping[str, str] = {}
    environment: Mapping[str, Value] = {}


def arguments(files: Iterable[File]) -> Arguments:
    """The `extra_arguments` of a unit's files, those that it includes first; of one label the last one counts."""
    blocks: dict[tuple[str, ...], tuple[File, Block]] = {}
    for file in files:
        for terraform in file.body.all("terraform"):
            for block in terraform.body.all("extra_arguments"):
                blocks[block.labels] = (file, block)
    paths: list[str] = []
    stated: dict[str, str] = {}
    environment: dict[str, Value] = {}
    for file, block in blocks.values():
        commands = _items(file, block, "commands")
        if commands and all(isinstance(item, str) for item in commands) and not _MAKING & set(commands):
            continue
        flags = _words(_items(file, block, "arguments"))
        written = [found[1] for flag in flags if isinstance(flag, str) and (found := _FILE.match(flag))]
        for needed, listed in (
            (True, _items(file, block, "required_var_files")),
            (False, _items(file, block, "optional_var_files")),
            (True, written),
        ):
            paths += _found(file, block, listed, needed=needed)
        for flag in flags:
            found = _VARIABLE.match(flag) if isinstance(flag, str) and flag.startswith(("-var=", "-var ", "--var=")) else None
            if found:
                stated[found[1]] = found[2]
        environment |= _environment(file, block)
    return Arguments(tuple(paths), stated, environment)


def _items(file: File, block: Block, name: str) -> tuple[Value, ...]:
    attribute = block.body.attributes.get(name)
    value = attribute_value(file.scope, attribute, name) if attribute else None
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def _words(flags: Iterable[Value]) -> list[Value]:
    """The arguments, `-var` and `-var-file` joined with what follows them."""
    words: list[Value] = []
    for flag in flags:
        if words and words[-1] in ("-var", "-var-file", "--var", "--var-file") and isinstance(flag, str):
            words[-1] = f"{words[-1]}={flag}"
        else:
            words.append(flag)
    return words


def _found(file: File, block: Block, listed: Iterable[Value], *, needed: bool) -> Iterator[str]:
    """The files of these that are in the tree; a gap for one that is missing and needed, or whose name is not known."""
    tree = file.world.library.tree
    for value in listed:
        target = file.resolve(value) if isinstance(value, str) else None
        if target is not None and tree.has(target):
            yield target
        elif needed or not isinstance(value, str):
            what = f"variable file {show(value)} of {file.path_of_file}"
            why = "it is not in the tree" if isinstance(value, str) else "its path is not known"
            file.world.notes.gap(what, f"{why}: what it gives the variables is not seen", Location(file.path_of_file, block.line))


def _environment(file: File, block: Block) -> Mapping[str, Value]:
    """The variables that `TF_VAR_…` sets."""
    attribute = block.body.attributes.get("env_vars")
    value = attribute_value(file.scope, attribute, "env_vars") if attribute else None
    given = value.items() if isinstance(value, Mapping) else ()
    return {name[len("TF_VAR_") :]: item for name, item in given if name.startswith("TF_VAR_")}


def note_generated(file: File) -> None:
    """A gap for each file that is generated and may declare what a message passes through; providers and backends are not."""
    for block in file.body.all("generate"):
        attribute = block.body.attributes.get("contents")
        contents = show(attribute_value(file.scope, attribute, "contents")) if attribute else ""
        kinds = sorted({inner.kind for inner in read_hcl(contents).body.blocks} & _TELLING)
        if kinds:
            what = f"what {file.path_of_file} generates as {' '.join(block.labels) or 'a file'}"
            why = (
                f"generated files are not read; this one declares {', '.join(kinds)}: run `terragrunt init`, then scan its cache"
            )
            file.world.notes.gap(what, why, Location(file.path_of_file, block.line))


def deep(parent: Value, child: Value, *, lists: bool, depth: int = 0) -> Value:
    """Two inputs merged deeply: mappings key by key, `lists` one behind the other, else the child's."""
    if isinstance(parent, Mapping) and isinstance(child, Mapping) and depth < MAX_DEPTH:
        both = {name: deep(parent[name], child[name], lists=lists, depth=depth + 1) for name in parent.keys() & child.keys()}
        return {**parent, **child, **both}
    if isinstance(parent, tuple) and isinstance(child, tuple) and lists:
        return (*parent, *child)
    return child
