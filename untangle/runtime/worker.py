"""Runs an unchanged Lambda handler outside of Lambda, for a state machine that waits for it: as long and as large as it needs.

The same file serves two states. As the worker of an Activity it asks for tasks until it is told to stop (SIGTERM); in a
container that `ecs:runTask.waitForTaskToken` starts it runs the one task whose token is in its environment. A task is
`{"event": …, "clientContext": <base64>}`: what the function would have been invoked with. What the handler returns goes back
in the form of an invocation's result, so that the state reads it as before: `{"Payload": …, "StatusCode": 200, …}`. While the
handler runs the worker sends heartbeats; where nobody waits any more its answer is dropped.

Environment: `_HANDLER` (that of the outbox, as in the function) or, without an outbox, `UNTANGLE_HANDLER`: the handler as
`package.module.function`. `UNTANGLE_ACTIVITY`: the ARN of the Activity; or `UNTANGLE_TASK_TOKEN` with `UNTANGLE_EVENT` (the
task as JSON, at most 8 KB: a container's overrides have 8,192 characters in all) or `UNTANGLE_EVENT_REF` (`s3://bucket/key`
of it). `UNTANGLE_HEARTBEAT`: seconds between heartbeats, 60 unless set; less than the state's `HeartbeatSeconds`.

Standard library and botocore only. Sources: Step Functions guide, "Activities", "Wait for a Callback with Task Token"; Lambda
guide, "Lambda context object in Python".
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

LARGEST = 262_144  # bytes of UTF-8 that SendTaskSuccess takes (API reference, `SensitiveData`)
_ERROR, _CAUSE = 256, 32_768  # characters (API reference, SendTaskFailure)
_GONE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


class NoOutbox(Exception):
    """Effects are asked for and no outbox is there to report them: the workflow would lose them."""


def main(client: Callable[[str], Any] | None = None) -> int:
    """Runs the one task of the environment, or those of an Activity until SIGTERM. `client` gives the client of a service."""
    made = client or _client
    run = load(os.environ.get("_HANDLER") or os.environ["UNTANGLE_HANDLER"])
    states = made("stepfunctions")
    if token := os.environ.get("UNTANGLE_TASK_TOKEN"):
        answer(states, token, lambda: task_of(os.environ, made), run)
        return 0
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    work(states, os.environ["UNTANGLE_ACTIVITY"], run, stop)
    return 0


def work(states: Any, activity: str, run: Callable[[Any, Any], Any], stop: threading.Event) -> None:
    """Asks an Activity for tasks, one after the other, until `stop` is set; what is at work then is finished."""
    while not stop.is_set():
        asked = states.get_activity_task(activityArn=activity, workerName=socket.gethostname()[:80])
        if token := asked.get("taskToken"):
            answer(states, token, lambda asked=asked: json.loads(asked["input"]), run)  # type: ignore[misc]


def answer(states: Any, token: str, task: Callable[[], Any], run: Callable[[Any, Any], Any]) -> None:
    """Runs a task and tells who waits how it went; the token counts for nothing else."""
    done = threading.Event()
    every = float(os.environ.get("UNTANGLE_HEARTBEAT") or 60)
    beating = threading.Thread(target=_beat, args=(states, token, done, every), daemon=True)
    beating.start()
    try:
        told = _success(run, task())
    except BaseException as error:
        done.set()
        _tell(states.send_task_failure, taskToken=token, **_failure(error))
        if not isinstance(error, Exception):
            raise
        return
    finally:
        done.set()
        beating.join()
    if len(told.encode()) > LARGEST:
        cause = f"the answer has {len(told.encode()):,} bytes, and a state takes {LARGEST:,}"
        _tell(states.send_task_failure, taskToken=token, error="States.DataLimitExceeded", cause=cause)
    else:
        _tell(states.send_task_success, taskToken=token, output=told)


def task_of(environment: Mapping[str, str], client: Callable[[str], Any]) -> Any:
    """The task of a container: in its environment, or in the object that it names."""
    if "UNTANGLE_EVENT" in environment:
        return json.loads(environment["UNTANGLE_EVENT"])
    bucket, _, key = environment["UNTANGLE_EVENT_REF"].removeprefix("s3://").partition("/")
    return json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def load(name: str) -> Callable[[Any, Any], Any]:
    """The handler `package.module.function`, or `folder/module.function` as Lambda takes it."""
    module, _, function = name.rpartition(".")
    found: Callable[[Any, Any], Any] = getattr(importlib.import_module(module.replace("/", ".")), function)
    return found


def context_of(task: Mapping[str, Any]) -> SimpleNamespace:
    """What the handler gets as its context; there is no end to the time that remains."""
    request = os.urandom(16).hex()
    written = task.get("clientContext")
    custom = json.loads(base64.b64decode(written)).get("custom", {}) if written else {}
    return SimpleNamespace(
        aws_request_id=request,
        function_name=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        function_version="$LATEST",
        invoked_function_arn=os.environ.get("UNTANGLE_FUNCTION_ARN", ""),
        memory_limit_in_mb=os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", ""),
        log_group_name=os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
        log_stream_name=os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        identity=None,
        client_context=SimpleNamespace(custom=custom, env={}, client=None) if written else None,
        get_remaining_time_in_millis=lambda: 2_147_483_647,
    )


def _success(run: Callable[[Any, Any], Any], task: Any) -> str:
    context = context_of(task)
    payload = run(task["event"], context)
    asked = (getattr(context.client_context, "custom", None) or {}).get("untangle") or {}
    if not (isinstance(payload, dict) and payload.keys() == {"return", "effects"}):
        if asked.get("capture") or asked.get("observe"):
            raise NoOutbox("the workflow asks for effects: let _HANDLER name the outbox and UNTANGLE_HANDLER the handler")
        payload = {"return": payload, "effects": []}
    result = {
        "Payload": payload,
        "StatusCode": 200,
        "ExecutedVersion": "$LATEST",
        "SdkResponseMetadata": {"RequestId": context.aws_request_id},
    }
    return json.dumps(result)


def _failure(error: BaseException) -> dict[str, str]:
    """An error as Lambda would have told it."""
    name = type(error).__name__
    said = {"errorMessage": str(error), "errorType": name, "stackTrace": traceback.format_exception(error)}
    cause = json.dumps(said)
    if len(cause) > _CAUSE:
        cause = json.dumps({**said, "errorMessage": str(error)[:4096], "stackTrace": []})
    return {"error": name[:_ERROR], "cause": cause}


def _beat(states: Any, token: str, done: threading.Event, every: float) -> None:
    while not done.wait(every):
        try:
            states.send_task_heartbeat(taskToken=token)
        except Exception as error:
            if _is_gone(error):
                return


def _tell(call: Callable[..., Any], **told: Any) -> None:
    """Sends the answer; one that nobody waits for any more is dropped."""
    try:
        call(**told)
    except Exception as error:
        if not _is_gone(error):
            raise


def _is_gone(error: Exception) -> bool:
    code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
    return code in _GONE


def _client(service: str) -> Any:
    import botocore.config
    import botocore.session

    patient = botocore.config.Config(read_timeout=70)  # GetActivityTask answers after a minute at most
    return botocore.session.get_session().create_client(service, config=patient)


if __name__ == "__main__":
    raise SystemExit(main())
