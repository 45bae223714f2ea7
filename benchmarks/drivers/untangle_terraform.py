"""untangle's evaluation of roots: parse, evaluate, list the addresses. Details: each root's addresses and conditions.

`trees` evaluates every root of whole trees, the walk of them included. `roots` takes one root folder after another, as tfparse is
handed them: each from nothing, with a tree that holds the folders of its modules alone, so that nothing is read once for several.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.pipeline import seldom_collected
from untangle.scanners.terraform.block import TerraformRoot
from untangle.scanners.terraform.roots import roots
from untangle.scanners.tree import Tree


class _Folders(Tree):
    """Some folders of a tree, and nothing that lies deeper."""

    def __init__(self, root: Path, folders: list[str]) -> None:
        super().__init__(root)
        self._held = folders

    def _walk(self) -> Iterator[str]:
        for folder in self._held:
            with os.scandir(self.root / folder) as entries:
                yield from (posixpath.join(folder, entry.name) for entry in entries if entry.is_file())


def prepare(task: dict[str, Any]) -> Work:
    @seldom_collected()
    def work() -> tuple[Counts, Counts]:
        found = dict(_evaluated(task))
        counts = {"roots": len(found), "addresses": sum(len(root.resources) for root in found.values())}
        if not task["details"]:
            return counts, {}
        return counts, {
            "addresses": {key: [[item.address, item.condition] for item in root.resources] for key, root in found.items()},
            "absent modules": {key: [call.address for call in root.calls] for key, root in found.items()},
            "tree and folder": {key: [key.removesuffix(root.folder), root.folder] for key, root in found.items()},
            "modules": {key: sorted({posixpath.dirname(file) for file in root.files}) for key, root in found.items()},
        }

    return work


def _evaluated(task: dict[str, Any]) -> Iterator[tuple[str, TerraformRoot]]:
    for tree in task["trees"]:
        for root in roots(Tree(Path(tree)), {}):
            yield str(Path(tree, root.folder)), root
    for tree, folder, modules in task["roots"]:
        for root in roots(_Folders(Path(tree), modules), {}):
            if root.folder == folder:
                yield str(Path(tree, folder)), root


serve(prepare)
