"""What takes a grant away: statements that deny it, and a permissions boundary that does not allow it.

Only what is sure takes it away. Where there is a condition, a name that is not known, or a boundary that was not read, the grant
stays, and says so.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from untangle.assemble.identify import identify, is_wildcard
from untangle.assemble.statements import Statement
from untangle.assemble.world import Atlas
from untangle.channels.channel import Channel
from untangle.model.value import Value, parts_of

Covers: TypeAlias = bool | None  # None: it may


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One use of a grant: an action on a node of a channel. `key` is that of S3 objects, "*" where it may be any."""

    action: str
    node: str
    channel: Channel
    stack: str
    key: str = "*"


@dataclass(frozen=True, slots=True)
class Limit:
    """What limits say of one use: whether it is surely taken away, and what might take it away."""

    taken: bool = False
    doubts: tuple[str, ...] = ()


def denied(atlas: Atlas, asked: Asked, statements: Iterable[Statement]) -> Limit:
    """What the statements that deny say."""
    doubts: list[str] = []
    for statement in statements:
        if statement.allow or not is_about(statement, asked.action):
            continue
        covered = _spoken_of(atlas, asked, statement)
        sure = statement.names(asked.action) and not (statement.conditional or statement.partial)
        if covered and sure:
            return Limit(taken=True)
        if covered is not False:
            doubts.append(f"a Deny of {statement.origin} may forbid it")
    return Limit(doubts=tuple(dict.fromkeys(doubts)))


def is_about(statement: Statement, action: str) -> bool:
    """Whether a statement speaks of an action, or may."""
    return statement.names(action) or (statement.partial and not statement.but_actions)


def bounded(atlas: Atlas, asked: Asked, statements: Iterable[Statement], name: str) -> Limit:
    """What a permissions boundary says: it grants nothing by itself, and takes away what it does not allow."""
    read = tuple(statements)
    forbidden = denied(atlas, asked, read)
    if forbidden.taken:
        return forbidden
    answers: list[Covers] = []
    for statement in read:
        if statement.allow and (statement.names(asked.action) or statement.partial):
            covered = _spoken_of(atlas, asked, statement)
            sure = statement.names(asked.action) and not (statement.conditional or statement.partial)
            answers.append(covered if sure or covered is False else None)
    if any(answers):
        return forbidden
    if read and None not in answers:
        return Limit(taken=True)
    return Limit(doubts=(*forbidden.doubts, f"the permissions boundary {name} may not allow it"))


def _spoken_of(atlas: Atlas, asked: Asked, statement: Statement) -> Covers:
    """Whether a statement speaks of the resource."""
    answers = [covers(atlas, asked, value) for value in statement.resources]
    found: Covers = True if True in answers else None if None in answers else False
    return found if not statement.but_resources else None if found is None else not found


def covers(atlas: Atlas, asked: Asked, value: Value) -> Covers:
    """Whether a resource in a statement takes in the node that is asked for."""
    if value == "*":
        return True
    types = atlas.types_of(asked.channel)
    targets = atlas.resolve(value, *types, near=asked.stack)
    if targets:
        named = any(target.node == asked.node for target in targets)
        return named and not _is_below(value, asked) and _takes_key(value, asked)
    literal = isinstance(value, str)
    if not is_wildcard(value):
        return False if literal else None
    by_arn = _by_arn(atlas, asked, value) if isinstance(value, str) else None
    return _by_name(atlas, asked, value, types) if by_arn is None else by_arn and _takes_key(value, asked)


def _is_below(value: Value, asked: Asked) -> bool:
    """Whether an ARN names a part of the thing (an index of a table, an alias of a function), not the thing itself."""
    if asked.action.startswith("s3:"):
        return False
    text = _glob(value)
    if not text.startswith("arn:"):
        return any(isinstance(part, str) and part.startswith(("/", ":")) for part in parts_of(value)[1:2])
    rest = text.split(":", 5)[-1]
    return any(
        rest.count(mark) > max(kind.arn.count(mark) for kind in asked.channel.kinds) for mark in "/:" if asked.channel.kinds
    )


def _by_arn(atlas: Atlas, asked: Asked, pattern: str) -> bool | None:
    """A pattern against the whole ARN of what is deployed; None where that is not known."""
    resource = atlas.resource(asked.node)
    if resource is None or resource.deployed is None:
        return None
    whole = pattern.partition("/")[0] if asked.action.startswith("s3:") and not pattern.startswith("*") else pattern
    return fnmatchcase(resource.deployed, whole) or fnmatchcase(resource.deployed, whole.removesuffix("/*"))


def _by_name(atlas: Atlas, asked: Asked, value: Value, types: tuple[str, ...]) -> Covers:
    """A pattern in which the account or region is open, against the name of what is declared."""
    named = identify(value, atlas.kinds)
    if named is None:
        return None
    if named.type not in types:
        return False
    pattern = _glob(named.name)
    if pattern == "*":
        return _takes_key(value, asked)
    resource = atlas.resource(asked.node)
    kind = next((kind for kind in atlas.kinds_of(asked.channel) if resource is not None and kind.type == resource.type), None)
    own = asked.node.rpartition("/")[2] if resource is None else None
    name = atlas.text(resource.get(kind.name)) if resource is not None and kind is not None and kind.name else own
    if name is None:
        return None
    if not fnmatchcase(name, pattern):
        return False
    return _takes_key(value, asked) if all(isinstance(part, str) for part in parts_of(named.name)) else None


def _takes_key(value: Value, asked: Asked) -> Covers:
    """Of S3, whether the keys that a pattern names take in all that the grant is for."""
    if not asked.action.startswith("s3:"):
        return True
    bucket, slash, key = _glob(value).partition("/")
    if not slash:
        return bucket.endswith("*")
    whole = all(isinstance(part, str) for part in parts_of(value)[1:])
    if fnmatchcase(asked.key, key):
        return True if whole else None
    leads = (asked.key.partition("*")[0], key.partition("*")[0])
    return None if is_wildcard(asked.key) and any(a.startswith(b) for a, b in (leads, leads[::-1])) else False


def _glob(value: Value) -> str:
    """A text with its unknown parts as wildcards."""
    return "".join(part if isinstance(part, str) else "*" for part in parts_of(value))
