"""The host of Node.js handlers: each function in a `node` process of its own, spoken to in lines of JSON.

The process has no variables but the function's, no network and no credentials; its calls of the AWS SDK (3 and 2) come here and
are answered by the simulation (see `nodejs/host.js`). A process serves the invocations of one function until it is told to forget
it, as an execution environment does.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from untangle.simulate.application import Application
from untangle.simulate.call import Answer, FunctionError
from untangle.simulate.handlers.context import variables
from untangle.simulate.handlers.folders import layers_of
from untangle.simulate.handlers.invocation import Crash, Invocation, Unable
from untangle.simulate.handlers.node_process import Process

_OLDEST = (18, 19)  # before it there are no hooks for ES modules
_TRACE = "_X_AMZN_TRACE_ID"  # the one variable that differs from one invocation to the next


class NodeHost:
    """The host of Node.js functions of one application. `node` is the program, found on the PATH unless given."""

    def __init__(self, application: Application, *, node: str | None = None) -> None:
        self.application = application
        root = application.root.resolve()
        self.root = root if root.is_dir() else root.parent
        self._node = node or shutil.which("node")
        self._version: tuple[int, ...] | None = None
        self._processes: dict[tuple[Any, ...], Process] = {}
        self._spare: dict[str, Process] = {}  # by function: processes that load their handler once more as if they were new

    def fresh(self) -> None:
        """Every function is cold again."""
        for key, process in self._processes.items():
            if process.again and process.alive and key[0] not in self._spare:
                self._spare[key[0]] = process
            else:
                process.end()
        self._processes.clear()

    def close(self) -> None:
        """No process is left."""
        for process in (*self._processes.values(), *self._spare.values()):
            process.end()
        self._processes.clear()
        self._spare.clear()

    def load(self, invocation: Invocation) -> None:
        """Load the handler of an invocation, if it is not. Raises `Unable`; one whose module fails by itself is able."""
        self._process(invocation)

    def __call__(self, invocation: Invocation) -> Answer:
        """Run a handler. Raises `Unable` where it cannot be loaded for what is missing here."""
        try:
            process = self._process(invocation)
            if process.broken is not None:
                answer = Answer(error=process.broken)
            else:
                answer = process.invoke(invocation, {_TRACE: _environment(invocation).get(_TRACE, "")})
        except Crash as crash:
            error = FunctionError(type=crash.type, message=f"RequestId: {invocation.request_id} Error: {crash.message}")
            answer = Answer(error=error)
        if answer.error is not None and (answer.error.timed_out or answer.error.type.startswith(("Runtime.Exit", "Sandbox."))):
            self._forget(_key(invocation))
        return answer

    def _process(self, invocation: Invocation) -> Process:
        key = _key(invocation)
        found = self._processes.get(key)
        if found is None or not found.alive or found.broken is not None:
            self._forget(key)
            place = self._place(invocation)
            node, environment = self._able(invocation), _environment(invocation)
            id = invocation.function.id
            found = self._spare.pop(id) if id in self._spare else Process(node, environment)
            self._processes[key] = found
            try:
                found.load(invocation, place, environment)
            except BaseException:
                self._forget(key)
                raise
        return found

    def _forget(self, key: tuple[Any, ...]) -> None:
        """Lambda gives up an environment that crashed or timed out."""
        if (process := self._processes.pop(key, None)) is not None:
            process.end()

    def _able(self, invocation: Invocation) -> str:
        """The path of `node`. Raises `Unable`."""
        id = invocation.function.id
        if self._node is None:
            raise Unable(id, "it is a Node.js function, and node is not installed (or not on the PATH)")
        if self._version is None:
            self._version = _version(self._node)
        if self._version < _OLDEST:
            raise Unable(id, f"it is a Node.js function, and {self._node} is older than version 18.19 (or does not run)")
        return self._node

    def _place(self, invocation: Invocation) -> Mapping[str, Any]:
        """Where the handler is: the folders in which its module is looked for (or its one file), the module and the names in it.

        A handler that is written relative to the service (`src/app.handler`) is looked for above the code, too.
        """
        function = invocation.function
        start = (self.root / (function.code or ".")).resolve()
        if not start.is_relative_to(self.root) or not start.exists():
            raise Unable(function.id, f"its source, {function.code}, is not there")
        before, slash, last = invocation.handler.rpartition("/")
        module, dot, names = last.partition(".")
        if not dot or not names:
            if not start.is_file():
                raise Unable(function.id, f"its handler, {invocation.handler}, is not of the form file.function")
            module, names = "", last
        first = start.parent if start.is_file() else start
        above = [parent for parent in first.parents if parent == self.root or self.root in parent.parents]
        return {
            "file": str(start) if start.is_file() else None,
            "folders": [str(folder) for folder in (first, *above)],
            "module": f"{before}{slash}{module}".lstrip("/"),
            "names": names.split("."),
            "root": str(self.root),
            "layers": [str(folder.resolve()) for folder in (*layers_of(self.application, function), *self.application.packages)],
        }


def _key(invocation: Invocation) -> tuple[Any, ...]:
    environment = sorted(invocation.environment.items())
    return (invocation.function.id, invocation.handler, invocation.outbox, *(pair for pair in environment if pair[0] != _TRACE))


def _environment(invocation: Invocation) -> dict[str, str]:
    """The variables of the process: nothing of this one but where programs are."""
    made = variables(invocation, {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    runtime = invocation.function.runtime or "nodejs20.x"
    # What would have Node itself load something else, or leave this folder, is the host's to say.
    shut = {name: value for name, value in made.items() if name not in ("NODE_OPTIONS", "NODE_PATH", "NODE_EXTRA_CA_CERTS")}
    return {**shut, "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}", "UNTANGLE_SIMULATED": "1"}


def _version(node: str) -> tuple[int, ...]:
    """The version of a `node`; () where it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, env={}, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(int(part) for part in said.stdout.strip().lstrip("v").split(".")[:2] if part.isdigit())
