"""The command line: what goes where, how it ends, and how it speaks when something is wrong."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.emit.scans import FINDINGS, judged, order_graph, order_scan, unsure
from untangle.cli import main
from untangle.config import Config
from untangle.emit import EMITTERS
from untangle.errors import ExitCode, NothingToScan, UntangleError
from untangle.model.chain import Finding
from untangle.model.change import NewFile, Proposal
from untangle.model.evidence import Confidence

ROOT = Path(__file__).parent.parent
MACHINE = NewFile(path="state-machine.asl.json", text='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}\n')


@dataclass
class Done:
    """How a run ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the pipeline was asked for; it answers with the order workflow. The working folder is an empty one."""
    heard: dict[str, Any] = {"scan": order_scan()}

    def scan(root: Path, **given: Any) -> Any:
        heard.update(given, root=root)
        given["progress"]("reading handlers")
        if isinstance(heard["scan"], BaseException):
            raise heard["scan"]
        return heard["scan"]

    def propose(_: Any, chain: str, language: str, claim: str | None) -> Proposal:
        heard.update(language=language, claim=claim)
        if isinstance(heard.get(chain), BaseException):
            raise heard[chain]
        return Proposal(chain=chain, title=f"Orchestrate {chain}", body="Verdict.", files=(MACHINE,))

    monkeypatch.setattr("untangle.pipeline.scan", scan)
    monkeypatch.setattr("untangle.pipeline.propose", propose)
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "NO_COLOR", "UNTANGLE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return heard


@pytest.fixture
def run(asked: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line with arguments."""

    def running(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        out, err = capfd.readouterr()
        return Done(code=int(end.value.code or 0), out=out, err=err)

    return running


class TestScan:
    def test_results_are_on_standard_output_and_nothing_else(self, run: Run) -> None:
        done = run("scan", ".")
        assert (done.code, done.err) == (ExitCode.DONE, "")
        assert done.out.startswith("1. intake")
        assert "\x1b" not in done.out

    @pytest.mark.parametrize("format", [item.format for item in EMITTERS])
    def test_every_format_can_be_asked_for(self, run: Run, format: str) -> None:
        done = run("scan", "--format", format)
        assert done.code == 0 and done.out.endswith("\n")

    def test_the_help_names_every_format(self, run: Run) -> None:
        told = " ".join(run("scan", "--help").out.split())
        names = [item.format for item in EMITTERS]
        assert f"{', '.join(names[:-1])} or {names[-1]}" in told

    def test_files_are_written_in_the_format_of_their_suffix(self, run: Run, tmp_path: Path) -> None:
        done = run("scan", ".", "-o", "scan.json", "-o", "deep/er/scan.sarif", "-o", "scan.md")
        assert (done.code, done.out) == (0, "")
        assert done.err.splitlines() == ["wrote scan.json", "wrote deep/er/scan.sarif", "wrote scan.md"]
        assert json.loads((tmp_path / "scan.json").read_text())["schema"] == "untangle.scan/1"
        assert json.loads((tmp_path / "deep/er/scan.sarif").read_text())["version"] == "2.1.0"
        assert (tmp_path / "scan.md").read_text().startswith("# ")

    def test_a_file_without_a_suffix_needs_a_format(self, run: Run, tmp_path: Path) -> None:
        done = run("scan", "-o", "result")
        assert (done.code, (tmp_path / "result").exists()) == (2, False)
        assert done.err.startswith("error: the suffix of result means no format\n  hint: ")
        assert run("scan", "-o", "result", "--format", "json").code == 0

    def test_parameters_and_exclusions_reach_the_scan(self, run: Run, asked: dict[str, Any]) -> None:
        run("scan", "app", "--parameter", "Stage=prod", "--parameter", "Url=a=b", "--exclude", "legacy/", "--exclude", "*.bak")
        assert (asked["root"], asked["parameters"]) == (Path("app"), {"Stage": "prod", "Url": "a=b"})
        assert asked["exclude"] == ("legacy/", "*.bak")

    @pytest.mark.parametrize("value", ["Stage", "=prod", ""])
    def test_a_parameter_is_a_pair(self, run: Run, value: str) -> None:
        done = run("scan", "--parameter", value)
        assert done.code == 2 and "is not KEY=VALUE" in done.err

    def test_the_configuration_is_that_of_the_root(self, run: Run, asked: dict[str, Any], tmp_path: Path) -> None:
        (tmp_path / "app").mkdir()
        (tmp_path / "app/untangle.toml").write_text('fail-on = "warning"\nexclude = ["x"]\n')
        assert run("scan", "app").code == ExitCode.FINDINGS
        assert asked["config"].exclude == ("x",)
        assert run("scan", ".").code == ExitCode.DONE
        assert asked["config"] == Config()
        assert run("scan", ".", "--config", "app/untangle.toml").code == ExitCode.FINDINGS

    def test_a_broken_configuration_is_told_with_its_line(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "untangle.toml").write_text('\nfial-on = "error"\n')
        done = run("scan")
        assert done.code == ExitCode.CANNOT
        assert done.err == "error: untangle.toml:2: unknown key 'fial-on'\n  hint: did you mean fail-on?\n"

    @pytest.mark.parametrize(("level", "code"), [("never", 0), ("note", 1), ("warning", 1), ("error", 1)])
    def test_findings_fail_from_a_severity_on(self, run: Run, level: str, code: int) -> None:
        assert run("scan", "--fail-on", level).code == code

    def test_warnings_alone_do_not_fail_for_errors(self, run: Run, asked: dict[str, Any]) -> None:
        asked["scan"] = order_scan(findings=(FINDINGS[0],))
        assert run("scan", "--fail-on", "error").code == 0
        done = run("scan", "--fail-on", "warning")
        assert (done.code, done.err) == (1, "1 of the findings are at least: warning\n")

    def test_ignored_findings_are_neither_shown_nor_fail(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "untangle.toml").write_text(
            '[[ignore]]\nrule = "loop"\nreason = "r"\n[[ignore]]\nrule = "missing-dlq"\nreason = "r"\n'
        )
        done = run("scan", "--fail-on", "note")
        assert done.code == 0 and "Findings" not in done.out

    def test_findings_of_the_baseline_are_known(self, run: Run) -> None:
        run("scan", "-o", "known.json")
        done = run("scan", "--baseline", "known.json", "--fail-on", "note")
        assert done.code == 0 and "2 known from the baseline" in done.out
        done = run("scan", "--baseline", "absent.json")
        assert done.code == 2 and done.err.startswith("error: absent.json: cannot be read")

    def test_a_scan_with_a_baseline_is_a_whole_baseline_again(self, run: Run) -> None:
        run("scan", "-o", "one.json")
        run("scan", "--baseline", "one.json", "-o", "two.json")
        assert Path("one.json").read_bytes() == Path("two.json").read_bytes()

    def test_hops_are_shown_from_a_level_on(self, run: Run, asked: dict[str, Any]) -> None:
        graph = order_graph()
        object.__setattr__(graph, "hops", (*graph.hops, unsure(Confidence.WEAK)))
        asked["scan"] = order_scan(graph=graph)
        counts = [
            len(json.loads(run("scan", "--format", "json", "--min-confidence", level).out)["hops"])
            for level in ("likely", "weak")
        ]
        assert counts == [4, 5]

    def test_quiet_is_quiet(self, run: Run) -> None:
        done = run("scan", "-q", "-o", "scan.json", "--fail-on", "note")
        assert (done.code, done.out, done.err) == (1, "", "")

    def test_stages_are_told_on_request(self, run: Run) -> None:
        assert run("scan", "-v").err == ""
        assert run("scan", "-vv").err == "… reading handlers\n"

    def test_nothing_to_scan_has_its_own_exit_code(self, run: Run, asked: dict[str, Any]) -> None:
        asked["scan"] = NothingToScan("no template was found", where=".", hint="point at one")
        done = run("scan")
        assert (done.code, done.out) == (ExitCode.NOTHING, "")
        assert done.err == "error: .: no template was found\n  hint: point at one\n"

    def test_a_defect_is_told_without_a_traceback(self, run: Run, asked: dict[str, Any]) -> None:
        asked["scan"] = KeyError("x\x1b[2J")
        done = run("scan")
        assert done.code == ExitCode.CANNOT
        assert done.err.startswith("error: internal: KeyError: ")
        assert "Traceback" not in done.err and "\x1b" not in done.err

    def test_a_defect_is_shown_whole_where_that_is_asked_for(
        self, run: Run, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("UNTANGLE_DEBUG", "1")
        asked["scan"] = KeyError("x")
        with pytest.raises(KeyError):
            main(["scan"])

    def test_an_interrupt_is_no_traceback(self, run: Run, asked: dict[str, Any]) -> None:
        asked["scan"] = KeyboardInterrupt()
        done = run("scan")
        assert done.code == 130 and done.err.strip() == "error: interrupted"

    def test_half_a_character_does_not_stop_the_output(self, run: Run, asked: dict[str, Any]) -> None:
        asked["scan"] = order_scan(findings=(Finding(rule="loop", severity="note", message="\ud800", subject="s"),))
        found = json.loads(run("scan", "--format", "json").out)
        assert found["findings"][0]["message"] == "\ud800"


class TestShow:
    def test_a_chain_by_its_id(self, run: Run) -> None:
        done = run("show", "intake")
        assert done.code == 0 and "What would raise confidence" in done.out and "sns:Publish (own role)" in done.out

    def test_a_hop_by_its_id_or_its_beginning(self, run: Run) -> None:
        hop = order_graph().hops[0].id
        assert run("show", hop, ".").out == run("show", hop[:6], ".").out
        assert run("show", hop).out.startswith(f"hop {hop}")

    def test_a_hop_that_is_not_reported_can_be_shown(self, run: Run, asked: dict[str, Any]) -> None:
        graph, hop = order_graph(), unsure(Confidence.WEAK)
        object.__setattr__(graph, "hops", (*graph.hops, hop))
        asked["scan"] = order_scan(graph=graph)
        assert "Why it is weak" in run("show", hop.id).out

    @pytest.mark.parametrize(
        "command",
        [["show", "intke"], ["propose", ".", "--chain", "intke", "-o", "x"], ["pr", ".", "--chain", "intke", "--local"]],
    )
    def test_an_unknown_chain_is_told_with_the_nearest(self, run: Run, command: list[str]) -> None:
        done = run(*command)
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: there is no chain 'intke'\n  hint: did you mean intake?\n"


class TestPropose:
    def test_files_are_written_and_named(self, run: Run, tmp_path: Path) -> None:
        done = run("propose", ".", "--chain", "intake", "-o", "out")
        assert (done.code, done.out) == (0, "out/intake/MIGRATION.md\nout/intake/state-machine.asl.json\n")
        assert "# Orchestrate intake" in (tmp_path / "out/intake/MIGRATION.md").read_text()
        assert (tmp_path / "out/intake/state-machine.asl.json").read_text() == MACHINE.text

    def test_yaml_can_be_asked_for(self, run: Run) -> None:
        assert run("propose", ".", "--all", "-o", "out", "--format", "yaml").out.endswith("/state-machine.asl.yaml\n")

    @pytest.mark.parametrize(("given", "language"), [((), "jsonata"), (("--query-language", "jsonpath"), "jsonpath")])
    def test_the_query_language_can_be_chosen(
        self, run: Run, asked: dict[str, Any], tmp_path: Path, given: tuple[str, ...], language: str
    ) -> None:
        assert run("propose", ".", "--chain", "intake", "-o", "out", *given).code == 0
        assert asked["language"] == language
        again = " ".join(("untangle propose . --chain intake -o proposals", *given))
        assert f"`{again}`" in (tmp_path / "out/intake/MIGRATION.md").read_text()

    @pytest.mark.parametrize(
        ("given", "said", "wanted"),
        [((), "", None), (("--claim-check", "claims"), "", "claims"), ((), 'claim-check = "orders"', "orders")],
    )
    def test_a_claim_check_is_asked_for(
        self, run: Run, asked: dict[str, Any], tmp_path: Path, given: tuple[str, ...], said: str, wanted: str | None
    ) -> None:
        (tmp_path / "untangle.toml").write_text(said)
        assert run("propose", ".", "--chain", "intake", "-o", "out", *given).code == 0
        assert asked["claim"] == wanted
        page = (tmp_path / "out/intake/MIGRATION.md").read_text()
        assert f"-o proposals{f' --claim-check {wanted}' if wanted else ''}`" in page

    @pytest.mark.parametrize("given", [("--claim-check", "No Bucket"), ("--claim-check", "b-c", "--query-language", "jsonpath")])
    def test_a_claim_check_that_cannot_be(self, run: Run, given: tuple[str, ...]) -> None:
        done = run("propose", ".", "--chain", "intake", "-o", "out", *given)
        assert (done.code, done.out) == (2, "") and "hint:" in done.err

    def test_what_the_language_cannot_say_is_an_error_with_its_reasons(self, run: Run, asked: dict[str, Any]) -> None:
        asked["intake"] = UntangleError("intake cannot be written in JSONPath: A -s3-> B: why", hint="JSONata says it")
        done = run("propose", ".", "--chain", "intake", "-o", "out", "--query-language", "jsonpath")
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: intake cannot be written in JSONPath: A -s3-> B: why\n  hint: JSONata says it\n"

    def test_of_all_chains_the_others_are_written(self, run: Run, asked: dict[str, Any]) -> None:
        graph = order_graph()
        asked["scan"] = order_scan(graph=graph, chains=(judged("a", graph), judged("b", graph)))
        asked["a"] = UntangleError("a cannot be written in JSONPath: A -s3-> B: why")
        done = run("propose", ".", "--all", "-o", "out", "--query-language", "jsonpath")
        assert (done.code, done.out) == (2, "out/b/MIGRATION.md\nout/b/state-machine.asl.json\n")
        assert "a: left out: a cannot be written in JSONPath: A -s3-> B: why" in done.err

    def test_all_leaves_out_what_is_to_be_kept(self, run: Run, asked: dict[str, Any]) -> None:
        graph = order_graph()
        asked["scan"] = order_scan(
            graph=graph, chains=(judged("a", graph), judged("b", graph, "keep"), judged("c", graph, "partial"))
        )
        lines = run("propose", ".", "--all", "-o", "out").out.splitlines()
        assert [line.split("/")[1] for line in lines] == ["a", "a", "c", "c"]
        assert run("propose", ".", "--chain", "b", "-o", "out").code == 0

    @pytest.mark.parametrize("which", [[], ["--all", "--chain", "intake"]])
    def test_it_must_be_said_which(self, run: Run, which: list[str]) -> None:
        done = run("propose", ".", "-o", "out", *which)
        assert done.code == 2 and "say --chain ID, or --all" in done.err and "intake" in done.err

    def test_edited_files_are_left_alone(self, run: Run, tmp_path: Path) -> None:
        run("propose", ".", "--all", "-o", "out")
        (tmp_path / "out/intake/state-machine.asl.json").write_text("mine")
        done = run("propose", ".", "--all", "-o", "out")
        assert done.code == 2 and "would be overwritten" in done.err
        assert run("propose", ".", "--all", "-o", "out", "--force").code == 0

    def test_nothing_is_written_where_nobody_said(self, run: Run, tmp_path: Path) -> None:
        done = run("propose", ".", "--all")
        assert done.code == 2 and "--output" in done.err
        assert not list(tmp_path.iterdir())


class TestPullRequest:
    @pytest.fixture
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]) -> Path:
        for name in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
            monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.com")
        git(tmp_path, "init", "-q")
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", "begin")
        return tmp_path

    def test_a_branch_is_made_and_the_checkout_stays(self, run: Run, repository: Path) -> None:
        done = run("pr", ".", "--chain", "intake", "--local")
        name, commit = done.out.split()
        assert done.code == 0 and name.startswith("untangle/intake-")
        assert git(repository, "ls-tree", "-r", "--name-only", name).splitlines() == [
            "workflows/intake/MIGRATION.md",
            "workflows/intake/state-machine.asl.json",
        ]
        assert [item.name for item in repository.iterdir()] == [".git"]
        again = run("pr", ".", "--chain", "intake", "--local")
        assert again.out == done.out and "there already" in again.err
        assert len(commit) == 12

    def test_a_dry_run_shows_all_and_makes_nothing(self, run: Run, repository: Path) -> None:
        done = run("pr", ".", "--chain", "intake", "--dry-run")
        assert done.code == 0 and "+++ b/workflows/intake/MIGRATION.md" in done.out
        assert git(repository, "branch", "--list", "untangle/*") == ""

    def test_only_local_branches_are_made(self, run: Run, repository: Path) -> None:
        done = run("pr", ".", "--chain", "intake")
        assert done.code == 2 and "add --local" in done.err

    def test_outside_a_repository_it_is_refused(self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        done = run("pr", ".", "--chain", "intake", "--local")
        assert done.code == 2 and "not inside a git work tree" in done.err


class TestReport:
    def test_a_page_is_written(self, run: Run, tmp_path: Path) -> None:
        done = run("report", ".", "-o", "page.html")
        assert (done.code, done.out, done.err) == (0, "", "wrote page.html\n")
        assert (tmp_path / "page.html").read_text().lower().startswith("<!doctype html>")

    def test_it_is_opened_only_on_request(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[str] = []
        monkeypatch.setattr(click, "launch", opened.append)
        run("report", ".", "-o", "page.html")
        assert opened == []
        run("report", ".", "-o", "page.html", "--open")
        assert opened == [(tmp_path / "page.html").as_uri()]

    def test_a_report_is_a_page(self, run: Run) -> None:
        done = run("report", ".", "-o", "page.pdf")
        assert done.code == 2 and "page.pdf is not" in done.err


class TestExplain:
    def test_a_rule_is_explained(self, run: Run) -> None:
        assert "What it costs" in run("explain", "missing-dlq").out

    def test_without_a_rule_they_are_listed(self, run: Run) -> None:
        out = run("explain").out
        assert "missing-dlq" in out and "implicit-workflow" in out

    def test_an_unknown_rule_is_told_with_the_nearest(self, run: Run) -> None:
        done = run("explain", "mising-dlq")
        assert done.code == 2 and "did you mean missing-dlq" in done.err


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["scna"], "no such command: scna\n  hint: did you mean scan?"),
            (["scan", "--fial-on", "x"], "--fail-on"),
            (["scan", "a", "b"], "two source trees"),
            (["scan", "--fail-on", "fatal"], "'fatal'"),
            (["scan", "--format", "xml"], "there is no format 'xml'"),
            (["show"], "CHAIN|HOP"),
        ],
    )
    def test_they_end_with_2_and_a_hint(self, run: Run, arguments: list[str], told: str) -> None:
        done = run(*arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ") and told in done.err and "hint: " in done.err

    def test_the_version_is_told(self, run: Run) -> None:
        from untangle import __version__

        assert run("--version").out == f"untangle {__version__}\n"

    def test_without_a_command_there_is_help(self, run: Run) -> None:
        done = run()
        assert "Usage: untangle" in done.out + done.err


# Runs the command line in a process of its own, the pipeline answering with the order workflow.
_PROGRAM = """
import sys, untangle.pipeline
from tests.emit.scans import order_scan
untangle.pipeline.scan = lambda root, **given: order_scan()
from untangle.cli import main
main(sys.argv[1:])
"""


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a terminal of 90 columns would be sent."""
    outside, inside = pty.openpty()
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    env |= {"TERM": "xterm-256color", "COLUMNS": "90", "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    with subprocess.Popen(command, stdout=inside, stderr=subprocess.PIPE, env=env, cwd=ROOT) as process:  # noqa: S603
        os.close(inside)
        data = b""
        while True:
            try:
                piece = os.read(outside, 65536)
            except OSError:
                break
            if not piece:
                break
            data += piece
    os.close(outside)
    assert process.returncode == 0
    return data.decode()


class TestTerminal:
    def test_it_is_coloured_and_as_wide_as_the_terminal(self) -> None:
        text = on_a_terminal("scan", ".")
        assert "\x1b[" in text
        assert max(len(line) for line in re.sub("\x1b\\[[0-9;]*m", "", text).splitlines()) == 90

    @pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_it_is_plain_where_that_is_asked_for(self, environment: dict[str, str]) -> None:
        assert "\x1b" not in on_a_terminal("scan", ".", **environment)

    def test_the_option_says_more_than_the_environment(self) -> None:
        assert "\x1b[" in on_a_terminal("scan", ".", "--color", "always", NO_COLOR="1")
        assert "\x1b" not in on_a_terminal("scan", ".", "--color", "never")

    def test_a_closed_pipe_is_no_error(self) -> None:
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-c", _PROGRAM, "scan", "--format", "json"]
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=env, cwd=ROOT, check=False)  # noqa: S603
        os.close(writer)
        assert (done.returncode, done.stderr) == (141, b"")


def test_help_loads_nothing_slow_and_neither_model_nor_formats() -> None:
    program = (
        "import sys\nfrom untangle.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    loaded = set(done.stdout.splitlines()[-1].split())
    slow = {
        "boto3",
        "botocore",
        "networkx",
        "yaml",
        "rich",
        "rich.console",
        "untangle.emit",
        "untangle.model",
        "untangle.pipeline",
    }
    assert "untangle.cli" in loaded and not loaded & slow


@pytest.mark.parametrize("spelling", ["--parameter", "--var", "--option"])
def test_a_value_by_name_is_spelled_as_its_format_does(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "main.tf").write_text('variable "name" {}\nresource "aws_sqs_queue" "jobs" {\n  name = var.name\n}\n')
    done = CliRunner().invoke(main, ["scan", str(tmp_path), spelling, "name=orders", "--format", "json"])
    assert [channel["name"] for channel in json.loads(done.stdout)["channels"]] == ["orders"]


def test_a_variable_file_is_read_from_the_scanned_tree_only(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('variable "name" {}\nresource "aws_sqs_queue" "jobs" {\n  name = var.name\n}\n')
    (tmp_path / "prod.tfvars").write_text('name = "orders"\n')
    done = CliRunner().invoke(main, ["scan", str(tmp_path), "--var-file", str(tmp_path / "prod.tfvars"), "--format", "json"])
    assert [channel["name"] for channel in json.loads(done.stdout)["channels"]] == ["orders"]
    refused = CliRunner().invoke(main, ["scan", str(tmp_path), "--var-file", "/etc/hosts"])
    assert refused.exit_code == ExitCode.CANNOT and "below the scanned folder" in refused.stderr
