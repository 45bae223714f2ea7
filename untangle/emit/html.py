"""The audit page: one self-contained file that opens from a disk, without a network and without JavaScript.

Everything is written here, on the server's side of things; the script only searches, focuses and unfolds. The page's
own policy allows no other style and script than the two it carries, by their hashes, and nothing from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from untangle import __version__
from untangle.emit.emitter import Emitter, View
from untangle.emit.markup import Html, join, tag, visible
from untangle.emit.page.chain import Section
from untangle.emit.page.parts import doubtful, findings, gaps, hops_apart, legend, others, shortcuts, summary
from untangle.emit.page.unread import warning
from untangle.emit.page.use import use
from untangle.emit.wording import count, decision, names, ranked
from untangle.model.certificate import Certificate
from untangle.model.scan import Scan
from untangle.model.workflow import Workflow


def render(scan: Scan, view: View) -> str:
    """The page for one scan, ending in a newline; `view.minimum` says which hops belong to the chains."""
    return html(scan, view=view)


def html(
    scan: Scan,
    *,
    view: View | None = None,
    workflows: Iterable[Workflow] = (),
    certificates: Mapping[str, Certificate] = MappingProxyType({}),
) -> str:
    """The page for one scan. `workflows`, where planned, bring the obstacles of their chains, `certificates` what was proved of
    them, by chain."""
    view = view or View()
    called = names(scan.graph)
    planned = {workflow.chain: workflow for workflow in workflows}
    chains = [chain for chain in ranked(scan.chains) if view.hops_of(scan, chain)]
    sections = [Section(scan, chain, view, called, planned.get(chain.id), certificates.get(chain.id)) for chain in chains]
    style, script = _asset("report.css"), _asset("report.js")
    body = tag(
        "body",
        tag("a", "To the chains", href="#chains", class_="skip"),
        _side(sections),
        tag("main", *_main(scan, view, sections, called)),
        shortcuts(),
        tag("script", Html(_data(scan, sections)), type="application/json", id="data"),
        tag("script", Html(script)),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="generator", content=f"untangle {__version__}"),
        tag("title", f"untangle: {count(len(sections), 'chain')}"),
        tag("style", Html(style)),
    )
    return "<!doctype html>\n" + tag("html", head, "\n", body, lang="en") + "\n"


def _asset(name: str) -> str:
    """A file that ships with the package; its text holds no end tag."""
    from importlib.resources import files

    return files("untangle.emit").joinpath("assets", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is allowed but this style and this script."""
    return f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(scan: Scan, sections: Iterable[Section]) -> str:
    """What the script asks for: the ends of each hop. No character in it can end the element that holds it."""
    hops = {hop.id: [visible(hop.producer), visible(hop.consumer)] for section in sections for hop in section.hops}
    text = json.dumps({"hops": hops}, sort_keys=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _main(scan: Scan, view: View, sections: list[Section], called: Mapping[str, str]) -> list[Html | None]:
    return [
        tag(
            "header",
            tag("h1", "The workflows between your functions"),
            _lead(scan, view, sections),
            _sources(scan),
            warning(scan),
        ),
        summary(scan, view),
        tag("div", join(section.article() for section in sections), id="chains") if sections else _nothing(),
        findings(scan, view),
        hops_apart(scan, view, called),
        others(scan, called),
        use(scan, called),
        gaps(scan),
        doubtful(scan, view, called),
        legend(),
        tag(
            "footer",
            tag("p", f"Written by untangle {__version__}. {_done(scan)}"),
            tag("noscript", tag("p", "This page is complete without JavaScript; search, focus and shortcuts need it.")),
        ),
    ]


def _done(scan: Scan) -> str:
    """What was done to make the page."""
    if any(source.kind == "account" for source in scan.graph.sources):
        return "What an account answered was read; nothing in it was changed, and no handler was run."
    return "Files were read; no handler was run, no account was called."


def _lead(scan: Scan, view: View, sections: list[Section]) -> Html:
    """The page in two sentences."""
    functions = sum(not function.internal for function in scan.graph.functions)
    hops = len(view.hops(scan))
    said = [decision(section.chain) for section in sections]
    words = {"migrate": "worth a state machine", "partial": "worth migrating in part", "keep": "best left choreographed"}
    judged = [f"{number} {'is' if number == 1 else 'are'} {text}" for key, text in words.items() if (number := said.count(key))]
    verdicts = f" Of the chains, {', '.join(judged)}." if judged else ""
    found = f"{count(len(sections), 'chain')} of {count(functions, 'function')}, {count(hops, 'hop')} between them."
    return tag("p", tag("strong", found), verdicts, class_="lead")


def _sources(scan: Scan) -> Html:
    sources = sorted(scan.graph.sources)
    shown = ", ".join(f"{source.path} ({source.kind})" for source in sources[:6])
    more = f" and {len(sources) - 6} more" if len(sources) > 6 else ""
    return tag("p", f"Read: {shown or 'nothing'}{more}", class_="sources")


def _nothing() -> Html:
    return tag(
        "section",
        tag("h2", "No chain"),
        tag("p", "No function was found to reach another. The gaps below say what could not be known."),
        id="chains",
    )


def _side(sections: list[Section]) -> Html:
    search = tag(
        "div",
        tag(
            "input",
            class_="search",
            id="search",
            type="search",
            placeholder="Search ( / )",
            aria_label="Search chains, hops and evidence",
        ),
        tag("p", id="status", class_="status", role="status"),
        data_script=True,
        hidden=True,
    )
    pages = (
        ("#findings", "Findings"),
        ("#others", "Other functions"),
        ("#gaps", "Gaps and coverage"),
        ("#doubtful", "Doubtful hops"),
        ("#legend", "Legend"),
    )
    return tag(
        "nav",
        tag("p", "untangle", class_="brand"),
        search,
        tag("h2", "Chains"),
        tag("ol", join(section.nav() for section in sections)) if sections else tag("p", "none", class_="fine"),
        tag("h2", "And"),
        tag("ul", join(tag("li", tag("a", title, href=anchor)) for anchor, title in pages)),
        tag("p", tag("kbd", "?"), " shortcuts", class_="fine", data_script=True, hidden=True),
        class_="side",
        aria_label="Chains",
    )


EMITTER = Emitter(format="html", suffixes=(".html", ".htm"), title="the audit page, one self-contained file", render=render)
