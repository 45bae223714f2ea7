"""The certificate of a proof, in the proposal it belongs to: a file for programs, a section for who reviews it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from untangle.emit.certificate import as_json, headline, made_of, planted_line, survivors
from untangle.emit.markdown import code, prose
from untangle.emit.wording import clean, count
from untangle.errors import InputError
from untangle.model.certificate import Certificate
from untangle.model.change import NewFile, Proposal

CERTIFICATE = "certificate.json"
_SHOWN = 5  # of what is unequal, not proved, survived; the file has them all
_LINES = 40  # of a story


def attached(proposal: Proposal, certificate: Certificate) -> Proposal:
    """The proposal with its certificate. Raises InputError where that belongs to another one."""
    check(certificate, proposal)
    section = "\n".join(proof_section(certificate))
    first = re.search(r"^## ", proposal.body, re.MULTILINE)  # it stands after the verdict, before all else
    place = first.start() if first is not None else len(proposal.body)
    body = f"{proposal.body[:place]}{section}\n{proposal.body[place:]}"
    files = (*proposal.files, NewFile(path=CERTIFICATE, text=as_json(certificate)))
    return replace(proposal, body=body, files=tuple(sorted(files)))


def check(certificate: Certificate, proposal: Proposal) -> None:
    """Raises InputError where a certificate belongs to another chain or to other definitions."""
    if certificate.chain != proposal.chain:
        raise InputError(f"the certificate is one of {certificate.chain}, not of {proposal.chain}")
    if certificate.fingerprint != proposal.fingerprint:
        made = f"the certificate proves definition {certificate.fingerprint}"
        now = f"the definition is {proposal.fingerprint} now" if proposal.fingerprint else "there is no definition any more"
        raise InputError(f"{made} of {proposal.chain}, and {now}", hint=f"prove it again: {command(certificate)}")


def command(certificate: Certificate) -> str:
    """The command that makes such a certificate again."""
    chosen = "" if certificate.language == "jsonata" else f" --query-language {certificate.language}"
    chosen += f" --claim-check {certificate.claim}" if certificate.claim else ""
    seed = f" --seed {certificate.seed}" if certificate.seed else ""
    return f"untangle verify . --chain {certificate.chain}{chosen}{seed} -o {CERTIFICATE}"


def proof_section(certificate: Certificate) -> Iterator[str]:
    """What was proved, as Markdown: short, with whatever speaks against it."""
    yield "## Proof"
    yield ""
    yield f"**{prose(_capital(headline(certificate)))}.**"
    yield ""
    yield f"Both sides were run on the same handlers, by {code(command(certificate))}; {code(CERTIFICATE)} holds every scenario."
    yield f"{prose(_capital(made_of(certificate)))}."
    yield ""
    yield from _unequal(certificate)
    if certificate.unable:
        yield from ("Not proved:", "")
        yield from _listed([f"{what}: {why}" for what, why in sorted(certificate.unable.items())])
    if certificate.mutants:
        yield f"{prose(_capital(planted_line(certificate)))}."
        yield ""
        yield from _listed(list(survivors(certificate)))
    seen = Counter(reason for one in certificate.scenarios for reason in {item.reason for item in one.deviations if item.reason})
    if seen:
        yield from ("Differences that showed, each one that is listed under what changes at run time:", "")
        yield from (f"- {prose(reason)} ({count(number, 'scenario')})" for reason, number in sorted(seen.items()))
        yield ""


def _unequal(certificate: Certificate) -> Iterator[str]:
    for one in [one for one in certificate.scenarios if one.equal is False][:_SHOWN]:
        yield f"- DIFFERENT: {prose(one.name)}"
        yield from (f"  - {item.kind} of {code(item.subject)}" for item in one.deviations if not item.reason)
        if one.story:
            yield from ("", "  ```text", *(f"  {_plain(line)}" for line in one.story[:_LINES]), "  ```", "")
    yield ""


def _listed(items: list[str]) -> Iterator[str]:
    yield from (f"- {prose(text)}" for text in items[:_SHOWN])
    if len(items) > _SHOWN:
        yield f"- and {len(items) - _SHOWN} more"
    yield ""


def _plain(line: str) -> str:
    """A line of a story in a fence: nothing in it can end that."""
    return clean(line).replace("```", "'''")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
