"""State files (version 4), as the resources of a root: every value as it was applied last, ARNs and all."""

from __future__ import annotations

import json
from collections.abc import Iterator

from untangle.model.location import Location
from untangle.scanners.terraform.block import TerraformResource
from untangle.scanners.terraform.decoded import is_read, values
from untangle.scanners.terraform.shown import State, StateInstance, StateResource


def resources(state: State, path: str) -> tuple[TerraformResource, ...]:
    """The instances that a state holds, by their addresses."""
    return tuple(sorted(_instances(state, path), key=lambda item: item.address))


def _instances(state: State, path: str) -> Iterator[TerraformResource]:
    for resource in state.resources:
        wanted = is_read(resource.mode, resource.type)
        for instance in resource.instances:
            yield TerraformResource(
                address=_address(resource, instance),
                mode=resource.mode,
                type=resource.type,
                name=resource.name,
                module=resource.module,
                folder="",
                attributes=values(instance.attributes) if wanted else {},
                location=Location(path),
            )


def _address(resource: StateResource, instance: StateInstance) -> str:
    key = instance.index_key
    index = "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
    parts = (resource.module, "data" if resource.mode == "data" else "", resource.type, resource.name)
    return ".".join(part for part in parts if part) + index
