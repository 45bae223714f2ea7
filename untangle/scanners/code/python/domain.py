"""What a Python expression may be, as far as reading (never running) shows it.

Literals stand for themselves; texts with unknown parts and other expressions are the model's own values (`Concat`,
`Env`, `Stored`, `Symbol`: text that is not known, under the words of the source). The rest are the objects below.
Containers and instances are shared by identity and may be written to, as in Python.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.model.value import Concat, Either, Env, Received, Symbol
from untangle.scanners.code.python.syntax import Source

Abstract: TypeAlias = object
MAX_OPTIONS = 16


@dataclass(eq=False, slots=True)
class DictOf:
    """A dictionary: the entries under known keys, `others` joined under unknown ones.

    `open` says that more may be in it; `base` is what it was copied from (`{**message, "a": 1}`). `born` is how deep
    in conditions it was made: a write from deeper may not have happened.
    """

    entries: dict[Hashable, Abstract] = field(default_factory=dict)
    others: Abstract = None
    has_others: bool = False
    open: bool = False
    base: Abstract = None
    born: int = 0

    def values(self) -> list[Abstract]:
        """Every value that may be in it."""
        return [*self.entries.values(), *([self.others] if self.has_others else [])]


@dataclass(eq=False, slots=True)
class ListOf:
    """A list, tuple, set or iterator. `open` says that there may be any number of such items."""

    items: list[Abstract] = field(default_factory=list)
    open: bool = False
    born: int = 0


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values (two branches, an unknown key)."""

    options: tuple[Abstract, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """JSON text of a value (`json.dumps`)."""

    value: Abstract


@dataclass(frozen=True, slots=True)
class FromMessage:
    """Taken from what the handler received: the path into it (see `model/shape.py`). `()` is the whole."""

    path: tuple[str, ...]
    name: str = "event"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The handler's second argument."""


@dataclass(eq=False, slots=True)
class Scope:
    """Names and values of a module, class body or function call; `mutable` names change between two calls."""

    source: Source
    parent: Scope | None = None
    names: dict[str, Abstract] = field(default_factory=dict)
    globals: frozenset[str] = frozenset()
    nonlocals: frozenset[str] = frozenset()
    mutable: frozenset[str] = frozenset()
    owner: Class | None = None
    receiver: Abstract = None

    @property
    def module(self) -> Scope:
        """The module's own scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Function:
    """A function of the tree with the scope it closes over. `kind` is "", "static", "class" or "property"."""

    node: FunctionNode
    scope: Scope
    name: str
    owner: Class | None = None
    kind: str = ""
    manages: bool = False
    defaults: tuple[Abstract, ...] = ()
    keyword_defaults: Mapping[str, Abstract] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """A function bound to the object it was taken from."""

    function: Function
    receiver: Abstract


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """A callable with arguments already given."""

    target: Abstract
    arguments: Arguments


@dataclass(eq=False, slots=True)
class Class:
    """A class of the tree. `bases` may be classes or libraries; `names` is its body's scope."""

    name: str
    node: ast.ClassDef
    bases: tuple[Abstract, ...]
    names: Scope
    fields: tuple[str, ...] = ()

    def ancestors(self) -> Iterator[Class]:
        """The class and its bases in the tree, nearest first."""
        seen: set[int] = set()
        pending: list[Abstract] = [self]
        while pending:
            found = pending.pop(0)
            if isinstance(found, Class) and id(found) not in seen:
                seen.add(id(found))
                yield found
                pending.extend(found.bases)

    def member(self, name: str) -> Abstract:
        """What the class or the nearest of its bases binds to a name; None where none does."""
        return next((found.names.names[name] for found in self.ancestors() if name in found.names.names), None)

    def libraries(self) -> Iterator[str]:
        """The dotted names of library classes that it is derived from."""
        for found in self.ancestors():
            for base in found.bases:
                if isinstance(base, Library):
                    yield base.name


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the tree. `loose` says that nobody was seen to make it: its attributes are unknown."""

    cls: Class
    names: dict[str, Abstract] = field(default_factory=dict)
    loose: bool = False
    born: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Super:
    """`super()`: the receiver seen from above a class."""

    owner: Class
    receiver: Abstract


@dataclass(eq=False, slots=True)
class Module:
    """A module of the tree; `scope` fills while it is being read."""

    path: str
    scope: Scope
    folder: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """Something of a library or of Python itself, by its dotted name ("os.environ", "boto3.client")."""

    name: str


@dataclass(eq=False, slots=True)
class Foreign:
    """What a library's call gave. `callbacks` are functions of the tree that it was handed (routes, handlers)."""

    name: str
    arguments: Arguments
    callbacks: list[Abstract] = field(default_factory=list)
    running: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A low-level SDK client of a service (botocore's name)."""

    service: str


@dataclass(frozen=True, slots=True)
class ServiceResource:
    """`boto3.resource(service)`."""

    service: str


@dataclass(frozen=True, slots=True)
class SdkObject:
    """A resource object of the SDK (`Table`, `Queue`, `Bucket`, a batch writer): `names` are the API parameters that name it."""

    service: str
    kind: str
    names: tuple[tuple[str, Abstract], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An attribute of something that is not of the tree, until it is called or known: `receiver.name`."""

    receiver: Abstract
    name: str
    text: Symbol


@dataclass(slots=True, eq=False)
class Arguments:
    """The arguments of a call. `open` says that more were given than can be seen (`*args`, `**kwargs`)."""

    positional: list[Abstract] = field(default_factory=list)
    named: dict[str, Abstract] = field(default_factory=dict)
    open: bool = False

    def get(self, name: str, position: int | None = None, default: Abstract = None) -> Abstract:
        """The argument of this name or position."""
        if name in self.named:
            return self.named[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return default

    def all(self) -> list[Abstract]:
        """Every argument."""
        return [*self.positional, *self.named.values()]


Callable_ = (Function, Method, Partial, Class)


def dict_of(names: Mapping[str, Abstract], *, open: bool = False, born: int = 0) -> DictOf:
    """A dictionary with these entries."""
    entries: dict[Hashable, Abstract] = {}
    entries.update(names.items())
    return DictOf(entries, open=open, born=born)


def options(value: Abstract) -> tuple[Abstract, ...]:
    """Each value that this one may be."""
    if isinstance(value, OneOf):
        return value.options
    return value.options if isinstance(value, Either) else (value,)


def either(values: Iterable[Abstract]) -> Abstract:
    """One of these values: the same ones merged, nested choices flattened; a Symbol where there are too many."""
    found: list[Abstract] = []
    keys: set[Hashable] = set()
    for value in values:
        for option in options(value):
            key = identity(option)
            if key not in keys:
                keys.add(key)
                found.append(option)
    if len(found) == 1:
        return found[0]
    if not found:
        return Symbol("nothing")
    if len(found) > MAX_OPTIONS:
        return OneOf((*found[: MAX_OPTIONS - 1], Symbol("one of many")))
    return OneOf(tuple(found))


def identity(value: Abstract) -> Hashable:
    """A key that is the same for values that are the same."""
    try:
        hash(value)
    except TypeError:  # an expression around a container
        return id(value)
    return (type(value).__name__, value)


def settled(value: Abstract) -> bool:
    """Whether a value is a plain literal, on which a condition may be decided."""
    return value is None or isinstance(value, bool | int | float | str)


def truth(value: Abstract) -> bool | None:
    """Whether a value counts as true; None where that is not known."""
    if settled(value):
        return bool(value)
    if isinstance(value, Client | ServiceResource | SdkObject | Function | Class | Module | Method):
        return True
    if isinstance(value, OneOf):
        found = {truth(option) for option in value.options}
        return found.pop() if len(found) == 1 else None
    return None


def from_message(value: Abstract) -> bool:
    """Whether a value was taken from the message."""
    if isinstance(value, OneOf):
        return any(from_message(option) for option in value.options)
    if isinstance(value, Concat):
        return any(isinstance(part, Received) for part in value.parts)
    return isinstance(value, FromMessage | Received)


def is_records(value: Abstract) -> bool:
    """Whether a value is the list of the records in the handler's event (or nothing, where there is none)."""
    found = [option for option in options(value) if not (option is None or (isinstance(option, ListOf) and not option.items))]
    return bool(found) and all(isinstance(option, FromMessage) and option.path == ("Records",) for option in found)


def unknown(source: Source, node: ast.AST) -> Symbol:
    """The value of an expression that is not known, under the words and place of the source."""
    where = source.at(node)
    return Symbol(source.segment(node, 60), f"{where}:{getattr(node, 'col_offset', 0)}")


def is_text(value: Abstract) -> bool:
    """Whether a value is (or may well be) text."""
    return isinstance(value, str | Concat | Env | Symbol | FromMessage)
