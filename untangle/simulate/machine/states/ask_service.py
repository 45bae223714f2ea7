"""The calls that a distributed Map makes by itself, to read its items and to write its results: no events tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.strand import Cancel, Resume, Work
from untangle.simulate.machine.task import Reply, TaskCall
from untangle.simulate.machine.visit import Visit


def ask_service(visit: Visit, resource: str, action: str, arguments: Mapping[str, Any]) -> Work:
    """Call an action of S3 as the SDK integration does; returns its answer or a `TaskFailure`. A body of bytes stays as is."""
    call = TaskCall(
        resource=resource,
        service="aws-sdk:s3",
        action=action,
        arguments=arguments,
        context=visit.context(),
        attempt=visit.retries,
        state=visit.name,
        path=visit.frame.path,
    )

    def begin(resume: Resume) -> Cancel:
        reply = Reply(answered=resume)
        visit.frame.execution.services.start(call, reply)
        return reply.cancel

    return (yield begin)
