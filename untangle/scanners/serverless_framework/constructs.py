"""Constructs of the lift plugin: queues with their worker, webhooks on a bus, buckets, tables.

`${construct:jobs.queueUrl}` in the service names what a construct makes. Source: the documentation of serverless-lift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from untangle.model.value import PARTITION, REGION, Ref, Value, concat
from untangle.scanners.sam import grants
from untangle.scanners.sam.part import Part
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.draft import ServiceDraft
from untangle.scanners.serverless_framework.events.event import Started
from untangle.scanners.serverless_framework.function import write_function
from untangle.scanners.serverless_framework.service import Service


def write_constructs(service: Service, draft: ServiceDraft, sharing: list[Started]) -> None:
    """Writes the constructs out; what lift grants the functions of the service goes into their shared role."""
    for entry in service.entries("constructs"):
        part = service.part(entry)
        kind = part.get("type")
        write = _CONSTRUCTS.get(kind) if isinstance(kind, str) else None
        if write is not None:
            write(service, draft, part, sharing)


def _grant(sharing: list[Started], part: Part, statement: Mapping[str, Value]) -> None:
    """Lift lets all functions of the service use a construct, through the role that they share."""
    sharing.append(
        Started(
            key=part.owner.address, prefix="", service="construct", arn=Ref(part.owner.id), name="", needs=[(statement, part)]
        )
    )


def _queue(service: Service, draft: ServiceDraft, part: Part, sharing: list[Started]) -> None:
    key = part.owner.address
    fifo: Mapping[str, Value] = {"FifoQueue": True} if part.get("fifo") is True else {}
    name = concat((service.name, "-", service.stage, "-", key))
    ending = ".fifo" if fifo else ""
    dead = draft.make(part, f"{key}Dlq", "AWS::SQS::Queue", {"QueueName": concat((name, "-dlq", ending)), **fifo})
    redrive: Value = {"deadLetterTargetArn": Ref(dead.id, "Arn"), "maxReceiveCount": part.get("maxRetries") or 3}
    delay = part.get("delay")
    values: dict[str, Value] = {"QueueName": concat((name, ending)), "RedrivePolicy": redrive, "DelaySeconds": delay, **fifo}
    queue = draft.make(part, f"{key}Queue", "AWS::SQS::Queue", values)
    _grant(sharing, part, grants.allow("sqs:SendMessage", Ref(queue.id, "Arn")))
    for worker in part.below("worker"):
        started = write_function(service, draft, f"{key}Worker", _as_function(worker))
        sharing += [started] if started is not None else []
        mapping: dict[str, Value] = {
            "EventSourceArn": Ref(queue.id, "Arn"),
            "FunctionName": draft.ref(naming.function(f"{key}Worker"), "Arn"),
            "BatchSize": part.get("batchSize") or 1,
            "FunctionResponseTypes": ("ReportBatchItemFailures",),
            "MaximumBatchingWindowInSeconds": part.get("maxBatchingWindow"),
        }
        address = f"{naming.normalized(key)}WorkerEventSourceMappingSQS{naming.alphanumeric(key)}Queue"
        draft.make(worker, address, "AWS::Lambda::EventSourceMapping", mapping)


def _as_function(part: Part) -> Part:
    """A function that is written inside a construct, as an entry of its own: routes begin at it."""
    depth = len(part.route)
    lines = {
        route[depth:]: line for route, line in part.owner.lines.items() if route[:depth] == part.route and len(route) > depth
    }
    values = part.value if isinstance(part.value, Mapping) else {}
    owner = replace(part.owner, properties=values, lines=lines, location=part.location)
    return Part(owner=owner, value=values)


def _storage(service: Service, draft: ServiceDraft, part: Part, sharing: list[Started]) -> None:
    bucket = draft.make(part, f"{part.owner.address}Bucket", "AWS::S3::Bucket", {})
    arn = Ref(bucket.id, "Arn")
    actions = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket")
    _grant(sharing, part, grants.allow(actions, arn, concat((arn, "/*"))))


def _table(service: Service, draft: ServiceDraft, part: Part, sharing: list[Started]) -> None:
    values: dict[str, Value] = {"StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"}}
    table = draft.make(part, f"{part.owner.address}Table", "AWS::DynamoDB::Table", values)
    actions = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query")
    _grant(sharing, part, grants.allow(actions, Ref(table.id, "Arn")))


def _webhook(service: Service, draft: ServiceDraft, part: Part, sharing: list[Started]) -> None:
    """An API that puts what it gets on a bus of its own; the authorizer is a function."""
    key = part.owner.address
    bus = draft.make(part, f"{key}Bus", "AWS::Events::EventBus", {"Name": concat((service.name, "-", service.stage, "-", key))})
    api = draft.make(part, f"{key}Api", "AWS::ApiGatewayV2::Api", {"ProtocolType": "HTTP"})
    values: dict[str, Value] = {
        "ApiId": Ref(api.id),
        "IntegrationType": "AWS_PROXY",
        "IntegrationSubtype": "EventBridge-PutEvents",
        "RequestParameters": {"EventBusName": Ref(bus.id), "Source": key, "Detail": "$request.body", "DetailType": "Webhook"},
    }
    made = draft.make(part, f"{key}Integration", "AWS::ApiGatewayV2::Integration", values)
    route: dict[str, Value] = {
        "ApiId": Ref(api.id),
        "RouteKey": concat((part.get("method") or "POST", " ", part.get("path") or "/")),
        "Target": concat(("integrations/", Ref(made.id))),
    }
    draft.make(part, f"{key}Route", "AWS::ApiGatewayV2::Route", route)
    for authorizer in part.below("authorizer"):
        started = write_function(service, draft, f"{key}Authorizer", _as_function(authorizer))
        sharing += [started] if started is not None else []
        arn = draft.ref(naming.function(f"{key}Authorizer"), "Arn")
        uri = concat(("arn:", PARTITION, ":apigateway:", REGION, ":lambda:path/2015-03-31/functions/", arn, "/invocations"))
        more: dict[str, Value] = {"ApiId": Ref(api.id), "AuthorizerType": "REQUEST", "AuthorizerUri": uri}
        draft.make(authorizer, f"{key}AuthorizerRequest", "AWS::ApiGatewayV2::Authorizer", more)


_CONSTRUCTS: Mapping[str, Callable[[Service, ServiceDraft, Part, list[Started]], None]] = {
    "queue": _queue,
    "storage": _storage,
    "database/dynamodb-single-table": _table,
    "webhook": _webhook,
}
