"""Templates in a folder of the test's own, read to an inventory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from untangle.model.resource import Inventory, Resource
from untangle.model.value import Value
from untangle.scanners.cloudformation import SCANNER
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree

Read = Callable[..., Inventory]
Evaluate = Callable[..., Value]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read({"path": text}, Parameter="value")`: the inventory of these files."""

    def run(files: Mapping[str, str | bytes], *, root: str = ".", **parameters: str) -> Inventory:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(dedent(content).encode() if isinstance(content, str) else content)
        return SCANNER.read(Tree(tmp_path / root), Options(parameters=parameters))

    return run


@pytest.fixture
def evaluate(read: Read) -> Evaluate:
    """`evaluate("!Ref Stage", sections)`: the value of one property of the stack `t`."""

    def run(expression: str, sections: str = "", **parameters: str) -> Value:
        resources = f"Resources:\n  It:\n    Type: AWS::SQS::Queue\n    Properties:\n      P: {expression}\n"
        inventory = read({"t.yaml": dedent(sections) + resources}, **parameters)
        assert not inventory.problems, inventory.problems
        return inventory.resources[0].properties.get("P", "absent")

    return run


def resource(inventory: Inventory, id: str) -> Resource:
    """The resource of this id."""
    return next(found for found in inventory.resources if found.id == id)
