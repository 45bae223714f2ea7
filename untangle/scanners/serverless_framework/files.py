"""The files that a service is made of: its own and those that it takes in by `${file(…)}`, each read once."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from untangle.model.location import Location
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.document import Document, Map, Node, Seq, read_document
from untangle.scanners.serverless_framework.script import Scripts
from untangle.scanners.tree import Tree

DATA = (".yml", ".yaml", ".json")
SCRIPTS = (".ts", ".js", ".mjs", ".cjs", ".mts", ".cts")
_MAX_TEXT = 65_536


@dataclass(kw_only=True)
class Files:
    """Reads configuration files of one tree. `used` are those that became part of a service."""

    tree: Tree
    notes: Notes
    used: set[str] = field(default_factory=set)
    _scripts: Scripts | None = None
    _read: dict[tuple[str, str], Node] = field(default_factory=dict)

    @property
    def scripts(self) -> Scripts:
        """The reader of JavaScript and TypeScript configuration."""
        self._scripts = self._scripts or Scripts(self.tree)
        return self._scripts

    def content(self, path: str, folder: str) -> Node:
        """What a file holds: a document, what a script exports (the service lies in `folder`), or a text."""
        key = (path, folder if path.endswith(SCRIPTS) else "")
        if key not in self._read:
            self.used.add(path)
            self._read[key] = self._content(path, folder)
        return self._read[key]

    def _content(self, path: str, folder: str) -> Node:
        if path.endswith(SCRIPTS):
            exported = self.scripts.exported(path, folder)
            if exported is None:
                self.notes.gap(f"the configuration in {path}", "its value is only known when it runs", Location(path, 1))
            return within(exported, path)
        if not path.endswith(DATA):
            text = self.tree.text(path)
            return None if text is None or len(text) > _MAX_TEXT else text.strip()
        data = self.tree.read(path)
        return None if data is None else within(self.document(path, data).root, path)

    def document(self, path: str, data: bytes) -> Document:
        """A YAML or JSON document; what is wrong in it is noted. The framework's YAML is 1.2, in which `yes` is a text."""
        document = read_document(data, core=True)
        for fault in document.faults:
            if fault.rule != "template-unknown-tag":
                self.notes.problem(fault.rule, fault.message, Location(path, fault.line))
        return document

    def resolve(self, folder: str, written: str) -> str | None:
        """The file that a path written in a service of `folder` means; None where the tree has none."""
        found = self.tree.resolve(folder, written)
        return found if found is not None and self.tree.has(found) else None

    def alike(self, folder: str, written: str, part: str) -> list[tuple[str, str]]:
        """Files whose path is `written` but for the text `part` in its name: that text and the path of each, sorted."""
        found = self.tree.resolve(folder, written)
        before, hit, after = posixpath.basename(found or "").partition(part)
        if not found or not hit:
            return []
        pairs = []
        for path in self.tree.folder(posixpath.dirname(found)):
            name = posixpath.basename(path)
            text = name[len(before) : len(name) - len(after)]
            if text and name == before + text + after:
                pairs.append((text, path))
        return sorted(pairs)


def within(node: Node, path: str) -> Node:
    """A mapping that remembers which file it comes from; of a list, its mappings."""
    if isinstance(node, Map):
        return node if node.path is not None else Map(node.items(), line=node.line, lines=node.lines, path=path)
    if isinstance(node, Seq):
        return Seq((within(item, path) for item in node), line=node.line, lines=node.lines)
    return node
