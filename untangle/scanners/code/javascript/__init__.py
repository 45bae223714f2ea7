"""JavaScript and TypeScript handlers, both AWS SDKs: lowered with tree-sitter, followed by the shared interpreter."""

from __future__ import annotations

import re

from untangle.model.code import CodeFacts
from untangle.model.resource import Inventory, Resource
from untangle.scanners.code.javascript.library import JavaScript
from untangle.scanners.code.javascript.modules import SUFFIXES
from untangle.scanners.code.language import Entry, Language, Reader
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree


def split(handler: str) -> tuple[str, str]:
    """`dir/index.handlers.orders` as module and name: the file ends at its first dot, what follows may be nested.

    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
    """
    folder, slash, file = handler.rpartition("/")
    module, _, name = file.partition(".")
    return folder + slash + module, name


def defines(text: str, name: str) -> bool:
    """Whether a file looks as if it exports this name."""
    return re.search(rf"\b{re.escape(name.partition('.')[0])}\b", text) is not None


def open_reader(tree: Tree, inventory: Inventory) -> Reader:
    """A reader for one tree; files are lowered once, whatever number of handlers reach them."""
    library = JavaScript(tree)

    def read(entry: Entry, function: Resource) -> CodeFacts:
        if entry.text is not None:
            return facts(library.with_inline(entry), JAVASCRIPT.name, function.id, entry.path, entry.name, entry)
        return facts(library, JAVASCRIPT.name, function.id, entry.path, entry.name)

    return read


JAVASCRIPT = Language(
    name="javascript",
    runtimes=("nodejs",),
    suffixes=(*SUFFIXES, *(f"/index{suffix}" for suffix in SUFFIXES)),
    split=split,
    defines=defines,
    scripts=True,
    open=open_reader,
)
