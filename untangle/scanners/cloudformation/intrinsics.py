"""CloudFormation's intrinsic functions over values whose parts may be unknown.

Source: the intrinsic function reference of the CloudFormation user guide. Each function takes the stack and its
argument as written; what it cannot compute stays a `Symbol` that names it. `Fn::If` is part of `evaluate`, the
macros `Fn::ForEach` and `Fn::Transform` of `macros`, for they work on the template and not on values.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from untangle.model.value import (
    ACCOUNT,
    PARTITION,
    REGION,
    Concat,
    Either,
    Expression,
    Imported,
    Value,
    concat,
    parts_of,
    scalar_text,
    split,
)
from untangle.scanners.cloudformation.dynamic import with_stored
from untangle.scanners.cloudformation.scope import NO_VALUE, Scope, either, operands, over, unknown
from untangle.scanners.document import Map, Node, Seq

# A name holds no braces: that keeps `${${${…` linear.
_PLACE = re.compile(r"\$\{([^{}]*)\}")
_FEW = 8
_MAX_ENCODED = 65_536


def ref(scope: Scope, node: Node) -> Value:
    """`Ref`: a parameter's value or a resource."""
    name = scalar_text(scope.evaluate(node))
    return unknown(scope, "Ref", scope.evaluate(node)) if name is None else scope.reference(name)


def get_att(scope: Scope, node: Node) -> Value:
    """`Fn::GetAtt`: "A.B" or a list whose parts may be functions themselves."""
    if isinstance(node, str):
        name, _, attribute = node.partition(".")
        return scope.attribute(name, attribute)
    parts = [scalar_text(scope.evaluate(part)) for part in operands(node)]
    if not parts or None in parts:
        return unknown(scope, "Fn::GetAtt", *(scope.evaluate(part) for part in operands(node)))
    return scope.attribute(str(parts[0]), ".".join(str(part) for part in parts[1:]))


def sub(scope: Scope, node: Node) -> Value:
    """`Fn::Sub`: `${Name}`, `${Name.Attribute}`, `${!Literal}`, and names from the map of the long form."""
    template, variables, *_ = [*operands(node), None, None]
    variables = variables if isinstance(variables, Map) else Map()
    text = template if isinstance(template, str) else scope.evaluate(template)
    return over(text, lambda option: _substitute(scope, option, variables))


def _substitute(scope: Scope, text: Value, variables: Map) -> Value:
    """A text with its placeholders replaced, also in the literal parts of one that is known in part."""
    if not isinstance(text, (str, Concat)):
        return text if isinstance(text, (int, float)) else unknown(scope, "Fn::Sub", text)
    pieces: list[Value] = []
    for part in parts_of(text):
        pieces += _substituted(scope, part, variables) if isinstance(part, str) else (part,)
    return with_stored(concat(pieces))


def _substituted(scope: Scope, text: str, variables: Map) -> list[Value]:
    pieces: list[Value] = [*_PLACE.split(text)]
    for i, name in enumerate(pieces):
        if i % 2 and isinstance(name, str):
            pieces[i] = "${" + name[1:] + "}" if name.startswith("!") else _variable(scope, name.strip(), variables)
    return pieces


def _variable(scope: Scope, name: str, variables: Map) -> Value:
    if name in variables:
        value = scope.evaluate(variables[name])
    elif "." in name:
        value = scope.attribute(*name.split(".", 1))
    else:
        value = scope.reference(name)
    return over(value, lambda option: _as_text(scope, option))


def _as_text(scope: Scope, value: Value) -> Value:
    if value is NO_VALUE or value is None:
        return ""
    if isinstance(value, tuple):
        return _joined(scope, ",", value)
    return unknown(scope, "Fn::Sub", value) if isinstance(value, Mapping) else value


def join(scope: Scope, node: Node) -> Value:
    """`Fn::Join`: a separator and a list, which may be a parameter or another function."""
    separator, items = _two(scope, node)
    return over(items, lambda option: with_stored(_joined(scope, scalar_text(separator) or "", option)))


def _joined(scope: Scope, separator: str, items: Value) -> Value:
    if not isinstance(items, tuple):
        return unknown(scope, "Fn::Join", separator, items)
    for i, item in enumerate(items):
        if isinstance(item, Either) and any(option is None or isinstance(option, tuple) for option in item.options):
            before, after = items[:i], items[i + 1 :]
            middles = (() if option is None else option if isinstance(option, tuple) else (option,) for option in item.options)
            if sum(isinstance(other, Either) for other in items) > 4:
                return unknown(scope, "Fn::Join", separator, items)
            return either(tuple(_joined(scope, separator, before + middle + after) for middle in middles), item.conditions)
    parts: list[Value] = []
    for item in items:
        if parts:
            parts.append(separator)
        parts.append(_as_text(scope, item))
    return concat(parts)


def select(scope: Scope, node: Node) -> Value:
    """`Fn::Select`: an index and a list."""
    index, items = _two(scope, node)
    position = scalar_text(index)

    def pick(option: Value) -> Value:
        if isinstance(option, tuple) and position and position.isascii() and position.isdigit() and int(position) < len(option):
            return option[int(position)]
        return unknown(scope, "Fn::Select", index, option)

    return over(items, pick)


def split_text(scope: Scope, node: Node) -> Value:
    """`Fn::Split`: the fields of a text; unknown where the separator may hide in an unknown part."""
    separator, text = _two(scope, node)
    mark = scalar_text(separator)

    def cut(option: Value) -> Value:
        if not mark or isinstance(option, tuple | Mapping) or option is None:
            return unknown(scope, "Fn::Split", separator, option)
        return _fields(scope, mark, option)

    return over(text, cut)


def _fields(scope: Scope, mark: str, text: Value) -> Value:
    """The fields up to and including the first that holds an unknown part; those after it are unknown themselves."""
    done: list[Value] = []
    fields = split(text, mark)
    for i, field in enumerate(fields):
        if any(_may_hold(part, mark) for part in parts_of(field)):
            if len(fields) == 1:
                return unknown(scope, "Fn::Split", mark, text)
            return (*done, field, *(unknown(scope, "Fn::Split", mark, text, j) for j in range(i + 1, len(fields))))
        done.append(field)
    return tuple(done)


def _may_hold(part: Value, mark: str) -> bool:
    if part in (ACCOUNT, PARTITION) or (part == REGION and mark != "-"):
        return False
    return not isinstance(part, str | int | float)


def find_in_map(scope: Scope, node: Node) -> Value:
    """`Fn::FindInMap`, with DefaultValue. A key that is not known gives every value that it may choose, if they are few."""
    arguments = operands(node)
    if len(arguments) < 3:
        return unknown(scope, "Fn::FindInMap", *(scope.evaluate(argument) for argument in arguments))
    name, top, second = (scope.evaluate(argument) for argument in arguments[:3])
    extra = arguments[3] if len(arguments) > 3 else None
    default = scope.evaluate(extra["DefaultValue"]) if isinstance(extra, Map) and "DefaultValue" in extra else NO_VALUE
    table = scope.mapping(scalar_text(name) or "")
    found: list[Value] = []
    for row in _rows(table, top):
        found += [scope.evaluate(cell) for cell in _rows(row, second)]
    if not found and default is not NO_VALUE:
        return default
    distinct: list[Value] = []
    for value in found:
        if value not in distinct:
            distinct.append(value)
    known = all(scalar_text(key) is not None for key in (top, second))
    if not known and default is not NO_VALUE and default not in distinct:
        distinct.append(default)
    return either(tuple(distinct)) if 0 < len(distinct) <= _FEW else unknown(scope, "Fn::FindInMap", name, top, second)


def _rows(table: Node, key: Value) -> list[Node]:
    if not isinstance(table, Map):
        return []
    text = scalar_text(key)
    if text is not None:
        return [table[text]] if text in table else []
    if isinstance(key, Either):
        return [row for option in key.options for row in _rows(table, option)]
    return list(table.values())


def import_value(scope: Scope, node: Node) -> Value:
    """`Fn::ImportValue`: what another stack exports; `assemble` knows the other stacks."""
    return over(
        scope.evaluate(node), lambda name: unknown(scope, "Fn::ImportValue", name) if name is NO_VALUE else Imported(name)
    )


def base64_text(scope: Scope, node: Node) -> Value:
    """`Fn::Base64` of a known text."""
    text = scope.evaluate(node)
    if isinstance(text, str) and len(text) <= _MAX_ENCODED:
        return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    return unknown(scope, "Fn::Base64", text)


def length(scope: Scope, node: Node) -> Value:
    """`Fn::Length` of a known list."""
    return over(
        scope.evaluate(node), lambda items: len(items) if isinstance(items, tuple) else unknown(scope, "Fn::Length", items)
    )


def to_json(scope: Scope, node: Node) -> Value:
    """`Fn::ToJsonString`: the JSON text, its unknown parts in their places."""
    return concat(list(_json(scope, scope.evaluate(node))))


def _json(scope: Scope, value: Value) -> Iterator[Value]:
    if isinstance(value, Mapping):
        yield "{"
        for i, (key, inner) in enumerate(value.items()):
            yield ("," if i else "") + json.dumps(key) + ":"
            yield from _json(scope, inner)
        yield "}"
    elif isinstance(value, tuple):
        yield "["
        for i, item in enumerate(value):
            yield "," if i else ""
            yield from _json(scope, item)
        yield "]"
    elif isinstance(value, Expression):
        yield '"'
        yield from parts_of(over(value, lambda option: _json_inside(scope, option)))
        yield '"'
    else:
        yield json.dumps(value)


def _json_inside(scope: Scope, value: Value) -> Value:
    """A text as it stands between the quotes of a JSON string."""
    if isinstance(value, tuple | Mapping):
        return unknown(scope, "Fn::ToJsonString", value)
    return concat([json.dumps(part)[1:-1] if isinstance(part, str) else part for part in parts_of(value)])


def _two(scope: Scope, node: Node) -> tuple[Value, Value]:
    arguments: Sequence[Node] = operands(node)
    first = scope.evaluate(arguments[0]) if arguments else None
    if len(arguments) != 2:
        return first, None
    second = arguments[1]
    return first, scope.evaluate(second)


Function = Callable[[Scope, Node], Value]

INTRINSICS: Mapping[str, Function] = {
    "Ref": ref,
    "Fn::GetAtt": get_att,
    "Fn::Sub": sub,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split_text,
    "Fn::FindInMap": find_in_map,
    "Fn::ImportValue": import_value,
    "Fn::Base64": base64_text,
    "Fn::Length": length,
    "Fn::ToJsonString": to_json,
}


def other(scope: Scope, name: str, node: Node) -> Value:
    """A function whose result only the platform knows (Fn::GetAZs, Fn::Cidr) or that is not known here."""
    items = node if isinstance(node, Seq) else [node]
    return unknown(scope, name, *(scope.evaluate(item) for item in items))
