"""untangle: the walk, the documents, the intrinsics and the graph, without handler source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.resource import Inventory
from untangle.scanners import SCANNERS
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree


def prepare(task: dict[str, Any]) -> Work:
    root = Path(task["folder"])

    def work() -> tuple[Counts, Counts]:
        tree = Tree(root)
        inventory = Inventory()
        for scanner in SCANNERS:
            inventory = inventory + scanner.read(tree, Options())
        graph = assemble(inventory, (), CHANNELS)
        counts = {"templates": len(inventory.sources), "resources": len(inventory.resources), "links": len(graph.links)}
        return counts, {}

    return work


serve(prepare)
