"""Data sources: what each looks up, written as the ARN, URL or name that it gives.

A name leads to the resource that bears it wherever in the tree it is declared, in whatever format; and to one node outside where
nothing declares it. https://registry.terraform.io/providers/hashicorp/aws/latest/docs (data sources)
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import ACCOUNT, PARTITION, REGION, Imported, Ref, Stored, Symbol, Value, concat
from untangle.scanners.terraform.mapping.functions import invocation_uri
from untangle.scanners.terraform.mapping.references import Lookup

_ARN = ("arn", "id")


def _arn(service: str, rest: str, name: Value, region: Value = REGION, account: Value = ACCOUNT) -> Value:
    return concat(["arn:", PARTITION, f":{service}:", region, ":", account, ":", rest, name])


def named(by: str, service: str, rest: str, *, arns: tuple[str, ...] = ("arn",)) -> Lookup:
    """A look-up by name (the attribute `by`): `arns` are the attributes that give the ARN, all others that are known the name."""

    def look(attributes: Mapping[str, Value], asked: str) -> Value:
        name = attributes.get(by)
        if name is None:
            return attributes.get("arn") if asked in _ARN else None
        if asked in arns:
            return _pointed(name) or _arn(service, rest, name)
        return name if asked in (by, "id", "name") else None

    return look


def _pointed(name: Value) -> Value:
    """The ARN of a resource of the scan that is looked up by its own name or ARN."""
    if isinstance(name, Ref):
        return name if name.attribute == "Arn" else Ref(name.resource, "Arn")
    return None


def _queue(attributes: Mapping[str, Value], asked: str) -> Value:
    name = attributes.get("name")
    if asked in ("url", "id") and name is not None:
        return Ref(name.resource) if isinstance(name, Ref) else _queue_url(name)
    return named("name", "sqs", "")(attributes, asked)


def _queue_url(name: Value) -> Value:
    return concat(["https://sqs.", REGION, ".amazonaws.com/", ACCOUNT, "/", name])


def _function(attributes: Mapping[str, Value], asked: str) -> Value:
    arns = ("arn", "qualified_arn", "invoke_arn", "qualified_invoke_arn")
    found = named("function_name", "lambda", "function:", arns=arns)(attributes, asked)
    return invocation_uri(found) if asked.endswith("invoke_arn") and found is not None else found


def _alias(attributes: Mapping[str, Value], asked: str) -> Value:
    return _function(attributes, {"invoke_arn": "invoke_arn"}.get(asked, "arn"))


def _bucket(attributes: Mapping[str, Value], asked: str) -> Value:
    name = attributes.get("bucket")
    if asked in ("bucket_domain_name", "bucket_regional_domain_name") and name is not None:
        return concat([name, ".s3.amazonaws.com"])
    if asked == "arn" and name is not None:
        return _pointed(name) or concat(["arn:", PARTITION, ":s3:::", name])
    return name if asked in ("id", "bucket") else None


def _table(attributes: Mapping[str, Value], asked: str) -> Value:
    return named("name", "dynamodb", "table/", arns=("arn", "stream_arn"))(attributes, asked)


def _policy(attributes: Mapping[str, Value], asked: str) -> Value:
    if attributes.get("arn") is not None:
        return attributes["arn"] if asked in _ARN else None
    name = attributes.get("name")
    if name is None or asked not in _ARN:
        return name if asked == "name" else None
    return _pointed(name) or concat(["arn:", PARTITION, ":iam::", ACCOUNT, ":policy/", name])


def _parameter(attributes: Mapping[str, Value], asked: str) -> Value:
    name = attributes.get("name")
    if name is None:
        return None
    if asked in ("value", "insecure_value"):
        return Ref(name.resource, "Value") if isinstance(name, Ref) else Stored("ssm", name)
    return _arn("ssm", "parameter/", name) if asked == "arn" else name if asked in ("id", "name") else None


def _secret(attributes: Mapping[str, Value], asked: str) -> Value:
    held = attributes.get("secret_id")
    return Stored("secretsmanager", held) if asked == "secret_string" and held is not None else None


def _export(attributes: Mapping[str, Value], asked: str) -> Value:
    return Imported(attributes["name"]) if asked == "value" and attributes.get("name") is not None else None


_WORDS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}


def _document(attributes: Mapping[str, Value], asked: str) -> Value:
    """A policy document: the text that it was rendered to, or its statements where that is not known yet."""
    if asked not in ("json", "minified_json"):
        return None
    if attributes.get(asked) is not None:
        return attributes[asked]
    listed = attributes.get("statement")
    statements = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, tuple) else []
    return {"Statement": tuple(_statement(item) for item in statements)} if statements else None


def _statement(written: Mapping[str, Value]) -> Value:
    named = {to: written[name] for name, to in _WORDS.items() if written.get(name) not in (None, ())}
    return {"Effect": written.get("effect") or "Allow", **named}


def _account(_: Mapping[str, Value], asked: str) -> Value:
    return ACCOUNT if asked in ("account_id", "id") else None


def _region(attributes: Mapping[str, Value], asked: str) -> Value:
    given = attributes.get("name") or attributes.get("region")
    return (given or REGION) if asked in ("name", "id", "region") else None


def _partition(_: Mapping[str, Value], asked: str) -> Value:
    if asked == "dns_suffix":
        return Symbol("AWS::URLSuffix")
    return PARTITION if asked in ("partition", "id") else None


LOOKUPS: Mapping[str, Lookup] = {
    "aws_caller_identity": _account,
    "aws_region": _region,
    "aws_partition": _partition,
    "aws_sqs_queue": _queue,
    "aws_sns_topic": named("name", "sns", "", arns=_ARN),
    "aws_lambda_function": _function,
    "aws_lambda_alias": _alias,
    "aws_s3_bucket": _bucket,
    "aws_dynamodb_table": _table,
    "aws_kinesis_stream": named("name", "kinesis", "stream/", arns=_ARN),
    "aws_kinesis_firehose_delivery_stream": named("name", "firehose", "deliverystream/", arns=_ARN),
    "aws_cloudwatch_event_bus": named("name", "events", "event-bus/"),
    "aws_sfn_state_machine": named("name", "states", "stateMachine:", arns=_ARN),
    "aws_ecs_task_definition": named("task_definition", "ecs", "task-definition/", arns=(*_ARN, "arn_without_revision")),
    "aws_mq_broker": named("broker_name", "mq", "broker:"),
    "aws_msk_cluster": named("cluster_name", "kafka", "cluster/"),
    "aws_iam_role": named("name", "iam", "role/"),
    "aws_iam_policy": _policy,
    "aws_ssm_parameter": _parameter,
    "aws_secretsmanager_secret_version": _secret,
    "aws_iam_policy_document": _document,
    "aws_cloudformation_export": _export,
}
