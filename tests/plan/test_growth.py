"""How a plan grows with its chain: every hop moves, and the states of all its definitions stay in proportion to the hops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.arrows import arrows, chain
from untangle.emit.asl import asl_definitions
from untangle.model.step import Again, Each, Effects, Hand, Join, Loop, Parallel, Start, Step, Stop, Task, gathered, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan
from untangle.plan.names import LIMIT, nested_name
from untangle.plan.passes import Draft
from untangle.plan.tree import growth
from untangle.plan.tree.growth import MAX_COPIES, nest_tails


def line(size: int) -> str:
    return "; ".join(f"f{n} -sns/sqs-> f{n + 1}" for n in range(size - 1))


def leaves(size: int) -> str:
    return "f -sns-> {" + ", ".join(f"c{n}" for n in range(size - 1)) + "}"


def ladder(size: int) -> str:
    """Diamonds in a row: 2 to the power of a third of `size` paths lead through it."""
    rungs = range(size // 3)
    return "; ".join(f"f{n} -sns-> {{a{n}, b{n}}}; {{a{n}, b{n}}} -sqs:q{n}-> f{n + 1}" for n in rungs)


def uneven(size: int) -> str:
    """The same, where the two sides of a diamond reach its end by ways of their own."""
    rungs = range(size // 3)
    return "; ".join(f"f{n} -sns-> {{a{n}, b{n}}}; a{n} -sns-> f{n + 1}; b{n} -sqs-> f{n + 1}" for n in rungs)


def loops(size: int) -> str:
    return "; ".join(f"f{n} -sqs*-> f{n + 1}" for n in range(size - 1))


def planned(text: str) -> Workflow:
    graph = arrows(text)
    return plan(graph, chain(graph))


def roots(workflow: Workflow) -> list[Step]:
    assert workflow.root is not None
    return [workflow.root, *(nested.root for nested in workflow.nested)]


def tasks(root: Step) -> int:
    """The tasks of one definition, each copy counted."""
    return gathered(root, lambda step, below: isinstance(step, Task | Start) + sum(below))


@pytest.mark.parametrize("shape", [line, leaves, ladder, uneven, loops], ids=lambda shape: shape.__name__)
def test_a_thousand_functions_move_and_grow_no_more_than_their_hops(shape: Any) -> None:
    workflow = planned(shape(1000))
    assert workflow.kept == () and len(workflow.migrated) > 990
    assert sum(map(tasks, roots(workflow))) <= MAX_COPIES * len(workflow.migrated)


@pytest.mark.parametrize("shape", [line, leaves, ladder, uneven, loops], ids=lambda shape: shape.__name__)
def test_twice_the_chain_is_twice_the_states(shape: Any) -> None:
    half, whole = (sum(map(tasks, roots(planned(shape(size))))) for size in (150, 300))
    assert whole <= 2.1 * half


def test_what_a_workflow_starts_stands_before_it() -> None:
    workflow = planned(ladder(120))
    seen: set[str] = set()
    for nested in workflow.nested:
        assert {step.workflow for step in steps(nested.root) if isinstance(step, Start)} <= seen
        seen.add(nested.name)
    assert {step.workflow for step in steps(workflow.root) if isinstance(step, Start)} <= seen


def test_every_nested_workflow_is_started() -> None:
    workflow = planned(uneven(120))
    started = {step.workflow for root in roots(workflow) for step in steps(root) if isinstance(step, Start)}
    assert started == {nested.name for nested in workflow.nested}


def test_definitions_of_a_long_line_are_taken_by_the_service() -> None:
    graph = arrows(line(1000))
    workflow = plan(graph, chain(graph))
    written = asl_definitions(workflow, graph)
    assert len(written) == 1 + len(workflow.nested) > 2
    assert sum(len(definition["States"]) for definition in written.values()) == 1000 + len(workflow.nested)


def test_branches_side_by_side_are_shared_out_evenly() -> None:
    workflow = planned(leaves(1000))
    sizes = [len(one.root.branches) for one in workflow.nested if isinstance(one.root, Parallel)]
    assert len(sizes) == len(workflow.nested) > 1 and max(sizes) - min(sizes) <= len(sizes) and sum(sizes) == 999


def test_the_same_chain_gives_the_same_workflows() -> None:
    assert len({repr(planned(uneven(60))) for _ in range(2)}) == 1


@pytest.mark.parametrize("back", [Again(), Hand(effects=(Effects(type="sqs", target="app/Queue"),))], ids=["loop", "join"])
def test_what_comes_back_to_a_loop_or_a_join_is_not_cut_off(back: Step) -> None:
    tail: Step = back
    for number in range(3):
        tail = task(f"f{number}", Each(effects=Effects(type="sqs", target="app/Queue"), multiplicity="one", body=tail))
    ways = tuple(Each(effects=Effects(type="sqs", target="app/Queue"), multiplicity="one", body=tail) for _ in range(9))
    body = Parallel(branches=ways)
    around = Loop(body=task("a", body)) if isinstance(back, Again) else Join(body=body, then=ways[0])
    graph = arrows("a -sqs-> b")
    draft = Draft(graph=graph, chain=chain(graph), hops={}, root=around)
    assert nest_tails(draft).nested == ()


def task(function: str, then: Step | None) -> Task:
    return Task(function=f"app/{function}", stops=(Stop(channel="app/Queue", type="sqs"),), then=then)


NAMES: Mapping[str, tuple[tuple[str, str, set[str]], str]] = {
    "by function": (("OrderIntake", "notify restaurant", set()), "OrderIntake-NotifyRestaurant"),
    "taken": (("A", "b", {"A-B"}), "A-B-2"),
    "taken twice": (("A", "b", {"A-B", "A-B-2"}), "A-B-3"),
    "nothing to say": (("A", "***", set()), "A-Tail"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    given, wanted = NAMES[name]
    assert nested_name(*given) == wanted


def test_names_are_no_longer_than_the_service_takes() -> None:
    used: set[str] = set()
    for _ in range(12):
        used.add(nested_name("W" * 70, "x" * 70, used))
    assert len(used) == 12 and max(map(len, used)) == LIMIT


def test_a_chain_too_large_for_any_definition_stays_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the entries alone outgrow a definition nothing can be cut off."""
    monkeypatch.setattr(growth, "LARGEST", 20_000)
    workflow = planned("{" + ", ".join(f"c{n}" for n in range(50)) + "} -sqs:q-> d")
    assert workflow.root is None and workflow.nested == () and workflow.differences == ()
    assert any("1 MiB" in obstacle.text for obstacle in workflow.obstacles)
