"""What has to be there before: items, objects and parameters that handlers looked for in a first run and did not find.

A shop without stock reserves nothing, and a proof over it would prove nothing. So what a run missed is put there, with attributes
by which the conditions of the calls hold, and the input is run again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from untangle.simulate.call import ApiCall
from untangle.simulate.happening import Happening
from untangle.simulate.normal import key
from untangle.simulate.verify.outcome import call_of
from untangle.simulate.verify.sample import Sampler

PLENTY = 1_000_000  # of what must be at least something
_COMPARISON = re.compile(r"([#\w.]+)\s*(=|<>|<=|>=|<|>)\s*(:\w+)")
_SUM = re.compile(r"([#\w.]+)\s*=\s*(?:if_not_exists\([^)]*\)|([#\w.]+))\s*[+-]\s*(:\w+)")
_TYPES = frozenset({"S", "N", "B", "BOOL", "M", "L", "SS", "NS", "BS", "NULL"})
_Item = dict[str, Any]


def missing(log: Sequence[Happening], sampler: Sampler) -> list[ApiCall]:
    """Calls that put there what a run missed, each once."""
    found: dict[str, ApiCall] = {}
    for item in log:
        if item.kind == "call":
            for call in _for(call_of(item), item.detail, sampler):
                found.setdefault(_place(call), call)
    return list(found.values())


def _place(call: ApiCall) -> str:
    """What a call puts something into: one item is there once."""
    params = call.params
    if call.operation == "PutItem":
        return key([params["TableName"], sorted(params["Item"].items(), key=str)[:4]])
    return key([call.operation, {name: value for name, value in params.items() if name in ("Bucket", "Key", "Name")}])


def _for(call: ApiCall, detail: Mapping[str, Any], sampler: Sampler) -> Iterator[ApiCall]:
    error = detail.get("error")
    code = str(error.get("code", "") if isinstance(error, Mapping) else error or "")
    params = call.params
    if call.service == "dynamodb":
        yield from _items(call, code, detail, sampler)
    elif call.service == "s3" and call.operation in ("GetObject", "HeadObject", "CopyObject") and code in _NO_OBJECT:
        if isinstance(params.get("Key"), str):
            body = sampler.file(params["Key"], (call.caller,))
            there = {"Bucket": params["Bucket"], "Key": params["Key"], "Body": body}
            yield ApiCall(service="s3", operation="PutObject", params=there)
    elif call.service == "ssm" and code == "ParameterNotFound" and "Name" in params:
        value = {"Name": params["Name"], "Value": str(sampler.leaf("parameter")), "Type": "String"}
        yield ApiCall(service="ssm", operation="PutParameter", params=value)
    elif call.service == "secretsmanager" and code == "ResourceNotFoundException" and "SecretId" in params:
        name = str(params["SecretId"]).rpartition(":secret:")[2] or str(params["SecretId"])
        yield ApiCall(service="secretsmanager", operation="CreateSecret", params={"Name": name, "SecretString": "{}"})


_NO_OBJECT = frozenset({"NoSuchKey", "404", "NotFound"})


def _items(call: ApiCall, code: str, detail: Mapping[str, Any], sampler: Sampler) -> Iterator[ApiCall]:
    params = call.params
    response = detail.get("response") or {}
    if call.operation == "GetItem" and not code and not response.get("Item"):
        yield _put(params["TableName"], params["Key"], {}, sampler, call.caller)
    elif call.operation in ("Query", "Scan") and not code and not response.get("Items") and not params.get("ExclusiveStartKey"):
        wanted = _holding({**params, "ConditionExpression": params.get("KeyConditionExpression", "")})
        yield _put(params["TableName"], {}, wanted, sampler, call.caller)
    elif call.operation == "UpdateItem" and code == "ConditionalCheckFailedException":
        yield _put(params["TableName"], params["Key"], _holding(params), sampler, "")
    elif call.operation == "TransactWriteItems" and code.startswith("TransactionCanceled"):
        for entry in params.get("TransactItems", ()):
            for kind in ("Update", "ConditionCheck", "Delete"):
                inner = entry.get(kind)
                if isinstance(inner, Mapping):
                    yield _put(inner["TableName"], inner["Key"], _holding(inner), sampler, "")


def _put(table: str, item_key: Mapping[str, Any], values: _Item, sampler: Sampler, function: str) -> ApiCall:
    """An item with its key, the values that conditions ask for, and what else the function's code looks up."""
    item: _Item = {name: _typed(value) for name, value in item_key.items()}
    for name, kind in sampler.keys.get(table, {}).items():
        value = sampler.leaf(name)
        known = value if isinstance(value, int | float) else 1
        item.setdefault(name, {"N": str(known)} if kind == "N" else {"S": str(value)})
    if function:
        row = sampler.rows(function)[0]
        item |= {name: _typed(value) for name, value in row.items() if name not in item}
    item |= {name: value for name, value in values.items() if name not in item_key}
    return ApiCall(service="dynamodb", operation="PutItem", params={"TableName": table, "Item": item})


def _typed(value: Any) -> Mapping[str, Any]:
    """A value as an attribute; one that is an attribute already stays as it is."""
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _TYPES:
        return value
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    return {"S": str(value)}


def _holding(params: Mapping[str, Any]) -> _Item:
    """Attributes by which the expressions of a call hold (DynamoDB developer guide, "Condition expressions")."""
    names: Mapping[str, str] = params.get("ExpressionAttributeNames") or {}
    given: Mapping[str, Any] = params.get("ExpressionAttributeValues") or {}
    values = {name: _typed(value) for name, value in given.items()}
    found: _Item = {}
    for text in (str(params.get("UpdateExpression", "")), str(params.get("ConditionExpression", ""))):
        for match in _SUM.finditer(text):
            if "N" in (values.get(match[3]) or {}):
                found[names.get(match[1], match[1])] = {"N": str(PLENTY)}
    for match in _COMPARISON.finditer(str(params.get("ConditionExpression", ""))):
        name, operator, value = names.get(match[1], match[1]), match[2], values.get(match[3])
        if isinstance(value, Mapping):
            found[name] = _satisfying(operator, value)
    return found


def _satisfying(operator: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    if operator == "=" or ("N" not in value and operator != "<>"):
        return value
    if "N" not in value:
        return {"S": "another"}
    return {"N": str(PLENTY if operator in (">", ">=", "<>") else -PLENTY)}
