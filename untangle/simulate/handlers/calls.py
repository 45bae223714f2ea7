"""Where a Python handler's AWS calls leave it: botocore's one method for all of them, replaced for as long as a handler runs.

Clients, resources, paginators, waiters and transfers all end there. Parameters are brought into the API's spelling by botocore's
hooks (a table resource's values become attribute values) and checked by its model, errors become its exceptions; only the way to
the network is not taken.
"""

from __future__ import annotations

import contextvars
import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from untangle.simulate import backend
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.handlers import remembered
from untangle.simulate.handlers.invocation import Invocation

_current: contextvars.ContextVar[Invocation | None] = contextvars.ContextVar("untangle_invocation", default=None)
_stack: list[Invocation] = []  # for threads of handlers, which do not know the context


def running() -> Invocation | None:
    """The invocation on whose behalf code runs; None where no handler runs."""
    return _current.get() or (_stack[-1] if _stack else None)


def enter(invocation: Invocation) -> contextvars.Token[Invocation | None]:
    """From here on calls are this invocation's."""
    _stack.append(invocation)
    return _current.set(invocation)


def leave(token: contextvars.Token[Invocation | None]) -> None:
    """The invocation is over."""
    _stack.pop()
    _current.reset(token)


def install() -> None:
    """Have botocore's calls met; where that is so already nothing happens."""
    from botocore.client import BaseClient

    if backend.ORIGINAL is None:
        backend.ORIGINAL = BaseClient._make_api_call
        BaseClient._make_api_call = _met
        remembered.install(running)
        from untangle.runtime.outbox.chokepoint import install as install_outbox

        install_outbox()  # above ours, below what watches


class Watched:
    """While it is entered, every call that a handler itself makes is told of first, above any outbox."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._inner: Any = None

    def __enter__(self) -> None:
        from botocore.client import BaseClient

        inner = self._inner = BaseClient._make_api_call
        invocation = self._invocation

        def watched(client: Any, operation: str, params: Any) -> Any:
            call = ApiCall(
                service=client.meta.service_model.service_name, operation=operation, params=params, caller=invocation.function.id
            )
            if running() is not invocation:
                return inner(client, operation, params)
            try:
                invocation.before(call)
            except ApiError as error:
                raise _raised(client, operation, error) from None
            response = inner(client, operation, params)
            invocation.after(call)
            return response

        watched._untangle = True  # type: ignore[attr-defined]  # the outbox stands below already
        BaseClient._make_api_call = watched

    def __exit__(self, *_: object) -> None:
        from botocore.client import BaseClient

        BaseClient._make_api_call = self._inner


def _met(client: Any, operation_name: str, api_params: Any) -> Any:
    """In the place of `BaseClient._make_api_call`."""
    invocation = running()
    if invocation is None:
        return backend.ORIGINAL(client, operation_name, api_params)
    model = client._service_model.operation_model(operation_name)
    context = {
        "client_region": client.meta.region_name,
        "client_config": client.meta.config,
        "has_streaming_input": model.has_streaming_input,
        "auth_type": model.resolved_auth_type,
        "unsigned_payload": model.unsigned_payload,
        "auth_options": getattr(model, "auth_type", None),
    }
    params = client._emit_api_params(api_params=api_params, operation_model=model, context=context)
    _check(model, params)
    service = client.meta.service_model.service_name
    call = ApiCall(service=service, operation=operation_name, params=_read(params), caller=invocation.function.id)
    try:
        response = dict(invocation.api(call))
    except ApiError as error:
        raise _raised(client, operation_name, error) from None
    response = _streamed(model, response) | {"ResponseMetadata": _metadata(200)}
    event = f"after-call.{client._service_model.service_id.hyphenize()}.{operation_name}"
    http = SimpleNamespace(status_code=200, headers={}, content=b"")
    client.meta.events.emit(event, http_response=http, parsed=response, model=model, context=context)
    return response


def _check(model: Any, params: Mapping[str, Any]) -> None:
    from botocore.exceptions import ParamValidationError
    from botocore.validate import ParamValidator

    if model.input_shape is not None:
        report = ParamValidator().validate(params, model.input_shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())


def _read(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, bodies that are files read."""
    return {key: _whole(value) for key, value in params.items()}


def _whole(value: Any) -> Any:
    if not hasattr(value, "read"):
        return bytes(value) if isinstance(value, bytearray) else value
    data = value.read()
    return data.encode() if isinstance(data, str) else data


def _streamed(model: Any, response: dict[str, Any]) -> dict[str, Any]:
    """The response, its body as a stream where the SDK gives one."""
    from botocore.response import StreamingBody

    stream = model.get_streaming_output()
    if stream is None or model.output_shape is None:
        return response
    name = next((name for name, shape in model.output_shape.members.items() if shape is stream), None)
    if name is None:
        return response
    held = response.get(name)
    data = held.encode() if isinstance(held, str) else bytes(held or b"")
    return response | {name: StreamingBody(io.BytesIO(data), len(data))}


def _raised(client: Any, operation: str, error: ApiError) -> Exception:
    parsed = {
        **error.response,
        "Error": {"Code": error.code, "Message": error.message},
        "ResponseMetadata": _metadata(error.status),
    }
    made: Exception = client.exceptions.from_code(error.code)(parsed, operation)
    return made


def _metadata(status: int) -> dict[str, Any]:
    return {"RequestId": "simulated", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
