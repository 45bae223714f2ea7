"""The record that one envelope file fills, and the few things all of them need to write JSONata.

An envelope adapter turns an *effect* (the API call a producer made, `{id, service, op, params, response, at, size}`)
into the event that the consumer's unchanged handler expects. It is one JSONata block, put together from the
channels that the message passes: the first makes its message out of the effect, each further one receives what the
one before hands on, the last delivers to the function. Every channel binds its message to one variable, so that the
text reads from top to bottom in the order in which the message travels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from untangle.model.step import Stop
from untangle.model.value import Value

# Gives the text of a node's attribute ("" is its name or URL, "Arn" its ARN) as it will stand in the definition.
Names: TypeAlias = Callable[[str, str], str]

# Where the state machine itself runs: its ARN has the region in field 3 and the account in field 4.
REGION = "$split($states.context.StateMachine.Id, ':')[3]"
ACCOUNT = "$split($states.context.StateMachine.Id, ':')[4]"

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORDS = frozenset({"and", "or", "in", "function", "true", "false", "null"})


class Unsupported(Exception):
    """Something that cannot be said in JSONata (or not by these adapters); the text says what, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An effect that puts a message into the channel: the operations, and the parameters that name the channel.

    `by` pairs each parameter with the node attribute it equals ("" for name or URL); `default` is the channel's
    name where the parameter may be left out.
    """

    service: str
    operations: tuple[str, ...]
    by: tuple[tuple[str, str], ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One channel's part in an envelope. Each function returns JSONata text.

    - `effect(stop, after, names)`: the channel's message from `$e` (the effect), `$p` (its parameters) and `$r` (its response).
    - `receive(stop, before, names)`: the message from `$in`, what the channel `before` handed on:
      `{text, value, attributes, id, at}`; None where nothing can be routed into this channel.
    - `hand(stop, after, names)`: what is handed on to the channel `after`, in that form; None where nothing is.
    - `deliver(stop, names)`: the Lambda event.
    - `test(stop, names)`: the condition under which the stop's filter lets the message pass, None without filter.
    - `enter(source)`: the Lambda event from `source`, the input of a workflow that this channel starts in the place of the
      function; None where its input is the event itself, or where it can start none.

    `variable` is the name that the message is bound to.
    """

    type: str
    variable: str
    written: Written | None
    effect: Callable[[Stop, Stop | None, Names], str] | None
    deliver: Callable[[Stop, Names], str]
    receive: Callable[[Stop, Stop, Names], str] | None = None
    hand: Callable[[Stop, Stop, Names], str] | None = None
    test: Callable[[Stop, Names], str | None] | None = None
    enter: Callable[[str], str] | None = None


def literal(value: Value) -> str:
    """A JSON value as JSONata writes it, strings in single quotes. Raises `Unsupported` for what is not JSON."""
    if isinstance(value, str):
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace("'", "\\u0027").replace('\\"', '"') + "'"
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(literal(inner) for inner in value) + "]"
    raise Unsupported(f"the value {value} is not known before run time")


def step(name: str) -> str:
    """One step of a path, quoted where JSONata would not read it as a name."""
    if _PLAIN_NAME.match(name) and name not in _WORDS:
        return name
    if "`" in name:
        raise Unsupported(f"the name {name!r} cannot be written in JSONata")
    return f"`{name}`"


def fill(text: str, **parts: str) -> str:
    """A JSONata text with each `<<name>>` replaced; inserted lines keep the indentation of the place they go to."""
    lines = []
    for line in text.strip("\n").splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        for name, part in parts.items():
            if (place := f"<<{name}>>") in line:
                line = line.replace(place, part.replace("\n", "\n" + indent))
        lines.append(line)
    return "\n".join(lines)


def attributes(source: str, entry: str) -> str:
    """An object made from the message attributes in `source`, each `$k: $v` turned into `entry`; {} where there are none."""
    return f"$merge($append([{{}}], $each({source}, function($v, $k) {{ {{$k: {entry}}} }})))"
