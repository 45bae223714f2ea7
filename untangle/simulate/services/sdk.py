"""AWS SDK integrations, `aws-sdk:<service>:<action>`: any operation of any service, by botocore's models.

Source: Step Functions guide, "Using AWS service SDK integrations in Step Functions".
"""

from __future__ import annotations

from typing import Any

from untangle.simulate.call import ApiError
from untangle.simulate.machine.task import TaskCall
from untangle.simulate.services.desk import Desk, Failed, parameters
from untangle.simulate.services.failures import of_sdk
from untangle.simulate.services.shapes import client_name, from_api, member, model_of, operation_of, plain, to_api


def call_sdk(desk: Desk, call: TaskCall) -> Any:
    """Carry out an operation; raises `Failed` with the name that Step Functions gives its error."""
    service = call.service.removeprefix("aws-sdk:")
    name = client_name(service)
    if name is None:
        raise Failed("States.Runtime", f"there is no AWS SDK integration with {service}")
    model = model_of(name)
    operation = operation_of(model, call.action)
    if operation is None:
        raise Failed("States.Runtime", f"aws-sdk:{service} has no action {call.action}")
    params = to_api(operation, parameters(call))
    try:
        response = desk.request(call, name, operation.name, params)
    except ApiError as error:
        raise _failed(of_sdk(model, error, desk.ids.uuid())) from error
    return from_api(operation.output_shape, plain(response), member)


def _failed(failure: Any) -> Failed:
    return Failed(failure.error, failure.cause)
