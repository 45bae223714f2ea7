"""States that run a function outside of Lambda: complete, under the name of the state that they may take the place of.

Each is made from the state as it was written: same event, same client context, same retries, same next. The worker's answer has
the form of an invocation's result, so that what follows reads it in the same way. Retries of Lambda's own refusals go: there is
no Lambda.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from untangle.emit.asl import every_state
from untangle.emit.asl.names import Substitutions
from untangle.emit.asl.states import RETRY_SERVICE, jsonata
from untangle.emit.asl.writer import INPUT
from untangle.emit.markdown import code, prose
from untangle.model.change import NewFile
from untangle.model.graph import EventGraph
from untangle.model.naming import telling
from untangle.model.workflow import Alternative, Workflow

FOLDER = "alternatives"
WORKER = "worker.py"
HEARTBEAT, TIMEOUT = 300, 86_400  # seconds: five lost heartbeats of a minute; a day
_CONTEXT = ("FunctionName", "ClientContext", "Payload")


def alternative_files(workflow: Workflow, graph: EventGraph, definitions: Iterable[Mapping[str, Any]]) -> Iterator[NewFile]:
    """A file for each state of a function that has an alternative, and the worker; nothing where there is none."""
    if not workflow.alternatives:
        return
    names = Substitutions(graph)
    found = [state for definition in definitions for state in every_state(definition)]
    written = False
    for alternative in workflow.alternatives:
        function = names(alternative.function, "Arn")
        label = re.sub(r"[^A-Za-z0-9]", "", telling(graph.function(alternative.function).address))
        for name, state in found:
            if _invokes(state, function):
                made = _MAKERS[alternative.way](name, state, label)
                yield NewFile(path=f"{FOLDER}/{_plain(name)}.{alternative.way}.states.json", text=_text(made))
                written = True
    if written:
        yield NewFile(path=f"{FOLDER}/{WORKER}", text=files("untangle.runtime").joinpath(WORKER).read_text(encoding="utf-8"))


def alternative_section(workflow: Workflow, called: Mapping[str, str]) -> Iterator[str]:
    """The Markdown of what could run outside of Lambda, and what it takes."""
    if not workflow.alternatives:
        return
    yield "## Long or heavy functions"
    yield ""
    reasons: dict[str, Alternative] = {item.function: item for item in workflow.alternatives}
    for function, item in reasons.items():
        place = f" ({code(str(item.location))})" if item.location is not None else ""
        yield f"- {code(called.get(function, function))}: {prose(item.reason)}{place}"
    yield ""
    yield (
        f"{code(f'{FOLDER}/')} holds a state for each of them, as an Activity and as a Fargate task, under the same name: put "
        f"it in "
        f"the place of the other where you want it. {code(WORKER)} beside it runs the same handler (Python; standard library and "
        "botocore only). An Activity needs the Activity and a host for the worker; a Fargate task needs a cluster, a task "
        "definition whose container is called `worker` and runs it, and a bucket for the events, which expires its objects. "
        "Both need a Standard workflow."
    )
    yield ""


def _invokes(state: Mapping[str, Any], function: str) -> bool:
    arguments = state.get("Arguments")
    return isinstance(arguments, Mapping) and all(key in arguments for key in _CONTEXT) and arguments["FunctionName"] == function


def _activity(name: str, state: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    """`{event, clientContext}` as the input of an Activity."""
    return {"States": {name: _waiting(state, f"${{{label}ActivityArn}}", _task(state))}}


def _ecs(name: str, state: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    """The task as an object in a bucket, and a container that is told where: its overrides hold 8,192 characters in all.

    The event is written once, so that a further try gets the first one's: `ApproximateReceiveCount` does not count there.
    """
    puts, runs = f"{name[:60]} for a container", f"{name[:60]} in a container"
    own = "$hash($string($states.input) & $states.context.State.EnteredTime, 'SHA-256')"  # the same name, the same content
    key = f"$states.context.Execution.Name & '/' & $states.context.State.Name & '/' & {own} & '.json'"
    named = {
        "Type": "Pass",
        "Comment": f"Where the event of {name} is put.",
        "Assign": {"workerKey": jsonata(key)},
        "Next": puts,
    }
    put = {
        "Type": "Task",
        "Comment": f"The event of {name}.",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": "${WorkerBucket}", "Key": jsonata("$workerKey"), "Body": _task(state)},
        "Output": jsonata(INPUT),
        "Retry": [dict(RETRY_SERVICE)],
        **({"Catch": state["Catch"]} if "Catch" in state else {}),
        "Next": runs,
    }
    waiting = _waiting(state, "arn:aws:states:::ecs:runTask.waitForTaskToken", _container(label))
    return {"States": {name: named, puts: put, runs: waiting}}


def _container(label: str) -> Mapping[str, Any]:
    environment = [
        {"Name": "UNTANGLE_TASK_TOKEN", "Value": jsonata("$states.context.Task.Token")},
        {"Name": "UNTANGLE_EVENT_REF", "Value": jsonata("'s3://${WorkerBucket}/' & $workerKey")},
    ]
    network = {"Subnets": ["${WorkerSubnet}"], "SecurityGroups": ["${WorkerSecurityGroup}"]}
    return {
        "LaunchType": "FARGATE",
        "Cluster": "${WorkerCluster}",
        "TaskDefinition": f"${{{label}TaskDefinition}}",
        "NetworkConfiguration": {"AwsvpcConfiguration": network},
        "Overrides": {"ContainerOverrides": [{"Name": "worker", "Environment": environment}]},
    }


def _task(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the worker takes: the event and the client context of the invocation."""
    arguments = state["Arguments"]
    return {"event": arguments["Payload"], "clientContext": arguments["ClientContext"]}


def _waiting(state: Mapping[str, Any], resource: str, arguments: Any) -> Mapping[str, Any]:
    made = {key: value for key, value in state.items() if key not in ("Resource", "Arguments", "TimeoutSeconds", "Retry")}
    head: dict[str, Any] = {key: made.pop(key) for key in ("Type", "Comment") if key in made}
    limits = {"TimeoutSeconds": TIMEOUT, "HeartbeatSeconds": HEARTBEAT}
    retries = [retry for retry in state.get("Retry", ()) if not any(item.startswith("Lambda.") for item in retry["ErrorEquals"])]
    return {**head, "Resource": resource, "Arguments": arguments, **limits, **({"Retry": retries} if retries else {}), **made}


def _text(made: Mapping[str, Any]) -> str:
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "state"


_MAKERS = {"activity": _activity, "ecs": _ecs}
