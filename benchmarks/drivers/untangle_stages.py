"""The stages of one scan, each timed as the pipeline reports its progress; then the same scan in one process under the profiler.

Stages that are worked at by several processes are timed as a whole; then, in one process, each format by itself.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
import time
from pathlib import Path

START = time.perf_counter()


def stages(start: float) -> None:
    """One scan, and the seconds of each of its stages."""
    from untangle.config import Config
    from untangle.pipeline import scan

    told = [("start", start)]
    scan(Path(sys.argv[1]), config=Config(), progress=lambda stage: told.append((stage, time.perf_counter())))
    ends = [*(at for _, at in told[1:]), time.perf_counter()]
    for (stage, at), end in zip(told, ends, strict=True):
        print(f"{end - at:7.2f} s  {stage}")


def main() -> None:
    from untangle import pipeline
    from untangle.config import Config
    from untangle.pipeline import scan
    from untangle.scanners import beside

    stages(START)
    print("\nin one process, modules imported")
    beside.MOST_PROCESSES, pipeline._LARGE = 1, sys.maxsize
    stages(time.perf_counter())
    profiler = cProfile.Profile()
    profiler.runcall(scan, Path(sys.argv[1]), config=Config())
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(25)
    print(out.getvalue().replace(str(Path(__file__).resolve().parents[2]) + "/", ""))


main()
