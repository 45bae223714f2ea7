"""Certificates on the command line: they come with what is delivered, and only with what they were made of."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.simulate.verify.test_verify import PAID, TAKE, TEMPLATE
from untangle import pipeline
from untangle.cli import main
from untangle.config import Config
from untangle.emit.certificate import as_json
from untangle.model.certificate import Certificate, Scenario


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two functions, a queue before them and a topic between them, in a repository; the working folder."""
    root = tmp_path / "app"
    for name, text in (("template.yaml", TEMPLATE), ("take/app.py", TAKE), ("paid/app.py", PAID)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.com")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "begin")):
        subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)  # noqa: S603, S607
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def certificate(application: Path) -> Certificate:
    """One of the application's only chain, as it is."""
    scan = pipeline.scan(application, config=Config())
    (chain,) = scan.chains
    equal = Scenario(name="one order", stimulus={}, equal=True)
    made = pipeline.propose(scan, chain.id).fingerprint
    return Certificate(chain=chain.id, fingerprint=made, seed=0, scenarios=(equal,))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def written(certificate: Certificate, folder: Path) -> str:
    """The name of a file, outside of the repository, with a certificate."""
    file = folder.parent / f"{len(list(folder.parent.iterdir()))}.json"
    file.write_text(as_json(certificate))
    return str(file)


def branches(folder: Path) -> str:
    done = subprocess.run(["git", "branch", "--list", "untangle/*"], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S607
    return done.stdout


def test_a_proposal_holds_its_certificate(application: Path, certificate: Certificate) -> None:
    result = run("propose", ".", "--chain", certificate.chain, "-o", "out", "--certificate", written(certificate, application))
    assert result.exit_code == 0, result.output
    folder = application / "out" / certificate.chain
    assert (folder / "certificate.json").read_text() == as_json(certificate)
    page = (folder / "MIGRATION.md").read_text()
    assert "## Proof\n\n**The workflow does what the choreography does (1 of 1 scenario equal).**" in page
    assert "- `certificate.json`" in page


def test_without_one_nothing_is_said_of_a_proof(application: Path, certificate: Certificate) -> None:
    assert run("propose", ".", "--chain", certificate.chain, "-o", "out").exit_code == 0
    assert "## Proof" not in (application / "out" / certificate.chain / "MIGRATION.md").read_text()


def test_a_branch_holds_it_too(application: Path, certificate: Certificate) -> None:
    result = run("pr", ".", "--chain", certificate.chain, "--dry-run", "--certificate", written(certificate, application))
    assert result.exit_code == 0, result.output
    assert f"workflows/{certificate.chain}/certificate.json" in result.output


def test_the_page_shows_it_with_its_chain(application: Path, certificate: Certificate) -> None:
    result = run("report", ".", "-o", "page.html", "--certificate", written(certificate, application))
    assert result.exit_code == 0, result.output
    assert "Proof: the workflow does what the choreography does" in (application / "page.html").read_text()


@pytest.mark.parametrize(
    "command",
    [
        ("propose", ".", "--chain", "CHAIN", "-o", "out"),
        ("pr", ".", "--local", "--chain", "CHAIN"),
        ("report", ".", "-o", "page.html"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fingerprint": "0123456789abcdef"}, "the certificate proves definition 0123456789abcdef of"),
        ({"fingerprint": "0123456789abcdef", "seed": 3}, "prove it again: untangle verify . --chain take --seed 3"),
        ({"chain": "another"}, "the certificate is one of another, not of"),
    ],
)
def test_one_of_something_else_is_refused(
    application: Path, certificate: Certificate, command: tuple[str, ...], change: dict[str, Any], said: str
) -> None:
    stale = written(replace(certificate, **change), application)
    result = run(*(part.replace("CHAIN", certificate.chain) for part in command), "--certificate", stale)
    assert result.exit_code == 2
    assert said in result.output
    assert not list(application.glob("out/**/*.json")) and not branches(application)


def test_a_file_that_is_none_is_refused(application: Path, certificate: Certificate) -> None:
    result = run("report", ".", "-o", "page.html", "--certificate", "template.yaml")
    assert result.exit_code == 2 and "template.yaml: is no JSON" in result.output


def test_two_of_one_chain_are_refused(application: Path, certificate: Certificate) -> None:
    two = [written(certificate, application), written(certificate, application)]
    result = run("report", ".", "-o", "page.html", "--certificate", two[0], "--certificate", two[1])
    assert result.exit_code == 2 and "two certificates" in result.output


def test_no_branch_is_made_of_what_is_not_equal(application: Path, certificate: Certificate) -> None:
    unequal = replace(certificate, scenarios=(Scenario(name="one order", stimulus={}, equal=False),))
    result = run("pr", ".", "--chain", certificate.chain, "--local", "--certificate", written(unequal, application))
    assert result.exit_code == 1
    assert "no branch is made: the workflow does NOT do what it did" in result.output
    assert not branches(application)


def test_a_branch_can_be_proved_on_the_spot(application: Path, certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def verify(scan: Any, chain: str, root: Path, **given: Any) -> Certificate:
        asked.append((chain, root, given["language"], given["claim"]))
        return certificate

    monkeypatch.setattr(pipeline, "verify", verify)
    result = run("pr", ".", "--chain", certificate.chain, "--local", "--verify")
    assert result.exit_code == 0, result.output
    assert asked == [(certificate.chain, Path(), "jsonata", None)]
    assert "untangle/" in branches(application)
    both = run("pr", ".", "--chain", certificate.chain, "--local", "--verify", "--certificate", "x.json")
    assert both.exit_code == 2 and "leave one of them away" in both.output
