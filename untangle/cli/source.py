"""What the reading commands share: their arguments, what is read with them, and how it is spoken about."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from untangle.cli.guard import tell
from untangle.cli.paths import Sorted, sort_out
from untangle.cli.progress import progress
from untangle.config import FAIL_ON, LEVELS, Config, load

if TYPE_CHECKING:
    from untangle.emit import View
    from untangle.model.scan import Scan
    from untangle.scanners.account.call import Scope

    Opened: TypeAlias = Callable[[Callable[[str], None], Callable[[str], None]], tuple[Scope, ...]]

WIDEST = 120
Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[Command], Command]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What to read and how to speak about it: the arguments that all reading commands share."""

    paths: tuple[Path, ...]
    parameters: tuple[tuple[str, str], ...]
    exclude: tuple[str, ...]
    config_file: Path | None
    verbose: int
    quiet: bool
    color: str
    synth: bool
    variable_files: tuple[Path, ...]

    @cached_property
    def sorted(self) -> Sorted:
        """The recordings and the source tree among the paths; without paths, the working folder is one of them."""
        return sort_out(self.paths or (Path(),))

    @property
    def path(self) -> Path:
        """What is spoken of as the scanned path: the source tree, else what was named first."""
        return self.sorted.tree or next(iter(self.paths), Path())

    def read(self, account: Opened | None = None) -> tuple[Scan, Config]:
        """The scan, without the findings that the configuration ignores; paths that are recordings are read as accounts."""
        from untangle.pipeline import scan, seldom_collected

        config = load(self.path, self.config_file)
        heard: list[Callable[[str], None]] = [lambda stage: None]
        with seldom_collected():
            scopes, root = self._scopes(account, lambda stage: heard[0](stage))
        try:
            with progress(self.verbose, self.quiet) as hear:
                heard[0] = hear
                found = scan(
                    root,
                    config=config,
                    parameters=dict(self.parameters),
                    exclude=self.exclude,
                    progress=hear,
                    synthesise=tell if self.synth else None,
                    variable_files=self.variable_files,
                    scopes=scopes,
                )
        finally:
            for scope in scopes:
                scope.caller.close()
        gc.freeze()  # what was found stays until the process ends: no garbage is looked for in it while it is written
        kept = tuple(item for item in found.findings if not config.ignores(item.rule, item.fingerprint))
        return replace(found, findings=kept), config

    def _scopes(self, account: Opened | None, progress: Callable[[str], None]) -> tuple[tuple[Scope, ...], Path | None]:
        """The accounts to read, and the tree to read with them: none where only an account was named."""
        recordings, tree = self.sorted
        scopes = account(self.note, progress) if account else ()
        if scopes and not self.paths:
            return scopes, None
        if recordings:
            from untangle.scanners.account.scopes import join, replay

            replayed = {str(path): replay(path, progress=progress) for path in recordings}
            scopes = join({"the account": scopes, **replayed})
        return scopes, tree

    def view(self, minimum: str, known: frozenset[str] = frozenset(), more: tuple[Path, ...] = ()) -> View:
        """How to show the scan on standard output; `more` was read beside the paths, and other commands can read it too."""
        from untangle.emit import View
        from untangle.model.evidence import Confidence

        terminal = sys.stdout.isatty()
        auto = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        color = self.color == "always" or (self.color == "auto" and auto)
        width = min(columns(), WIDEST) if terminal or os.environ.get("COLUMNS") else WIDEST
        shown = Confidence(minimum)
        path, *beside = map(str, (*self.paths, *more) or (Path(),))
        return View(
            minimum=shown,
            verbosity=self.verbose,
            width=width,
            color=color,
            path=path,
            beside=tuple(beside),
            known=known,
        )

    def write(self, name: str, text: str) -> None:
        """Writes a result to a file, or to standard output for `-`, as UTF-8."""
        from untangle.deliver.folder import encode, put

        if name == "-":
            click.echo(encode(text), nl=False)
            return
        put(Path(name), text)
        self.note(f"wrote {name}")

    def note(self, message: str) -> None:
        """A line on standard error, unless all is to be quiet."""
        if not self.quiet:
            tell(message)


def columns() -> int:
    """The terminal's width in letters."""
    return shutil.get_terminal_size((WIDEST, 40)).columns


def _pairs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    for value in values:
        if "=" not in value[1:]:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE")
    return tuple((key, value) for key, _, value in (pair.partition("=") for pair in values))


option = click.option
# fmt: off
_FILE = click.Path(path_type=Path, dir_okay=False)
_READING = (
    click.argument("paths", metavar="[PATH]...", type=click.Path(path_type=Path), nargs=-1),
    option("--parameter", "--var", "--option", "parameters", multiple=True, metavar="KEY=VALUE", callback=_pairs,
         help="A value by name: a template parameter, a Terraform variable, a Serverless option; repeatable."),
    option("--var-file", "variable_files", type=_FILE, multiple=True, help="A Terraform variable file; repeatable."),
    option("--exclude", multiple=True, metavar="GLOB", help="Leave files out, as in .gitignore; repeatable."),
    option("--config", "config_file", type=_FILE, help="Read this instead of untangle.toml or [tool.untangle]."),
    option("--synth", is_flag=True, help="Run `cdk synth` first where a CDK application has no templates; the command is shown."),
    option("-v", "--verbose", count=True, help="Show all evidence; -vv tells the stages too."),
    option("-q", "--quiet", is_flag=True, help="Only results and errors."),
    option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour the terminal's text."),
)
SCANNING = (
    option("--format", "form", metavar="FORMAT",
         help="text, json, markdown, sarif, mermaid or html  [default: text]"),
    option("-o", "--output", "outputs", multiple=True, metavar="FILE",
         help="Write there instead; the suffix says the format; repeatable."),
    option("--min-confidence", "minimum", type=click.Choice(LEVELS), metavar="LEVEL",
         help=f"Show hops from this level on: {', '.join(LEVELS)}  [default: likely]"),
    option("--fail-on", type=click.Choice(FAIL_ON), metavar="SEVERITY",
         help=f"Exit with 1 where a finding is at least: {', '.join(FAIL_ON)}  [default: never]"),
    option("--baseline", type=_FILE, help="An earlier scan document: its findings are known and fail nothing."),
)
# fmt: on


def options(*given: _Decorator) -> _Decorator:
    """Several options at once, in the order in which help shows them."""

    def add(command: Command) -> Command:
        for each in reversed(given):
            command = each(command)
        return command

    return add


def reads(command: Command) -> Command:
    """Gives a command the arguments of `Source`, handed to it as one value."""
    import functools

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        return command(source=Source(**{name: given.pop(name) for name in Source.__dataclass_fields__}), **given)

    return options(*_READING)(wrapped)
