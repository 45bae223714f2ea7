"""HTTP endpoints and API Gateway: nothing here calls an address of the network, so their tasks have to be mocked."""

from __future__ import annotations

from typing import Any

from untangle.simulate.machine.task import TaskCall
from untangle.simulate.services.desk import Desk, Failed, Integration


def _refuse(desk: Desk, call: TaskCall) -> Any:
    address = call.arguments.get("ApiEndpoint") if isinstance(call.arguments, dict) else None
    where = address or "an address"
    told = f"{call.service}:{call.action} would call {where} of the network, and a local run calls none: mock {call.state}"
    desk.note(told)
    raise Failed("States.Http.Socket" if call.service == "http" else "ApiGateway.403", told)


HTTP = Integration(service="http", call=_refuse, prefix="States.Http")
API_GATEWAY = Integration(service="apigateway", call=_refuse, prefix="ApiGateway")
