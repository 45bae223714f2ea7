"""Writes to a DynamoDB table, told with the images that its stream would show.

PutItem and DeleteItem are asked for ALL_OLD, which costs nothing; the handler sees what it asked for. An UpdateItem needs two
images and gives one: the old one is read before it (consistently), the new one is what it returns or is read after it. A batch
has no images and goes out write by write; a transaction's are read around it. So the role needs GetItem, PutItem and DeleteItem
where it has UpdateItem, BatchWriteItem or TransactWriteItems only: where it lacks one the call fails before anything is written.
What changes nothing is no record of the stream (DynamoDB guide, "Change data capture for DynamoDB Streams") and no effect, unless
this is a further try: the one before, of which nobody was told, may have made the change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .call import Call, Prepare, Send, Steps
from .effect import effect_of, plain
from .parts import renamed
from .recording import OutboxError
from .target import Target, matched, named

_STATEMENT = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?([\w.-]+)\"?", re.IGNORECASE)
_SLOW = ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")


def lowered(value: Any) -> Any:
    """An attribute as the low-level API has it, from what the resource API makes of it (boto3, `TypeSerializer`)."""
    if value is None or isinstance(value, bool):
        return {"NULL": True} if value is None else {"BOOL": value}
    if isinstance(value, (int, float, Decimal)):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, Mapping):
        return {"M": {key: lowered(inner) for key, inner in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"L": [lowered(inner) for inner in value]}
    if isinstance(value, (set, frozenset)):
        kind, *_ = (next(iter(lowered(inner))) for inner in value)
        return {f"{kind}S": sorted(plain(lowered(inner)[kind]) for inner in value)}
    return {"B": plain(bytes(getattr(value, "value", value)))}


class _Table:
    """One call's way of writing items: as the client takes them, or in Python's types where it is that of a resource."""

    def __init__(self, call: Call, prepared: Any) -> None:
        given = call.params
        probe = next((name for name in ("Item", "Key", "RequestItems", "TransactItems") if name in given), None)
        self.typed = probe is not None and prepared.get(probe) != given.get(probe)

    def item(self, found: Any) -> Any:
        """An item of a response as JSON of the low-level API; None where there was none."""
        if not found:
            return None
        return {name: lowered(value) for name, value in found.items()} if self.typed else plain(found)


def _add(call: Call, target: Target, operation: str, params: Any, answer: Any, **images: Any) -> None:
    recording, number = call.recording, call.recording.number()
    told = {name: value for name, value in answer.items() if name not in ("ResponseMetadata", "Attributes")}
    old = images.pop("old", None)
    response = {**plain(told), **({"Attributes": old} if old else {})}
    params = renamed(call.operation, plain(params), target.text)
    recording.add(effect_of(recording, number, target.text, ("dynamodb", operation), params, response, **images))


def _replaced(call: Call, target: Target, operation: str, params: Any, answer: Any, old: Any) -> None:
    """A put or a delete that changed something, or may have done so in a try before this one."""
    new = plain(params["Item"]) if operation == "PutItem" else None
    if old != new:
        _add(call, target, operation, params, answer, old=old)
    elif call.recording.again and new is not None:
        _add(call, target, operation, params, answer, old=None)


def _written(call: Call, target: Target) -> Steps:
    """PutItem and DeleteItem."""
    prepared = yield Prepare()
    table = _Table(call, prepared)
    asked = call.params.get("ReturnValues", "NONE")
    response = yield Send(call.name, {**call.params, "ReturnValues": "ALL_OLD"} if asked == "NONE" else call.params)
    _replaced(call, target, call.name, prepared, response, table.item(response.get("Attributes")))
    if asked == "NONE":
        response = {name: value for name, value in response.items() if name != "Attributes"}
    return response  # type: ignore[no-any-return]


def _updated(call: Call, target: Target) -> Steps:
    prepared = yield Prepare()
    table = _Table(call, prepared)
    asked = call.params.get("ReturnValues", "NONE")
    old = yield from _read(call, table, call.params)
    response = yield Send(call.name, {**call.params, "ReturnValues": "ALL_NEW"} if asked == "NONE" else call.params)
    given = table.item(response.get("Attributes"))
    if asked in ("NONE", "ALL_NEW"):
        new = given
    else:
        new = yield from _read(call, table, call.params)
        if asked == "ALL_OLD":
            old = given
        elif asked == "UPDATED_NEW" and new is not None:
            new.update((name, value) for name, value in (given or {}).items() if "M" not in value)
    if old != new or call.recording.again:
        _add(call, target, call.name, prepared, response, oldImage=old, newImage=new)
    if asked == "NONE":
        response = {name: value for name, value in response.items() if name != "Attributes"}
    return response  # type: ignore[no-any-return]


def _read(call: Call, table: _Table, params: Any) -> Any:
    wanted = {"TableName": params["TableName"], "Key": params["Key"], "ConsistentRead": True}
    try:
        found = yield Send("GetItem", wanted)
    except Exception as error:
        raise _unreadable(call, error) from error
    return table.item(found.get("Item"))


def _unreadable(call: Call, error: Exception) -> Exception:
    """The same error, unless it says that something is not allowed that the handler never asked for."""
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    if code != "AccessDeniedException":
        return error
    return OutboxError(f"{call.name} is reported with the images of the item, for which the role needs more: {error}")


def _batch(call: Call, target: Target) -> Steps:
    """BatchWriteItem: writes to tables that are told of go out one by one, the others together as they are."""
    requests = {name: list(items) for name, items in (call.params.get("RequestItems") or {}).items()}
    region = call.client.meta.region_name
    told = {
        name: matched((*call.recording.observe, *call.recording.capture), named("dynamodb", name, region)) for name in requests
    }
    prepared = yield Prepare()
    left = {name: items for name, items in requests.items() if told[name] is None}
    response: dict[str, Any] = {"UnprocessedItems": {}, "ResponseMetadata": call.metadata()}
    if left:
        response = dict((yield Send(call.name, {**call.params, "RequestItems": left})))
    undone: dict[str, Any] = dict(response.get("UnprocessedItems") or {})
    table = _Table(call, prepared)
    for name, known in told.items():
        for index, request in enumerate(requests[name] if known is not None else ()):
            low = prepared["RequestItems"][name][index]
            done = known is not None and (yield from _one_of(call, known, table, name, request, low))
            if not done:
                undone.setdefault(name, []).append(request)
    return {**response, "UnprocessedItems": undone}


def _one_of(call: Call, target: Target, table: _Table, name: str, request: Any, low: Any) -> Any:
    """One write of a batch; False where the table is too busy for it."""
    operation, key = ("PutItem", "Item") if "PutRequest" in request else ("DeleteItem", "Key")
    own = (request.get("PutRequest") or request.get("DeleteRequest"))[key]
    params = {"TableName": name, key: (low.get("PutRequest") or low.get("DeleteRequest"))[key]}
    try:
        response = yield Send(operation, {"TableName": name, key: own, "ReturnValues": "ALL_OLD"})
    except Exception as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") in _SLOW:
            return False
        raise _unreadable(call, error) from error
    _replaced(call, target, operation, params, {}, table.item(response.get("Attributes")))
    return True


def _transaction(call: Call, target: Target) -> Steps:
    """TransactWriteItems: its items are read before it and, where it updates some, after it."""
    prepared = yield Prepare()
    table = _Table(call, prepared)
    region = call.client.meta.region_name
    writes = []
    for item, low in zip(call.params.get("TransactItems") or (), prepared.get("TransactItems") or ()):
        operation = next((name for name in ("Put", "Update", "Delete") if name in item), None)
        known = operation and matched(
            (*call.recording.observe, *call.recording.capture), named("dynamodb", item[operation]["TableName"], region)
        )
        if operation and known:
            own = dict(item[operation])
            own["Key"] = own["Key"] if "Key" in own else (yield from _key(call, own))
            old = yield from _read(call, table, own)
            writes.append((f"{operation}Item", known, own, low[operation], old))
    response = yield Send(call.name, call.params)
    for operation, known, own, params, old in writes:
        if operation == "UpdateItem":
            new = yield from _read(call, table, own)
            if old != new or call.recording.again:
                _add(call, known, operation, params, {}, oldImage=old, newImage=new)
        else:
            _replaced(call, known, operation, params, {}, old)
    return response  # type: ignore[no-any-return]


_KEYS: dict[str, tuple[str, ...]] = {}


def _key(call: Call, params: Mapping[str, Any]) -> Any:
    """The key of an item that is put: its table is asked once which attributes these are."""
    name = params["TableName"]
    if name not in _KEYS:
        try:
            found = yield Send("DescribeTable", {"TableName": name})
        except Exception as error:
            raise _unreadable(call, error) from error
        _KEYS[name] = tuple(key["AttributeName"] for key in found["Table"]["KeySchema"])
    return {key: params["Item"][key] for key in _KEYS[name]}


def _statement(call: Call, target: Target) -> Steps:
    """Writes in PartiQL tell too little of what they change."""
    raise OutboxError(
        f"{call.name} writes to {target.text}, whose changes a workflow works on, and tells no images of them: "
        "use PutItem, UpdateItem or DeleteItem"
    )
    yield


def tables_of(name: str, params: Mapping[str, Any]) -> list[str]:
    """The tables that a batch, a transaction or statements of PartiQL write to."""
    if name == "BatchWriteItem":
        return list(params.get("RequestItems") or ())
    if name == "TransactWriteItems":
        items = [item.get(kind) for item in params.get("TransactItems") or () for kind in ("Put", "Update", "Delete")]
        return [item["TableName"] for item in items if item and "TableName" in item]
    texts = [params.get("Statement"), *(item.get("Statement") for item in params.get("Statements") or ())]
    texts += [item.get("Statement") for item in params.get("TransactStatements") or ()]
    return [found[1] for text in texts if isinstance(text, str) and (found := _STATEMENT.match(text)) is not None]


SEVERAL = ("BatchWriteItem", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
WRITES: dict[str, Callable[[Call, Target], Steps]] = {
    "PutItem": _written,
    "DeleteItem": _written,
    "UpdateItem": _updated,
    "BatchWriteItem": _batch,
    "TransactWriteItems": _transaction,
    "ExecuteStatement": _statement,
    "BatchExecuteStatement": _statement,
    "ExecuteTransaction": _statement,
}
