"""Which faults are planted, and which variants of the choreography may explain what then differs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from untangle.model.entry import Entry
from untangle.model.workflow import Workflow
from untangle.simulate.faults import Fault
from untangle.simulate.happening import Happening
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.outcome import Outcome, Run
from untangle.simulate.verify.scenarios import DUPLICATES, ORDER, Plan, single_faults, variants

FAILED = "what a failed run of a producer sent before it failed is not delivered; its retry sends it again"
WORKFLOW = Workflow(chain="c", name="Machine", root=None)


def happened(kind: str, who: str = "app/F", **detail: Any) -> Happening:
    return Happening(time=0.0, kind=kind, who=who, detail=detail)


def call(operation: str, who: str = "app/F") -> Happening:
    return happened("call", who, service="sqs", operation=operation, params={})


def test_a_function_crashes_after_each_effect_of_one_run() -> None:
    """Two runs of two effects and one of one: not five, and reads are none."""
    log = [
        *(happened("invoke"), call("SendMessage"), call("GetQueueUrl"), call("SendMessage"), happened("answer")),
        *(happened("invoke"), call("SendMessage"), happened("answer")),
        *(happened("invoke"), call("SendMessage"), call("SendMessage"), happened("answer")),
        call("SendMessage", who=""),
    ]
    base = Outcome(runs=tuple(Run("app/F", ("m",), 0.0, succeeded=True) for _ in range(3)), log=tuple(log))
    faults = list(single_faults(SimpleNamespace(hop=None), WORKFLOW, base))  # type: ignore[arg-type]
    assert [fault.effect for fault in faults if fault.kind == "crash_after"] == [1, 2]
    assert {fault.subject for fault in faults} == {"app/F"}


def reasons(*faults: Fault, failed: bool = False, differences: tuple[str, ...] = (FAILED,)) -> list[tuple[str, tuple[str, ...]]]:
    """The variants, each as its reason and the kinds of the faults that are left in it."""
    asked: list[tuple[Fault, ...]] = []

    class Bench:
        migrated = SimpleNamespace(workflow=WORKFLOW)

        def choreography(self, given: Given, planted: tuple[Fault, ...], **_: bool) -> Outcome:
            asked.append(planted)
            return Outcome(runs=(Run("app/F", ("m",), 0.0, succeeded=not failed),))

    plan = Plan(given=Given(name="one", stimuli=()), faults=faults)
    found = []
    for variant in variants(Bench(), plan, differences):  # type: ignore[arg-type]
        variant.make()
        found.append((variant.reason, tuple(fault.kind for fault in asked[-1])))
    return found


TWICE, AGAIN = Fault(kind="duplicate", subject="app/Q"), Fault(kind="duplicate", subject="app/R")
LATE, TIMEOUT = Fault(kind="delay", subject="app/Q"), Fault(kind="timeout", subject="app/F")


def test_each_kind_of_fault_has_its_own_reason() -> None:
    assert reasons(TWICE) == [(DUPLICATES, ())]
    assert reasons(LATE) == [(ORDER, ())]
    assert reasons(TIMEOUT) == []


def test_of_two_duplicates_one_may_be_handled_once_and_the_other_twice() -> None:
    assert reasons(TWICE, AGAIN) == [(DUPLICATES, ()), (DUPLICATES, ("duplicate",)), (DUPLICATES, ("duplicate",))]


def test_two_listed_differences_may_hold_at_once() -> None:
    found = reasons(TWICE, TIMEOUT, failed=True)
    assert (DUPLICATES, ("timeout",)) in found
    assert (FAILED, ("duplicate", "crash_before")) in found
    assert (f"{DUPLICATES}; {FAILED}", ("crash_before",)) in found


def test_what_is_not_listed_explains_nothing() -> None:
    assert reasons(TIMEOUT, failed=True, differences=()) == []


def test_a_channel_that_starts_the_workflow_delivers_twice_only_what_starts_it() -> None:
    hop: Any = SimpleNamespace(passages=(SimpleNamespace(channel="app/Bucket"), SimpleNamespace(channel="app/Queue")))
    graph: Any = SimpleNamespace(hop=lambda id: hop, triggers_of=lambda function: (SimpleNamespace(channel="app/Bucket"),))
    workflow = replace(
        WORKFLOW, migrated=("hop",), entries=(Entry(function="app/F", name="F", form="s3", kinds=("s3",), words=""),)
    )
    twice = [fault for fault in single_faults(graph, workflow, Outcome()) if fault.kind == "duplicate"]
    assert [(fault.subject, fault.message) for fault in twice] == [("app/Bucket", 1), ("app/Queue", None)]


def test_the_first_and_the_last_effect_of_a_run_are_refused_once_and_the_last_always() -> None:
    log = (happened("invoke"), call("SendMessage"), call("SendMessage"), call("SendMessage"), happened("answer"))
    base = Outcome(runs=(Run("app/F", ("m",), 0.0, succeeded=True),), log=log)
    faults = list(single_faults(SimpleNamespace(hop=None), WORKFLOW, base))  # type: ignore[arg-type]
    assert [(fault.effect, fault.last) for fault in faults if fault.kind == "refused"] == [(1, 1), (3, 1), (3, None)]
