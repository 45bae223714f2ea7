"""What a condition says of the message: behind `if (!ALLOWED.has(event.type)) return`, the type is one of those allowed.

A field of the message that is held against literals keeps them as the values that it may have, in the branch that the
condition guards and, where the other branch leaves, in what follows in the block. What is put together from such a field can then
be held against a filter. Only literals narrow; what a condition says otherwise is left open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from untangle.model.shape import ANY_ELEMENT, DECODED
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.things import Closure, Items, Literal, Message, Narrowed, Scope, Thing, literal, options

if TYPE_CHECKING:
    from untangle.scanners.code.lowered.core import Core

MEMBERSHIP = frozenset({"has", "includes", "contains"})
EQUALITY = frozenset({"equals"})
MAX_VALUES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """A field of the message and the values that it may have."""

    owner: Message
    key: str
    values: tuple[Literal, ...]

    @property
    def field(self) -> tuple[int, str]:
        """Which field it is about."""
        return id(self.owner), self.key


def facts(core: Core, test: s.Expr, holds: bool, scope: Scope) -> list[Fact]:
    """What is known of the message where a condition holds, or does not."""
    if isinstance(test, s.Opaque):
        if test.operator == "not":
            return facts(core, test.parts[0], not holds, scope)
        if test.operator in ("and", "or"):
            parts = [facts(core, part, holds, scope) for part in test.parts]
            return _both(parts) if (test.operator == "and") is holds else _either(parts)
        if (test.operator, holds) in (("==", True), ("!=", False)):
            return _equal(core, test.parts, scope)
    if isinstance(test, s.Either) and holds:  # `a || b` as a value: where it holds, one of the two does
        return _either([facts(core, option, True, scope) for option in test.options])
    if isinstance(test, s.Invoke) and holds and isinstance(test.callee, s.Member) and len(test.arguments) == 1:
        if test.callee.name in MEMBERSHIP:
            return _among(core, test.callee.of, test.arguments[0], scope)
        if test.callee.name in EQUALITY:
            return _equal(core, (test.callee.of, test.arguments[0]), scope)
    return []


def _both(parts: list[list[Fact]]) -> list[Fact]:
    return [fact for part in parts for fact in part]


def _either(parts: list[list[Fact]]) -> list[Fact]:
    """What holds whichever part does: a field that each part narrows may have the values of all."""
    found: list[Fact] = []
    for fact in parts[0] if parts else ():
        same = [next((other for other in part if other.field == fact.field), None) for part in parts]
        values = [value for other in same if other is not None for value in other.values]
        if None not in same:
            found.append(Fact(fact.owner, fact.key, tuple(dict.fromkeys(values))))
    return found


def _equal(core: Core, parts: tuple[s.Expr, ...], scope: Scope) -> list[Fact]:
    for asked, against in (parts, parts[::-1]) if len(parts) == 2 else ():
        values = _literals([core.value(against, scope)]) if not isinstance(against, s.Invoke) else None
        if values:
            return _of(core, asked, values, scope)
    return []


def _among(core: Core, listed: s.Expr, asked: s.Expr, scope: Scope) -> list[Fact]:
    held = core.value(listed, scope)
    if not isinstance(held, Items) or held.open:
        return []
    values = _literals(held.elements)
    return _of(core, asked, values, scope) if values else []


def _literals(things: Iterable[Thing]) -> tuple[Literal, ...] | None:
    """The literals that these things are; None where one of them is anything else."""
    found: list[Literal] = []
    for thing in things:
        for option in options(thing):
            if not isinstance(option, str | int | float):
                return None
            found.append(option)
    return tuple(dict.fromkeys(found)) if 0 < len(found) <= MAX_VALUES else None


def _of(core: Core, asked: s.Expr, values: tuple[Literal, ...], scope: Scope) -> list[Fact]:
    """The field of the message that an expression reads."""
    owner, key = None, None
    if isinstance(asked, s.Member):
        owner, key = core.value(asked.of, scope), asked.name
    elif isinstance(asked, s.Index):
        owner, key = core.value(asked.of, scope), literal(core.value(asked.key, scope))
    elif isinstance(asked, s.Name):
        thing = core.value(asked, scope)
        owner, key = (thing.parent, thing.path[-1]) if isinstance(thing, Message) and thing.path else (None, None)
    if not isinstance(owner, Message) or key is None or key in (ANY_ELEMENT, DECODED) or key.isdigit():
        return []
    return [Fact(owner, core.library.step(owner, key, core)[0], values)]


def hold(core: Core, found: list[Fact]) -> None:
    """Lets facts hold from here on, until they are let go."""
    for fact in found:
        known = fact.owner.assigned.get(fact.key)
        if known is not None and not isinstance(known, Message):
            continue  # the code has put a value of its own there
        earlier = known.allowed if isinstance(known, Message) else ()
        values = tuple(value for value in fact.values if value in earlier) if earlier else fact.values
        narrowed = Message((*fact.owner.path, fact.key), parent=fact.owner, allowed=values or fact.values)
        _put(core, fact.owner, fact.key, narrowed)
        inner, outer = fact.owner, fact.owner.parent
        while outer is not None and inner.path[-1] not in (ANY_ELEMENT, DECODED):
            _put(core, outer, inner.path[-1], inner)  # so that `event.detail` is the same thing when it is read again
            inner, outer = outer, outer.parent


def _put(core: Core, owner: Message, key: str, now: Thing) -> None:
    had = key in owner.assigned
    core.narrowed.append(Narrowed(owner, key, now, owner.assigned.get(key), had))
    owner.assigned[key] = now


def release(core: Core, mark: int) -> None:
    """Lets go of all that holds since `mark`; what the code has assigned since then stays."""
    while len(core.narrowed) > mark:
        last = core.narrowed.pop()
        if last.owner.assigned.get(last.key) is not last.now:
            continue
        if last.had:
            last.owner.assigned[last.key] = last.before
        else:
            del last.owner.assigned[last.key]


def kept(core: Core, callback: Thing, element: Thing) -> bool:
    """Narrows an element of the message by the condition under which a callback keeps it; whether that says anything."""
    if not isinstance(callback, Closure) or not isinstance(element, Message) or len(callback.code.body) != 1:
        return False
    only = callback.code.body[0]
    if not isinstance(only, s.Return) or only.value is None or not callback.code.parameters:
        return False
    scope = Scope(parent=callback.scope)
    core.bind(callback.code.parameters[0], element, scope, declare=True)
    found = [fact for fact in facts(core, only.value, True, scope) if fact.owner is element]
    for fact in found:
        element.assigned[fact.key] = Message((*element.path, fact.key), parent=element, allowed=fact.values)
    return bool(found)
