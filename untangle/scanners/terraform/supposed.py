"""A module whose source is not in the tree, and which nobody knows: what its name and the arguments of its call show it to make.

Teams keep their modules in repositories of their own. A call that hands a runtime and a handler to `…/terraform-lambda.zip`
makes a function all the same, and `…/terraform-sqs` a queue. Only modules of one service are taken so, only the one resource
that such a module is for, and nothing that it may name by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from untangle.scanners.terraform.module import Declared
from untangle.scanners.terraform.syntax import Attribute, Get, Literal, Object, Template, Tuple

_KINDS = {
    **dict.fromkeys(("lambda", "lambdas", "function"), "function"),
    **dict.fromkeys(("sqs", "queue", "sqsqueue"), "queue"),
    **dict.fromkeys(("sns", "topic", "snstopic"), "topic"),
    **dict.fromkeys(("s3", "bucket", "s3bucket"), "bucket"),
    **dict.fromkeys(("dynamodb", "dynamo", "table"), "table"),
}
# What such a module is also called; any other word of a source may stand for something else that it makes.
_PLAIN = re.compile(r"terraform|tf|aws|modules?|fifo|standard|simple|base|basic|generic|common|encrypted|secure|private|v?\d+")
_NAMES = frozenset({"function_name", "lambda_name", "lambda_function_name"})
_CODE = frozenset({"runtime", "handler", "image_uri", "lambda_runtime", "lambda_handler", "package_type"})
_DEAD = re.compile(r"dlq|dead_?letter")
_VARIABLES = re.compile(r"env\w*_?var|environment_variables")
_EVENTBRIDGE = re.compile(r"event_?bridge\w*[\"']?\s*[=:]\s*true")
_SETTINGS = {
    "function": ("handler", "runtime", "timeout", "image_uri", "package_type", "architectures"),
    "queue": ("fifo_queue", "visibility_timeout_seconds", "delay_seconds", "content_based_deduplication", "redrive_policy"),
    "topic": ("fifo_topic",),
    "bucket": (),
    "table": ("hash_key", "range_key", "stream_enabled", "stream_view_type"),
}
# What a module may set by itself: where a call does not say it, it is not known, rather than Amazon's default.
_DEFAULTED = frozenset({"timeout", "visibility_timeout_seconds", "delay_seconds", "redrive_policy"})
_TYPES = {
    "function": "aws_lambda_function",
    "queue": "aws_sqs_queue",
    "topic": "aws_sns_topic",
    "bucket": "aws_s3_bucket",
    "table": "aws_dynamodb_table",
}
# What its outputs begin with, and the attribute that each ending means.
_PREFIXES = {
    "function": ("", "function_", "lambda_", "lambda_function_"),
    "queue": ("", "queue_", "sqs_", "sqs_queue_"),
    "topic": ("", "topic_", "sns_", "sns_topic_"),
    "bucket": ("", "bucket_", "s3_", "s3_bucket_"),
    "table": ("", "table_", "dynamodb_", "dynamodb_table_"),
}
_ENDINGS = {
    "function": {"arn": "arn", "name": "function_name", "invoke_arn": "invoke_arn", "qualified_arn": "arn"},
    "queue": {"arn": "arn", "url": "url", "id": "id", "name": "name"},
    "topic": {"arn": "arn", "id": "id", "name": "name"},
    "bucket": {"arn": "arn", "id": "id", "name": "id", "bucket": "id"},
    "table": {"arn": "arn", "id": "id", "name": "name", "stream_arn": "stream_arn"},
}
_DEAD_PREFIXES = ("dlq_", "sqs_dlq_", "queue_dlq_", "dead_letter_queue_", "deadletter_queue_", "dlq_queue_", "sqs_queue_dlq_")


def kind_of(call: Declared, source: str) -> str | None:
    """What a module makes: "function", "queue", "topic", "bucket" or "table"; None where that does not show."""
    tail = re.split(r"[?#]", source)[0].rstrip("/").rpartition("/")[2]
    words = [word for word in re.split(r"[^a-z0-9]+", re.sub(r"\.(git|zip|tgz|tar\.gz)\Z", "", tail.lower())) if word]
    kinds = {_KINDS[word] for word in words if word in _KINDS}
    arguments = call.block.body.attributes.keys()
    if _CODE & arguments and (_NAMES & arguments or kinds == {"function"}):
        return "function"
    plain = all(word in _KINDS or _PLAIN.fullmatch(word) for word in words)
    return next(iter(kinds)) if plain and len(kinds) == 1 and kinds != {"function"} else None


def configuration_of(call: Declared, kind: str) -> str:
    """The text of a module that makes the one thing, from the arguments of the call."""
    arguments = call.block.body.attributes
    told = [name for name in _SETTINGS[kind] if name in arguments or name in _DEFAULTED]
    lines = [f'variable "{name}" {{}}' for name in sorted({*arguments, *told})]
    extra = {"function": _function, "queue": _queue, "bucket": _bucket}.get(kind)
    inside, beside = extra(arguments) if extra is not None else ([], [])
    settings = [f"  {name} = var.{name}" for name in told if not any(line.startswith(f"  {name} =") for line in inside)]
    lines += [f'resource "{_TYPES[kind]}" "this" {{', *settings, *inside, "}", *beside]
    this = f"{_TYPES[kind]}.this"
    lines += [
        f'output "{prefix}{ending}" {{ value = {this}.{name} }}'
        for prefix in _PREFIXES[kind]
        for ending, name in _ENDINGS[kind].items()
    ]
    return "\n".join(lines) + "\n"


_Parts = tuple[list[str], list[str]]


def _function(arguments: Mapping[str, Attribute]) -> _Parts:
    inside = ["  role = aws_iam_role.this.arn"]
    for name, attribute in arguments.items():
        if _VARIABLES.search(name) or (name in ("env", "environment") and isinstance(attribute.value, Object)):
            inside.append(f"  environment {{\n    variables = try(var.{name}.variables, var.{name})\n  }}")
            break
    beside = ['resource "aws_iam_role" "this" {}']
    for number, (kind, value) in enumerate(_policies(arguments)):
        if kind == "arn":
            made = ("aws_iam_role_policy_attachment", f"policy_arn = {value}")
        else:
            made = ("aws_iam_role_policy", f"policy = {value}")
        beside.append(f'resource "{made[0]}" "p{number}" {{\n  role = aws_iam_role.this.name\n  {made[1]}\n}}')
    beside += [
        f'output "{prefix}role_{ending}" {{ value = aws_iam_role.this.{ending} }}'
        for prefix in ("", "iam_", "lambda_", "execution_")
        for ending in ("arn", "name")
    ]
    return inside, beside


def _policies(arguments: Mapping[str, Attribute]) -> Iterator[tuple[str, str]]:
    """The policies that are handed to a function's role: texts of policies, or ARNs of such."""
    for name, attribute in arguments.items():
        if not re.search(r"polic(y|ies)", name) or re.search(r"resource|boundary|assume|trust|kms|key", name):
            continue
        value = attribute.value
        if isinstance(value, Literal | Template):
            continue
        if isinstance(value, Object):
            keys = {key.value for key, _, _ in value.items if isinstance(key, Literal)}
            found = next((key for key in ("body", "json", "policy") if key in keys), None)
            if found is not None:
                yield "json", f"var.{name}.{found}"
        elif isinstance(value, Tuple):
            for number, item in enumerate(value.items):
                yield _form(item), f"var.{name}[{number}]"
        else:
            yield _form(value), f"var.{name}"


def _form(node: object) -> str:
    return "arn" if isinstance(node, Get) and node.name == "arn" else "json"


def _queue(arguments: Mapping[str, Attribute]) -> _Parts:
    given = [item.value for name, item in arguments.items() if _DEAD.search(name)]
    if "redrive_policy" in arguments or not any(value != Literal(False) for value in given):
        return [], []
    redrive = "jsonencode({ deadLetterTargetArn = aws_sqs_queue.dlq.arn, maxReceiveCount = var.max_receive_count })"
    beside = [] if "max_receive_count" in arguments else ['variable "max_receive_count" {}']
    beside.append('resource "aws_sqs_queue" "dlq" {}')
    beside += [
        f'output "{prefix}{ending}" {{ value = aws_sqs_queue.dlq.{name} }}'
        for prefix in _DEAD_PREFIXES
        for ending, name in _ENDINGS["queue"].items()
    ]
    return [f"  redrive_policy = {redrive}"], beside


def _bucket(arguments: Mapping[str, Attribute]) -> _Parts:
    if not any(_EVENTBRIDGE.search(f"{name} = {item.text}") for name, item in arguments.items()):
        return [], []
    return [], ['resource "aws_s3_bucket_notification" "this" {\n  bucket = aws_s3_bucket.this.id\n  eventbridge = true\n}']
