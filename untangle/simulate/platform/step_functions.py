"""Step Functions: the state machines that the application has already, run by the interpreter where their definition is known.

What a rule, a pipe or a schedule hands to a machine is the input of an execution. When one begins and ends the default bus is
told.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.event.text import whole_seconds
from untangle.simulate.platform.jobs import book_of, is_silent
from untangle.simulate.platform.passing import not_played, pass_on
from untangle.simulate.platform.played import Handed, Played, Stage
from untangle.simulate.services import Integrations, Machines
from untangle.simulate.services.machines import Run

_TYPE = "step_functions"
_STARTS = ("StartExecution", "StartSyncExecution")
_PLACE = re.compile(r"\$\{([^{}]+)\}")
_NOT_ENDED = {"output": None, "outputDetails": None, "stopDate": None, "error": None, "cause": None}
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}


@lru_cache(maxsize=8)  # of one application many worlds are made
def own_definitions(application: Application) -> dict[str, Mapping[str, Any]]:
    """The definitions of the application's own state machines by name, what they name as deployed; unreadable ones left out."""
    if not any(node.type == _TYPE for node in application.graph.channels):
        return {}
    from untangle.scanners.definitions import definitions
    from untangle.scanners.tree import Tree

    found: dict[str, Mapping[str, Any]] = {}
    for definition in definitions(Tree(application.root), application.inventory):
        value = definition.document.value
        if definition.resource is not None and isinstance(value, Mapping):
            found[application.name(definition.resource)] = _filled(application, definition.resource, value)
    return found


def _filled(application: Application, machine: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(application, machine, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(application, machine, inner) for inner in value]
    return _PLACE.sub(lambda found: _meant(application, machine, found), value) if isinstance(value, str) else value


def _meant(application: Application, machine: str, found: re.Match[str]) -> str:
    """What a placeholder stands for: a substitution of the machine, a pseudo parameter, or a resource of its stack."""
    resource = application.resource(machine)
    given = resource.get("DefinitionSubstitutions", found[1]) if resource is not None else None
    if resource is None or given is not None:
        return application.text(given, stack=resource.stack if resource is not None else "") or found[0]
    if found[1] in _PSEUDO:
        return _PSEUDO[found[1]]
    address, _, attribute = found[1].partition(".")
    node = f"{resource.stack}/{address}"
    return application.attribute(node, attribute) if application.type_of(node) else found[0]


def _services(stage: Stage) -> Integrations:
    """The machines of the application and what their tasks call; made when they are first asked for."""
    memory = stage.memory(_TYPE)
    if "services" not in memory:
        memory["machines"] = Machines(clock=stage.clock, definitions=own_definitions(stage.application), seed=0)
        memory["services"] = Integrations(
            clock=stage.clock,
            api=stage.api,
            functions=lambda function, event, *, client_context=None: stage.run_function(function, event, client_context),
            machines=memory["machines"],
            jobs=book_of(stage),
        )
    services: Integrations = memory["services"]
    return services


def _claims(stage: Stage, call: ApiCall) -> Mapping[str, Any] | None:
    services = _services(stage)
    machines: Machines = stage.memory(_TYPE)["machines"]
    if not machines.definitions or (
        call.operation in _STARTS and machines.named(str(call.params.get("stateMachineArn"))) is None
    ):
        return None
    before = set(machines.runs)
    answered = services.answer(call)
    for arn in sorted(set(machines.runs) - before):
        follow(stage, machines.runs[arn])
    return answered


def follow(stage: Stage, run: Run) -> None:
    """Tell of an execution: the log, and the bus that listens to its machine."""
    stage.tell("start", run.machine, input=json.loads(run.input), name=run.name)
    _tell_bus(stage, run, {"status": "RUNNING", **_NOT_ENDED})  # it may have ended by now
    run.when_ended(lambda run: _ended(stage, run))


def _ended(stage: Stage, run: Run) -> None:
    result = run.result
    told = (
        {} if result is None else {"status": result.status, "output": result.output, "error": result.error, "cause": result.cause}
    )
    stage.tell("end", run.machine, name=run.name, result=told)
    _tell_bus(stage, run, {})


def _tell_bus(stage: Stage, run: Run, state: Mapping[str, Any]) -> None:
    machine = stage.application.node(run.machine, _TYPE)
    for link in stage.links(machine) if machine is not None else ():
        if stage.application.type_of(link.target) == "eventbridge":
            event = _event(stage, run, state)
            message = Handed(text=json.dumps(event), value=event, id=event["id"], source=run.arn, service="states.amazonaws.com")
            pass_on(stage, link.source, partial(_handed, stage, run, link.target, message))


def _handed(stage: Stage, run: Run, bus: str, message: Handed) -> None:
    if not is_silent(stage, run.arn):
        stage.hand(bus, message)


def _event(stage: Stage, run: Run, state: Mapping[str, Any]) -> dict[str, Any]:
    detail = {**_NOT_ENDED, **run.describe(), **state}
    return {
        "version": "0",
        "id": stage.new_id(),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": ACCOUNT,
        "time": whole_seconds(stage.clock.text),
        "region": REGION,
        "resources": [run.arn],
        "detail": detail,
    }


def _receive(stage: Stage, machine: str, message: Handed) -> None:
    arn = stage.application.attribute(machine, "Arn")
    params = {"stateMachineArn": arn, "input": message.text, "name": message.id or stage.new_id()}
    try:
        stage.api(ApiCall(service="stepfunctions", operation="StartExecution", params=params))
    except ApiError as error:
        not_played(stage, machine, f"no execution of it could be started ({error.code})")


PLAYED = Played(type=_TYPE, operations={"stepfunctions": frozenset({"*"})}, claims=_claims, receive=_receive)
