"""Jobs of other services: what tells of their ends reaches topics, buckets and the rules of the default bus.

Which jobs these are, and what each tells, is in `untangle.simulate.jobs`.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.jobs import PLAYS, Book, Event, Job, Message, Object, Play, Told
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.event.text import whole_seconds
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.played import Handed, Played, Stage

_TYPE = "jobs"


def book_of(stage: Stage) -> Book:
    """The jobs of a world."""
    memory = stage.memory(_TYPE)
    if "book" not in memory:
        memory["book"] = Book(
            plays=PLAYS,
            clock=stage.clock,
            new_id=stage.new_id,
            tell=partial(_tell, stage),
            strikes=partial(_strikes, stage),
            output=partial(_output, stage),
        )
    book: Book = memory["book"]
    return book


def silence(stage: Stage, response: Mapping[str, Any]) -> None:
    """Nobody is told any more of the jobs that a response names: what a proof compares with."""
    stage.memory(_TYPE).setdefault("silent", []).append(str(response))


def is_silent(stage: Stage, name: str) -> bool:
    """Whether nobody is told of the job with this id or ARN."""
    return any(name in response for response in stage.memory(_TYPE).get("silent", ()))


def _claims(stage: Stage, call: ApiCall) -> Mapping[str, Any] | None:
    return book_of(stage).answer(call)


def _strikes(stage: Stage, operation: str) -> frozenset[str]:
    faults = stage.faults_of(operation)
    for fault in faults:
        stage.tell("fault", operation, what=fault.words)
    return frozenset(fault.kind for fault in faults)


def _output(stage: Stage, play: Play, params: Mapping[str, Any]) -> str:
    """Where the workgroup of a query says that results go."""
    named = params.get("WorkGroup", "primary")
    for resource in stage.application.inventory.resources if play.service == "athena" else ():
        if resource.type == "AWS::Athena::WorkGroup" and stage.application.name(resource.id) == named:
            location = resource.get("WorkGroupConfiguration", "ResultConfiguration", "OutputLocation")
            return stage.application.text(location, stack=resource.stack)
    return ""


def _tell(stage: Stage, play: Play, job: Job, told: Told) -> None:
    if any(is_silent(stage, name) for name in play.named(job)):
        return
    if isinstance(told, Event):
        _event(stage, told)
    elif isinstance(told, Message):
        _call(stage, play, "sns", told.topic, "Publish", {"TopicArn": told.topic, "Message": told.text})
    elif isinstance(told, Object):
        written = {"Bucket": told.bucket, "Key": told.key, "Body": told.body}
        _call(stage, play, "s3", told.bucket, "PutObject", written)


def _call(stage: Stage, play: Play, service: str, named: str, operation: str, params: Mapping[str, Any]) -> None:
    try:
        stage.api(ApiCall(service=service, operation=operation, params=params, caller=f"a job of {play.service}"))
    except ApiError as error:
        node = stage.application.node(named, service) or named
        not_played(stage, node, f"a job of {play.service} cannot tell of its end there ({error.code})")


def _event(stage: Stage, told: Event) -> None:
    id = stage.new_id()
    event = {
        "version": "0",
        "id": id,
        "detail-type": told.kind,
        "source": told.source,
        "account": ACCOUNT,
        "time": whole_seconds(stage.clock.text),
        "region": REGION,
        "resources": list(told.resources),
        "detail": told.detail,
    }
    service = f"{told.source.removeprefix('aws.')}.amazonaws.com"
    message = Handed(text=json.dumps(event), value=event, id=id, service=service)
    for node in (f"eventbridge/{told.source}", "eventbridge/default"):  # rules about this service, rules about several
        if stage.links(node):
            stage.hand(node, message)


def _operations() -> dict[str, frozenset[str]]:
    services = {play.service for play in PLAYS}
    return {
        service: frozenset(name for play in PLAYS if play.service == service for name in (play.operation, play.asks))
        for service in sorted(services)
    }


PLAYED = Played(type=_TYPE, operations=_operations(), claims=_claims)
