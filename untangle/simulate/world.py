"""One side of a comparison: the application's functions, its channels on the virtual clock, the services behind them, faults.

Every API call, of a handler, a machine or a client outside, goes through `World.api`: a channel may answer it in the service's
place, else moto carries it out and the channels hear of it. Without `migrated` this is the choreography as it is deployed; with
it, what is left of it once the workflow has taken over, and the workflow.
"""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from untangle.model.graph import EventGraph
from untangle.model.link import Link
from untangle.model.node import Function
from untangle.simulate import backend, normal
from untangle.simulate.application import Application
from untangle.simulate.call import Answer, ApiCall, ApiError, FunctionError
from untangle.simulate.clock import START, Clock
from untangle.simulate.faults import Fault, Faults, is_effect
from untangle.simulate.handlers.invocation import PLANTED, Crash, Invocation, Runs
from untangle.simulate.happening import Happening
from untangle.simulate.migrated import Migrated
from untangle.simulate.plain import plain
from untangle.simulate.platform import CHANNELS_PLAYED
from untangle.simulate.platform.lambda_invoke import invoke_later
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.played import Handed, Played
from untangle.simulate.provision import provision
from untangle.simulate.remains import left_of
from untangle.simulate.stimulus import Stimulus
from untangle.simulate.takeover import Takeover

MOST_STEPS = 100_000  # what happens in one run at most: a loop without end stops there
_DEEPEST = 50  # functions that wait for each other


class World:
    """See the module. One process has one world at a time: a new one begins with empty services.

    `host` runs handlers and forgets what it has loaded. Raises `backend.NoMoto` where moto is not installed.
    """

    def __init__(
        self,
        application: Application,
        host: Runs,
        *,
        seed: int = 0,
        faults: Iterable[Fault] = (),
        migrated: Migrated | None = None,
        wall: float = 20.0,
    ) -> None:
        self.application = application
        self.host = host
        self.seed = seed
        self.wall = wall
        self.clock = Clock()
        self.random = random.Random(seed)  # noqa: S311 — a simulation's choices, the same in every run
        self.log: list[Happening] = []
        self.notes: list[str] = []
        self.finished = True
        self._faults = Faults(tuple(faults))
        self._memory: dict[str, dict[str, Any]] = {}
        self._ids = random.Random(f"ids {seed}")  # noqa: S311
        self._lock = threading.RLock()
        self._depth = 0
        self._counts: dict[str, int] = {}
        self._played: Mapping[str, Played] = {played.type: played for played in CHANNELS_PLAYED}
        backend.fresh(seed)
        host.fresh()
        self.takeover = Takeover(self, migrated) if migrated is not None else None
        provision(application, backend.carry_out, self.notes.append)
        for played in CHANNELS_PLAYED:
            if played.start is not None:
                played.start(self)

    # what channels ask

    @property
    def graph(self) -> EventGraph:
        """The graph that says who listens to what."""
        return self.application.graph

    def links(self, channel: str) -> tuple[Link, ...]:
        """The links out of a node that deliver now."""
        found = tuple(link for link in self.graph.standing_from(channel) if link.confidence.reported)  # others are guesses
        return found if self.takeover is None else self.takeover.kept(found)

    def memory(self, type: str) -> dict[str, Any]:
        """What a channel type keeps."""
        return self._memory.setdefault(type, {})

    def new_id(self) -> str:
        """A UUID, the same in every run with the same seed."""
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))

    def tell(self, kind: str, who: str, **detail: Any) -> None:
        """Write something to the log."""
        self.log.append(Happening(time=self.clock.now, kind=kind, who=who, detail=plain(detail)))

    def faults_of(self, channel: str) -> tuple[Fault, ...]:
        """The faults that strike the next delivery of a channel."""
        return self._faults.of_delivery(channel)

    def look(self, call: ApiCall) -> Mapping[str, Any]:
        """Carry out a call that only reads, on the platform's own behalf: nobody hears of it and the log does not hold it."""
        return backend.carry_out(call)

    @property
    def unplayed(self) -> tuple[tuple[str, str], ...]:
        """What is not played although it happened: the node id and the reason, each once."""
        return tuple(self.memory("unplayed").get("said", ()))

    def hand(self, target: str, message: Handed) -> None:
        """Hand a message to a channel, or its value as an event to a function."""
        if self.graph.is_function(target):
            self.invoke_later(target, message.value if message.value is not None else message.text)
            return
        played = self._played.get(self.application.type_of(target))
        if played is None or played.receive is None:
            self.tell("park", target, text=message.text, why="nothing plays this channel")
            not_played(self, target, "a message is handed to it, and nothing plays this channel")
            return
        played.receive(self, target, message)

    def invoke_later(self, function: str, event: Any, *, settings: Mapping[str, Any] | None = None) -> None:
        """Invoke a function asynchronously; where a workflow starts in its place, that."""
        if self.takeover is not None and self.takeover.starts(function):
            self.takeover.start(function, event)
            return
        invoke_later(self, function, event, settings)

    def run_function(self, function: str, event: Any, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Invoke a function once; where a workflow starts in the place of its subscription, start that."""
        if client_context is None and self.takeover is not None and self.takeover.starts(function):
            return self.takeover.start(function, event)
        return self.invoke(function, event, client_context=client_context)

    # functions

    def invoke(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Run a function, by id, name or ARN, once and synchronously, faults included. Raises `handlers.invocation.Unable`."""
        found = self.application.function(function)
        if found is None:
            return Answer(error=FunctionError(type="ResourceNotFoundException", message=f"Function not found: {function}"))
        if self._depth >= _DEEPEST:
            return Answer(
                error=FunctionError(type="RecursiveInvocationException", message="the functions call each other too deeply")
            )
        attempt, fault = self._faults.of_invocation(found.id, event)
        if fault is not None:
            self.tell("fault", found.id, what=fault.words)
        if fault is not None and fault.kind == "throttle":
            return Answer(error=FunctionError(type="TooManyRequestsException", message="Rate Exceeded.", throttled=True))
        self.tell("invoke", found.id, event=event, attempt=attempt, marker=_marker(client_context))
        self._depth += 1
        try:
            answer = self._struck(self._invoked(found, event, client_context, fault), found, fault)
        finally:
            self._depth -= 1
        if answer.error is None:
            self.tell("answer", found.id, payload=answer.payload, seconds=answer.seconds)
        else:
            self.tell("error", found.id, type=answer.error.type, message=answer.error.message)
        return answer

    def _invoked(self, function: Function, event: Any, context: Mapping[str, Any] | None, fault: Fault | None) -> Answer:
        before, after = _crashes(fault)
        outbox = self.takeover is not None and self.takeover.has_outbox(function.id)
        environment = self.application.environment(function)
        if outbox and self.takeover is not None:
            environment |= self.takeover.environment(function.id)
        # The same chance for the same message on both sides of a comparison, another one for each of its tries.
        given = f"{self.seed} {function.id} {sorted(map(normal.key, normal.messages(event)))}"
        self._counts[given] = self._counts.get(given, 0) + 1
        return self.host(
            Invocation(
                function=function,
                event=event,
                client_context=context,
                request_id=self.new_id(),
                handler=function.handler or "",
                arn=self.application.attribute(function.id, "Arn"),
                name=self.application.name(function.id),
                environment=environment,
                api=self.api,
                before=before,
                after=after,
                now=lambda: START.timestamp() + self.clock.now,
                seconds=float(function.timeout or 3),
                wall=self.wall,
                outbox=outbox,
                fails=fault is not None and fault.kind in ("error", "crash_before"),  # one without that effect at its end
                said=lambda text: self.tell("said", function.id, text=text),
                seed=number_of(f"{given} {self._counts[given]}"),
            )
        )

    def _struck(self, answer: Answer, function: Function, fault: Fault | None) -> Answer:
        """The answer as a fault leaves it that strikes after the handler is through."""
        if fault is None or answer.error is not None:
            return answer
        if fault.kind == "timeout":
            seconds = float(function.timeout or 3)
            message = f"Task timed out after {seconds:.2f} seconds"
            error = FunctionError(type="Sandbox.Timedout", message=message, timed_out=True)
            return Answer(error=error, seconds=seconds)
        if fault.kind == "error":  # of a host that has not planted it into the handler
            return Answer(error=FunctionError(type=PLANTED[0], message=PLANTED[1]), seconds=answer.seconds)
        return answer

    # calls

    def api(self, call: ApiCall) -> Mapping[str, Any]:
        """Carry an API call out: a channel answers it, or moto does and the channels hear of it. Raises `ApiError`."""
        if call.service == "lambda" and call.operation in ("Invoke", "InvokeAsync"):
            return self._called(call)  # may run a handler with threads of its own: no lock
        with self._lock:
            return self._called(call)

    def _called(self, call: ApiCall) -> Mapping[str, Any]:
        try:
            response = self._carried_out(call)
        except ApiError as error:
            self.tell("call", call.caller, service=call.service, operation=call.operation, params=call.params, error=error.code)
            raise
        self.tell("call", call.caller, service=call.service, operation=call.operation, params=call.params, response=response)
        return response

    def _carried_out(self, call: ApiCall) -> Mapping[str, Any]:
        if self.takeover is not None and (answered := self.takeover.answer(call)) is not None:
            return answered
        concerned = [played for played in CHANNELS_PLAYED if played.concerns(call)]
        for played in concerned:
            if played.claims is not None and (claimed := played.claims(self, call)) is not None:
                return claimed
        seen = {played.type: played.before(self, call) for played in concerned if played.before is not None}
        response: Mapping[str, Any] = timed(backend.carry_out(call), self.clock.moment)
        for played in concerned:
            if played.heard is not None:
                played.heard(self, call, response, seen.get(played.type))
        return response

    # from outside

    def stimulate(self, stimulus: Stimulus) -> None:
        """Let something happen from outside, when its time comes; what only sets the scene happens at once and unheard."""
        if stimulus.setup and isinstance(stimulus.what, ApiCall):
            self._set(stimulus.what)
        else:
            self.clock.after(stimulus.at - self.clock.now, lambda: self._stimulated(stimulus))

    def _set(self, call: ApiCall) -> None:
        try:
            for played in CHANNELS_PLAYED:
                if played.concerns(call) and played.claims is not None and played.claims(self, call) is not None:
                    return
            backend.carry_out(call)
        except ApiError as error:
            self.notes.append(f"{call.service}:{call.operation} failed while the scene was set: {error}")

    def _stimulated(self, stimulus: Stimulus) -> None:
        what = stimulus.what
        if isinstance(what, ApiCall):
            try:
                self.api(what)
            except ApiError as error:
                self.tell("error", "", type=error.code, message=error.message)
            return
        found = self.application.function(what.function)
        function = what.function if found is None else found.id
        if what.how == "event":
            self.invoke_later(function, what.event)
        else:
            self.run_function(function, what.event)

    def run(self, *, until: float = float("inf"), most: int = MOST_STEPS) -> bool:
        """Let everything happen that follows; False where it does not come to an end within `most` things."""
        self.finished = self.clock.run(until=until, most=most)
        return self.finished

    def state(self) -> Mapping[str, Any]:
        """What is left: items of tables, objects of buckets, messages of queues and so on, by channel type and node."""
        found = {played.type: played.left(self) for played in CHANNELS_PLAYED if played.left is not None}
        found |= left_of(self.application)
        return {type_: plain(held) for type_, held in sorted(found.items()) if held}


def timed(value: Any, moment: datetime) -> Any:
    """A response of moto, which knows real time only, with the present of the simulation in it."""
    if isinstance(value, datetime):
        return moment
    if isinstance(value, dict):
        return {key: timed(inner, moment) for key, inner in value.items()}
    return [timed(inner, moment) for inner in value] if isinstance(value, list) else value


def number_of(text: str) -> int:
    """A number made of a text, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _marker(context: Mapping[str, Any] | None) -> Any:
    custom = (context or {}).get("custom")
    return custom.get("untangle") if isinstance(custom, Mapping) else None


def _crashes(fault: Fault | None) -> tuple[Callable[[ApiCall], None], Callable[[ApiCall], None]]:
    """What is told of each call a handler makes, before and after: the fault's crash comes at its effect."""
    counts = {"before": 0, "after": 0}

    def watch(when: str) -> Callable[[ApiCall], None]:
        def told(call: ApiCall) -> None:
            if fault is None or not is_effect(call):
                return
            counts[when] += 1
            if counts[when] == fault.effect and fault.kind == f"crash_{when}":
                raise Crash
            if counts[when] == fault.effect and fault.kind == "refused" and when == "before":
                raise ApiError("InternalServerError", "a refusal that was planted", status=500, service=call.service)

        return told

    return watch("before"), watch("after")
