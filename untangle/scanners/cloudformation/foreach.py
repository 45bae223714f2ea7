"""`Fn::ForEach` written out: resources, outputs, conditions and properties, loops in loops included.

Source: the reference of Fn::ForEach. `${Identifier}` and `{"Ref": Identifier}` stand for the item, `&{Identifier}`
for its letters and digits only. What is generated keeps the lines of the loop that generated it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from untangle.model.value import Value, scalar_text
from untangle.scanners.document import Map, Node, Seq

PREFIX = "Fn::ForEach::"
# Far beyond what a template may hold (500 resources of 1 MB): only a template that is made to explode gets there.
_MAX_NODES = 200_000
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")

# What to say about a loop that cannot be written out: its name, why, its line.
Report = Callable[[str, str, int], None]


class Loops:
    """Writes loops out. `evaluate` gives a collection, `report` hears of loops that cannot be."""

    def __init__(self, evaluate: Callable[[Node], Value], report: Report) -> None:
        self._evaluate = evaluate
        self._report = report
        self._left = _MAX_NODES

    def expand(self, node: Node) -> Node:
        """The node with every loop in it written out; a loop that cannot be is left out and reported."""
        if isinstance(node, Seq):
            return Seq((self.expand(item) for item in node), line=node.line, lines=node.lines)
        if not isinstance(node, Map):
            return node
        result = Map(line=node.line, path=node.path)
        for key, inner in node.items():
            line = node.lines.get(key, node.line)
            if key.startswith(PREFIX):
                self._loop(result, key.removeprefix(PREFIX), inner, line)
            else:
                result[key] = self.expand(inner)
                result.lines[key] = line
        return result

    def _loop(self, into: Map, name: str, node: Node, line: int) -> None:
        if not isinstance(node, Seq) or len(node) != 3 or not isinstance(node[0], str) or not isinstance(node[2], Map):
            self._report(name, "a loop is a list of an identifier, a collection and a mapping", line)
            return
        identifier, collection, body = node
        items = _texts(self._evaluate(collection))
        if items is None:
            self._report(name, "what it loops over is not known before it is deployed", line)
            return
        for item in items:
            written = self.expand(self._written(body, identifier, item))
            if self._left <= 0:
                self._report(name, f"it expands to more than {_MAX_NODES} nodes", line)
                return
            if isinstance(written, Map):
                for key, value in written.items():
                    into[key] = value
                    into.lines[key] = written.lines.get(key, line)

    def _written(self, node: Node, identifier: str, item: str) -> Node:
        """A copy of the loop's body for one item."""
        self._left -= 1
        if self._left <= 0:
            return None
        if isinstance(node, str):
            return _named(node, identifier, item)
        if isinstance(node, Seq):
            return Seq((self._written(inner, identifier, item) for inner in node), line=node.line, lines=node.lines)
        if not isinstance(node, Map):
            return node
        if len(node) == 1 and node.get("Ref") == identifier:
            return item
        result = Map(line=node.line, path=node.path)
        for key, inner in node.items():
            name = _named(key, identifier, item)
            result[name] = self._written(inner, identifier, item)
            result.lines[name] = node.lines.get(key, node.line)
        return result


def _named(text: str, identifier: str, item: str) -> str:
    if identifier not in text:
        return text
    return text.replace("${" + identifier + "}", item).replace("&{" + identifier + "}", _NOT_ALPHANUMERIC.sub("", item))


def _texts(value: Value) -> list[str] | None:
    """The items of a collection as text, lists in it flattened; None where one is not known."""
    if not isinstance(value, tuple):
        return None
    found: list[str] = []
    for item in value:
        inner = _texts(item) if isinstance(item, tuple) else [scalar_text(item)]
        if inner is None:
            return None
        for text in inner:
            if text is None:
                return None
            found.append(text)
    return found
