"""Pulumi's names of types and properties, as Terraform's.

The AWS provider is Terraform's behind a bridge: `aws:sqs/queue:Queue` is `aws_sqs_queue`, `visibilityTimeoutSeconds` is
`visibility_timeout_seconds`, lists get a plural and blocks that stand once are objects. What the bridge renames by hand is
listed here, for the types that the tables know. The native provider (`aws-native:`) is CloudFormation's registry, as Terraform's
`awscc` is. https://github.com/pulumi/pulumi-aws/blob/master/provider/resources.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from untangle.model.value import Value
from untangle.scanners.pulumi.special import MAX_DEPTH, Place, marked, plain
from untangle.scanners.terraform.mapping import TABLES, table_of
from untangle.scanners.terraform.mapping.awscc import OPAQUE, PREFIX
from untangle.scanners.terraform.mapping.table import Fields, Many, One

_BRIDGED = re.compile(r"aws:(?P<module>\w+)/\w+:(?P<name>\w+)\Z")
_NATIVE = re.compile(r"aws-native:(?P<module>\w+):(?P<name>\w+)\Z")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MODULES = {"apigateway": "api_gateway"}
# Types whose names follow no rule.
_TYPES = {
    "aws:appsync/dataSource:DataSource": "aws_appsync_datasource",
    "aws:appsync/graphQLApi:GraphQLApi": "aws_appsync_graphql_api",
    "aws:cfg/rule:Rule": "aws_config_config_rule",
    "aws:s3/bucketV2:BucketV2": "aws_s3_bucket",
    "aws:sqs/redrivePolicy:RedrivePolicy": "aws_sqs_queue_redrive_policy",
}
_REST = {"rest_api": "rest_api_id", "deployment": "deployment_id"}
# Properties that the bridge calls otherwise than by rule.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys((type for type in TABLES if type.startswith("aws_api_gateway_")), _REST),
    "aws_cloudwatch_log_subscription_filter": {"log_group": "log_group_name"},
    "aws_cloudwatch_metric_alarm": {"name": "alarm_name"},
    "aws_lambda_function": {"name": "function_name"},
    "aws_lambda_permission": {"function": "function_name"},
    "aws_sns_topic_subscription": {"topic": "topic_arn"},
}


def terraform_type(type: str) -> str | None:
    """Terraform's type for one of Pulumi's; None where no table knows it."""
    native = _NATIVE.match(type)
    if native:
        found = f"{PREFIX}{native['module']}_{native['name']}".lower()
        return found if table_of(found) is not None else None
    bridged = _BRIDGED.match(type)
    if not bridged:
        return None
    module = _MODULES.get(bridged["module"], bridged["module"])
    found = _TYPES.get(type) or f"aws_{module}_{snake(bridged['name'])}"
    return found if found in TABLES else None


def snake(name: str) -> str:
    """`visibilityTimeoutSeconds` as `visibility_timeout_seconds`."""
    return _HUMP.sub("_", name).lower()


def attributes(type: str, given: Mapping[str, Value], place: Place) -> dict[str, Value]:
    """The properties of a resource of this Terraform type under Terraform's names."""
    table = TABLES.get(type)
    if table is None:
        return {snake(key): _native(snake(key), item, place.inside(key), 0) for key, item in given.items()}
    found = _fields(given, table.fields, _RENAMED.get(type, {}), place, 0)
    # What other resources and the account call it.
    for key, item in given.items():
        name = snake(key)
        if name in table.refs and name not in found:
            found[name] = plain(item, place.inside(key))
    return found


def reads(type: str, key: str) -> bool:
    """Whether a property of a resource of this Terraform type is read."""
    table, name = TABLES.get(type), snake(key)
    return table is None or _RENAMED.get(type, {}).get(name, name) in _spelled(tuple(table.fields))


def _fields(given: Mapping[str, Value], fields: Fields, renamed: Mapping[str, str], place: Place, depth: int) -> dict[str, Value]:
    spelled = _spelled(tuple(fields))
    found: dict[str, Value] = {}
    for key, item in given.items():
        name = spelled.get(renamed.get(snake(key), snake(key)))
        if name is not None and depth <= MAX_DEPTH:
            field = fields[name]
            inner = field.fields if isinstance(field, One | Many) else None
            found[name] = _value(item, inner, place.inside(key), depth + 1)
    return found


def _value(item: Value, fields: Fields | None, place: Place, depth: int) -> Value:
    if fields is None or depth > MAX_DEPTH or marked(item) is not None:
        return plain(item, place)
    if isinstance(item, tuple):
        return tuple(_value(inner, fields, place.inside(i), depth + 1) for i, inner in enumerate(item))
    return _fields(item, fields, {}, place, depth) if isinstance(item, Mapping) else plain(item, place)


@lru_cache(maxsize=256)
def _spelled(names: tuple[str, ...]) -> Mapping[str, str]:
    """Terraform's name for each form that the bridge may give it."""
    found = {form: name for name in names for form in _plurals(name)}
    return {**found, **{name: name for name in names}}


def _plurals(name: str) -> Iterator[str]:
    yield from (name + "s", name + "es")
    if name.endswith("y"):
        yield name[:-1] + "ies"
    if name.endswith("is"):
        yield name[:-2] + "es"


def _native(name: str, item: Value, place: Place, depth: int) -> Value:
    """A value of the native provider, whose keys are CloudFormation's down to where the user's own begin."""
    if name in OPAQUE or depth > MAX_DEPTH or marked(item) is not None:
        return plain(item, place)
    if isinstance(item, tuple):
        return tuple(_native("", inner, place.inside(i), depth + 1) for i, inner in enumerate(item))
    if isinstance(item, Mapping):
        return {snake(key): _native(snake(key), inner, place.inside(key), depth + 1) for key, inner in item.items()}
    return plain(item, place)
