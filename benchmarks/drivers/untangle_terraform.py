"""untangle's evaluation of every root of the trees: walk, parse, evaluate. Details: each root's addresses and conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.scanners.terraform.roots import roots
from untangle.scanners.tree import Tree


def prepare(task: dict[str, Any]) -> Work:
    def work() -> tuple[Counts, Counts]:
        found = {}
        calls = {}
        for tree in task["trees"]:
            for root in roots(Tree(Path(tree)), {}):
                folder = str(Path(tree, root.folder))
                found[folder] = [[item.address, item.condition] for item in root.resources]
                calls[folder] = [call.address for call in root.calls]
        counts = {"roots": len(found), "addresses": sum(len(items) for items in found.values())}
        return counts, {"addresses": found, "absent modules": calls} if task["details"] else {}

    return work


serve(prepare)
