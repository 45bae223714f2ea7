"""One chain on the audit page: its picture, its verdict with reasons, its findings and its hops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from untangle.emit.emitter import View
from untangle.emit.markup import Html, join, tag
from untangle.emit.mermaid import chart
from untangle.emit.page.drawing import Picture, picture
from untangle.emit.page.hops import hop_table, place
from untangle.emit.page.outlook import outlook
from untangle.emit.page.proof import proof
from untangle.emit.page.svg import Drawing, svg
from untangle.emit.wording import along, count, decision, entries, name
from untangle.model.certificate import Certificate
from untangle.model.chain import Chain, Finding, Reason
from untangle.model.scan import Scan
from untangle.model.workflow import Workflow

DECISIONS: Mapping[str | None, str] = {
    "migrate": "migrate",
    "partial": "migrate in part",
    "keep": "leave as it is",
    None: "not judged",
}
LEFT_OUT = {
    "full": "",
    "functions": " The chain is large: channels are left out of the drawing and stand in the table.",
    "groups": " The chain is very large: the drawing gathers its less busy functions in groups. The table lists every hop.",
}
_WIDE = 620  # pixels; a wider drawing gets the page's whole width
_FIRST = 5  # findings shown at once


class Section:
    """A chain with all that the page says of it. `called` gives each node its name."""

    def __init__(
        self,
        scan: Scan,
        chain: Chain,
        view: View,
        called: Mapping[str, str],
        workflow: Workflow | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self.scan, self.chain, self.called, self.workflow, self.certificate = scan, chain, called, workflow, certificate
        self.hops = view.hops_of(scan, chain)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings whose subject names a function or hop of this chain."""
        own = {*self.chain.functions, *self.chain.hops}
        return tuple(item for item in self.scan.findings if not own.isdisjoint(item.subject.split("\n")))

    def nav(self) -> Html:
        """The chain's entry in the list at the side."""
        size = f"{count(len(self.chain.functions), 'function')}, {count(len(self.hops), 'hop')}"
        label = tag("span", tag("bdi", self.chain.id), class_="name")
        return tag(
            "li", tag("a", label, tag("small", f"{DECISIONS[decision(self.chain)]} · {size}"), href=f"#chain-{self.chain.id}")
        )

    def article(self) -> Html:
        """The whole of it."""
        drawn = svg(self._picture, f"Chain {self.chain.id}: {count(len(self.chain.functions), 'function')}")
        wide = drawn.width > _WIDE
        inspector = tag("div", self._verdict(), self._obstacles(), self._problems(), class_="inspector")
        return tag(
            "article",
            self._head(),
            tag("div", self._figure(drawn), inspector, class_="body wide" if wide else "body"),
            outlook(self.chain.outlook),
            proof(self.certificate),
            tag("h3", "Hops"),
            hop_table(along(self.chain, self.hops), self.called),
            self._mermaid(),
            class_="chain",
            id=f"chain-{self.chain.id}",
            tabindex="-1",
            aria_labelledby=f"title-{self.chain.id}",
        )

    @cached_property
    def _picture(self) -> Picture:
        return picture(self.scan, self.hops, self.chain.functions, self.chain.entries, self.called)

    def _head(self) -> Html:
        verdict = self.chain.verdict
        said = decision(self.chain)
        score = f" · {verdict.score}" if verdict else ""
        facts = [count(len(self.chain.functions), "function"), count(len(self.hops), "hop"), self._starts()]
        facts += ["runs in a circle"] if self.chain.cyclic else []
        return tag(
            "header",
            tag("h2", tag("bdi", self.chain.id), id=f"title-{self.chain.id}"),
            tag("span", f"{DECISIONS[said]}{score}", class_=f"badge {said or ''}", title="verdict, and its score out of 100"),
            tag("p", " · ".join(facts)),
        )

    def _starts(self) -> str:
        starts = []
        for entry in self.chain.entries[:4]:
            by = entries(self.called, self.scan.graph.triggers_of(entry))
            starts.append(f"{name(self.called, entry)} (by {', '.join(by)})" if by else name(self.called, entry))
        more = f" and {len(self.chain.entries) - 4} more" if len(self.chain.entries) > 4 else ""
        return f"starts at {', '.join(starts)}{more}"

    def _figure(self, drawn: Drawing) -> Html:
        caption = f"Solid: declared or confirmed. Dashed: likely. Amber: closes a circle.{LEFT_OUT[self._picture.level]}"
        again = tag("button", "Show all again", type="button", data_clear=True)
        tools = tag("div", again, class_="tools", data_script=True, hidden=True)
        return tag("figure", tag("div", drawn.markup, class_="canvas"), tag("figcaption", caption), tools)

    def _mermaid(self) -> Html:
        """The chain as text that forges draw, to be copied."""
        copy = tag("button", "Copy as Mermaid", type="button", data_copy=True, data_script=True, hidden=True)
        source = tag("pre", chart(self.scan, self.chain, self.hops))
        return tag("details", tag("summary", "As a Mermaid diagram"), copy, source, class_="mermaid")

    def _verdict(self) -> Html:
        verdict = self.chain.verdict
        if verdict is None:
            return join([tag("h3", "Verdict"), tag("p", "This chain was not judged.", class_="fine")])
        return join([tag("h3", "Verdict"), tag("ul", join(_reason(reason) for reason in verdict.reasons))])

    def _obstacles(self) -> Html | None:
        if self.workflow is None or not self.workflow.obstacles:
            return None
        said = (tag("li", item.text, " ", place(item.location)) for item in self.workflow.obstacles)
        return join([tag("h3", "Obstacles"), tag("ul", join(said), class_="findings")])

    def _problems(self) -> Html | None:
        if not self.findings:
            return None
        first, rest = self.findings[:_FIRST], self.findings[_FIRST:]
        more = tag("details", tag("summary", f"{len(rest)} more"), _problem_list(rest)) if rest else ""
        return join([tag("h3", "Findings"), _problem_list(first), more])


def _problem_list(items: Sequence[Finding]) -> Html:
    said = (
        tag(
            "li",
            tag("span", item.severity, class_=f"badge {item.severity}"),
            " ",
            tag("bdi", item.message),
            " ",
            tag("a", item.rule, href=f"#rule-{item.rule}"),
        )
        for item in items
    )
    return tag("ul", join(said), class_="findings")


def _reason(reason: Reason) -> Html:
    sign = "+" if reason.toward == "migrate" else "−"
    word = "for migrating" if reason.toward == "migrate" else "for leaving it"
    points = tag("span", f"{sign}{abs(reason.weight)}" if reason.weight else sign, class_="points", title=word)
    places = join((place(location) for location in reason.locations[:3]), " ")
    return tag("li", points, reason.text, " ", places, class_=f"toward-{'migrate' if reason.toward == 'migrate' else 'keep'}")
