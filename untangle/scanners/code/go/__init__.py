"""Go handlers, both AWS SDKs: packages lowered with tree-sitter, followed by the shared interpreter."""

from __future__ import annotations

from untangle.model.code import CodeFacts
from untangle.model.resource import Inventory, Resource
from untangle.scanners.code.go.library import Go
from untangle.scanners.code.go.modules import find
from untangle.scanners.code.language import Entry, Language, Reader
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree


def split(handler: str) -> tuple[str, str]:
    """A handler is the program's name alone."""
    return handler, "main"


def open_go(tree: Tree, inventory: Inventory) -> Reader:
    """A reader for one tree; packages are lowered once, whatever number of programs reach them."""
    library = Go(tree)

    def read(entry: Entry, function: Resource) -> CodeFacts:
        return facts(library, GO.name, function.id, entry.path, entry.name)

    return read


GO = Language(name="go", runtimes=("go", "provided"), suffixes=(".go",), split=split, find=find, open=open_go)
