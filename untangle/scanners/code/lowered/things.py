"""What an expression may be worth: known text, structures, functions, SDK clients, the received message, or unknown.

Scalars and partly known text are the values of `model.value`. Structures are mutable, because the code mutates them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.model.shape import ANY_ELEMENT, DECODED, Path, Shape
from untangle.model.value import Concat, Either, Env, Received, Stored, Symbol, Value, concat, scalar_text
from untangle.scanners.code.lowered.syntax import Class, Expr, Lambda

MAX_OPTIONS = 6
Literal: TypeAlias = str | int | float | bool
MAX_DEPTH = 8


@dataclass(slots=True, eq=False)
class Record:
    """An object, map, struct or instance. `computed` are pairs whose key is not literal; `depth` is the branch it was made in."""

    fields: dict[str, Thing] = field(default_factory=dict)
    open: bool = False
    made_by: Factory | None = None
    computed: list[tuple[Thing, Thing]] = field(default_factory=list)
    depth: int = 0
    type: str = ""


@dataclass(slots=True, eq=False)
class Items:
    """An array or list; `open` where more elements than these may be in it."""

    elements: list[Thing] = field(default_factory=list)
    open: bool = False


@dataclass(slots=True, eq=False)
class Closure:
    """A function of the repository with the scope it was made in; `owner` is the class that a method stands in.

    `given` are arguments that were bound to it before it is called with the rest.
    """

    code: Lambda
    scope: Scope
    path: str
    this: Thing = None
    owner: Factory | None = None
    given: tuple[Thing, ...] = ()


@dataclass(slots=True, eq=False)
class Factory:
    """A class of the repository.

    `outer` is what `this` was where it stands; `pending` are statics that nothing has asked for yet; `attached` are
    methods written outside it.
    """

    code: Class
    scope: Scope
    path: str
    base: Thing = None
    statics: dict[str, Thing] = field(default_factory=dict)
    outer: Thing = None
    pending: dict[str, Expr] = field(default_factory=dict)
    attached: dict[str, Closure] = field(default_factory=dict)
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Native:
    """Something that the language or a package provides, by its dotted name ("JSON.stringify", "aws-sdk:SQS")."""

    name: str


@dataclass(frozen=True, slots=True)
class Client:
    """An SDK client; `flavour` tells a wrapper with other method names ("document")."""

    service: str
    flavour: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of an SDK client that is passed about as a value."""

    client: Client
    name: str


@dataclass(slots=True, eq=False)
class Command:
    """An SDK request that is made and not yet sent."""

    service: str
    operation: str
    parameters: Thing


@dataclass(slots=True, eq=False)
class Encoded:
    """JSON text of something."""

    inner: Thing


@dataclass(slots=True, eq=False)
class Message:
    """The handler's event or a part of it; `assigned` is what the code wrote into it, `type` its declared class.

    `parent` is what it was read from; `allowed` are the values that conditions leave it, () where they leave it open.
    """

    path: Path
    assigned: dict[str, Thing] = field(default_factory=dict)
    type: Thing = None
    parent: Message | None = None
    allowed: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """One of several."""

    all: tuple[Thing, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """Not followed. `text` is its source; `closures` are functions that it wraps and may call."""

    text: str = ""
    closures: tuple[Thing, ...] = ()


Structure: TypeAlias = (
    Record | Items | Closure | Factory | Native | Client | Bound | Command | Encoded | Message | Options | Unknown
)
Thing: TypeAlias = Structure | str | int | float | bool | Env | Symbol | Concat | Received | Stored | None
SCALARS = (str, int, float, bool, Env, Symbol, Concat, Received, Stored)


def join(things: Iterable[Thing]) -> Thing:
    """One of these: equal ones once, nested options flattened, at most a handful kept."""
    flat: list[Thing] = []
    for thing in things:
        for option in options(thing):
            if not any(_same(option, known) for known in flat):
                flat.append(option)
    if len(flat) > 1:
        known: list[Thing] = [thing for thing in flat if not isinstance(thing, Unknown) and thing is not None]
        wrapped = tuple(inner for thing in flat if isinstance(thing, Unknown) for inner in thing.closures)
        flat = known or flat[:1]
        if wrapped and known:
            flat.append(Unknown(closures=wrapped))
    if not flat:
        return Unknown()
    if len(flat) > MAX_OPTIONS:
        flat = [*flat[: MAX_OPTIONS - 1], Symbol("…")]  # what is left out must not seem to be excluded
    return flat[0] if len(flat) == 1 else Options(tuple(flat))


def options(thing: Thing) -> tuple[Thing, ...]:
    """The alternatives of a thing: itself where there is only one."""
    return thing.all if isinstance(thing, Options) else (thing,)


def is_records(thing: Thing) -> bool:
    """Whether a thing is the list of the records in the handler's event (or nothing, where there is none)."""
    found = [option for option in options(thing) if not (option is None or (isinstance(option, Items) and not option.elements))]
    return bool(found) and all(isinstance(option, Message) and option.path == ("Records",) for option in found)


def _same(one: Thing, other: Thing) -> bool:
    if one is other:
        return True
    return type(one) is type(other) and isinstance(one, (*SCALARS, Native, Client, Bound)) and one == other


def text_of(parts: Iterable[Thing]) -> Thing:
    """The text of things in a row; what is not text becomes an unknown part."""
    values = [_part(part) for part in parts]
    joined = concat([value if isinstance(value, (*SCALARS, Either)) else Symbol("?") for value in values])
    if isinstance(joined, Either):
        return join(option for option in joined.options if isinstance(option, SCALARS))
    return joined if isinstance(joined, SCALARS) else Unknown()


def _part(thing: Thing) -> Value:
    many = isinstance(thing, Message) and len(thing.allowed) > MAX_OPTIONS
    return Received(readable(thing.path)) if many and isinstance(thing, Message) else to_value(thing)


def to_value(thing: Thing, depth: int = 0) -> Value:
    """A thing as a value of the model; an unknown is a `Symbol` that carries its source text."""
    if thing is None or isinstance(thing, SCALARS):
        return thing
    if depth > MAX_DEPTH:
        return Symbol("…")
    if isinstance(thing, Record):
        return {key: to_value(inner, depth + 1) for key, inner in thing.fields.items()}
    if isinstance(thing, Items):
        return tuple(to_value(inner, depth + 1) for inner in thing.elements)
    if isinstance(thing, Message):
        return _allowed(thing.allowed) if thing.allowed else Received(readable(thing.path))
    if isinstance(thing, Options):
        return Either(tuple(to_value(option, depth + 1) for option in thing.all))
    if isinstance(thing, Encoded):
        return to_value(thing.inner, depth + 1)
    return Symbol(thing.text or "?" if isinstance(thing, Unknown) else "?")


def _allowed(values: tuple[Literal, ...]) -> Value:
    return values[0] if len(values) == 1 else Either(values)


def readable(path: Path) -> str:
    """A message path as code would write it: event.Records[*].body."""
    text = "event"
    for step in path:
        if step == ANY_ELEMENT:
            text += "[*]"
        elif step != DECODED:
            text += f".{step}"
    return text


_KINDS: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def to_shape(thing: Thing, depth: int = 0) -> Shape:
    """The JSON shape of a thing as far as it is literal."""
    if isinstance(thing, Encoded):
        inner = to_shape(thing.inner, depth + 1)
        return Shape(
            kind=inner.kind,
            properties=inner.properties,
            items=inner.items,
            constant=inner.constant,
            source=inner.source,
            open=inner.open,
            encoded=True,
        )
    if depth > MAX_DEPTH:
        return Shape()
    if isinstance(thing, Record):
        properties = {key: to_shape(inner, depth + 1) for key, inner in thing.fields.items()}
        return Shape(kind="object", properties=properties, open=thing.open or bool(thing.computed))
    if isinstance(thing, Items):
        return Shape(kind="array", items=to_shape(thing.elements[0], depth + 1) if thing.elements else None, open=thing.open)
    for kind, name in _KINDS:
        if isinstance(thing, kind) and isinstance(thing, str | int | float):
            return Shape(kind=name, constant=thing)
    if isinstance(thing, Message) and thing.allowed:
        if len(thing.allowed) == 1:
            return to_shape(thing.allowed[0], depth + 1)
        texts = all(isinstance(value, str) for value in thing.allowed)
        return Shape(kind="string" if texts else "any", source=Either(thing.allowed))
    if isinstance(thing, Concat):
        return Shape(kind="string", source=thing)
    if isinstance(thing, Message) and thing.assigned:
        added = {key: to_shape(inner, depth + 1) for key, inner in thing.assigned.items()}
        return Shape(kind="object", properties=added, open=True, source=to_value(thing))
    return Shape(source=to_value(thing)) if thing is not None else Shape(kind="null")


def literal(thing: Thing) -> str | None:
    """The text of a literal; None for anything that is not one."""
    return scalar_text(thing) if isinstance(thing, str | int | float) else None


def closures_in(things: Iterable[Thing], depth: int = 0) -> Iterator[Thing]:
    """The functions among things, also those in arrays, objects and wrappers: an unknown callee may call them."""
    for thing in things:
        if isinstance(thing, Closure):
            yield thing
        elif isinstance(thing, Unknown):
            yield from thing.closures
        elif depth < 3 and isinstance(thing, Options):
            yield from closures_in(thing.all, depth + 1)
        elif depth < 3 and isinstance(thing, Items):
            yield from closures_in(thing.elements, depth + 1)
        elif depth < 3 and isinstance(thing, Record) and thing.made_by is None:
            yield from closures_in(thing.fields.values(), depth + 1)
        elif isinstance(thing, Record) and thing.made_by is not None and not thing.made_by.code.name:
            made = thing.made_by
            yield from (Closure(code, made.scope, made.path, thing, made) for _, code in made.code.methods)


def fingerprint(thing: Thing, depth: int = 0) -> str:
    """Tells arguments apart, so that a function is followed once for each kind of call."""
    if isinstance(thing, Record):
        if depth > 2:
            return "{…}"
        inner = ",".join(f"{key}:{fingerprint(value, depth + 1)}" for key, value in thing.fields.items())
        return f"{{{inner}}}"
    if isinstance(thing, Items):
        return "[" + ",".join(fingerprint(value, depth + 1) for value in thing.elements[:4]) + "]" if depth <= 2 else "[…]"
    if isinstance(thing, Message):
        return (
            "<"
            + readable(thing.path)
            + ",".join(f"{key}={fingerprint(value, depth + 1)}" for key, value in thing.assigned.items())
            + "|".join(map(repr, thing.allowed))
            + ">"
        )
    if isinstance(thing, Options):
        return "|".join(fingerprint(option, depth + 1) for option in thing.all)
    if isinstance(thing, Closure) and thing.given:
        return f"#{id(thing.code)}({','.join(fingerprint(value, depth + 1) for value in thing.given)})"
    if isinstance(thing, Closure | Factory | Command):
        return f"#{id(thing.code) if not isinstance(thing, Command) else id(thing)}"
    if isinstance(thing, Encoded):
        return f"json({fingerprint(thing.inner, depth + 1)})"
    return "?" if isinstance(thing, Unknown) else repr(thing)


@dataclass(slots=True, eq=False)
class Scope:
    """One scope. `depths` say in how many branches each name was declared: an assignment deeper than that may not happen."""

    parent: Scope | None = None
    names: dict[str, Thing] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)

    def declare(self, name: str, thing: Thing, depth: int) -> None:
        """A new variable."""
        self.names[name] = thing
        self.depths[name] = depth

    def assign(self, name: str, thing: Thing, depth: int) -> None:
        """Sets a variable where it was declared; a set inside a branch leaves the old value possible."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                old = scope.names[name]
                certain = depth <= scope.depths.get(name, 0) or old is None
                scope.names[name] = thing if certain else join((thing, old))
                return
            scope = scope.parent
        self.declare(name, thing, depth)

    def find(self, name: str) -> tuple[bool, Thing]:
        """Whether the name is known, and what it is."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True, scope.names[name]
            scope = scope.parent
        return False, None


@dataclass(frozen=True, slots=True, eq=False)
class Narrowed:
    """One narrowing that holds at present, with what it hides."""

    owner: Message
    key: str
    now: Thing
    before: Thing
    had: bool
