"""The round trip of many seeds: random workflows are written as SAM applications, scanned, planned, and proved to come back.

    python benchmarks/roundtrip.py [--seeds 200] [--start 0] [--largest 6] [--budget 8] [--shrink 2] [--no-proof] [--json FILE]

Each seed draws a workflow (see `tests/roundtrip/draw.py`), writes it as a choreographed application with handlers, scans and
plans that and runs both sides of each chain. The hops and chains that are found must be those that were drawn, what stays must
have been drawn with a reason to stay, the definitions must be valid, and every scenario must come out equal. Seeds that fail are
listed by the shape of what is wrong; the first `--shrink` that fail in different ways are made small and printed as files. Exit 1
where any failed.
The seeds go through a process of their own, twenty at a time; how far it is, and each seed that fails, goes to stderr.
Nightly: --seeds 3000 --start "$(date +%Y%m%d)0000" --largest 5 --budget 6 --json FILE (about three hours on one core), so that
each night draws other workflows; a seed that failed is made again by --seeds 1 --start SEED with the same --largest and --budget.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

from measure import REPOSITORY, columns, machine

sys.path.insert(0, str(REPOSITORY))

from tests.roundtrip.check import Trip, check, same_fault, shape_of, written
from tests.roundtrip.draw import draw
from tests.roundtrip.shape import Application, hops
from tests.roundtrip.shrink import shrunk

_TOLD = 10.0  # seconds between two lines of progress
_AT_A_TIME = 20  # seeds of one process: what moto and botocore keep is given back then


def main() -> int:
    """Make the trips and tell what came of them."""
    asked = _arguments()
    work = [(seed, asked.largest, asked.budget, not asked.no_proof) for seed in range(asked.start, asked.start + asked.seeds)]
    began = time.perf_counter()
    told = began
    trips: list[Trip] = []
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=_AT_A_TIME) as pool:
        for trip in pool.imap(_trip, work):
            trips.append(trip)
            if trip.problems:
                print(f"seed {trip.seed} failed: {trip.problems[0]}", file=sys.stderr, flush=True)
            if time.perf_counter() - told > _TOLD:
                told = time.perf_counter()
                bad, pace = sum(bool(one.problems) for one in trips), (told - began) / len(trips)
                print(f"{len(trips)} of {asked.seeds} seeds, {bad} failed, {pace:.2f} s each", file=sys.stderr, flush=True)
    _tell(trips, asked)
    if asked.json:
        written_down = {
            "machine": machine(),
            "trips": [{one.name: getattr(trip, one.name) for one in fields(trip)} for trip in trips],
        }
        Path(asked.json).write_text(json.dumps(written_down, indent=1) + "\n")
    return int(any(trip.problems for trip in trips))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--largest", type=int, default=6, help="functions of a workflow")
    parser.add_argument("--budget", type=int, default=8, help="scenarios of a chain")
    parser.add_argument("--shrink", type=int, default=2, help="failing applications that are made small and printed")
    parser.add_argument("--no-proof", action="store_true", help="scan and plan only")
    parser.add_argument("--json", help="write all of it to this file")
    return parser.parse_args()


def _trip(work: tuple[int, int, int, bool]) -> Trip:
    seed, largest, budget, prove = work
    return check(draw(seed, largest), budget=budget, prove=prove)


def _tell(trips: list[Trip], asked: argparse.Namespace) -> None:
    bad = [trip for trip in trips if trip.problems]
    seconds = [sum(trip.seconds.values()) for trip in trips]
    stages: Counter[str] = sum((Counter(trip.seconds) for trip in trips), Counter())
    kept: Counter[str] = sum((trip.kept for trip in trips), Counter())
    rows: list[tuple[str, Any]] = [
        ("seeds", len(trips)),
        ("hops drawn", sum(trip.hops for trip in trips)),
        ("hops that move", sum(trip.moved for trip in trips)),
        ("hops that stay", ", ".join(f"{name} {count}" for name, count in kept.most_common())),
        ("chains proved", sum(trip.proved for trip in trips)),
        ("scenarios", sum(trip.scenarios for trip in trips)),
        ("equal by a listed difference", sum(trip.explained for trip in trips)),
        ("hops that no input reached", sum(len(trip.unrun) for trip in trips)),
        ("seeds that failed", len(bad)),
        ("seconds, median and slowest", f"{statistics.median(seconds):.2f}, {max(seconds):.1f}"),
        ("by stage", ", ".join(f"{name} {count:.1f}" for name, count in stages.most_common())),
    ]
    print(columns([(name, str(value)) for name, value in rows]))
    shapes: dict[str, Trip] = {}
    counts: Counter[str] = Counter()
    for trip in bad:
        for shape in dict.fromkeys(map(shape_of, trip.problems)):
            shapes.setdefault(shape, trip)
            counts[shape] += 1
    for shape, count in counts.most_common():
        first = next(problem for problem in shapes[shape].problems if shape_of(problem) == shape)
        print(f"\n{count} seeds, first {shapes[shape].seed}: {first}")
    ways: dict[tuple[str, bool, str], Trip] = {}
    for shape, _ in counts.most_common():
        trip = shapes[shape]
        ways.setdefault(same_fault(next(problem for problem in trip.problems if shape_of(problem) == shape)), trip)
    for wanted, trip in list(ways.items())[: asked.shrink]:
        _show(trip.seed, wanted, asked)


def _show(seed: int, wanted: tuple[str, bool, str], asked: argparse.Namespace) -> None:
    """A failing application, made small for as long as it fails in the same way, as files."""
    application = draw(seed, asked.largest)
    prove = not asked.no_proof and wanted[0] in ("unequal", "unable", "error")
    print(f"making seed {seed} small", file=sys.stderr, flush=True)

    def fails(one: Application) -> bool:
        return any(same_fault(problem) == wanted for problem in check(one, budget=asked.budget, prove=prove).problems)

    small = shrunk(application, fails)
    print(f"\n=== seed {seed}, made small: {'; '.join(map(str, hops(small)))}")
    for problem in check(small, budget=asked.budget, prove=prove).problems:
        print(f"  {problem}")
    for name, text in written(small).items():
        print(f"--- {name}\n{text}")


if __name__ == "__main__":
    sys.exit(main())
