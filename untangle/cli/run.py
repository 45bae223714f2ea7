"""`untangle run` and `untangle test`: workflows on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from untangle.cli.commands import main
from untangle.cli.documents import json_of, text_in
from untangle.cli.source import Source, option, options, reads
from untangle.errors import ExitCode, NothingToScan, UsageError

_NAME = "run-1"
_FILE = click.Path(path_type=Path, dir_okay=False)
# fmt: off
_RUNNING = (
    option("--input", "given", metavar="FILE",
           help="The input: a file of JSON, - for standard input, or an object or array itself  [default: {}]"),
    option("--handlers", type=click.Path(path_type=Path), metavar="PATH",
           help="Run functions with the code there: found by its templates, or as NAME.py and NAME.js."),
    option("--machine", metavar="NAME", help="Which state machine, where there are several."),
    option("--test-case", "case", metavar="NAME", help="The test case of the mock file."),
    option("--python", metavar="COMMAND", help="The Python that runs the handlers; it must have what they import."),
    option("--seed", type=int, default=0, show_default=True, help="Of ids and random numbers: the same seed, the same run."),
)
# fmt: on


@main.command()
@click.argument("subject", metavar="FILE|CHAIN")
@reads
@options(*_RUNNING)
@option(
    "--as",
    "role",
    type=click.Choice(("machine", "choreography")),
    default="machine",
    show_default=True,
    help="Of a chain: the state machine that is proposed for it, or its functions and channels as they are.",
)
@option("--mock", type=_FILE, metavar="FILE", help="A mock file of Step Functions Local: its answers stand for tasks.")
@option("--packages", multiple=True, metavar="FOLDER",
      type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
        help="Of a chain: handlers find packages there, as of npm install or pip install --target; repeatable.")  # fmt: skip
@option("--name", default=_NAME, show_default=True, help="The execution's name.")
@option("--format", "form", type=click.Choice(("text", "json")), default="text", help="A tree of the history, or all of it.")
def run(
    subject: str,
    source: Source,
    given: str | None,
    handlers: Path | None,
    machine: str | None,
    case: str | None,
    python: str | None,
    seed: int,
    role: str,
    mock: Path | None,
    packages: tuple[Path, ...],
    name: str,
    form: str,
) -> int:
    """Run a state machine, or a chain, on this machine, in no time: waits and retries are skipped, AWS is not called.

    FILE is a definition in JSON or YAML, or a template that holds one. Tasks are answered by mocks, by handlers, and by moto
    for the other services; a placeholder ${Name} is filled with --parameter Name=…, else with what the template says or with its
    own name. Exits with 1 where the execution does not succeed.

    CHAIN is an id as `untangle scan PATH` shows it: what is proposed for it runs, or with --as choreography its functions over
    their channels, as they are. The input is an event of its first function, {"service", "operation", "params"} of a call from
    outside, or a list of these; without one it is made from what the handlers read. Handlers run in a process of their own,
    without your credentials and without network.

    \b
    untangle run checkout.asl.json --input order.json --mock MockConfigFile.json --test-case HappyPath
    untangle run checkout.asl.json --input order.json --handlers services/
    untangle run template.yaml --machine Checkout --handlers . --format json
    untangle run orders-checkout . --as choreography --input order.json
    """
    from untangle.emit.history import as_json, as_text
    from untangle.pipeline import run_machine

    path = Path(subject)
    if not path.exists() or (role == "choreography" and path.is_dir()):
        other = {"--handlers": handlers, "--machine": machine, "--test-case": case, "--mock": mock}
        idle = [option for option, value in other.items() if value is not None] + ["--name"] * (name != _NAME)
        return _chain(subject, source, _input(given), role, seed, form, python, packages, idle)
    if packages:
        raise UsageError("--packages: for a CHAIN, not for a FILE", hint="--python names a Python that has what handlers import")
    if role == "choreography":
        raise UsageError("--as choreography is for a chain", hint="untangle run CHAIN PATH --as choreography")
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
        python=python,
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
    python: str | None,
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
    untangle test MockConfigFile.json
    untangle test workflows/ --test-case HappyPath
    untangle test . --junit results.xml
    """
    from untangle.emit.tested import as_json, as_junit, as_text
    from untangle.pipeline import test_machines

    mock = source.path if source.path.is_file() else None  # its definitions are beside it
    found = test_machines(
        source.path if mock is None else mock.parent,
        machine=machine,
        case=case,
        input=_input(given),
        handlers=handlers,
        parameters=dict(source.parameters),
        exclude=source.exclude,
        seed=seed,
        python=python,
    )
    tested = tuple(item for item in found if mock is None or Path(item.file).resolve() == mock.resolve())
    if not tested:
        raise NothingToScan("no test case was found", where=str(mock), hint="a mock file holds StateMachines and MockedResponses")
    if junit is not None:
        source.write(str(junit), as_junit(tested))
    source.write("-", as_json(tested) if form == "json" else as_text(tested, source.view("likely")))
    return ExitCode.DONE if all(item.passed for item in tested) else ExitCode.FINDINGS


def _chain(
    subject: str,
    source: Source,
    given: Any,
    role: str,
    seed: int,
    form: str,
    python: str | None,
    packages: tuple[Path, ...],
    idle: list[str],
) -> int:
    """Run a chain of the paths; `idle` are options that were given and say nothing of a chain."""
    from untangle.emit.performance import as_json, as_text
    from untangle.pipeline import run_chain

    if Path(subject).suffix or "/" in subject:
        hint = "untangle run FILE: a definition, or a template that holds one; untangle run CHAIN PATH: a chain of what is there"
        raise UsageError(f"there is no file {subject}", hint=hint)
    if idle:
        raise UsageError(f"{', '.join(idle)}: for a FILE, not for a CHAIN", hint=f"untangle run {subject} PATH without it")
    found, config = source.read()
    root = source.path if source.path.is_dir() else source.path.parent
    performance = run_chain(found, subject, root, input=given, role=role, seed=seed, python=python, packages=packages)
    view = source.view(config.min_confidence)
    source.write("-", as_json(performance) if form == "json" else as_text(performance, view))
    return ExitCode.DONE if performance.succeeded else ExitCode.FINDINGS


def _input(given: str | None) -> Any:
    """The input that was named; MISSING where none was."""
    from untangle.simulate.services.mocks import MISSING

    if given is None:
        return MISSING
    if given.lstrip()[:1] in ("{", "["):
        return json_of(given, "--input")
    return json_of(text_in(Path(given)), "standard input" if given == "-" else given)
