"""What a workflow is called: as its chain, without words that say only that it begins with a function."""

from __future__ import annotations

import pytest

from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.model.node import Function
from untangle.plan.names import workflow_name


def named(id: str, *addresses: str) -> str:
    functions = tuple(Function(id=f"app/{address}", address=address, stack="app") for address in addresses)
    chain = Chain(id=id, functions=(functions[0].id,), hops=(), entries=(functions[0].id,))
    return workflow_name(EventGraph(functions=functions), chain)


@pytest.mark.parametrize(
    ("id", "address", "expected"),
    [
        ("order-intake", "OrderIntake", "OrderIntake"),
        ("add-to-cart-function", "AddToCartFunction", "AddToCart"),
        ("v2-batching-function", "BatchingFunction", "V2Batching"),
        ("order-fn-2", "OrderFn", "Order2"),
        ("extract-lambda-handler", "extractLambdaHandlerD06B8F09", "Extract"),
        ("lambda-initiate-evaluation", "LambdaInitiateEvaluation", "InitiateEvaluation"),
        ("lambda-destinations-sam", "MainLambdaFunction", "LambdaDestinationsSam"),
        ("function", "Function", "Function"),
        ("x" * 90, "x", "X" + "x" * 69),
    ],
)
def test_a_workflow_is_called_after_its_chain(id: str, address: str, expected: str) -> None:
    assert named(id, address) == expected


def test_a_word_that_tells_two_functions_apart_stays() -> None:
    assert named("order-function", "OrderFunction", "OrderFn") == "OrderFunction"
