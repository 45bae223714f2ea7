"""Certificates on the command line: files that are brought, proofs that are made on the spot, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from untangle.cli.documents import text_in
from untangle.cli.progress import progress
from untangle.cli.source import Source, option
from untangle.errors import InputError

if TYPE_CHECKING:
    from untangle.emit.asl import Language
    from untangle.model.certificate import Certificate
    from untangle.model.change import Proposal
    from untangle.model.scan import Scan

CERTIFICATES = option("--certificate", "certificates", multiple=True, metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Show what `untangle verify -o FILE` has proved of a chain; repeatable.")  # fmt: skip


def given(files: Iterable[Path], chains: Iterable[str]) -> dict[str, Certificate]:
    """The certificates in files, by chain. Raises InputError where one cannot be read, or is of none of these chains."""
    from untangle.emit.certified import read_certificate

    known, found = frozenset(chains), {}
    for file in files:
        one = read_certificate(text_in(file), str(file))
        if one.chain not in known:
            of = ", ".join(sorted(known)[:5]) or "any chain"
            raise InputError(f"the certificate is one of {one.chain}, not of {of}", where=str(file))
        if one.chain in found:
            raise InputError(f"there are two certificates of {one.chain}", where=str(file))
        found[one.chain] = one
    return found


def proved(proposal: Proposal, certificate: Certificate | None) -> Proposal:
    """The proposal with its certificate. Raises InputError where that is one of another definition."""
    from untangle.emit.proof import attached

    return proposal if certificate is None else attached(proposal, certificate)


def fitting(scan: Scan, certificate: Certificate) -> None:
    """Raises InputError where a certificate is of another definition than the one that would be proposed now."""
    from untangle import pipeline
    from untangle.emit.proof import check

    language: Language = "jsonpath" if certificate.language == "jsonpath" else "jsonata"
    check(certificate, pipeline.propose(scan, certificate.chain, language, certificate.claim or None))


def made(source: Source, scan: Scan, chain: str, language: Language, claim: str | None) -> Certificate:
    """A proof with nothing but defaults."""
    from untangle.pipeline import verify

    root = source.path if source.path.is_dir() else source.path.parent
    with progress(source.verbose, source.quiet) as hear:
        return verify(scan, chain, root, language=language, claim=claim, progress=hear)
