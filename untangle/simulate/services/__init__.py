"""The integrations that a state machine's tasks call, one file per service.

`Integrations` carries them out against a world: functions, an API, machines on the same clock. `Mocks` answers states as a mock
file of Step Functions Local says, and hands the rest to other services.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.call import Api, ApiCall, ApiError, Functions
from untangle.simulate.clock import Clock
from untangle.simulate.jobs import Book
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure
from untangle.simulate.services.activities import Activities
from untangle.simulate.services.desk import After, Desk, Failed, Ids, Integration, Worker
from untangle.simulate.services.dynamodb import DYNAMODB
from untangle.simulate.services.endpoint import Endpoint
from untangle.simulate.services.failures import of_optimized
from untangle.simulate.services.functions import LAMBDA
from untangle.simulate.services.http import API_GATEWAY, HTTP
from untangle.simulate.services.jobs import JOBS
from untangle.simulate.services.machines import Machines
from untangle.simulate.services.messages import EVENTS, SNS, SQS
from untangle.simulate.services.mocks import Mocks
from untangle.simulate.services.sdk import call_sdk
from untangle.simulate.services.shapes import member, model_of
from untangle.simulate.services.states import STATES
from untangle.simulate.services.tokens import Tokens

INTEGRATIONS: tuple[Integration, ...] = (LAMBDA, SQS, SNS, EVENTS, DYNAMODB, STATES, HTTP, API_GATEWAY, *JOBS)
_MODELLED = frozenset({"dynamodb", "lambda", "sns", "sqs", "stepfunctions"})  # whose errors are known by their models
_BY_NAME: Mapping[str, Integration] = {integration.service: integration for integration in INTEGRATIONS}

__all__ = ["INTEGRATIONS", "Activities", "Integrations", "Machines", "Mocks", "Tokens"]


class Integrations:
    """The services of a machine: `api` carries out calls, `functions` invokes, `machines` are those that can be started,
    `jobs` those that the world plays.

    Whoever owns `api` asks `answer` first, for what concerns executions and task tokens. `workers` do the tasks of activities, by
    the activity's name.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        api: Api,
        functions: Functions,
        machines: Machines | None = None,
        jobs: Book | None = None,
        workers: Mapping[str, Worker] | None = None,
        seed: int = 0,
    ) -> None:
        machines = machines or Machines(clock=clock, seed=seed)
        ids, tokens = Ids(seed), Tokens()
        self.activities = Activities(clock=clock, tokens=tokens, workers=workers or {})
        self.endpoint = Endpoint(self, machines, tokens, self.activities, ids)
        self.through: Api = api
        self.desk = Desk(
            clock=clock,
            api=self._call,
            functions=functions,
            machines=machines,
            tokens=tokens,
            ids=ids,
            jobs=jobs,
            workers=workers or {},
        )

    def answer(self, call: ApiCall) -> Mapping[str, Any] | None:
        """The response to a call about executions or task tokens of this world; None for any other. Raises ApiError."""
        return self.endpoint.answer(call)

    def _call(self, call: ApiCall) -> Mapping[str, Any]:
        known = call.operation not in ("StartExecution", "StartSyncExecution") or self.desk.machines.named(
            str(call.params.get("stateMachineArn", ""))
        )
        answered = self.answer(call) if known else None
        return self.through(call) if answered is None else answered

    def start(self, call: TaskCall, done: Reply) -> None:
        """Begin a task's call; `done` gets its answer, at once or later."""
        if call.pattern == "activity":
            self.activities.put(call, done)
            return
        if (call.service, call.action) == ("aws-sdk:sfn", "getActivityTask") and isinstance(call.arguments, Mapping):
            self._poll(call.arguments, done)
            return
        if call.pattern in ("callback", "sync") and call.token:  # a job that is waited for may be answered with its token, too
            self.desk.tokens.open(call.token, done)
        answer, seconds = self._carried(call), 0.0
        if isinstance(answer, After):
            answer, seconds = answer.answer, answer.seconds
        if seconds > 0:
            due = self.desk.clock.after(seconds, lambda: self._arrived(call, answer, done))
            done.cancelled = due.cancel
        else:
            self._arrived(call, answer, done)

    def _poll(self, arguments: Mapping[str, Any], done: Reply) -> None:
        """GetActivityTask of a state machine, which waits for a task."""
        named = {key.lower(): value for key, value in arguments.items()}

        def answer(task: Mapping[str, Any]) -> None:
            done({member(key): value for key, value in task.items()})

        done.cancelled = self.activities.poll(str(named.get("activityarn", "")), named.get("workername"), answer)

    def _carried(self, call: TaskCall) -> Any:
        """The response of the service, or the failure."""
        submitting = call.pattern in ("sync", "callback")
        integration = _BY_NAME.get(call.service)
        try:
            if call.service.startswith("aws-sdk:"):
                return call_sdk(self.desk, call)
            if integration is None:
                return TaskFailure(error="States.Runtime", cause=f"The resource provided {call.resource} is not recognized")
            return integration.call(self.desk, call)
        except Failed as failed:
            return _staged(failed.failure, submitting)
        except ApiError as error:
            prefix = integration.prefix if integration else call.service
            model = model_of(error.service) if error.service in _MODELLED else None
            return _staged(of_optimized(prefix, error, self.desk.ids.uuid(), model), submitting)

    def _arrived(self, call: TaskCall, answer: Any, done: Reply) -> None:
        """The service has answered: that is all, or the state waits for the work's end."""
        if isinstance(answer, TaskFailure) or call.pattern == "request":
            done(answer)
            return
        done.submitted(answer)
        integration = _BY_NAME.get(call.service)
        if call.pattern == "callback":
            return
        if integration is None or integration.finish is None:
            done(TaskFailure(error="States.Runtime", cause=f"{call.resource} cannot be waited for"))
            return
        integration.finish(self.desk, call, answer, done)


def _staged(failure: TaskFailure, submitting: bool) -> TaskFailure:
    return TaskFailure(error=failure.error, cause=failure.cause, stage="submit") if submitting else failure
