"""The SAM resources that are a CloudFormation resource under shorter names: SimpleTable and LayerVersion."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.resource import Resource
from untangle.model.value import Value
from untangle.scanners.sam.draft import Draft, Moved
from untangle.scanners.sam.function import location, tags
from untangle.scanners.sam.part import each

_KEY_TYPES = {"String": "S", "Number": "N", "Binary": "B"}


def expand_table(draft: Draft, resource: Resource) -> None:
    """SimpleTable: a DynamoDB table with one key, `id` where none is written."""
    key = resource.get("PrimaryKey")
    name, kind = (key.get("Name"), key.get("Type")) if isinstance(key, Mapping) else (None, None)
    name = name or "id"
    letter = _KEY_TYPES.get(kind, "S") if isinstance(kind, str) else "S"
    known = ("PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification", "TableName")
    values: dict[str, Value] = {key: resource.get(key) for key in known}
    values |= {
        "AttributeDefinitions": ({"AttributeName": name, "AttributeType": letter},),
        "KeySchema": ({"AttributeName": name, "KeyType": "HASH"},),
        "BillingMode": "PAY_PER_REQUEST" if resource.get("ProvisionedThroughput") is None else None,
        "Tags": each(resource.get("Tags"), tags),
    }
    moved: list[Moved] = [((key,), (key,)) for key in (*known, "Tags")]
    moved += [((key,), ("PrimaryKey",)) for key in ("AttributeDefinitions", "KeySchema")]
    draft.keep(resource, "AWS::DynamoDB::Table", values, moved)


def expand_layer(draft: Draft, resource: Resource) -> None:
    """LayerVersion: the layer under its own logical id (SAM adds a hash), its content a local path or an S3 object."""
    dropped = {"ContentUri", "RetentionPolicy", "PublishLambdaVersion"}
    values: dict[str, Value] = {key: value for key, value in resource.properties.items() if key not in dropped}
    values["LayerName"] = resource.get("LayerName") or resource.address
    values["Content"] = each(resource.get("ContentUri"), location)
    moved: list[Moved] = [((key,), (key,)) for key in resource.properties]
    draft.keep(resource, "AWS::Lambda::LayerVersion", values, [*moved, (("Content",), ("ContentUri",))])
