"""What a Terraform file is made of: blocks, attributes, and the expressions in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


class Literal(NamedTuple):
    """A known scalar."""

    value: str | int | float | bool | None


class Template(NamedTuple):
    """Text with interpolations and directives. `"${x}"` alone is no template: it is `x`."""

    parts: tuple[Node, ...]


class TextIf(NamedTuple):
    """`%{ if test } yes %{ else } no %{ endif }`; `text` is the test as written."""

    test: Node
    yes: Node
    no: Node
    text: str


class TextFor(NamedTuple):
    """`%{ for key, value in collection } body %{ endfor }`."""

    key: str | None
    value: str
    collection: Node
    body: Node


class Tuple(NamedTuple):
    """`[a, b]`, with the line of every item."""

    items: tuple[Node, ...]
    lines: tuple[int, ...]


class Object(NamedTuple):
    """`{ a = 1 }`: keys, values and lines. A bare key is a `Literal`."""

    items: tuple[tuple[Node, Node, int], ...]


class Name(NamedTuple):
    """The first word of a traversal: `var`, `aws_sqs_queue`, the name in a for-expression."""

    name: str


class Get(NamedTuple):
    """`of.name`."""

    of: Node
    name: str


class Index(NamedTuple):
    """`of[key]`."""

    of: Node
    key: Node


class Splat(NamedTuple):
    """`of[*].a[0]` or `of.*.a`: `each` is what is taken of every element, whose name is `IT`."""

    of: Node
    each: Node


class Call(NamedTuple):
    """`name(arguments)`; `expand` where the last one is followed by `...`."""

    name: str
    arguments: tuple[Node, ...]
    expand: bool


class Unary(NamedTuple):
    """`!a` or `-a`."""

    operator: str
    operand: Node


class Binary(NamedTuple):
    """`a && b`, `a + b`, …"""

    operator: str
    left: Node
    right: Node


class Conditional(NamedTuple):
    """`test ? yes : no`; `text` is the test as written."""

    test: Node
    yes: Node
    no: Node
    text: str


class For(NamedTuple):
    """`[for key, value in collection : result if test]`; an object where `result_key` is there; `group` for `...`."""

    key: str | None
    value: str
    collection: Node
    result_key: Node | None
    result: Node
    test: Node | None
    group: bool


Node: TypeAlias = (
    Literal
    | Template
    | TextIf
    | TextFor
    | Tuple
    | Object
    | Name
    | Get
    | Index
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | For
)
# No identifier can be spelled like this: the element of a splat.
IT = "*"


class Attribute(NamedTuple):
    """`name = expression`. `line` is 0 where it was put into a block from another file; `text` is the expression as written."""

    name: str
    value: Node
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between braces, or in a file."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    def all(self, kind: str) -> tuple[Block, ...]:
        """The blocks of this kind."""
        return tuple(block for block in self.blocks if block.kind == kind)


class Block(NamedTuple):
    """`kind "label" "label" { body }`."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    line: int


class Fault(NamedTuple):
    """Something wrong in a file."""

    message: str
    line: int
    rule: str = "template-syntax"


class File(NamedTuple):
    """A file as far as it could be read."""

    body: Body
    faults: tuple[Fault, ...] = ()
