"""Libraries that only watch handlers (tracing, logs, metrics), stood in for where they are not installed: they do nothing.

What they do in Lambda nobody can see in what the handler does. Parts of the same packages that work on events (parsers, routers,
idempotency, batches) are not stood in for: a handler that needs those cannot be run without them.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import logging
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

# By module: the names that it has at least, every other one being made when it is asked for.
_WATCHING = (
    "aws_xray_sdk",
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.tracing",
    "aws_lambda_powertools.utilities.typing",
    "datadog_lambda",
    "ddtrace",
    "lumigo_tracer",
    "thundra",
    "sentry_sdk",
    "newrelic",
)
_PARENTS = ("aws_lambda_powertools", "aws_lambda_powertools.utilities")


class Watcher:
    """Does nothing, as whatever it is used: a decorator, a context, an object with any method."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *given: Any, **named: Any) -> Any:
        """A decorator gives what it decorates; with options it gives a decorator."""
        if len(given) == 1 and callable(given[0]) and not named:
            return given[0]
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Watcher()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    async def __aenter__(self) -> Watcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Any:
        return iter(())


class WatchingLogger:
    """A logger as Powertools has it: `logging`'s, with decorators that give back what they decorate."""

    def __init__(self, service: str | None = None, *_: Any, **__: Any) -> None:
        self._logger = logging.getLogger(service or "powertools")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name) if hasattr(self._logger, name) else Watcher()

    def inject_lambda_context(self, handler: Callable[..., Any] | None = None, **_: Any) -> Any:
        """The handler as it is."""
        return handler if handler is not None else lambda one: one


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "Logger":
            return WatchingLogger
        return type(name, (Watcher,), {}) if name[:1].isupper() else Watcher()


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a watching library where nobody else did; `used` are those that were asked for."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        """A spec for a library that only watches."""
        if not (fullname in _PARENTS or any(fullname == name or fullname.startswith(f"{name}.") for name in _WATCHING)):
            return None
        self.used.add(fullname.partition(".")[0])
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """An empty module with whatever is asked of it."""
        return _Module(spec.name) if spec.name not in _PARENTS[1:] else ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


STAND_INS = StandIns()


def install() -> None:
    """From here on libraries that only watch are found, last of all; once."""
    if STAND_INS not in sys.meta_path:
        sys.meta_path.append(STAND_INS)
