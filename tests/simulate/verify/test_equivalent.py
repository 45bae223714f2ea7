"""Planted faults that change nothing are known by a rule, from what the code sends and the templates say; no others are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from untangle.model.link import LinkKind, Sent
from untangle.model.value import Concat, Symbol
from untangle.model.workflow import Workflow
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.equivalent import equivalent
from untangle.simulate.verify.mutants import Planted

MIGRATED = Migrated(
    definitions={},
    workflow=Workflow(chain="c", name="M", root=None, migrated=("hop",)),
    substitutions={"LoadArn": ("app/Load", "Arn")},
)
UNKNOWN = Symbol(name="name", scope="")
PASSES = "what the code sends always passes this filter"


def said(change: str, sent: Sent | None, filter: Any) -> str:
    """Why a mutant changes nothing where one hop, with such calls and such a filter, leads to its function."""
    hop = SimpleNamespace(
        mediated="",
        consumer="app/Load",
        links=(SimpleNamespace(kind=LinkKind.PUBLISH, sent=sent),),
        passages=(SimpleNamespace(filter=filter),),
    )
    graph: Any = SimpleNamespace(hop=lambda id: hop, triggers_of=lambda function: ())
    mutant = Planted(change=change, migrated=MIGRATED, machine="M", state="S", seen="S", function="LoadArn")
    return equivalent(mutant, graph, MIGRATED)


def put(key: Any, operation: str = "PutObject") -> Sent:
    return Sent(service="s3", operation=operation, attributes={"Bucket": "lake", "Key": key})


CREATED = {"events": ("s3:ObjectCreated:Put",), "prefix": "clean/"}


@pytest.mark.parametrize(
    ("sent", "filter", "passes"),
    [
        (put(Concat(parts=("clean/", UNKNOWN))), CREATED, True),
        (put(Concat(parts=("clean/2026/", UNKNOWN, ".json"))), {**CREATED, "suffix": ".json"}, True),
        (put("clean/all.json"), {**CREATED, "events": ("s3:ObjectCreated:*",)}, True),
        (put(Concat(parts=("cle", UNKNOWN))), CREATED, False),
        (put(Concat(parts=(UNKNOWN, "clean/"))), CREATED, False),
        (put(Concat(parts=("clean/", UNKNOWN))), {**CREATED, "suffix": ".json"}, False),
        (put(Concat(parts=("clean/", UNKNOWN)), "CopyObject"), CREATED, False),
        (put(Concat(parts=("clean/", UNKNOWN)), "DeleteObject"), CREATED, False),
        (put(Concat(parts=("clean/", UNKNOWN))), {**CREATED, "size": 3}, False),
        (put(UNKNOWN), CREATED, False),
        (None, CREATED, False),
    ],
)
def test_a_filter_of_keys_that_every_write_passes(sent: Sent | None, filter: Any, passes: bool) -> None:
    assert said("Is it for Load?: rule 1 always true", sent, filter) == (PASSES if passes else "")


@pytest.mark.parametrize("change", ["Is it for Load?: rule 1 never true", "Is it for Load?: rule 1 negated", "Load: no catcher"])
def test_what_passes_always_excuses_no_other_fault(change: str) -> None:
    assert said(change, put("clean/all.json"), CREATED) == ""


@pytest.mark.parametrize(("kind", "passes"), [("paid", True), ("free", False)])
def test_a_filter_of_attributes_that_every_message_passes(kind: str, passes: bool) -> None:
    sent = Sent(service="sns", operation="Publish", attributes={"MessageAttributes": {"kind": {"StringValue": kind}}})
    assert said("Load for each: no filter", sent, {"kind": ("paid",)}) == (PASSES if passes else "")
