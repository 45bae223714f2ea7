"""Plans for the labelled corpus: no chain goes without a plan that holds up or a verdict that says why.

Each folder of the corpus is one application. The same is asked of ours in `tests/apps` and `examples`, so that these
questions are asked where there is no corpus too.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cloudformation import refused
from untangle.asl import validate
from untangle.config import Config
from untangle.errors import UntangleError
from untangle.model.change import Proposal
from untangle.model.scan import Scan
from untangle.pipeline import propose, scan
from untangle.plan import plan

HERE = Path(__file__).parent
CORPUS = os.environ.get("UNTANGLE_CORPUS")
PATIENCE = 5.0  # seconds for one chain; the largest takes a fraction of one


def applications() -> Iterator[Any]:
    """Every application there is, as a parameter; one that is skipped, and says so, where the corpus is not at hand."""
    for folder in (HERE / "apps", HERE.parent / "examples", *([Path(CORPUS)] if CORPUS else [])):
        yield from (pytest.param(path, id=path.name) for path in sorted(folder.iterdir()) if path.is_dir())
    if not CORPUS:
        reason = "UNTANGLE_CORPUS is not set: the labelled corpus is not part of the repository"
        yield pytest.param(Path(), id="corpus", marks=pytest.mark.skip(reason=reason))


@cache
def scanned(root: Path) -> Scan | None:
    """What an application holds; None where there is no source in it."""
    try:
        return scan(root, config=Config())
    except UntangleError:
        return None


@cache
def proposed(root: Path) -> tuple[tuple[Scan, str, Proposal], ...]:
    """A proposal for every chain of an application, those included whose verdict is to keep it."""
    found = scanned(root)
    return () if found is None else tuple((found, chain.id, propose(found, chain.id)) for chain in found.chains)


def definitions(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The definitions among the proposals, by chain and file."""
    for _, chain, proposal in proposed(root):
        for file in proposal.files:
            if file.path.endswith(".asl.json"):
                yield f"{chain}/{file.path}", json.loads(file.text)


@pytest.mark.parametrize("root", tuple(applications()))
class TestEveryChain:
    def test_it_has_a_verdict_with_reasons(self, root: Path) -> None:
        for found, id, _ in proposed(root):
            verdict = next(chain for chain in found.chains if chain.id == id).verdict
            assert verdict is not None and verdict.reasons, id
            assert verdict.decision == "migrate" or any(reason.toward == "keep" for reason in verdict.reasons), id

    def test_what_does_not_move_says_why(self, root: Path) -> None:
        for found, id, _ in proposed(root):
            chain = next(chain for chain in found.chains if chain.id == id)
            workflow = plan(found.graph, chain)
            explained = {hop for obstacle in workflow.obstacles if obstacle.blocking for hop in obstacle.hops}
            assert set(workflow.kept) <= explained, id
            assert set(workflow.kept) | set(workflow.migrated) == set(chain.hops), id
            assert workflow.root is not None or not workflow.migrated, id

    def test_nothing_is_proposed_across_a_hop_that_is_not_sure(self, root: Path) -> None:
        for found, id, _ in proposed(root):
            chain = next(chain for chain in found.chains if chain.id == id)
            hops = [found.graph.hop(hop) for hop in plan(found.graph, chain).migrated]
            assert [hop.id for hop in hops if not hop.confidence.reported or hop.switched_off] == [], id

    def test_its_definition_is_valid(self, root: Path) -> None:
        assert [(chain, str(found)) for chain, made in definitions(root) for found in validate(made)] == []

    def test_cloudformation_would_take_it(self, root: Path) -> None:
        made = dict(definitions(root))
        if made:
            assert cfn_lint(made) == []

    def test_it_is_planned_at_once(self, root: Path) -> None:
        found = scanned(root)
        for chain in found.chains if found is not None else ():
            began = time.process_time()
            plan(found.graph, chain)
            assert time.process_time() - began < PATIENCE, chain.id


def cfn_lint(made: dict[str, dict[str, Any]]) -> list[str]:
    """The errors that cfn-lint finds in definitions."""
    return [text for text in refused(map(filled, made.values())) if text.startswith("E")]


def filled(definition: dict[str, Any]) -> Any:
    """A definition without substitutions, which are the template's to make."""
    return json.loads(json.dumps(definition).replace("${", "<<"))
