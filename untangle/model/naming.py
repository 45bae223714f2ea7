"""What people would call a thing whose address a tool has made: a step, a workflow, a chain.

An address says where a thing stands (`module.x.aws_lambda_function.this[0]`), what kind of thing it is (`ChargeFunction`) and, by
the CDK, which one it is (`resizeLambdaHandlerD06B8F09`). What it does is the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from untangle.model.node import Function

_SUFFIX = re.compile(r"(?<=[a-z0-9])[-_ ]?(Function|Lambda|Handler|Fn|LambdaFunction|[-_ ]lambda|func|fn)$")
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


def spoken(address: str) -> str:
    """A function's address as the name of its step.

    `ChargeFunction` gives `Charge`, `module.x.aws_lambda_function.send_mail[0]` `send mail`,
    `module.Resize.aws_lambda_function.this[0]` `Resize`, the CDK's `resizeLambdaHandlerD06B8F09` `resize`.
    """
    words = re.sub(r"[^A-Za-z0-9]+", " ", telling(address)).strip()
    bare = _HASH.sub("", words)
    while (shorter := _SUFFIX.sub("", bare)) != bare:
        bare = shorter
    return bare.strip() or words or "Step"


def telling(address: str) -> str:
    """The part of a Terraform address that says most, with the key of a `for_each`; any other address as it is."""
    parts: list[tuple[str, str]] = re.findall(r"([^.\[\]]+)((?:\[[^\]]*\])?)", address)
    if len(parts) < 2:
        return address
    said: list[str] = [name + (index if '"' in index else "") for name, index in parts if not name.startswith("aws_")]
    own = [part for part in said if part not in _EMPTY]
    return own[-1] if own else "".join(parts[-1])


def called(functions: Iterable[Function]) -> Mapping[str, str]:
    """What the steps of these functions are called, by id; those that would be called the same get their stack's name first."""
    every = {function.id: function for function in functions}
    shared = Counter(spoken(function.address) for function in every.values())
    return {
        function.id: name if shared[name := spoken(function.address)] == 1 else f"{spoken(function.stack)} {name}"
        for function in every.values()
    }
