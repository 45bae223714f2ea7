"""What is added and taken away so that a workflow is started in the place of its first function, by type of what starts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from untangle.model.entry import Switch
from untangle.model.value import Value
from untangle.plan.passes import Draft, number
from untangle.plan.takeover.bus_rule import Cannot, rule_pattern
from untangle.plan.ways import Way

__all__ = ["Cannot", "switched"]

_Both: TypeAlias = tuple[tuple[Switch, ...], tuple[Switch, ...], str]
_FORGET = {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}}
_TRANSFORMS = ("input", "input_path", "input_transformer")
BATCH = {"sqs": 10, "dynamodb_stream": 100}  # Lambda API reference, CreateEventSourceMapping, `BatchSize`


def switched(draft: Draft, function: str, ways: tuple[Way, ...], named: str | None) -> _Both:
    """What to add, what to take away and how a part can go first; `named` is the entry's name where the input must hold it.

    Raises `Cannot`, with the reason in words, where a way cannot be brought to the workflow.
    """
    who = draft.full(function)
    if not ways:
        return (_calls(named),), (), ""
    made = [_MAKERS[way.type](way, who, named) for way in ways]
    canaries = dict.fromkeys(canary for _, _, canary in made if canary)
    return (
        tuple(switch for add, _, _ in made for switch in add),
        tuple(switch for _, remove, _ in made for switch in remove),
        "; ".join(canaries),
    )


def _calls(named: str | None) -> Switch:
    held = f'{{"entry": "{named}", "event": <the event>}}' if named else "the event that they send"
    return Switch(text=f"in whoever invokes it: StartExecution with {held} as its input, in the place of Invoke")


def _rule(way: Way, who: str, named: str | None) -> _Both:
    own = [name for name in _TRANSFORMS if way.delivery.get(name) is not None]
    id = way.delivery.get("rule")
    rule = f"rule {id.partition('/')[2] or id}" if isinstance(id, str) else way.label or "the rule"
    same = f" and the target's own {' and '.join(name.replace('_', ' ') for name in own)}" if own else ""
    kept = f"{rule}: the state machine as a further target, with a role that may start it{same}"
    properties: dict[str, Value] = {}
    if named is not None:
        inner = "<what the target's own input makes>" if own else "<aws.events.event.json>"
        template = f'{{"entry": "{named}", "event": {inner}}}'
        kept += f"; its input template is {template}"
        properties = {"InputTransformer": {"InputTemplate": template}}
    canary = "" if way.type == "schedule" else _PATTERNS
    add = Switch(text=kept, location=way.location, properties=properties, hops=way.hops)
    return (add,), (Switch(text=f"{rule}: the target {who}", location=way.location, hops=way.hops),), canary


_PATTERNS = (
    "split the rule in two whose patterns exclude each other (one value of a field, and anything-but that value), the first with "
    "the state machine as its target"
)


def _schedule(way: Way, who: str, named: str | None) -> _Both:
    held = f'{{"entry": "{named}", "event": <its Input>}}' if named else "the same Input"
    text = f"schedule {way.label or way.channel or ''}: the state machine in the place of {who}, with {held}".replace("  ", " ")
    return (Switch(text=text, location=way.location, hops=way.hops),), (), ""


def _topic_rule(way: Way, who: str, named: str | None) -> _Both:
    held = f'; what it selects must be {{"entry": "{named}", "event": …}}' if named else ""
    add = Switch(text=f"{way.label or 'the topic rule'}: a stepFunctions action{held}", location=way.location, hops=way.hops)
    return (add,), (Switch(text=f"{way.label or 'the topic rule'}: the lambda action to {who}", location=way.location),), ""


def _bucket(way: Way, who: str, named: str | None) -> _Both:
    bucket = _called(way)
    pattern = rule_pattern(way.filter, way.delivery, (way.node.name if way.node else None) or f"<the name of {bucket}>")
    target: dict[str, Value] = {"EventPattern": pattern}
    text = f"a rule on the default bus with the state machine as its target and this pattern: {_json(pattern)}"
    if named is not None:
        template = f'{{"entry": "{named}", "event": <aws.events.event.json>}}'
        target["InputTransformer"] = {"InputTemplate": template}
        text += f"; its input template is {template}"
    events = Switch(
        text=f"bucket {bucket}: send its events to EventBridge (this switches no notification off)",
        location=way.node.location if way.node else way.location,
        properties={"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
    )
    add = (events, Switch(text=text, properties=target, hops=way.hops))
    remove = Switch(text=f"bucket {bucket}: its notification to {who}", location=way.location, hops=way.hops)
    return add, (remove,), "split by a longer prefix of the keys: the rule takes it, the notification keeps the others"


def _queue(way: Way, who: str, named: str | None) -> _Both:
    source = _source(way)
    one = " (one message at a time, because the function reports single failures)" if _partial(way) else ""
    size = source["BatchSize"]
    text = f"a pipe from queue {_called(way)} to the state machine, batch size {size}{one}, FIRE_AND_FORGET{_filtered(way)}"
    add = Switch(text=text, properties=_pipe("SqsQueueParameters", source), hops=way.hops)
    return (add,), (_mapping(way, who),), _COMPETE


_COMPETE = (
    "none: a mapping and a pipe on one queue compete for its messages. None is lost or doubled, but the share of each cannot be "
    "set; to split, let the senders use a second queue"
)


def _table(way: Way, who: str, named: str | None) -> _Both:
    source = _source(way, StartingPosition="LATEST")
    text = (
        f"a pipe from the stream of {_called(way)} to the state machine, batch size {source['BatchSize']}, FIRE_AND_FORGET"
        f"{_filtered(way)}; start it before the mapping is disabled: what is written between runs twice, the other way round it "
        "would be lost"
    )
    add = Switch(text=text, properties=_pipe("DynamoDBStreamParameters", source), hops=way.hops)
    return (add,), (_mapping(way, who),), "give pipe and mapping filter criteria that exclude each other: both see every record"


def _topic(way: Way, who: str, named: str | None) -> _Both:
    policy = f" and its filter policy {_json(way.filter)}" if way.filter is not None else ""
    subscription = Switch(
        text=f"topic {_called(way)}: a subscription of that queue without raw message delivery{policy}",
        location=way.node.location if way.node else None,
        properties={"Protocol": "sqs", "RawMessageDelivery": False},
        hops=way.hops,
    )
    pipe = Switch(
        text="a pipe from that queue to the state machine, batch size 1, FIRE_AND_FORGET",
        properties=_pipe("SqsQueueParameters", {"BatchSize": 1}),
    )
    remove = Switch(text=f"topic {_called(way)}: the subscription of {who}", location=way.location, hops=way.hops)
    canary = "give the two subscriptions filter policies that exclude each other; a change takes up to 15 minutes"
    return (Switch(text=f"a queue for the notifications of {_called(way)}"), subscription, pipe), (remove,), canary


def _mapping(way: Way, who: str) -> Switch:
    text = (
        f"{way.label or 'event source mapping'} of {_called(way)} to {who}: disable it, let what is in flight end, then delete it"
    )
    return Switch(text=text, location=way.location, hops=way.hops)


def _source(way: Way, **more: Value) -> dict[str, Value]:
    """The batches of a pipe as its mapping has them; of one where the function reports single failures, as no pipe does that."""
    source: dict[str, Value] = {"BatchSize": 1 if _partial(way) else number(way.delivery, "batch_size", BATCH[way.type]), **more}
    if window := number(way.delivery, "batch_window"):
        source["MaximumBatchingWindowInSeconds"] = window
    return source


def _partial(way: Way) -> bool:
    return way.delivery.get("report_batch_item_failures") is True


def _pipe(kind: str, source: Mapping[str, Value]) -> dict[str, Value]:
    return {"SourceParameters": {kind: dict(source)}, "TargetParameters": _FORGET}


def _filtered(way: Way) -> str:
    return f", with the mapping's filter criteria {_json(way.filter)}" if way.filter else ""


def _called(way: Way) -> str:
    return way.node.address if way.node is not None else way.channel or "?"


def _json(value: Value) -> str:
    """A value as JSON text; what is no JSON as its own words."""
    return json.dumps(value, ensure_ascii=False, default=str)


_MAKERS: Mapping[str, Callable[[Way, str, str | None], _Both]] = {
    "dynamodb_stream": _table,
    "eventbridge": _rule,
    "iot": _topic_rule,
    "s3": _bucket,
    "schedule": _rule,
    "scheduler": _schedule,
    "sns": _topic,
    "sqs": _queue,
}
