"""The arguments and nested blocks of a block, evaluated; `dynamic` blocks are written out."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.resource import Route
from untangle.model.value import Expression, Symbol, Value
from untangle.scanners.terraform.expressions import evaluate
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import Attribute, Block, Body, Call, Literal, Node, Object, Tuple
from untangle.scanners.terraform.traversal import items
from untangle.scanners.terraform.unknowns import TooMuch, Wrong, over, settled, short

Lines = dict[Route, int]
# Arguments and blocks that are about Terraform and not about the resource.
META = frozenset(("count", "for_each", "provider", "providers", "depends_on", "lifecycle", "connection", "provisioner"))
# How many steps of evaluation a block counts for.
_BLOCK = 5
# Functions through whose argument a line can be seen: what they give has the shape of what they take.
_TRANSPARENT = frozenset(("jsonencode", "merge", "tomap", "tolist", "toset", "sensitive", "nonsensitive", "concat"))


def attributes(
    scope: Scope, body: Body, place: str, lines: Lines, route: Route = (), skip: frozenset[str] = META
) -> dict[str, Value]:
    """Everything in a body by name. Nested blocks are tuples of mappings; the line of each part goes into `lines`."""
    found: dict[str, Value] = {}
    for name, attribute in body.attributes.items():
        if name not in skip:
            found[name] = attribute_value(scope, attribute, place)
            if attribute.line:
                _note(attribute.value, attribute.line, (*route, name), lines)
    for kind in dict.fromkeys(_kind(block) for block in body.blocks):
        if kind not in skip:
            found[kind] = _blocks(scope, body, kind, place, lines, route)
    return found


def one(scope: Scope, body: Body, name: str, place: str) -> Value:
    """One argument, or all nested blocks of one kind; None where there is neither."""
    attribute = body.attributes.get(name)
    if attribute is not None:
        return attribute_value(scope, attribute, place)
    if any(_kind(block) == name for block in body.blocks):
        return _blocks(scope, body, name, place, {}, ())
    return None


def attribute_value(scope: Scope, attribute: Attribute, place: str) -> Value:
    """The value of an argument. One that has none, or too much of one, is an unknown with the text of the expression."""
    if type(attribute.value) is Literal:
        return attribute.value.value
    try:
        return settled(evaluate(scope, attribute.value))
    except Wrong:
        return Symbol(short(attribute.text), f"{scope.id}#{place}")
    except (TooMuch, RecursionError) as excess:
        scope.module.excess(str(excess) if isinstance(excess, TooMuch) else "it is nested too deep")
        return Symbol(short(attribute.text), f"{scope.id}#{place}")


def _kind(block: Block) -> str:
    return block.labels[0] if block.kind == "dynamic" and block.labels else block.kind


def _blocks(scope: Scope, body: Body, kind: str, place: str, lines: Lines, route: Route) -> Value:
    found: list[Value] = []
    for block in body.blocks:
        if _kind(block) != kind:
            continue
        for inner, content in _written(scope, block, place):
            here = (*route, kind, len(found))
            try:
                scope.spend(_BLOCK)
            except TooMuch as excess:
                scope.module.excess(str(excess))
                return tuple(found)
            if block.line:
                lines.setdefault(here, block.line)
            found.append(attributes(inner, content, place, lines, here, frozenset()))
    return tuple(found)


def _written(scope: Scope, block: Block, place: str) -> Iterator[tuple[Scope, Body]]:
    """A block as it is; a `dynamic` one once for each element, once where they are not known."""
    if block.kind != "dynamic":
        yield scope, block.body
        return
    content = next(iter(block.body.all("content")), None)
    if content is None:
        return
    iterator = block.body.attributes.get("iterator")
    name = _word(iterator.value) if iterator else _kind(block)
    for_each = block.body.attributes.get("for_each")
    collection = attribute_value(scope, for_each, place) if for_each else ()
    for key, value in _elements(scope.concrete(collection)):
        yield scope.inside({name: {"key": key, "value": value}}), content.body


def _word(node: Node) -> str:
    return str(getattr(node, "name", getattr(node, "value", "")))


def _elements(collection: Value) -> tuple[tuple[Value, Value], ...]:
    """The elements of a collection, those of all its options; one that stands for all where they are not known."""
    found: dict[str, tuple[Value, Value]] = {}

    def add(option: Value) -> Value:
        if isinstance(option, Symbol):
            pair: tuple[Value, Value] = Symbol(f"{option.name}[*].key", option.scope), Symbol(f"{option.name}[*]", option.scope)
            found.setdefault(repr(option), pair)
        elif isinstance(option, Expression):
            found.setdefault(repr(option), (option, option))
        elif option is not None:
            found.update({f"{key!r}{value!r}": (key, value) for key, value in items(option)})
        return None

    try:
        over(collection, add)
    except Wrong:
        return ()
    return tuple(found.values())


def _note(node: Node, line: int, route: Route, lines: Lines) -> None:
    """The lines of an expression that is written out: those of its keys and items."""
    lines.setdefault(route, line)
    if isinstance(node, Object):
        for key, value, at in node.items:
            if isinstance(key, Literal):
                _note(value, at, (*route, str(key.value)), lines)
    elif isinstance(node, Tuple):
        for i, (item, at) in enumerate(zip(node.items, node.lines, strict=True)):
            _note(item, at, (*route, i), lines)
    elif isinstance(node, Call) and node.name in _TRANSPARENT:
        for argument in node.arguments if node.name == "merge" else node.arguments[:1]:
            _note(argument, line, route, lines)
