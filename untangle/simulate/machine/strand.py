"""One line of work of an execution: a generator that pauses for effects and goes on when they answer.

A generator yields an `Effect`: a function that gets `resume` and begins something. It is resumed with what `resume` was called
with, within the call or later; an exception given to `resume` is thrown into it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine.failure import StateFailure

Resume = Callable[[Any], None]
Cancel = Callable[[], None]
Effect = Callable[[Resume], Cancel | None]
Work = Generator[Effect, Any, Any]


class Strand:
    """Runs a generator to its end; `done` gets what it returns, or the `StateFailure` that it raised."""

    def __init__(self, work: Work, done: Callable[[Any], None]) -> None:
        self.work, self.done = work, done
        self.cancel_effect: Cancel | None = None
        self.ended = False

    def begin(self) -> None:
        """Let it run up to its first pause."""
        self._go(None)

    def cancel(self) -> None:
        """End it where it pauses."""
        if self.ended:
            return
        self.ended = True
        if self.cancel_effect is not None:
            self.cancel_effect()
        self.work.close()

    def _go(self, value: Any) -> None:
        while not self.ended:
            self.cancel_effect = None
            try:
                effect = self.work.throw(value) if isinstance(value, StateFailure) else self.work.send(value)
            except StopIteration as stop:
                self.ended = True
                return self.done(stop.value)
            except StateFailure as failure:
                self.ended = True
                return self.done(failure)
            except RecursionError:
                self.ended = True
                return self.done(StateFailure("States.Runtime", "What the state was given is nested too deeply."))
            answers: list[Any] = []
            waiting = [False]

            def resume(answer: Any, answers: list[Any] = answers, waiting: list[bool] = waiting) -> None:
                if answers:
                    return
                answers.append(answer)
                if waiting[0]:
                    self._go(answer)

            try:
                cancel = effect(resume)
            except StateFailure as failure:  # a history that is full
                value = failure
                continue
            if not answers:
                self.cancel_effect, waiting[0] = cancel, True
                return None
            value = answers[0]
        return None


def sleep(clock: Clock, seconds: float) -> Effect:
    """Pause for some virtual time; 0 lets what else is due go first."""

    def begin(resume: Resume) -> Cancel:
        return clock.after(seconds, lambda: resume(None)).cancel

    return begin


def together(works: Iterable[Work]) -> Effect:
    """Let several generators run beside each other; answers with their results in order, or with the first failure.

    The others are cancelled where one fails, in order.
    """
    strands: list[Strand] = []
    results: dict[int, Any] = {}

    def begin(resume: Resume) -> Cancel:
        def cancel() -> None:
            for strand in strands:
                strand.cancel()

        def told(index: int) -> Callable[[Any], None]:
            def tell(answer: Any) -> None:
                if isinstance(answer, StateFailure):
                    cancel()
                    resume(answer)
                    return
                results[index] = answer
                if len(results) == len(strands):
                    resume([results[place] for place in range(len(strands))])

            return tell

        strands.extend(Strand(work, told(index)) for index, work in enumerate(works))
        if not strands:
            resume([])
        for strand in strands:
            if not strand.ended:
                strand.begin()
        return cancel

    return begin
