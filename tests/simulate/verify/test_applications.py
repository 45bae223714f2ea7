"""Applications of different shapes are proved: all scenarios equal, and nearly every planted fault told apart.

The whole of it takes minutes and is in the README; here is a part of each that is quick.
"""

from __future__ import annotations

import pytest

from tests.simulate.verify.test_verify import APPS, failing, proof
from untangle import pipeline
from untangle.config import Config
from untangle.emit import migrated as emitted
from untangle.plan import plan
from untangle.simulate.application import Application
from untangle.simulate.faults import Fault
from untangle.simulate.handlers import Host
from untangle.simulate.verify.bench import Bench
from untangle.simulate.verify.inputs import inputs
from untangle.simulate.verify.options import Options
from untangle.simulate.verify.prove import _Proof
from untangle.simulate.verify.scenarios import Plan
from untangle.simulate.verify.telling import Telling
from untangle.simulate.world import World


def test_the_smallest_is_equal_and_its_planted_faults_are_told_apart() -> None:
    certificate = proof(APPS / "delayed-retry-loop", budget=16, mutants=True)
    assert failing(certificate) == set()
    assert certificate.equal
    assert certificate.score is not None and certificate.score >= 0.95, [m.change for m in certificate.mutants if not m.killed_by]


def fault(kind: str, function: str, **named: int | None) -> Fault:
    return Fault(kind=kind, subject=f"template/{function}", **named)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stages() -> _Proof:
    """The proof of an application whose stages write into one bucket: those who listen hear of each write at once."""
    scan = pipeline.scan(APPS / "s3-stages-in-one-bucket", config=Config())
    chain = scan.chain("extract")
    proposal = emitted.migrated(plan(scan.graph, chain), scan.graph)
    application = Application(scan.graph, APPS / "s3-stages-in-one-bucket", chain)
    host = Host(application)

    def world(application: Application, faults: object, migrated: object, held: object) -> World:
        if held is not None:
            return Telling(application, host, faults=faults, carried=held)
        return World(application, host, faults=faults, migrated=migrated)  # type: ignore[arg-type]

    return _Proof(Bench(application, proposal, world), Options(), lambda text: None)


@pytest.mark.parametrize(
    "faults",
    [
        (fault("timeout", "Extract"), fault("error", "Clean", last=None)),
        (fault("crash_after", "Clean"), fault("error", "Load", last=None)),
        (fault("error", "Extract", last=None), fault("duplicate", "Lake", message=1)),
        (fault("error", "Extract"), fault("error", "Clean", last=None, message=1)),
    ],
    ids=lambda faults: "; ".join(one.words for one in faults),
)
def test_two_stages_fail_after_they_have_written(stages: _Proof, faults: tuple[Fault, ...]) -> None:
    """What a try writes is heard of once, whoever fails further on."""
    given = inputs(stages.bench, Options(), {})[0]
    assert [found for found in stages.deviations(Plan(given=given, faults=faults)) if not found.reason] == []
