"""The JSON spelling of Terraform (`.tf.json`) as the blocks that HCL would give.

Source: "JSON Configuration Syntax" of Terraform's documentation. JSON does not tell a nested block from an argument that is an
object: an object stays a mapping, a list of objects a tuple of mappings.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.document import Map, Seq, read_document
from untangle.scanners.document import Node as Json
from untangle.scanners.terraform.hcl import read_expression, read_template
from untangle.scanners.terraform.syntax import Attribute, Block, Body, Fault, File, Literal, Node, Object, Tuple
from untangle.scanners.terraform.tokens import Trouble

# How many labels a block of the top level has.
_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "locals": 0, "terraform": 0,
}  # fmt: skip


def read_json_syntax(data: bytes) -> File:
    """A `.tf.json` file, or the values of a `.tfvars.json`, as far as it can be read. Never raises."""
    document = read_document(data)
    faults = [Fault(fault.message, fault.line, fault.rule) for fault in document.faults]
    if document.broken:
        return File(Body(), tuple(faults))
    if not isinstance(document.root, Map):
        return File(Body(), (*faults, Fault("must be a JSON object", 1)))
    reader = _Reader(faults)
    blocks = [
        block
        for kind, inner in document.root.items()
        if kind in _LABELS
        for block in reader.blocks(kind, inner, _LABELS[kind], (), document.root.lines.get(kind, 1))
    ]
    attributes = {name: reader.attribute(document.root, name, literal=True) for name in document.root if name != "//"}
    return File(Body(attributes, tuple(blocks)), tuple(faults))


class _Reader:
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults

    def blocks(self, kind: str, node: Json, missing: int, labels: tuple[str, ...], line: int) -> Iterator[Block]:
        """The blocks under a key: a level of objects for each label, any of them may be a list."""
        if isinstance(node, Seq):
            for i, item in enumerate(node):
                yield from self.blocks(kind, item, missing, labels, node.lines[i])
        elif not isinstance(node, Map):
            self.faults.append(Fault(f"{' '.join((kind, *labels))} must be an object", line))
        elif missing:
            for label, inner in node.items():
                if label != "//":
                    yield from self.blocks(kind, inner, missing - 1, (*labels, label), node.lines.get(label, line))
        else:
            yield Block(kind, labels, self.body(node, is_type=kind == "variable"), line)

    def body(self, node: Map, *, is_type: bool = False) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for name, inner in node.items():
            line = node.lines.get(name, node.line)
            if name == "dynamic":
                blocks += [self._dynamic(block) for block in self.blocks("dynamic", inner, 1, (), line)]
            elif name == "type" and is_type and isinstance(inner, str):
                attributes[name] = Attribute(name, self._expression(inner, line), line, inner)
            elif name != "//":
                attributes[name] = self.attribute(node, name)
        return Body(attributes, tuple(blocks))

    def _dynamic(self, block: Block) -> Block:
        attributes = dict(block.body.attributes)
        content = attributes.pop("content", None)
        inner = content.value if content else Object(())
        items = inner.items if isinstance(inner, Object) else ()
        named = {
            str(key.value): Attribute(str(key.value), value, line, "") for key, value, line in items if isinstance(key, Literal)
        }
        return Block(block.kind, block.labels, Body(attributes, (Block("content", (), Body(named), block.line),)), block.line)

    def attribute(self, node: Map, name: str, *, literal: bool = False) -> Attribute:
        line = node.lines.get(name, node.line)
        inner = node[name]
        text = inner.removeprefix("${").removesuffix("}") if isinstance(inner, str) else str(inner)[:200]
        return Attribute(name, self._node(inner, line, literal), line, text)

    def _node(self, node: Json, line: int, literal: bool) -> Node:
        if isinstance(node, Map):
            return Object(
                tuple(
                    (
                        self._template(key, line, literal),
                        self._node(inner, node.lines.get(key, line), literal),
                        node.lines.get(key, line),
                    )
                    for key, inner in node.items()
                    if key != "//"
                )
            )
        if isinstance(node, Seq):
            items = tuple(self._node(inner, node.lines[i], literal) for i, inner in enumerate(node))
            return Tuple(items, tuple(node.lines))
        return self._template(node, line, literal) if isinstance(node, str) else Literal(node)

    def _template(self, text: str, line: int, literal: bool) -> Node:
        if literal:
            return Literal(text)
        try:
            return read_template(text)
        except Trouble as trouble:
            self.faults.append(Fault(trouble.message, line, trouble.rule))
            return Literal(text)

    def _expression(self, text: str, line: int) -> Node:
        try:
            return read_expression(text)
        except Trouble as trouble:
            self.faults.append(Fault(trouble.message, line, trouble.rule))
            return Literal(None)
