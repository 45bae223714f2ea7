"""The audit page: complete without a script, closed to everything from elsewhere, safe with any name."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.detect.graphs import bus, coded, function, graph, hop, queue
from untangle.detect import chains, findings
from untangle.emit.emitter import View
from untangle.emit.html import html, render
from untangle.model.chain import Finding, Reason, Verdict
from untangle.model.code import Guard
from untangle.model.condition import SwitchedOff
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Trigger
from untangle.model.location import Location
from untangle.model.node import StateMachine
from untangle.model.resource import Coverage, Gap, Source
from untangle.model.scan import Scan
from untangle.model.workflow import Obstacle, Workflow

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """What a browser would find: elements with their attributes, text outside of scripts, and whether all is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: dict[str, list[str]] = {}
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.contents.setdefault(self.open[-1], []).append(data)
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def scan(given: EventGraph, **verdicts: Verdict) -> Scan:
    """A scan of a graph, with verdicts by chain id."""
    found = tuple(replace(chain, verdict=verdicts.get(chain.id.replace("-", "_"))) for chain in chains(given))
    return Scan(graph=given, chains=found, findings=findings(given, found))


def words(page: str) -> str:
    """The page's text with its white space made single."""
    return " ".join(Page(page).text.split())


GUARD = Guard(kind="if", text="total > 100", location=Location("src/pay.py", 4))
RICH = graph(
    hops=(
        hop("Intake", "Pay", queue("Orders", type="sns"), queue("Jobs"), filters=(None, {"kind": ("paid",)}), guards=(GUARD,)),
        hop("Pay", "Ship", bus("Shop"), confidence=Confidence.DECLARED),
        hop("Pay", "Mail", queue("Mail"), confidence=Confidence.POSSIBLE),
        hop("Ship", "Far", bus("Foreign", external=True)),
    ),
    functions=(function("Lonely"),),
    triggers=(Trigger(type="s3", function="app/Intake", channel="app/Uploads"), Trigger(type="schedule", function="app/Lonely")),
    state_machines=(StateMachine(id="app/Refunds", address="Refunds", stack="app", functions=("app/Pay",)),),
    sources=(Source(path="shop/template.yaml", kind="sam"),),
    gaps=(Gap(what="sqs:SendMessage in Pay", why="QUEUE_URL is not set", location=Location("src/pay.py", 31)),),
    coverage=(Coverage(source="shop/template.yaml", operation="read", outcome="denied", unseen=("Mail",), permission="x:Get"),),
)
VERDICT = Verdict(
    decision="migrate",
    score=72,
    reasons=(
        Reason(toward="migrate", weight=20, text="Three functions in a row", locations=(Location("src/pay.py", 9),)),
        Reason(toward="keep", weight=5, text="It costs more"),
    ),
)


class TestContent:
    page = html(scan(RICH, intake=VERDICT))

    @pytest.mark.parametrize(
        "said",
        [
            "1 chain of 6 functions, 3 hops between them. Of the chains, 1 is worth a state machine.",
            "Read: shop/template.yaml (sam)",
            "migrate · 72",
            "starts at Intake (by s3 Uploads)",
            "+20Three functions in a row src/pay.py:9",
            "−5It costs more",
            'only {"kind": ["paid"]}',
            "if total > 100",
            "coded sqs.send_message(QueueUrl=env QUEUE_URL) src/app.py:12",
            "declared event source mapping template.yaml:50",
            "Refunds: Pay",
            "Lonelyscheduletemplate.yaml:10",
            "sqs:SendMessage in PayQUEUE_URL is not setsrc/pay.py:31",
            "shop/template.yamlreaddeniedMail needs x:Get",
            "Hops outside every chain",
            "only a shared or wildcard grant allows it",
        ],
    )
    def test_everything_is_said_without_a_script(self, said: str) -> None:
        assert said in words(self.page)

    def test_every_hop_has_a_row_of_its_own(self) -> None:
        ids = [attributes["data-hop"] for attributes in Page(self.page).all("tr") if attributes.get("class") == "hop"]
        assert sorted(filter(None, ids)) == sorted(item.id for item in RICH.hops)

    def test_doubtful_hops_stand_apart(self) -> None:
        before, _, after = self.page.partition('id="doubtful"')
        doubtful = next(item for item in RICH.hops if item.confidence is Confidence.POSSIBLE)
        assert doubtful.id not in before and doubtful.id in after

    def test_the_least_confidence_is_the_viewers_choice(self) -> None:
        page = render(scan(RICH), View(minimum=Confidence.DECLARED))
        assert "1 hop between them" in words(page)

    def test_obstacles_are_told_where_a_workflow_was_planned(self) -> None:
        workflow = Workflow(chain="intake", name="Intake", root=None, obstacles=(Obstacle(text="Order is lost"),))
        assert "Obstacles" not in words(self.page)
        assert "Obstacles Order is lost" in re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words(html(scan(RICH), workflows=(workflow,))))

    def test_a_finding_stands_with_its_chain_and_with_its_rule(self) -> None:
        given = scan(graph(hops=(hop("A", "A", queue("Q", type="s3")),)))
        page = html(given)
        assert page.count("A writes to the bucket Q that triggers it") == 2
        assert 'href="#rule-self-trigger"' in page and 'id="rule-self-trigger"' in page
        assert "Write to another bucket" in words(page)

    def test_findings_of_the_baseline_are_marked(self) -> None:
        given = scan(graph("A>B B>C C>D"))
        known = frozenset(item.fingerprint for item in given.findings if item.rule == "long-chain")
        assert words(render(given, View(known=known))).count("in the baseline") == 1

    def test_an_empty_scan_is_a_page_too(self) -> None:
        assert "No function was found to reach another" in words(html(Scan()))

    def test_the_same_scan_gives_the_same_bytes(self) -> None:
        assert html(scan(RICH, intake=VERDICT)) == self.page
        assert self.page.endswith("</html>\n")


class TestDrawing:
    page = html(scan(RICH, intake=VERDICT))

    def test_functions_and_channels_can_be_reached_with_the_keyboard_in_the_order_of_the_chain(self) -> None:
        symbols = [item for item in Page(self.page).all("g") if item.get("tabindex") == "0"]
        assert [item["aria-label"] for item in symbols] == [
            "function app/Intake",
            "sns app/Orders",
            "sqs app/Jobs",
            "function app/Pay",
            "eventbridge app/Shop",
            "function app/Ship",
        ]
        assert {item["role"] for item in symbols} == {"graphics-symbol img"}

    def test_likely_hops_are_dashed_and_say_so(self) -> None:
        classes = {str(item["class"]) for item in Page(self.page).all("g") if str(item.get("class")).startswith("edge")}
        assert {"edge likely", "edge declared", "edge entry"} <= classes
        assert "likely · filter" in self.page


class TestClosed:
    page = html(scan(RICH, intake=VERDICT))

    def test_every_element_is_closed(self) -> None:
        assert Page(self.page).open == []

    def test_the_policy_names_exactly_the_style_and_script_of_the_page(self) -> None:
        page = Page(self.page)
        (policy,) = (str(item["content"]) for item in page.all("meta") if item.get("http-equiv") == "Content-Security-Policy")
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in (page.contents["style"][0], page.contents["script"][-1])
        ]
        assert policy == f"default-src 'none'; style-src {hashes[0]}; script-src {hashes[1]}; base-uri 'none'; form-action 'none'"

    def test_nothing_comes_from_elsewhere_and_nothing_is_inline(self) -> None:
        page = Page(self.page)
        for tag, attributes in page.elements:
            assert not {name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")}, tag
            assert str(attributes.get("href", "#")).startswith("#")
        assert not re.search(
            r"url\(|@import|https?:|\beval\b|innerHTML", "".join(text for texts in page.contents.values() for text in texts)
        )

    def test_anchors_lead_somewhere_and_ids_stand_once(self) -> None:
        page = Page(self.page)
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert {str(item["href"])[1:] for item in page.all("a")} <= set(ids)


NASTY = [
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "<!--<script>",
    "&lt;b&gt;",
    "]]><x>",
    "\u202egnp.exe\u200b",
    "\x00\x1b[31m",
    "\ud800",
    "名前の長い関数" * 20,
]


def everywhere(name: str) -> tuple[str, str]:
    """A page on which this name stands wherever a name can, and the id of its one hop."""
    evidence = (Evidence(kind=Witness.CODED, note=name, location=Location(name, 3)),)
    guard = Guard(kind="if", text=name, location=Location(name, 1))
    channel = replace(queue("app/x"), id="app/" + name, address=name, name=name)
    made = hop("A", "B", channel, filters=({name: (name,)},), evidence=evidence, guards=(guard,), condition=name)
    made = replace(made, producer="app/" + name, links=(replace(made.links[0], source="app/" + name), made.links[1]))
    given = graph(
        hops=(made,),
        functions=(replace(function("A"), id="app/" + name, address=name, name=name), function("B")),
        channels=(channel,),
        triggers=(Trigger(type=name, function="app/" + name, channel="app/" + name),),
        gaps=(Gap(what=name, why=name, location=Location(name)),),
        coverage=(Coverage(source=name, operation=name, outcome=name, unseen=(name,), permission=name),),
        findings=(Finding(rule=name, severity="error", message=name, subject="x"),),
        sources=(Source(path=name, kind=name),),
        state_machines=(StateMachine(id=name, address=name, stack="app"),),
    )
    page = html(
        scan(
            given,
            **{chains(given)[0].id.replace("-", "_"): replace(VERDICT, reasons=(Reason(toward="keep", weight=1, text=name),))},
        )
    )
    return page, made.id


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_no_name_leaves_its_place(name: str) -> None:
    page, hop_id = everywhere(name)
    page.encode()
    found, harmless = Page(page), Page(everywhere("harmless")[0])
    assert found.open == []
    # Only where a name may break over lines differs from name to name.
    shapes = [[(tag, sorted(keys)) for tag, keys in page.elements if tag != "wbr"] for page in (found, harmless)]
    assert shapes[0] == shapes[1]
    assert not re.search("[\u202e\u200b\x00\x1b]", page)
    data = found.contents["script"][0]
    assert "<" not in data and list(json.loads(data)["hops"]) == [hop_id]


def test_a_large_chain_is_drawn_coarsely_and_soon() -> None:
    def pairs() -> Any:
        state = 7
        for _ in range(1000):
            state = (state * 1103515245 + 12345) % 2**31
            yield f"Fn{state // 7 % 200:03}", f"Fn{state // 1009 % 200:03}", f"Queue{state // 31 % 300}"

    hops: tuple[Hop, ...] = tuple({made.id: made for one, two, name in pairs() for made in [hop(one, two, queue(name))]}.values())
    given = scan(graph(hops=hops))
    start = time.process_time()
    page = html(given)
    assert time.process_time() - start < 5
    assert page.count('class="edge') < 200
    assert page.count('class="hop"') == len(hops)
    assert "The table lists every hop" in page


def test_a_very_deep_chain_does_not_break_the_page() -> None:
    assert html(scan(graph(" ".join(f"F{number:04}>F{number + 1:04}" for number in range(1500)))))


def test_evidence_without_a_place_is_told_too() -> None:
    made = hop("A", "B", evidence=(Evidence(kind=Witness.STATED, note="says the configuration"), coded()))
    assert "stated says the configuration" in words(html(scan(graph(hops=(made,)))))


def test_a_switched_off_hop_is_shown_apart_with_its_condition() -> None:
    given = graph(hops=(hop("A", "B"), hop("B", "C", condition=SwitchedOff("var.on ? 1 : 0"))))
    page = render(Scan(graph=given, chains=chains(given)), View())
    assert "Hops outside every chain" in page
    assert "switched off: var.on ? 1 : 0" in page
