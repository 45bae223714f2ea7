"""A small application in a world: resources of a template, handlers as Python functions, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from untangle.config import Config
from untangle.pipeline import scan
from untangle.simulate.application import Application
from untangle.simulate.call import Answer, ApiCall, FunctionError
from untangle.simulate.faults import Fault
from untangle.simulate.handlers.invocation import Invocation
from untangle.simulate.stimulus import Invoked, Stimulus
from untangle.simulate.world import World

Handler: TypeAlias = Callable[[Any], Any]
Resource: TypeAlias = Mapping[str, Any]


class Failing(Exception):
    """What a handler raises to fail."""


class Throttled(Exception):
    """What a handler raises for an invocation that Lambda refuses."""


class Play:
    """The application of some resources; handlers go by their function's logical id, one not given returns `{"ok": 1}`."""

    def __init__(
        self,
        folder: Path,
        resources: Mapping[str, Resource],
        handlers: Mapping[str, Handler] | None = None,
        *,
        faults: Iterable[Fault] = (),
        seed: int = 0,
    ) -> None:
        (folder / "template.json").write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
        self.handlers = handlers or {}
        self.seen: list[tuple[str, Any, float]] = []
        graph = scan(folder, config=Config()).graph
        self.world = World(Application(graph, folder), self, seed=seed, faults=faults)

    # a host

    def fresh(self) -> None:
        """Nothing is loaded."""

    def __call__(self, invocation: Invocation) -> Answer:
        """Run a handler; every event is noted."""
        address = invocation.function.address
        event = json.loads(json.dumps(invocation.event))
        self.seen.append((address, event, self.world.clock.now))
        try:
            return Answer(payload=self.handlers.get(address, lambda _: {"ok": 1})(event), seconds=0.01)
        except Failing as error:
            return Answer(error=FunctionError(type="Failing", message=str(error)), seconds=0.01)
        except Throttled:
            return Answer(error=FunctionError(type="TooManyRequestsException", throttled=True))

    # what a client does

    def name(self, address: str, attribute: str = "") -> str:
        """What Ref or GetAtt gives for a resource."""
        return self.world.application.attribute(f"template/{address}", attribute)

    def call(self, service: str, operation: str, **params: Any) -> Any:
        """An API call of a client."""
        return self.world.api(ApiCall(service=service, operation=operation, params=params))

    def publish(self, topic: str, message: str, **params: Any) -> Any:
        return self.call("sns", "Publish", TopicArn=self.name(topic), Message=message, **params)

    def send(self, queue: str, body: str, **params: Any) -> Any:
        return self.call("sqs", "SendMessage", QueueUrl=self.name(queue), MessageBody=body, **params)

    def put_event(self, detail: Any, *, source: str = "shop", kind: str = "dt", bus: str = "default") -> Any:
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": bus}
        return self.call("events", "PutEvents", Entries=[entry])

    def upload(self, bucket: str, key: str, body: bytes = b"1") -> Any:
        return self.call("s3", "PutObject", Bucket=self.name(bucket), Key=key, Body=body)

    def put_item(self, table: str, **item: str) -> Any:
        return self.call(
            "dynamodb", "PutItem", TableName=self.name(table), Item={name: {"S": text} for name, text in item.items()}
        )

    def invoke(self, function: str, event: Any) -> None:
        """Invoke a function asynchronously."""
        self.world.stimulate(Stimulus(what=Invoked(function=f"template/{function}", event=event)))

    def run(self, seconds: float = float("inf")) -> Play:
        """Let happen what follows, for so many seconds more."""
        if seconds != float("inf"):
            self.world.clock.after(seconds, lambda: None)  # so that time passes even if nothing happens
        assert self.world.run(until=self.world.clock.now + seconds)
        return self

    # what came of it

    def events(self, function: str = "F") -> list[Any]:
        """The events that a function got, in order."""
        return [event for address, event, _ in self.seen if address == function]

    def times(self, function: str = "F") -> list[float]:
        """When, in seconds."""
        return [at for address, _, at in self.seen if address == function]

    def records(self, function: str = "F") -> list[Any]:
        """All records of the events that a function got."""
        return [record for event in self.events(function) for record in event["Records"]]

    def messages(self, queue: str = "Q") -> list[Any]:
        """The messages that are in a queue, body and attributes."""
        held = self.world.state().get("sqs", {})
        return list(held.get(f"template/{queue}", ()))

    def bodies(self, queue: str = "Q") -> list[Any]:
        """Their bodies, decoded where they are JSON."""
        return [_decoded(message["body"]) for message in self.messages(queue)]


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


# --- resources


def resource(type: str, **properties: Any) -> Resource:
    return {"Type": f"AWS::{type}", "Properties": properties}


def arn(address: str, attribute: str = "Arn") -> Resource:
    return {"Fn::GetAtt": [address, attribute]}


def ref(address: str) -> Resource:
    return {"Ref": address}


def function(**properties: Any) -> Resource:
    return resource("Lambda::Function", Handler="app.handler", Runtime="python3.12", Timeout=10, **properties)


def queue(**properties: Any) -> Resource:
    return resource("SQS::Queue", **properties)


def topic(**properties: Any) -> Resource:
    return resource("SNS::Topic", **properties)


def subscription(endpoint: str, topic: str = "T", protocol: str = "sqs", **properties: Any) -> Resource:
    return resource("SNS::Subscription", TopicArn=ref(topic), Protocol=protocol, Endpoint=arn(endpoint), **properties)


def mapping(source: Any, function: str = "F", **properties: Any) -> Resource:
    return resource("Lambda::EventSourceMapping", EventSourceArn=source, FunctionName=ref(function), **properties)


def rule(target: Any, pattern: Any = None, bus: Any = None, **properties: Any) -> Resource:
    named = {} if bus is None else {"EventBusName": bus}
    listed = [{"Id": "1", "Arn": target, **properties}]
    return resource("Events::Rule", EventPattern=pattern or {"source": ["shop"]}, Targets=listed, **named)


def table(view: str | None = "NEW_AND_OLD_IMAGES", **properties: Any) -> Resource:
    stream = {} if view is None else {"StreamSpecification": {"StreamViewType": view}}
    return resource(
        "DynamoDB::Table",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        **stream,
        **properties,
    )


def bucket(**notifications: Any) -> Resource:
    return resource("S3::Bucket", NotificationConfiguration=notifications)


def stream(**properties: Any) -> Resource:
    return resource("Kinesis::Stream", ShardCount=1, **properties)


def text_attribute(text: str) -> Mapping[str, str]:
    return {"DataType": "String", "StringValue": text}
