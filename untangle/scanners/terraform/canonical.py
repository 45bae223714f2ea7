"""Evaluated Terraform to an inventory: every resource in CloudFormation's vocabulary, each root a stack.

What no channel reads keeps its Terraform type (`Terraform::aws_kms_key`) and no properties: it is there to be pointed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from untangle.model.resource import Gap, Inventory, Resource, Source, Stack
from untangle.model.value import Value
from untangle.scanners.terraform.block import TerraformResource, TerraformRoot
from untangle.scanners.terraform.library import STAND_IN
from untangle.scanners.terraform.mapping import SPELLING, TABLES, table_of
from untangle.scanners.terraform.mapping.awscc import PREFIX
from untangle.scanners.terraform.mapping.code import Archives
from untangle.scanners.terraform.mapping.joins import Owners
from untangle.scanners.terraform.mapping.lookups import LOOKUPS
from untangle.scanners.terraform.mapping.references import References
from untangle.scanners.terraform.mapping.remote_state import RemoteStates
from untangle.scanners.terraform.mapping.table import Table
from untangle.scanners.terraform.mapping.write import Move, Properties, moved_lines
from untangle.scanners.terraform.registry import is_quiet

KIND = "terraform"
# Which property holds the code of these, and the attributes that it is made of.
_CODE = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
_ARTEFACTS = ("filename", "s3_key", "image_uri")


def inventory(roots: Iterable[TerraformRoot]) -> Inventory:
    """The resources, stacks, gaps and problems of all roots."""
    listed = tuple(roots)
    writer = _Writer(listed)
    resources, gaps = _joined(resource for root in listed for resource in writer.resources(root))
    return Inventory(
        sources=tuple(Source(path=path, kind=KIND) for root in listed for path in sorted(root.files)),
        stacks=tuple(writer.stack(root) for root in listed),
        resources=resources,
        gaps=(*(gap for root in listed for gap in (*root.gaps, *_absent(root))), *gaps),
        problems=tuple(problem for root in listed for problem in root.problems),
    )


def _absent(root: TerraformRoot) -> Iterator[Gap]:
    """The modules whose source is not in the tree and of which nothing is known: whatever they make is unseen."""
    for call in root.calls:
        if is_quiet(call.source):
            continue
        source = f"its source {call.source}" if call.source else "its source, which is no literal text,"
        why = f"{source} is not in the tree; run `terraform init` in {root.folder or '.'}, then .terraform/modules is read"
        yield Gap(what=f"resources of {call.address}", why=why, location=call.location)


class _Written(NamedTuple):
    """A resource's properties, and where each came from."""

    properties: Mapping[str, Value]
    moves: list[Move]
    metadata: Mapping[str, Value]


class _Writer:
    """Writes the resources of all roots, which may point at each other."""

    def __init__(self, roots: tuple[TerraformRoot, ...]) -> None:
        known = {f"{root.id}/{resource.address}": resource for root in roots for resource in root.resources}
        tables = {resource.type: table for resource in known.values() if (table := table_of(resource.type)) is not None}
        self._references = References(known, tables, LOOKUPS, RemoteStates(roots))
        self._archives = Archives(known, self._references)

    def stack(self, root: TerraformRoot) -> Stack:
        """The root as a stack."""
        path = min(root.files, default=root.folder)
        outputs = {name: self._references.value(value) for name, value in root.outputs.items()}
        return Stack(id=root.id, path=path, folder=root.folder, kind=KIND, outputs=outputs)

    def resources(self, root: TerraformRoot) -> Iterable[Resource]:
        """The resources that the root makes; data sources are none."""
        for resource in root.resources:
            if resource.mode == "managed" and resource.type.startswith(("aws_", PREFIX)):
                yield self._resource(root, resource)

    def _resource(self, root: TerraformRoot, resource: TerraformResource) -> Resource:
        id = f"{root.id}/{resource.address}"
        table = table_of(resource.type)
        written = _Written({}, [], {}) if table is None else self._written(root, resource, table, id)
        return Resource(
            id=id,
            type=f"Terraform::{resource.type}" if table is None else table.to,
            stack=root.id,
            address=resource.address,
            properties=written.properties,
            location=resource.location,
            lines=moved_lines(resource.lines, written.moves),
            condition=resource.condition,
            origin=f"module {resource.folder[len(STAND_IN) :]}" if resource.folder.startswith(STAND_IN) else None,
            metadata=written.metadata,
        )

    def _written(self, root: TerraformRoot, resource: TerraformResource, table: Table, id: str) -> _Written:
        read = resource.attributes if resource.type not in TABLES else resource.attributes.keys() & table.fields.keys()
        attributes = {name: self._references.value(resource.attributes[name]) for name in sorted(read)}
        if resource.type not in TABLES:
            properties = SPELLING.properties(attributes)
            return _Written(properties if isinstance(properties, Mapping) else {}, SPELLING.moves(attributes), {})
        draft = Properties(id)
        draft.write(attributes, table.fields)
        holder = _CODE.get(table.to)
        if holder is None:
            return _Written(draft.values, draft.moves, {})
        return self._with_code(root, resource, draft, holder)

    def _with_code(self, root: TerraformRoot, resource: TerraformResource, draft: Properties, holder: str) -> _Written:
        code = self._archives.code(root.id, resource.attributes)
        draft.values.pop(holder, None)
        if code is not None:
            draft.values[holder] = code
            draft.moves.extend(((name,), (holder,)) for name in _ARTEFACTS if resource.attributes.get(name) not in (None, ""))
        return _Written(draft.values, draft.moves, self._archives.image(resource.attributes.get("image_uri")))


def _joined(written: Iterable[Resource]) -> tuple[tuple[Resource, ...], tuple[Gap, ...]]:
    """The resources with all parts in what they belong to, sorted by id, and the parts that belong to nothing."""
    resources = {resource.id: resource for resource in written}
    joins = {table.to: table.join for table in TABLES.values() if table.join is not None}
    owners = Owners(resources)
    for type, name in sorted({(join.owner, join.name) for join in joins.values()}):
        owners.index(type, name)
    for id in sorted(resources):
        part = resources[id]
        join = joins.get(part.type)
        if join is not None and owners.join(part, join):
            del resources[id]
    return tuple(resources[id] for id in sorted(resources)), tuple(owners.gaps)
