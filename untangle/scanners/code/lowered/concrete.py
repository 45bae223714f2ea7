"""What lowering a tree-sitter tree needs in every language: texts, lines, the first syntax error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_TEXT = 110
COMMENTS = frozenset({"comment", "line_comment", "block_comment"})


class Concrete:
    """The text of one file behind its nodes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def text(self, node: Node | None) -> str:
        """The source of a node; "" for none."""
        return "" if node is None else self._data[node.start_byte : node.end_byte].decode("utf-8", errors="replace")

    def line_text(self, node: Node | None) -> str:
        """The source of a node on one line, shortened."""
        text = " ".join(self.text(node)[:400].split())
        return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"

    def condition_text(self, node: Node | None) -> str:
        """A condition without the brackets around it."""
        text = self.line_text(node)
        return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text


def line_of(node: Node) -> int:
    """The line a node starts on, counted from 1."""
    return int(node.start_point[0]) + 1


def named(node: Node | None) -> Iterator[Node]:
    """The named children of a node that are not comments."""
    return (child for child in (node.named_children if node is not None else ()) if child.type not in COMMENTS)


def first_error(root: Node) -> int | None:
    """The line of the first syntax error; None where there is none."""
    if not root.has_error:
        return None
    pending = [root]
    while pending:
        node = pending.pop(0)
        if node.is_error or node.is_missing:
            return line_of(node)
        pending.extend(child for child in node.children if child.has_error)
    return None
