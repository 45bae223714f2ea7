"""Policies that hang on the resources themselves and name the roles that may write: of queues, topics, functions and others.

Within one account such a statement is enough; for a role of another account its own policies have to allow it too, which a
wildcard does as a rule. Statements for whole accounts or for everybody name no producer and are no grants.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from untangle.assemble.statements import Statement, each, statements
from untangle.assemble.world import Atlas
from untangle.channels.known import decoded
from untangle.channels.routing import BUCKET, BUS, QUEUE, STREAM, TOPIC
from untangle.model.resource import Resource
from untangle.model.value import Value

ROLE = "AWS::IAM::Role"
TABLE = "AWS::DynamoDB::Table"
# The types that attach a policy to a resource: the property that names it, its type, and the route to the document.
_ATTACHED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("AWS::SQS::QueuePolicy", "Queues", QUEUE, ("PolicyDocument",)),
    ("AWS::SNS::TopicPolicy", "Topics", TOPIC, ("PolicyDocument",)),
    ("AWS::S3::BucketPolicy", "Bucket", BUCKET, ("PolicyDocument",)),
    ("AWS::Kinesis::ResourcePolicy", "ResourceArn", STREAM, ("ResourcePolicy",)),
)
_BUS_POLICY = "AWS::Events::EventBusPolicy"
FUNCTION, PERMISSION = "AWS::Lambda::Function", "AWS::Lambda::Permission"


class OpenTo:
    """Which nodes the policies of resources open to which role."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas

    def to(self, role: str, types: tuple[str, ...]) -> Iterator[tuple[str, Statement]]:
        """The nodes of these types that are open to a role, each with the statement that says so."""
        for type_, node, statement in self._found.get(role, ()):
            if type_ in types:
                yield node, statement

    def on(self, node: str) -> tuple[Statement, ...]:
        """All statements of the policies on a node."""
        return self._on.get(node, ())

    @cached_property
    def _on(self) -> Mapping[str, tuple[Statement, ...]]:
        found: dict[str, tuple[Statement, ...]] = {}
        for _, node, statement in self._all():
            found[node] = (*found.get(node, ()), statement)
        return found

    @cached_property
    def _found(self) -> Mapping[str, list[tuple[str, str, Statement]]]:
        found: dict[str, list[tuple[str, str, Statement]]] = {}
        for type_, node, statement in self._all():
            for principal in statement.principals if statement.allow else ():
                for role in self._roles(principal):
                    found.setdefault(role, []).append((type_, node, statement))
        return found

    def _all(self) -> Iterator[tuple[str, str, Statement]]:
        for policy_type, name, type_, route in _ATTACHED:
            for policy in self._atlas.of_type(policy_type):
                read = tuple(statements(policy, route, policy.get(*route), 1, f"policy {policy.address}"))
                for node in self._nodes(policy, policy.get(name), type_):
                    yield from ((type_, node, statement) for statement in read)
        for policy in self._atlas.of_type(_BUS_POLICY):
            value = policy.get("EventBusName")
            for node in self._nodes(policy, "default" if value is None else value, BUS):
                yield from ((BUS, node, statement) for statement in self._of_bus(policy))
        for table in self._atlas.of_type(TABLE):
            route = ("ResourcePolicy", "PolicyDocument")
            for statement in statements(table, route, table.get(*route), 1, f"policy of {table.address}"):
                yield TABLE, table.id, statement

        for permission in self._atlas.of_type(PERMISSION):
            invoking = _invoking(permission)
            if invoking is not None:
                for target in self._atlas.function(permission.get("FunctionName"), near=permission.stack):
                    yield FUNCTION, target.node, invoking

    def _of_bus(self, policy: Resource) -> Iterator[Statement]:
        """A statement of its own, or its parts as properties."""
        origin = f"policy {policy.address}"
        written = policy.get("Statement")
        if isinstance(written, str):
            written = decoded(self._atlas, written)
        if written is None:
            written = {"Action": policy.get("Action"), "Principal": policy.get("Principal"), "Resource": "*"}
        yield from statements(policy, (), {"Statement": written}, 1, origin)

    def _nodes(self, policy: Resource, value: Value, type_: str) -> list[str]:
        return [target.node for item in each(value) for target in self._atlas.resolve(item, type_, near=policy.stack)]

    def _roles(self, principal: Value) -> list[str]:
        if isinstance(principal, str) and principal in self._by_arn:
            return [self._by_arn[principal]]
        if isinstance(principal, str) and ":role/" not in principal:
            return []  # an account, a user, everybody
        return [target.node for target in self._atlas.resolve(principal, ROLE) if target.resource is not None]

    @cached_property
    def _by_arn(self) -> Mapping[str, str]:
        return {role.deployed: role.id for role in self._atlas.of_type(ROLE) if role.deployed}


def _invoking(permission: Resource) -> Statement | None:
    """The statement of a function's policy that is not about a service; None where it is."""
    principal = permission.get("Principal")
    if isinstance(principal, str) and principal.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")):
        return None
    action = permission.get("Action")
    return Statement(
        actions=(action if isinstance(action, str) else "lambda:InvokeFunction",),
        resources=("*",),
        allow=True,
        location=permission.location,
        origin=f"permission {permission.address}",
        principals=(principal,),
    )
