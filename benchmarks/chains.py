"""Plans of large chains: seconds and states as the chain doubles, beside passes of networkx over the same graph.

    python benchmarks/chains.py [--rounds 3] [--largest 1000] [--json FILE]

Each round plans every shape at every size and, right after it, lets networkx order the same functions topologically and find the
immediate dominators both ways, which is the least that a planner of structure has to know; the two are compared by ratio. A plan
that takes time in proportion to its chain keeps its microseconds for each hop as the chain doubles. `states` are those of all
definitions; `machines` counts them. Times are those of the processor.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from measure import REPOSITORY, arguments, columns, finish, machine

sys.path.insert(0, str(REPOSITORY))

from tests.arrows import arrows, chain
from untangle.emit.asl import asl_definitions
from untangle.model.graph import EventGraph
from untangle.plan import plan

SHAPES: dict[str, Callable[[int], str]] = {
    "line": lambda size: "; ".join(f"f{n} -sns/sqs-> f{n + 1}" for n in range(size)),
    "leaves": lambda size: "f -sns-> {" + ", ".join(f"c{n}" for n in range(size)) + "}",
    "ladder of diamonds": lambda size: "; ".join(
        f"f{n} -sns-> {{a{n}, b{n}}}; {{a{n}, b{n}}} -sqs:q{n}-> f{n + 1}" for n in range(size // 3)
    ),
    "loops in loops": lambda size: "; ".join(f"f{n} -sqs*-> f{n + 1}" for n in range(size)),
}


@dataclass(slots=True)
class Planned:
    """One shape at one size: seconds of each turn, and what came of it."""

    shape: str
    functions: int
    hops: int
    moved: int
    machines: int
    states: int
    seconds: list[float] = field(default_factory=list)
    networkx: list[float] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        """The measurement as a row of the table."""
        ours, theirs = statistics.median(self.seconds), statistics.median(self.networkx)
        told = (f"{ours:.2f}", f"{ours / self.hops * 1e6:.0f}", f"{ours / theirs:.0f}x")
        return (
            self.shape,
            f"{self.functions:,}",
            f"{self.hops:,}",
            f"{self.moved:,}",
            *told,
            str(self.machines),
            f"{self.states:,}",
        )


def measured(shape: str, size: int, rounds: int) -> Planned:
    """The turns of one shape at one size."""
    graph = arrows(SHAPES[shape](size))
    whole = chain(graph)
    workflow = plan(graph, whole)
    definitions = asl_definitions(workflow, graph)
    found = Planned(
        shape=shape,
        functions=len(graph.functions),
        hops=len(graph.hops),
        moved=len(workflow.migrated),
        machines=len(definitions),
        states=sum(map(states, definitions.values())),
    )
    for _ in range(rounds):
        found.seconds.append(timed(lambda: plan(graph, whole)))
        found.networkx.append(timed(lambda: passes(graph)))
    return found


def timed(work: Callable[[], object]) -> float:
    """The processor's seconds that a piece of work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def passes(graph: EventGraph) -> None:
    """Topological order, dominators and post-dominators by networkx, of one graph made of the hops."""
    import networkx as nx

    made: nx.DiGraph[str] = nx.DiGraph((hop.producer, hop.consumer) for hop in graph.hops)
    made.add_edges_from(("start", node) for node, degree in list(made.in_degree()) if not degree)
    made.add_edges_from((node, "end") for node, degree in list(made.out_degree()) if not degree)
    list(nx.topological_sort(made))
    nx.immediate_dominators(made, "start")
    nx.immediate_dominators(made.reverse(), "end")


def states(machine: dict[str, Any]) -> int:
    """The states of a definition, those in branches and items included."""
    count, pending = 0, [machine]
    while pending:
        for state in pending.pop()["States"].values():
            count += 1
            pending += [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())]
    return count


def main() -> None:
    """Measures every shape at three sizes and prints the table."""
    parser = arguments(__doc__, rounds=3)
    parser.add_argument("--largest", type=int, default=1000, help="functions of the largest chains (default: %(default)s)")
    given = parser.parse_args()
    sizes = [given.largest // 4, given.largest // 2, given.largest]
    found = [measured(shape, size, given.rounds) for shape in SHAPES for size in sizes]
    heads = ("shape", "functions", "hops", "moved", "seconds", "µs/hop", "by networkx's", "machines", "states")
    print(columns([heads, *(one.row() for one in found)]))
    print(machine())
    finish(given.json, {"chains": [asdict(one) for one in found]})


if __name__ == "__main__":
    main()
