"""Event sources that are written into another resource of the stack: bucket notifications and user pool triggers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from untangle.model.resource import Resource, Route
from untangle.model.value import ACCOUNT, Either, Ref, Value, show
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import Event, EventSource
from untangle.scanners.sam.part import Part, negated


def read_bucket(draft: Draft, event: Event) -> None:
    """`S3`: a LambdaConfiguration in the bucket's NotificationConfiguration, one per kind of event."""
    for bucket in event.part.below("Bucket"):
        resource = _linked(draft, event, bucket, "AWS::S3::Bucket")
        if resource is None:
            continue
        for kinds in event.part.below("Events"):
            for kind in kinds.elements():
                entry = {"Event": kind.value, "Function": event.target.arn, **event.take(("Filter",))}
                condition = kind.condition if kind.condition != resource.condition else None
                resource = _notify(draft, resource, _when(entry, condition), kind)
        event.permit(draft, "s3.amazonaws.com", account=ACCOUNT)


def _notify(draft: Draft, bucket: Resource, entry: Value, at: Part) -> Resource:
    route = ("NotificationConfiguration", "LambdaConfigurations")
    count = 0

    def append(known: Value) -> Value:
        nonlocal count
        listed = known if isinstance(known, tuple) else () if known is None else (known,)
        count = max(count, len(listed))
        return listed if entry in listed else (*listed, entry)

    changed = _changed(bucket.properties, route, append)
    return _update(draft, bucket, changed, (*route, count), at)


def read_pool(draft: Draft, event: Event) -> None:
    """`Cognito`: the triggers of a user pool."""
    for pool in event.part.below("UserPool"):
        resource = _linked(draft, event, pool, "AWS::Cognito::UserPool")
        if resource is None:
            continue
        for triggers in event.part.below("Trigger"):
            for trigger in triggers.elements():
                if not isinstance(trigger.value, str):
                    draft.gap(trigger, f"a trigger of event {event.name}", "its name is not known")
                    continue
                condition = trigger.condition if trigger.condition != resource.condition else None
                route = ("LambdaConfig", trigger.value)
                arn = _when(event.target.arn, condition)
                changed = _changed(resource.properties, route, partial(_besides, arn))
                resource = _update(draft, resource, changed, route, trigger)
        address = f"{event.target.address}CognitoPermission"
        event.permit(draft, "cognito-idp.amazonaws.com", Ref(resource.id, "Arn"), address=address)


def _besides(arn: Value, known: Value) -> Value:
    """What a trigger starts where something else is written for it already: either of them."""
    return arn if known is None or known == arn else Either((known, arn))


def _when(value: Value, condition: str | None) -> Value:
    """The value under a condition, nothing otherwise, as Fn::If with AWS::NoValue would have it."""
    return value if condition is None else Either((value, None), (condition, negated(condition)))


def _linked(draft: Draft, event: Event, part: Part, type: str) -> Resource | None:
    """The resource of the stack that an event names by Ref; a problem where it names none, for SAM accepts no other form."""
    found = draft.made.get(part.value.resource) if isinstance(part.value, Ref) else None
    if found is not None and found.type == type:
        return found
    noun = type.rpartition("::")[2].lower()
    draft.problem(part, f"event {event.name} must name a {noun} of this template by Ref, {show(part.value)} is none")
    draft.gap(
        part, f"the {noun} behind event {event.name} of {event.head.owner.address}", "it is not a resource of this template"
    )
    return None


def _changed(value: Value, route: tuple[str, ...], change: Callable[[Value], Value]) -> Value:
    """The value with what stands at a route changed; mappings on the way are made where they are missing."""
    if not route:
        return change(value)
    if isinstance(value, Either):
        return Either(tuple(_changed(option, route, change) for option in value.options), value.conditions)
    known = value if isinstance(value, Mapping) else {}
    return {**known, route[0]: _changed(known.get(route[0]), route[1:], change)}


def _update(draft: Draft, resource: Resource, properties: Value, route: Route, at: Part) -> Resource:
    """The resource with new properties, the line of `at` noted for what was added at `route`."""
    if not isinstance(properties, Mapping):
        return resource
    lines = dict(resource.lines)
    if at.location is not None and resource.location is not None and at.location.path == resource.location.path and at.line:
        lines.setdefault(route, at.line)
    updated = replace(resource, properties=properties, lines=lines)
    draft.made[resource.id] = updated
    return updated


NOTIFICATIONS = (
    EventSource(type="S3", required=("Bucket", "Events"), read=read_bucket),
    EventSource(type="Cognito", required=("UserPool", "Trigger"), read=read_pool),
)
