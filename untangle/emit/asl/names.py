"""Names in a definition: states as people would call them, and the substitutions for ARNs, URLs and names.

State names are unique in the whole machine and at most 80 characters long. Substitutions are CloudFormation's
`DefinitionSubstitutions`: `${OrderQueueArn}` stands for what the template knows.
"""

from __future__ import annotations

import re

from untangle.model.graph import EventGraph
from untangle.model.naming import telling
from untangle.model.node import ChannelNode, Function

LIMIT = 80
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

    def machine(self, name: str) -> str:
        """`${OrderIntakeShipArn}` for a nested workflow, by its name."""
        base = _plain(name)
        label = f"{base}{'Machine' if base in self._bases.values() else ''}Arn"
        self.used[label] = (name, "Arn")
        return f"${{{label}}}"

    def _channel(self, id: str) -> ChannelNode | None:
        try:
            return self._graph.channel(id)
        except KeyError:
            return None


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text) or "Node"
