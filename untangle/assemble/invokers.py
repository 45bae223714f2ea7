"""Triggers of live functions that only their own policies tell of: the source is in another account, or was not read.

A policy says who may invoke a function, not that it does. It is a witness where no listing could show the trigger: AWS refused
the listing, the source lies in an account or region that is not read, or the service is one that is not asked at all. Where the
listing was read, a statement without a trigger is left over from one that is gone, and says nothing.
https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from untangle.assemble.world import Atlas
from untangle.channels.channel import Found, Target
from untangle.channels.known import each
from untangle.channels.routing import BUCKET, BUS, TOPIC
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.link import Link, LinkKind, Trigger
from untangle.model.resource import Resource
from untangle.model.value import Value

PERMISSION = "AWS::Lambda::Permission"
# The services whose triggers are read, by the first part of their principals, with the type of trigger that each makes.
_READ: Mapping[str, str] = {
    "s3": "s3",
    "sns": "sns",
    "events": "eventbridge",
    "iot": "iot",
    "cognito-idp": "cognito",
    "ses": "ses",
    "logs": "logs",
    "apigateway": "apigateway",
    "elasticloadbalancing": "alb",
    "config": "config_rule",
    "secretsmanager": "secretsmanager",
    "lambda.alarms.cloudwatch": "alarm",
}
_NODES: Mapping[str, str] = {"s3": BUCKET, "sns": TOPIC, "eventbridge": BUS}


@dataclass(frozen=True, slots=True)
class _Statement:
    """One permission for one source; `place` is the account and region that the source's ARN names, as far as it does."""

    permission: Resource
    type: str
    source: str | None
    node: Target | None

    @property
    def note(self) -> str:
        """What the policy says, in words."""
        account = self.permission.get("SourceAccount")
        of = self.source or (f"account {account}" if isinstance(account, str) else "any source")
        return f"only the function's policy tells: {self.permission.get('Principal')}, {of}"


def permitted(atlas: Atlas, found: Iterable[Found]) -> Iterator[Found]:
    """A trigger for each such statement of a live function, and a possible link where its source is a channel."""
    links = [item for item in found if isinstance(item, Link | Trigger)]
    known = {(item.source, item.target) for item in links if isinstance(item, Link)}
    entries = {(item.type, item.function) for item in links if isinstance(item, Trigger)}
    refused = _refused(atlas)
    for permission in atlas.of_type(PERMISSION):
        if permission.stack not in atlas.places.live:
            continue
        for target in atlas.function(permission.get("FunctionName"), near=permission.stack):
            for statement in _statements(atlas, permission):
                told = (statement.node.node, target.node) in known if statement.node else (statement.type, target.node) in entries
                if not told and _is_unread(atlas, statement, refused):
                    yield from _made(statement, target)


def _statements(atlas: Atlas, permission: Resource) -> Iterator[_Statement]:
    principal = permission.get("Principal")
    if not isinstance(principal, str):
        return
    if not principal.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")):
        if _account_of(principal) not in (None, *(place.partition("/")[0] for place in atlas.places.live)):
            yield _Statement(permission, "lambda_invoke", None, None)
        return
    service = principal.partition(".amazon")[0]
    type_ = _READ.get(service) or _READ.get(service.partition(".")[0], service.partition(".")[0])
    for _, source, _ in each(permission.get("SourceArn") or ""):
        named = _channel(atlas, type_, source, permission.stack) if source else None
        yield _Statement(permission, type_, source if isinstance(source, str) and source else None, named)


def _account_of(principal: str) -> str | None:
    """The account that a principal is, or belongs to."""
    fields = principal.split(":")
    account = fields[4] if len(fields) > 5 and fields[2] in ("iam", "sts") else principal
    return account if account.isdigit() and len(account) == 12 else None


def _channel(atlas: Atlas, type_: str, source: Value, near: str) -> Target | None:
    """The channel that a source is, of a rule its bus; None where it is none, or not one."""
    if type_ not in _NODES or not isinstance(source, str) or "*" in source:
        return None
    if type_ == "eventbridge":
        head, _, rule = source.partition(":rule/")
        source = f"{head}:event-bus/{rule.partition('/')[0] if '/' in rule else 'default'}"
    return next(iter(atlas.resolve(source, _NODES[type_], near=near)), None)


def _refused(atlas: Atlas) -> frozenset[tuple[str, str]]:
    """The types of triggers whose listing was refused, each with where (`aws/account/region`)."""
    rows = (row for row in atlas.inventory.coverage if row.outcome != "read" and not row.operation.startswith("lambda."))
    return frozenset((row.source, type_) for row in rows for type_ in row.unseen)


def _is_unread(atlas: Atlas, statement: _Statement, refused: frozenset[tuple[str, str]]) -> bool:
    """Whether no listing that was read would have shown the trigger."""
    own = statement.permission.stack
    if statement.type not in _READ.values() or (f"aws/{own}", statement.type) in refused:
        return True
    account, region = own.split("/")
    fields = statement.source.split(":") if statement.source else []
    there = (fields[4], fields[3]) if len(fields) > 5 else ("", "")
    of = statement.permission.get("SourceAccount")
    if there == ("", "") and isinstance(of, str):
        return of != account and not any(place.startswith(f"{of}/") for place in atlas.places.live)
    if statement.type == "s3":  # the ARN of a bucket tells neither
        return statement.node is not None and statement.node.resource is None
    return "*" not in there[0] + there[1] and f"{there[0] or account}/{there[1] or region}" not in atlas.places.live


def _made(statement: _Statement, target: Target) -> Iterator[Found]:
    node = statement.node.node if statement.node else None
    yield Trigger(type=statement.type, function=target.node, channel=node, note=statement.note)
    if node is not None:
        evidence = Evidence(kind=Witness.PERMITTED, note=statement.note)
        yield Link(
            source=node,
            target=target.node,
            kind=LinkKind.DELIVER,
            confidence=Confidence.POSSIBLE,
            evidence=(evidence,),
        )
