"""A scan as Markdown, for pull requests, wikis and job summaries.

Names stand in code spans; other text is escaped, and neither can mention a person, link a page or open a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from untangle.emit.emitter import Emitter, View
from untangle.emit.mermaid import chart
from untangle.emit.unread import TITLE, Unread, unread
from untangle.emit.wording import (
    along,
    by_severity,
    clean,
    conditions,
    count,
    decision,
    name,
    names,
    ranked,
    telling,
    totals,
    unplanned,
    way,
)
from untangle.model.chain import Chain
from untangle.model.evidence import Evidence
from untangle.model.link import Hop
from untangle.model.location import Location
from untangle.model.scan import Scan

_MARKS = re.compile(r"([\\`*_\[\]<>#!|~$&]|^(?:[-+=]|\d+(?=[.)])))")
# A forge makes a mention, a reference or a link of these, also where the mark is escaped; a comment between keeps it text.
_REFERENCES = re.compile(r"(@|\\#|:(?=//)|www(?=\.))")


def render(scan: Scan, view: View) -> str:
    """The whole scan as one Markdown document, ending in a newline."""
    shown = [chain for chain in ranked(scan.chains) if view.hops_of(scan, chain)]
    lines = ["# Implicit workflows", "", prose(totals(scan, len(view.hops(scan)))), ""]
    for number, chain in enumerate(shown, 1):
        lines += [f"## {number}. {code(chain.id)}{_verdict(chain)}", "", *chain_part(scan, chain, view)]
    if not shown:
        lines += ["No chain was found: no function here is seen to reach another one.", ""]
    lines += [*_unplanned(scan, view), *_findings(scan, view), *_gaps(scan), *_unread(scan)]
    return "\n".join(lines).rstrip() + "\n"


def chain_part(scan: Scan, chain: Chain, view: View) -> Iterator[str]:
    """The lines of one chain: sizes, diagram, hops with evidence, reasons."""
    hops = along(chain, view.hops_of(scan, chain))
    yield f"{count(len(chain.functions), 'function')}, {count(len(hops), 'hop')}{', cyclic' if chain.cyclic else ''}."
    yield from ("", "```mermaid", chart(scan, chain, hops).rstrip(), "```", "")
    yield from hop_table(scan, hops)
    for reason in chain.verdict.reasons if chain.verdict else ():
        yield f"- {'for' if reason.toward == 'migrate' else 'against'} a migration: {prose(reason.text)}"
    yield ""
    yield from ("<details><summary>All evidence</summary>", "")
    for hop in hops:
        yield f"- {code(hop.id)} {_ends(scan, hop)}"
        yield from (f"  - {item.kind.value}{' (against)' if item.against else ''}: {_witness(item)}" for item in hop.evidence)
    yield from ("", "</details>", "")


def _unplanned(scan: Scan, view: View) -> Iterator[str]:
    rest = unplanned(scan, view.hops(scan))
    if rest:
        yield from ("## Outside every chain", "", "Cut off at a boundary, switched off, or not sure enough to plan with.", "")
        yield from hop_table(scan, rest)


def hop_table(scan: Scan, hops: Iterable[Hop]) -> Iterator[str]:
    """The hops as a table, each with its first witness; ends with an empty line."""
    called = names(scan.graph)
    rows = [_row(called, hop) for hop in hops]
    yield from table(("producer", "channels", "consumer", "confidence", "evidence"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table of cells that are Markdown already; ends with an empty line."""
    yield _cells(head)
    yield _cells(tuple("---" for _ in head))
    yield from (_cells(row) for row in rows)
    yield ""


def code(text: str) -> str:
    """Text as a code span, whatever it holds."""
    text = clean(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """Text as Markdown that shows exactly this text."""
    escaped = _MARKS.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], clean(text).strip())
    return _REFERENCES.sub(r"\1<!-- -->", escaped)


def _cells(row: tuple[str, ...]) -> str:
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in row) + " |"


def _row(called: Mapping[str, str], hop: Hop) -> tuple[str, ...]:
    said = conditions(hop)
    channels = code(way(called, hop)) + (f" ({'; '.join(prose(item) for item in said)})" if said else "")
    shown = telling(hop)
    witness = _witness(shown) if shown else ""
    return (code(name(called, hop.producer)), channels, code(name(called, hop.consumer)), hop.confidence.value, witness)


def _witness(item: Evidence) -> str:
    return f"{_place(item.location)} {prose(item.note)}".strip()


def _place(location: Location | None) -> str:
    return code(str(location)) if location else ""


def _ends(scan: Scan, hop: Hop) -> str:
    called = names(scan.graph)
    return f"{code(name(called, hop.producer))} → {code(name(called, hop.consumer))}"


def _verdict(chain: Chain) -> str:
    return f" ({decision(chain)}, {chain.verdict.score} of 100)" if chain.verdict and decision(chain) else ""


def _findings(scan: Scan, view: View) -> Iterator[str]:
    if not scan.findings:
        return
    yield from ("## Findings", "")
    rows = []
    for item in by_severity(scan.findings):
        known = " (known)" if item.fingerprint in view.known else ""
        rows.append((item.severity + known, code(item.rule), prose(item.message), _place(next(iter(item.locations), None))))
    yield from table(("severity", "rule", "what", "where"), rows)


def _gaps(scan: Scan) -> Iterator[str]:
    if not scan.graph.gaps:
        return
    yield from ("## Not known", "", "A hop may be missing where something could not be known.", "")
    rows = sorted((prose(gap.what), prose(gap.why), _place(gap.location)) for gap in scan.graph.gaps)
    yield from table(("what", "why", "where"), rows)


def _unread(scan: Scan) -> Iterator[str]:
    found = unread(scan.graph.coverage)
    if not found:
        return
    yield from (f"## {TITLE}", "", "An account did not answer these; what they would show may be missing.", "")
    rows = [_refusal(item) for item in found]
    yield from table(("operation", "where", "how it ended", "missing permission", "may be missing"), rows)


def _refusal(item: Unread) -> tuple[str, ...]:
    ended = f"{item.outcome}: {item.reason}" if item.reason else item.outcome
    missing = code(item.permission) if item.permission else ""
    return (code(item.what), prose(item.where()), prose(ended), missing, prose(item.hidden))


EMITTER = Emitter(format="markdown", suffixes=(".md", ".markdown"), title="for pull requests and wikis", render=render)
