"""Steps into values: `.name` and `[key]`, through references and unknowns too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.model.value import Either, Expression, Ref, Symbol, Value, show
from untangle.scanners.terraform.operators import key_text, number
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import MAX_OPTIONS, Open, Wrong, either, over, unknown

_FEW = 8


def get(scope: Scope, value: Value, name: str) -> Value:
    """`value.name`. Raises Wrong where a known value has no such attribute."""
    if isinstance(value, Ref):
        return _of_resource(scope, value, name)
    if isinstance(value, (dict, Mapping)):
        if name in value:
            return value[name]
        raise Wrong(f"there is no {name}")
    if isinstance(value, Symbol):
        return Symbol(f"{value.name}.{name}", value.scope)
    if isinstance(value, Either):
        return over(value, lambda option: get(scope, option, name))
    if isinstance(value, Expression):
        return unknown(scope.id, name, value)
    raise Wrong(f"a text, number or list has no {name}")


def _of_resource(scope: Scope, ref: Ref, name: str) -> Value:
    """An attribute of a resource: what a built-in data source says, or what is written inside a block of it, else a reference."""
    if not ref.attribute:
        special = scope.module.special(ref.resource, name)
        return Ref(ref.resource, name) if special is None else special
    configured = scope.module.follow(ref.resource, ref.attribute)
    if isinstance(configured, Mapping) and name in configured:
        return configured[name]
    return Ref(ref.resource, f"{ref.attribute}.{name}")


def index(scope: Scope, value: Value, key: Value) -> Value:
    """`value[key]`. Raises Wrong where a known value has no such element."""
    if isinstance(value, Either) and isinstance(key, Either) and len(value.options) * len(key.options) > MAX_OPTIONS:
        return unknown(scope.id, "index", value, key)
    if isinstance(value, Either):
        return over(value, lambda option: index(scope, option, key))
    if isinstance(key, Either):
        return over(key, lambda option: index(scope, value, option))
    if isinstance(value, Open):
        return value[key_text(key)]
    if isinstance(value, Ref):
        return _element_of(scope, value, key)
    if isinstance(value, Expression):
        if isinstance(value, Symbol) and not isinstance(key, Expression):
            return Symbol(f"{value.name}[{key_text(key)}]", value.scope)
        return unknown(scope.id, "index", value, key)
    if isinstance(value, Mapping):
        return _of_mapping(scope, value, key)
    if isinstance(value, tuple):
        return _of_tuple(scope, value, key)
    raise Wrong("a text or number has no elements")


def _of_mapping(scope: Scope, value: Mapping[str, Value], key: Value) -> Value:
    text = key_text(key)
    if text in value:
        return value[text]
    if isinstance(key, Expression):
        conditions = tuple(f'{show(key)} == "{name}"' for name in value)
        return _one_of(scope, tuple(value[name] for name in value) if len(value) <= _FEW else None, value, key, conditions)
    raise Wrong(f"there is no {text}")


def _of_tuple(scope: Scope, value: tuple[Value, ...], key: Value) -> Value:
    if isinstance(key, Expression):
        conditions = tuple(f"{show(key)} == {i}" for i in range(len(value)))
        return _one_of(scope, value if len(value) <= _FEW else None, value, key, conditions)
    position = number(key)
    if not isinstance(position, int) or not 0 <= position < len(value):
        raise Wrong(f"there is no element {position}")
    return value[position]


def _one_of(scope: Scope, options: tuple[Value, ...] | None, value: Value, key: Value, conditions: tuple[str, ...]) -> Value:
    """One of a few elements, which it is depends on a key that is not known."""
    if not options:
        return unknown(scope.id, "index", value, key)
    return either(options, conditions)


def _element_of(scope: Scope, ref: Ref, key: Value) -> Value:
    if not ref.attribute:
        return ref  # one that has neither count nor for_each, as far as can be seen
    configured = scope.module.follow(ref.resource, ref.attribute)
    if isinstance(configured, Mapping | tuple):
        try:
            return index(scope, configured, key)
        except Wrong:
            pass
    return Ref(ref.resource, f"{ref.attribute}.{key_text(key)}")


def items(collection: Value) -> Iterator[tuple[Value, Value]]:
    """The keys and values of a collection, a mapping's in the order of its keys. Raises Wrong for what is none."""
    if isinstance(collection, Mapping):
        for key in sorted(collection):
            yield key, collection[key]
    elif isinstance(collection, tuple):
        yield from enumerate(collection)
    else:
        raise Wrong("not a collection")
