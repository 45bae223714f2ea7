"""One chain drawn for the terminal: functions, and between them the channels with their evidence.

    IngestFn  ◁ s3 Uploads
    │  sns Orders → sqs Queue                              likely
    ▼  src/ingest/app.py:31  sns.publish(TopicArn=env TOPIC_ARN)
    ValidateFn
    ├─ eventbridge Bus                                     likely
    │  ▼ src/validate/app.py:12  events.put_events(…)
    │  ChargeFn
    └─ …

A run of single hops keeps its margin, so that long chains stay readable at 80 columns; only a branch indents. A
function is drawn once. What would indent too far is drawn again from the left, below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.text import Text

from untangle.emit.emitter import View
from untangle.emit.sheet import Sheet, styled
from untangle.emit.wording import conditions, entries, name, names, telling, used, way
from untangle.model.chain import Chain
from untangle.model.evidence import Evidence
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.scan import Scan

DEEPEST = 6


def draw(sheet: Sheet, scan: Scan, chain: Chain, view: View, margin: str = "  ") -> None:
    """Draws a chain onto a sheet, entries first."""
    hops = view.hops_of(scan, chain)
    tree = _Tree(sheet, scan.graph, hops, view.verbosity)
    tree.draw_all([*chain.entries, *sorted(chain.functions)], margin)


class _Tree:
    """What has been drawn so far."""

    def __init__(self, sheet: Sheet, graph: EventGraph, hops: Iterable[Hop], verbosity: int) -> None:
        self.sheet = sheet
        self.graph = graph
        self.verbosity = verbosity
        self.called = names(graph)
        self.leaving: dict[str, list[Hop]] = {}
        self.reached: set[str] = set()
        for hop in sorted(hops, key=lambda hop: (name(self.called, hop.consumer), way(self.called, hop), hop.id)):
            self.leaving.setdefault(hop.producer, []).append(hop)
            self.reached.add(hop.consumer)
        self.drawn: set[str] = set()
        self.below: list[str] = []
        self.orchestrated = _orchestrated(graph)

    def draw_all(self, functions: list[str], margin: str) -> None:
        """Every function from the left, unless it was drawn under another; those with hops first."""
        for function in functions:
            if function in self.drawn or not (function in self.leaving or function in self.reached):
                continue
            self.below.append(function)
            while self.below:
                root = self.below.pop(0)
                if root not in self.drawn:
                    self.sheet.blank()
                    self.run(root, margin, frozenset(), 0)

    def run(self, function: str, margin: str, above: frozenset[str], depth: int) -> None:
        """A function and what follows, down a run of single hops until it ends or branches."""
        while self.function(function, margin, above, depth):
            self.drawn.add(function)
            above |= {function}
            hops = self.leaving.get(function, [])
            if len(hops) != 1:
                self.branches(hops, margin, above, depth)
                return
            self.hop(hops[0], first=f"{margin}│  ", rest=f"{margin}│  ", last=f"{margin}▼  ")
            function = hops[0].consumer

    def branches(self, hops: list[Hop], margin: str, above: frozenset[str], depth: int) -> None:
        for hop in hops:
            last = hop is hops[-1]
            inner = margin + ("   " if last else "│  ")
            self.hop(hop, first=margin + ("└─ " if last else "├─ "), rest=f"{inner}│  ", last=f"{inner}▼  ")
            self.run(hop.consumer, inner, above, depth + 1)
            if not last and hop.consumer in self.leaving:
                self.sheet.blank(f"{margin}│")

    def function(self, function: str, margin: str, above: frozenset[str], depth: int) -> bool:
        """Writes a function's line; says whether what follows it is to be drawn here."""
        told: list[tuple[str, str] | str] = [(name(self.called, function), "function")]
        goes_on = False
        if function in above:
            told.append(("  ↻ back to where it came from", "warning"))
        elif function in self.drawn:
            told.append(("  (above)", "quiet"))
        elif depth >= DEEPEST and function in self.leaving:
            told.append(("  (continued below)", "quiet"))
            self.below.append(function)
        else:
            goes_on = True
            starts = entries(self.called, self.graph.triggers_of(function))
            told += [("  ◁ " + ", ".join(starts), "quiet")] if starts else []
            told += [(f"  in {self.orchestrated[function]}", "quiet")] if function in self.orchestrated else []
            usage = self.graph.usage.get(function) if self.verbosity else None
            told += [(f"  {used(usage)}", "quiet")] if usage is not None else []
        self.sheet.add(styled(*told), first=margin, rest=f"{margin}  ")
        return goes_on

    def hop(self, hop: Hop, *, first: str, rest: str, last: str) -> None:
        """The lines between two functions; the last one carries the arrow head."""
        said = conditions(hop)
        body = styled((way(self.called, hop), "channel"), *([("  " + "; ".join(said), "quiet")] if said else []))
        self.sheet.add(body, first=first, rest=rest, right=styled((hop.confidence.value, hop.confidence.value)))
        if self.verbosity == 0:
            shown = telling(hop)
            self.sheet.add(witness(shown) if shown else styled(), first=last, wrap=False)
            return
        for item in hop.evidence:
            self.sheet.add(witness(item, kind=True), first=rest, rest=f"{rest}  ")
        self.sheet.add(styled((f"hop {hop.id}", "quiet")), first=last)


def witness(item: Evidence, *, kind: bool = False) -> Text:
    """A witness on one line: place and note, its kind before them where asked for."""
    told: list[tuple[str, str] | str] = [(f"{item.kind.value:<10}", "quiet")] if kind else []
    if item.location is not None:
        told += [(str(item.location), "place"), "  "]
    told.append((item.note, "quiet"))
    if item.against:
        told.append(("  speaks against it", "contradicted"))
    elif item.shared and kind:
        told.append(("  shared", "quiet"))
    return styled(*told)


def _orchestrated(graph: EventGraph) -> Mapping[str, str]:
    return {function: machine.address for machine in graph.state_machines for function in machine.functions}
