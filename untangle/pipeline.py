"""The stages in order. This page is the map of the house.

    tree        the files under the root, walked once                      scanners/tree.py
      |
    scanners    each source format -> resources in CloudFormation's words   scanners/
      |         each function's source -> calls, reads, gaps                scanners/code/
      |
    assemble    values -> resources, facts -> links -> hops                 assemble/   (asks channels/)
      |                                                     = EventGraph
    detect      chains and findings                                         detect/
      |
    plan        chain -> verdict and workflow                               plan/
      |
    simulate    definitions and chains run on this machine, and compared    simulate/   (only where a run is asked for)
      |
    emit        values -> text: JSON, terminal, Markdown, SARIF, HTML, ASL  emit/
      |
    deliver     files -> a branch in a git worktree                         deliver/

Data flows down only. What a file of the user's has wrong becomes a finding or a gap; only a job that cannot be
done at all raises (see `errors`). AWS is called only to read, where the user names an account; handlers are run
only where the user asks for a run, in a process of their own; nothing is written but by `cdk synth` and the recording of an
account, where the user asks for them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from untangle.config import Config
from untangle.errors import InputError, NothingToScan, UntangleError, UsageError
from untangle.model.change import Proposal
from untangle.model.resource import Inventory
from untangle.model.scan import Scan

if TYPE_CHECKING:
    from untangle.emit.asl import Language
    from untangle.emit.lint import Linted
    from untangle.model.certificate import Certificate
    from untangle.model.chain import Chain
    from untangle.model.code import CodeFacts
    from untangle.model.graph import EventGraph
    from untangle.scanners.account.call import Scope
    from untangle.scanners.definitions import Definition
    from untangle.scanners.scanner import Options, Scanner
    from untangle.scanners.tree import Tree
    from untangle.simulate.local.cases import Tested
    from untangle.simulate.local.chain import Performance
    from untangle.simulate.local.job import Outcome
    from untangle.simulate.local.session import Handlers

Progress = Callable[[str], None]
# From so many files on, reading formats beside each other is worth a further process.
_LARGE = 500


def _silent(stage: str) -> None:
    """The default progress: none."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """While a scan builds what it keeps, Python's search for cyclic garbage would take a seventh of its time and find little."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@seldom_collected()
def scan(
    root: Path | None,
    *,
    config: Config,
    parameters: Mapping[str, str] | None = None,
    exclude: tuple[str, ...] = (),
    progress: Progress = _silent,
    synthesise: Progress | None = None,
    variable_files: tuple[Path, ...] = (),
    scopes: tuple[Scope, ...] = (),
) -> Scan:
    """Reads every source under `root`, and the accounts of `scopes` with it, and says what is there; either may be missing.

    `parameters` are values by name (template parameters, Terraform variables, Serverless options), `variable_files` Terraform
    variable files below the root, `exclude` are .gitignore patterns. Where `synthesise` is given, the
    CDK applications that lack templates are synthesised first, and it is told each command before it runs. Raises InputError
    where the root does not exist and NothingToScan where nothing in it is a source.
    """
    from untangle.assemble import assemble
    from untangle.assemble.join import join
    from untangle.assemble.overrule import unused_ignores
    from untangle.channels import CHANNELS
    from untangle.detect import chains, findings, ordered
    from untangle.scanners.code import read_code
    from untangle.scanners.scanner import Options
    from untangle.scanners.tree import Tree

    progress("finding files")
    tree = Tree(root, exclude=(*config.exclude, *exclude)) if root else Tree(Path(), exclude=("*",))
    if root and synthesise is not None:
        from untangle.scanners.cdk.synth import synthesise as run

        if run(tree, synthesise):
            tree = Tree(root, exclude=(*config.exclude, *exclude))
    named = tuple(_below(tree, path) for path in variable_files)
    options = Options(parameters={**config.parameters, **(parameters or {})}, variable_files=named)
    with _finished(scopes):
        inventory = sum(_sources(tree, options, progress), Inventory()) + _account(scopes, progress)
        inventory = join(inventory, CHANNELS).inventory if scopes else inventory
        progress("reading handlers")
        code = read_code(tree, inventory)
        if scopes:
            inventory, code = _deployed(scopes, inventory, code, progress)
    if not (inventory.sources or inventory.problems or inventory.gaps):
        raise NothingToScan(
            "no template, Terraform root or Serverless Framework service was found",
            where=str(root),
            hint="point at a folder that holds one, or at the file itself; ignored files are not read",
        )
    progress("linking")
    graph = assemble(inventory, code, CHANNELS, config)
    progress("finding chains")
    found = chains(graph, graph.boundaries)
    judged = tuple(_judged(graph, chain) for chain in found)
    told = findings(graph, judged)
    return Scan(graph=graph, chains=judged, findings=ordered((*told, *unused_ignores(config, told))))


def _judged(graph: EventGraph, chain: Chain) -> Chain:
    """A chain with the verdict and the outlook of the workflow that is planned for it."""
    from untangle.plan import plan

    planned = plan(graph, chain)
    return replace(chain, verdict=planned.verdict, outlook=planned.outlook)


def _sources(tree: Tree, options: Options, progress: Progress) -> tuple[Inventory, ...]:
    """What each scanner finds. The first says which files no other may read; the others do not depend on each other."""
    from untangle.scanners import SCANNERS
    from untangle.scanners.beside import beside

    def read(scanner: Scanner) -> Inventory:
        progress(f"reading {scanner.title}")
        return scanner.read(tree, options)

    if len(tree.files) < _LARGE:
        return tuple(read(scanner) for scanner in SCANNERS)
    first, *others = SCANNERS
    found = read(first)
    progress("reading templates, configurations and states")
    return found, *beside([partial(scanner.read, tree, options) for scanner in others])


@contextmanager
def _finished(scopes: tuple[Scope, ...]) -> Iterator[None]:
    """However the reading of accounts ends, the recordings that are being made are finished."""
    complete = False
    try:
        yield
        complete = True
    finally:
        for scope in scopes:
            scope.caller.close(complete)
        if any(scope.identity for scope in scopes):
            gc.collect()  # clients and the handlers of their events know each other


def _account(scopes: tuple[Scope, ...], progress: Progress) -> Inventory:
    """What the accounts hold."""
    if not scopes:
        return Inventory()
    from untangle.scanners.account import read

    progress("reading the account")
    return read(scopes)


def _deployed(
    scopes: tuple[Scope, ...], inventory: Inventory, code: tuple[CodeFacts, ...], progress: Progress
) -> tuple[Inventory, tuple[CodeFacts, ...]]:
    """The facts of code with those of deployed packages, where these are asked for; what the scanned tree holds comes first."""
    from untangle.scanners.account import packages

    progress("reading deployed code")
    deployed = packages.read(scopes, inventory, {facts.function for facts in code if facts.readable})
    found = {facts.function: facts for facts in (*packages.unread(scopes, inventory, code), *deployed.facts)}
    chosen = tuple(
        found[facts.function] if facts.function in found and (facts.entry is None or found[facts.function].readable) else facts
        for facts in code
    )
    rows = {(row.source, row.operation): row for row in (*inventory.coverage, *deployed.coverage)}
    gaps = (*inventory.gaps, *deployed.gaps)
    return replace(inventory, gaps=gaps, coverage=tuple(rows.values())), chosen


def _below(tree: Tree, path: Path) -> str:
    """A file that the user named, relative to the scanned root; raises InputError where the scan cannot read it."""
    full = path.resolve()
    inside = full.relative_to(tree.root).as_posix() if full.is_relative_to(tree.root) else None
    if inside is None or tree.read(inside) is None:
        raise InputError(
            "not a file below the scanned folder", where=str(path), hint="variable files are read from the scanned tree"
        )
    return inside


@seldom_collected()
def lint(path: Path) -> tuple[Linted, ...]:
    """Every state machine definition in a file or below a folder, with what is wrong in each; InputError for no such path."""
    from untangle.asl import validate
    from untangle.emit.lint import Linted

    folder = path if path.is_dir() else path.parent
    return tuple(
        Linted(file=(folder / item.path).as_posix(), address=item.address, found=validate(item.document))
        for item in _definitions(path)[2]
    )


def _definitions(path: Path, exclude: tuple[str, ...] = ()) -> tuple[Tree, Inventory, tuple[Definition, ...]]:
    """Every state machine definition in a file or below a folder, with what else is there; InputError for no such path."""
    from untangle.scanners.definitions import definitions
    from untangle.scanners.scanner import Options
    from untangle.scanners.tree import Tree

    tree = Tree(path, exclude=exclude)
    inventory = sum(_sources(tree, Options(), _silent), Inventory())
    return tree, inventory, definitions(tree, inventory)


def run_machine(
    path: Path,
    *,
    machine: str | None,
    input: Any,
    name: str,
    mock: Path | None,
    case: str | None,
    handlers: Path | None,
    parameters: Mapping[str, str],
    seed: int,
    python: str | None = None,
) -> Outcome:
    """Run a state machine of a file on this machine; raises UsageError and InputError where that cannot be done."""
    from untangle.simulate.local.reading import names, pick
    from untangle.simulate.local.session import Session, case_of

    if case is not None and mock is None:
        raise UsageError("--test-case is one of a mock file", hint="add --mock FILE")
    _, inventory, found = _definitions(path)
    chosen = pick(found, inventory, machine, path)
    told = case_of(mock, names(chosen, inventory), case) if mock else None
    session = Session(
        path=path,
        found=found,
        inventory=inventory,
        given=parameters,
        handlers=_handlers(handlers, parameters),
        seed=seed,
        python=python,
    )
    return session.run(machine, input, name=name, case=told)


def test_machines(
    path: Path,
    *,
    machine: str | None,
    case: str | None,
    input: Any,
    handlers: Path | None,
    parameters: Mapping[str, str],
    exclude: tuple[str, ...],
    seed: int,
    python: str | None = None,
) -> tuple[Tested, ...]:
    """Run the test cases of all mock files below a path; raises NothingToScan where there is none."""
    from untangle.simulate.local.session import Session

    tree, inventory, found = _definitions(path, exclude)
    session = Session(
        path=path,
        found=found,
        inventory=inventory,
        given=parameters,
        handlers=_handlers(handlers, parameters),
        seed=seed,
        python=python,
    )
    tested = tuple(item for item in session.tests(tree, only=case, input=input) if machine in (None, item.machine))
    if not tested:
        raise NothingToScan("no test case was found", where=str(path), hint="a mock file holds StateMachines and MockedResponses")
    return tested


def run_chain(
    scan: Scan, chain_id: str, root: Path, *, input: Any, role: str, python: str | None = None, **asked: Any
) -> Performance:
    """Run a chain in a child process: as the choreography that it is, or (`role` "machine") as the workflow proposed for it.
    `asked` are further fields of `Playing`."""
    from untangle.emit.migrated import migrated
    from untangle.plan import plan
    from untangle.simulate.local.chain import Playing, perform

    chain = scan.chain(chain_id)
    workflow = plan(scan.graph, chain) if role == "machine" else None
    if workflow is not None and workflow.root is None:
        hint = f"`untangle run {chain.id} --as choreography` runs it as it is"
        raise UsageError(f"there is no state machine for {chain.id}: nothing of it would move", hint=hint)
    proposal = migrated(workflow, scan.graph, "jsonata") if workflow is not None else None
    playing = Playing(graph=scan.graph, root=root.resolve(), chain=chain, migrated=proposal, input=input, **asked)
    return perform(playing, python=python)


def _handlers(path: Path | None, parameters: Mapping[str, str]) -> Handlers | None:
    """The functions of a path: those of its templates, else of files that are called like them."""
    from untangle.simulate.local.folder import functions_in
    from untangle.simulate.local.session import Handlers

    if path is None:
        return None
    try:
        graph = scan(path, config=Config(), parameters=parameters).graph
    except NothingToScan:
        graph = functions_in(path)
    if not any(function.code for function in graph.functions):
        graph = functions_in(path)
    if not graph.functions:
        raise InputError(
            "no handler is there", where=str(path), hint="NAME.py with lambda_handler or handler, or a template with functions"
        )
    return Handlers(graph=graph, root=(path if path.is_dir() else path.parent).resolve())


def propose(scan: Scan, chain_id: str, language: Language = "jsonata", claim: str | None = None) -> Proposal:
    """The state machine and contracts of one chain; raises UsageError where there is no such chain, and UntangleError with the
    hops and the reasons where the query language cannot say it. `claim` is a bucket for messages that a state cannot carry."""
    from untangle.emit.proposal import proposal
    from untangle.plan import plan

    chain = scan.chain(chain_id)
    return proposal(scan.graph, chain, plan(scan.graph, chain, claim), language)


def verify(
    scan: Scan,
    chain_id: str,
    root: Path,
    *,
    seed: int = 0,
    budget: int | None = None,
    inputs: Sequence[tuple[str, Any]] = (),
    mutants: bool = True,
    seconds: float | None = None,
    language: Language = "jsonata",
    claim: str | None = None,
    python: str | None = None,
    packages: tuple[Path, ...] = (),
    progress: Progress = _silent,
) -> Certificate:
    """Run a chain and its proposal on the same handlers, in a child process, and compare them.

    `root` is the folder that was scanned, `inputs` are events by name that are used in the place of made ones; after so many
    `seconds` of real time nothing more is run; `language` and `claim` are as for `propose`.
    Raises UsageError where there is no such chain, and UntangleError where nothing of it would move or a child cannot run.
    """
    from untangle.emit.migrated import migrated
    from untangle.plan import plan
    from untangle.plan.jobs.awaited import jobs_of
    from untangle.simulate.jobs import is_played
    from untangle.simulate.verify.options import Options
    from untangle.simulate.verify.prove import Job, prove_in_child

    chain = scan.chain(chain_id)
    progress("planning")
    workflow = plan(scan.graph, chain, claim)
    if workflow.root is None:
        raise UntangleError(
            f"nothing of {chain.id} would move, so there is nothing to prove",
            hint=f"`untangle show {chain.id}` says why; `untangle run {chain.id} --as choreography` runs it as it is",
        )
    if unplayed := [f"{service} ({operation})" for service, operation in jobs_of(workflow) if not is_played(service, operation)]:
        what = f"nothing on this machine plays jobs of {' and '.join(unplayed)} and tells of their ends"
        raise UntangleError(f"{what}, so {chain.id} cannot be proved", hint="`untangle run` plays it with a --mock")
    given = {} if budget is None else {"budget": budget}
    options = Options(seed=seed, inputs=tuple(inputs), mutants=mutants, seconds=seconds, **given)
    proposal = migrated(workflow, scan.graph, language)
    job = Job(graph=scan.graph, root=root.resolve(), chain=chain, migrated=proposal, options=options, packages=packages)
    made = prove_in_child(job, python=python, progress=progress)
    return replace(made, language=language, claim=claim or "")
