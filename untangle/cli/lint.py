"""`untangle lint`: the checks of the States Language on any definition."""

from __future__ import annotations

from pathlib import Path

import click

from untangle.cli.commands import main
from untangle.cli.source import option
from untangle.errors import ExitCode


@main.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to write what is found.")
def lint(files: tuple[Path, ...], form: str) -> int:
    """Check state machine definitions: JSON, YAML, those inside templates and Terraform, or all below a folder.

    The codes are those of AWS's ValidateStateMachineDefinition where it has one. Exits with 1 where there is an error.

    \b
    untangle lint checkout.asl.json
    untangle lint template.yaml workflows/ --format json
    """
    from untangle.emit.lint import as_json, as_text
    from untangle.pipeline import lint as check

    checked = [item for file in files for item in check(file)]
    click.echo(as_json(checked) if form == "json" else as_text(checked), nl=False)
    wrong = any(diagnostic.severity == "error" for item in checked for diagnostic in item.found)
    return ExitCode.FINDINGS if wrong else ExitCode.DONE
