"""Activities: tasks wait in a queue of their activity until a worker asks for one (GetActivityTask).

Workers can be Python functions, which are handed the task's input as soon as it is there; what they return or raise is the
task's answer. Others call GetActivityTask and answer with the token; a state machine that does waits for a task for up to a
minute.

Source: Step Functions guide, "Activities"; API reference, GetActivityTask ("long poll").
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.clock import Clock, Due
from untangle.simulate.machine.failure import text_of
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure
from untangle.simulate.services.desk import Worker, as_text
from untangle.simulate.services.tokens import Tokens

POLL = 60.0  # seconds that GetActivityTask waits for a task


def name_of(activity: str) -> str:
    """An activity's name, of its ARN or of itself."""
    return activity.rsplit(":", 1)[-1]


@dataclass(slots=True, kw_only=True)
class Activities:
    """The tasks that wait, by the activity's name, and the workers that are functions."""

    clock: Clock
    tokens: Tokens
    workers: Mapping[str, Worker] = field(default_factory=dict)
    waiting: dict[str, deque[tuple[str, str, Reply]]] = field(default_factory=dict)
    polling: dict[str, deque[tuple[Callable[[Mapping[str, Any]], None], str | None, Due]]] = field(default_factory=dict)

    def put(self, call: TaskCall, done: Reply) -> None:
        """A task for an activity."""
        token, name = call.token or "", name_of(call.resource)
        self.tokens.open(token, done)
        worker = self.workers.get(name)
        if worker is None:
            self.waiting.setdefault(name, deque()).append((token, text_of(call.arguments), done))
            self.clock.after(0, lambda: self._offer(name))
            return
        self.clock.after(0, lambda: _work(worker, call.arguments, done))

    def take(self, activity: str, worker: str | None = None) -> dict[str, Any]:
        """The next task that somebody still waits for, with its token; {} where there is none."""
        queue = self.waiting.get(name_of(activity), deque())
        while queue:
            token, text, done = queue.popleft()
            if self.tokens.waiting(token):
                done.submitted(worker)
                return {"taskToken": token, "input": text}
        return {}

    def poll(self, activity: str, worker: str | None, answer: Callable[[Mapping[str, Any]], None]) -> Callable[[], None]:
        """Answer with the next task as soon as there is one, or with {} after a minute; gives what takes the question back."""
        line = self.polling.setdefault(name_of(activity), deque())

        def over() -> None:
            line.remove(one)
            answer({})

        one = (answer, worker, self.clock.after(POLL, over))
        line.append(one)
        self.clock.after(0, lambda: self._offer(name_of(activity)))

        def withdraw() -> None:
            one[2].cancel()
            if one in line:
                line.remove(one)

        return withdraw

    def _offer(self, name: str) -> None:
        """Hand tasks to those who wait for one."""
        line = self.polling.get(name, deque())
        while line:
            answer, worker, due = line[0]
            task = self.take(name, worker)
            if not task:
                return
            line.popleft()
            due.cancel()
            answer(task)


def _work(worker: Worker, given: Any, done: Reply) -> None:
    if not done.open:
        return
    done.submitted(None)
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
