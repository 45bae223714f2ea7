"""Who may write: policy statements of execution roles, held against the actions that writing needs.

Allow statements of the role, and of the policies of resources that name the role, are read as permission; what a Deny or the
role's permissions boundary surely takes away is none. A grant is a witness, not a guess: one that several functions share, or
that names its resources by wildcard, is marked `shared`.
Policy language: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import NamedTuple, TypeAlias

from untangle.assemble.borders import Borders
from untangle.assemble.held import Grant, Held
from untangle.assemble.identify import identify, is_wildcard, lies_elsewhere
from untangle.assemble.limits import Asked, bounded, denied, is_about
from untangle.assemble.resource_policies import OpenTo
from untangle.assemble.statements import Statement, each, statements
from untangle.assemble.world import Atlas
from untangle.channels.channel import Channel, Kind
from untangle.model.node import Function
from untangle.model.resource import Resource, Route
from untangle.model.value import Value, alternatives, parts_of, show

# What the managed policies that allow writing grant, as far as channels are concerned.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
MANAGED_POLICIES: Mapping[str, tuple[str, ...]] = {
    "AdministratorAccess": ("*",),
    "PowerUserAccess": ("*",),
    "AmazonSQSFullAccess": ("sqs:*",),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonDynamoDBFullAccess": ("dynamodb:*",),
    "AmazonDynamoDBFullAccess_v2": ("dynamodb:*",),
    "AmazonDynamoDBFullAccesswithDataPipeline": ("dynamodb:*", "sns:Publish"),
    "AmazonEventBridgeFullAccess": ("events:*",),
    "AmazonEventBridgePipesFullAccess": ("pipes:*",),
    "CloudWatchEventsFullAccess": ("events:*",),
    "AmazonKinesisFullAccess": ("kinesis:*",),
    "AWSLambda_FullAccess": ("lambda:*",),
    "AWSLambdaFullAccess": ("lambda:*", "s3:*", "dynamodb:*", "sns:Publish", "sqs:SendMessage", "events:*", "kinesis:*"),
    "AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSLambdaInvocation-DynamoDB": ("lambda:InvokeFunction",),
    "AWSStepFunctionsFullAccess": ("states:*",),
    "AmazonECS_FullAccess": ("ecs:*",),
}


class Grants:
    """The write grants of every function."""

    def __init__(self, atlas: Atlas, functions: Iterable[Function]) -> None:
        self._atlas = atlas
        self._holders: dict[str, list[str]] = {}
        for function in functions:
            if function.role is not None:
                self._holders.setdefault(function.role, []).append(function.id)
        self._attached = self._attachments()
        self._read: dict[str, tuple[Statement, ...]] = {}
        self._named: dict[tuple[str, str], tuple[tuple[Resource, str | None], ...]] = {}
        self._open = OpenTo(atlas)
        self._borders = Borders(atlas, self._open)
        self._held: dict[tuple[str | None, str, str], Held] = {}
        self._covering: dict[tuple[str, str, str], frozenset[str]] = {}
        self._known = _Known()
        self._joined: dict[tuple[frozenset[str], ...], frozenset[str]] = {}

    def of(self, function: Function, channel: Channel) -> Held:
        """What lets this function write to nodes of this channel.

        Functions of one stack that share a role share what it grants.
        """
        held = (function.role, function.stack, channel.type)
        if held not in self._held:
            found = tuple(self._of_channel(function, channel))
            self._held[held] = Held(found, self._union(grant.nodes for grant in found if grant.shared))
        return self._held[held]

    def _union(self, sets: Iterable[frozenset[str]]) -> frozenset[str]:
        """All nodes of several sets. Roles that grant the same share what is made of it: a thousand of them hold it once."""
        parts = tuple(dict.fromkeys(sets))
        if len(parts) == 1:
            return parts[0]
        if parts not in self._joined:
            self._joined[parts] = frozenset().union(*parts)
        return self._joined[parts]

    def _of_channel(self, function: Function, channel: Channel) -> Iterator[Grant]:
        role = self._atlas.resource(function.role) if function.role else None
        if role is None:
            return
        held = self._statements(role)
        limits = _Limits(self._atlas, role, held, tuple(self._boundaries(role)), self._borders, self._known)
        actions = dict.fromkeys(write.action for write in channel.writes)
        for statement in held:
            for action in actions if statement.allow else ():
                if statement.names(action):
                    yield from self._granted(function.stack, channel, statement, action, limits)
        owners = len(self._holders.get(role.id, ()))
        for node, statement in self._open.to(role.id, self._atlas.types_of(channel)):
            for action in (action for action in actions if statement.names(action)):
                of = replace(statement, owners=owners)
                for key in sorted({_object_key(value) for value in of.resources}) if action.startswith("s3:") else ("*",):
                    asked = Asked(action=action, node=node, channel=channel, stack=function.stack, key=key)
                    yield from limits.left(asked, frozenset({node}), of, exact=True)

    def _granted(self, stack: str, channel: Channel, statement: Statement, action: str, limits: _Limits) -> Iterator[Grant]:
        for value in ("*",) if statement.but_resources else statement.resources:
            nodes, exact = self._nodes(value, channel, stack)
            if nodes:
                key = _object_key(value) if action.startswith("s3:") else "*"
                asked = Asked(action=action, node="", channel=channel, stack=stack, key=key)
                yield from limits.left(asked, nodes, statement, exact=exact and not statement.but_actions)

    def _nodes(self, value: Value, channel: Channel, near: str) -> tuple[frozenset[str], bool]:
        """The channel's nodes that a statement's resource covers, and whether it names them exactly."""
        types = self._atlas.types_of(channel)
        if not _is_star(value):
            targets = self._atlas.resolve(value, *types, near=near)
            if targets:
                return frozenset(target.node for target in targets), True
        if not is_wildcard(value):
            return frozenset(), True
        if not isinstance(value, str):
            return frozenset(self._covered(value, channel, near)), False
        asked = (value, channel.type, near)
        if asked not in self._covering:
            self._covering[asked] = frozenset(self._covered(value, channel, near))
        return self._covering[asked], False

    def _covered(self, value: Value, channel: Channel, near: str) -> Iterator[str]:
        """A wildcard covers what its literal text fits, within the asking stack's own world of stacks."""
        root = self._atlas.root_of(near)
        named = identify(value, self._atlas.kinds)
        for kind in self._atlas.kinds_of(channel):
            if not _is_star(value) and (named is None or named.type != kind.type):
                continue
            pattern = "*" if named is None else _glob(named.name)
            for resource, name in self._named_in(root, kind):
                fits = pattern == "*" or name is None or fnmatchcase(name, pattern)
                if fits and not lies_elsewhere(resource.deployed, value):
                    yield resource.id
            if kind.implicit is not None and fnmatchcase(kind.implicit, pattern):
                yield self._atlas.implicit(kind.type, near)

    def _named_in(self, root: str, kind: Kind) -> tuple[tuple[Resource, str | None], ...]:
        """The resources of a kind below a root stack, each with its name where that is known."""
        if (root, kind.type) not in self._named:
            inside = (item for item in self._atlas.of_type(kind.type) if root in self._roots_of(item))
            named = ((item, self._atlas.text(item.get(kind.name)) if kind.name else None) for item in inside)
            self._named[root, kind.type] = tuple(named)
        return self._named[root, kind.type]

    def _roots_of(self, resource: Resource) -> tuple[str | None, ...]:
        """The worlds of stacks that a resource is in: that of its root stack, and the place where it is deployed."""
        return self._atlas.root_of(resource.stack), self._atlas.places.of_resource(resource)

    def _statements(self, role: Resource) -> tuple[Statement, ...]:
        """The statements of a role, read once: every channel asks for them."""
        if role.id not in self._read:
            self._read[role.id] = tuple(self._of_role(role))
        return self._read[role.id]

    def _of_role(self, role: Resource) -> list[Statement]:
        owners = len(self._holders.get(role.id, ()))
        found = list(self._of_documents(role, ("Policies",), owners))
        for value in each(role.get("ManagedPolicyArns")):
            found.extend(self._of_managed(value, role, owners))
        for policy in self._attached.get(role.id, ()):
            found.extend(self._of_policy(policy, owners))
        return found

    def _of_managed(self, value: Value, role: Resource, owners: int) -> Iterator[Statement]:
        for target in self._atlas.resolve(value, "AWS::IAM::ManagedPolicy", near=role.stack):
            if target.resource is not None:
                yield from self._of_policy(target.resource, max(owners, self._reach.get(target.node, 0)))
        name = parts_of(value)[-1] if value is not None else None
        actions = MANAGED_POLICIES.get(name.rpartition("/")[2]) if isinstance(name, str) else None
        if actions:
            where = role.at("ManagedPolicyArns")
            yield Statement(
                actions=actions, resources=("*",), allow=True, location=where, origin=str(name).rpartition("/")[2], owners=owners
            )

    @cached_property
    def _reach(self) -> Mapping[str, int]:
        """How many functions each managed policy reaches, over the roles that name it."""
        found: dict[str, int] = {}
        for role in self._atlas.of_type("AWS::IAM::Role"):
            for value in each(role.get("ManagedPolicyArns")):
                for target in self._atlas.resolve(value, "AWS::IAM::ManagedPolicy"):
                    found[target.node] = found.get(target.node, 0) + len(self._holders.get(role.id, ()))
        return found

    def _of_policy(self, policy: Resource, owners: int) -> Iterator[Statement]:
        roles = [target.node for value in each(policy.get("Roles")) for target in self._atlas.resolve(value, "AWS::IAM::Role")]
        reach = sum(len(self._holders.get(role, ())) for role in roles)
        document = policy.get("PolicyDocument")
        yield from statements(policy, ("PolicyDocument",), document, max(owners, reach), f"policy {policy.address}")

    def _of_documents(self, role: Resource, route: Route, owners: int) -> Iterator[Statement]:
        for i, policy in enumerate(each(role.get("Policies"))):
            if isinstance(policy, Mapping):
                at = (*route, i, "PolicyDocument")
                yield from statements(role, at, policy.get("PolicyDocument"), owners, f"role {role.address}")

    def _boundaries(self, role: Resource) -> Iterator[_Boundary]:
        """The permissions boundary of a role, in every variant: its name, and its statements as far as they are known."""
        for value, _ in alternatives(role.get("PermissionsBoundary")):
            if value is not None:
                targets = self._atlas.resolve(value, "AWS::IAM::ManagedPolicy", near=role.stack)
                found = [target.resource for target in targets if target.resource is not None]
                read = tuple(statement for policy in found for statement in self._of_policy(policy, 0))
                name = found[0].address if found else show(value).rpartition("/")[2]
                policies = tuple(policy.id for policy in found)
                yield _Boundary((name, *policies), name, read or tuple(self._of_managed(value, role, 0)))

    def _attachments(self) -> Mapping[str, list[Resource]]:
        """The policies that name the roles they belong to."""
        attached: dict[str, list[Resource]] = {}
        for policy in self._atlas.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
            names = [*each(policy.get("Roles")), *each(policy.get("RoleName"))]
            for value in names:
                for target in self._atlas.resolve(value, "AWS::IAM::Role", near=policy.stack):
                    attached.setdefault(target.node, []).append(policy)
        return attached


class _Boundary(NamedTuple):
    """A permissions boundary: what tells it from others, its name, and its statements."""

    key: tuple[str, ...]
    name: str
    statements: tuple[Statement, ...]


# What the answer to a use of a grant hangs on: boundaries, the account of the role, action, channel, asking stack, key and nodes.
_Sift: TypeAlias = tuple[tuple[tuple[str, ...], ...], str | None, str, str, str, str, frozenset[str]]
_Sifted: TypeAlias = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was answered for all roles that are limited alike, and every set of nodes that is left, once."""

    answers: dict[_Sift, _Sifted] = field(default_factory=dict)
    sets: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)


class _Limits:
    """What takes grants of one role away."""

    def __init__(
        self,
        atlas: Atlas,
        role: Resource,
        held: Iterable[Statement],
        boundaries: tuple[_Boundary, ...],
        borders: Borders,
        known: _Known,
    ) -> None:
        self._atlas, self._role, self._borders, self._known = atlas, role, borders, known
        self._denying = tuple(statement for statement in held if not statement.allow)
        self._boundaries = boundaries

    def left(self, asked: Asked, nodes: frozenset[str], statement: Statement, *, exact: bool) -> Iterator[Grant]:
        """The grant of a statement on those nodes that it is not taken away from; with what might take it away in its note."""
        kind = "shared role" if statement.owners > 1 else "own role" if exact else "wildcard"
        for doubts, left in self._left(asked, nodes):
            yield Grant(
                nodes=left,
                action=asked.action,
                shared=not exact or statement.owners > 1,
                note=f"{asked.action} ({kind}, {statement.origin}){doubts}",
                location=statement.location,
                key=asked.key,
            )

    def _left(self, asked: Asked, nodes: frozenset[str]) -> _Sifted:
        """The nodes that are left, by what might take them away. Roles without a Deny that matters share one answer."""
        if any(is_about(statement, asked.action) for statement in self._denying):
            return self._sift(asked, nodes)
        boundaries, account = tuple(item.key for item in self._boundaries), self._borders.account(self._role.stack)
        key = (boundaries, account, asked.action, asked.channel.type, asked.stack, asked.key, nodes)
        if key not in self._known.answers:
            self._known.answers[key] = self._sift(asked, nodes)
        return self._known.answers[key]

    def _sift(self, asked: Asked, nodes: frozenset[str]) -> _Sifted:
        found: dict[str, list[str]] = {}
        for node in sorted(nodes):
            doubts = self._doubts(replace(asked, node=node))
            if doubts is not None:
                found.setdefault(doubts, []).append(node + asked.channel.entry)
        sets = self._known.sets
        return tuple((doubts, sets.setdefault(left := frozenset(listed), left)) for doubts, listed in found.items())

    def _doubts(self, asked: Asked) -> str | None:
        """What may take a grant away, in words; None where something does."""
        limits = [denied(self._atlas, asked, self._denying)] if self._denying else []
        limits.append(self._borders.crossing(asked, self._role))
        bounds = [bounded(self._atlas, asked, item.statements, item.name) for item in self._boundaries]
        if any(limit.taken for limit in limits) or (bounds and all(limit.taken for limit in bounds)):
            return None
        return "".join(f"; {doubt}" for limit in (*limits, *bounds) for doubt in limit.doubts)


def _is_star(value: Value) -> bool:
    return value == "*"


def _glob(name: Value) -> str:
    """A name with its unknown parts as wildcards."""
    return "".join(part if isinstance(part, str) else "*" for part in parts_of(name))


def _object_key(value: Value) -> str:
    """The key in the ARN of S3 objects; "" for a bucket's own ARN, which no object's action works on."""
    pieces = [part if isinstance(part, str) else "*" for part in parts_of(value)]
    bucket, slash, key = "".join(pieces).partition("/")
    if slash:
        return key
    return "*" if bucket.endswith("*") else ""
