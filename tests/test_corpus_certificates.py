"""Certificates for the labelled corpus, whose handlers nobody has changed: applications that need nothing but the AWS SDK.

The sources are not part of the repository: `UNTANGLE_CORPUS` names the folder that holds them, one application each.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from untangle.config import Config
from untangle.pipeline import scan, verify

CORPUS = os.environ.get("UNTANGLE_CORPUS")
# Applications, and a function of the chain that is proved. Of the first ones messages go over the hops; what the handlers of the
# others read at their start is not in the tree, so that their certificates say that they prove nothing.
PROVED = {
    "serverless+examples": "sender",
    "cdk-patterns+serverless": "atmProducerLambda71029F8F",
}
MADE = {"dowjones+hammer": "LambdaInitiateEvaluation"}
SCENARIOS = 1


def needs(root: Path, language: str) -> None:
    """Skips, and says so, where the sources or what runs them is not there."""
    if not CORPUS:
        pytest.skip("UNTANGLE_CORPUS is not set: the labelled corpus is not part of the repository")
    if not any(path.suffix in (".py", ".js", ".ts") for path in root.rglob("*")):
        pytest.skip(f"{root} holds labels, but no sources: lay them out first")
    if language == "nodejs" and shutil.which("node") is None:
        pytest.skip("node is not installed")


def chain_of(root: Path, function: str) -> tuple[object, str]:
    """The scan of an application, and the id of the first chain that this function is an entry of."""
    found = scan(root, config=Config())
    entered = ((chain.id, found.graph.function(entry).address) for chain in found.chains for entry in chain.entries)
    return found, next(id for id, address in entered if address.endswith(function))


@pytest.mark.parametrize(("application", "entry"), PROVED.items(), ids=PROVED)
def test_messages_go_over_its_hops_and_both_sides_are_equal(application: str, entry: str) -> None:
    root = Path(CORPUS or "") / application
    needs(root, "nodejs")
    found, chain = chain_of(root, entry)
    certificate = verify(found, chain, root, budget=SCENARIOS, mutants=False)  # type: ignore[arg-type]
    assert certificate.proves, certificate.unable
    assert all(certificate.hops.values())


@pytest.mark.parametrize(("application", "entry"), MADE.items(), ids=MADE)
def test_a_certificate_is_made_and_says_what_it_does_not_prove(application: str, entry: str) -> None:
    root = Path(CORPUS or "") / application
    needs(root, "python")
    found, chain = chain_of(root, entry)
    certificate = verify(found, chain, root, budget=SCENARIOS, mutants=False)  # type: ignore[arg-type]
    assert certificate.equal
    assert certificate.proves or set(certificate.unable) >= set(certificate.hops)
