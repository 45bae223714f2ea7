"""JSON with lines: validated by the standard library's C scanner, then read again line by line.

No JSON string holds a raw line break, so each line can be cut into tokens by itself, and a token's line is known
for nothing. In valid JSON colons and commas carry no news: in a mapping, the text that no key waits for is a key.
"""

from __future__ import annotations

import json
import math
import re
from json.decoder import scanstring  # type: ignore[attr-defined]

from untangle.scanners.document.node import MAX_DEPTH, Document, Fault, Map, Node, Seq, broken

_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"|([\[\]{}])|([^\s,:"\[\]{}]+)')
_WORDS: dict[str, Node] = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 18


def read_json(text: str) -> Document | None:
    """A JSON text with its lines; None where it is not JSON (it may still be YAML)."""
    try:
        json.loads(text)
    except RecursionError:
        return broken(f"not read: nested more than {MAX_DEPTH} levels deep", 1, "template-too-deep")
    except ValueError:
        return None
    return _Builder().read(text)


class _Builder:
    """Builds a text that is known to be valid, so it looks at nothing twice."""

    def __init__(self) -> None:
        self.open: list[Map | Seq] = []
        self.keys: list[str | None] = []
        self.faults: list[Fault] = []
        self.root: Node = None

    def read(self, text: str) -> Document:
        for number, line in enumerate(text.split("\n"), 1):
            for token in _TOKEN.finditer(line):
                kind, content = token.lastindex, token[token.lastindex or 0]
                if kind == 1:
                    self.text(scanstring(content + '"', 0)[0] if "\\" in content else content, number)
                elif kind == 3:
                    self.add(_WORDS[content] if content in _WORDS else _number(content), number)
                elif content in "]}":
                    self.open.pop()
                    self.keys.pop()
                elif len(self.open) >= MAX_DEPTH:
                    return broken(f"not read: nested more than {MAX_DEPTH} levels deep", number, "template-too-deep")
                else:
                    self.start(Map(line=number) if content == "{" else Seq(line=number), number)
        return Document(root=self.root, faults=tuple(self.faults))

    def start(self, node: Map | Seq, line: int) -> None:
        self.add(node, line)
        self.open.append(node)
        self.keys.append(None)

    def text(self, content: str, line: int) -> None:
        if self.keys and self.keys[-1] is None and type(self.open[-1]) is Map:
            self.keys[-1] = content
            self.key(self.open[-1], content, line)
        else:
            self.add(content, line)

    def key(self, target: Map, key: str, line: int) -> None:
        first = target.lines.get(key)
        if first is not None:
            message = f"the key {key!r} stands twice, first on line {first}; the last one is read"
            self.faults.append(Fault(rule="template-duplicate-key", message=message, line=line))
        target.lines[key] = line

    def add(self, node: Node, line: int) -> None:
        if not self.open:
            self.root = node
            return
        inside = self.open[-1]
        if isinstance(inside, Seq):
            inside.append(node)
            inside.lines.append(line)
        else:
            inside[self.keys[-1] or ""] = node
            self.keys[-1] = None


def _number(word: str) -> Node:
    """A number of at most eighteen digits; what is longer, or not finite, stays text."""
    if len(word) > _MAX_DIGITS:
        return word
    value = float(word) if any(mark in word for mark in ".eENI") else int(word)
    return word if isinstance(value, float) and not math.isfinite(value) else value
