"""`count` and `for_each`: how many instances a block has, and what each of them is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from untangle.model.condition import off
from untangle.model.value import Either, Expression, Symbol, Value, alternatives, show
from untangle.scanners.terraform.body import attribute_value
from untangle.scanners.terraform.operators import number
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import Attribute, Body, Conditional
from untangle.scanners.terraform.traversal import items
from untangle.scanners.terraform.unknowns import Lazy, Open, Wrong, short, unknown

MAX_INSTANCES = 1000
_ANY = "*"
_NONE: Mapping[str, Value] = {}


class Slot(NamedTuple):
    """One instance: its key, the names that hold in it, and its condition. `present` is None where it is not known."""

    key: int | str | None = None
    names: Mapping[str, Value] = _NONE
    condition: str | None = None
    present: bool | None = True

    @property
    def needs(self) -> str | None:
        """Its condition, marked where it is known not to hold."""
        return off(self.condition) if self.condition and self.present is False else self.condition

    @property
    def empty(self) -> bool:
        """Whether it stands for the items of a `for_each` that has none: there is nothing that could be said of it."""
        return self.present is False and self.key == _ANY

    @property
    def suffix(self) -> str:
        """What its key adds to the address; `[*]` is Terraform's own sign for keys that are not known."""
        if self.key is None:
            return ""
        if isinstance(self.key, int) or self.key == _ANY:
            return f"[{self.key}]"
        return '["' + self.key.replace("\\", "\\\\").replace('"', '\\"') + '"]'


@dataclass(frozen=True, slots=True)
class Expansion:
    """All instances of a block. `open` says that there may be others than those that are known."""

    style: Literal["single", "count", "each"]
    slots: tuple[Slot, ...]
    open: bool = False
    more: bool = False

    def value(self, of: Callable[[Slot], Value], *, supposed: bool) -> Value:
        """What the block's name means: one value, a tuple or a mapping of them. `supposed` counts those that are switched off."""
        if self.style == "single":
            return of(self.slots[0])
        if self.style == "count":
            return tuple([of(slot) for slot in self.slots if slot.present is not False or supposed])
        by_key = {str(slot.key): slot for slot in self.slots if slot.present is not False or supposed}
        if self.open and by_key:
            last = by_key.get(_ANY) or next(iter(by_key.values()))
            return Open(by_key, lambda key: of(by_key.get(key, last)))
        return Lazy(by_key, lambda key: of(by_key[key]))


SINGLE = Expansion("single", (Slot(),))


def expand(scope: Scope, body: Body, place: str) -> Expansion:
    """The instances of a block. One that is not there, or of which that is not known, has its condition's text."""
    count, for_each = body.attributes.get("count"), body.attributes.get("for_each")
    if count is not None:
        return _counted(attribute_value(scope, count, place), short(count.text))
    if for_each is not None:
        found = _each(scope, scope.concrete(attribute_value(scope, for_each, place)), short(for_each.text))
        return _switched_off(scope, for_each, place) if all(slot.empty for slot in found.slots) else found
    return SINGLE


def _switched_off(scope: Scope, for_each: Attribute, place: str) -> Expansion:
    """A `for_each` that makes no instance: where a condition chose that, those which the other choice makes."""
    text = short(for_each.text)
    found = _each(scope, (), text)
    if isinstance(for_each.value, Conditional):
        there = scope.supposing(True)
        for branch in (for_each.value.yes, for_each.value.no):
            other = _each(scope, there.concrete(attribute_value(there, for_each._replace(value=branch), place)), text)
            if not any(slot.empty for slot in other.slots):
                slots = tuple(slot._replace(condition=text, present=False) for slot in other.slots)
                return Expansion("each", slots, other.open, other.more)
    return found


def _counted(value: Value, text: str) -> Expansion:
    sizes = [_size(option) for option, _ in alternatives(value)]
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes) == 1:
        if known[0] == 0:
            return Expansion("count", (_at(0, text, False),))
        return Expansion("count", tuple(_at(i) for i in range(min(known[0], MAX_INSTANCES))), more=known[0] > MAX_INSTANCES)
    most = min(max([1, *known]), MAX_INSTANCES)
    least = min(known) if len(known) == len(sizes) else 0
    return Expansion("count", tuple(_at(i) if i < least else _at(i, text, None) for i in range(most)))


def _size(value: Value) -> int | None:
    if isinstance(value, Expression):
        return None
    try:
        return max(0, int(number(value)))
    except Wrong:
        return None


def _at(index: int, condition: str | None = None, present: bool | None = True) -> Slot:
    return Slot(index, {"count": {"index": index}}, condition, present)


def _each(scope: Scope, value: Value, text: str) -> Expansion:
    slots: dict[str, Slot] = {}
    options = [option for option, _ in alternatives(value)] if isinstance(value, Either) else [value]
    found = [_pairs(scope, option) for option in options]
    shared = set.intersection(*({key for key, _, _ in pairs} for pairs in found))
    for pairs in found:
        for key, name, item in pairs:
            certain = key in shared and key != _ANY
            names: Mapping[str, Value] = {"each": {"key": name, "value": item}}
            slots.setdefault(key, Slot(key, names, None if certain else text, True if certain else None))
    if not slots:
        nothing = unknown(scope.id, "each", value)
        absent: Value = Symbol("each.value", nothing.scope)
        return Expansion(
            "each", (Slot(_ANY, {"each": {"key": Symbol("each.key", nothing.scope), "value": absent}}, text, False),), True
        )
    kept = tuple(slots.values())[:MAX_INSTANCES]
    is_open = any(isinstance(slot.names["each"]["key"], Expression) for slot in kept)  # type: ignore[index, call-overload]
    return Expansion("each", kept, is_open, len(slots) > MAX_INSTANCES)


def _pairs(scope: Scope, value: Value) -> list[tuple[str, Value, Value]]:
    """The keys of the instances, with `each.key` and `each.value`."""
    if isinstance(value, Expression):
        one = unknown(scope.id, "each", value).scope
        return [(_ANY, Symbol("each.key", one), Symbol("each.value", one))]
    try:
        if isinstance(value, tuple):
            return [(show(item), item, item) for item in value if not isinstance(item, tuple | Mapping)]
        return [(str(key), key, item) for key, item in items(value)]
    except Wrong:
        return []
