"""Names in a definition: states as people would call them, and the substitutions for ARNs, URLs and names.

State names are unique in the whole machine and at most 80 characters long. Substitutions are CloudFormation's
`DefinitionSubstitutions`: `${OrderQueueArn}` stands for what the template knows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from untangle.model.graph import EventGraph
from untangle.model.node import ChannelNode, Function

LIMIT = 80
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

# What CloudFormation returns for a type's own reference, and which attribute holds the rest.
_REF = {"sqs": "Url", "sns": "Arn", "eventbridge": "Name", "s3": "Name", "dynamodb_stream": "Name", "kinesis": "Name"}


class StateNames:
    """Hands out each name once; a second use gets the way it is reached, or a number, added."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def take(self, name: str, otherwise: str = "") -> str:
        """A free name: `name`, else `name` with `otherwise` ("after Reserve"), else numbered."""
        question = "?" if name.endswith("?") else ""
        for candidate in (name, f"{name.removesuffix('?')} {otherwise}{question}" if otherwise else name):
            short = candidate[:LIMIT].strip()
            if short not in self._used:
                self._used.add(short)
                return short
        number = 2
        while f"{name[: LIMIT - 6]} {number}" in self._used:
            number += 1
        return self.take(f"{name[: LIMIT - 6]} {number}")


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


class Substitutions:
    """Texts that stand for a node's attributes; called with (node id, attribute), it notes each that is used."""

    def __init__(self, graph: EventGraph) -> None:
        self._graph = graph
        self.used: dict[str, tuple[str, str]] = {}
        bases: dict[str, list[str]] = {}
        nodes: list[Function | ChannelNode] = [*graph.functions, *graph.channels]
        for node in nodes:
            bases.setdefault(_plain(telling(node.address)), []).append(node.id)
        self._bases = {id: base if len(set(ids)) == 1 else _plain(f"{id}") for base, ids in bases.items() for id in ids}

    def __call__(self, node: str, attribute: str) -> str:
        """`${OrderQueueUrl}` for a node of the scan; the literal name for one that is only named in it."""
        channel = self._channel(node)
        if channel is not None and (channel.external or (channel.type == "eventbridge" and channel.name == "default")):
            return channel.name or channel.address
        type = "function" if channel is None else channel.type
        label = attribute or _REF.get(type, "Name")
        name = f"{self._bases.get(node, _plain(node))}{label}"
        self.used[name] = (node, "" if label == _REF.get(type, "Name") else label)
        return f"${{{name}}}"

    def _channel(self, id: str) -> ChannelNode | None:
        try:
            return self._graph.channel(id)
        except KeyError:
            return None


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text) or "Node"
