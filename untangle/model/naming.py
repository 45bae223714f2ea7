"""What people would call a thing whose address a tool has made: a step, a workflow, a chain.

An address says where a thing stands (`module.x.aws_lambda_function.this[0]`), what kind of thing it is (`ChargeFunction`) and, by
the CDK, which one it is (`resizeLambdaHandlerD06B8F09`). What it does is the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from untangle.model.node import Function

_KINDS = "LambdaFunction|Function|Lambda|Handler"
_SUFFIX = re.compile(rf"(?<=[A-Za-z0-9])[-_ ]?({_KINDS})$|(?<=[a-z0-9])[-_ ]?(Fn|[-_ ]lambda|func|fn)$")
_PREFIX = re.compile(r"^(?:Lambda(?=[A-Z][a-z])|(?:lambda|Lambda) (?=\S))")
# What the CDK adds to a construct's path to make a logical id of it: eight digits of a hash.
_HASH = re.compile(r"(?<=[A-Za-z0-9])(?=[A-F]*[0-9])(?=[0-9]*[A-F])[0-9A-F]{8}$")
# Names of Terraform that say where a thing stands or what kind of thing it is, not what it does.
_EMPTY = frozenset(
    {
        "module",
        "data",
        "this",
        "main",
        "default",
        "lambda",
        "function",
        "lambda_function",
        "fn",
        "handler",
        "queue",
        "topic",
        "bus",
    }
)
# Names of stacks that a file or folder has anyway.
_ANY_STACK = frozenset(
    {"", "app", "cloudformation", "infra", "infrastructure", "root", "serverless", "stack", "template", "terraform"}
)


def spoken(address: str) -> str:
    """A function's address as the name of its step.

    `ChargeFunction` gives `Charge`, `module.x.aws_lambda_function.send_mail[0]` `send mail`,
    `module.Resize.aws_lambda_function.this[0]` `Resize`, the CDK's `resizeLambdaHandlerD06B8F09` `resize`.
    """
    words = re.sub(r"[^A-Za-z0-9]+", " ", unhashed(telling(address))).strip()
    bare = words
    while (shorter := _SUFFIX.sub("", bare)) != bare:
        bare = shorter
    return _PREFIX.sub("", bare.strip()) or words or "Step"


def unhashed(address: str) -> str:
    """An address without the hash that the CDK puts behind a construct's path."""
    return _HASH.sub("", address) or address


def place_of(function: Function) -> str:
    """Where a function stands, as its name where its own says nothing (`handler`, `this[0]`); "" where that says nothing too."""
    place = function.stack.rpartition("/")[2]
    return place if _says_nothing(spoken(function.address)) and _spaceless(place) not in _ANY_STACK else ""


def _says_nothing(name: str) -> bool:
    return _spaceless(re.sub(r"[\W_]*\d*$", "", name)) in _EMPTY


def _spaceless(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name).lower()


def telling(address: str) -> str:
    """The part of a Terraform address that says most, with the key of a `for_each`; any other address as it is."""
    parts: list[tuple[str, str]] = re.findall(r"([^.\[\]]+)((?:\[[^\]]*\])?)", address)
    if len(parts) < 2:
        return address
    said: list[str] = [name + (index if '"' in index else "") for name, index in parts if not name.startswith("aws_")]
    own = [part for part in said if part not in _EMPTY]
    return own[-1] if own else "".join(parts[-1])


def called(functions: Iterable[Function]) -> Mapping[str, str]:
    """What the steps of these functions are called, by id; those that would be called the same get their stack's name first, and
    those whose name says nothing are called after their stack."""
    every = {function.id: _own(function) for function in functions}
    shared = Counter(name for name, _ in every.values())
    return {id: name if shared[name] == 1 else f"{stack} {name}" for id, (name, stack) in every.items()}


def _own(function: Function) -> tuple[str, str]:
    """A function's name, and that of its stack by its whole path."""
    return spoken(place_of(function) or function.address), spoken(function.stack)
