"""The outbox: what ships inside a user's function so that a workflow can drive it, its handler unchanged.

    Handler: untangle_outbox.handler
    Environment: UNTANGLE_HANDLER = <the handler as it was, package.module.function>

Without a marker in its invocation the handler runs as before, and nothing else happens. With one (the contract stands in
`untangle.emit.asl.states.marker`) the calls that the workflow took over are held back and answered, others that it works on go
out and are told of, and the answer is `{return, effects}`. Python 3.8 or later; standard library and botocore only.

Other variables: `UNTANGLE_START` (starts the workflow from outside), `UNTANGLE_RECORD` (writes effects down and changes nothing),
`UNTANGLE_CLAIMS` (the buckets of claims). The files of this folder are shipped as the package `untangle_outbox`, so they name one
another relatively.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

from .answer import AnswerTooLarge, BatchItemFailures
from .claim import ClaimError
from .failed import FailedWithEffects
from .invocation import wrap
from .recording import OutboxError, current, during

__all__ = [
    "AnswerTooLarge",
    "BatchItemFailures",
    "ClaimError",
    "FailedWithEffects",
    "OutboxError",
    "apart",
    "execution",
    "handler",
    "load",
    "wrap",
]
VARIABLE = "UNTANGLE_HANDLER"
_loaded: dict[str, Callable[..., Any]] = {}


def handler(event: Any, context: Any) -> Any:
    """The Lambda handler: the function's own, named by `UNTANGLE_HANDLER`, with its outbox."""
    return load(os.environ[VARIABLE])(event, context)


def load(name: str) -> Callable[..., Any]:
    """The handler `package.module.function`, or `folder/module.function` as Lambda takes it, with its outbox; loaded once."""
    if name not in _loaded:
        module, _, function = name.rpartition(".")
        _loaded[name] = wrap(getattr(importlib.import_module(module.replace("/", ".")), function))
    return _loaded[name]


def execution() -> str | None:
    """The name of the execution that this run belongs to, the same in all runs of one workflow; None outside of one."""
    recording = current()
    return recording.asked.get("execution") if recording is not None else None


def apart() -> Any:
    """A context in which calls belong to no run, also within one: for hosts that run one function inside of another."""
    return during(None)


if os.environ.get(VARIABLE) and os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
    load(os.environ[VARIABLE])  # while the function is initialised, as the handler itself would have been
