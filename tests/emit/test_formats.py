"""The list of formats, what chooses one, the rules' texts, and the small forms."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.emit.scans import PLAIN, hostile_scan, order_scan
from untangle.emit import EMITTERS, choose, emitter_for
from untangle.emit.emitter import Emitter
from untangle.emit.migration import branch_of, fingerprint, migration
from untangle.emit.patch import patch
from untangle.emit.rules import RULES, explanation, listing
from untangle.emit.yaml import as_yaml
from untangle.errors import UsageError
from untangle.model.change import NewFile, Proposal


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("scan.json", "json"),
        ("scan.sarif", "sarif"),
        ("scan.sarif.json", "sarif"),
        ("a/b/SCAN.MD", "markdown"),
        ("chains.mmd", "mermaid"),
        ("report.html", "html"),
        ("scan.txt", "text"),
        ("scan", None),
        ("scan.pdf", None),
    ],
)
def test_a_suffix_means_a_format(name: str, format: str | None) -> None:
    found = emitter_for(name)
    assert (found.format if found else None) == format


@pytest.mark.parametrize(
    ("name", "asked", "format"),
    [("-", None, "text"), ("-", "json", "json"), ("x.md", "json", "markdown"), ("x", "sarif", "sarif")],
)
def test_the_suffix_says_more_than_the_option(name: str, asked: str | None, format: str) -> None:
    assert choose(name, asked).format == format


@pytest.mark.parametrize(("name", "asked"), [("x.pdf", None), ("-", "xml"), ("x.json", "xml")])
def test_no_format_is_an_error_that_names_them(name: str, asked: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        choose(name, asked)
    assert "json" in (caught.value.hint or "")


@pytest.mark.parametrize("emitter", EMITTERS, ids=lambda item: item.format)
def test_every_format_is_deterministic_and_ends_in_a_newline(emitter: Emitter) -> None:
    one, two = emitter.render(order_scan(), PLAIN), emitter.render(order_scan(), PLAIN)
    assert one == two
    assert one.endswith("\n") and not one.endswith("\n\n")


@pytest.mark.parametrize("emitter", EMITTERS, ids=lambda item: item.format)
def test_no_format_fails_on_halves_of_characters(emitter: Emitter) -> None:
    assert emitter.render(hostile_scan("\ud800"), PLAIN).encode("utf-8", "backslashreplace")


class TestRules:
    def test_the_list_has_every_rule_the_gravest_first(self) -> None:
        lines = listing().splitlines()
        assert len(lines) == len(RULES)
        severities = [line.split()[0] for line in lines]
        assert severities == sorted(severities, key=["error", "warning", "note"].index)

    @pytest.mark.parametrize("rule", RULES, ids=lambda item: item.id)
    def test_a_rule_is_told_in_80_columns(self, rule: object) -> None:
        text = explanation(rule, 80)  # type: ignore[arg-type]
        assert max(map(len, text.splitlines())) <= 80
        assert "What it costs\n  " in text and "Instead\n  " in text


class TestYaml:
    def test_a_definition_reads_back_the_same(self) -> None:
        definition = {
            "StartAt": "B",
            "States": {"B": {"Type": "Pass", "Output": "{% a\n+ b %}", "End": True}, "A": {"on": "yes"}},
        }
        made = as_yaml(NewFile(path="x/state-machine.asl.json", text=json.dumps(definition)))
        assert made.path == "x/state-machine.asl.yaml"
        assert yaml.safe_load(made.text) == definition
        assert made.text.index("StartAt") < made.text.index("States") and made.text.index("B:") < made.text.index("A:")

    def test_equal_parts_are_written_out(self) -> None:
        text = as_yaml(NewFile(path="a.json", text='{"a": {"x": [1]}, "b": {"x": [1]}}')).text
        assert "&" not in text and "*" not in text


class TestPatch:
    def test_git_can_apply_it(self, tmp_path: Path) -> None:
        files = (NewFile(path="b/two.txt", text="no end"), NewFile(path="a.txt", text="one\n\ntwo\n"))
        (tmp_path / "p.diff").write_text(patch(files))
        subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)  # noqa: S607
        subprocess.run(["git", "apply", "p.diff"], cwd=tmp_path, check=True)  # noqa: S607
        assert (tmp_path / "a.txt").read_text() == "one\n\ntwo\n"
        assert (tmp_path / "b/two.txt").read_text() == "no end"


class TestMigration:
    PROPOSAL = Proposal(
        chain="intake", title="Orchestrate intake", body="Verdict.", files=(NewFile(path="m.asl.json", text="{}\n"),)
    )

    def test_the_page_says_what_it_is_and_how_to_go_on(self) -> None:
        scan = order_scan()
        page = migration(scan, scan.chains[0], self.PROPOSAL, PLAIN)
        assert page.path == "MIGRATION.md"
        for part in (
            "# Orchestrate intake",
            "Verdict.",
            "```mermaid",
            "- `m.asl.json`",
            "make the change in the order above",
            "--chain intake",
        ):
            assert part in page.text

    def test_without_a_state_machine_there_is_none_to_deploy(self) -> None:
        scan = order_scan()
        page = migration(scan, scan.chains[0], replace(self.PROPOSAL, files=()), PLAIN)
        assert "deploy the state machine" not in page.text

    def test_the_branch_is_named_for_the_hops(self) -> None:
        chain = order_scan().chains[0]
        assert branch_of(chain) == f"untangle/intake-{fingerprint(chain)}"
        assert fingerprint(replace(chain, hops=chain.hops[::-1])) == fingerprint(chain)
        assert fingerprint(replace(chain, hops=chain.hops[1:])) != fingerprint(chain)
