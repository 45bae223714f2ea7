"""Plans and states of a tree: roots of their own, or what is known of the roots whose configuration stands there too.

A plan or state whose addresses a configuration of the tree declares is not read as a second application: it tells that root's
resources what they are called where they are deployed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec

from untangle.model.location import Location
from untangle.model.resource import Coverage, Inventory, Problem, Resource
from untangle.model.value import Value
from untangle.scanners.terraform import plan_json, state_json
from untangle.scanners.terraform.block import TerraformResource, TerraformRoot
from untangle.scanners.terraform.mapping import table_of
from untangle.scanners.terraform.shown import MAX_SIZE, Plan, State, found
from untangle.scanners.tree import Tree

# How much of a plan or state a root must declare to be the one that it belongs to.
_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments:
    """`roots` are the plans and states of their own; `known` what all of them say, by the id of the resource they say it of."""

    roots: tuple[TerraformRoot, ...]
    known: Mapping[str, TerraformResource]
    coverage: tuple[Coverage, ...]


def deployments(tree: Tree, declared: tuple[TerraformRoot, ...]) -> Deployments:
    """The plans and states of a tree beside the roots that its configuration declares. Never raises."""
    roots: list[TerraformRoot] = []
    known: dict[str, TerraformResource] = {}
    coverage: list[Coverage] = []
    for path, is_state in sorted(found(tree)):
        shown = _read(tree, path, is_state)
        owner = _owner(shown, declared)
        if owner is None:
            roots.append(shown)
        else:
            coverage.append(Coverage(source=path, operation="state" if is_state else "plan", outcome="joined"))
        for resource in shown.resources:
            known.setdefault(f"{(owner or shown).id}/{resource.address}", resource)
    return Deployments(roots=tuple(roots), known=known, coverage=tuple(coverage))


def _read(tree: Tree, path: str, is_state: bool) -> TerraformRoot:
    """A plan or state as a root; one that cannot be read has a problem and no resources."""
    folder, file = posixpath.split(path)
    root = TerraformRoot(id=path.removesuffix(".json").removesuffix(".tfstate"), folder=folder, files=(path,))
    data = tree.start(path, MAX_SIZE + 1) or b""
    if len(data) > MAX_SIZE:
        return replace(root, problems=(_problem(path, f"{file} is larger than {MAX_SIZE // 2**20} MB and is not read"),))
    try:
        if is_state:
            return replace(root, resources=state_json.resources(msgspec.json.decode(data, type=State), path))
        plan = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=Plan)
        return replace(root, resources=plan_json.resources(plan, root.id, path))
    except (msgspec.DecodeError, RecursionError) as error:
        return replace(root, problems=(_problem(path, f"it looks like a plan or state of Terraform, and is none: {error}"),))


def _problem(path: str, message: str) -> Problem:
    return Problem(rule="template-syntax", message=message, location=Location(path))


def _owner(shown: TerraformRoot, declared: tuple[TerraformRoot, ...]) -> TerraformRoot | None:
    """The root that declares most of what a plan or state holds."""
    addresses = {resource.address for resource in shown.resources if resource.mode == "managed"}
    shares = [(sum(item.address in addresses for item in root.resources), root.id, root) for root in declared]
    most, _, root = max(shares, key=lambda share: (share[0], share[1]), default=(0, "", None))
    return root if addresses and most >= _SHARE * len(addresses) else None


def joined(inventory: Inventory, known: Mapping[str, TerraformResource]) -> Inventory:
    """The inventory with what plans and states say of its resources: their ARNs, names and URLs."""
    resources = tuple(_deployed(item, known[item.id]) if item.id in known else item for item in inventory.resources)
    return replace(inventory, resources=resources)


def _deployed(resource: Resource, shown: TerraformResource) -> Resource:
    facts = dict(_facts(shown))
    arn = _text(shown.attributes.get("arn"))
    return replace(resource, attributes={**facts, **resource.attributes}, deployed=arn or resource.deployed)


def _facts(shown: TerraformResource) -> Iterator[tuple[str, str]]:
    """What CloudFormation's Ref ("Ref") and attributes of a deployed resource are."""
    table = table_of(shown.type)
    for name, to in table.refs.items() if table is not None else ():
        text = _text(shown.attributes.get(name))
        if text is not None and isinstance(to, str):
            yield to or "Ref", text


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None
