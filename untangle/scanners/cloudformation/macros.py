"""What changes a template before it is evaluated: inclusions, then loops."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from untangle.model.location import Location
from untangle.model.value import Value, alternatives, parts_of, scalar_text, show
from untangle.scanners.cloudformation.foreach import Loops
from untangle.scanners.cloudformation.include import Includes
from untangle.scanners.cloudformation.template import Template
from untangle.scanners.document import Map, read_document

if TYPE_CHECKING:
    from untangle.scanners.cloudformation.library import Library
    from untangle.scanners.cloudformation.notes import Notes
    from untangle.scanners.cloudformation.scope import Scope
    from untangle.scanners.tree import Tree


def expanded(scope: Scope, template: Template, library: Library, notes: Notes) -> Map:
    """The template with its inclusions followed and its loops written out; what cannot be is a gap."""

    def open_(location: Value, line: int) -> tuple[str, Map] | None:
        here = Location(template.path, line)
        path = _find(library.tree, template.folder, location)
        data = library.tree.read(path) if path else None
        if path is None or data is None:
            notes.gap(f"the included part {show(location)}", "it is not in the scanned tree", here)
            return None
        document = read_document(data)
        for fault in document.faults:
            notes.problem(fault.rule, fault.message, Location(path, fault.line))
        return (path, document.root) if isinstance(document.root, Map) else None

    def report(name: str, why: str, line: int) -> None:
        notes.gap(f"the loop {name}", why, Location(template.path, line))

    included = Includes(open_, scope.evaluate).template(template.root)
    written = Loops(scope.evaluate, report).expand(included)
    return written if isinstance(written, Map) else included


def _find(tree: Tree, folder: str, location: Value) -> str | None:
    """The file at a local path; else the only file of the tree with the base name of the URL."""
    for option, _ in alternatives(location):
        text = scalar_text(option)
        local = tree.resolve(folder, text) if text and "://" not in text else None
        if local and tree.has(local):
            return local
        tail = parts_of(option)[-1]
        name = posixpath.basename(tail) if isinstance(tail, str) else ""
        found = tree.named(name)
        if len(found) == 1:
            return found[0]
    return None
