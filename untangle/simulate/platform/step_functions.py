"""Step Functions: what a rule, a pipe or a schedule starts of the state machines that the application has already.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from __future__ import annotations

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.played import Handed, Played, Stage


def _receive(stage: Stage, machine: str, message: Handed) -> None:
    arn = stage.application.attribute(machine, "Arn")
    params = {"stateMachineArn": arn, "input": message.text, "name": message.id or stage.new_id()}
    try:
        stage.api(ApiCall(service="stepfunctions", operation="StartExecution", params=params))
    except ApiError as error:
        not_played(stage, machine, f"it could not be started ({error.code})")


PLAYED = Played(type="step_functions", receive=_receive)
