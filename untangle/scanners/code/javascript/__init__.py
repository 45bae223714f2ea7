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

# `exports.NAME`, `exports, "NAME"`, anything assigned to `module.exports` or re-exported, `export … NAME`, a list of names.
_EXPORTS = (
    r"\bexports\s*(?:\.\s*NAME\b|[,\[]\s*['\"]NAME['\"])|\bmodule\.exports\s*=|\bexport\s*\*|\b__export\s*\("
    r"|\bexport\b[^;\n]*(?<![.\w])NAME\b|\bexport\s+(?:(?:const|let|var)\s*)?\{[^}]*\bNAME\b"
)


def split(handler: str) -> tuple[str, str]:
    """`dir/index.handlers.orders` as module and name: the file ends at its first dot, what follows may be nested.

    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
    """
    folder, slash, file = handler.rpartition("/")
    module, _, name = file.partition(".")
    return folder + slash + module, name


def defines(text: str, name: str) -> bool:
    """Whether a file looks as if it exports this name: a class that has a field of that name does not."""
    word = re.escape(name.partition(".")[0])
    return re.search(rf"\b{word}\b", text) is not None and re.search(_EXPORTS.replace("NAME", word), text) is not None


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
