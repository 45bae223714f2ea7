"""What an intrinsic function may ask of the stack it stands in, and the values that functions share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from untangle.model.value import Either, Symbol, Value, show
from untangle.scanners.document import Map, Node, Seq

# AWS::NoValue: the property, the item or the option is not there. Compared by identity, never leaves this package.
NO_VALUE = Symbol("AWS::NoValue", "-")
_SHOWN = 120


class Scope(Protocol):
    """One stack, as the functions in its template see it."""

    @property
    def id(self) -> str:
        """The stack's id, the scope of its unknowns."""

    def evaluate(self, node: Node) -> Value:
        """The value of a part of the template."""

    def reference(self, name: str) -> Value:
        """What `Ref` gives for a parameter, a pseudo parameter or a logical id."""

    def attribute(self, name: str, attribute: str) -> Value:
        """What `Fn::GetAtt` gives."""

    def mapping(self, name: str) -> Map | None:
        """The table of this name of the Mappings section."""

    def decide(self, condition: str) -> bool | None:
        """Whether a condition holds, None where that is not known."""


def over(value: Value, then: Callable[[Value], Value]) -> Value:
    """Applies a function to a value, or to each option of an `Either`."""
    if isinstance(value, Either):
        return either(tuple(over(option, then) for option in value.options), value.conditions)
    return then(value)


def either(options: tuple[Value, ...], conditions: tuple[str, ...] = ()) -> Value:
    """One of several values: a plain value where all are the same. NoValue among them is None."""
    if all(option is NO_VALUE for option in options):
        return NO_VALUE
    if all(option == options[0] for option in options[1:]):
        return options[0]
    return Either(tuple(None if option is NO_VALUE else option for option in options), conditions)


def unknown(scope: Scope, function: str, *operands: Value) -> Symbol:
    """The result of a function that cannot be computed: equal where the same stack writes the same thing."""
    words = ", ".join(show(operand) for operand in operands)
    short = words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
    digest = hashlib.sha256(repr(operands).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Symbol(f"{function}({short})", f"{scope.id}#{digest}")


def operands(node: Node) -> list[Node]:
    """The arguments of a function: the items of a list, or the one argument it has."""
    return list(node) if isinstance(node, Seq) else [node]
