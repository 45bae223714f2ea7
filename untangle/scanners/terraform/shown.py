"""What `terraform show -json` prints and what a state file holds: found in a tree by their first bytes, read in part.

Only the list of resources is decoded, and the values of a resource only where something reads its type: a plan of sixty
megabytes takes well under a second. https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from untangle.scanners.tree import Tree

MAX_SIZE = 512 * 1024 * 1024
_HEAD = 256
_SHOWN = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"format_version"\s*:\s*"[01]\.\d+"\s*,')
_STATE = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"version"\s*:\s*4\s*,\s*"terraform_version"\s*:')
_NAMES = (".json", ".tfstate", ".tfplan", ".plan")

_EMPTY = msgspec.Raw(b"{}")


class Shown(msgspec.Struct):
    """One resource instance as plans and shown states write it; `values` are its attributes, not yet decoded."""

    address: str = ""
    mode: str = "managed"
    type: str = ""
    name: str = ""
    values: msgspec.Raw = _EMPTY


class ShownModule(msgspec.Struct):
    """A module instance with the resources in it."""

    address: str = ""
    resources: list[Shown] = []
    child_modules: list[ShownModule] = []

    def every(self) -> Iterator[tuple[str, Shown]]:
        """All resources at any depth, each with the address of its module."""
        pending = [self]
        while pending:
            module = pending.pop()
            yield from ((module.address, resource) for resource in module.resources)
            pending.extend(reversed(module.child_modules))


class ShownValues(msgspec.Struct):
    """The resources of a plan (`planned_values`) or of a state (`values`)."""

    root_module: ShownModule = msgspec.field(default_factory=ShownModule)


class Prior(msgspec.Struct):
    """The state that a plan starts from, with the data sources that were read for it."""

    values: ShownValues = msgspec.field(default_factory=ShownValues)


class Declared(msgspec.Struct):
    """One resource of the configuration: its expressions by attribute, as `{"references": […]}` or `{"constant_value": …}`."""

    address: str = ""
    expressions: msgspec.Raw = _EMPTY


class Output(msgspec.Struct):
    """An output of a module of the configuration."""

    expression: msgspec.Raw = _EMPTY


class Call(msgspec.Struct):
    """A module that the configuration calls."""

    source: str = ""
    expressions: msgspec.Raw = _EMPTY
    module: Configured = msgspec.field(default_factory=lambda: Configured())


class Configured(msgspec.Struct):
    """A module of the configuration."""

    resources: list[Declared] = []
    module_calls: dict[str, Call] = {}
    outputs: dict[str, Output] = {}


class Configuration(msgspec.Struct):
    """The configuration that a plan was made from."""

    root_module: Configured = msgspec.field(default_factory=Configured)


class Given(msgspec.Struct):
    """A variable of the root."""

    value: msgspec.Raw = msgspec.Raw(b"null")


class Change(msgspec.Struct):
    """What of a resource's attributes is not known before the apply."""

    after_unknown: msgspec.Raw = _EMPTY


class Changed(msgspec.Struct):
    """A planned change of one resource."""

    address: str = ""
    change: Change = msgspec.field(default_factory=Change)


class Plan(msgspec.Struct):
    """A plan, or a shown state (then only `values` is there)."""

    planned_values: ShownValues | None = None
    values: ShownValues | None = None
    prior_state: Prior | None = None
    configuration: Configuration = msgspec.field(default_factory=Configuration)
    resource_changes: list[Changed] = []
    variables: dict[str, Given] = {}


class StateInstance(msgspec.Struct):
    """One instance of a resource of a state file."""

    index_key: int | str | None = None
    attributes: msgspec.Raw = _EMPTY


class StateResource(msgspec.Struct):
    """A resource of a state file with its instances."""

    module: str = ""
    mode: str = "managed"
    type: str = ""
    name: str = ""
    instances: list[StateInstance] = []


class State(msgspec.Struct):
    """A state file of version 4."""

    resources: list[StateResource] = []


def found(tree: Tree) -> Iterator[tuple[str, bool]]:
    """The files of a tree that hold a plan or a state; true marks a state file."""
    for path in tree.templates:
        if path.endswith(_NAMES) or path == tree.single:
            head = tree.start(path, _HEAD) or b""
            if _STATE.match(head):
                yield path, True
            elif _SHOWN.match(head):
                yield path, False
