"""CloudFormation: the stacks of a region, and which physical thing each logical id of theirs stands for.

That table joins a template with what is deployed. Where it may not be read, the tags that CloudFormation sets say the same
of the things that can be tagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked

# What is being deleted, or never came to be, holds nothing; ListStacks tells of it for ninety days.
_STANDING = [
    "CREATE_COMPLETE", "CREATE_IN_PROGRESS", "DELETE_FAILED", "IMPORT_COMPLETE", "IMPORT_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED", "IMPORT_ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED", "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_FAILED", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS",
]  # fmt: skip
STACK = "AWS::CloudFormation::Stack"
_TAG = "aws:cloudformation:"


def read(place: Place) -> Iterator[Found]:
    """Every stack that stands, with its `Table`: logical id -> {Type, Id}; where that could not be read, what tags say of it."""
    listed = place.ask("cloudformation", "ListStacks", StackStatusFilter=_STANDING)
    stacks = {str(item["StackName"]): item for item in listed.items("StackSummaries")}
    asked = [{"StackName": name} for name in sorted(stacks)]
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for name, answer in zip(sorted(stacks), place.each("cloudformation", "ListStackResources", asked), strict=True):
        if answer.outcome.known:
            tables[name] = _table(answer.items("StackResourceSummaries"))
    if not listed.outcome.known or tables.keys() != stacks.keys():
        for name, tagged in _tagged(place).items():
            stacks.setdefault(name, {"StackName": name})
            tables.setdefault(name, tagged)
    for name, item in sorted(stacks.items()):
        properties = {**picked(item, "StackName", "ParentId"), "Table": tables.get(name)}
        yield place.resource(STACK, f"stack:{name}", properties, arn=item.get("StackId"), ref=item.get("StackId"))


def _table(rows: Iterator[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What has no physical id yet is not there."""
    found = (row for row in rows if row.get("PhysicalResourceId") and row.get("LogicalResourceId"))
    return {str(row["LogicalResourceId"]): {"Type": row.get("ResourceType"), "Id": row["PhysicalResourceId"]} for row in found}


def _tagged(place: Place) -> dict[str, dict[str, dict[str, Any]]]:
    """Stack name -> logical id -> ARN, of everything that CloudFormation tagged; the types are not told."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    answer = place.ask("resourcegroupstaggingapi", "GetResources", TagFilters=[{"Key": f"{_TAG}stack-name"}])
    for item in answer.items("ResourceTagMappingList"):
        tags = {str(tag.get("Key")): str(tag.get("Value")) for tag in item.get("Tags") or () if isinstance(tag, Mapping)}
        stack, logical = tags.get(f"{_TAG}stack-name"), tags.get(f"{_TAG}logical-id")
        if stack and logical:
            found.setdefault(stack, {})[logical] = {"Type": None, "Id": item.get("ResourceARN")}
    return found


READER = Reader(title="CloudFormation stacks", read=read)
