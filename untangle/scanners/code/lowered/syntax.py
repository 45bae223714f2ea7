"""The small syntax that front ends lower to: what matters for following values into SDK calls, nothing else.

Types, visibility and control details are gone. What a front end cannot express becomes `Opaque`, whose parts are
still evaluated, so that a call inside is never lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

# expressions


@dataclass(frozen=True, slots=True)
class Const:
    """A literal: text, number, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    id: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`; `Index` has the name computed."""

    of: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`of[key]`."""

    of: Expr
    key: Expr


@dataclass(frozen=True, slots=True)
class Invoke:
    """A call, or with `new` the making of an instance. `text` is its source, shortened to one line.

    `answer` says what becomes of what it gives or raises, see `answers`.
    """

    callee: Expr
    arguments: tuple[Expr, ...]
    line: int
    text: str
    new: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """`...value` in arguments, arrays and objects."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Object:
    """An object, map or struct literal: pairs of key and value; a key of None spreads the value."""

    entries: tuple[tuple[Expr | None, Expr], ...]
    type: str = ""


@dataclass(frozen=True, slots=True)
class Array:
    """An array or list literal."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Text put together from parts: template literals, `+` on strings, format calls."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several: `a ? b : c`, `a || b`, `a ?? b`."""

    options: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function: `name` for messages, `parameters` are patterns; `line` of its start."""

    name: str
    parameters: tuple[Pattern, ...]
    body: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Class:
    """A class or struct: `fields` are initialised per instance, `statics` once, with `setup` after them.

    `lazy` puts both off until the class is first used. `tags` are its annotations; a field's are under "field.annotation".
    `embeds` are fields whose members are its own too; `converts` says that calling it without `new` converts a value.
    """

    name: str
    base: Expr | None
    methods: tuple[tuple[str, Lambda], ...]
    fields: tuple[tuple[str, Expr], ...] = ()
    statics: tuple[tuple[str, Expr], ...] = ()
    line: int = 0
    setup: tuple[Statement, ...] = ()
    lazy: bool = False
    tags: tuple[tuple[str, Expr], ...] = ()
    embeds: tuple[str, ...] = ()
    converts: bool = False


@dataclass(frozen=True, slots=True)
class Assign:
    """`target = value`, as an expression."""

    target: Pattern
    value: Expr


@dataclass(frozen=True, slots=True)
class This:
    """The instance a method runs on."""


@dataclass(frozen=True, slots=True)
class Super:
    """The instance a method runs on, as the class above the method's own sees it; called, it makes that part of it."""


@dataclass(frozen=True, slots=True)
class Module:
    """What `require`, a dynamic import or a package name gives."""

    source: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """An expression whose value is not followed; its parts are evaluated for their calls.

    `operator` is what a condition asks of its parts, where that can narrow them: "==", "!=", "and", "or", "not".
    """

    parts: tuple[Expr, ...] = ()
    text: str = ""
    operator: str = ""


Expr: TypeAlias = (
    Const
    | Name
    | Member
    | Index
    | Invoke
    | Spread
    | Object
    | Array
    | Template
    | Either
    | Lambda
    | Class
    | Assign
    | This
    | Super
    | Module
    | Opaque
)

# patterns: what a value is bound to


@dataclass(frozen=True, slots=True)
class Fields:
    """`{a, b: c = 1, ...rest}`: triples of key, pattern and default; `rest` takes what is left."""

    entries: tuple[tuple[str, Pattern, Expr | None], ...]
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Elements:
    """`[a, b]`; `None` skips one."""

    items: tuple[Pattern | None, ...]


@dataclass(frozen=True, slots=True)
class Default:
    """A pattern with a default value."""

    pattern: Pattern
    value: Expr


@dataclass(frozen=True, slots=True)
class Rest:
    """`...args`."""

    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Typed:
    """A pattern with a declared type, which says what a value is that is not known otherwise."""

    pattern: Pattern
    type: Expr


Pattern: TypeAlias = Name | Member | Index | Fields | Elements | Default | Rest | Typed

# statements


@dataclass(frozen=True, slots=True)
class Bind:
    """A declaration; without a value the name is only made known."""

    target: Pattern
    value: Expr | None


@dataclass(frozen=True, slots=True)
class Run:
    """An expression for its effect."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Case:
    """Which case of a switch a branch is: `place` tells the switch from others in the file, `first` whether it is asked now.

    `number` is the same for cases that one run may come through: a case may go on into the next.
    """

    place: int
    number: int
    first: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if`, or a case of a `switch`: pairs of condition text and body.

    `swallows` says that it asks for an error, and may leave without one: what follows is skipped by the error.
    """

    test: Expr
    text: str
    line: int
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()
    case: Case | None = None
    swallows: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """Any loop. `over` is what is iterated, bound to `target` each time."""

    target: Pattern | None
    over: Expr | None
    text: str
    line: int
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """Leaves the function with a value."""

    value: Expr | None


@dataclass(frozen=True, slots=True)
class Leave:
    """`throw`, `break` or `continue`: what follows in the block is not reached on this way."""

    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """`try`; `catches` also where the handler is empty."""

    body: tuple[Statement, ...]
    handler: tuple[Statement, ...] = ()
    caught: Pattern | None = None
    line: int = 0
    final: tuple[Statement, ...] = ()
    catches: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Statements with a scope of their own."""

    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Names taken from another module: pairs of exported name ("default", "*") and local name."""

    source: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A name made visible: `value` None for a name of this module; `source` set when passed on from another ("*" for all)."""

    name: str
    value: Expr | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Top-level statements of one file of a module that is several files; names are the module's, imports the file's."""

    path: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """A method that is written outside its class."""

    type: str
    name: str
    code: Lambda


Statement: TypeAlias = Bind | Run | Branch | Loop | Return | Leave | Attempt | Block | Import | Export | Source | Attach


@dataclass(frozen=True, slots=True)
class Program:
    """One module, lowered: a file or a folder of files.

    `broken` is the line of the first syntax error, if there is one; `errors` are those of several files.
    `shared` says that every name of the top level is visible from outside.
    """

    path: str
    body: tuple[Statement, ...]
    broken: int | None = None
    errors: tuple[tuple[str, int], ...] = ()
    shared: bool = False
