"""A workflow is longer than anyone in it can see.

**What it costs** Each function knows the channel it writes to, and nothing beyond. From the third function on, no log
line, timeout or alarm of the first tells whether the work was finished; an order that got stuck in the middle is found
by its customer.

**Instead** A state machine holds the whole path in one execution, with one history, one timeout and one place to retry
from. Where the parts belong to different teams, carry a correlation id and trace it from end to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from untangle.detect.detector import Chains, Detector, finding, rule
from untangle.model.chain import Chain, Finding
from untangle.model.graph import EventGraph

RULE = rule("long-chain", "note", __doc__)
LONG = 4
SHOWN = 10


def detect(graph: EventGraph, chains: Chains) -> Iterator[Finding]:
    """One finding for each chain whose longest way, circles counted once, passes four functions or more."""
    for chain in chains:
        path = _longest(graph, chain)
        if len(path) >= LONG:
            shown = path if len(path) <= SHOWN else [*path[: SHOWN - 2], "…", path[-1]]
            names = " → ".join(name if name == "…" else graph.function(name).address for name in shown)
            where = [graph.function(function).location for function in path[:SHOWN]]
            yield finding(RULE, f"{len(path)} functions stand one behind the other: {names}", [chain.entries[0]], where)


def _longest(graph: EventGraph, chain: Chain) -> Sequence[str]:
    """The functions on a longest way through a chain; hops that close a circle are left out.

    Depth-first with a work list (a chain may be thousands of functions deep); each hop is looked at once.
    """
    known = frozenset(chain.hops)
    onward = {function: _onward(graph, function, known) for function in chain.functions}
    best: dict[str, tuple[int, str | None]] = {}
    for start in (*chain.entries, *chain.functions):
        pending = [(start, iter(onward[start]))] if start not in best else []
        open_ = {start}
        while pending:
            function, rest = pending[-1]
            following = next((name for name in rest if name not in best and name not in open_), None)
            if following is not None:
                open_.add(following)
                pending.append((following, iter(onward[following])))
                continue
            pending.pop()
            open_.discard(function)
            best[function] = _best(onward[function], best)
    return _followed(max(chain.functions, key=lambda function: best[function][0]), best)


def _onward(graph: EventGraph, function: str, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({hop.consumer for hop in graph.leaving(function) if hop.id in known and hop.reason != "redrive"}))


def _best(following: Iterable[str], best: dict[str, tuple[int, str | None]]) -> tuple[int, str | None]:
    """The longest of the ways that begin behind a function, with itself in front."""
    known = [name for name in following if name in best]
    if not known:
        return 1, None
    longest = max(known, key=lambda name: best[name][0])
    return best[longest][0] + 1, longest


def _followed(start: str, best: dict[str, tuple[int, str | None]]) -> list[str]:
    path: list[str] = []
    name: str | None = start
    while name is not None:
        path.append(name)
        name = best[name][1]
    return path


DETECTOR = Detector(name="long_chain", rules=(RULE,), detect=detect)
