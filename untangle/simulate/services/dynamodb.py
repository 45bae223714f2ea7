"""Items of tables: `dynamodb:getItem`, `putItem`, `updateItem`, `deleteItem`.

Source: Step Functions guide, "Call DynamoDB APIs with Step Functions".
"""

from __future__ import annotations

from typing import Any

from untangle.simulate.machine.task import TaskCall
from untangle.simulate.services.desk import Desk, Failed, Integration, parameters
from untangle.simulate.services.messages import optimized


def _item(desk: Desk, call: TaskCall) -> Any:
    if call.action not in ("getItem", "putItem", "updateItem", "deleteItem"):
        raise Failed("States.Runtime", f"The resource provided {call.resource} is not recognized")
    return optimized(desk, call, "dynamodb", parameters(call))


DYNAMODB = Integration(service="dynamodb", call=_item, prefix="DynamoDB")
