"""One `node` process that runs one function, and how what crosses to it is written.

See `nodejs/wire.js` for what JSON has not: bytes, times, streams.
"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from untangle.simulate.call import Answer, ApiCall, ApiError, FunctionError
from untangle.simulate.handlers.invocation import PLANTED, Invocation, Unable
from untangle.simulate.handlers.typescript import Untranslatable, translated

_HOST = Path(__file__).parent / "nodejs" / "host.js"
_START = 30.0  # seconds that a process gets to load a handler
_STREAMS = {("s3", "GetObject", "Body"), ("polly", "SynthesizeSpeech", "AudioStream")}


@dataclass
class Process:
    """One process. `broken` is the error with which the handler's module failed when it was loaded; `again` says that it can load
    it once more as if it were new."""

    node: str
    environment: Mapping[str, str]
    broken: FunctionError | None = None
    again: bool = False
    _buffer: bytes = b""
    _child: subprocess.Popen[bytes] = field(init=False)
    _said: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        heard, tell = os.pipe()
        answers, told = os.pipe()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._child = subprocess.Popen(  # noqa: S603
                [self.node, "--no-warnings", str(_HOST), str(heard), str(told)],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                pass_fds=(heard, told),
            )
        finally:
            os.close(heard)
            os.close(told)
        self._tell, self._answers = tell, answers

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    def end(self) -> None:
        """Ends the process at once."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        for descriptor in (self._tell, self._answers):
            if descriptor >= 0:
                os.close(descriptor)
        self._tell = self._answers = -1
        self._said.close()

    def load(self, invocation: Invocation, place: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Loads the handler, as a new process with these variables would. Raises `Unable`."""
        asked = {**place, "outbox": invocation.outbox, "environment": dict(environment), **_moment(invocation)}
        self.broken, self.again = None, False
        self._write({"load": asked})
        until = time.monotonic() + max(_START, invocation.wall)
        for document in self._documents(invocation, until):
            if "untranslated" in document:
                self._write({"load": {**asked, "translated": _translated(invocation, Path(document["untranslated"]))}})
            if "unable" in document:
                raise Unable(invocation.function.id, document["unable"])
            if "failed" in document:
                self.broken = _error(document["failed"])
            if "loaded" in document:
                self.again = bool(document["loaded"].get("again"))
            if "loaded" in document or "failed" in document:
                return
        raise Unable(invocation.function.id, f"its module could not be loaded: {self._last()}")

    def invoke(self, invocation: Invocation, environment: Mapping[str, str]) -> Answer:
        """Runs the handler once, with these variables set anew. Raises `Crash` where a fault says so."""
        asked = {
            "event": invocation.event,
            "context": _context(invocation),
            "seconds": invocation.seconds,
            "environment": environment,
            "fails": PLANTED if invocation.fails else None,
        }
        self._write({"invoke": {**asked, **_moment(invocation)}})
        until = time.monotonic() + invocation.wall
        for document in self._documents(invocation, until):
            seconds = float(document.get("seconds", 0.0))
            if "answer" in document:
                return Answer(payload=document["answer"], seconds=seconds)
            if "error" in document:
                return Answer(error=_error(document["error"], document.get("network")), seconds=seconds)
            if "failed" in document:
                return Answer(error=_error(document["failed"]))
        if self.alive:
            over = f"it ran for more than {invocation.wall:g} s here"
            message = f"{invocation.request_id} Task timed out after {invocation.seconds:.2f} seconds ({over})"
            return Answer(
                error=FunctionError(type="Sandbox.Timedout", message=message, timed_out=True), seconds=invocation.seconds
            )
        return Answer(error=FunctionError(type="Runtime.ExitError", message=f"Runtime exited: {self._last()}"))

    def _documents(self, invocation: Invocation, until: float) -> Iterator[Mapping[str, Any]]:
        """What the process says, its calls answered; ends with the process, and when the time is over."""
        while (line := self._line(until)) is not None:
            document = json.loads(line)
            if "call" in document:
                self._write(_answered(document["call"], invocation))
            elif "said" in document:
                invocation.said(document["said"])
            else:
                yield document

    def _line(self, until: float) -> bytes | None:
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, until - time.monotonic()))
            chunk = os.read(self._answers, 1 << 16) if ready else b""
            if not chunk:
                return None
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _write(self, document: Mapping[str, Any]) -> None:
        data = json.dumps(document).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._tell, data) :]
        except BrokenPipeError:
            return  # it has ended, which is seen when it is listened to

    def _last(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        telling = [line for line in lines if "Error" in line] or lines[-1:]
        return telling[0][:500] if telling else "it did not answer"


def _translated(invocation: Invocation, file: Path) -> Mapping[str, str]:
    try:
        return translated(file)
    except Untranslatable as why:
        told = f"it is TypeScript, and neither a build of it nor esbuild or typescript is there (run npm install): {why}"
        raise Unable(invocation.function.id, told) from None


def _moment(invocation: Invocation) -> Mapping[str, Any]:
    return {"now": round(invocation.now() * 1000), "seed": str(invocation.seed)}


def _context(invocation: Invocation) -> Mapping[str, Any]:
    """The context object without its methods (Lambda guide, "Using the Lambda context object", Node.js)."""
    context: dict[str, Any] = {
        "awsRequestId": invocation.request_id,
        "functionName": invocation.name,
        "functionVersion": "$LATEST",
        "invokedFunctionArn": invocation.arn,
        "memoryLimitInMB": str(invocation.function.memory or 128),
        "logGroupName": f"/aws/lambda/{invocation.name}",
        "logStreamName": "2026/01/01/[$LATEST]simulated",
    }
    return context if invocation.client_context is None else {**context, "clientContext": dict(invocation.client_context)}


def _error(said: Mapping[str, Any], network: Any = ()) -> FunctionError:
    message = str(said.get("message", ""))
    if network:
        message += f" (refused, as there is no network here: {', '.join(map(str, network))})"
    return FunctionError(
        type=str(said.get("type") or "Error"),
        message=message,
        trace=tuple(map(str, said.get("trace", ()))),
        timed_out=bool(said.get("timed_out")),
    )


def _answered(asked: Mapping[str, Any], invocation: Invocation) -> Mapping[str, Any]:
    """The answer to one call of the process. Raises `Crash` where a fault says so."""
    call = ApiCall(
        service=asked["service"], operation=asked["operation"], params=_decoded(asked["params"]), caller=invocation.function.id
    )
    carry_out = {"before": invocation.before, "after": invocation.after}.get(asked["stage"], invocation.api)
    try:
        response = carry_out(call)
    except ApiError as error:
        told = {"code": error.code, "message": error.message, "status": error.status}
        return {"id": asked["id"], "error": {**told, "fields": _encoded(getattr(error, "response", None) or {}, call)}}
    except Exception as error:  # what botocore refuses to send, and defects of what stands in for AWS
        name = type(error).__name__
        code = "ValidationException" if name == "ParamValidationError" else "InternalFailure"
        return {"id": asked["id"], "error": {"code": code, "message": f"{name}: {error}", "status": 400, "fields": {}}}
    return {"id": asked["id"]} if response is None else {"id": asked["id"], "response": _encoded(response, call)}


def _decoded(value: Any) -> Any:
    """Parameters as botocore takes them."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    if value.keys() == {"$time"}:
        return datetime.fromtimestamp(value["$time"] / 1000, tz=UTC)
    return {key: _decoded(item) for key, item in value.items()}


def _encoded(value: Any, call: ApiCall, name: str = "") -> Any:
    """A response for the process."""
    if isinstance(value, Mapping):
        return {str(key): _encoded(item, call, str(key)) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encoded(item, call) for item in value]
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        kind = "$stream" if (call.service, call.operation, name) in _STREAMS else "$bytes"
        return {kind: base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"$time": value.timestamp() * 1000}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
