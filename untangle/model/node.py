"""The nodes of the event graph: functions that take part, the channels between them, existing state machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.condition import is_off
from untangle.model.location import Location
from untangle.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A compute participant: `kind` is lambda, ecs_task, …

    `timeout` is in seconds, `memory` in MB, `image` says that its code is a container
    image. `environment` holds the variables by name, unresolved. `role` is
    the id of its execution role. `code` is the folder (or file) of its source relative to the root, where one
    was found. `asynchronous` holds its EventInvokeConfig and dead-letter settings (`maximum_retry_attempts`,
    `maximum_event_age`, `dead_letter`: a node id). `internal` marks the helpers that a framework generates.
    `owner` is who the configuration says it belongs to.
    """

    id: str
    address: str
    stack: str
    kind: str = "lambda"
    name: str | None = None
    runtime: str | None = None
    handler: str | None = None
    location: Location | None = None
    code: str | None = None
    deployed: str | None = None
    condition: str | None = None
    timeout: int | None = None
    memory: int | None = None
    image: bool = False
    role: str | None = None
    environment: Mapping[str, Value] = field(default_factory=dict)
    asynchronous: Mapping[str, Value] = field(default_factory=dict)
    internal: bool = False
    owner: str | None = None

    @property
    def switched_off(self) -> bool:
        """Whether it is known not to be there."""
        return is_off(self.condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNode:
    """A queue, topic, bus, bucket, table stream …: what messages pass through.

    `external` marks a channel that is named but not declared in the scan (an ARN of another account).
    `settings` are what the channel itself brings to planning (`fifo`, `delay_seconds`, `visibility_timeout`,
    `redrive`: {`dead_letter`: node id, `max_receive_count`: n}, `key_names`, `stream_view`, `archived`).
    """

    id: str
    type: str
    address: str
    stack: str
    name: str | None = None
    location: Location | None = None
    external: bool = False
    settings: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine:
    """A workflow that is orchestrated already: `functions` are the ids of those its tasks invoke."""

    id: str
    address: str
    stack: str
    functions: tuple[str, ...] = ()
    location: Location | None = None
