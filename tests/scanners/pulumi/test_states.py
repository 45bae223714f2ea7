"""States are found in all their shapes, each stack once, and what is no state is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.pulumi.stack import at, export, function, item, queue, scanned, urn
from untangle.model.location import Location
from untangle.model.resource import Inventory
from untangle.scanners.pulumi import read
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree

HELD = export(queue("orders"))["deployment"]
SHAPES: dict[str, dict[str, Any]] = {
    "an export": {"version": 3, "deployment": HELD},
    "an export with features": {"version": 4, "features": ["refreshBeforeUpdate"], "deployment": HELD},
    "an export whose keys were sorted": {"deployment": HELD, "version": 3},
    "the file of a backend": {"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": HELD}},
    "what SST prints": {"stack": "organization/shop/dev", "latest": HELD},
}


def addresses(inventory: Inventory) -> list[str]:
    return [resource.address for resource in inventory.resources]


class TestFinding:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("indent", [None, 4])
    def test_every_shape_is_read_whatever_its_file_is_called(self, tmp_path: Path, shape: str, indent: int | None) -> None:
        (tmp_path / "anything.json").write_text(json.dumps(SHAPES[shape], indent=indent))
        found = read(Tree(tmp_path), Options())
        assert addresses(found) == ["aws:sqs:Queue::orders"]
        assert [(source.path, source.kind) for source in found.sources] == [("anything.json", "pulumi")]
        assert [(stack.id, stack.kind) for stack in found.stacks] == [("anything", "pulumi")]

    def test_a_file_that_is_named_needs_no_ending(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text(json.dumps(export(queue("orders"))))
        assert addresses(read(Tree(tmp_path / "state"), Options())) == ["aws:sqs:Queue::orders"]

    @pytest.mark.parametrize(
        "text",
        [
            '{"version": 3, "deployment": {"resources": []}}',
            '{"version": 3, "deployment": {"replicas": 2}}',
            '{"deployment": {"name": "urn:pulumi: is only mentioned"}}',
            '{"stack": "x", "latest": {}}',
            "[]",
            "",
        ],
    )
    def test_other_json_is_left_alone(self, tmp_path: Path, text: str) -> None:
        found = scanned(tmp_path, {"other.json": text})
        assert found == Inventory()

    @pytest.mark.parametrize(
        "broken",
        [
            '{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:dev::shop::a::b"',
            '{"version": 3, "deployment": {"resources": "urn:pulumi:dev::shop::a::b"}}',
            '{"version": 3, "deployment": {"x": "urn:pulumi:", "resources": ' + "[" * 100_000,
        ],
        ids=["cut off", "of another type", "nested without end"],
    )
    def test_a_broken_state_is_a_problem_with_its_file(self, tmp_path: Path, broken: str) -> None:
        (problem,) = scanned(tmp_path, {"stack.json": broken}).problems
        assert problem.location == Location("stack.json")
        assert "it looks like a state of Pulumi" in problem.message

    def test_properties_that_are_nested_deeply_leave_the_rest(self, tmp_path: Path) -> None:
        text = json.dumps(export(item("aws:sqs/queue:Queue", "deep", {"name": "DEEP"}), queue("orders")))
        found = scanned(tmp_path, {"stack.json": text.replace('"DEEP"', "[" * 200 + "]" * 200)})
        assert addresses(found) == ["aws:sqs:Queue::deep", "aws:sqs:Queue::orders"]


class TestOneStackOnce:
    def test_of_several_states_of_a_stack_the_last_counts_and_the_others_are_named(self, tmp_path: Path) -> None:
        older = export(queue("old"), time="2025-12-01T00:00:00Z")
        newer = export(queue("new"), time="2026-02-01T00:00:00Z")
        found = scanned(tmp_path, {"a.json": older, "b.json": newer, "c.json": newer})
        assert addresses(found) == ["aws:sqs:Queue::new"]
        assert [(item.source, item.outcome) for item in found.coverage] == [("a.json", "skipped"), ("c.json", "skipped")]
        assert "b.json holds the same stack shop/dev" in found.coverage[0].note

    def test_what_a_backend_of_files_keeps_of_the_past_is_left_out(self, tmp_path: Path) -> None:
        old = export(queue("old"), time="2027-01-01T00:00:00Z")
        kept = {f".pulumi/{part}/shop/dev/dev-1.checkpoint.json": old for part in ("history", "backups")}
        found = scanned(tmp_path, {**kept, ".pulumi/stacks/shop/dev.json": export(queue("orders"))})
        assert addresses(found) == ["aws:sqs:Queue::orders"]
        assert [stack.id for stack in found.stacks] == [".pulumi/stacks/shop/dev"]
        assert found.coverage == ()

    def test_other_stacks_of_the_same_program_stand_beside_it(self, tmp_path: Path) -> None:
        production = json.loads(json.dumps(export(queue("orders"))).replace("urn:pulumi:dev::", "urn:pulumi:prod::"))
        found = scanned(tmp_path, {"dev.json": export(queue("orders")), "prod.json": production})
        assert [resource.id for resource in found.resources] == ["dev/aws:sqs:Queue::orders", "prod/aws:sqs:Queue::orders"]

    @pytest.mark.parametrize("flag", ["delete", "external", "pendingReplacement"])
    def test_what_is_replaced_or_belongs_to_others_is_no_part_of_it(self, tmp_path: Path, flag: str) -> None:
        found = scanned(tmp_path, {"stack.json": export(queue("orders"), {**queue("gone"), flag: True})})
        assert addresses(found) == ["aws:sqs:Queue::orders"]


class TestPlaces:
    def test_a_resource_stands_where_its_urn_stands_and_not_where_others_name_it(self, tmp_path: Path) -> None:
        orders = queue("orders")
        dependent = {**function("pay"), "parent": orders["urn"], "dependencies": [orders["urn"]]}
        written = {"stack.json": export(orders, dependent)}
        found = scanned(tmp_path, written)
        lines = (tmp_path / "stack.json").read_text().splitlines()
        for address, name in (("aws:sqs:Queue::orders", orders["urn"]), ("aws:lambda:Function::pay", dependent["urn"])):
            location = at(found, address).location
            assert location is not None and location.line is not None
            assert lines[location.line - 1].strip() == f'"urn": "{name}",'

    def test_resources_of_one_type_and_name_are_told_apart_by_their_parents(self, tmp_path: Path) -> None:
        inner = {**queue("orders"), "urn": urn("aws:sqs/queue:Queue", "orders", "shop:index:Buffer")}
        found = scanned(tmp_path, {"stack.json": export(queue("orders"), inner)})
        assert addresses(found) == ["aws:sqs:Queue::orders", "shop:index:Buffer$aws:sqs:Queue::orders"]

    def test_the_same_state_gives_the_same_inventory_in_any_order(self, tmp_path: Path) -> None:
        items = [queue("orders"), queue("dead"), function("pay")]
        there, back = (tmp_path / name for name in ("there", "back"))
        one = scanned(there, {"stack.json": json.dumps(export(*items))})
        other = scanned(back, {"stack.json": json.dumps(export(*reversed(items)))})
        assert one == other
