"""Terraform's functions, as far as configurations use them, over values whose parts may be unknown.

Source: the function reference of the Terraform language. `SHAPED` functions need to know the shape of their arguments only,
`KNOWN` ones all of it; `PARTIAL` ones look themselves. What cannot be computed is a symbol that names the function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

from untangle.model.value import MAX_COMBINED, Either, Expression, Value
from untangle.scanners.terraform.functions import collections, encoding, files, network, numbers, patterns, text
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import Wrong, either, is_known, unknown

_MODULES = (collections, encoding, files, network, numbers, text)
PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {
    name: function for module in _MODULES for name, function in module.PARTIAL.items()
}
SHAPED: Mapping[str, Callable[..., Value]] = collections.SHAPED
KNOWN: Mapping[str, Callable[..., Value]] = {
    name: function for module in (encoding, network, numbers, text) for name, function in module.KNOWN.items()
}
_ERRORS = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError)


def call(scope: Scope, name: str, arguments: Sequence[Value]) -> Value:
    """The result of a function. Raises Wrong where the arguments are not what it takes."""
    name = name.removeprefix("core::")
    choices = [argument for argument in arguments if isinstance(argument, Either)]
    if choices:
        if prod({choice.conditions or id(choice): len(choice.options) for choice in choices}.values()) > MAX_COMBINED:
            return unknown(scope.id, name, *arguments)
        return _chosen(scope, name, arguments, choices[0])
    try:
        return _called(scope, name, arguments)
    except patterns.TooInvolved:
        return unknown(scope.id, name, *arguments)
    except _ERRORS as error:
        raise Wrong(f"{name}: {error}") from error


def _called(scope: Scope, name: str, arguments: Sequence[Value]) -> Value:
    own = scope.module.own.get(name)
    if own is not None:
        return own(arguments)
    if name in PARTIAL:
        return PARTIAL[name](scope, arguments)
    if name in SHAPED:
        arguments = [scope.concrete(argument) for argument in arguments]
        if not any(isinstance(argument, Expression) for argument in arguments):
            return SHAPED[name](*arguments)
    elif name in KNOWN and all(is_known(argument) for argument in arguments):
        return KNOWN[name](*arguments)
    return unknown(scope.id, name, *arguments)


def _chosen(scope: Scope, name: str, arguments: Sequence[Value], choice: Either) -> Value:
    """The result under each option of a choice; arguments that depend on the same conditions follow it."""
    results: list[Value] = []
    failed: Wrong | None = None
    for i in range(len(choice.options)):
        try:
            results.append(call(scope, name, [_under(argument, choice, i) for argument in arguments]))
        except Wrong as wrong:
            failed = wrong
            results.append(None)
    if failed is not None and all(result is None for result in results):
        raise failed
    return either(tuple(results), choice.conditions)


def _under(argument: Value, choice: Either, i: int) -> Value:
    if not isinstance(argument, Either):
        return argument
    follows = argument is choice or (bool(choice.conditions) and argument.conditions == choice.conditions)
    return argument.options[i] if follows and i < len(argument.options) else argument
