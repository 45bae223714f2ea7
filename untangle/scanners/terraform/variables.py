"""Values that a root's variables are given: files, and the command line."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from untangle.model.location import Location
from untangle.model.value import Symbol, Value
from untangle.scanners.terraform.body import attribute_value
from untangle.scanners.terraform.expressions import evaluate
from untangle.scanners.terraform.hcl import read_expression, read_hcl
from untangle.scanners.terraform.instance import Given, Instance
from untangle.scanners.terraform.json_syntax import read_json_syntax
from untangle.scanners.terraform.module import Module
from untangle.scanners.terraform.syntax import Attribute
from untangle.scanners.terraform.tokens import Trouble
from untangle.scanners.terraform.types import is_text
from untangle.scanners.terraform.unknowns import TooMuch, Wrong
from untangle.scanners.terraform.world import World


def given(module: Module, world: World, variables: Mapping[str, str], var_files: tuple[str, ...]) -> Given:
    """What a root's variables are given, in Terraform's order: the later wins.

    `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name, the files that were named,
    then single values. Files that declare what the root does not know say nothing.
    """
    bare = Instance(Module(module.folder), world, {})
    found: dict[str, Callable[[bool], Value]] = {}
    for path in (*_automatic(world, module.folder), *var_files):
        for name, attribute in _values(world, path).items():
            if name in module.variables:
                found[name] = lambda _, attribute=attribute: attribute_value(bare.scope, attribute, "tfvars")  # type: ignore[misc]
    for name, text in variables.items():
        if name in module.variables:
            found[name] = lambda _, name=name, text=text: _stated(bare, module, name, text)  # type: ignore[misc]
    return found


def _automatic(world: World, folder: str) -> list[str]:
    """The files that Terraform reads by itself."""
    paths = world.library.tree.folder(folder)
    firsts = [path for name in ("terraform.tfvars", "terraform.tfvars.json") if (path := posixpath.join(folder, name)) in paths]
    return firsts + [path for path in paths if path.endswith((".auto.tfvars", ".auto.tfvars.json"))]


def _values(world: World, path: str) -> Mapping[str, Attribute]:
    data = world.library.tree.read(path)
    if data is None:
        return {}
    read = read_json_syntax(data) if path.endswith(".json") else read_hcl(data.decode("utf-8-sig", errors="replace"))
    for fault in read.faults:
        world.notes.problem(fault.rule, fault.message, Location(path, fault.line))
    return read.body.attributes


def _stated(bare: Instance, module: Module, name: str, text: str) -> Value:
    """A value of the command line: the text itself for a text, an expression for any other type."""
    type_ = module.variables[name].block.body.attributes.get("type")
    if is_text(type_.value if type_ else None):
        return text
    try:
        return evaluate(bare.scope, read_expression(text))
    except (Trouble, Wrong):
        return text
    except (TooMuch, RecursionError):
        return Symbol(name, bare.id)
