"""MIGRATION.md: what a proposal is, where it came from and how to go on, short enough to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from untangle import __version__
from untangle.emit.asl import Language
from untangle.emit.emitter import View
from untangle.emit.markdown import code, hop_table, prose
from untangle.emit.mermaid import chart
from untangle.emit.outbox import FOLDER as OUTBOX
from untangle.emit.proposal import SUBSTITUTIONS
from untangle.emit.wording import along, count, decision
from untangle.model.chain import Chain
from untangle.model.change import NewFile, Proposal
from untangle.model.scan import Scan

NAME = "MIGRATION.md"
FOLDER = "workflows"


def fingerprint(chain: Chain) -> str:
    """Eight characters that stay the same while the hops of a chain do."""
    return hashlib.sha256("\n".join(sorted(chain.hops)).encode()).hexdigest()[:8]


def migration(
    scan: Scan, chain: Chain, proposal: Proposal, view: View, language: Language = "jsonata", claim: str | None = None
) -> NewFile:
    """The page for one proposal: its body, today's workflow, the files, the next steps, how to make it again."""
    hops = along(chain, view.hops_of(scan, chain))
    lines = [
        f"<!-- untangle: chain={chain.id} fingerprint={fingerprint(chain)} v=1 -->",
        f"# {prose(proposal.title)}",
        "",
        proposal.body.strip(),
        "",
        "## Today",
        "",
        f"{count(len(chain.functions), 'function')}, {count(len(hops), 'hop')}; verdict: {decision(chain) or 'none'}.",
        "",
        "```mermaid",
        chart(scan, chain, hops).rstrip(),
        "```",
        "",
        *hop_table(scan, hops),
        "## Files",
        "",
        *_listed(proposal),
        "",
        *_placeholders(proposal),
        *_steps(any(".asl." in item.path for item in proposal.files)),
        "## How to make this again",
        "",
        f"In the folder that was scanned, where paths start: {code(_command(chain, proposal, language, claim))}, "
        f"untangle {__version__}.",
        "",
    ]
    return NewFile(path=NAME, text="\n".join(lines))


def _listed(proposal: Proposal) -> Iterable[str]:
    """The files by name; those of the outbox are one line, as they are the same in every proposal."""
    own = [item for item in sorted(proposal.files) if not item.path.startswith(f"{OUTBOX}/")]
    shipped = len(proposal.files) - len(own)
    yield from (f"- {code(item.path)}" for item in own)
    if shipped:
        yield f"- {code(f'{OUTBOX}/')}: the outbox, {count(shipped, 'file')} that ship with the functions"


def _placeholders(proposal: Proposal) -> Iterable[str]:
    """What to do with the `${Name}`s of the definitions."""
    paths = [item.path for item in proposal.files]
    if SUBSTITUTIONS not in paths:
        return ()
    several = sum(path.endswith(SUBSTITUTIONS) for path in paths) > 1
    own = f"each definition has its own; {code(SUBSTITUTIONS)} is that of the state machine itself. " if several else ""
    made = "A name there that no template declares is that of a state machine of this proposal. " if several else ""
    return (
        f"{code('${…}')} in a definition stands for what {code(SUBSTITUTIONS)} says: {own}{made}In CloudFormation, SAM and "
        f"Serverless they are the {code('DefinitionSubstitutions')} of the state machine, in Terraform the variables of "
        f"{code('templatefile')}.",
        "",
    )


def _command(chain: Chain, proposal: Proposal, language: Language, claim: str | None) -> str:
    chosen = " --format yaml" if any(item.path.endswith(".asl.yaml") for item in proposal.files) else ""
    chosen += "" if language == "jsonata" else f" --query-language {language}"
    chosen += f" --claim-check {claim}" if claim else ""
    return f"untangle propose . --chain {chain.id} -o proposals{chosen}"


def branch_of(chain: Chain) -> str:
    """The name of the chain's branch: the same as long as its hops are."""
    return f"untangle/{chain.id}-{fingerprint(chain)}"


def files_of(
    scan: Scan, chain: Chain, proposal: Proposal, view: View, language: Language = "jsonata", claim: str | None = None
) -> tuple[NewFile, ...]:
    """The proposal's files and its page, in `workflows/<chain>/` below the scanned folder."""
    files = (*proposal.files, migration(scan, chain, proposal, view, language, claim))
    return tuple(NewFile(path=f"{FOLDER}/{chain.id}/{item.path}", text=item.text) for item in sorted(files))


def message_of(chain: Chain, proposal: Proposal) -> str:
    """The message of the commit that adds them."""
    return f"{proposal.title}\n\nNothing is deployed or switched by this commit; {NAME} says how to go on.\n\nChain: {chain.id}"


def _steps(machine: bool) -> Iterable[str]:
    """What to do next, with a state machine or without one."""
    steps: tuple[str, ...] = ("read the hops above: each has its evidence; a wrong one is rejected in `untangle.toml`",)
    if machine:
        steps += (
            "read what the proposal says it cannot do, and what would differ at run time",
            "then make the change in the order above: every phase but the last can be gone back from",
        )
    else:
        steps += ("read the contracts: they are what the functions promise one another today",)
    nothing = "Nothing is switched by merging these files: no template was changed, and every message goes the way it went."
    if machine:
        nothing += (
            " The outbox, the wrapper by which the handlers hand their calls to the workflow, passes everything through until a "
            "workflow asks for effects."
        )
    return ("## How to go on", "", nothing, "", *(f"- [ ] {step}" for step in steps), "")
