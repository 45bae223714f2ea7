"""What starts a simulation from outside: a client's API call, or the call of a function by a service that is not simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from untangle.simulate.call import ApiCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoked:
    """A function, by its node id, invoked with an event: `how` is "event" (asynchronously) or "request" (someone waits)."""

    function: str
    event: Any
    how: Literal["event", "request"] = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """One thing from outside, `at` so many seconds after the start.

    `what` is an API call (its `caller` is "") or an invocation. `setup` marks what only prepares the scene, such as the items
    of a table: it is carried out at once and nobody hears of it.
    """

    what: ApiCall | Invoked
    at: float = 0.0
    setup: bool = False


def read_stimulus(data: Any) -> Stimulus:
    """A stimulus as people write it: `{function, event, how}` or `{service, operation, params}`, with `at` and `setup`.

    Raises ValueError with what is missing.
    """
    if not isinstance(data, Mapping):
        raise ValueError("a stimulus is an object: {function, event, how} or {service, operation, params}")
    at, setup = float(data.get("at", 0)), bool(data.get("setup", False))
    if "function" in data:
        how = data.get("how", "event")
        if how not in ("event", "request"):
            raise ValueError(f'how is "event" or "request", not {how!r}')
        return Stimulus(what=Invoked(function=str(data["function"]), event=data.get("event"), how=how), at=at, setup=setup)
    if "service" in data and "operation" in data:
        call = ApiCall(service=str(data["service"]), operation=str(data["operation"]), params=data.get("params") or {})
        return Stimulus(what=call, at=at, setup=setup)
    raise ValueError("a stimulus names a function, or a service and an operation")


Stimuli: TypeAlias = tuple[Stimulus, ...]
