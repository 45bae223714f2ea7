"""`AWS::Include`: a part of a template that stands in another file of the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from untangle.model.value import Value, scalar_text
from untangle.scanners.document import Map, Node, Seq

INCLUDE = "AWS::Include"
_MAX_INCLUDES = 200

# A location as written, and its line, to the file's path and content; None where it is not in the tree.
Open = Callable[[Value, int], tuple[str, Map] | None]


class Includes:
    """Puts included parts in their places. `open_` finds and reads a file, `evaluate` the location it is named by."""

    def __init__(self, open_: Open, evaluate: Callable[[Node], Value]) -> None:
        self._open = open_
        self._evaluate = evaluate
        self._left = _MAX_INCLUDES

    def template(self, root: Map) -> Map:
        """The template with every inclusion in it followed, those of its top-level Transform too."""
        for node in _each(root.get("Transform")):
            if _is_include(node):
                root = self._merged(root, node, root.lines.get("Transform", 1))
        expanded = self._node(root)
        return expanded if isinstance(expanded, Map) else root

    def _node(self, node: Node) -> Node:
        if isinstance(node, Seq):
            return Seq((self._node(item) for item in node), line=node.line, lines=node.lines)
        if not isinstance(node, Map):
            return node
        result = Map(line=node.line, lines=dict(node.lines), path=node.path)
        includes: list[tuple[Node, int]] = []
        for key, inner in node.items():
            found = [item for item in _each(inner) if _is_include(item)] if key == "Fn::Transform" else []
            if found:
                includes += [(item, node.lines.get(key, node.line)) for item in found]
            else:
                result[key] = self._node(inner)
        for include, line in includes:
            result = self._merged(result, include, line)
        return result

    def _merged(self, into: Map, include: Node, line: int) -> Map:
        parameters = include.get("Parameters") if isinstance(include, Map) else None
        location = parameters.get("Location") if isinstance(parameters, Map) else None
        self._left -= 1
        opened = self._open(self._evaluate(location), line) if self._left >= 0 else None
        if opened is None:
            return into
        path, content = opened
        result = Map(into.items(), line=into.line, lines=dict(into.lines), path=into.path)
        for key, inner in content.items():
            if isinstance(inner, Map) and isinstance(result.get(key), Map):
                result[key] = _joined(result[key], inner, path)
            elif key not in result:
                result[key] = _from_file(inner, path, content.lines.get(key, 1))
                result.lines[key] = line
        return result


def _each(node: Node) -> Iterator[Node]:
    yield from node if isinstance(node, Seq) else (node,)


def _is_include(node: Node) -> bool:
    return isinstance(node, Map) and scalar_text(node.get("Name")) == INCLUDE


def _from_file(node: Node, path: str, line: int) -> Node:
    """A mapping that remembers which file and line it comes from."""
    return Map(node.items(), line=line, lines=node.lines, path=path) if isinstance(node, Map) else node


def _joined(own: Map, other: Map, path: str) -> Map:
    """A section of the template with the entries of the included one; its own win."""
    entries = {key: _from_file(inner, path, other.lines.get(key, other.line)) for key, inner in other.items()}
    return Map((entries | own).items(), line=own.line, lines=other.lines | own.lines, path=own.path)
