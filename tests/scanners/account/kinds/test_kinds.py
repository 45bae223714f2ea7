"""For every kind of channel: what is read from an account is what the template says that the account was made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.scanners.account.faults import session
from tests.scanners.account.inventory.shop import ACCOUNT, REGION, Shop
from tests.scanners.account.kinds.case import Case
from tests.scanners.account.kinds.cases import CASES
from tests.scanners.account.kinds.deploy import deploy
from tests.scanners.account.kinds.laid import Laid
from untangle.channels import CHANNELS
from untangle.config import Config
from untangle.model.graph import EventGraph
from untangle.model.scan import Scan
from untangle.model.value import Value
from untangle.pipeline import scan
from untangle.scanners.account.boto import Live
from untangle.scanners.account.call import Scope
from untangle.scanners.account.chokepoint import Chokepoint
from untangle.scanners.account.manners import Manners

# Channels whose name is in no line: a schedule's trigger is called `schedule`, a machine stands with the functions it calls.
SAID_OTHERWISE = {"scheduler", "step_functions"}
# What an account does not tell, and why.
UNSEEN = {
    "custom_resource": "only the template of a stack says that a function makes a part of it",
    "ecs_run_task": "tasks are not asked for; who runs one is told by the rules, pipes and schedules that name it",
    "create_schedule": "only code says that a function makes a schedule for another",
    "unknown_source": "the ARN of a mapping always says of which kind its source is",
    "eventbridge_v2": "botocore has no calls for buses of the second generation",
}
_MARK = {"one": "", "many": "*", "maybe": "?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Hops and triggers of one application in arrow notation, with what else a hop says; functions by their names."""

    lines: list[str]
    details: Mapping[str, Any]


def drawn(found: Scan, kind: str) -> Drawn:
    """What a scan says of the application `kind`."""
    graph = found.graph
    names = _names(graph, kind)
    details: dict[str, Any] = {}
    for hop in graph.hops:
        if hop.producer in names or hop.consumer in names:
            ends = names.get(hop.producer, hop.producer), names.get(hop.consumer, hop.consumer)
            types = "/".join(passage.type for passage in hop.passages)
            off = " off" if hop.switched_off else ""
            line = f"{ends[0]} -{types}{_MARK[hop.multiplicity]}-> {ends[1]} {hop.confidence.value}{off}"
            details[line] = [(passage.filter, _told(passage.delivery)) for passage in hop.passages]
    for trigger in graph.triggers:
        if trigger.function in names:
            details[f"{trigger.type} -> {names[trigger.function]}"] = _told(trigger.delivery)
    for machine in graph.state_machines:
        called = [names[function] for function in machine.functions if function in names]
        if called:
            details[f"Machine: {', '.join(called)}"] = None
    return Drawn(lines=sorted(details), details=details)


def _told(delivery: Mapping[str, Value]) -> Mapping[str, Value]:
    """How something is delivered, without ids."""
    return {name: item for name, item in delivery.items() if name not in ("rule", "dead_letter")} | {
        name: True for name in ("rule", "dead_letter") if name in delivery
    }


def _names(graph: EventGraph, kind: str) -> dict[str, str]:
    """The functions of one application by id."""
    ends = [(item.id, item.name or "") for item in graph.functions]
    return {id: name.removeprefix(f"{kind}_") for id, name in ends if name.startswith(f"{kind}_")}


def read(laid: Laid) -> Scan:
    """The whole account."""
    manners = Manners(limits=None, wait=lambda seconds: None)
    laid.under = Live({ACCOUNT: session()}, manners)
    scope = Scope(account=ACCOUNT, partition="aws", regions=(REGION,), caller=Chokepoint(laid, manners=manners))
    return scan(None, config=Config(), scopes=(scope,))


def _made(cases: Sequence[Case], endpoint: str | None = None) -> Scan:
    """An account with these applications, read."""
    laid, shop = Laid(), Shop(endpoint)
    for case in cases:
        before = laid.edits
        deploy(shop, laid, case)
        assert bool(case.faked) == (laid.edits > before), f"{case.kind}: a test says what it fakes"
    return read(laid)


@pytest.fixture(scope="module")
def accounts() -> Mapping[str, Scan]:
    """All applications in one account, read once; but those that share the default bus would hear of each other."""
    groups = [[case for case in CASES if not case.default_bus], *([case] for case in CASES if case.default_bus)]
    found: dict[str, Scan] = {}
    for group in groups:
        with mock_aws():
            made = _made(group)
        found |= {case.kind: made for case in group}
    return found


def declared(case: Case, root: Path) -> Drawn:
    """What the template says."""
    (root / "template.yaml").write_text(case.text)
    return drawn(scan(root, config=Config()), case.kind)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_an_account_has_the_hops_of_its_template(case: Case, accounts: Mapping[str, Scan], tmp_path: Path) -> None:
    template, deployed = declared(case, tmp_path), drawn(accounts[case.kind], case.kind)
    assert template.lines == case.expected
    assert deployed.lines == case.expected
    assert deployed.details == template.details


def test_every_channel_is_among_them_or_said_to_be_missing() -> None:
    """A kind is proven by a hop or a trigger of its type."""
    words = {word for case in CASES for line in case.expected for word in re.findall(r"[a-z_0-9]+", line)}
    assert {channel.type for channel in CHANNELS} - words - SAID_OTHERWISE == UNSEEN.keys()
