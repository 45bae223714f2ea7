"""The command line: commands, consoles, exit codes. What is found comes from `pipeline`, what it looks like from `emit`.

Results go to standard output, all else to standard error. Nothing is imported before a command needs it: help is quick.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from untangle import __version__
from untangle.config import FAIL_ON, LEVELS, Config, load, read_baseline
from untangle.errors import ExitCode, UntangleError, UsageError, nearest

if TYPE_CHECKING:
    from untangle.emit import View
    from untangle.model.chain import Chain
    from untangle.model.change import Proposal
    from untangle.model.scan import Scan

WIDEST = 120
_Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[_Command], _Command]
INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 and the signal's number, as shells have it


class _Commands(click.Group):
    """The group of commands: says what a mistyped one may mean, and turns every failure into one line and an exit code."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise UsageError(f"no such command: {args[0]}", hint=nearest(args[0], self.commands))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads has enough; the interpreter must not complain about it at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED

    def main(
        self, args: Any = None, prog_name: Any = None, complete_var: Any = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        run = super().main
        if not standalone_mode:
            return run(args, prog_name, complete_var, standalone_mode=False, **extra)
        sys.exit(_guarded(lambda: run(args, prog_name or "untangle", complete_var, standalone_mode=False, **extra)))


def _guarded(run: Callable[[], object]) -> int:
    """Runs a command; every exception becomes a message and an exit code (a traceback only with UNTANGLE_DEBUG)."""
    try:
        code = run()
        return code if isinstance(code, int) else ExitCode.DONE
    except UntangleError as error:
        return _failed(str(error), error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "untangle"
        return _failed(f"{error.format_message()}\n  hint: {command} --help", ExitCode.CANNOT)
    except click.ClickException as error:
        return _failed(error.format_message(), ExitCode.CANNOT)
    except (click.Abort, KeyboardInterrupt):
        return _failed("interrupted", INTERRUPTED)
    except Exception as error:  # the last line of defence: a defect of untangle is told like any other failure
        if os.environ.get("UNTANGLE_DEBUG"):
            raise
        return _failed(f"internal: {type(error).__name__}: {error}\n  hint: UNTANGLE_DEBUG=1 shows where", ExitCode.CANNOT)


def _failed(message: str, code: int) -> int:
    _tell(f"error: {message}")
    return code


def _tell(message: str) -> None:
    """A message for people, on standard error; nothing in it can move the cursor."""
    from untangle.emit.wording import clean

    click.echo("\n".join(clean(line) for line in message.split("\n")), err=True)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What to read and how to speak about it: the arguments that all reading commands share."""

    path: Path
    parameters: tuple[tuple[str, str], ...]
    exclude: tuple[str, ...]
    config_file: Path | None
    verbose: int
    quiet: bool
    color: str

    def read(self) -> tuple[Scan, Config]:
        """The scan, without the findings that the configuration ignores."""
        from untangle.pipeline import scan

        config = load(self.path, self.config_file)
        with self.progress() as progress:
            found = scan(self.path, config=config, parameters=dict(self.parameters), exclude=self.exclude, progress=progress)
        kept = tuple(item for item in found.findings if not config.ignores(item.rule, item.fingerprint))
        return replace(found, findings=kept), config

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Where stages are told: a spinner on a terminal, lines with -vv, else nowhere."""
        if self.verbose > 1:
            yield lambda stage: _tell(f"… {stage}")
        elif self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield lambda stage: None
        else:
            from rich.console import Console

            with Console(stderr=True).status("reading") as status:
                yield status.update

    def view(self, minimum: str, known: frozenset[str] = frozenset()) -> View:
        """How to show the scan on standard output."""
        from untangle.emit import View
        from untangle.model.evidence import Confidence

        terminal = sys.stdout.isatty()
        auto = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        color = self.color == "always" or (self.color == "auto" and auto)
        width = min(_columns(), WIDEST) if terminal or os.environ.get("COLUMNS") else WIDEST
        shown = Confidence(minimum)
        return View(minimum=shown, verbosity=self.verbose, width=width, color=color, path=str(self.path), known=known)

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
            _tell(message)


def _columns() -> int:
    return shutil.get_terminal_size((WIDEST, 40)).columns


def _pairs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    for value in values:
        if "=" not in value[1:]:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE")
    return tuple((key, value) for key, _, value in (pair.partition("=") for pair in values))


_opt = click.option
# fmt: off
_FILE = click.Path(path_type=Path, dir_okay=False)
_READING = (
    click.argument("path", type=click.Path(path_type=Path), default="."),
    _opt("--parameter", "parameters", multiple=True, metavar="KEY=VALUE", callback=_pairs,
         help="A template parameter's value; repeatable."),
    _opt("--exclude", multiple=True, metavar="GLOB", help="Leave files out, as in .gitignore; repeatable."),
    _opt("--config", "config_file", type=_FILE, help="Read this instead of untangle.toml or [tool.untangle]."),
    _opt("-v", "--verbose", count=True, help="Show all evidence; -vv tells the stages too."),
    _opt("-q", "--quiet", is_flag=True, help="Only results and errors."),
    _opt("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour the terminal's text."),
)
_SCANNING = (
    _opt("--format", "form", metavar="FORMAT",
         help="text, json, markdown, sarif, mermaid or html  [default: text]"),
    _opt("-o", "--output", "outputs", multiple=True, metavar="FILE",
         help="Write there instead; the suffix says the format; repeatable."),
    _opt("--min-confidence", "minimum", type=click.Choice(LEVELS), metavar="LEVEL",
         help=f"Show hops from this level on: {', '.join(LEVELS)}  [default: likely]"),
    _opt("--fail-on", type=click.Choice(FAIL_ON), metavar="SEVERITY",
         help=f"Exit with 1 where a finding is at least: {', '.join(FAIL_ON)}  [default: never]"),
    _opt("--baseline", type=_FILE, help="An earlier scan document: its findings are known and fail nothing."),
)
# fmt: on


def _options(*options: _Decorator) -> _Decorator:
    """Several options at once, in the order in which help shows them."""

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _reads(command: _Command) -> _Command:
    """Gives a command the arguments of `_Source`, handed to it as one value."""
    import functools

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        return command(source=_Source(**{name: given.pop(name) for name in _Source.__dataclass_fields__}), **given)

    return _options(*_READING)(wrapped)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Completion in bash: eval "$(_UNTANGLE_COMPLETE=bash_source untangle)"; also zsh_source, fish_source.',
)
@click.version_option(__version__, prog_name="untangle", message="%(prog)s %(version)s")
def main() -> None:
    """Finds the workflows that are implicit in an event-driven AWS application, with evidence for every hop, and proposes
    state machines for those that should be one.

    It reads files only: no code is run, AWS is not called.

    \b
    untangle scan .                              what is there
    untangle show CHAIN .                        one workflow, with all its evidence
    untangle propose . --chain CHAIN -o DIR      its state machine and contracts
    untangle report . -o report.html             the audit page
    """


@main.command()
@_reads
@_options(*_SCANNING)
def scan(
    source: _Source, form: str | None, outputs: tuple[str, ...], minimum: str | None, fail_on: str | None, baseline: Path | None
) -> int:
    """Show the implicit workflows under PATH, how sure each hop is, and why.

    \b
    untangle scan .
    untangle scan template.yaml --parameter Stage=prod -v
    untangle scan . -o scan.json -o scan.sarif
    untangle scan . --baseline scan.json --fail-on warning
    """
    from untangle.emit import choose

    emitters = [(choose(name, form), name) for name in outputs or ("-",)]
    found, config = source.read()
    accepted = baseline or config.baseline
    view = source.view(minimum or config.min_confidence, read_baseline(accepted) if accepted else frozenset())
    for emitter, name in emitters:
        source.write(name, emitter.render(found, view if name == "-" else replace(view, color=False, width=WIDEST)))
    failing = found.failing(fail_on or config.fail_on, view.known)
    if failing:
        source.note(f"{len(failing)} of the findings are at least: {fail_on or config.fail_on}")
    return ExitCode.FINDINGS if failing else ExitCode.DONE


@main.command()
@click.argument("subject", metavar="CHAIN|HOP")
@_reads
def show(source: _Source, subject: str) -> None:
    """Show one chain or one hop with every witness, and what would raise its confidence.

    CHAIN is an id as `untangle scan` shows it; HOP the id of a hop (-v shows them) or its beginning.

    \b
    untangle show orders-checkout
    untangle show 17dc56bd8a38 services/orders
    """
    from untangle.emit.detail import chain_detail, hop_detail

    found, _ = source.read()
    view = replace(source.view(LEVELS[-1]), verbosity=max(source.verbose, 1))
    hops = [hop for hop in found.graph.hops if len(subject) >= 4 and hop.id.startswith(subject)]
    is_hop = len(hops) == 1 and not any(chain.id == subject for chain in found.chains)
    source.write("-", hop_detail(found, hops[0], view) if is_hop else chain_detail(found, found.chain(subject), view))


def _proposal(found: Scan, chain: Chain, form: str = "json") -> Proposal:
    """The proposal for a chain, its state machine as JSON or YAML."""
    from untangle import pipeline
    from untangle.emit.yaml import as_yaml

    proposal = pipeline.propose(found, chain.id)
    if form == "json":
        return proposal
    return replace(proposal, files=tuple(as_yaml(item) if item.path.endswith(".asl.json") else item for item in proposal.files))


@main.command()
@_reads
@_opt("--chain", "ids", multiple=True, metavar="ID", help="The chain to propose for; repeatable.")
@_opt("--all", "every", is_flag=True, help="Propose for every chain that its verdict does not leave as it is.")
@_opt("-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR",
      help="Write DIR/CHAIN/state-machine.asl.json and its contracts.")  # fmt: skip
@_opt("--format", "form", type=click.Choice(("json", "yaml")), default="json", help="How to write the state machine.")
@_opt("--force", is_flag=True, help="Overwrite files that untangle did not write.")
def propose(source: _Source, ids: tuple[str, ...], every: bool, folder: Path, form: str, force: bool) -> None:
    """Write the state machine of a chain and the contracts of its messages into a folder.

    Nothing else is touched. Files that are there already are overwritten only where untangle wrote them.

    \b
    untangle propose . --chain orders-checkout -o proposals
    untangle propose . --all -o proposals --format yaml
    """
    from untangle.deliver.folder import below, write

    found, _ = source.read()
    if bool(ids) == every:
        raise UsageError("say --chain ID, or --all", hint=nearest("", (chain.id for chain in found.chains)))
    for chain in found.advised if every else [found.chain(id) for id in dict.fromkeys(ids)]:
        proposal = _proposal(found, chain, form)
        for path in write(below(folder, chain.id), proposal.files, force=force):
            click.echo(path)
        source.note(f"{chain.id}: {proposal.title}")


@main.command()
@_reads
@_opt("--chain", "id", required=True, metavar="ID", help="The chain to propose for.")
@_opt("--local", is_flag=True, help="Make the branch in this repository and stop there: nothing is pushed.")
@_opt("--dry-run", is_flag=True, help="Show the branch, its message and its files; make nothing.")
def pr(source: _Source, id: str, local: bool, dry_run: bool) -> None:
    """Make a branch that holds a chain's state machine, its contracts and a MIGRATION.md.

    The branch is made in a git worktree of its own: your checkout, index and stash stay as they are.

    \b
    untangle pr . --chain orders-checkout --local --dry-run
    untangle pr . --chain orders-checkout --local
    """
    from untangle.deliver.git import make, prepare, preview
    from untangle.emit.migration import branch_of, files_of, message_of

    if not local and not dry_run:
        raise UsageError("only a local branch can be made so far", hint="add --local")
    found, config = source.read()
    chain = found.chain(id)
    proposal = _proposal(found, chain)
    files = files_of(found, chain, proposal, source.view(config.min_confidence))
    folder = source.path if source.path.is_dir() else source.path.parent
    branch = prepare(folder, branch_of(chain), files, message_of(chain, proposal))
    if branch.uncommitted:
        source.note(f"note: the branch leaves out what is not committed: {branch.uncommitted} of the files that were scanned")
    if dry_run:
        source.write("-", preview(branch))
        return
    commit = make(branch)
    source.note("it is there already, with the same content" if branch.exists else f"made, with {len(branch.files)} files")
    click.echo(f"{branch.name} {commit[:12]}")


@main.command()
@_reads
@_opt("-o", "--output", "file", metavar="FILE.html", default="untangle-report.html", show_default=True, help="Where to write.")
@_opt("--open", "open_it", is_flag=True, help="Open the page in a browser.")
def report(source: _Source, file: str, open_it: bool) -> None:
    """Write the audit page: one self-contained HTML file with every chain drawn, its hops and their evidence.

    \b
    untangle report . -o report.html
    untangle report . -o report.html --open
    """
    from untangle.emit import emitter_for

    emitter = emitter_for(file)
    if emitter is None or emitter.format != "html":
        raise UsageError(f"a report is an HTML page, {file} is not", hint="`untangle scan -o FILE` writes other formats")
    found, config = source.read()
    source.write(file, emitter.render(found, source.view(config.min_confidence)))
    if open_it:
        click.launch(Path(file).resolve().as_uri())


@main.command()
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what a rule means, what it costs and what to do instead; without RULE, list the rules.

    \b
    untangle explain
    untangle explain missing-dlq
    """
    from untangle.emit.rules import RULES, explanation, listing

    if rule is None:
        click.echo(listing(), nl=False)
        return
    known = {item.id: item for item in RULES}
    if rule not in known:
        raise UsageError(f"there is no rule {rule!r}", hint=nearest(rule, known))
    click.echo(explanation(known[rule], min(_columns(), 100)), nl=False)
