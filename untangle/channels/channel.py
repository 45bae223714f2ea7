"""The record that one channel file fills, and the world it may ask.

A channel is knowledge about one AWS service that carries messages: which resources are the channel, which
API calls write to it, which resources make links out of it, what its filters let through, and what the
consumer's handler receives. It is written once, against CloudFormation's vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from untangle.model.link import Link, Sent, Trigger
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.resource import Gap, Resource
from untangle.model.shape import Path
from untangle.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A resource type that *is* this channel (or another named thing).

    `name` is the property that holds its physical name. `arn` is the last part of its ARN with `{name}` in it
    ("table/{name}"), `service` the ARN's service field. `implicit` names an instance that exists without being
    declared (the default event bus).
    """

    type: str
    name: str | None
    service: str
    arn: str = "{name}"
    implicit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """An API operation that puts something into the channel.

    `service` is botocore's name; `target` the parameter that names the channel, `default` the channel's name
    where the parameter may be left out; `action` the IAM action that it needs. `mixed` says that the parameter may name things of
    other kinds as well: only a target that is seen to be of this channel counts, nothing is found by elimination.
    """

    service: str
    operation: str
    target: str
    action: str
    default: str | None = None
    mixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a value was resolved to: a node of the graph, with the condition under which it is that one.

    `resource` is None for what is named but not declared in the scan; `how` says how it was found ("Ref",
    "name", "arn", "export", "ssm", …; "by …" where it was inferred, see `assemble.names`).
    """

    node: str
    resource: Resource | None = None
    condition: str | None = None
    how: str = "Ref"

    @property
    def aside(self) -> str:
        """What a note must add where the target is inferred rather than named: such a link is likely, not declared."""
        return f" ({self.how})" if self.how.startswith("by ") else ""


class World(Protocol):
    """What a channel may ask of the assembled inventory. Implemented by `assemble`."""

    def of_type(self, *types: str) -> Iterable[Resource]:
        """Every resource of these types, sorted by id; a type may end in `*` ("Custom::*")."""

    def resource(self, id: str) -> Resource | None:
        """The resource of this id."""

    def resolve(self, value: Value, *types: str, near: str | None = None) -> tuple[Target, ...]:
        """The nodes of these resource types (any, where none is given) that a value names: a Ref, GetAtt, ARN, URL or name.

        Aliases and versions come back as their function, a stream ARN as its table. Where the value names a
        thing outside the scan by a literal ARN or name and one type is given, the target is external
        (`resource` None). Nothing is guessed: an unknown gives (). `near` is the asking stack: of several
        resources with one literal name, those of its own world of stacks win.
        """

    def text(self, value: Value) -> str | None:
        """The literal text of a value, imports, stores and names followed; None where a part is unknown."""

    def plain(self, value: Value) -> Value:
        """The value with everything resolvable replaced by literals and the rest by its readable form: JSON only."""

    def function(self, value: Value, *, near: str | None = None) -> tuple[Target, ...]:
        """The functions (and other compute participants) that a value names."""

    def implicit(self, type: str, near: str | None) -> str:
        """The node of the instance of a type that exists without being declared, as the stack `near` means it."""

    def gap(self, what: str, why: str, location: Location | None) -> None:
        """Notes something that could not be known."""


class Verdict(str, Enum):
    """Whether a filter lets a message pass, as far as code shows it."""

    PASSES = "passes"
    UNKNOWN = "unknown"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A verdict with its reason in words ("detail-type is 'paid', the rule wants 'refunded'").

    `addressed` says that the filter names what the message is seen to be (its source, its topic): on a channel that all stacks
    of an account share, only that ties a sender to a consumer that is deployed apart from it.
    """

    verdict: Verdict
    why: str = ""
    addressed: bool = False


PASSES = Match(verdict=Verdict.PASSES)
Found: TypeAlias = Link | Trigger | ChannelNode | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel: what it is made of, what writes to it, where its messages go.

    `links` yields ROUTE, DELIVER and declared PUBLISH links, triggers, and nodes that are not resources of
    their own (`<function>#on_failure`). `settings` are what the channel's resource brings to planning
    (see `ChannelNode.settings`). `accepts` holds a link's filter against what a producer sends.
    `onward` says how a message looks on the next channel of a ROUTE (an S3 object as EventBridge's "Object Created",
    a notification as a queue's body); None where that is not known.
    `enters` is the compute type whose instances this channel starts ("AWS::Lambda::Function"): its nodes are their ids with
    `entry` behind ("#invoke").
    `message` is the path in the consumer's event at which the producer's message stands, `encoded` steps
    included: ("Records", "*", "body", "()") for SQS.
    `billed` is what AWS bills for each message that passes: names of prices (`plan.prices`) and how many of each.
    """

    type: str
    title: str
    links: Callable[[World], Iterator[Found]]
    kinds: tuple[Kind, ...] = ()
    writes: tuple[Write, ...] = ()
    settings: Callable[[Resource, World], Mapping[str, Value]] | None = None
    accepts: Callable[[Sent, Value], Match] | None = None
    onward: Callable[[Sent, Link], Sent | None] | None = None
    message: Path = ()
    enters: str = ""
    entry: str = ""
    billed: tuple[tuple[str, int], ...] = ()
