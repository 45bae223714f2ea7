"""A CDK application without templates says what to run; on request, and only then, it is run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from untangle import pipeline
from untangle.cli import main
from untangle.config import Config
from untangle.errors import ExitCode, InputError
from untangle.scanners.cdk import applications, read
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree

TEMPLATE = '{"Resources": {"Fn": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "a.b", "Runtime": "python3.12"}}}}'


def application(folder: Path, script: str) -> None:
    """An application whose own `cdk` is a shell script."""
    folder.mkdir(exist_ok=True)
    (folder / "cdk.json").write_text('{"app": "node bin/app.js"}')
    own = folder / "node_modules" / ".bin" / "cdk"
    own.parent.mkdir(parents=True)
    own.write_text(f"#!/bin/sh\n{script}\n")
    own.chmod(0o755)


def test_without_templates_it_says_what_to_run_and_that_nothing_was_read(tmp_path: Path) -> None:
    application(tmp_path, "exit 9")
    done = CliRunner().invoke(main, ["scan", str(tmp_path), "--format", "json"], standalone_mode=False)
    assert done.return_value == ExitCode.NOTHING
    (gap,) = json.loads(done.stdout)["gaps"]
    assert "run `cdk synth`" in gap["why"] and gap["location"] == {"path": "cdk.json", "line": 1}


def test_beside_other_sources_it_is_a_gap_with_its_place(tmp_path: Path) -> None:
    app = tmp_path / "infra"
    app.mkdir()
    application(app, "exit 9")
    (tmp_path / "template.json").write_text(TEMPLATE)
    gaps = pipeline.scan(tmp_path, config=Config()).graph.gaps
    assert [str(gap.location) for gap in gaps if gap.what.startswith("CDK application")] == ["infra/cdk.json:1"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ((), "`cdk synth`"),
        (("package.json",), "`npm install && npx cdk synth`"),
        (("package.json", "package-lock.json"), "`npm ci && npx cdk synth`"),
        (("package.json", "yarn.lock"), "`yarn install && yarn cdk synth`"),
        (("package.json", "pnpm-lock.yaml"), "`pnpm install && pnpm cdk synth`"),
        (("requirements.txt",), "`pip install -r requirements.txt && npx cdk synth`"),
        (("package.json", "package-lock.json", "node_modules/.bin/cdk"), "`npx cdk synth`"),
    ],
)
def test_it_says_exactly_what_to_run(tmp_path: Path, files: tuple[str, ...], command: str) -> None:
    for name in ("infra/cdk.json", *(f"infra/{name}" for name in files)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"app": "node bin/app.js"}')
    (gap,) = read(Tree(tmp_path), Options()).gaps
    assert f"run {command} in infra and scan again" in gap.why


def test_of_several_applications_those_that_lack_templates_are_named(tmp_path: Path) -> None:
    for name in ("done", "done/inner", "missing"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "cdk.json").write_text('{"app": "node bin/app.js"}')
    (tmp_path / "done" / "Shop.template.json").write_text(TEMPLATE)
    assert list(applications(Tree(tmp_path))) == ["done/inner", "missing"]


def test_templates_that_lie_outside_may_be_anyones(tmp_path: Path) -> None:
    application(tmp_path / "infra", "exit 9")
    (tmp_path / "synth").mkdir()
    (tmp_path / "synth" / "Shop.template.json").write_text(TEMPLATE)
    assert list(applications(Tree(tmp_path))) == []


def test_a_cdk_that_is_not_there_is_told_with_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdk.json").write_text('{"app": "node bin/app.js"}')
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="could not be run") as raised:
        pipeline.scan(tmp_path, config=Config(), synthesise=lambda _: None)
    assert raised.value.hint == "run it yourself and scan again: npm ci && npx cdk synth"


def test_a_cdk_json_that_names_no_application_is_none(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"context": {}}')
    (tmp_path / "template.json").write_text(TEMPLATE)
    assert not [gap for gap in pipeline.scan(tmp_path, config=Config()).graph.gaps if "CDK" in gap.what]


def test_on_request_it_is_synthesised_and_read_and_the_command_is_shown_first(tmp_path: Path) -> None:
    application(tmp_path, f"mkdir -p cdk.out && echo '{TEMPLATE}' > cdk.out/Shop.template.json")
    shown: list[str] = []
    found = pipeline.scan(tmp_path, config=Config(), synthesise=shown.append)
    assert [function.address for function in found.graph.functions] == ["Fn"]
    assert shown == [f"running in .: {tmp_path / 'node_modules/.bin/cdk'} synth --quiet"]


def test_what_was_synthesised_already_is_not_run_again(tmp_path: Path) -> None:
    application(tmp_path, "exit 9")
    (tmp_path / "cdk.out").mkdir()
    (tmp_path / "cdk.out" / "Shop.template.json").write_text(TEMPLATE)
    shown: list[str] = []
    pipeline.scan(tmp_path, config=Config(), synthesise=shown.append)
    assert shown == []


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for the CDK")
def test_a_failing_synthesis_tells_what_it_said(tmp_path: Path) -> None:
    application(tmp_path, "echo 'Cannot find module aws-cdk-lib' >&2; exit 1")
    with pytest.raises(InputError, match="Cannot find module aws-cdk-lib"):
        pipeline.scan(tmp_path, config=Config(), synthesise=lambda _: None)
