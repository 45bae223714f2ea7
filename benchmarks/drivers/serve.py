"""How a driver talks to `measure.race`: one JSON line with the task, then one line per turn, answered by time and counts.

Stands on the standard library alone, since it runs in every peer's environment.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Counts = dict[str, Any]
Work = Callable[[], tuple[Counts, Counts]]


def serve(prepare: Callable[[dict[str, Any]], Work]) -> None:
    """`prepare` gets the task and loads the tool; the work that it returns is timed each turn and gives (counts, details)."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # tools may print; the answers' pipe is ours alone
    work = prepare(json.loads(sys.stdin.readline()))
    print("{}", file=answers, flush=True)
    for _ in sys.stdin:
        gc.collect()
        start = time.perf_counter()
        counts, details = work()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answer = {"seconds": seconds, "counts": counts, "details": details, "peak_mb": peak}
        print(json.dumps(answer), file=answers, flush=True)
