"""Activities: tasks wait in a queue of their activity until a worker asks for one (GetActivityTask).

Workers can be Python functions, which are handed the task's input as soon as it is there; what they return or raise is the
task's answer. Others call GetActivityTask and answer with the token.

Source: Step Functions guide, "Activities".
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine.failure import text_of
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure
from untangle.simulate.services.desk import Worker, as_text
from untangle.simulate.services.tokens import Tokens


def name_of(activity: str) -> str:
    """An activity's name, of its ARN or of itself."""
    return activity.rsplit(":", 1)[-1]


@dataclass(slots=True, kw_only=True)
class Activities:
    """The tasks that wait, by the activity's name, and the workers that are functions."""

    clock: Clock
    tokens: Tokens
    workers: Mapping[str, Worker] = field(default_factory=dict)
    waiting: dict[str, deque[tuple[str, str]]] = field(default_factory=dict)
    asked: Callable[[str], None] | None = None

    def put(self, call: TaskCall, done: Reply) -> None:
        """A task for an activity."""
        token, name = call.token or "", name_of(call.resource)
        self.tokens.open(token, done)
        worker = self.workers.get(name)
        if worker is None:
            self.waiting.setdefault(name, deque()).append((token, text_of(call.arguments)))
            return
        self.clock.after(0, lambda: _work(worker, call.arguments, done))

    def take(self, activity: str) -> dict[str, Any]:
        """The next task that somebody still waits for, with its token; {} where there is none."""
        queue = self.waiting.get(name_of(activity), deque())
        while queue:
            token, text = queue.popleft()
            if self.tokens.waiting(token):
                return {"taskToken": token, "input": text}
        return {}


def _work(worker: Worker, given: Any, done: Reply) -> None:
    if not done.open:
        return
    try:
        result = json.loads(json.dumps(worker(given)))
    except Exception as error:
        done(
            TaskFailure(
                error=type(error).__name__, cause=as_text({"errorMessage": str(error), "errorType": type(error).__name__})
            )
        )
        return
    done(result)
