"""What a Python handler gets beside its event: the context object and the variables that Lambda sets.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from untangle.simulate.backend import DUMMY
from untangle.simulate.handlers.invocation import Invocation

_KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "PYTHONPATH")


class LambdaContext:
    """The context object; `remaining` gives the milliseconds of virtual time that are left."""

    def __init__(self, invocation: Invocation, remaining: Callable[[], int]) -> None:
        self.function_name = invocation.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = invocation.arn
        self.memory_limit_in_mb = str(invocation.function.memory or 128)
        self.aws_request_id = invocation.request_id
        self.log_group_name = f"/aws/lambda/{invocation.name}"
        self.log_stream_name = "2026/01/01/[$LATEST]simulated"
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = _client(invocation.client_context)
        self.tenant_id = None
        self._remaining = remaining

    def get_remaining_time_in_millis(self) -> int:
        """The milliseconds of virtual time until the function's timeout."""
        return self._remaining()

    def log(self, message: Any) -> None:
        """Prints a message, as Lambda's does."""
        print(message)


def _client(context: Mapping[str, Any] | None) -> Any:
    if context is None:
        return None
    client = SimpleNamespace(**{str(key): value for key, value in (context.get("client") or {}).items()})
    return SimpleNamespace(custom=context.get("custom"), env=context.get("env"), client=client)


def variables(invocation: Invocation, current: Mapping[str, str]) -> dict[str, str]:
    """The environment of a handler: what a process needs of the `current` one, what Lambda sets, what the template says."""
    kept = {name: current[name] for name in _KEPT if name in current}
    memory, handler = str(invocation.function.memory or 128), invocation.handler
    return {
        **kept,
        **DUMMY,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{invocation.function.runtime or 'python3.12'}",
        "AWS_LAMBDA_FUNCTION_NAME": invocation.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{invocation.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]simulated",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_SDK_ENABLED": "false",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "_X_AMZN_TRACE_ID": f"Root=1-69559200-{invocation.seed:024x};Parent={invocation.seed:016x};Sampled=0",
        **invocation.environment,
        "_HANDLER": handler,
    }
