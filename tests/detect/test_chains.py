"""Chains: what belongs together, where it is cut, and where it begins."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.detect.graphs import bus, graph, hop, queue
from untangle.detect.chains import boundary_hops, chains, slug
from untangle.model.evidence import Confidence
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Trigger
from untangle.model.node import Function, StateMachine


def short(ids: tuple[str, ...]) -> str:
    """Ids without their stack."""
    return " ".join(id.split("/")[-1] for id in ids)


def shape(found: EventGraph, *boundaries: str) -> list[tuple[str, str, str, bool]]:
    """Each chain as id, functions, entries, cyclic."""
    return [
        (
            chain.id,
            " ".join(name.split("/")[-1] for name in chain.functions),
            " ".join(name.split("/")[-1] for name in chain.entries),
            chain.cyclic,
        )
        for chain in chains(found, boundaries)
    ]


@pytest.mark.parametrize(
    ("arrows", "triggered", "expected"),
    [
        ("A>B B>C", "", [("a", "A B C", "A", False)]),
        ("A>B C>D", "", [("a", "A B", "A", False), ("c", "C D", "C", False)]),
        ("A>C B>C", "", [("a", "A B C", "A B", False)]),
        ("A>B B>C", "A C", [("a", "A B C", "A C", False)]),
        ("A>B B>A", "", [("a", "A B", "A", True)]),
        ("A>B B>A", "B", [("b", "A B", "B", True)]),
        ("A>A", "", [("a", "A", "A", True)]),
        ("A>B B>B", "", [("a", "A B", "A", True)]),
        ("B>C C>B C>A", "", [("b", "A B C", "B", True)]),
        ("A>B B>C C>B X>Y Y>X Y>C", "", [("a", "A B C X Y", "A X", True)]),
        ("A>B A>B", "", [("a", "A B", "A", False)]),
        ("", "", []),
    ],
)
def test_connected_hops_are_one_chain(arrows: str, triggered: str, expected: list[tuple[str, str, str, bool]]) -> None:
    triggers = tuple(Trigger(type="apigateway", function=f"app/{name}") for name in triggered.split())
    assert shape(graph(arrows, triggers=triggers)) == expected


def test_only_reported_hops_join_functions() -> None:
    found = graph(
        hops=(hop("A", "B"), hop("B", "C", confidence=Confidence.POSSIBLE), hop("C", "D", confidence=Confidence.CONTRADICTED))
    )
    assert shape(found) == [("a", "A B", "A", False)]


def test_an_external_channel_is_a_boundary_and_its_consumer_an_entry() -> None:
    found = graph(hops=(hop("A", "B"), hop("B", "C", bus("Foreign", external=True)), hop("C", "D")))
    assert shape(found) == [("a", "A B", "A", False), ("c", "C D", "C", False)]


def test_an_existing_state_machine_is_a_boundary() -> None:
    found = graph(hops=(hop("A", "B", queue("M", type="step_functions")), hop("B", "C")))
    assert shape(found) == [("b", "B C", "B", False)]


FLOW, DEFAULT = queue("M", type="step_functions"), bus("default")


def orchestrated(**found: Any) -> EventGraph:
    """Hops of which some go by the state machine M, whose step is S."""
    return graph(state_machines=(StateMachine(id="app/M", address="M", stack="app", functions=("app/S",)),), **found)


def test_a_state_machine_that_a_function_starts_and_whose_end_another_hears_of_is_a_hop_of_the_chain() -> None:
    found = orchestrated(hops=(hop("A", "B", FLOW, DEFAULT, mediated=True), hop("B", "C")))
    assert shape(found) == [("a", "A B C", "A", False)]


def test_what_a_state_machine_runs_is_not_in_the_chain_of_who_starts_it() -> None:
    found = orchestrated(hops=(hop("A", "B", FLOW, DEFAULT, mediated=True), hop("S", "D")))
    assert shape(found) == [("a", "A B", "A", False), ("s", "D S", "S", False)]


ROUND: dict[str, Hop] = {
    "it-is-started-by-a-rule": hop("A", "B", bus("Orders"), FLOW, DEFAULT, mediated=True),
    "its-end-starts-another-one": hop("A", "B", FLOW, DEFAULT, queue("N", type="step_functions"), bus("other"), mediated=True),
    "a-step-of-it-hears-of-its-end": hop("A", "S", FLOW, DEFAULT, mediated=True),
    "a-step-of-it-starts-it-again": hop("S", "B", FLOW, DEFAULT, mediated=True),
    "who-starts-it-hears-of-its-end": hop("A", "A", FLOW, DEFAULT, mediated=True),
    "it-is-the-end-of-the-way": hop("A", "B", FLOW),
}


@pytest.mark.parametrize("name", ROUND)
def test_any_other_way_by_a_state_machine_is_a_boundary(name: str) -> None:
    found = orchestrated(hops=(ROUND[name],))
    assert shape(found) == [] and boundary_hops(found) == {ROUND[name].id}


def test_redrives_and_destinations_belong_to_the_chain() -> None:
    found = graph(hops=(hop("A", "B"), hop("B", "Repair", queue("Dlq"), reason="redrive"), hop("B", "Done", reason="on_success")))
    assert shape(found) == [("a", "A B Done Repair", "A", False)]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("app/B", [("b", "B C", "B", False)]),
        ("B", [("b", "B C", "B", False)]),
        ("A-B", [("b", "B C", "B", False)]),
        ("app/B-C", [("a", "A B", "A", False)]),
        ("app/Nothing", [("a", "A B C", "A", False)]),
    ],
)
def test_the_configuration_cuts_at_functions_channels_and_hops(boundary: str, expected: list[tuple[str, str, str, bool]]) -> None:
    assert shape(graph("A>B B>C"), boundary) == expected


def test_boundaries_that_the_graph_carries_count_without_being_named_again() -> None:
    assert shape(graph("A>B B>C", boundaries=("B",))) == shape(graph("A>B B>C"), "B")


def test_a_hop_is_cut_by_its_id() -> None:
    found = graph("A>B B>C")
    assert shape(found, found.hops[0].id) != shape(found)
    assert len(boundary_hops(found, (found.hops[0].id,))) == 1


def test_a_cut_may_break_a_cycle() -> None:
    assert shape(graph("A>B B>A"), "A-B") == [("b", "A B", "B", False)]


def test_another_account_is_a_boundary() -> None:
    def live(name: str, account: str) -> Function:
        return Function(
            id=f"app/{name}", address=name, stack="app", deployed=f"arn:aws:lambda:eu-west-1:{account}:function:{name}"
        )

    functions = (live("A", "111111111111"), live("B", "111111111111"), live("C", "222222222222"), live("D", "222222222222"))
    assert shape(graph("A>B B>C C>D", functions=functions)) == [("a", "A B", "A", False), ("c", "C D", "C", False)]


def at(stack: str, name: str) -> Function:
    return Function(id=f"{stack}/{name}", address=name, stack=stack)


def ids(*first: Function) -> list[str]:
    """The ids of chains that begin with these functions."""
    last = tuple(at(function.stack, f"{function.address}zz") for function in first)
    hops = tuple(hop(a.id, b.id) for a, b in zip(first, last, strict=True))
    return [chain.id for chain in chains(graph(hops=hops, functions=(*first, *last)))]


def test_chains_of_one_name_are_told_apart_by_their_stacks() -> None:
    assert ids(at("one", "OrderFn"), at("nested/two", "OrderFn"), at("one", "PayFn")) == [
        "two-order-fn",
        "one-order-fn",
        "pay-fn",
    ]


def test_ids_are_unique() -> None:
    assert ids(at("a/one", "OrderFn"), at("b/one", "OrderFn"), at("one-order", "Fn")) == [
        "one-order-fn",
        "one-order-fn-2",
        "one-order",
    ]


@pytest.mark.parametrize(
    ("address", "stack", "expected"),
    [
        ("AddToCartFunction", "shop", "add-to-cart-function"),
        ("module.runners[*].aws_lambda_function.scale_up", "multi", "scale-up"),
        ("module.Download.module.lambda_function.aws_lambda_function.this[0]", "feeds", "download"),
        ("extractLambdaHandlerD06B8F09", "Stack", "extract-lambda-handler"),
        ("handler", "auth0-publisher", "auth0-publisher"),
        ("aws_lambda_function.this[0]", "live/mailer", "mailer"),
    ],
)
def test_a_chain_is_called_after_what_its_first_function_does(address: str, stack: str, expected: str) -> None:
    assert ids(at(stack, address)) == [expected]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("OrderFn", "order-fn"),
        ("S3UploadFn", "s3-upload-fn"),
        ("HTTPApi2Fn", "http-api2-fn"),
        ("module.x.aws_lambda_function.this[0]", "module-x-aws-lambda-function-this-0"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("\u202e!!", "chain"),
    ],
)
def test_ids_are_safe_in_paths_branches_and_anchors(address: str, expected: str) -> None:
    assert slug(address) == expected


@pytest.mark.parametrize("cyclic", [False, True])
def test_tens_of_thousands_of_hops_take_seconds(cyclic: bool) -> None:
    size = 30_000
    names = [f"app/F{number:06}" for number in range(size)]
    functions = tuple(Function(id=name, address=name.removeprefix("app/"), stack="app") for name in names)
    pairs = list(zip(names, names[1:] + names[: 1 if cyclic else 0], strict=False))
    found = graph(hops=tuple(hop(one, two) for one, two in pairs), functions=functions)
    start = time.process_time()
    (chain,) = chains(found)
    assert time.process_time() - start < 20
    assert (len(chain.hops), chain.cyclic, chain.entries) == (size if cyclic else size - 1, cyclic, (names[0],))
