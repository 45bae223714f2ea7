"""Services as text, scanned."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from untangle.model.resource import Inventory, Resource
from untangle.model.value import Ref, Value
from untangle.scanners.scanner import Options
from untangle.scanners.serverless_framework import SCANNER
from untangle.scanners.tree import Tree


@dataclass(frozen=True)
class Scanned:
    """What a scan of services found."""

    inventory: Inventory
    tree: Tree

    def one(self, type_: str) -> Resource:
        """The only resource of a type."""
        found = self.all(type_)
        assert len(found) == 1, [item.id for item in found]
        return found[0]

    def all(self, type_: str) -> list[Resource]:
        """The resources of a type."""
        return [item for item in self.inventory.resources if item.type == type_]

    def get(self, id: str) -> Resource:
        """The resource of an id."""
        return {item.id: item for item in self.inventory.resources}[id]

    @property
    def ids(self) -> set[str]:
        """The ids of all resources."""
        return {item.id for item in self.inventory.resources}

    def variable(self, name: str = "X") -> Value:
        """The environment variable of the function `hello` of the service `shop`."""
        return self.get("shop/hello").get("Environment", "Variables", name)


def scan_files(root: Path, files: Mapping[str, str], **parameters: str) -> Scanned:
    """The services among some files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    tree = Tree(root)
    return Scanned(SCANNER.read(tree, Options(parameters=parameters)), tree)


def scan_text(root: Path, text: str, **parameters: str) -> Scanned:
    """One service."""
    return scan_files(root, {"serverless.yml": text}, **parameters)


def scan_events(root: Path, events: str, resources: str = "", more: str = "") -> Scanned:
    """A service `shop` whose one function `hello` has these events, and a provider with `more` settings."""
    text = "service: shop\nprovider:\n  name: aws\n  runtime: nodejs20.x\n" + textwrap.indent(textwrap.dedent(more), "  ")
    text += "functions:\n  hello:\n    handler: src/hello.main\n    events:\n" + textwrap.indent(
        textwrap.dedent(events).strip("\n"), " " * 6
    )
    if resources:
        text += "\nresources:\n  Resources:\n" + textwrap.indent(textwrap.dedent(resources).strip("\n"), " " * 4)
    return scan_files(root, {"serverless.yml": text + "\n"})


HELLO = Ref("shop/hello", "Arn")
