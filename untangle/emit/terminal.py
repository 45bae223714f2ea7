"""A scan for the terminal: the chains in order of interest, each drawn with its evidence, then what else to know."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from untangle.emit.emitter import View
from untangle.emit.outlook import kind, rows, size
from untangle.emit.sheet import Sheet, styled
from untangle.emit.tree import draw, witness
from untangle.emit.unread import TITLE, Unread, all_hidden, permissions, unread
from untangle.emit.wording import (
    SEVERITY_ORDER,
    by_severity,
    conditions,
    count,
    decision,
    entries,
    name,
    names,
    ranked,
    telling,
    totals,
    unplanned,
    way,
)
from untangle.model.chain import Chain, Finding
from untangle.model.link import Hop
from untangle.model.outlook import Outlook
from untangle.model.resource import Gap
from untangle.model.scan import Scan

FEW = 3


def render(scan: Scan, view: View) -> str:
    """The whole scan as terminal text, ending in a newline."""
    sheet = Sheet(view.width, view.color)
    shown = [chain for chain in ranked(scan.chains) if view.hops_of(scan, chain)]
    for number, chain in enumerate(shown, 1):
        chain_part(sheet, scan, chain, view, number)
    _unplanned(sheet, scan, view)
    _orchestrated(sheet, scan, view)
    _findings(sheet, scan, view)
    _gaps(sheet, scan, view)
    _unread(sheet, scan, view)
    _close(sheet, scan, view, shown)
    return sheet.render()


def chain_part(sheet: Sheet, scan: Scan, chain: Chain, view: View, number: int | None = None) -> None:
    """One chain: heading, drawing, verdict."""
    said = decision(chain)
    badge = styled((f"{said} {chain.verdict.score}", said)) if chain.verdict and said else styled(("not judged", "quiet"))
    label = f"{number}. " if number else ""
    sheet.blank()
    sheet.add(styled((label, "quiet"), (chain.id, "title")), right=badge)
    sizes = [count(len(chain.functions), "function"), count(len(view.hops_of(scan, chain)), "hop")]
    starts = entries(names(scan.graph), scan.entries(chain))
    told = [*sizes, *(["cyclic"] if chain.cyclic else []), *([f"starts with {', '.join(starts)}"] if starts else [])]
    sheet.add(styled((" · ".join(told), "quiet")), first="  ")
    draw(sheet, scan, chain, view)
    _verdict(sheet, chain, view)
    if view.verbosity and chain.outlook:
        _outlook(sheet, chain.outlook)


def _verdict(sheet: Sheet, chain: Chain, view: View) -> None:
    """The reasons, weightiest first: `+` speaks for a migration, `-` for leaving the chain as it is."""
    reasons = sorted(chain.verdict.reasons, key=lambda item: -abs(item.weight)) if chain.verdict else []
    shown = reasons if view.verbosity else reasons[:FEW]
    if shown:
        sheet.blank()
    for item in shown:
        sign, style = ("+", "migrate") if item.toward == "migrate" else ("-", "keep")
        sheet.add(styled((f"{sign} ", style), item.text), first="  ", rest="    ")
    if len(reasons) > len(shown):
        sheet.add(styled((f"  and {count(len(reasons) - len(shown), 'more reason')} (-v)", "quiet")), first="  ")


def _outlook(sheet: Sheet, outlook: Outlook) -> None:
    """As what the workflow would run, why, and what it would cost."""
    sheet.blank()
    sheet.add(styled(("as a workflow  ", "quiet"), f"{kind(outlook)}, {size(outlook)}"), first="  ", rest="    ")
    for ground in outlook.grounds:
        place = [(f"  {ground.locations[0]}", "place")] if ground.locations else []
        sheet.add(styled(ground.text, *place), first="    ", rest="      ")
    if outlook.hybrid:
        sheet.add(styled(outlook.hybrid), first="    ", rest="      ")
    sheet.add(styled(("cost of a million runs", "quiet")), first="  ")
    for what, million, month, words in rows(outlook):
        monthly = f" ({month} a month)" if month != "–" else ""
        sheet.add(styled(f"{what}  ", (f"{million}{monthly}", "title"), (f"  {words}", "quiet")), first="    ", rest="      ")
    for text in (*outlook.remarks, *outlook.savings):
        sheet.add(styled(text), first="    ", rest="      ")


def _unplanned(sheet: Sheet, scan: Scan, view: View) -> None:
    """Hops that are part of no chain: cut off, switched off, or asked for although they are not sure enough."""
    rest = unplanned(scan, view.hops(scan))
    if rest:
        heading(sheet, count(len(rest), "hop"), "outside every chain: not sure enough to plan with, cut off or switched off")
    called = names(scan.graph)
    for hop in rest:
        _unplanned_hop(sheet, hop, called, view)


def _unplanned_hop(sheet: Sheet, hop: Hop, called: Mapping[str, str], view: View) -> None:
    ends = (name(called, hop.producer), "function"), (name(called, hop.consumer), "function")
    line = styled(ends[0], "  ", (f"{way(called, hop)} →", "channel"), "  ", ends[1])
    sheet.add(line, first="  ", rest="    ", right=styled((hop.confidence.value, hop.confidence.value)))
    if hop.switched_off:
        sheet.add(styled((conditions(hop)[-1], "quiet")), first="    ", rest="      ")
    shown = telling(hop)
    for item in hop.evidence if view.verbosity else [shown] if shown else []:
        sheet.add(witness(item, kind=view.verbosity > 0), first="    ", rest="      ", wrap=view.verbosity > 0)


def _orchestrated(sheet: Sheet, scan: Scan, view: View) -> None:
    """The state machines there are; those that run no function of the scan are counted until all are asked for."""
    machines = scan.graph.state_machines
    if not machines:
        return
    heading(sheet, "Orchestrated already", count(len(machines), "state machine"))
    called = names(scan.graph)
    shown = machines if view.verbosity else [machine for machine in machines if machine.functions]
    for machine in shown:
        runs = ", ".join(name(called, function) for function in machine.functions) or "no function of this scan"
        place = [(f"  {machine.location}", "place")] if machine.location else []
        sheet.add(styled((machine.address, "function"), f"  {runs}", *place), first="  ", rest="    ")
    if len(machines) > len(shown):
        sheet.add(styled((f"{len(machines) - len(shown)} run no function of this scan (-v)", "quiet")), first="  ")


def _findings(sheet: Sheet, scan: Scan, view: View) -> None:
    fresh = [item for item in by_severity(scan.findings) if item.fingerprint not in view.known]
    known = len(scan.findings) - len(fresh)
    if not scan.findings:
        return
    counts = [count(sum(item.severity == severity for item in fresh), severity) for severity in SEVERITY_ORDER]
    told = [part for part in counts if not part.startswith("0 ")] + ([f"{known} known from the baseline"] if known else [])
    heading(sheet, "Findings", ", ".join(told))
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for item in fresh:
        by_rule.setdefault((item.severity, item.rule), []).append(item)
    for items in by_rule.values():
        _rule(sheet, items, view)


def _rule(sheet: Sheet, items: list[Finding], view: View) -> None:
    """The findings of one rule: the first ones, or all of them with -v."""
    first = items[0]
    many = f" × {len(items)}" if len(items) > 1 else ""
    sheet.add(styled((f"{first.severity:<8}", first.severity), (first.rule, "title"), (many, "quiet")), first="  ")
    shown = items if view.verbosity else items[:FEW]
    for item in shown:
        place = [(f"{item.locations[0]}  ", "place")] if item.locations else []
        sheet.add(styled(*place, item.message), first=" " * 10, rest=" " * 12)
    if len(items) > len(shown):
        sheet.add(styled((f"and {len(items) - len(shown)} more (-v)", "quiet")), first=" " * 10)


def _gaps(sheet: Sheet, scan: Scan, view: View) -> None:
    """What could not be known. Gaps of one reason are one line until all of them are asked for."""
    gaps = scan.graph.gaps
    if not gaps:
        return
    heading(sheet, "Not known", f"{count(len(gaps), 'gap')}; a hop may be missing there")
    by_reason: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_reason.setdefault(gap.why, []).append(gap)
    ordered = sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    for why, items in ordered if view.verbosity else ordered[: 2 * FEW]:
        _reason(sheet, why, items, view)
    if not view.verbosity and len(ordered) > 2 * FEW:
        rest = sum(len(items) for _, items in ordered[2 * FEW :])
        sheet.add(styled((f"and {rest} more (-v)", "quiet")), first="  ")


def _reason(sheet: Sheet, why: str, items: list[Gap], view: View) -> None:
    many = f" × {len(items)}" if len(items) > 1 else ""
    sheet.add(styled(why, (many, "quiet")), first="  ", rest="    ")
    shown = items if view.verbosity else items[:1]
    for gap in shown:
        place = [(f"  {gap.location}", "place")] if gap.location else []
        sheet.add(styled((gap.what, "quiet"), *place), first="    ", rest="      ")


def _unread(sheet: Sheet, scan: Scan, view: View) -> None:
    """What an account would not tell: the operations, the permissions that are missing, what may hide there."""
    found = unread(scan.graph.coverage)
    if not found:
        return
    heading(sheet, TITLE, f"{count(len(found), 'operation')}; this may be missing: {all_hidden(found)}")
    shown = found if view.verbosity else found[: 2 * FEW]
    for item in shown:
        _refusal(sheet, item, view)
    if len(found) > len(shown):
        sheet.add(styled((f"and {len(found) - len(shown)} more (-v)", "quiet")), first="  ")
    missing = permissions(found)
    if missing and len(found) > 1:
        more = "" if view.verbosity or len(missing) <= 2 * FEW else f" and {len(missing) - 2 * FEW} more (-v)"
        told = ", ".join(missing if view.verbosity else missing[: 2 * FEW]) + more
        sheet.add(styled(("missing permissions: ", "quiet"), told), first="  ", rest="    ")


def _refusal(sheet: Sheet, item: Unread, view: View) -> None:
    style = "error" if item.outcome == "denied" else "warning"
    where = item.where(len(item.places)) if view.verbosity else item.where()
    told = f": {item.reason}" if item.reason else ""
    sheet.add(
        styled((f"{item.outcome:<12}", style), (item.what, "title"), f"  {where}", (told, "quiet")), first="  ", rest=" " * 14
    )
    needs = f"needs {item.permission}; " if item.permission else ""
    sheet.add(styled((f"{needs}may hide {item.hidden}", "quiet")), first=" " * 14)


def _close(sheet: Sheet, scan: Scan, view: View, shown: list[Chain]) -> None:
    """The totals, and what to run next."""
    sheet.blank()
    sheet.add(styled(("─" * min(view.width, 60), "quiet")), wrap=False)
    sheet.add(styled((totals(scan, len(view.hops(scan))), "title")))
    if not shown:
        doubt = " Not all could be read: see above." if unread(scan.graph.coverage) else ""
        sheet.add(styled(f"No chain was found: no function here is seen to reach another one.{doubt}"))
        return
    where = shlex.join((view.path, *view.beside))
    first = shown[0].id
    sheet.add(styled(("next  ", "quiet"), f"untangle show {first} {where}"))
    if decision(shown[0]) != "keep":
        sheet.add(styled(("      ", "quiet"), f"untangle propose {where} --chain {first} -o proposals"))
    sheet.add(styled(("      ", "quiet"), f"untangle report {where} -o report.html"))


def heading(sheet: Sheet, title: str, aside: str = "") -> None:
    """A heading, an empty line before it; `aside` follows in quiet letters."""
    sheet.blank()
    sheet.add(styled((title, "title"), (f"  {aside}" if aside else "", "quiet")))
