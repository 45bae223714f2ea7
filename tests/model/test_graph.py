"""What the nodes of a graph are called: where they are to be found, and as people say."""

from __future__ import annotations

import pytest

from untangle.model.graph import EventGraph
from untangle.model.node import ChannelNode, Function

THIS = "module.{}.module.lambda_function.aws_lambda_function.this[0]"


def graph(*functions: str, channels: tuple[str, ...] = ()) -> EventGraph:
    """Functions and channels by id, each in the stack that its id begins with."""
    return EventGraph(
        functions=tuple(Function(id=id, address=id.rpartition("/")[2], stack=id.rpartition("/")[0]) for id in functions),
        channels=tuple(
            ChannelNode(id=id, type="sqs", address=id.rpartition("/")[2], stack=id.rpartition("/")[0]) for id in channels
        ),
    )


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        (("app/Charge", "app/Ship"), ("Charge", "Ship")),
        ((f"app/{THIS.format('Charge')}", f"app/{THIS.format('Ship')}"), ("Charge", "Ship")),
        (("app/aws_lambda_function.charge[0]", "app/module.ship.aws_lambda_function.main"), ("charge", "ship")),
        (  # two that would be called the same are told by their addresses
            ("app/module.a.aws_lambda_function.worker", "app/module.b.aws_lambda_function.worker"),
            ("module.a.aws_lambda_function.worker", "module.b.aws_lambda_function.worker"),
        ),
        (
            ("app/aws_lambda_function.x[0]", "app/aws_lambda_function.x[1]"),
            ("aws_lambda_function.x[0]", "aws_lambda_function.x[1]"),
        ),
        (  # and by their ids where those are the same too
            ("eu/aws_lambda_function.charge", "us/aws_lambda_function.charge"),
            ("eu/aws_lambda_function.charge", "us/aws_lambda_function.charge"),
        ),
    ],
)
def test_people_say_the_part_that_says_most_where_only_one_is_called_so(nodes: tuple[str, ...], told: tuple[str, ...]) -> None:
    found = graph(*nodes)
    assert tuple(found.told(node, nodes) for node in nodes) == told


def test_who_is_not_spoken_of_takes_no_name_away() -> None:
    one, other = "eu/aws_lambda_function.charge", "us/aws_lambda_function.charge"
    found = graph(one, other)
    assert found.told(one, [one]) == "charge"
    assert found.full(one, [one]) == "aws_lambda_function.charge"
    assert found.told(other, [one]) == other, "of somebody else it must be said which one it is"


def test_a_queue_may_be_called_like_a_function() -> None:
    function, queue = "app/aws_lambda_function.orders", "app/aws_sqs_queue.orders"
    found = graph(function, channels=(queue,))
    assert [found.told(node, (function, queue)) for node in (function, queue)] == ["orders", "orders"]
    assert [found.full(node, (function, queue)) for node in (function, queue)] == [
        "aws_lambda_function.orders",
        "aws_sqs_queue.orders",
    ]


def test_a_node_that_is_not_there_is_called_by_the_end_of_its_id() -> None:
    assert graph().told("app/Gone", ()) == graph().full("app/Gone", ()) == "Gone"
