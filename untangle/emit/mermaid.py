"""Chains as Mermaid flowcharts: functions as boxes, entries as pills, hops as arrows with their channels.

GitHub and GitLab draw these. A label is text in quotes in which every character that could mean something to Mermaid,
HTML or Markdown is written as its number, so no name can leave its label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from untangle.emit.emitter import Emitter, View
from untangle.emit.wording import along, clean, cut, entries, name, ranked, short_names, way
from untangle.model.chain import Chain
from untangle.model.link import Hop
from untangle.model.scan import Scan

LONGEST = 80
_PLAIN = frozenset(" ._-/:,+=→…()?")


def render(scan: Scan, view: View) -> str:
    """One flowchart in which each chain is a group, in order of interest; ends in a newline."""
    lines = ["flowchart TD"]
    shown = [chain for chain in ranked(scan.chains) if view.hops_of(scan, chain)]
    for number, chain in enumerate(shown, 1):
        lines += [f'  subgraph c{number}["{label(chain.id)}"]', "    direction TB"]
        lines += [f"    {line}" for line in _body(scan, chain, view.hops_of(scan, chain), f"c{number}")]
        lines.append("  end")
    if not shown:
        lines.append('  none["no chain was found"]')
    return "\n".join(lines) + "\n"


def chart(scan: Scan, chain: Chain, hops: Iterable[Hop]) -> str:
    """The flowchart of one chain with these of its hops; ends in a newline."""
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _body(scan, chain, hops, ""))]) + "\n"


def label(text: str) -> str:
    """Text as it may stand between the quotes of a label."""
    short = cut(clean(text), LONGEST)
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in short)


def _body(scan: Scan, chain: Chain, hops: Iterable[Hop], prefix: str) -> Iterator[str]:
    ordered = along(chain, hops)
    called = short_names(scan.graph, ordered)
    taking_part = dict.fromkeys(end for hop in ordered for end in (hop.producer, hop.consumer))
    nodes = {function: f"{prefix}f{number}" for number, function in enumerate(taking_part)}
    started = 0
    for function, node in nodes.items():
        yield f'{node}["{label(name(called, function))}"]'
        for start in entries(called, scan.graph.triggers_of(function)):
            yield f'{prefix}t{started}(["{label(start)}"]) --> {node}'
            started += 1
    drawn = dict.fromkeys((nodes[hop.producer], nodes[hop.consumer], label(way(called, hop))) for hop in ordered)
    for producer, consumer, words in drawn:
        yield f'{producer} -->|"{words}"| {consumer}'


EMITTER = Emitter(format="mermaid", suffixes=(".mmd", ".mermaid"), title="the chains as a diagram", render=render)
