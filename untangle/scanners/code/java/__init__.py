"""Java handlers, both AWS SDKs: lowered with tree-sitter, followed by the shared interpreter."""

from __future__ import annotations

from untangle.model.code import CodeFacts
from untangle.model.resource import Inventory, Resource
from untangle.scanners.code.java.library import Java
from untangle.scanners.code.java.modules import find
from untangle.scanners.code.language import Entry, Language, Reader
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree


def split(handler: str) -> tuple[str, str]:
    """`com.acme.OrderHandler::handle` as class and method; the method may be left out."""
    name, _, method = handler.partition("::")
    return name, method


def open_java(tree: Tree, inventory: Inventory) -> Reader:
    """A reader for one tree; files are lowered once, whatever number of handlers reach them."""
    library = Java(tree)

    def read(entry: Entry, function: Resource) -> CodeFacts:
        return facts(library, JAVA.name, function.id, entry.path, entry.name)

    return read


JAVA = Language(name="java", runtimes=("java", "provided"), suffixes=(".java",), split=split, find=find, open=open_java)
