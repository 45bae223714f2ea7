"""untangle: the walk, the documents and the intrinsics with SAM written out; with `link` also the event graph over all of them.

The event graph is more than the peers' graphs of references: grants are held against channels, filters against patterns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.resource import Inventory
from untangle.pipeline import seldom_collected
from untangle.scanners import SCANNERS
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree


def prepare(task: dict[str, Any]) -> Work:
    root = Path(task["folder"])

    @seldom_collected()
    def work() -> tuple[Counts, Counts]:
        tree = Tree(root)
        inventory = Inventory()
        for scanner in SCANNERS:
            inventory = inventory + scanner.read(tree, Options())
        counts = {"templates": len(inventory.sources), "resources": len(inventory.resources)}
        if task["link"]:
            counts["links"] = len(assemble(inventory, (), CHANNELS).links)
        return counts, {}

    return work


serve(prepare)
