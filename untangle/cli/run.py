"""`untangle run` and `untangle test`: workflows on this machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from untangle.cli.commands import main
from untangle.cli.source import Source, option, options, reads
from untangle.errors import ExitCode, InputError, UsageError

_FILE = click.Path(path_type=Path, dir_okay=False)
# fmt: off
_RUNNING = (
    option("--input", "given", metavar="FILE", help="The input: a file of JSON, or - for standard input  [default: {}]"),
    option("--handlers", type=click.Path(path_type=Path), metavar="PATH",
           help="Run functions with the code there: found by its templates, or as NAME.py and NAME.js."),
    option("--machine", metavar="NAME", help="Which state machine, where there are several."),
    option("--test-case", "case", metavar="NAME", help="The test case of the mock file."),
    option("--seed", type=int, default=0, show_default=True, help="Of ids and random numbers: the same seed, the same run."),
)
# fmt: on


@main.command()
@click.argument("subject", metavar="FILE|CHAIN")
@reads
@options(*_RUNNING)
@option("--mock", type=_FILE, metavar="FILE", help="A mock file of Step Functions Local: its answers stand for tasks.")
@option("--name", default="run-1", show_default=True, help="The execution's name.")
@option("--format", "form", type=click.Choice(("text", "json")), default="text", help="A tree of the history, or all of it.")
def run(
    subject: str,
    source: Source,
    given: str | None,
    handlers: Path | None,
    machine: str | None,
    case: str | None,
    seed: int,
    mock: Path | None,
    name: str,
    form: str,
) -> int:
    """Run a state machine on this machine, in no time: waits and retries are skipped, AWS is not called.

    FILE is a definition in JSON or YAML, or a template that holds one. Tasks are answered by mocks, by handlers, and by moto
    for the other services; a placeholder ${Name} is filled with --parameter Name=…, else with what the template says or with its
    own name. Exits with 1 where the execution does not succeed.

    \b
    untangle run checkout.asl.json --input order.json --mock MockConfigFile.json --test-case HappyPath
    untangle run checkout.asl.json --input order.json --handlers services/
    untangle run template.yaml --machine Checkout --handlers . --format json
    """
    from untangle.emit.history import as_json, as_text
    from untangle.pipeline import run_machine

    path = Path(subject)
    if not path.exists():
        raise _missing(subject)
    outcome = run_machine(
        path,
        machine=machine,
        input=_input(given),
        name=name,
        mock=mock,
        case=case,
        handlers=handlers,
        parameters=dict(source.parameters),
        seed=seed,
    )
    source.write("-", as_json(outcome) if form == "json" else as_text(outcome, source.view("likely")))
    return ExitCode.DONE if outcome.succeeded else ExitCode.FINDINGS


@main.command()
@reads
@options(*_RUNNING)
@option("--junit", type=_FILE, metavar="FILE", help="Also write JUnit's XML there.")
@option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to write the results.")
def test(
    source: Source,
    given: str | None,
    handlers: Path | None,
    machine: str | None,
    case: str | None,
    seed: int,
    junit: Path | None,
    form: str,
) -> int:
    """Run every test case of the mock files under PATH against its definition. Exits with 1 where one fails.

    Mock files are those of Step Functions Local (MockConfigFile.json). What a test case gets and must come to stands beside its
    mocks, as "Expectations": {"<machine>": {"<case>": {"Input": …, "Status": …, "Output": …, "Error": …}}}; without that it has
    to succeed.

    \b
    untangle test .
    untangle test workflows/ --test-case HappyPath
    untangle test . --junit results.xml
    """
    from untangle.emit.tested import as_json, as_junit, as_text
    from untangle.pipeline import test_machines

    tested = test_machines(
        source.path,
        machine=machine,
        case=case,
        input=_input(given),
        handlers=handlers,
        parameters=dict(source.parameters),
        exclude=source.exclude,
        seed=seed,
    )
    if junit is not None:
        source.write(str(junit), as_junit(tested))
    source.write("-", as_json(tested) if form == "json" else as_text(tested, source.view("likely")))
    return ExitCode.DONE if all(item.passed for item in tested) else ExitCode.FINDINGS


def _missing(subject: str) -> UsageError:
    return UsageError(f"there is no file {subject}", hint="untangle run FILE: a definition, or a template that holds one")


def _input(given: str | None) -> Any:
    """The input that was named; MISSING where none was."""
    from untangle.simulate.services.mocks import MISSING

    if given is None:
        return MISSING
    inline = given.lstrip()[:1] in ("{", "[")
    try:
        text = given if inline else sys.stdin.read() if given == "-" else Path(given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the input cannot be read: {getattr(error, 'strerror', None) or error}", where=given) from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the input is not JSON: {error}", where="standard input" if given == "-" else given) from None
