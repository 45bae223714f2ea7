"""Where calls are met: `_make_api_call` of botocore's clients, and of every class that has its own (aiobotocore's).

The method is replaced on the class, so that clients made before, sessions and resources are covered; classes that are defined
later are met when they are. Outside of a run that something is asked of the call goes straight on.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

from .call import Call, Prepare, Send, Steps
from .effect import effect_of
from .held import hold, hold_events
from .images import SEVERAL, tables_of
from .parts import OPERATIONS, any_operation, resource_of
from .recording import Recording, aside, current
from .target import Target, matched, named
from .threads import follow
from .told import tell

_MARK = "_untangle"


def install() -> None:
    """Has every call met from now on; where that is so already nothing happens."""
    from botocore.client import BaseClient

    follow()
    if "__init_subclass__" not in vars(BaseClient):
        BaseClient.__init_subclass__ = classmethod(_meet_defined)
    pending = [BaseClient]
    while pending:
        one = pending.pop()
        _meet(one)
        pending.extend(one.__subclasses__())


def _meet_defined(cls: type, /, **given: Any) -> None:
    _meet(cls)


def _meet(cls: Any) -> None:
    original = vars(cls).get("_make_api_call")
    if original is None or hasattr(original, _MARK):
        return
    made = _awaiting(original) if inspect.iscoroutinefunction(original) else _calling(original)
    setattr(made, _MARK, True)
    cls._make_api_call = made


def _calling(original: Any) -> Any:
    @functools.wraps(original)
    def _make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        steps = _steps(self, operation_name, api_params)
        if steps is None:
            return original(self, operation_name, api_params)
        answer: Any = None
        error: Exception | None = None
        while True:
            try:
                asked = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            answer, error = None, None
            try:
                with aside():
                    if isinstance(asked, Send):
                        answer = original(self, asked.operation, asked.params)
                    elif isinstance(asked, Prepare):
                        answer = self._emit_api_params(**_prepared(self, operation_name, api_params))
            except Exception as raised:
                error = raised

    return _make_api_call


def _awaiting(original: Any) -> Any:
    @functools.wraps(original)
    async def _make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        steps = _steps(self, operation_name, api_params)
        if steps is None:
            return await original(self, operation_name, api_params)
        answer: Any = None
        error: Exception | None = None
        while True:
            try:
                asked = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            answer, error = None, None
            try:
                with aside():
                    if isinstance(asked, Send):
                        answer = await original(self, asked.operation, asked.params)
                    elif isinstance(asked, Prepare):
                        answer = await self._emit_api_params(**_prepared(self, operation_name, api_params))
            except Exception as raised:
                error = raised

    return _make_api_call


def _prepared(client: Any, name: str, params: Any) -> dict[str, Any]:
    """What botocore gives its handlers before a call (botocore, `BaseClient._make_api_call`)."""
    context = {"client_region": client.meta.region_name, "client_config": client.meta.config}
    return {"api_params": dict(params), "operation_model": client.meta.service_model.operation_model(name), "context": context}


def _steps(client: Any, name: str, params: Any) -> Steps | None:
    """What is to happen to a call; None where it is the handler's own business."""
    recording = current()
    if recording is None:
        return None
    service = client.meta.service_model.service_name
    operation = OPERATIONS.get((service, name))
    job = recording.operations.get((service, name))
    if job is not None:
        call = Call(recording, client, service, name, any_operation(name), params)
        return hold(call, job) if job in recording.capture else tell(call, job)
    if operation is None and name not in SEVERAL:
        return None
    call = Call(recording, client, service, name, operation or any_operation(name), params)
    return _asked(call) or (_watched(call) if recording.log is not None else None)


def _asked(call: Call) -> Steps | None:
    """A call on one of the targets."""
    recording, region, params = call.recording, call.client.meta.region_name, call.params
    if call.service == "dynamodb" and call.name in SEVERAL:
        held, told = _of(recording, [named("dynamodb", table, region) for table in tables_of(call.name, params)])
    elif call.name == "PutEvents":
        entries = params.get("Entries") if isinstance(params, Mapping) else None
        held, told = _of(recording, [named("events", bus, region) for bus in _buses(entries)])
        return hold_events(call) if held is not None or told is not None else None
    elif call.name == "Invoke" and params.get("InvocationType") != "Event":
        return None
    else:
        resource = resource_of(call.operation, params)
        held, told = _of(recording, [_resource(call, resource, region)] if resource else [])
    if held is not None and call.service not in ("s3", "dynamodb"):  # whose writes have other readers: they go out always
        return hold(call, held)
    known = held or told
    return tell(call, known) if known is not None else None


def _resource(call: Call, resource: str, region: str | None) -> Target:
    """A schedule's resource is the function that it calls."""
    return named("lambda" if call.service == "scheduler" else call.service, resource, region)


def _buses(entries: Any) -> list[str]:
    listed = entries if isinstance(entries, (list, tuple)) else ()
    return [str(entry.get("EventBusName") or "default") for entry in listed if isinstance(entry, Mapping)]


def _of(recording: Recording, given: list[Target]) -> tuple[Target | None, Target | None]:
    """The first target that is held back and the first that is told of, among those that a call names."""
    held = (matched(recording.capture, one) for one in given)
    told = (matched(recording.observe, one) for one in given)
    return next((one for one in held if one is not None), None), next((one for one in told if one is not None), None)


def _watched(call: Call) -> Steps:
    """Record mode: the call goes out as it is, and what it did is written down."""
    response = yield Send(call.name, call.params)
    for part in call.operation.apart(call.params):
        answer = call.operation.answer(response, part.reference)
        if answer is not None:
            number, resource = call.recording.number(), resource_of(call.operation, call.params) or ""
            effect = effect_of(call.recording, number, resource, (call.service, part.operation), dict(part.params), answer)
            call.recording.log(effect)
    return response  # type: ignore[no-any-return]
