"""Retry and Catch (Amazon States Language, "Errors"; Step Functions guide, "Handling errors")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from untangle.simulate.machine.failure import StateFailure
from untangle.simulate.machine.query.functions import Random
from untangle.simulate.machine.query.reference import put
from untangle.simulate.machine.states.kind import Outcome
from untangle.simulate.machine.visit import Visit

_FATAL = "States.Runtime"  # ends the execution whatever the state says
_TIMEOUTS = frozenset({"States.Timeout", "States.HeartbeatTimeout"})


def matches(names: Sequence[str], error: str | None) -> bool:
    """Whether one of a rule's error names stands for an error.

    The guide says that `States.ALL` does not stand for `States.DataLimitExceeded`; executions that the service recorded show
    that it does where a task's result is too large. (An output that is too large fails the execution past all catchers.)
    """
    if error == _FATAL:
        return False
    if error in names or (error == "States.HeartbeatTimeout" and "States.Timeout" in names):
        return True
    return "States.ALL" in names or ("States.TaskFailed" in names and error not in _TIMEOUTS)


class Retries:
    """The retriers of a state, each with how often it was used during a visit."""

    def __init__(self, rules: Sequence[Mapping[str, Any]]) -> None:
        self.rules = rules
        self.used = [0] * len(rules)

    def delay(self, failure: StateFailure, random: Random) -> float | None:
        """The seconds to wait before the next attempt; None where there is none."""
        for index, rule in enumerate(self.rules):
            if matches(rule["ErrorEquals"], failure.error):
                if self.used[index] >= rule.get("MaxAttempts", 3):
                    return None
                seconds = rule.get("IntervalSeconds", 1) * float(rule.get("BackoffRate", 2.0)) ** self.used[index]
                self.used[index] += 1
                seconds = min(seconds, rule.get("MaxDelaySeconds", 31_622_400), 31_622_400)
                return random.uniform(0, seconds) if rule.get("JitterStrategy") == "FULL" else float(seconds)
        return None


def caught(visit: Visit, failure: StateFailure) -> Outcome:
    """Where a catcher of the state leads; raises the failure again where there is none for it."""
    for rule in visit.state.get("Catch", ()):
        if matches(rule["ErrorEquals"], failure.error):
            return _led(visit, rule, failure)
    raise failure


def _led(visit: Visit, rule: Mapping[str, Any], failure: StateFailure) -> Outcome:
    if visit.jsonata:
        visit.error = failure.output
        output = visit.ask(rule["Output"], "Catch/Output") if "Output" in rule else failure.output
        return Outcome(output, rule["Next"], visit.ask(rule.get("Assign", {}), "Catch/Assign"))
    assigned = visit.fill(rule.get("Assign", {}), failure.output)
    return Outcome(put(rule.get("ResultPath", "$"), failure.output, visit.input), rule["Next"], assigned)
