"""Type constraints of variables: values are converted, and what is optional in an object is filled in.

Source: "Type Constraints" of the Terraform language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from untangle.model.value import Either, Expression, Value, scalar_text
from untangle.scanners.terraform.functions.collections import as_set
from untangle.scanners.terraform.operators import number
from untangle.scanners.terraform.syntax import Call, Literal, Name, Node, Object, Tuple
from untangle.scanners.terraform.unknowns import Wrong, over, truth

Default = Callable[[Node], Value]


def convert(value: Value, type_: Node | None, default: Default) -> Value:
    """The value as its type wants it; as it is where it does not fit. `default` evaluates the default of what is optional."""
    if isinstance(value, Either):
        return over(value, lambda option: convert(option, type_, default))
    if value is None or type_ is None or isinstance(value, Expression):
        return value
    if isinstance(type_, Name):
        return _scalar(value, type_.name)
    if isinstance(type_, Call) and type_.arguments:
        return _collection(value, type_.name, type_.arguments[0], default)
    return value


def is_text(type_: Node | None) -> bool:
    """Whether a value on the command line is the text itself, and no expression."""
    return type_ is None or (isinstance(type_, Name) and type_.name in ("string", "any")) or isinstance(type_, Literal)


def _scalar(value: Value, name: str) -> Value:
    try:
        if name == "string":
            text = scalar_text(value)
            return value if text is None else text
        if name == "number":
            return number(value)
        return truth(value) if name == "bool" else value
    except Wrong:
        return value


def _collection(value: Value, name: str, inner: Node, default: Default) -> Value:
    if name == "object" and isinstance(inner, Object) and isinstance(value, Mapping):
        return {key: item for member, kind, _ in inner.items for key, item in _member(value, member, kind, default)}
    if name == "map" and isinstance(value, Mapping):
        return {key: convert(value[key], inner, default) for key in value}
    if name in ("list", "set") and isinstance(value, tuple):
        items = tuple([convert(item, inner, default) for item in value])
        return as_set(items) if name == "set" else items
    if name == "tuple" and isinstance(inner, Tuple) and isinstance(value, tuple):
        kinds = inner.items + (None,) * (len(value) - len(inner.items))
        return tuple([convert(item, kind, default) for item, kind in zip(value, kinds, strict=False)])
    return value


def _member(value: Mapping[str, Value], member: Node, kind: Node, default: Default) -> list[tuple[str, Value]]:
    """A member of an object: what was given, else its default, else null where it is optional."""
    if not isinstance(member, Literal):
        return []
    key = str(member.value)
    optional = isinstance(kind, Call) and kind.name == "optional"
    arguments = kind.arguments if isinstance(kind, Call) and optional else (kind,)
    given = value.get(key)
    if given is None and optional and len(arguments) > 1:
        given = default(arguments[1])
    if given is None and key not in value and not optional:
        return []
    return [(key, convert(given, arguments[0] if arguments else None, default))]
