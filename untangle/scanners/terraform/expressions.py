"""Expressions to values. What is not known stays a symbol, a reference, or a choice of few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from untangle.model.value import Either, Expression, Ref, Symbol, Value, scalar_text
from untangle.scanners.terraform import functions, operators
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import (
    IT,
    Binary,
    Call,
    Conditional,
    For,
    Get,
    Index,
    Literal,
    Name,
    Node,
    Object,
    Splat,
    Template,
    TextFor,
    TextIf,
    Tuple,
    Unary,
)
from untangle.scanners.terraform.traversal import get, index, items
from untangle.scanners.terraform.unknowns import Wrong, choose, over, text_of, truth, unknown


def evaluate(scope: Scope, node: Node) -> Value:
    """The value of an expression. Raises Wrong where it has none, TooMuch where it would not end."""
    return _EVALUATE[type(node)](scope, node)


def _literal(_: Scope, node: Literal) -> Value:
    return node.value


def _name(scope: Scope, node: Name) -> Value:
    return scope.lookup(node.name)


def _get(scope: Scope, node: Get) -> Value:
    return get(scope, evaluate(scope, node.of), node.name)


def _index(scope: Scope, node: Index) -> Value:
    return index(scope, evaluate(scope, node.of), evaluate(scope, node.key))


def _template(scope: Scope, node: Template) -> Value:
    return text_of([as_text(scope, evaluate(scope, part)) for part in node.parts])


def as_text(scope: Scope, value: Value) -> Value:
    """A value as a template writes it. Raises Wrong for what has no text."""
    if isinstance(value, Either):
        return over(value, lambda option: as_text(scope, option))
    if isinstance(value, Expression):
        return value
    text = scalar_text(value)
    if text is None:
        raise Wrong("null, lists and objects have no text")
    return text


def _text_if(scope: Scope, node: TextIf) -> Value:
    test = evaluate(scope, node.test)
    return choose(test, node.text, lambda: evaluate(scope, node.yes), lambda: evaluate(scope, node.no))


def _text_for(scope: Scope, node: TextFor) -> Value:
    collection = evaluate(scope, node.collection)

    def run(option: Value) -> Value:
        if isinstance(option, Expression):
            return unknown(scope.id, "for", option)
        return text_of([as_text(scope, evaluate(inner, node.body)) for inner in _rounds(scope, node, option)])

    return over(scope.concrete(collection), run)


def _rounds(scope: Scope, node: For | TextFor, collection: Value) -> Iterator[Scope]:
    """The scope of each round of a loop."""
    for key, value in items(collection):
        scope.spend()
        names: dict[str, Value] = {node.value: value}
        if node.key is not None:
            names[node.key] = key
        yield scope.inside(names)


def _tuple(scope: Scope, node: Tuple) -> Value:
    return tuple([evaluate(scope, item) for item in node.items])


def _object(scope: Scope, node: Object) -> Value:
    result: dict[str, Value] = {}
    for key, value, _ in node.items:
        result[operators.key_text(evaluate(scope, key))] = evaluate(scope, value)
    return result


def _splat(scope: Scope, node: Splat) -> Value:
    def take(value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple([_element(scope, node, element) for element in value])
        if value is None:
            return ()
        if isinstance(value, Symbol):
            return _element(scope, node, Symbol(f"{value.name}[*]", value.scope))
        if isinstance(value, Ref) and value.attribute:
            return _element(scope, node, Ref(value.resource, f"{value.attribute}.*"))
        return (_element(scope, node, value),)

    return over(scope.concrete(evaluate(scope, node.of)), take)


def _element(scope: Scope, node: Splat, element: Value) -> Value:
    scope.spend()
    return evaluate(scope.inside({IT: element}), node.each)


def _call(scope: Scope, node: Call) -> Value:
    if node.name in ("try", "can"):
        return _attempt(scope, node)
    arguments = [evaluate(scope, argument) for argument in node.arguments]
    if node.expand and arguments:
        last = scope.concrete(arguments.pop())
        if not isinstance(last, tuple):
            return unknown(scope.id, node.name, *arguments, last)
        arguments += last
    scope.spend()
    return functions.call(scope, node.name, arguments)


def _attempt(scope: Scope, node: Call) -> Value:
    """`try`: the first argument that has a value. `can`: whether it has one."""
    failed = Wrong("no argument has a value")
    for argument in node.arguments:
        try:
            value = evaluate(scope, argument)
        except Wrong as wrong:
            failed = wrong
            continue
        return value if node.name == "try" else True
    if node.name == "can":
        return False
    raise failed


def _unary(scope: Scope, node: Unary) -> Value:
    return over(evaluate(scope, node.operand), lambda option: operators.unary(scope.id, node.operator, option))


def _binary(scope: Scope, node: Binary) -> Value:
    left = evaluate(scope, node.left)
    if node.operator in ("&&", "||"):
        if truth(left) is (node.operator == "||"):
            return truth(left)
        return operators.logical(scope.id, node.operator, left, lambda: evaluate(scope, node.right))
    return operators.binary(scope.id, node.operator, left, evaluate(scope, node.right))


def _conditional(scope: Scope, node: Conditional) -> Value:
    test = evaluate(scope, node.test)
    if isinstance(test, Either):
        test = _decided(test)
    return choose(test, node.text, lambda: evaluate(scope, node.yes), lambda: evaluate(scope, node.no))


def _decided(test: Either) -> Value:
    """A choice of conditions that all say the same is that condition."""
    verdicts = {truth(option) if option is not None else None for option in test.options}
    return verdicts.pop() if len(verdicts) == 1 and None not in verdicts else test


def _for(scope: Scope, node: For) -> Value:
    collection = scope.concrete(evaluate(scope, node.collection))

    def run(option: Value) -> Value:
        if isinstance(option, Expression):
            return unknown(scope.id, "for", option, repr(node)[:2000])
        rounds = [inner for inner in _rounds(scope, node, option) if _kept(inner, node)]
        if node.result_key is None:
            return tuple([evaluate(inner, node.result) for inner in rounds])
        return _object_of(rounds, node, node.result_key)

    return over(collection, run)


def _kept(scope: Scope, node: For) -> bool:
    """Whether a round counts; one of which that is not known does."""
    return node.test is None or truth(evaluate(scope, node.test)) is not False


def _object_of(rounds: list[Scope], node: For, result_key: Node) -> Value:
    result: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for inner in rounds:
        key = operators.key_text(evaluate(inner, result_key))
        value = evaluate(inner, node.result)
        if node.group:
            groups.setdefault(key, []).append(value)
        else:
            result[key] = value
    return {key: tuple(values) for key, values in groups.items()} if node.group else result


_EVALUATE: Mapping[type, Callable[[Scope, Any], Value]] = {
    Literal: _literal,
    Template: _template,
    TextIf: _text_if,
    TextFor: _text_for,
    Tuple: _tuple,
    Object: _object,
    Name: _name,
    Get: _get,
    Index: _index,
    Splat: _splat,
    Call: _call,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    For: _for,
}
