"""A desk for tests: calls are made as a machine makes them, on functions given here and an account that moto plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.call import Answer, ApiCall
from untangle.simulate.clock import Clock
from untangle.simulate.machine.task import Pattern, Reply, TaskCall
from untangle.simulate.services import Integrations, Machines
from untangle.simulate.services.account import Account

CONTEXT = {"Execution": {"Id": "arn:execution"}, "StateMachine": {"Id": "arn:machine"}}


@dataclass
class Calls:
    """What was asked, and how: `call` makes one call and gives its answer once the clock has run (or None)."""

    functions: Callable[[str, Any], Answer] = lambda function, event: Answer(payload={"function": function, "event": event})
    clock: Clock = field(default_factory=Clock)
    machines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workers: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    contexts: list[Any] = field(default_factory=list)
    submitted: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = Account(clock=self.clock, functions=self._invoke)
        self.integrations = Integrations(
            clock=self.clock,
            api=self.account,
            functions=self._invoke,
            machines=Machines(clock=self.clock, definitions=self.machines),
            jobs=self.account.jobs,
            workers=self.workers,
        )
        self.account.answer, self.account.note = self.integrations.answer, self.integrations.desk.note

    def _invoke(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        self.contexts.append(client_context)
        return self.functions(function, event)

    def begin(self, resource: str, arguments: Any = None, *, token: str | None = None) -> list[Any]:
        """Make a call; the list gets its answer when there is one."""
        answers: list[Any] = []
        self.integrations.start(call_of(resource, arguments, token), Reply(answers.append, on_submitted=self.submitted.append))
        return answers

    def call(self, resource: str, arguments: Any = None, *, token: str | None = None) -> Any:
        """Make a call and let everything happen."""
        answers = self.begin(resource, arguments, token=token)
        self.clock.run()
        return answers[0] if answers else None

    def api(self, operation: str, **params: Any) -> Mapping[str, Any]:
        """A call of the Step Functions API, as a handler makes it."""
        return self.account(ApiCall(service="stepfunctions", operation=operation, params=params))


def call_of(resource: str, arguments: Any, token: str | None) -> TaskCall:
    """The call of `lambda:invoke.waitForTaskToken` and the like."""
    service, _, action = resource.rpartition(":") if not resource.startswith("arn:") else ("lambda", "", "")
    version, pattern = 1, "request"
    if action == "2":
        service, _, action = service.rpartition(":")
        version = 2
    for suffix, meant in ((".sync", "sync"), (".waitForTaskToken", "callback")):
        if action.endswith(suffix):
            action, pattern = action.removesuffix(suffix), meant
    if service == "lambda" and not action and ":activity:" in resource:
        service, pattern = "activity", "activity"
    kind: Pattern = pattern  # type: ignore[assignment]
    written = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    return TaskCall(
        resource=written, service=service, action=action, pattern=kind, version=version, arguments=arguments, context=CONTEXT,
        token=token, state="S",
    )  # fmt: skip


@contextmanager
def calls(**given: Any) -> Iterator[Calls]:
    """A desk that is closed afterwards: the environment is what it was."""
    desk = Calls(**given)
    try:
        yield desk
    finally:
        desk.account.close()
