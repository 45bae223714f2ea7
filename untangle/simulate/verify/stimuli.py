"""What would start a chain, made at the level of the client: an object that is put, a message that is sent, a request.

Both sides of a comparison begin with the same thing outside, so how it becomes an event is compared too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from untangle.channels import CHANNELS
from untangle.model.graph import EventGraph
from untangle.model.link import Link, Trigger
from untangle.model.shape import ANY_ELEMENT, DECODED, Path
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall
from untangle.simulate.platform.matching import matches
from untangle.simulate.provision import key_types
from untangle.simulate.stimulus import Invoked
from untangle.simulate.verify.fixtures import events, files, form_of
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.sample import Sampler, below
from untangle.simulate.verify.vocabulary import Vocabulary, facing

VARIANTS = 6  # of each trigger, before those that reach nothing new are left out
MANY = 6  # rows and elements of an input that has several for each way on
_MESSAGE = {channel.type: channel.message for channel in CHANNELS}
_REQUESTS = frozenset({"apigateway", "function_url", "alb", "appsync"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in: the function, what starts it, and the filter on that way. `functions` are those of the whole chain, `reads`
    what the function reads of its event, `further` what the others read of theirs: a message may be handed on as it is."""

    application: Application
    function: str
    trigger: Trigger | None
    filter: Any = None
    reads: tuple[Path, ...] = ()
    further: tuple[Path, ...] = ()
    functions: tuple[str, ...] = ()
    settings: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The type of what starts it; "" where nothing does that is known."""
        return self.trigger.type if self.trigger is not None else ""

    def ref(self) -> str:
        """What the channel's own reference gives: a URL, an ARN, a name."""
        channel = self.trigger.channel if self.trigger is not None else None
        return self.application.attribute(channel, "") if channel is not None else ""

    def message(self) -> list[Path]:
        """The paths that are read within the message."""
        prefix = tuple(_MESSAGE.get(self.type) or ())
        found = below(self.reads, *prefix)
        return found or _of_filter(self.filter)

    def document(self, sampler: Sampler) -> Any:
        """The message: what is read of it, or, where that is not seen, a flat one with the keys that the code names."""
        paths = self.message()
        return sampler.document((*paths, *self.further)) if paths else sampler.rows(self.function)[0]


def doors(application: Application) -> tuple[Door, ...]:
    """The ways into the chain of an application; each entry has at least one."""
    graph, chain = application.graph, application.chain
    if chain is None:
        return ()
    found = []
    for function in chain.entries:
        facts = graph.code.get(function)
        reads = tuple(dict.fromkeys(read.path for read in facts.reads)) if facts is not None else ()
        further = tuple(dict.fromkeys(path for other in chain.functions if other != function for path in _handed(graph, other)))
        triggers = [trigger for trigger in graph.triggers_of(function) if not trigger.switched_off]
        for trigger in triggers or (None,):
            channel = trigger.channel if trigger is not None else None
            for link in _links(application, channel, function):
                settings = graph.channel(channel).settings if channel is not None and _known(application, channel) else {}
                found.append(
                    Door(
                        application=application,
                        function=function,
                        trigger=trigger,
                        filter=link.filter if link is not None else None,
                        reads=reads,
                        further=further,
                        functions=chain.functions,
                        settings=settings,
                    )
                )
    return tuple(found)


def _handed(graph: EventGraph, function: str) -> Iterator[Path]:
    """What a function reads of the content of its messages, whatever brings them; nothing of the envelopes around it."""
    facts = graph.code.get(function)
    for read in facts.reads if facts is not None else ():
        path = read.path
        if DECODED in path:
            path = path[len(path) - path[::-1].index(DECODED) :]
        elif path[:1] in (("detail",), ("responsePayload",)):
            path = path[1:]
        elif path[:1] == ("Records",):
            continue
        if path and path[0] != ANY_ELEMENT:
            yield path


def _known(application: Application, channel: str) -> bool:
    return any(node.id == channel for node in application.graph.channels)


def _links(application: Application, channel: str | None, function: str) -> list[Link | None]:
    if channel is None:
        return [None]
    found = [link for link in application.graph.standing_from(channel) if link.target == function]
    return [*found[:2]] or [None]


def _of_filter(filter: Any) -> list[Path]:
    """The keys of the content that a filter looks at."""
    patterns = filter if isinstance(filter, list | tuple) else [filter]
    found: list[Path] = []
    pending: list[tuple[Path, Any]] = [((), pattern) for pattern in patterns if isinstance(pattern, Mapping)]
    while pending:
        path, here = pending.pop(0)
        for name, inner in here.items():
            if isinstance(inner, Mapping) and len(path) < 20:
                pending.append(((*path, name), inner))
            else:
                found.append((*path, name))
    heads = {"body", "data", "dynamodb", "MessageBody", "detail"}
    return [path[1:] if path and path[0] in heads else path for path in found]


def given(door: Door, words: Vocabulary, seed: int = 0) -> Iterator[Given]:
    """Inputs for one way in: what people have written down, then variants of a made one, several at once, one that is empty."""
    label = door.type or "invocation"
    words = facing(words, door.filter)
    address = door.application.graph.function(door.function).address
    for name, stimulus in islice(_written(door), 3):
        yield Given(name=f"{address}: {name}", stimuli=(stimulus,))
    for variant in range(VARIANTS):
        sampler = Sampler(words=words, variant=variant + seed)
        yield Given(name=f"{address}: {label} {variant + 1}", stimuli=(stimulus_of(door, sampler),))
    many = Sampler(words=words, variant=seed, many=MANY)
    yield Given(name=f"{address}: {label} with {MANY} of each", stimuli=(stimulus_of(door, many),))
    several = [Sampler(words=words, variant=seed + item, item=item) for item in range(3)]
    yield Given(name=f"{address}: three at once", stimuli=tuple(stimulus_of(door, sampler) for sampler in several))
    yield Given(name=f"{address}: an empty one", stimuli=(_empty(door, Sampler(words=words)),))


def user_given(door: Door, inputs: Sequence[tuple[str, Any]]) -> Iterator[Given]:
    """Inputs that the user gave, each an event of the entry's form or the message alone."""
    for name, event in inputs:
        stimuli = tuple(_as_sent(door, event)) if isinstance(event, Mapping) else ()
        yield Given(name=name, stimuli=stimuli or (_direct(door, event),))


def stimulus_of(door: Door, sampler: Sampler) -> Invoked | ApiCall:
    """One stimulus: an API call of a client where a channel takes one, else an invocation with an event of that form."""
    maker = _MAKERS.get(door.type)
    if maker is not None and door.trigger is not None and door.trigger.channel is not None:
        return maker(door, sampler)
    if door.type in _REQUESTS:
        return _direct(door, _request(door, sampler))
    if door.type in ("schedule", "scheduler"):
        return _direct(door, {**_SCHEDULED, **_mapping(sampler.document(door.reads))})
    return _direct(door, sampler.document((*door.reads, *door.further)) if door.reads else sampler.rows(door.function)[0])


_SCHEDULED: Mapping[str, Any] = {
    "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
    "account": "123456789012", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail": {},
}  # fmt: skip


def _mapping(value: Any) -> Mapping[str, Any]:
    return {key: inner for key, inner in value.items() if key not in _SCHEDULED} if isinstance(value, Mapping) else {}


def _direct(door: Door, event: Any) -> Invoked:
    return Invoked(function=door.function, event=event, how="request" if door.type in _REQUESTS else "event")


def _request(door: Door, sampler: Sampler) -> Mapping[str, Any]:
    """An HTTP request, with what both forms of it have (API Gateway's guide, "Lambda proxy integrations")."""
    further = (("body", DECODED, *path) for path in door.further) if below(door.reads, "body", DECODED) else ()
    document = sampler.document((*door.reads, *further))
    event: dict[str, Any] = {
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "path": "/", "resource": "/", "httpMethod": "POST",
        "headers": {"content-type": "application/json"}, "queryStringParameters": {}, "pathParameters": {},
        "requestContext": {"http": {"method": "POST", "path": "/"}, "requestId": "request-1"}, "isBase64Encoded": False,
    }  # fmt: skip
    event["body"] = json.dumps(sampler.rows(door.function)[0])
    if isinstance(document, Mapping):
        for key, value in document.items():
            event[key] = {**event[key], **value} if isinstance(event.get(key), dict) and isinstance(value, Mapping) else value
    return event


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))


def _send(door: Door, sampler: Sampler) -> ApiCall:
    params: dict[str, Any] = {"QueueUrl": door.ref(), "MessageBody": _text(door.document(sampler))}
    params["MessageAttributes"] = {"origin": {"DataType": "String", "StringValue": "outside"}}
    if door.settings.get("fifo"):
        params |= {"MessageGroupId": "one", "MessageDeduplicationId": f"{sampler.variant}-{sampler.item}"}
    return ApiCall(service="sqs", operation="SendMessage", params=params)


def _publish(door: Door, sampler: Sampler) -> ApiCall:
    params: dict[str, Any] = {"TopicArn": door.ref(), "Message": _text(door.document(sampler))}
    named = door.filter if isinstance(door.filter, Mapping) and "MessageBody" not in door.filter else {}
    attributes = {}
    for name in named:
        value = sampler.leaf(name)
        attributes[name] = {"DataType": "Number" if isinstance(value, int | float) else "String", "StringValue": str(value)}
    for path in below(door.reads, "Records", "*", "Sns", "MessageAttributes"):
        attributes.setdefault(path[0], {"DataType": "String", "StringValue": str(sampler.leaf(path[0]))})
    if attributes:
        params["MessageAttributes"] = attributes
    if door.settings.get("fifo"):
        params |= {"MessageGroupId": "one", "MessageDeduplicationId": f"{sampler.variant}-{sampler.item}"}
    return ApiCall(service="sns", operation="Publish", params=params)


def _put_events(door: Door, sampler: Sampler) -> Invoked | ApiCall:
    pattern = door.filter if isinstance(door.filter, Mapping) else {}
    paths = [*below(door.reads, "detail"), *(_of_filter({"detail": pattern["detail"]}) if "detail" in pattern else ())]
    detail = sampler.document(dict.fromkeys((*paths, *door.further))) if paths else sampler.rows(door.function)[0]
    entry = {
        "EventBusName": door.ref(),
        "Source": str(sampler.leaf("source") if "source" in pattern else "client"),
        "DetailType": str(sampler.leaf("detail-type") if "detail-type" in pattern else "Happened"),
        "Detail": _text(detail if isinstance(detail, Mapping) else {}),
    }
    return _on_bus(door, entry)


def _on_bus(door: Door, entry: Mapping[str, Any]) -> Invoked | ApiCall:
    """An entry as a client puts it on the bus; of a service of AWS, whose events nobody else can put there, the event itself."""
    if not str(entry["Source"]).startswith("aws."):
        return ApiCall(service="events", operation="PutEvents", params={"Entries": [entry]})
    told = {"detail-type": entry["DetailType"], "source": entry["Source"], "detail": json.loads(entry["Detail"])}
    return _direct(door, {**_SCHEDULED, **told})


def _put_object(door: Door, sampler: Sampler) -> ApiCall:
    filter = door.filter if isinstance(door.filter, Mapping) else {}
    prefix, suffix = (str(filter.get(end) or "") for end in ("prefix", "suffix"))
    name = f"{prefix}file-{sampler.variant * 10 + sampler.item + 1}{suffix or '.json'}"
    # The entry reads the object, and hands on what is in it: any function after it may look for more.
    body = sampler.file(name, door.functions)
    return ApiCall(service="s3", operation="PutObject", params={"Bucket": door.ref(), "Key": name, "Body": body})


def _put_item(door: Door, sampler: Sampler) -> ApiCall:
    """An item with its key, and what is read of its images or looked at by the filter."""
    types = key_types(door.application, door.trigger.channel) if door.trigger and door.trigger.channel else {}
    told = [path[1:] for path in _of_filter(door.filter) if path[:1] in (("NewImage",), ("OldImage",))]
    heads = [("Records", "*", "dynamodb", image) for image in ("NewImage", "OldImage")]
    read = [path for head in heads for path in below(door.reads, *head)]
    keys = [str(key) for key in door.settings.get("key_names", ())]
    keys += [path[0] for path in below(door.reads, "Records", "*", "dynamodb", "Keys")]
    paths = [*((key,) for key in keys), *(_without_types(path) for path in (*read, *told))]
    numbers = {path[-2] for path in (*read, *told) if len(path) > 1 and path[-1] == "N"}
    made = sampler.document(dict.fromkeys(path for path in paths if path))
    item = {name: _attribute(value, types.get(name, "N" if name in numbers else ""), sampler) for name, value in made.items()}
    return ApiCall(service="dynamodb", operation="PutItem", params={"TableName": door.ref(), "Item": item})


_TYPES = frozenset({"S", "N", "M", "L", "BOOL", "SS", "NS"})


def _without_types(path: Path) -> Path:
    """A path into an image without the types that stand below the attributes' names."""
    return tuple(step for number, step in enumerate(path) if not (number and step in _TYPES))


def _attribute(value: Any, kind: str, sampler: Sampler) -> dict[str, Any]:
    """A plain value as an attribute of an item; `kind` is the type that it must have, "" where any will do."""
    if kind == "N" and (isinstance(value, bool) or not isinstance(value, int | float)):
        return {"N": str(sampler.variant * 10 + sampler.item + 1)}
    if isinstance(value, Mapping):
        return {"M": {name: _attribute(inner, "", sampler) for name, inner in value.items()}}
    if isinstance(value, list):
        return {"L": [_attribute(inner, "", sampler) for inner in value]}
    if isinstance(value, bool):
        return {"BOOL": value}
    number = isinstance(value, int | float) and kind != "S"
    return {"N" if number else "S": str(value)}


def _put_record(door: Door, sampler: Sampler) -> ApiCall:
    data = _text(door.document(sampler)).encode()
    params = {"StreamName": door.ref(), "Data": data, "PartitionKey": f"key-{sampler.item + 1}"}
    return ApiCall(service="kinesis", operation="PutRecord", params=params)


_MAKERS: Mapping[str, Callable[[Door, Sampler], Invoked | ApiCall]] = {
    "dynamodb_stream": _put_item,
    "eventbridge": _put_events,
    "kinesis": _put_record,
    "s3": _put_object,
    "sns": _publish,
    "sqs": _send,
}


def _empty(door: Door, sampler: Sampler) -> Invoked | ApiCall:
    """The same without its content."""
    made = stimulus_of(door, sampler)
    if not isinstance(made, ApiCall):
        event = made.event if isinstance(made.event, Mapping) else {}
        if "detail-type" in event:
            return replace(made, event={**event, "detail": {}})
        return replace(made, event={**event, "body": "{}"} if "body" in event else {})
    if made.operation == "PutEvents":
        return replace(made, params={"Entries": [{**made.params["Entries"][0], "Detail": "{}"}]})
    emptied = {"MessageBody": "{}", "Message": "{}", "Data": b"{}", "Body": b""}
    return replace(made, params={key: emptied.get(key, value) for key, value in made.params.items()})


def _written(door: Door) -> Iterator[tuple[str, Invoked | ApiCall]]:
    """Inputs found in the repository."""
    root = door.application.root
    if door.type == "s3" and door.trigger is not None and door.trigger.channel is not None:
        filter = door.filter if isinstance(door.filter, Mapping) else {}
        suffix = str(filter.get("suffix") or "")
        for name, body in files(root, suffix) if suffix else ():
            key = f"{filter.get('prefix') or ''}{name.rpartition('/')[2]}"
            yield name, ApiCall(service="s3", operation="PutObject", params={"Bucket": door.ref(), "Key": key, "Body": body})
        return
    wanted = "apigateway" if door.type in _REQUESTS else door.type
    for name, event in events(root, wanted) if wanted else ():
        if wanted == "eventbridge" and isinstance(door.filter, Mapping) and not matches(door.filter, event):
            continue  # written for another function
        for stimulus in _as_sent(door, event):
            yield name, stimulus


def _as_sent(door: Door, event: Mapping[str, Any]) -> Iterator[Invoked | ApiCall]:
    """An event as what a client would have done to bring it about; nothing where it is of another form."""
    form = form_of(event)
    if form == "apigateway" and door.type in _REQUESTS:
        yield _direct(door, event)
    if form != door.type or door.trigger is None or door.trigger.channel is None:
        return
    if form == "eventbridge":
        entry = {"EventBusName": door.ref(), "Source": event.get("source", ""), "DetailType": event.get("detail-type", "")}
        yield _on_bus(door, {**entry, "Detail": json.dumps(event.get("detail", {}))})
    for record in event.get("Records", ()):
        if form == "sqs" and isinstance(record.get("body"), str):
            made = _send(door, Sampler(words=Vocabulary()))
            yield replace(made, params={**made.params, "MessageBody": record["body"]})
        elif form == "sns" and isinstance(record.get("Sns"), Mapping):
            held = record["Sns"].get("MessageAttributes") or {}
            named = {key: {"DataType": one["Type"], "StringValue": one["Value"]} for key, one in held.items()}
            params: dict[str, Any] = {"TopicArn": door.ref(), "Message": record["Sns"].get("Message", "")}
            params |= {"MessageAttributes": named} if named else {}
            yield ApiCall(service="sns", operation="Publish", params=params)
