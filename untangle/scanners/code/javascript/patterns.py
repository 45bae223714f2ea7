"""What values are bound to in JavaScript, and the text of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.lowered import syntax as s

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_TEXT = 110


class Patterns:
    """One file being lowered: texts and patterns."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def expression(self, node: Node | None) -> s.Expr:
        """One expression."""
        raise NotImplementedError

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements in a block."""
        raise NotImplementedError

    # patterns

    def pattern(self, node: Node | None) -> s.Pattern:
        """What a value is bound to."""
        if node is None:
            return s.Name("_")
        if node.type in ("required_parameter", "optional_parameter"):
            inner = self.pattern(node.child_by_field_name("pattern"))
            value = node.child_by_field_name("value")
            return s.Default(inner, self.expression(value)) if value is not None else inner
        if node.type in ("assignment_pattern", "object_assignment_pattern"):
            return s.Default(self.pattern(node.child_by_field_name("left")), self.expression(node.child_by_field_name("right")))
        if node.type == "rest_pattern":
            return s.Rest(self.pattern(node.named_children[0]))
        if node.type == "object_pattern":
            return self._fields(node)
        if node.type == "array_pattern":
            return s.Elements(tuple(self.pattern(child) for child in node.named_children if child.type != "comment"))
        if node.type in ("member_expression", "subscript_expression"):
            lowered = self.expression(node)
            return lowered if isinstance(lowered, s.Member | s.Index) else s.Name("_")
        if node.type in ("lexical_declaration", "variable_declaration"):
            return self.pattern(node.named_children[0].child_by_field_name("name"))
        if node.type in ("parenthesized_expression", "non_null_expression", "as_expression"):
            return self.pattern(node.named_children[0])
        return s.Name(self._text(node))

    def _fields(self, node: Node) -> s.Pattern:
        entries: list[tuple[str, s.Pattern, s.Expr | None]] = []
        rest: str | None = None
        for child in node.named_children:
            if child.type == "shorthand_property_identifier_pattern":
                entries.append((self._text(child), s.Name(self._text(child)), None))
            elif child.type == "object_assignment_pattern":
                name = self._text(child.child_by_field_name("left"))
                entries.append((name, s.Name(name), self.expression(child.child_by_field_name("right"))))
            elif child.type == "pair_pattern":
                key, value = child.child_by_field_name("key"), self.pattern(child.child_by_field_name("value"))
                default = value.value if isinstance(value, s.Default) else None
                name = self._string(key) if key is not None and key.type == "string" else self._text(key)
                entries.append((name, value.pattern if isinstance(value, s.Default) else value, default))
            elif child.type == "rest_pattern":
                rest = self._text(child.named_children[0])
        return s.Fields(tuple(entries), rest)

    # text

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self._data[node.start_byte : node.end_byte].decode("utf-8", errors="replace")

    def _line_text(self, node: Node | None) -> str:
        text = " ".join(self._text(node)[:400].split())
        return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"

    def _line(self, node: Node) -> int:
        return int(node.start_point[0]) + 1

    def _string(self, node: Node | None) -> str:
        return "" if node is None else unescape(self._text(node)[1:-1])


_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\'": "'", '\\"': '"', "\\\\": "\\", "\\`": "`", "\\/": "/"}


def unescape(text: str) -> str:
    """The text that a literal writes, its common escapes undone."""
    if "\\" not in text:
        return text
    for old, new in _ESCAPES.items():
        text = text.replace(old, new)
    return text
