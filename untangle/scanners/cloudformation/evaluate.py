"""A part of a template to its value, with the lines of what it was made from."""

from __future__ import annotations

from untangle.model.resource import Route
from untangle.model.value import Either, Value
from untangle.scanners.cloudformation.dynamic import with_stored
from untangle.scanners.cloudformation.intrinsics import INTRINSICS, other
from untangle.scanners.cloudformation.scope import NO_VALUE, Scope, either
from untangle.scanners.document import Map, Node, Seq

Lines = dict[Route, int]


def evaluate(scope: Scope, node: Node, route: Route = (), lines: Lines | None = None) -> Value:
    """The value of a node. Where `lines` is given, the line of every key and item goes into it by its route.

    Both branches of an `Fn::If` stand at its own route, the first one's lines first. What a function computes has
    no lines of its own: the nearest enclosing one is the function's. Nothing (AWS::NoValue) comes back as NO_VALUE.
    """
    if isinstance(node, str):
        return with_stored(node) if "{{resolve:" in node else node
    if isinstance(node, Map):
        if len(node) == 1:
            ((key, inner),) = node.items()
            function = INTRINSICS.get(key)
            if function is not None:
                return function(scope, inner)
            if key == "Fn::If":
                return _if(scope, inner, route, lines)
            if key.startswith("Fn::"):
                return other(scope, key, inner)
        return _mapping(scope, node, route, lines if node.path is None else None)
    if isinstance(node, Seq):
        return _sequence(scope, node, route, lines)
    if isinstance(node, Either):  # a reader of another format has put it there
        return either(tuple(evaluate(scope, option, route, lines) for option in node.options), node.conditions)
    return node


def _mapping(scope: Scope, node: Map, route: Route, lines: Lines | None) -> Value:
    """A mapping's value. Where it comes from another file there are no `lines`: they count in this one."""
    if lines is None:
        return {key: value for key, inner in node.items() if (value := evaluate(scope, inner)) is not NO_VALUE}
    values = {}
    for key, inner in node.items():
        here = (*route, key)
        lines.setdefault(here, node.lines.get(key, node.line))
        value = evaluate(scope, inner, here, lines)
        if value is not NO_VALUE:
            values[key] = value
    return values


def _sequence(scope: Scope, node: Seq, route: Route, lines: Lines | None) -> Value:
    if lines is None:
        return tuple([value for inner in node if (value := evaluate(scope, inner)) is not NO_VALUE])
    values: list[Value] = []
    for i, inner in enumerate(node):
        here = (*route, len(values))
        lines.setdefault(here, node.lines[i])
        value = evaluate(scope, inner, here, lines)
        if value is not NO_VALUE:
            values.append(value)
    return tuple(values)


def _if(scope: Scope, node: Node, route: Route, lines: Lines | None) -> Value:
    """`Fn::If`: both branches with the condition's words, or one where the condition is decided."""
    if not isinstance(node, Seq) or len(node) != 3 or not isinstance(node[0], str):
        return other(scope, "Fn::If", node)
    name, yes, no = node
    decided = scope.decide(name)
    if decided is not None:
        return evaluate(scope, yes if decided else no, route, lines)
    options = (evaluate(scope, yes, route, lines), evaluate(scope, no, route, lines))
    return either(options, (name, f"not {name}"))
