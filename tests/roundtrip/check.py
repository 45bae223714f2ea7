"""The round trip of one made-up workflow: written, scanned, planned, proved; and everything in which it did not come back."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import networkx as nx

from tests.roundtrip.code import files
from tests.roundtrip.shape import TYPES, Application, Drawn, hops
from tests.roundtrip.template import template
from untangle import pipeline
from untangle.asl import validate
from untangle.config import Config
from untangle.emit.migrated import migrated
from untangle.model.certificate import Certificate, Scenario
from untangle.model.link import Hop, LinkKind
from untangle.model.scan import Scan
from untangle.model.workflow import Workflow
from untangle.plan import plan
from untangle.simulate.verify import prove as proof
from untangle.simulate.verify import stimuli
from untangle.simulate.verify.document import read
from untangle.simulate.verify.options import Options
from untangle.simulate.verify.prove import Job, prove_job

BUDGET = 8  # scenarios of each chain
VARIANTS = 4  # of each trigger
INVOCATIONS = frozenset(TYPES.values())


@dataclass(slots=True)
class Trip:
    """What came of one: `problems` are those of the product, in words that begin with their kind ("missing: …")."""

    seed: int
    hops: int = 0
    moved: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    chains: int = 0
    proved: int = 0
    scenarios: int = 0
    explained: int = 0
    unrun: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def written(application: Application) -> dict[str, str]:
    """The files of an application, by path."""
    return {"template.yaml": template(application), **files(application)}


def check(application: Application, *, budget: int = BUDGET, prove: bool = True) -> Trip:
    """The round trip of an application; an error of the product is a problem too."""
    trip = Trip(seed=application.seed)
    with TemporaryDirectory(prefix="untangle-roundtrip-") as folder:
        for name, text in written(application).items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        try:
            _check(application, Path(folder), trip, budget if prove else 0)
        except Exception as error:
            where = error.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where is not None else ""
            trip.problems.append(f"error: {type(error).__name__}: {error} ({place})")
    return trip


def _check(application: Application, root: Path, trip: Trip, budget: int) -> None:
    with _timed(trip, "scan"):
        scan = pipeline.scan(root, config=Config())
    drawn = {str(hop): hop for hop in hops(application)}
    trip.hops, trip.chains = len(drawn), len(scan.chains)
    trip.problems += [*_hops(scan, drawn), *_chains(scan, drawn)]
    for chain in scan.chains:
        with _timed(trip, "plan"):
            workflow = plan(scan.graph, chain)
        trip.moved += len(workflow.migrated)
        trip.problems += _kept(scan, workflow, drawn, application, trip.kept)
        if workflow.root is None:
            continue
        with _timed(trip, "emit"):
            proposal = migrated(workflow, scan.graph)
        for name, definition in proposal.definitions.items():
            wrong = [item for item in validate(definition) if item.severity == "error"]
            trip.problems += [f"definition: {name}: {item.code} {item.message}" for item in wrong]
        if budget:
            with _timed(trip, "verify"):
                job = Job(
                    graph=scan.graph, root=root, chain=chain, migrated=proposal, options=Options(budget=budget, mutants=False)
                )
                # An application that fails is made smaller as a whole, so its scenarios need not be.
                with patch.object(proof, "TOLD", 0), patch.object(stimuli, "VARIANTS", VARIANTS):
                    certificate = read(prove_job(job, lambda text: None))
            _proved(certificate, trip)


class _timed:
    """Adds the seconds of a stage."""

    def __init__(self, trip: Trip, stage: str) -> None:
        self.trip, self.stage, self.start = trip, stage, time.perf_counter()

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        self.trip.seconds[self.stage] = self.trip.seconds.get(self.stage, 0.0) + time.perf_counter() - self.start


# Isomorphic: the hops and chains that were drawn, and no others.


def _short(node: str) -> str:
    return node.rpartition("/")[2]


def found(hop: Hop) -> str:
    """A hop of a scan, as `Drawn` writes it."""
    ways = [item.type if item.type in INVOCATIONS else f"{item.type}:{_short(item.channel)}" for item in hop.passages]
    return f"{_short(hop.producer)} -{'/'.join(ways)}-> {_short(hop.consumer)}"


def _hops(scan: Scan, drawn: Mapping[str, Drawn]) -> Iterator[str]:
    standing = {found(hop): hop for hop in scan.graph.standing}
    for name, hop in drawn.items():
        if hop.sure and name not in standing:
            yield f"missing: {name}"
    for name, hop in standing.items():
        if name not in drawn:
            yield f"invented: {name}"
        elif not drawn[name].sure:
            yield f"not excluded: {name}"
        else:
            calls = [link for link in hop.links if link.kind is LinkKind.PUBLISH and link.reason in (None, "on_success")]
            times = tuple(sorted(link.per_record or link.multiplicity for link in calls))
            if times != drawn[name].times:
                yield f"multiplicity: {name}: {drawn[name].times} is read as {times}"
    for gap in scan.graph.gaps:
        yield f"gap: {gap.what}: {gap.why}"


def _chains(scan: Scan, drawn: Mapping[str, Drawn]) -> Iterator[str]:
    graph = nx.DiGraph((hop.producer, hop.consumer) for hop in drawn.values() if hop.sure)
    wanted = {frozenset(part) for part in nx.weakly_connected_components(graph)}
    for chain in scan.chains:
        functions = frozenset(map(_short, chain.functions))
        if functions not in wanted:
            yield f"chain: {chain.id} of {', '.join(sorted(functions))} was not drawn"
        wanted.discard(functions)
    yield from (f"chain: of {', '.join(sorted(part))} is missing" for part in wanted)


# What may stay, and what must.

_Fits = Callable[[Drawn, Application], bool]


# The words of a reason that keeps a hop, with the hops for which it may be given; None: for a hop beside one that stays.
STAYS: tuple[tuple[str, str, _Fits | None], ...] = (
    ("window", "over a window before the function runs", lambda hop, _: hop.listener.window > 0 and hop.listener.batch > 1),
    ("large batch", "works on batches of up to", lambda hop, _: hop.listener.batch > 10),
    ("stream", "a stream keeps the order of its records", lambda hop, _: hop.channel.type == "kinesis"),
    ("answer", "the caller waits for the answer", lambda hop, _: hop.channel.type == "call"),
    ("limit", "the mapping limits the function", lambda hop, _: hop.listener.most > 0),
    ("order", "it is FIFO", lambda hop, _: hop.channel.fifo),
    (
        "position",
        "reads Records.*.dynamodb.SequenceNumber",
        lambda hop, application: (
            hop.channel.type == "dynamodb_stream" and any(listener.partial for _, listener in application.listening(hop.consumer))
        ),
    ),
    ("cut off", "cut off by what stays", None),
    ("shared", "its subscription also serves", None),
    ("shared", "others start it in the same way", None),
    ("destination", "the on-success destination of", None),
)


def _kept(
    scan: Scan, workflow: Workflow, drawn: Mapping[str, Drawn], application: Application, tally: Counter[str]
) -> Iterator[str]:
    """Hops that stay though nothing that was drawn asks for it, and hops that move though something does."""
    for obstacle in workflow.obstacles:
        if not obstacle.blocking:
            continue
        row = next((row for row in STAYS if row[1] in obstacle.text), None)
        if row is None:
            yield f"kept: {obstacle.text}"
            continue
        tally[row[0]] += len(obstacle.hops)
        for id in obstacle.hops:
            hop = drawn.get(found(scan.graph.hop(id)))
            if hop is not None and row[2] is not None and not row[2](hop, application):
                yield f"kept: {obstacle.text}"
    for id in workflow.migrated:
        hop = drawn.get(found(scan.graph.hop(id)))
        if hop is not None:
            for name, _, fits in STAYS:
                if fits is not None and name not in ("order", "limit") and fits(hop, application):
                    yield f"moved: {hop}, which has a reason to stay ({name})"


# Equivalent: what the proof says.


def _proved(certificate: Certificate, trip: Trip) -> None:
    trip.proved += 1
    trip.scenarios += sum(scenario.equal is not None for scenario in certificate.scenarios)
    trip.explained += sum(bool(scenario.deviations) for scenario in certificate.scenarios if scenario.equal)
    for scenario in certificate.scenarios:
        if scenario.equal is False:
            trip.problems.append(_unequal(scenario))
    trip.unrun += [f"{name}: {reason}" for name, reason in certificate.unable.items()]
    trip.problems += [f"unable: {one.name}: {one.unable}" for one in certificate.scenarios if one.unable]
    if not certificate.scenarios:
        trip.problems.append("unable: no scenario could be run")


def _unequal(scenario: Scenario) -> str:
    """A scenario that is not equal, in a line."""
    what = [f"{item.kind} of {_short(item.subject)}" for item in scenario.deviations if not item.reason]
    faults = f" with {'; '.join(scenario.faults)}" if scenario.faults else ""
    return f"unequal: {scenario.name}{faults}: {', '.join(what)}"


def kinds(trip: Trip) -> Counter[str]:
    """The problems by kind."""
    return Counter(problem.partition(":")[0] for problem in trip.problems)


def same_fault(problem: str) -> tuple[str, bool, str]:
    """What a problem keeps while an application is made smaller: its kind, whether a fault was injected, what differed first."""
    kind, _, rest = problem.partition(": ")
    if kind != "unequal":
        return kind, False, ""
    return kind, " with " in rest, rest.rpartition(": ")[2].partition(" ")[0]


_NAME = re.compile(r"\b(?:template/)?[A-Z][a-zA-Z]*\d*(?:#\w+)?\b|\d+(?:\.\d+)?")


def shape_of(problem: str) -> str:
    """A problem without its names and numbers, so that like ones fall together."""
    return _NAME.sub("X", problem)
