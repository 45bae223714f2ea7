"""YAML, read from libyaml's events by a builder of our own.

2.4 times as fast as PyYAML's C loader with constructors, and it keeps lines, tags and duplicate keys. The builder
keeps its own stack, so that nesting never exhausts Python's.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from untangle.scanners.document.node import MAX_DEPTH, Document, Fault, Map, Node, Seq, broken
from untangle.scanners.document.tags import long_form, plain

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]
except ImportError:  # PyYAML built without libyaml: the same events, some thirty times slower
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class _Parser(Reader, Scanner, Parser):  # type: ignore[no-redef]
        def __init__(self, stream: bytes) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)


# What aliases may add to a document, in nodes; nine lines of nine aliases each would make a billion.
MAX_ALIASED = 250_000
_STANDARD = "tag:yaml.org,2002:"
_MERGE = "<<"
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


class _TooMuch(Exception):
    """The document is made to exhaust its reader. `rule` says how."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class _Builder:
    """What a document needs beside its open collections: its anchors, its faults, and the rarer ways of a node.

    `reached` is the line at which the last collection began.
    """

    def __init__(self, core: bool = False) -> None:
        self.core = core
        self.reached = 1
        self.anchors: dict[str, Node] = {}
        self.faults: list[Fault] = []
        self.left = MAX_ALIASED

    def fault(self, rule: str, message: str, line: int) -> None:
        self.faults.append(Fault(rule=rule, message=message, line=line))

    def finished(self, node: Node, tag: str | None, anchor: str | None, line: int) -> Node:
        """A node that has a tag, an anchor or both, as it is read."""
        if tag is not None and tag != "!":
            node = self.tagged(node, tag, line)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def tagged(self, node: Node, tag: str, line: int) -> Node:
        if tag.startswith(_STANDARD):
            return (
                plain(node, core=self.core)
                if isinstance(node, str) and tag[len(_STANDARD) :] in ("int", "bool", "float", "null")
                else node
            )
        long = long_form(tag, node, line)
        if long is None:
            self.fault("template-unknown-tag", f"{tag} is not a tag of CloudFormation; its value is read as if it had none", line)
            return node
        return long

    def alias(self, name: str, depth: int, line: int) -> Node:
        """The node that an alias means, at a depth of open collections."""
        if name not in self.anchors:
            self.fault("template-syntax", f"the alias *{name} names nothing that is complete before it", line)
            return None
        node = self.anchors[name]
        size, height = _extent(node, self.left)
        self.left -= size
        if self.left < 0:
            raise _TooMuch("template-alias-bomb", f"its aliases expand to more than {MAX_ALIASED} nodes")
        if depth + height > MAX_DEPTH:
            raise _TooMuch("template-too-deep", _TOO_DEEP)
        return node

    def set_again(self, target: Map, key: str, node: Node, line: int) -> None:
        """A key that brings others with it, or that the mapping has."""
        if key == _MERGE and isinstance(node, Map | Seq):
            for base in [node] if isinstance(node, Map) else node:
                for name, value in base.items() if isinstance(base, Map) else ():
                    target.setdefault(name, value)
                    target.lines.setdefault(name, line)
            return
        if key in target and target.lines.get(key) is not None:
            message = f"the key {key!r} stands twice, first on line {target.lines[key]}; the last one is read"
            self.fault("template-duplicate-key", message, line)
        target[key] = node
        target.lines[key] = line


_Around: TypeAlias = tuple[Any, str | None, int, str | None, str | None]


def read_yaml(data: bytes | str, *, core: bool = False) -> Document:
    """The first document of a YAML stream. What cannot be parsed comes back broken, with the line. `core`: see `plain`."""
    builder = _Builder(core)
    try:
        root = _root(_Parser(data), builder)
    except _TooMuch as excess:
        return broken(f"not read: {excess}", builder.reached, excess.rule)
    except MarkedYAMLError as error:
        return _syntax(error, builder.reached)
    except ReaderError as error:
        return broken(f"not valid text: {error.reason}", builder.reached)
    except (YAMLError, ValueError) as error:
        return broken(f"not valid YAML: {error}", builder.reached)
    return Document(root=root, faults=tuple(builder.faults))


def _root(parser: Any, builder: _Builder) -> Node:  # noqa: C901 (one loop, for speed: see below)
    """The root of the document that the parser's events make.

    Handling thousands of events is half of what reading costs: so what nearly every one needs stands in this loop.
    """
    # The innermost open collection and, in a mapping, the key that waits for its value. `around` holds the same of what
    # is open around it, each beside the tag and the anchor of the collection inside.
    root: Node = None
    node: Any = None
    key: str | None = None
    key_line, core = 0, builder.core
    around: list[_Around] = []
    while event := parser.get_event():
        kind, line = type(event), event.start_mark.line + 1
        if kind is ScalarEvent:
            value = event.value
            if key is None and type(node) is Map:
                key, key_line = value, line
                if event.anchor is not None:
                    builder.anchors[event.anchor] = value
                continue
            if event.tag is None and event.implicit[0]:
                value = plain(value, core=core)
            if event.tag is not None or event.anchor is not None:
                value = builder.finished(value, event.tag, event.anchor, line)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            builder.reached = line
            if len(around) >= MAX_DEPTH:
                raise _TooMuch("template-too-deep", _TOO_DEEP)
            around.append((node, key, key_line, event.tag, event.anchor))
            node, key = Map((), line) if kind is MappingStartEvent else Seq((), line), None
            continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            value, line = node, node.line
            node, key, key_line, tag, anchor = around.pop()
            if tag is not None or anchor is not None:
                value = builder.finished(value, tag, anchor, line)
        elif kind is AliasEvent:
            value = builder.alias(event.anchor, len(around), line)
        elif kind is DocumentEndEvent:
            parser.get_event()  # raises where what follows is no further document
            break
        else:
            continue
        # A finished value, put where it belongs: into the innermost open collection, or at the root.
        if type(node) is Seq:
            node.append(value)
            node.lines.append(line)
        elif node is None:
            root = value
        elif key is None:
            key, key_line = _key_text(value), line
        else:
            if key in node or key == _MERGE:
                builder.set_again(node, key, value, key_line)
            else:
                node[key] = value
                node.lines[key] = key_line
            key = None
    return root


def _extent(node: Node, limit: int) -> tuple[int, int]:
    """How many nodes a value holds, aliases expanded, and how many levels of collections; beyond `limit` nodes it stops."""
    size, height = 0, 0
    level: list[Node] = [node]
    while level and size <= limit:
        size += len(level)
        collections = [item for item in level if isinstance(item, Map | Seq)]
        height += bool(collections)
        level = [item for inside in collections for item in (inside.values() if isinstance(inside, Map) else inside)]
    return size, height


def _syntax(error: MarkedYAMLError, line: int) -> Document:
    mark = error.problem_mark or error.context_mark
    said = ", ".join(text for text in (error.context, error.problem) if text)
    return broken(f"not valid YAML: {said}", mark.line + 1 if mark is not None else line)


def _key_text(node: Node) -> str:
    """The text of a key that is no scalar: an unquoted `{{ placeholder }}` makes one."""
    if isinstance(node, Map):
        return "{" + ", ".join(node) + "}"
    if isinstance(node, Seq):
        return "[" + ", ".join(str(item) for item in node if not isinstance(item, Map | Seq)) + "]"
    return str(node)
