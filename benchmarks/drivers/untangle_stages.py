"""The stages of one scan, each timed as the pipeline reports its progress; then the same scan under the profiler."""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
import time
from pathlib import Path

START = time.perf_counter()


def main() -> None:
    from untangle.config import Config
    from untangle.pipeline import scan

    told = [("start", START)]
    scan(Path(sys.argv[1]), config=Config(), progress=lambda stage: told.append((stage, time.perf_counter())))
    ends = [*(at for _, at in told[1:]), time.perf_counter()]
    for (stage, at), end in zip(told, ends, strict=True):
        print(f"{end - at:7.2f} s  {stage}")
    profiler = cProfile.Profile()
    profiler.runcall(scan, Path(sys.argv[1]), config=Config())
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(25)
    print(out.getvalue().replace(str(Path(__file__).resolve().parents[2]) + "/", ""))


main()
