"""Methods that arrays, texts, promises and functions have in every language, and what iterating a thing gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from untangle.model.shape import ANY_ELEMENT
from untangle.scanners.code.lowered.narrowing import kept
from untangle.scanners.code.lowered.things import (
    SCALARS,
    Bound,
    Closure,
    Encoded,
    Items,
    Message,
    Options,
    Record,
    Thing,
    Unknown,
    closures_in,
    join,
    literal,
    options,
    text_of,
)

if TYPE_CHECKING:
    from untangle.scanners.code.lowered.core import Core
    from untangle.scanners.code.lowered.library import Site

MAX_ELEMENTS = 40  # of a list that is gone through one by one
EACH = frozenset({"map", "forEach", "flatMap", "filter", "find", "some", "every", "findIndex", "each", "mapSeries", "stream"})
SAME_ITEMS = frozenset(
    {"filter", "slice", "splice", "reverse", "sort", "flat", "values", "toArray", "concat", "stream", "toList", "collect"}
)
ADDS = frozenset({"push", "unshift", "add", "append"})
SAME_TEXT = frozenset({"toString", "trim", "valueOf", "toLowerCase", "toUpperCase", "normalize", "strip", "String"})


def element(thing: Thing) -> Thing:
    """One element of what is iterated."""
    found: list[Thing] = []
    for option in options(thing):
        if isinstance(option, Items):
            found.append(join(option.elements) if option.elements else Unknown("element"))
        elif isinstance(option, Message):
            found.append(Message((*option.path, ANY_ELEMENT), type=option.type))  # a list is typed by its elements
        elif isinstance(option, Record):
            found.append(
                join([*option.fields.values(), *(value for _, value in option.computed)]) if option.fields else Unknown()
            )
        else:
            found.append(Unknown("element"))
    return join(found)


def unknown_key(interpreter: Core, thing: Thing, key: Thing) -> Thing:
    """`thing[key]` for a key that is not known: any of its values."""
    if isinstance(thing, Record):
        values = [*thing.fields.values(), *(value for _, value in thing.computed)]
        return join(values) if values and len(values) <= 40 else Unknown()
    if isinstance(thing, Items | Message):
        return element(thing)
    native = interpreter.library.member
    return native(thing, "*") if not isinstance(thing, Unknown) and hasattr(thing, "name") else Unknown()  # type: ignore[arg-type]


def method(interpreter: Core, owner: Thing, name: str, arguments: list[Thing], site: Site) -> Thing:
    """A method that is nobody's own."""
    if name in ("then", "catch", "finally", "promise", "done", "andThen"):
        return _promise(interpreter, owner, name, arguments, site)
    if isinstance(owner, Closure | Bound) and name in ("bind", "call", "apply"):
        if name == "bind":
            return replace(owner, given=(*owner.given, *arguments[1:])) if isinstance(owner, Closure) else owner
        given = (
            arguments[1:]
            if name == "call"
            else list(arguments[1].elements)
            if len(arguments) > 1 and isinstance(arguments[1], Items)
            else []
        )
        return interpreter.apply(owner, given, site)
    if isinstance(owner, Items | Message) or name in EACH:
        found = _items(interpreter, owner, name, arguments, site)
        if found is not None:
            return found
    if isinstance(owner, (Encoded, *SCALARS)):
        return _text(owner, name, arguments)
    if isinstance(owner, Message) and name in SAME_TEXT:
        return _cased(owner, name) if owner.allowed else owner
    if isinstance(owner, Message) and name in ("replace", "replaceAll") and _is_decoding(arguments):
        return owner
    return interpreter.apply(owner if isinstance(owner, Unknown) else Unknown(f"{name}"), arguments, site)


def _is_decoding(arguments: list[Thing]) -> bool:
    """Whether a replacement gives the blanks back to the key of an object, which notifications write as `+`."""
    if len(arguments) != 2 or literal(arguments[1]) not in (" ", "%20"):
        return False
    old = arguments[0]
    return (old.text if isinstance(old, Unknown) else literal(old)) in ("+", r"/\+/g", r"/[+]/g")


def _cased(owner: Message, name: str) -> Message:
    """A field whose values are known, in small or capital letters."""
    change = {"toLowerCase": str.lower, "toUpperCase": str.upper}.get(name)
    if change is None:
        return owner
    return Message(owner.path, allowed=tuple(change(value) if isinstance(value, str) else value for value in owner.allowed))


def _promise(interpreter: Core, owner: Thing, name: str, arguments: list[Thing], site: Site) -> Thing:
    if name in ("promise", "done") or not arguments:
        return owner
    if name == "catch":
        with interpreter.caught(site):
            interpreter.apply(arguments[0], [Unknown("error")], site)
        return owner
    result = interpreter.apply(arguments[0], [] if name == "finally" else [owner], site)
    if len(arguments) > 1:
        with interpreter.caught(site):
            interpreter.apply(arguments[1], [Unknown("error")], site)
    return owner if name == "finally" else result


def _items(interpreter: Core, owner: Thing, name: str, arguments: list[Thing], site: Site) -> Thing:
    if name in EACH and arguments:
        with interpreter.repeated(site, owner):
            one = interpreter.apply(arguments[0], [element(owner), Unknown("index")], site)
        if name in ("map", "mapSeries", "flatMap"):
            inner = list(one.elements) if name == "flatMap" and isinstance(one, Items) else [one]
            return Items(inner, open=not (isinstance(owner, Items) and not owner.open and len(owner.elements) == 1))
        if name in ("find", "filter"):
            one = element(owner)
            narrowed = kept(interpreter, arguments[0], one)
            if name == "find" or narrowed:
                return one if name == "find" else Items([one], open=True)
        return owner
    if name == "reduce" and arguments:
        with interpreter.repeated(site):
            return _reduced(interpreter, owner, arguments, site)
    if isinstance(owner, Items):
        if name in ADDS:
            owner.elements.extend(thing for thing in arguments if thing is not None)
            owner.open = owner.open or interpreter.in_loop
            return owner
        if name == "join":
            return text_of([element(owner)]) if len(owner.elements) == 1 else _joined(owner, arguments)
        if name in ("pop", "shift", "at", "get", "first"):
            return element(owner)
    if name in SAME_ITEMS:
        return owner
    return None


def _reduced(interpreter: Core, owner: Thing, arguments: list[Thing], site: Site) -> Thing:
    """`reduce`: element by element where all are known, as a list of names is that a configuration is made from."""
    start = arguments[1] if len(arguments) > 1 else element(owner)
    if isinstance(owner, Items) and not owner.open and 0 < len(owner.elements) <= MAX_ELEMENTS and len(arguments) > 1:
        for number, item in enumerate(owner.elements):
            with interpreter.by(number):
                start = interpreter.apply(arguments[0], [start, item], site)
        return start
    return join((interpreter.apply(arguments[0], [start, element(owner)], site), start))


def _joined(owner: Items, arguments: list[Thing]) -> Thing:
    separator = literal(arguments[0]) if arguments else ","
    if owner.open or separator is None:
        return Unknown("joined")
    parts: list[Thing] = []
    for i, thing in enumerate(owner.elements):
        parts.extend([separator, thing] if i else [thing])
    return text_of(parts)


def _text(owner: Thing, name: str, arguments: list[Thing]) -> Thing:
    known = literal(owner)
    if name in ("toLowerCase", "toUpperCase") and known is not None:
        return known.lower() if name == "toLowerCase" else known.upper()
    if name in SAME_TEXT:
        return owner
    if name == "concat":
        return text_of([owner, *arguments])
    if name == "replace" and known is not None and len(arguments) == 2:
        old, new = literal(arguments[0]), literal(arguments[1])
        if old is not None and new is not None:
            return known.replace(old, new, 1)
    if name == "split" and known is not None and arguments and (separator := literal(arguments[0])):
        return Items(list(known.split(separator)))
    if name == "split":
        return Items([Unknown("part")], open=True)
    return Unknown(name)


__all__ = ["Options", "closures_in", "element", "method", "unknown_key"]
