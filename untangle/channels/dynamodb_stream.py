"""DynamoDB streams: every change of an item of a table, polled by an event source mapping. The node is the table.

Ordered per item, kept 24 hours; a batch that fails blocks its shard until it expires, MaximumRetryAttempts is reached or it is
bisected. A write that changes nothing makes no record. Filters see the record: its event name, keys and images, in DynamoDB's
typed JSON, as far as the stream's view carries them. A table may send its changes to a Kinesis data stream as well.
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, Match, Verdict, World, Write
from untangle.channels.event_source_mapping import mapping_links
from untangle.channels.known import each, inner
from untangle.channels.pattern import any_match, shape_of
from untangle.channels.routing import STREAM, onward
from untangle.model.condition import both
from untangle.model.link import Sent
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Either, Value, alternatives, parts_of

TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
BATCH_SIZE = 100
_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})
_WHO = "the event source mapping"
_TO_KINESIS = "KinesisStreamSpecification"
_PUT, _UPDATE, _DELETE = ("INSERT", "MODIFY"), ("INSERT", "MODIFY"), ("REMOVE",)


def _links(world: World) -> Iterator[Found]:
    yield from mapping_links(world, *TABLES, batch_size=BATCH_SIZE, note="event source mapping of the table's stream")
    for table in (table for type_ in TABLES for table in world.of_type(type_)):
        yield from _streamed(world, table, table.get(_TO_KINESIS), None, _TO_KINESIS)
        for index, replica, condition in each(table.get("Replicas")):
            yield from _streamed(world, table, inner(replica, _TO_KINESIS), condition, "Replicas", index, _TO_KINESIS)


def _streamed(world: World, table: Resource, given: Value, when: str | None, *route: str | int) -> Iterator[Found]:
    """The Kinesis data stream to which a table sends its changes."""
    for option, condition in alternatives(given):
        stream = inner(option, "StreamArn")
        if stream is not None:
            depends = both(when, condition or None)
            note = "Kinesis data stream of the table"
            yield from onward(world, table.id, table, stream, *route, note=note, condition=depends, types=(STREAM,))


def _settings(table: Resource, world: World) -> Mapping[str, Value]:
    names = tuple(name for _, item, _ in each(table.get("KeySchema")) if (name := world.text(inner(item, "AttributeName"))))
    view = world.text(table.get("StreamSpecification", "StreamViewType"))
    return ({"key_names": names} if names else {}) | ({"stream_view": view} if view else {})


def _accepts(sent: Sent, filter: Value) -> Match:
    """Patterns on the stream record against what the call writes."""
    if sent.service not in ("dynamodb", CHANNEL.type):  # the channel's own name: a writer of whom only a grant is seen
        return Match(verdict=Verdict.UNKNOWN)
    return any_match(filter, _record(sent), _WHO)


def _record(sent: Sent) -> Shape:
    """The stream record of a call; an application's own writes carry no `userIdentity` (that is the mark of expiry)."""
    names, image = _change(sent)
    properties = dict.fromkeys(("eventID", "eventVersion", "eventSource", "awsRegion", "eventSourceARN"), ANYTHING)
    properties["eventName"] = shape_of(Either(names))
    keys = sent.attributes.get("Key")
    change = {"Keys": typed(shape_of(keys)) if isinstance(keys, Mapping) else ANYTHING}
    if names != _DELETE:
        change["NewImage"] = image
    if names != ("INSERT",):
        change["OldImage"] = ANYTHING
    for name in ("SequenceNumber", "SizeBytes", "StreamViewType", "ApproximateCreationDateTime"):
        change[name] = ANYTHING
    properties["dynamodb"] = Shape(kind="object", properties=change)
    return Shape(kind="object", properties=properties)


def _change(sent: Sent) -> tuple[tuple[str, ...], Shape]:
    """The event names that a call can make and the new image, as far as it is known."""
    item = sent.attributes.get("Item")
    body = (
        sent.body if sent.body is not None and sent.body.properties else shape_of(item) if isinstance(item, Mapping) else ANYTHING
    )
    whole = typed(body)
    if sent.operation == "PutItem":
        return ((("INSERT",) if _is_new(sent) else _PUT), whole)
    if sent.operation == "UpdateItem":
        return _UPDATE, ANYTHING
    if sent.operation == "DeleteItem":
        return _DELETE, ANYTHING
    if "DeleteRequest" in sent.attributes or "Delete" in sent.attributes:
        return _DELETE, ANYTHING
    if "PutRequest" in sent.attributes or "Put" in sent.attributes:
        return _PUT, ANYTHING
    return (*_PUT, *_DELETE), ANYTHING


def _is_new(sent: Sent) -> bool:
    """A put on the condition that the item is not there can only insert."""
    parts = parts_of(sent.attributes.get("ConditionExpression"))
    return any(isinstance(part, str) and "attribute_not_exists" in part for part in parts)


def typed(shape: Shape) -> Shape:
    """An item in DynamoDB's typed JSON, whether the code wrote it so (the client) or plain (the resource, a document client)."""
    if shape.kind != "object" and not shape.properties:
        return ANYTHING
    return Shape(
        kind="object", properties={name: _attribute(inner_) for name, inner_ in shape.properties.items()}, open=shape.open
    )


def _attribute(shape: Shape) -> Shape:
    if shape.kind == "object" and len(shape.properties) == 1 and _TYPES & shape.properties.keys():
        return shape
    if shape.kind == "object" and shape.properties:
        return Shape(kind="object", properties={"M": typed(shape)})
    constant = shape.constant
    if isinstance(constant, bool):
        return shape_of({"BOOL": constant})
    if isinstance(constant, str):
        return shape_of({"S": constant})
    if isinstance(constant, int | float):
        return shape_of({"N": str(constant)})
    if shape.kind == "string":
        return Shape(kind="object", properties={"S": Shape(kind="string", source=shape.source)})
    return ANYTHING


CHANNEL = Channel(
    type="dynamodb_stream",
    title="DynamoDB stream",
    kinds=tuple(Kind(type=type_, name="TableName", service="dynamodb", arn="table/{name}") for type_ in TABLES),
    writes=tuple(
        Write(service="dynamodb", operation=operation, target="TableName", action=f"dynamodb:{action}")
        for operation, action in (
            ("PutItem", "PutItem"),
            ("UpdateItem", "UpdateItem"),
            ("DeleteItem", "DeleteItem"),
            ("BatchWriteItem", "BatchWriteItem"),
            ("TransactWriteItems", "PutItem"),
            ("ExecuteStatement", "PartiQLInsert"),
            ("BatchExecuteStatement", "PartiQLInsert"),
            ("ExecuteTransaction", "PartiQLInsert"),
        )
    ),
    links=_links,
    settings=_settings,
    accepts=_accepts,
    message=("Records", "*", "dynamodb", "NewImage"),
)
