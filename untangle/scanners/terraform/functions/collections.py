"""Functions of lists, sets and maps. A set is a tuple without doubles, sorted where it can be."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod

from untangle.model.value import Either, Expression, Ref, Symbol, Value, scalar_text, show
from untangle.scanners.terraform.operators import equals, key_text, number
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.traversal import index
from untangle.scanners.terraform.unknowns import MAX_NODES, TooMuch, Wrong, either, is_known, text_of, truth, unknown

List = tuple[Value, ...]
Table = Mapping[str, Value]
_FEW = 8


def listed(value: Value) -> List:
    """A list. Raises Wrong for what is none."""
    if isinstance(value, tuple):
        return value
    raise Wrong("not a list")


def _table(value: Value) -> Table:
    if isinstance(value, Mapping):
        return value
    raise Wrong("not a map")


def _identity(value: Value) -> tuple[str, str]:
    return type(value).__name__, repr(value)


def distinct(values: Iterable[Value]) -> List:
    """The values without doubles, in their order."""
    return tuple({_identity(value): value for value in values}.values())


def as_set(values: Iterable[Value]) -> List:
    """The values as a set: sorted where all are known texts or numbers."""
    found = distinct(values)
    return sorted_texts(found) if all(isinstance(value, str) for value in found) else found


def sorted_texts(values: List) -> List:
    """Sorted by their text; as they are where some are not known."""
    return tuple(sorted(values, key=key_text)) if is_known(values) else values


def _flatten(values: Value, depth: int = 0) -> List:
    if depth > 60:
        raise TooMuch("a list is nested too deep")
    found: list[Value] = []
    for value in listed(values):
        if isinstance(value, tuple):
            found += _flatten(value, depth + 1)
        else:
            found.append(value)
        if len(found) > MAX_NODES:
            raise TooMuch("a list is too long")
    return tuple(found)


def _zipmap(keys: Value, values: Value) -> Value:
    return {key_text(key): value for key, value in zip(listed(keys), listed(values), strict=False)}


def _transpose(table: Value) -> Value:
    result: dict[str, list[Value]] = {}
    for key, values in _table(table).items():
        for value in listed(values):
            result.setdefault(key_text(value), []).append(key)
    return {key: tuple(sorted(map(str, result[key]))) for key in sorted(result)}


def _setproduct(*sets: Value) -> Value:
    lists = [listed(value) for value in sets]
    if prod(len(values) for values in lists) * len(lists) > MAX_NODES:
        raise TooMuch("a product of sets is too large")
    return tuple(itertools.product(*lists))


def _chunklist(values: Value, size: Value) -> Value:
    width = int(number(size))
    rows = listed(values)
    return tuple(rows[i : i + width] for i in range(0, len(rows), width)) if width > 0 else (rows,)


def _range(*limits: Value) -> Value:
    numbers = [number(limit) for limit in limits]
    start, end = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else 1 if end >= start else -1
    if not step or (end - start) / step > 10_000:
        raise TooMuch("a range is too long") if step else Wrong("a range needs a step")
    count = max(0, math.ceil((end - start) / step))
    return tuple(start + i * step for i in range(count))


def _one(values: Value) -> Value:
    if values is None:
        return None
    found = listed(values)
    if len(found) > 1:
        raise Wrong("more than one")
    return found[0] if found else None


def _matchkeys(values: Value, keys: Value, wanted: Value) -> Value:
    names = {_identity(value) for value in listed(wanted)}
    return tuple(value for value, key in zip(listed(values), listed(keys), strict=False) if _identity(key) in names)


def _subtract(first: Value, second: Value) -> Value:
    taken = {_identity(value) for value in listed(second)}
    return tuple(value for value in as_set(listed(first)) if _identity(value) not in taken)


def _intersection(first: Value, *others: Value) -> Value:
    found = as_set(listed(first))
    for other in others:
        names = {_identity(value) for value in listed(other)}
        found = tuple(value for value in found if _identity(value) in names)
    return found


def _slice(values: Value, start: Value, end: Value) -> Value:
    first, last, found = int(number(start)), int(number(end)), listed(values)
    if not 0 <= first <= last <= len(found):
        raise Wrong("a slice beyond the list")
    return found[first:last]


def _length(value: Value) -> Value:
    if isinstance(value, tuple | Mapping | str):
        return len(value)
    raise Wrong("null and numbers have no length")


def _to_list(value: Value) -> Value:
    return value if value is None else listed(value)


def _to_map(value: Value) -> Value:
    return value if value is None else _table(value)


def _position(values: Value, wanted: Value) -> Value:
    for i, value in enumerate(listed(values)):
        if equals(value, wanted):
            return i
    raise Wrong("the list does not hold it")


def _compact(values: Value) -> Value:
    return tuple(value for value in listed(values) if value is not None and value != "")


def _coalescelist(*lists: Value) -> Value:
    for values in lists:
        if values:
            return values
    raise Wrong("all lists are empty")


SHAPED: Mapping[str, Callable[..., Value]] = {
    "chunklist": _chunklist,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "distinct": lambda values: distinct(listed(values)),
    "flatten": _flatten,
    "index": _position,
    "keys": lambda table: tuple(sorted(_table(table))),
    "length": _length,
    "list": lambda *values: tuple(values),
    "matchkeys": _matchkeys,
    "one": _one,
    "range": _range,
    "reverse": lambda values: listed(values)[::-1],
    "setintersection": _intersection,
    "setproduct": _setproduct,
    "setsubtract": _subtract,
    "setunion": lambda *sets: as_set(itertools.chain.from_iterable(listed(values) for values in sets)),
    "slice": _slice,
    "sort": lambda values: sorted_texts(listed(values)),
    "tolist": _to_list,
    "tomap": _to_map,
    "toset": lambda values: values if values is None else as_set(listed(values)),
    "transpose": _transpose,
    "values": lambda table: tuple(_table(table)[key] for key in sorted(_table(table))),
    "zipmap": _zipmap,
}


def _merge(scope: Scope, arguments: Sequence[Value]) -> Value:
    """What is known of the maps; one that is not known stands among them as an entry of its own name."""
    result: dict[str, Value] = {}
    for argument in map(scope.concrete, arguments):
        if isinstance(argument, Expression):
            result[show(argument)] = argument
        elif argument is not None:
            result.update(_table(argument))
    return result


def _concat(scope: Scope, arguments: Sequence[Value]) -> Value:
    """All elements in a row; a list that is not known stands for its own elements."""
    result: list[Value] = []
    for argument in map(scope.concrete, arguments):
        if isinstance(argument, Symbol):
            result.append(Symbol(f"{argument.name}[*]", argument.scope))
        elif isinstance(argument, Ref):
            result.append(Ref(argument.resource, f"{argument.attribute}.*"))
        elif isinstance(argument, Expression):
            return unknown(scope.id, "concat", *arguments)
        elif argument is not None:
            result += listed(argument)
        if len(result) > MAX_NODES:
            raise TooMuch("a list is too long")
    return tuple(result)


def _coalesce(_: Scope, arguments: Sequence[Value]) -> Value:
    """The first that is neither null nor empty; one that is not known is taken not to be."""
    for argument in arguments:
        if argument is not None and argument != "":
            return argument
    raise Wrong("all are null or empty")


def _lookup(scope: Scope, arguments: Sequence[Value]) -> Value:
    table, key, *default = arguments
    table = scope.concrete(table)
    if isinstance(table, Expression):
        known = index(scope, table, key)
        return either((known, *default), (f"{show(key)} is there", "")) if default else known
    text = key_text(key)
    if isinstance(key, Expression) and text not in _table(table):
        values = tuple(_table(table).values())
        conditions = tuple(f'{show(key)} == "{name}"' for name in _table(table))
        if len(values) > _FEW or not (values or default):
            return unknown(scope.id, "lookup", *arguments)
        return either((*values, *default), (*conditions, *("" for _ in default)))
    if text in _table(table):
        return _table(table)[text]
    if default:
        return default[0]
    raise Wrong(f"there is no {text}")


def _element(scope: Scope, arguments: Sequence[Value]) -> Value:
    values, position = scope.concrete(arguments[0]), arguments[1]
    if isinstance(values, tuple) and not isinstance(position, Expression):
        return values[int(number(position)) % len(values)]
    return index(scope, values, position)


def _contains(scope: Scope, arguments: Sequence[Value]) -> Value:
    values, wanted = scope.concrete(arguments[0]), arguments[1]
    if isinstance(values, Expression):
        return unknown(scope.id, "contains", *arguments)
    verdicts = [equals(value, wanted) for value in listed(values)]
    if True in verdicts:
        return True
    return unknown(scope.id, "contains", *arguments) if None in verdicts else False


def _all_true(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _verdict(scope, "alltrue", arguments[0], False)


def _any_true(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _verdict(scope, "anytrue", arguments[0], True)


def _verdict(scope: Scope, name: str, values: Value, decisive: bool) -> Value:
    if isinstance(values, Expression):
        return unknown(scope.id, name, values)
    verdicts = [truth(value) if value is not None else False for value in listed(values)]
    if decisive in verdicts:
        return decisive
    return unknown(scope.id, name, values) if None in verdicts else not decisive


def _same(_: Scope, arguments: Sequence[Value]) -> Value:
    return arguments[0]


def _to_text(_: Scope, arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if value is None or isinstance(value, Expression):
        return value
    text = scalar_text(value)
    if text is None:
        raise Wrong("lists and objects have no text")
    return text


def _to_number(_: Scope, arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    return value if value is None or isinstance(value, Expression) else number(value)


def _to_bool(_: Scope, arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    return value if value is None or isinstance(value, Expression) else truth(value)


def _join(_: Scope, arguments: Sequence[Value]) -> Value:
    """A text of all elements; options among them are put together by `concat`."""
    separator, *lists = arguments
    parts: list[Value] = []
    for values in lists:
        if isinstance(values, Expression):
            return unknown(_.id, "join", *arguments)
        for value in listed(values):
            if isinstance(value, tuple | Mapping) or value is None:
                raise Wrong("null, lists and objects have no text")
            if isinstance(value, Either) and any(isinstance(option, tuple | Mapping) for option in value.options):
                return unknown(_.id, "join", *arguments)
            parts += [separator, value] if parts else [value]
    if sum(len(part) for part in parts if isinstance(part, str)) > 1_000_000:
        raise TooMuch("a text is too long")
    return text_of(parts)


PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {
    "alltrue": _all_true,
    "anytrue": _any_true,
    "coalesce": _coalesce,
    "concat": _concat,
    "contains": _contains,
    "element": _element,
    "ephemeralasnull": _same,
    "join": _join,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "sensitive": _same,
    "tobool": _to_bool,
    "tonumber": _to_number,
    "tostring": _to_text,
}
