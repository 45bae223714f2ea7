"""The words in which a table says how one Terraform type is written in CloudFormation's vocabulary.

A table is data: each attribute or block of Terraform, and where its value goes. A plain text is the route of a property
("Environment.Variables"), to which the value is copied; the records below are for what differs in more than its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.model.value import Value


@dataclass(frozen=True, slots=True)
class One:
    """A block that stands once, or a map: an object at `to`; "" puts its fields beside the block."""

    to: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Many:
    """A block that may stand many times: one item each, added to the list at `to`.

    Where `under` is given, each item stands under that key (`{"LambdaAction": item}`).
    """

    to: str
    fields: Fields
    under: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A value that becomes one item of the list at `to`, as `make` writes it."""

    to: str
    make: Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Json:
    """JSON text (a heredoc, `jsonencode`, `templatefile`) as the structure that it holds; other text stays text.

    `other` is where text goes that is not JSON, "" for the same place.
    """

    to: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI definition, in JSON or YAML, as the structure that it holds."""

    to: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """The start of a name whose rest Terraform makes up."""

    to: str


@dataclass(frozen=True, slots=True)
class As:
    """A value that is written differently: `make` of it; None leaves it out."""

    to: str
    make: Callable[[Value], Value]


Field: TypeAlias = str | One | Many | Row | Json | Document | Prefix | As
Fields: TypeAlias = Mapping[str, Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A resource of Terraform's own that CloudFormation writes inside another one.

    `owner` is that one's canonical type, `key` the property (of the joining resource) that names it, `name` the owner's
    property that holds its name. What is joined goes to `to` of the owner: the whole, or its property `value`; `many` adds it
    to a list. `gap` says what is missing where the owner is not in the scan ("" where nothing of the scan is lost by that).
    """

    owner: str
    key: str
    name: str
    to: str
    value: str = ""
    many: bool = True
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How resources of one Terraform type are written in CloudFormation's vocabulary.

    `to` is the CloudFormation type, `refs` what Terraform's attributes are called there ("" is CloudFormation's Ref; a function
    makes a text out of the resource's id). Attributes that `refs` does not name are taken from what the resource configures.
    """

    type: str
    to: str
    fields: Fields = field(default_factory=dict)
    refs: Mapping[str, str | Callable[[str], Value]] = field(default_factory=dict)
    join: Join | None = None


def same(*names: str) -> dict[str, Field]:
    """Attributes whose property has the same name in CloudFormation's spelling: `batch_size` is `BatchSize`."""
    return {name: pascal(name) for name in names}


def pascal(name: str) -> str:
    """A Terraform name in CloudFormation's spelling: `maximum_batching_window_in_seconds`, `MaximumBatchingWindowInSeconds`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
