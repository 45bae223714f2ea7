"""Event source mappings whose source has a name only: one that is found later is no gap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.assemble.inventories import code, function, inventory, resource
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.value import Ref, Symbol


@pytest.mark.parametrize(
    ("variable", "sources", "gaps"),
    [
        ("queue_arn", {"data/Queue"}, []),
        ("other_arn", {None}, ["source of the event source mapping of Mapping"]),
    ],
)
def test_a_variable_that_only_one_output_is_called_names_the_source(
    variable: str, sources: set[str | None], gaps: list[str]
) -> None:
    mapping = resource(
        "app/Mapping",
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn=Symbol(variable, "app"),
        FunctionName=Ref("app/Take"),
    )
    given = inventory(resource("data/Queue", "AWS::SQS::Queue"), function("app/Take"), mapping)
    outputs = {"queue_arn": Ref("data/Queue", "Arn")}
    stacks = tuple(replace(stack, outputs=outputs) if stack.id == "data" else stack for stack in given.stacks)
    graph = assemble(replace(given, stacks=stacks), [code("app/Take")], CHANNELS)
    assert {trigger.channel for trigger in graph.triggers} == sources
    assert [gap.what for gap in graph.gaps] == gaps
