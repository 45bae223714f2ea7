"""Reading a name, ARN or queue URL: which kind of thing it names, and by what name.

The text may be partly unknown (`arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Stage}-orders`); unknown parts are
kept, so that the same text in two places names the same thing.
Formats: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and the SQS guide on queue URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from untangle.channels.channel import Kind
from untangle.model.value import Concat, Imported, Ref, Stored, Symbol, Value, concat, parts_of, split

_QUEUE_URL = re.compile(r"https?://(?:sqs\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.)?[^/]*/(\d{12})/")

COMPUTE_TYPES = ("AWS::Lambda::Function", "AWS::ECS::TaskDefinition")
# Ref of these gives an ARN or URL, never a bare name.
REF_IS_NOT_NAME = frozenset(
    {"AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::IAM::ManagedPolicy", "AWS::Pipes::Pipe"}
)
# Resources that stand for another one: which property names it.
STANDS_FOR: Mapping[str, str] = {
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Lambda::Url": "TargetFunctionArn",
    "AWS::Kinesis::StreamConsumer": "StreamARN",
    "AWS::SSM::Parameter": "Value",
}
# Things that are named in templates and code but are not channels themselves.
NAMED_KINDS: tuple[Kind, ...] = (
    Kind(type="AWS::Lambda::Function", name="FunctionName", service="lambda", arn="function:{name}"),
    Kind(type="AWS::ECS::TaskDefinition", name="Family", service="ecs", arn="task-definition/{name}"),
    Kind(type="AWS::IAM::Role", name="RoleName", service="iam", arn="role/{name}"),
    Kind(type="AWS::IAM::ManagedPolicy", name="ManagedPolicyName", service="iam", arn="policy/{name}"),
    Kind(type="AWS::SSM::Parameter", name="Name", service="ssm", arn="parameter/{name}"),
    Kind(type="AWS::Kinesis::StreamConsumer", name="ConsumerName", service="kinesis", arn="consumer/{name}"),
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: the resource type and the name. `account` is the ARN's or URL's account field, if any."""

    type: str
    name: Value
    account: Value = ""


def identify(value: Value, kinds: Iterable[Kind]) -> Named | None:
    """What an ARN or queue URL names, among these kinds; None where it is neither."""
    lead = parts_of(value)[0]
    if isinstance(lead, str) and lead.startswith("arn:"):
        return _from_arn(value, kinds)
    if isinstance(lead, str) and lead.startswith(("https://sqs.", "https://queue.amazonaws", "http://sqs.")):
        return _from_queue_url(value)
    return None


def is_wildcard(value: Value) -> bool:
    """Whether any literal part of a text holds a `*` or `?`."""
    return any(isinstance(part, str) and ("*" in part or "?" in part) for part in parts_of(value))


def _from_arn(value: Value, kinds: Iterable[Kind]) -> Named | None:
    fields = split(value, ":")
    if len(fields) < 6:
        return None
    service, account = fields[2], fields[4]
    rest = concat([piece for i, field in enumerate(fields[5:]) for piece in ((":", field) if i else (field,))])
    for kind in kinds:
        if kind.service == service:
            name = _strip(rest, kind.arn)
            if name is not None:
                return Named(kind.type, name, account)
    return None


def _strip(rest: Value, pattern: str) -> Value | None:
    """The name in the last part of an ARN, qualifiers (`:live`, `/stream/…`, `/*`) cut off."""
    prefix = pattern.partition("{name}")[0]
    parts = list(parts_of(rest))
    if prefix:
        if not (isinstance(parts[0], str) and parts[0].startswith(prefix)):
            return None
        parts[0] = parts[0][len(prefix) :]
    name = concat(parts)
    if pattern.startswith(("function:", "stateMachine:", "task-definition/", "broker:")):
        return split(name, ":")[0]
    if pattern.startswith(("table/", "stream/", "cluster/")) or pattern == "{name}":
        return split(name, "/")[0]
    return name


def _from_queue_url(value: Value) -> Named:
    segments = split(value, "/")
    account = segments[-2] if len(segments) >= 5 else ""
    return Named("AWS::SQS::Queue", segments[-1], account)


def key_of(name: Value) -> Value | None:
    """A hashable identity of a name; None where it holds structure (a mapping, alternatives)."""
    if isinstance(name, str | Symbol | Concat | Imported | Stored):
        return name if _hashable(name) else None
    return None


def _hashable(name: Value) -> bool:
    try:
        hash(name)
    except TypeError:
        return False
    return True


def bare(name: Value, type_: str) -> Value:
    """A function may be named with its qualifier (`orders:live`), a task definition with its revision."""
    if type_ in COMPUTE_TYPES and isinstance(name, str) and ":" in name:
        return name.split(":")[0]
    return name


def parameter_key(name: Value) -> Value:
    """SSM names with and without a leading slash are told apart by SSM only below a hierarchy; a version is cut off."""
    first, *rest = parts_of(name)
    cut = concat([first.lstrip("/"), *rest]) if isinstance(first, str) else name
    return cut.split(":")[0] if isinstance(cut, str) else cut


def sole_ref(value: Value) -> Value:
    """The one pointer in a text such as `${Table.Arn}/index/*` or `${Fn.Arn}:live`; None in any other text."""
    if not isinstance(value, Concat) or not isinstance(value.parts[0], Ref | Imported | Stored):
        return None
    rest = value.parts[1:]
    tail = rest[0] if len(rest) >= 1 else ""
    return value.parts[0] if isinstance(tail, str) and tail.startswith(("/", ":")) else None


def is_foreign(account: Value) -> bool:
    """Whether an account field is a literal: such a thing may lie in another account."""
    return isinstance(account, str) and account.isdigit()


def place_of(value: Value, own: str | None) -> tuple[str, str]:
    """The account and region that an ARN or queue URL names; where one is not literal, that of the place `own`, else ""."""
    account, region = own.split("/") if own is not None else ("", "")
    named: tuple[Value, ...] = ()
    lead = parts_of(value)[0]
    if isinstance(lead, str) and lead.startswith("arn:"):
        named = split(value, ":")[3:5]
    elif isinstance(value, str) and (url := _QUEUE_URL.match(value)):
        named = (url[1], url[2])
    literal = [item if isinstance(item, str) else "" for item in (*named, "", "")]
    return literal[1] or account, literal[0] or region


def lies_elsewhere(deployed: str | None, value: Value) -> bool:
    """Whether an ARN or queue URL names another region or account than that of a live thing (`deployed`, its ARN).

    What is not literal contradicts nothing, and neither does a field that is left out or holds a wildcard.
    """
    if deployed is None or not isinstance(value, str):
        return False
    own = deployed.split(":")[3:5]
    if value.startswith("arn:"):
        named = value.split(":")[3:5]
    else:
        url = _QUEUE_URL.match(value)
        named = [url[1] or "", url[2]] if url else []
    return any(here and there and "*" not in there and here != there for here, there in zip(own, named, strict=False))
