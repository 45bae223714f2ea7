"""YAML, read from libyaml's events by a builder of our own.

2.4 times as fast as PyYAML's C loader with constructors, and it keeps lines, tags and duplicate keys. The builder
keeps its own stack, so that nesting never exhausts Python's.
"""

from __future__ import annotations

from typing import Any

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
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


class _TooMuch(Exception):
    """The document is made to exhaust its reader. `rule` says how."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class _Frame:
    """A collection that is being built. `size` counts its nodes and `height` its levels, with aliases expanded."""

    __slots__ = ("anchor", "height", "key", "key_line", "node", "size", "tag")

    def __init__(self, node: Map | Seq, tag: str | None, anchor: str | None) -> None:
        self.node = node
        self.tag = tag
        self.anchor = anchor
        self.key: str | None = None
        self.key_line = 0
        self.size = 1
        self.height = 1


class _Builder:
    def __init__(self) -> None:
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.faults: list[Fault] = []
        self.aliased = 0
        self.root: Node = None

    def fault(self, rule: str, message: str, line: int) -> None:
        self.faults.append(Fault(rule=rule, message=message, line=line))

    def start(self, node: Map | Seq, event: Any) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise _TooMuch("template-too-deep", f"nested more than {MAX_DEPTH} levels deep")
        self.frames.append(_Frame(node, event.tag, event.anchor))

    def end(self) -> None:
        frame = self.frames.pop()
        node = frame.node if frame.tag is None else self.tagged(frame.node, frame.tag, frame.node.line)
        if frame.anchor:
            self.anchors[frame.anchor] = (node, frame.size, frame.height)
        self.add(node, frame.node.line, frame.size, frame.height)

    def scalar(self, event: Any) -> None:
        line = event.start_mark.line + 1
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.key is None and type(frame.node) is Map:
            frame.key, frame.key_line = event.value, line
            if event.anchor:
                self.anchors[event.anchor] = (event.value, 1, 0)
            return
        tag = event.tag
        node: Node = event.value
        if tag is not None:
            node = self.tagged(node, tag, line)
        elif event.implicit[0]:
            node = plain(event.value)
        if event.anchor:
            self.anchors[event.anchor] = (node, 1, 0)
        self.add(node, line, 1, 0)

    def alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self.anchors:
            self.fault("template-syntax", f"the alias *{event.anchor} names nothing that is complete before it", line)
            self.add(None, line, 1, 0)
            return
        node, size, height = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise _TooMuch("template-alias-bomb", f"its aliases expand to more than {MAX_ALIASED} nodes")
        if len(self.frames) + height > MAX_DEPTH:
            raise _TooMuch("template-too-deep", f"nested more than {MAX_DEPTH} levels deep")
        self.add(node, line, size, height)

    def tagged(self, node: Node, tag: str | None, line: int) -> Node:
        if tag is None or tag == "!":
            return node
        if tag.startswith(_STANDARD):
            return plain(node) if isinstance(node, str) and tag[len(_STANDARD) :] in ("int", "bool", "float", "null") else node
        long = long_form(tag, node, line)
        if long is None:
            self.fault("template-unknown-tag", f"{tag} is not a tag of CloudFormation; its value is read as if it had none", line)
            return node
        return long

    def add(self, node: Node, line: int, size: int, height: int) -> None:
        """Puts a finished node where it belongs: the innermost open collection, or the root."""
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        frame.size += size
        if height >= frame.height:
            frame.height = height + 1
        target = frame.node
        if isinstance(target, Seq):
            target.append(node)
            target.lines.append(line)
        elif frame.key is None:
            frame.key, frame.key_line = _key_text(node), line
        else:
            key = frame.key
            if key in target or key == _MERGE:
                self._set_again(target, frame, node)
            else:
                target[key] = node
                target.lines[key] = frame.key_line
            frame.key = None

    def _set_again(self, target: Map, frame: _Frame, node: Node) -> None:
        """A key that brings others with it, or that the mapping has."""
        key = frame.key or ""
        if key == _MERGE and isinstance(node, Map | Seq):
            for base in [node] if isinstance(node, Map) else node:
                for name, value in base.items() if isinstance(base, Map) else ():
                    target.setdefault(name, value)
                    target.lines.setdefault(name, frame.key_line)
            return
        if key in target and target.lines.get(key) is not None:
            message = f"the key {key!r} stands twice, first on line {target.lines[key]}; the last one is read"
            self.fault("template-duplicate-key", message, frame.key_line)
        target[key] = node
        target.lines[key] = frame.key_line


def read_yaml(data: bytes | str) -> Document:
    """The first document of a YAML stream. What cannot be parsed comes back broken, with the line."""
    builder = _Builder()
    line = 1
    try:
        parser: Any = _Parser(data)
        next_event, scalar = parser.get_event, builder.scalar
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                scalar(event)
            elif kind is MappingStartEvent:
                line = event.start_mark.line + 1
                builder.start(Map(line=line), event)
            elif kind is SequenceStartEvent:
                line = event.start_mark.line + 1
                builder.start(Seq(line=line), event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                builder.end()
            elif kind is AliasEvent:
                builder.alias(event)
            elif kind is DocumentEndEvent:
                parser.get_event()  # raises where what follows is no further document
                return Document(root=builder.root, faults=tuple(builder.faults))
            elif kind is StreamEndEvent:
                return Document(root=builder.root, faults=tuple(builder.faults))
    except _TooMuch as excess:
        return broken(f"not read: {excess}", line, excess.rule)
    except MarkedYAMLError as error:
        return _syntax(error, line)
    except ReaderError as error:
        return broken(f"not valid text: {error.reason}", line)
    except (YAMLError, ValueError) as error:
        return broken(f"not valid YAML: {error}", line)


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
