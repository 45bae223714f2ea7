"""DynamoDB streams: the items of a table before and after each write are compared, and each change becomes a record.

Whatever writes (an item, a batch, a transaction, PartiQL), what is told is what changed, in the order in which it was written.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.platform.event.change import plain, record
from untangle.simulate.platform.event.text import base64_text
from untangle.simulate.platform.mapping import deliver
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.played import Played, Stage
from untangle.simulate.platform.shards import Entry

SHARD = "shardId-00000001767225600000-simulated"
_SINGLE = ("PutItem", "UpdateItem", "DeleteItem")
_PARTIQL = ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
# The items that a call may touch, by table and the text of their keys; None stands for one that is not there.
Images = dict[str, dict[str, Mapping[str, Any] | None]]


def _before(stage: Stage, call: ApiCall) -> Images:
    return _images(stage, call)


def _heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
    after = _images(stage, call)
    for table, items in after.items():
        old = (before or {}).get(table, {})
        for key in {**items, **old}:
            _tell(stage, table, old.get(key), items.get(key))


def _tell(stage: Stage, table: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> None:
    memory = stage.memory("dynamodb_stream")
    stream = stage.application.attribute(table, "StreamArn")
    settings = stage.graph.channel(table).settings
    keys = _keys(stage, table)
    view = settings.get("stream_view")
    if not isinstance(view, str):
        view = "NEW_AND_OLD_IMAGES"
        not_played(stage, table, "the view of its stream is not known; both images are delivered")
    memory["count"] = memory.get("count", 0) + 1
    sequence = 100000000000000000000 + int(memory["count"])
    made = record(
        old, new, keys=keys, view=view, stream=stream, id=stage.new_id().replace("-", ""), at=stage.clock.text, sequence=sequence
    )
    if made is None:
        return
    lane = json.dumps(made["dynamodb"]["Keys"], sort_keys=True)
    entry = Entry(record=made, seen=made, sequence=str(sequence), at=stage.clock.now, lane=lane)
    for link in stage.links(table):
        deliver(stage, link, SHARD, entry, source=stream)


def _images(stage: Stage, call: ApiCall) -> Images:
    """The items that a call may touch, as they are now; of tables that somebody listens to."""
    if call.operation in _PARTIQL:
        return {table: _all(stage, table) for table in _listened(stage)}
    found: Images = {}
    for named, given in _touched(call):
        table = stage.application.node(named, "dynamodb_stream")
        if table is None or not stage.links(table):
            continue
        key = {name: _typed(given[name]) for name in _keys(stage, table) if name in given}
        found.setdefault(table, {})[_text(key)] = _item(stage, table, key)
    return found


def _touched(call: ApiCall) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The table and what holds the key, for each item that a call writes."""
    params = call.params
    if call.operation in _SINGLE:
        yield str(params.get("TableName")), params.get("Item") or params.get("Key") or {}
    elif call.operation == "BatchWriteItem":
        for table, requests in (params.get("RequestItems") or {}).items():
            for request in requests:
                put, delete = request.get("PutRequest"), request.get("DeleteRequest")
                yield table, (put or {}).get("Item") or (delete or {}).get("Key") or {}
    elif call.operation == "TransactWriteItems":
        for item in params.get("TransactItems") or ():
            for write in (item[kind] for kind in ("Put", "Update", "Delete") if kind in item):
                yield str(write.get("TableName")), write.get("Item") or write.get("Key") or {}


def _listened(stage: Stage) -> list[str]:
    return [node.id for node in stage.graph.channels if node.type == "dynamodb_stream" and stage.links(node.id)]


def _keys(stage: Stage, table: str) -> list[str]:
    """The names of a table's key attributes."""
    known: dict[str, list[str]] = stage.memory("dynamodb_stream").setdefault("keys", {})
    if table not in known:
        names = stage.graph.channel(table).settings.get("key_names")
        if isinstance(names, tuple | list) and names:
            known[table] = [str(name) for name in names]
        else:
            call = ApiCall(service="dynamodb", operation="DescribeTable", params={"TableName": stage.application.name(table)})
            known[table] = [str(part["AttributeName"]) for part in stage.look(call)["Table"]["KeySchema"]]
    return known[table]


def _typed(value: Any) -> Mapping[str, Any]:
    """A key attribute in typed JSON: the resource API has it plain, and no key is an object."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str):
        return {"S": value}
    data = getattr(value, "value", value)
    return {"B": data} if isinstance(data, bytes | bytearray) else {"N": str(data)}


def _text(key: Mapping[str, Any]) -> str:
    held = {name: {kind: base64_text(inner) for kind, inner in value.items()} for name, value in key.items()}
    return json.dumps(held, sort_keys=True)


def _item(stage: Stage, table: str, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    params = {"TableName": stage.application.name(table), "Key": key, "ConsistentRead": True}
    try:
        item = stage.look(ApiCall(service="dynamodb", operation="GetItem", params=params)).get("Item")
    except ApiError:
        return None  # the write itself will fail as well
    return plain(item) if item is not None else None


def _all(stage: Stage, table: str) -> dict[str, Mapping[str, Any] | None]:
    found: dict[str, Mapping[str, Any] | None] = {}
    params: dict[str, Any] = {"TableName": stage.application.name(table), "ConsistentRead": True}
    while True:
        page = stage.look(ApiCall(service="dynamodb", operation="Scan", params=params))
        for item in page.get("Items", ()):
            found[_text({name: item[name] for name in _keys(stage, table)})] = plain(item)
        if not page.get("LastEvaluatedKey"):
            return found
        params["ExclusiveStartKey"] = page["LastEvaluatedKey"]


PLAYED = Played(
    type="dynamodb_stream",
    operations={"dynamodb": frozenset({*_SINGLE, *_PARTIQL, "BatchWriteItem", "TransactWriteItems"})},
    before=_before,
    heard=_heard,
)
