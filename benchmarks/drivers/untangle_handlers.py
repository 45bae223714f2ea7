"""untangle's readers of handler source: each file is entered by every entry point it offers, calls followed as in a scan.

Only calls that stand in the file itself are told, to be comparable with a tool that looks at one file at a time; those
that an outside service finishes carry a `~`. The trees are walked beforehand; each turn opens new readers, so that nothing is
kept from the turn before.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.model.code import CodeFacts
from untangle.model.resource import Inventory, Resource
from untangle.scanners.code import LANGUAGES
from untangle.scanners.code.language import Entry, Reader
from untangle.scanners.tree import Tree

_LANGUAGE = {"typescript": "javascript"}


def prepare(task: dict[str, Any]) -> Work:
    trees = {root: Tree(Path(root)) for root in task["trees"]}
    for tree in trees.values():
        tree.has_folder(tree.files[0])  # walks, and indexes folders

    def work() -> tuple[Counts, Counts]:
        writes: dict[str, list[str]] = {}
        reading = {root: _Reading(tree) for root, tree in trees.items()}
        unread = 0
        for file in task["files"]:
            found = reading[file["tree"]].writes(file)
            unread += found is None
            writes[f"{file['tree']}/{file['path']}"] = sorted(found or ())
        counts = {"files": len(writes), "writes": sum(len(found) for found in writes.values()), "not read": unread}
        return counts, writes if task["details"] else {}

    return work


class _Reading:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._readers: dict[str, Reader | None] = {}

    def writes(self, file: dict[str, Any]) -> set[str] | None:
        """`service:Operation` of every write in one file; None where its language is not read."""
        reader = self._reader(_LANGUAGE.get(file["language"], file["language"]))
        if reader is None:
            return None
        found: set[str] = set()
        for name in file["names"]:
            function = Resource(id=f"benchmark/{name}", type="AWS::Lambda::Function", stack="benchmark", address=name)
            facts = reader(Entry(path=file["path"], name=name, roots=(posixpath.dirname(file["path"]),)), function)
            found |= _own(facts, file["path"])
        return found

    def _reader(self, language: str) -> Reader | None:
        if language not in self._readers:
            known = next((item for item in LANGUAGES if item.name == language), None)
            self._readers[language] = (
                known.open(self._tree, Inventory()) if known is not None and known.open is not None else None
            )
        return self._readers[language]


def _own(facts: CodeFacts, path: str) -> set[str]:
    return {
        f"{'~' if call.mediated else ''}{call.service}:{call.operation}" for call in facts.calls if call.location.path == path
    }


serve(prepare)
