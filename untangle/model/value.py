"""Values as templates and handler code write them: plain data, with symbols where a part is not known.

A scanner evaluates what its own format can (parameters, mappings, conditions, locals) and leaves the
rest as one of the expressions below. `assemble` turns expressions into resources. An unknown is
never dropped: it stays a `Symbol` whose identity can still be compared, so that two places which
write `${Stage}-orders` are seen to name the same queue although nobody knows the stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TypeAlias, Union

from untangle.model.condition import nearer


@dataclass(frozen=True, slots=True)
class Ref:
    """A pointer at a resource of the scan: `attribute` "" is CloudFormation's Ref, else a GetAtt name."""

    resource: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Text that is not known, with an identity: the same `name` in the same `scope` is the same text.

    `scope` is "" for what is one thing in the whole scan (`AWS::Region`), else the stack that declares it.
    """

    name: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Concat:
    """Text put together from parts: Fn::Sub, Fn::Join, an f-string, a template literal."""

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several values. `conditions[i]` says, in the source's words, when `options[i]` holds ("" where unknown)."""

    options: tuple[Value, ...]
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What another stack exports under this name (Fn::ImportValue)."""

    name: Value


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store holds under this name: `store` is "ssm" or "secretsmanager"."""

    store: str
    name: Value


@dataclass(frozen=True, slots=True)
class Env:
    """An environment variable of the function whose code is read."""

    name: str


@dataclass(frozen=True, slots=True)
class Received:
    """Taken from the message that the handler received; `path` as the code writes it.

    `steps` is the same as a path of `model/shape.py` (keys, "*" for any element, "()" for decoded text), () where it is not
    known.
    """

    path: str
    steps: tuple[str, ...] = ()


Expression: TypeAlias = Ref | Symbol | Concat | Either | Imported | Stored | Env | Received
Value: TypeAlias = Union[bool, int, float, str, "tuple[Value, ...]", "Mapping[str, Value]", Expression, None]

ACCOUNT = Symbol("AWS::AccountId")
REGION = Symbol("AWS::Region")
PARTITION = Symbol("AWS::Partition")

MAX_COMBINED = 16


def concat(parts: tuple[Value, ...] | list[Value]) -> Value:
    """The text of all parts in a row: nested texts flattened, neighbouring literals merged.

    An `Either` among the parts is pulled outside (`a-{x|y}` becomes `{a-x|a-y}`) while that stays small: beyond
    `MAX_COMBINED` texts they stay inside. Choices made by the same conditions are made together.
    """
    choices = [part for part in parts if isinstance(part, Either)]
    if choices and prod({part.conditions or i: len(part.options) for i, part in enumerate(choices)}.values()) <= MAX_COMBINED:
        return _chosen(parts, choices[0])
    flat: list[Value] = []
    literal = ""
    for part in parts:
        for piece in parts_of(part):
            text = scalar_text(piece)
            if text is not None:
                literal += text
                continue
            if literal:
                flat.append(literal)
                literal = ""
            flat.append(piece)
    if literal:
        flat.append(literal)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 else Concat(tuple(flat))


def _chosen(parts: tuple[Value, ...] | list[Value], choice: Either) -> Value:
    """The text under each option of a choice; a part that depends on the same conditions follows it."""

    def under(part: Value, i: int) -> Value:
        follows = part is choice or (isinstance(part, Either) and bool(part.conditions) and part.conditions == choice.conditions)
        option = part.options[i] if follows and isinstance(part, Either) and i < len(part.options) else part
        return "" if option is None else option

    options = tuple(concat([under(part, i) for part in parts]) for i in range(len(choice.options)))
    return options[0] if all(option == options[0] for option in options) else Either(options, choice.conditions)


def scalar_text(value: Value) -> str | None:
    """The text of a literal scalar as CloudFormation writes it into a string; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def alternatives(value: Value) -> Iterator[tuple[Value, str | None]]:
    """Each value that this one may be, with the condition under which it is."""
    if not isinstance(value, Either):
        yield value, None
        return
    for i, option in enumerate(value.options):
        condition = value.conditions[i] if i < len(value.conditions) else None
        for inner, deeper in alternatives(option):
            yield inner, nearer(deeper, condition) or None


def parts_of(value: Value) -> tuple[Value, ...]:
    """The parts of a text, a single part for anything that is not a `Concat`."""
    return value.parts if isinstance(value, Concat) else (value,)


def split(value: Value, separator: str) -> tuple[Value, ...]:
    """Split a text at a separator, unknown parts kept whole (`arn:aws:sqs:{Region}:{Account}:{Stage}-orders`)."""
    if isinstance(value, str):
        return tuple(value.split(separator))
    fields: list[list[Value]] = [[]]
    for part in parts_of(value):
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        first, *more = part.split(separator)
        fields[-1].append(first)
        fields.extend([piece] for piece in more)
    return tuple(concat(field) for field in fields)


def show(value: Value) -> str:
    """A short readable form for messages and notes: `${Stage}-orders`."""
    if isinstance(value, Concat):
        return "".join(show(part) for part in value.parts)
    if isinstance(value, Symbol):
        return f"${{{value.name}}}"
    if isinstance(value, Ref):
        address = value.resource.rpartition("/")[2]
        return f"${{{address}.{value.attribute}}}" if value.attribute else f"${{{address}}}"
    if isinstance(value, Env):
        return f"env {value.name}"
    if isinstance(value, Received):
        return f"message {value.path}"
    if isinstance(value, Imported):
        return f"import {show(value.name)}"
    if isinstance(value, Stored):
        return f"{value.store} {show(value.name)}"
    if isinstance(value, Either):
        return " | ".join(show(option) for option in value.options)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {show(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(show(inner) for inner in value) + "]"
    return "null" if value is None else scalar_text(value) or ""
