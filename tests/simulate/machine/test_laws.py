"""Laws of executions, whatever the machine: order, counts, scopes, and that the same seed gives the same history."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulate.machine.play import ECHO, failure, jsonata, machine, played, task, types
from untangle.simulate.machine import Execution

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
WAITS = st.lists(st.integers(0, 9), min_size=1, max_size=5)


def told(execution: Execution) -> str:
    return json.dumps([event.json() for event in execution.events])


@st.composite
def states(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """A machine of Pass, Wait, Task, Parallel, Map and Choice states that ends, and may fail."""
    kinds = ["Pass", "Wait", "Task", "Fail", *(["Parallel", "Map"] if depth else [])]
    made: dict[str, Any] = {}
    names = [f"S{index}" for index in range(draw(st.integers(1, 3)))]
    for name, following in zip(names, [*names[1:], None], strict=True):
        kind = draw(st.sampled_from(kinds))
        state: dict[str, Any] = {"Type": kind}
        if kind == "Wait":
            state["Seconds"] = draw(st.integers(0, 5))
        elif kind == "Task":
            state |= {"Resource": ECHO, "Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}]}
        elif kind == "Parallel":
            state["Branches"] = draw(st.lists(states(depth=depth - 1), min_size=1, max_size=3))
        elif kind == "Map":
            mode = draw(st.sampled_from(["INLINE", "DISTRIBUTED"]))
            state |= {
                "ItemProcessor": {"ProcessorConfig": {"Mode": mode}, **draw(states(depth=depth - 1))},
                "ItemsPath": "$.items",
            }
            state |= {"MaxConcurrency": draw(st.integers(0, 2)), "ResultPath": "$.mapped", "ItemSelector": {"items": [1, 2]}}
        if kind != "Fail":
            state |= {"Next": following} if following else {"End": True}
            if kind in ("Parallel", "Task"):
                state["ResultPath"] = "$.result"
        made[name] = state
    return {"StartAt": names[0], "States": made}


@given(states(), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_the_same_seed_gives_the_same_history_and_every_event_follows_one_before_it(
    definition: dict[str, Any], seed: int
) -> None:
    script = [failure("Odd"), {"ok": 1}]
    first, again = (played(definition, {"items": [1, 2]}, {ECHO: script}, seed=seed)[0] for _ in range(2))
    assert first.result is not None
    assert told(first) == told(again)
    assert [event.id for event in first.events] == list(range(1, len(first.events) + 1))
    assert all(event.previous < event.id for event in first.events)
    assert types(first)[-1] in ("ExecutionSucceeded", "ExecutionFailed")
    times = [event.time for event in first.events]
    assert times == sorted(times)


@given(WAITS)
@settings(max_examples=40, deadline=None)
def test_outputs_of_branches_and_iterations_are_in_order_however_long_they_take(seconds: list[int]) -> None:
    wait = machine({"Type": "Wait", "SecondsPath": "$", "End": True})
    branches = [machine({"Type": "Pass", "Result": n, "Next": "W"}, W=wait["States"]["First"]) for n in seconds]
    parallel, clock = played(machine({"Type": "Parallel", "Branches": branches, "End": True}))
    mapped, again = played(machine({"Type": "Map", "ItemProcessor": wait, "End": True}), seconds)
    assert parallel.result is not None
    assert mapped.result is not None
    assert parallel.result.output == mapped.result.output == seconds
    assert clock.clock.now == again.clock.now == max(seconds)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_a_task_is_tried_as_often_as_its_rules_allow(first: int, second: int, fails: int) -> None:
    rules = [
        {"ErrorEquals": ["A"], "MaxAttempts": first, "BackoffRate": 1},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": second, "BackoffRate": 1},
    ]
    script = [*[failure("A")] * fails, *[failure("B")] * fails, {"ok": True}]
    execution, services = played(machine(task(Retry=rules)), {}, {ECHO: script})
    assert execution.result is not None
    succeeds = first >= fails and second >= fails
    assert (execution.result.status == "SUCCEEDED") is succeeds
    expected = 2 * fails if succeeds else first if first < fails else fails + second
    assert len(services.calls) == expected + 1


@given(JSON)
@settings(max_examples=80, deadline=None)
def test_data_passes_through_both_languages_unchanged(value: Any) -> None:
    paths = machine({"Type": "Pass", "Parameters": {"v.$": "$.w"}, "OutputPath": "$.v", "End": True})
    asked = jsonata({"Type": "Pass", "Output": {"v": "{% $states.input %}"}, "End": True})
    by_path, by_query = played(paths, {"w": value})[0], played(asked, {"w": value})[0]
    assert by_path.result is not None
    assert by_query.result is not None
    assert by_path.result.output == value
    assert by_query.result.output == {"v": {"w": value}}
