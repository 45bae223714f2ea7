"""Names in the words of a plan: short where people read, whole where something has to be found."""

from __future__ import annotations

import json

from tests.arrows import arrows, chain
from untangle.emit.plan_chart import plan_chart
from untangle.emit.proposal import proposal
from untangle.model.graph import EventGraph
from untangle.model.step import Entries, Stop
from untangle.model.value import Value
from untangle.plan import plan
from untangle.plan.words import filter_words

THIS = "module.{}.module.lambda_function.aws_lambda_function.this[0]"
CHAIN = "intake -sns:orders*-> {charge, mail}; charge -sqs-> ship; refund -sqs-> ship"


def terraform() -> EventGraph:
    names = ("intake", "charge", "mail", "ship", "refund")
    return arrows(CHAIN, functions={name: {"address": THIS.format(name)} for name in names})


def test_words_for_people_name_a_function_by_what_says_most() -> None:
    graph = terraform()
    workflow = plan(graph, chain(graph))
    outlook = workflow.outlook
    assert outlook is not None
    texts = [*(item.text for item in workflow.obstacles), *workflow.differences, *outlook.savings, *outlook.remarks]
    assert any("intake -sns-> charge" in text for text in texts)
    assert not [text for text in texts if "aws_lambda_function" in text]
    assert "aws_lambda_function" not in plan_chart(graph, workflow)


def test_what_has_to_be_found_stands_with_its_whole_address() -> None:
    graph = terraform()
    workflow = plan(graph, chain(graph))
    assert isinstance(workflow.root, Entries)
    entries = [name for name, _ in workflow.root.entries]
    assert entries == [THIS.format("intake"), THIS.format("refund")] == [entry.name for entry in workflow.entries]
    assert [switch.text for switch in workflow.leftovers if "orders" in switch.text] == [
        f"call: orders to {THIS.format(name)}" for name in ("charge", "mail")
    ]


def test_a_definition_calls_its_hops_like_the_proposal() -> None:
    graph = terraform()
    own = chain(graph)
    made = proposal(graph, own, plan(graph, own))
    (definition,) = [json.loads(item.text) for item in made.files if item.path == "state-machine.asl.json"]
    assert '"Comment": "intake -sns-> charge' in json.dumps(definition)
    assert "`intake` —sns→ `charge`" in made.body


def test_filters_of_several_deliveries_are_told_one_after_the_other() -> None:
    either: Value = ({"kind": ("order",)}, {"anyOf": ({"kind": ("refund",)}, {"kind": ("order",)})})
    assert filter_words((Stop(channel="b", type="s3", filter={"anyOf": either}),)) == "kind is order or kind is refund"
