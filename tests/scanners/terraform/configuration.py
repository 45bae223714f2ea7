"""Evaluated configurations, made by hand: what the evaluator leaves, without its having run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from untangle.model.location import Location
from untangle.model.resource import Inventory, Resource, Route
from untangle.model.value import Ref, Value
from untangle.scanners.terraform.block import TerraformResource, TerraformRoot
from untangle.scanners.terraform.canonical import inventory

ROOT = "infra"
_ADDRESS = re.compile(r"(?P<module>(?:module\.[^.]+\.)*)(?P<data>data\.)?(?P<type>\w+)\.(?P<name>[\w-]+)(?:\[.*\])?\Z")


def ref(address: str, attribute: str = "") -> Ref:
    """A reference as the evaluator leaves it, with Terraform's name of the attribute."""
    return Ref(f"{ROOT}/{address}", attribute)


def resource(
    address: str,
    attributes: Mapping[str, Value] | None = None,
    *,
    at: Location = Location("infra/main.tf", 1),  # noqa: B008
    lines: Mapping[Route, int] | None = None,
    condition: str | None = None,
) -> TerraformResource:
    """One instance; its type, name and module are read from the address."""
    found = _ADDRESS.match(address)
    assert found, address
    return TerraformResource(
        address=address,
        mode="data" if found["data"] else "managed",
        type=found["type"],
        name=found["name"],
        module=found["module"].rstrip("."),
        folder="infra",
        attributes=attributes or {},
        location=at,
        lines=lines or {},
        condition=condition,
    )


def canonical(*resources: TerraformResource) -> Inventory:
    """The inventory of one root that makes these resources."""
    return inventory([TerraformRoot(id=ROOT, folder="infra", resources=resources, files=("infra/main.tf",))])


def only(given: Inventory, address: str) -> Resource:
    """The one resource of an inventory at an address."""
    found = [item for item in given.resources if item.address == address]
    assert len(found) == 1, [item.address for item in given.resources]
    return found[0]
