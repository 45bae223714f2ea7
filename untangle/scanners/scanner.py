"""The record that one scanner fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from untangle.model.resource import Inventory
from untangle.scanners.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user may say about how sources are read: values by name, for template parameters, Terraform variables and
    Serverless options alike, and Terraform variable files (paths relative to the scanned root)."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    variable_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """One source format. `read` finds its own files in the tree and yields canonical resources."""

    kind: str
    title: str
    read: Callable[[Tree, Options], Inventory]
