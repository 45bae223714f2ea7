"""The hosts that run users' handlers, one per language; `Host` finds the right one for each function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from untangle.simulate.application import Application
from untangle.simulate.call import Answer
from untangle.simulate.handlers.invocation import Crash, Invocation, Runs, Unable

__all__ = ["Crash", "Host", "Invocation", "Runs", "Unable"]


def _python(application: Application) -> Runs:
    from untangle.simulate.handlers.python import PythonHost

    return PythonHost(application)


def _node(application: Application) -> Runs:
    from untangle.simulate.handlers.node import NodeHost

    return NodeHost(application)


_HOSTS: Mapping[str, Callable[[Application], Runs]] = {"python": _python, "nodejs": _node}


class Host:
    """Runs the functions of one application, whatever they are written in."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._hosts: dict[str, Runs] = {}

    def fresh(self) -> None:
        """Every function is cold again."""
        for host in self._hosts.values():
            host.fresh()

    def close(self) -> None:
        """Nothing is run any more: processes of handlers are ended, and their files are gone."""
        for host in self._hosts.values():
            host.close()
        self._hosts.clear()

    def _read_as(self, function: str) -> str:
        """The runtime of a function whose template names none, by what the scan has read its code as."""
        facts = self.application.graph.code.get(function)
        return "nodejs" if facts is not None and facts.language in ("javascript", "typescript") else "python"

    def __call__(self, invocation: Invocation) -> Answer:
        """Run a handler. Raises `Unable` where nothing here can."""
        function = invocation.function
        if function.kind != "lambda":
            raise Unable(function.id, f"it is no Lambda function but a {function.kind}: it is not run")
        if function.image:
            raise Unable(function.id, "its code is a container image: containers are not run")
        if not function.handler:
            raise Unable(function.id, "the template names no handler for it")
        language = (function.runtime or self._read_as(function.id)).rstrip("0123456789.xX")
        if language not in _HOSTS:
            raise Unable(function.id, f"there is no host for the runtime {function.runtime}: Python and Node.js are run")
        if language not in self._hosts:
            self._hosts[language] = _HOSTS[language](self.application)
        return self._hosts[language](invocation)
