"""Between two accounts a role's own grant is not enough: the policy of what it writes to has to let the other account in.

Only what is sure takes a grant away: where the policy was read and lets nobody of that account in. Buckets may still know access
lists: nothing is said of them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from untangle.assemble.limits import Asked, Limit
from untangle.assemble.resource_policies import TABLE, OpenTo
from untangle.assemble.statements import Statement
from untangle.assemble.world import Atlas
from untangle.channels.routing import BUS, QUEUE, STREAM, TOPIC
from untangle.model.resource import Resource
from untangle.model.value import Value

FUNCTION = "AWS::Lambda::Function"
PERMISSION = "AWS::Lambda::Permission"
# By type, the operation that tells the policy of a live resource.
_TOLD_BY: Mapping[str, str] = {
    QUEUE: "sqs.GetQueueAttributes",
    TOPIC: "sns.GetTopicAttributes",
    BUS: "events.ListEventBuses",
    STREAM: "kinesis.GetResourcePolicy",
    TABLE: "dynamodb.GetResourcePolicy",
    FUNCTION: "lambda.GetPolicy",
}


class Borders:
    """What the policies of resources say to writers of other accounts."""

    def __init__(self, atlas: Atlas, policies: OpenTo) -> None:
        self._atlas, self._policies = atlas, policies

    def crossing(self, asked: Asked, role: Resource) -> Limit:
        """Whether a role's use of a grant is stopped at the border; nothing is said of what stays within one account."""
        resource = self._atlas.resource(asked.node)
        type_ = resource.type if resource is not None else next((kind.type for kind in asked.channel.kinds), "")
        own, place = self.account(role.stack), self._place(asked.node, resource)
        if type_ not in _TOLD_BY or own is None or place is None or place.split("/")[0] == own:
            return Limit()
        said = self._permissions.get(asked.node, ()) if type_ == FUNCTION else self._policies.on(asked.node)
        answers = [_lets_in(item, own) for item in said if _speaks_of(item, asked.action)]
        if True in answers:
            return Limit()
        doubt = f"the policy of {asked.node} may not let account {own} in"
        told = (f"aws/{place}", _TOLD_BY[type_]) in self._read
        return Limit(taken=True) if told and None not in answers else Limit(doubts=(doubt,))

    def account(self, stack: str) -> str | None:
        """The account that a stack is in; None where it is not known."""
        place = self._atlas.places.of(stack)
        return place.split("/")[0] if place else None

    def _place(self, node: str, resource: Resource | None) -> str | None:
        """Where a node is; one that needs no declaration says it in its id."""
        if resource is not None:
            return self._atlas.places.of(resource.stack)
        place = "/".join(node.split("/")[:2])
        return place if place in self._atlas.places.live else None

    @cached_property
    def _permissions(self) -> Mapping[str, tuple[Statement, ...]]:
        """The policies of functions, each permission a statement."""
        found: dict[str, tuple[Statement, ...]] = {}
        for item in self._atlas.of_type(PERMISSION):
            said = Statement(
                actions=("lambda:*",),
                resources=("*",),
                allow=True,
                location=item.location,
                origin=item.address,
                conditional=any(item.get(name) is not None for name in ("SourceArn", "SourceAccount", "PrincipalOrgID")),
                principals=(item.get("Principal"),),
            )
            for target in self._atlas.function(item.get("FunctionName"), near=item.stack):
                found[target.node] = (*found.get(target.node, ()), said)
        return found

    @cached_property
    def _read(self) -> frozenset[tuple[str, str]]:
        rows = self._atlas.inventory.coverage
        return frozenset((row.source, row.operation) for row in rows if row.outcome == "read")


def _speaks_of(statement: Statement, action: str) -> bool:
    return statement.allow and (statement.names(action) or statement.partial)


def _lets_in(statement: Statement, account: str) -> bool | None:
    """Whether a statement allows something to an account; None: it may."""
    found = [_names(principal, account) for principal in statement.principals]
    if True in found and not (statement.conditional or statement.partial):
        return True
    return None if True in found or None in found else False


def _names(principal: Value, account: str) -> bool | None:
    if not isinstance(principal, str):
        return None
    if principal == "*" or account in principal.split(":") or principal == account:
        return True
    other = principal.isdigit() or principal.startswith("arn:") or principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    return False if other else None
