"""The commands. Each reads, asks the pipeline or an emitter, writes, and says how it went."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from untangle import __version__
from untangle.cli.account import Account, reads_account
from untangle.cli.guard import Commands
from untangle.cli.proof import CERTIFICATES, fitting, given, made, proved
from untangle.cli.source import SCANNING, WIDEST, Source, columns, option, options, reads
from untangle.config import LEVELS, Config, is_bucket, read_baseline
from untangle.errors import ExitCode, UntangleError, UsageError, nearest

if TYPE_CHECKING:
    from untangle.emit.asl import Language
    from untangle.model.chain import Chain
    from untangle.model.change import Proposal
    from untangle.model.scan import Scan


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Completion in bash: eval "$(_UNTANGLE_COMPLETE=bash_source untangle)"; also zsh_source, fish_source.',
)
@click.version_option(__version__, prog_name="untangle", message="%(prog)s %(version)s")
def main() -> None:
    """Finds the workflows that are implicit in an event-driven AWS application, with evidence for every hop, and proposes
    state machines for those that should be one.

    It reads only: no code is run, and AWS is not called but with --account, to read.

    \b
    untangle scan .                              what is there
    untangle show CHAIN .                        one workflow, with all its evidence
    untangle propose . --chain CHAIN -o DIR      its state machine and contracts
    untangle report . -o report.html             the audit page
    """


@main.command()
@reads
@options(*SCANNING)
@reads_account
def scan(
    source: Source,
    account: Account,
    form: str | None,
    outputs: tuple[str, ...],
    minimum: str | None,
    fail_on: str | None,
    baseline: Path | None,
) -> int:
    """Show the implicit workflows under PATH, of a live account or of a recording, how sure each hop is, and why.

    \b
    untangle scan .
    untangle scan --account --profile prod --record prod-recording
    untangle scan prod-recording
    untangle scan template.yaml --parameter Stage=prod -v
    untangle scan . -o scan.json -o scan.sarif
    untangle scan . --baseline scan.json --fail-on warning
    """
    from untangle.emit import choose

    emitters = [(choose(name, form), name) for name in outputs or ("-",)]
    found, config = source.read(account.open)
    accepted = baseline or config.baseline
    if account.account and not account.record:
        source.note("nothing was recorded: with --record DIR the other commands can read what was scanned")
    known = read_baseline(accepted) if accepted else frozenset()
    view = source.view(minimum or config.min_confidence, known, account.readable)
    for emitter, name in emitters:
        source.write(name, emitter.render(found, view if name == "-" else replace(view, color=False, width=WIDEST)))
    failing = found.failing(fail_on or config.fail_on, view.known)
    if failing:
        source.note(f"{len(failing)} of the findings are at least: {fail_on or config.fail_on}")
    nothing = ExitCode.NOTHING if not found.graph.sources and not found.findings else ExitCode.DONE
    return ExitCode.FINDINGS if failing else nothing


@main.command()
@click.argument("subject", metavar="CHAIN|HOP")
@reads
def show(source: Source, subject: str) -> None:
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


QUERY_LANGUAGE = option("--query-language", "language", type=click.Choice(("jsonata", "jsonpath")), default="jsonata",
    show_default=True, help="How its states compute; jsonpath says less, and what it cannot say it refuses.")  # fmt: skip


CLAIM_CHECK = option("--claim-check", "claim", metavar="BUCKET",
    help="Let messages that a state cannot carry go through this bucket.")  # fmt: skip


def _proposal(found: Scan, chain: Chain, language: Language, claim: str | None, form: str = "json") -> Proposal:
    """The proposal for a chain, its state machine as JSON or YAML."""
    from untangle import pipeline
    from untangle.emit.yaml import in_yaml

    proposal = pipeline.propose(found, chain.id, language, claim)
    return proposal if form == "json" else in_yaml(proposal)


def bucket_of(claim: str | None, config: Config, language: Language) -> str | None:
    """The bucket for messages that a state cannot carry, as asked for here or in the configuration."""
    bucket = claim or config.claim_check
    if bucket is not None and not is_bucket(bucket):
        raise UsageError(f"{bucket!r} is no name of a bucket", hint="lower-case letters, digits, dots and hyphens")
    if bucket is not None and language == "jsonpath":
        raise UsageError("a claim check is for jsonata", hint="leave --query-language or --claim-check away")
    return bucket


@main.command()
@reads
@option("--chain", "ids", multiple=True, metavar="ID", help="The chain to propose for; repeatable.")
@option("--all", "every", is_flag=True, help="Propose for every chain that its verdict does not leave as it is.")
@option("-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR",
      help="Write DIR/CHAIN/state-machine.asl.json, its contracts and MIGRATION.md.")  # fmt: skip
@option("--format", "form", type=click.Choice(("json", "yaml")), default="json", help="How to write the state machine.")
@QUERY_LANGUAGE
@CLAIM_CHECK
@CERTIFICATES
@option("--force", is_flag=True, help="Overwrite files that untangle did not write.")
def propose(
    source: Source,
    ids: tuple[str, ...],
    every: bool,
    folder: Path,
    form: str,
    language: Language,
    claim: str | None,
    certificates: tuple[Path, ...],
    force: bool,
) -> int:
    """Write the state machine of a chain and the contracts of its messages into a folder.

    MIGRATION.md beside them says what it is and how to go on. Nothing else is touched. Files that are there already are
    overwritten only where untangle wrote them.

    \b
    untangle propose . --chain orders-checkout -o proposals
    untangle propose . --all -o proposals --format yaml
    untangle propose . --chain orders-checkout -o proposals --query-language jsonpath
    untangle propose . --chain orders-checkout -o proposals --claim-check orders-claims
    untangle propose . --chain orders-checkout -o proposals --certificate certificate.json
    """
    from untangle.deliver.folder import below, write
    from untangle.emit.migration import migration

    found, config = source.read()
    bucket = bucket_of(claim, config, language)
    if bool(ids) == every:
        raise UsageError("say --chain ID, or --all", hint=nearest("", (chain.id for chain in found.chains)))
    left = 0
    chosen = found.advised if every else [found.chain(id) for id in dict.fromkeys(ids)]
    proofs = given(certificates, (chain.id for chain in chosen))
    for chain in chosen:
        try:
            proposal = proved(_proposal(found, chain, language, bucket, form), proofs.get(chain.id))
        except UntangleError as error:
            if not every:
                raise
            left += 1
            source.note(f"{chain.id}: left out: {error.message}")
            continue
        page = migration(found, chain, proposal, source.view(config.min_confidence), language, bucket)
        for path in write(below(folder, chain.id), (*proposal.files, page), force=force):
            click.echo(path)
        source.note(f"{chain.id}: {proposal.title}")
    return ExitCode.CANNOT if left else ExitCode.DONE


@main.command()
@reads
@option("--chain", "id", required=True, metavar="ID", help="The chain to propose for.")
@option("--local", is_flag=True, help="Make the branch in this repository and stop there: nothing is pushed.")
@option("--dry-run", is_flag=True, help="Show the branch, its message and its files; make nothing.")
@QUERY_LANGUAGE
@CLAIM_CHECK
@CERTIFICATES
@option("--verify", "prove", is_flag=True, help="Prove it first, as `untangle verify` does: this runs your handlers.")
def pr(
    source: Source,
    id: str,
    local: bool,
    dry_run: bool,
    language: Language,
    claim: str | None,
    certificates: tuple[Path, ...],
    prove: bool,
) -> int:
    """Make a branch that holds a chain's state machine, its contracts and a MIGRATION.md.

    The branch is made in a git worktree of its own: your checkout, index and stash stay as they are. With a certificate, from a
    file or made on the spot, the branch holds that too; where it says that both sides differ, no branch is made.

    \b
    untangle pr . --chain orders-checkout --local --dry-run
    untangle pr . --chain orders-checkout --local
    untangle pr . --chain orders-checkout --local --query-language jsonpath
    untangle pr . --chain orders-checkout --local --certificate certificate.json
    untangle pr . --chain orders-checkout --local --verify
    """
    from untangle.deliver.git import make, prepare, preview
    from untangle.emit.certificate import headline
    from untangle.emit.migration import branch_of, files_of, message_of

    if not local and not dry_run:
        raise UsageError("only a local branch can be made so far", hint="add --local")
    found, config = source.read()
    chain = found.chain(id)
    bucket = bucket_of(claim, config, language)
    if prove and certificates:
        raise UsageError("--verify makes a certificate, --certificate brings one", hint="leave one of them away")
    proof = given(certificates, (chain.id,)).get(chain.id)
    if prove:
        proof = made(source, found, chain.id, language, bucket)
    proposal = proved(_proposal(found, chain, language, bucket), proof)
    if proof is not None and not proof.proves:
        source.note(f"no branch is made: {headline(proof)}")
        return ExitCode.FINDINGS
    files = files_of(found, chain, proposal, source.view(config.min_confidence), language, bucket)
    folder = source.path if source.path.is_dir() else source.path.parent
    branch = prepare(folder, branch_of(chain), files, message_of(chain, proposal))
    if branch.uncommitted:
        source.note(f"note: the branch leaves out what is not committed: {branch.uncommitted} of the files that were scanned")
    if dry_run:
        source.write("-", preview(branch))
        return ExitCode.DONE
    commit = make(branch)
    source.note("it is there already, with the same content" if branch.exists else f"made, with {len(branch.files)} files")
    click.echo(f"{branch.name} {commit[:12]}")
    return ExitCode.DONE


@main.command()
@reads
@option("-o", "--output", "file", metavar="FILE.html", default="untangle-report.html", show_default=True, help="Where to write.")
@option("--open", "open_it", is_flag=True, help="Open the page in a browser.")
@CERTIFICATES
def report(source: Source, file: str, open_it: bool, certificates: tuple[Path, ...]) -> None:
    """Write the audit page: one self-contained HTML file with every chain drawn, its hops and their evidence.

    \b
    untangle report . -o report.html
    untangle report . -o report.html --open
    untangle report . -o report.html --certificate certificate.json
    """
    from untangle.emit import emitter_for
    from untangle.emit.html import html

    emitter = emitter_for(file)
    if emitter is None or emitter.format != "html":
        raise UsageError(f"a report is an HTML page, {file} is not", hint="`untangle scan -o FILE` writes other formats")
    found, config = source.read()
    proofs = given(certificates, (chain.id for chain in found.chains))
    for proof in proofs.values():
        fitting(found, proof)
    source.write(file, html(found, view=source.view(config.min_confidence), certificates=proofs))
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
    click.echo(explanation(known[rule], min(columns(), 100)), nl=False)


@main.command()
@option("--code", is_flag=True, help="Also what reading the functions' packages needs.")
@option("--traces", is_flag=True, help="Also what reading X-Ray's service graph needs.")
@option("--metrics", is_flag=True, help="Also what reading CloudWatch's numbers needs.")
@option("--organization", is_flag=True, help="Also what listing an organization's accounts needs.")
def policy(**groups: bool) -> None:
    """Print the read-only IAM policy that `untangle scan --account` needs, as JSON: these actions, and no other, are called.

    \b
    untangle policy
    untangle policy --code --traces --metrics
    """
    from untangle.scanners.account.permissions import as_text

    click.echo(as_text(name for name, wanted in groups.items() if wanted), nl=False)
