"""References between resources, from Terraform's words into CloudFormation's: `.arn` is `GetAtt Arn`, `.url` of a queue its Ref.

A data source stands for what it looks up: its ARN, URL or name is written out, which names the same thing wherever in the tree
that is declared; where it asks by another resource's name, it stands for that resource.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from untangle.model.value import Concat, Either, Imported, Ref, Stored, Symbol, Value, concat
from untangle.scanners.terraform.block import TerraformResource
from untangle.scanners.terraform.mapping.remote_state import TYPE, RemoteStates
from untangle.scanners.terraform.mapping.table import Table, pascal

MAX_DEPTH = 24
# What a data source gives: from its own attributes, in CloudFormation's words, and the attribute that is asked for.
# None where that is nothing which the scan could know.
Lookup = Callable[[Mapping[str, Value], str], Value]
# Attributes that stand for the resource itself.
_SELF = {"arn": "Arn", "id": "", "name": "", "": ""}


class References:
    """Translates the references between `resources` (by `<root>/<address>`)."""

    def __init__(
        self,
        resources: Mapping[str, TerraformResource],
        tables: Mapping[str, Table],
        lookups: Mapping[str, Lookup],
        states: RemoteStates,
    ) -> None:
        self._states = states
        self._resources = resources
        self._tables = tables
        self._lookups = lookups
        self._sole: dict[str, str | None] = {}
        for id in resources:
            if id.endswith("]"):
                bare = id[: id.rindex("[")]
                self._sole[bare] = None if bare in self._sole else id

    def find(self, ref: Ref) -> TerraformResource | None:
        """The resource that a reference in Terraform's words names; of a counted one without index the only instance."""
        return self._resources.get(self._id(ref))

    def _id(self, ref: Ref) -> str:
        if ref.resource in self._resources:
            return ref.resource
        return self._sole.get(ref.resource) or ref.resource

    def value(self, value: Value, depth: int = 0) -> Value:
        """The value with all references in it translated."""
        if depth > MAX_DEPTH or value is None or isinstance(value, str | bool | int | float):
            return value
        if isinstance(value, Ref):
            return self._translated(value, depth)
        if isinstance(value, Mapping):
            return {key: self.value(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, tuple):
            return tuple(self.value(inner, depth + 1) for inner in value)
        if isinstance(value, Concat):
            return concat([self.value(part, depth + 1) for part in value.parts])
        if isinstance(value, Either):
            return Either(tuple(self.value(option, depth + 1) for option in value.options), value.conditions)
        if isinstance(value, Imported):
            return Imported(self.value(value.name, depth + 1))
        if isinstance(value, Stored):
            return Stored(value.store, self.value(value.name, depth + 1))
        return value

    def _translated(self, ref: Ref, depth: int) -> Value:
        id = self._id(ref)
        resource = self._resources.get(id)
        if resource is None:
            return ref
        if resource.mode == "data":
            return self._looked_up(resource, ref, depth)
        table = self._tables.get(resource.type)
        written = table.refs.get(ref.attribute) if table is not None else None
        if written is not None:
            return Ref(id, written) if isinstance(written, str) else written(id)
        given = _configured(resource.attributes, ref.attribute)
        if given is not None:
            return self.value(given, depth + 1)
        if ref.attribute in _SELF and resource.type.startswith("aws"):
            return Ref(id, _SELF[ref.attribute])
        return Ref(id, pascal(ref.attribute)) if table is not None else _unknown(ref, resource)

    def _looked_up(self, resource: TerraformResource, ref: Ref, depth: int) -> Value:
        if resource.type == TYPE:
            told = self._states.output(resource, ref.attribute)
            return self.value(told, depth + 1) if told is not None else _unknown(ref, resource)
        lookup = self._lookups.get(resource.type)
        if lookup is not None:
            attributes = {name: self.value(given, depth + 1) for name, given in resource.attributes.items()}
            found = lookup(attributes, ref.attribute)
            if found is not None:
                return found
        given = _configured(resource.attributes, ref.attribute)
        return self.value(given, depth + 1) if given is not None else _unknown(ref, resource)


def _configured(attributes: Mapping[str, Value], path: str) -> Value:
    """What a resource itself says at a dotted path of attributes and indices."""
    found: Value = attributes
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, tuple) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _unknown(ref: Ref, resource: TerraformResource) -> Value:
    """Text that only an apply makes, with its identity."""
    root = ref.resource[: len(ref.resource) - len(resource.address) - 1]
    return Symbol(f"{resource.address}.{ref.attribute}" if ref.attribute else resource.address, root)
