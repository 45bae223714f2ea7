"""Runs Python handlers in this process: each with its own modules, variables, files and virtual time, as Lambda's runtime would.

What is as in Lambda: how a handler is found and loaded, the context object, what its errors and its answer look like, one
environment that stays warm from one invocation to the next. What is not: `time.sleep` passes virtual time only, `time.time` and
`datetime.now` tell it, `os.urandom` (so `uuid4`) and `random` come from the seed, /tmp is a folder of its own.

Errors and their names: Lambda guide, "Lambda function errors in Python"; the runtime interface client `awslambdaric`.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import importlib
import inspect
import json
import math
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

from untangle.simulate.application import Application
from untangle.simulate.call import Answer, FunctionError
from untangle.simulate.handlers import around, calls, watchers
from untangle.simulate.handlers.context import LambdaContext, variables
from untangle.simulate.handlers.folders import elsewhere, folders_of
from untangle.simulate.handlers.invocation import PLANTED, Crash, Invocation, Unable
from untangle.simulate.handlers.modules import Modules

_FRAMES = str(Path(__file__).parent.parent)  # our own frames in a trace


class _LoadFailed(Exception):
    """A handler that cannot be loaded, as Lambda reports it."""

    def __init__(self, type: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.error = FunctionError(type=type, message=message, trace=trace)


class PythonHost:
    """The host of Python functions of one application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._loaded: dict[str, Callable[[Any, Any], Any]] = {}
        self._modules: dict[str, Modules] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="untangle-tmp-", ignore_cleanup_errors=True)
        calls.install()
        around.install()
        watchers.install()

    def fresh(self) -> None:
        """Every function is cold again."""
        self.close()
        self._folder = tempfile.TemporaryDirectory(prefix="untangle-tmp-", ignore_cleanup_errors=True)

    def close(self) -> None:
        """Every function is forgotten, and what they wrote is gone."""
        self._loaded.clear()
        self._modules.clear()
        self._folder.cleanup()

    def __call__(self, invocation: Invocation) -> Answer:
        """Run a handler. Raises `Unable` where a module is missing that the application does not bring along."""
        run = around.Run(invocation, self._tmp(invocation), kept=(str(self.application.root.resolve()), self._folder.name))
        try:
            return contextvars.Context().run(self._run, invocation, run)
        except Crash as crash:
            error = FunctionError(type=crash.type, message=f"RequestId: {invocation.request_id} Error: {crash.message}")
            self._cold(invocation)
            return Answer(error=error, seconds=run.slept)
        except around.TimedOut:
            message = f"{invocation.request_id} Task timed out after {invocation.seconds:.2f} seconds"
            self._cold(invocation)
            return Answer(
                error=FunctionError(type="Sandbox.Timedout", message=message, timed_out=True), seconds=invocation.seconds
            )

    def _cold(self, invocation: Invocation) -> None:
        """Lambda gives up an environment that crashed or timed out."""
        self._loaded.pop(_key(invocation), None)
        self._modules.pop(invocation.function.id, None)

    def _tmp(self, invocation: Invocation) -> Path:
        folder = Path(self._folder.name) / "".join(char if char.isalnum() else "-" for char in invocation.function.id)
        folder.mkdir(exist_ok=True)
        return folder

    def _run(self, invocation: Invocation, run: around.Run) -> Answer:
        with self._inside(invocation, run):
            try:
                handler = self._handler(invocation)
                answer = _returned(self._called(handler, invocation, run))
            except _LoadFailed as failed:
                self._cold(invocation)
                return Answer(error=failed.error, seconds=run.slept)
            except Unable:
                raise
            except Exception as error:
                if (
                    isinstance(error, ModuleNotFoundError)
                    and error.name
                    and not _is_local(error.name, self._modules_of(invocation))
                ):
                    raise Unable(invocation.function.id, _missing(error.name, "", self._modules_of(invocation))) from None
                return Answer(error=_told(error, self.application.root), seconds=run.slept)
            except SystemExit as error:
                told = FunctionError(
                    type="Runtime.ExitError", message=f"Runtime exited with error: exit status {error.code or 0}"
                )
                self._cold(invocation)
                return Answer(error=told, seconds=run.slept)
        return Answer(payload=answer, seconds=run.slept)

    @contextmanager
    def _inside(self, invocation: Invocation, run: around.Run) -> Iterator[None]:
        said = _Said(invocation.said)
        modules = self._modules_of(invocation)
        around.enter(run)
        token = calls.enter(invocation)
        try:
            with (
                _environment(variables(invocation, os.environ)),
                redirect_stdout(said),
                redirect_stderr(said),
                modules.present(),
                around.limited(invocation.wall),
                calls.Watched(invocation),
            ):
                try:
                    yield
                finally:
                    said.flush()
        finally:
            calls.leave(token)
            around.leave()

    def _modules_of(self, invocation: Invocation) -> Modules:
        id = invocation.function.id
        if id not in self._modules:
            self._modules[id] = Modules(folders_of(self.application, invocation.function), self.application.root)
        return self._modules[id]

    # loading

    def _handler(self, invocation: Invocation) -> Callable[[Any, Any], Any]:
        key = _key(invocation)
        if key not in self._loaded:
            root, note = self.application.root, self.application.stand_ins.__setitem__
            found = _load(invocation, self._modules[invocation.function.id], root, note)
            found = _planted(found)
            if invocation.outbox:
                from untangle.runtime import outbox

                found = outbox.wrap(found)
            self._loaded[key] = found
            for library in watchers.STAND_INS.used:
                self.application.stand_ins[f"library {library}"] = "does nothing here: it only watches, and is not installed"
            for module in self._modules[invocation.function.id].current():
                around.retime(module)
        return self._loaded[key]

    def _called(self, handler: Callable[[Any, Any], Any], invocation: Invocation, run: around.Run) -> Any:
        event = json.loads(json.dumps(invocation.event))
        result = handler(event, LambdaContext(invocation, run.remaining))
        return asyncio.run(result) if inspect.iscoroutine(result) else result


def _planted(handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The handler, which fails when it is through where that is planted: below any outbox, as a fault of its own would."""

    def fail() -> None:
        invocation = calls.running()
        if invocation is not None and invocation.fails:
            raise type(PLANTED[0], (Exception,), {})(PLANTED[1])

    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def awaited(event: Any, context: Any) -> Any:
            answer = await handler(event, context)
            fail()
            return answer

        return awaited

    @functools.wraps(handler)
    def called(event: Any, context: Any) -> Any:
        answer = handler(event, context)
        if not inspect.isawaitable(answer):
            fail()
        return answer

    return called


def _key(invocation: Invocation) -> str:
    return f"{invocation.function.id}{' outbox' if invocation.outbox else ''}"


def _load(invocation: Invocation, modules: Modules, root: Path, note: Callable[[str, str], None]) -> Callable[[Any, Any], Any]:
    """The handler. What a build would have put beside it is taken from where it is in the tree, and noted."""
    written = invocation.handler
    module_name, dot, attribute = written.rpartition(".")
    if not dot or not module_name:
        message = f"Bad handler '{written}': not enough values to unpack (expected 2, got 1)"
        raise _LoadFailed("Runtime.MalformedHandlerName", message)
    name = module_name.replace("/", ".").lstrip(".")
    while True:
        try:
            module = importlib.import_module(name)
            break
        except ModuleNotFoundError as error:
            missing = error.name or name
            folder = None if name.startswith(missing) else elsewhere(root, missing)
            if folder is None or not modules.also(folder):
                raise Unable(invocation.function.id, _missing(missing, name, modules)) from None
            note(
                f"module {missing.partition('.')[0]}",
                f"taken from {folder.relative_to(root).as_posix()}, as a build would have it",
            )
        except ImportError as error:
            text = f"Unable to import module '{module_name}': {error}"
            raise _LoadFailed("Runtime.ImportModuleError", text, _trace(error, root)) from None
        except SyntaxError as error:
            text = f"Syntax error in module '{module_name}': {error}"
            raise _LoadFailed("Runtime.UserCodeSyntaxError", text, _trace(error, root)) from None
        except Exception as error:
            raise _LoadFailed(type(error).__name__, str(error), _trace(error, root)) from None
    handler = getattr(module, attribute, None)
    if handler is None:
        raise _LoadFailed("Runtime.HandlerNotFound", f"Handler '{attribute}' missing on module '{module_name}'")
    found: Callable[[Any, Any], Any] = handler
    return found


def _is_local(module: str, modules: Modules) -> bool:
    """Whether a module that is missing would have been the function's own."""
    first = module.partition(".")[0]
    return any((folder / first).exists() or (folder / f"{first}.py").exists() for folder in modules.folders)


def _missing(missing: str, name: str, modules: Modules) -> str:
    if name and name.startswith(missing):
        where = ", ".join(str(folder) for folder in modules.folders) or "no folder of code"
        return f"its module {name} is not found in {where}"
    top = missing.partition(".")[0]
    return (
        f"it imports {top}, which this Python does not have and no layer of the template brings along: "
        "name a Python that has it with --python, or a folder that has it (pip install --target FOLDER) with --packages"
    )


def _told(error: BaseException, root: Path) -> FunctionError:
    if isinstance(error, _MarshalFailed):
        return FunctionError(type="Runtime.MarshalError", message=f"Unable to marshal response: {error}")
    return FunctionError(type=type(error).__name__, message=str(error), trace=_trace(error, root))


def _trace(error: BaseException, root: Path) -> tuple[str, ...]:
    """The lines of a trace as Lambda gives them, the user's own only, where they would be in Lambda."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith((_FRAMES, "<frozen"))]
    told = []
    for frame in frames:
        text = "".join(traceback.format_list([frame]))
        told.append(text.replace(str(root.resolve()), "/var/task").replace(str(root), "/var/task"))
    return tuple(told)


class _MarshalFailed(Exception):
    """What a handler returned is no JSON."""


class _Encoder(json.JSONEncoder):
    """JSON as Lambda's runtime writes it: a Decimal is a number."""

    def default(self, o: Any) -> Any:
        if isinstance(o, Decimal):
            if o.is_nan():
                return math.nan
            return int(o) if o == o.to_integral_value() else float(o)
        return super().default(o)


def _returned(value: Any) -> Any:
    """What a handler returned, as who waits for it gets it."""
    try:
        return json.loads(json.dumps(value, cls=_Encoder, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise _MarshalFailed(str(error)) from None


@contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    """The process's environment is the function's; what the handler changes stays its own business."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Said:
    """Takes what a handler prints, line by line."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, said: Callable[[str], None]) -> None:
        self._said = said
        self._text = ""

    def write(self, text: str) -> int:
        """Text as it comes."""
        *lines, self._text = (self._text + text).split("\n")
        for line in lines:
            self._said(line)
        return len(text)

    def flush(self) -> None:
        """The rest of a line."""
        if self._text:
            self._said(self._text)
            self._text = ""

    def isatty(self) -> bool:
        """Nobody sits there."""
        return False

    def fileno(self) -> int:
        """There is no file."""
        raise OSError("what a handler prints goes to no file")

    def writable(self) -> bool:
        """Text may be written."""
        return True
