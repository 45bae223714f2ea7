"""Everything that would be added for one chain: the state machine, what to fill in, the contracts, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.contracts import contracts
from untangle.emit.alternatives import alternative_files, alternative_section
from untangle.emit.asl import UNKNOWN, Language, Machine, as_text, asl_definitions, asl_machines, states_of
from untangle.emit.contracts import contract_files
from untangle.emit.markdown import code, prose
from untangle.emit.outbox import outbox_files, outbox_section
from untangle.emit.outlook import kind, section, size
from untangle.emit.plan_chart import plan_chart
from untangle.emit.takeover import MIGRATION, entry_section, migration_json, phase_section
from untangle.emit.wording import along, count, name, short_names, telling
from untangle.model.certificate import fingerprint
from untangle.model.chain import Chain, Verdict
from untangle.model.change import NewFile, Proposal
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.workflow import Obstacle, Workflow

DEFINITION = "state-machine.asl.json"
SUBSTITUTIONS = "substitutions.json"
STRONGEST = 3
_TOPICS = {
    "": "To look at before the change",
    "job": "Jobs that the workflow could wait for itself",
    "join": "Joins that may be hidden in a count",
    "loop": "Loops",
    "human": "Waits for people and for other answers from outside",
}


def proposal(graph: EventGraph, chain: Chain, workflow: Workflow, language: Language = "jsonata") -> Proposal:
    """The files and the words for one planned chain. Where nothing can move there is no definition, and the words say why.

    Raises `UntangleError` with the hops and the reasons where the language cannot say it.
    """
    files = list(contract_files(contracts(graph, chain.hops)))
    definitions: list[dict[str, Any]] = []
    made = ""
    if workflow.root is not None:
        machines = asl_machines(workflow, graph, language)
        definitions = [machine.definition for machine in machines.values()]
        made = fingerprint({name: machine.definition for name, machine in machines.items()})
        files.extend(_definitions(workflow, machines))
        if language == "jsonata":
            files.extend(alternative_files(workflow, graph, definitions))
        files.extend(outbox_files(workflow, graph))
        files.append(NewFile(path=MIGRATION, text=migration_json(workflow, graph, language)))
    title = f"Orchestrate {chain.id}" if workflow.root is not None else f"Keep {chain.id} choreographed"
    return Proposal(
        chain=chain.id,
        title=title,
        body="\n".join(_body(graph, chain, workflow, language, definitions)),
        files=tuple(sorted(files)),
        fingerprint=made,
    )


def _definitions(workflow: Workflow, machines: Mapping[str, Machine]) -> Iterator[NewFile]:
    """The definition of the workflow and of each one nested in it, each with what its `${Name}`s stand for."""
    for called, machine in machines.items():
        own = called == workflow.name
        yield NewFile(path=DEFINITION if own else f"{called}.asl.json", text=as_text(machine.definition))
        yield NewFile(path=SUBSTITUTIONS if own else f"{called}.{SUBSTITUTIONS}", text=_substitutions(machine))


def _substitutions(machine: Machine) -> str:
    """What each `${Name}` of a definition stands for: a resource of the scan, or a nested workflow, and an attribute of it."""
    found = {
        name: {"resource": resource, "attribute": attribute} for name, (resource, attribute) in machine.substitutions.items()
    }
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _more_states(graph: EventGraph, workflow: Workflow, definitions: list[dict[str, Any]]) -> Iterator[str]:
    """What the JSONPath form costs beside the numbers of the plan, which are those of the other form, and what it makes up."""
    usual = sum(states_of(item) for item in asl_definitions(workflow, graph).values())
    written = sum(states_of(item) for item in definitions)
    if written > usual:
        yield (
            f"Written with JSONPath, it has {count(written - usual, 'state')} more than counted here: each that a run enters is "
            "a transition more. A path cannot look into what a call gives, so some messages are taken out and opened by a state."
        )
        yield ""
    if any(UNKNOWN in as_text(item) for item in definitions):
        yield (
            f"`md5OfBody` of messages that its states put together is `{UNKNOWN}`: `States.Hash` takes no text over 10,000 "
            "characters. No handler that was read looks at it."
        )
        yield ""


def _nested(workflow: Workflow) -> Iterator[str]:
    """What else is to be created, and that the machine that starts it must be allowed to."""
    if not workflow.nested:
        return
    yield "## Workflows of their own"
    yield ""
    yield (
        "Parts of it are state machines of their own, started without waiting. Create them first, in this order; the role of "
        "whoever starts one needs `states:StartExecution` on it."
    )
    yield ""
    for one in workflow.nested:
        told = f", {prose(f'{kind(one.outlook)}: {size(one.outlook)}')}" if one.outlook is not None else ""
        yield f"- {code(one.name)} ({code(f'{one.name}.asl.json')}){told}"
    yield ""


def _body(
    graph: EventGraph, chain: Chain, workflow: Workflow, language: Language, definitions: list[dict[str, Any]]
) -> Iterator[str]:
    verdict = workflow.verdict
    called = short_names(graph, (graph.hop(id) for id in chain.hops))
    if verdict is not None:
        yield f"Verdict: **{verdict.decision}**, score {verdict.score} of 100."
        yield ""
        yield from _reasons(verdict)
    if workflow.outlook is not None:
        yield from section(workflow.outlook)
    if language == "jsonpath" and workflow.root is not None:
        yield from _more_states(graph, workflow, definitions)
    if workflow.root is not None:
        yield from ("## The workflow", "", "```mermaid", plan_chart(graph, workflow).rstrip(), "```", "")
    yield from _nested(workflow)
    if workflow.migrated:
        yield "## What moves"
        yield ""
        yield from (_line(called, hop) for hop in along(chain, (graph.hop(id) for id in workflow.migrated)))
        yield ""
    if workflow.kept:
        yield "## What stays as it is"
        yield ""
        yield from (_line(called, hop) for hop in along(chain, (graph.hop(id) for id in workflow.kept)))
        yield ""
    yield from entry_section(workflow)
    yield from outbox_section(workflow, graph)
    for title, items in _sections(workflow.obstacles):
        yield f"## {title}"
        yield ""
        yield from _remarks(items)
        yield ""
    if workflow.differences:
        yield "## What changes at run time"
        yield ""
        yield from (f"- {prose(text)}" for text in workflow.differences)
        yield ""
    if language == "jsonata":
        yield from alternative_section(workflow, called)
    yield from phase_section(workflow)


def _line(called: Mapping[str, str], hop: Hop) -> str:
    channels = " → ".join(passage.type for passage in hop.passages)
    witness = telling(hop)
    place = f", {code(str(witness.location))}" if witness is not None and witness.location is not None else ""
    ends = [code(name(called, id)) for id in (hop.producer, hop.consumer)]
    return f"- {ends[0]} —{prose(channels)}→ {ends[1]} ({hop.confidence.value}{place})"


def _reasons(verdict: Verdict) -> Iterator[str]:
    """The three strongest reasons each way, with their points and places; the rest is counted."""
    for toward, title in (("migrate", "For a move"), ("keep", "Against it")):
        reasons = [reason for reason in verdict.reasons if reason.toward == toward]
        if not reasons:
            continue
        yield f"{title}:"
        yield ""
        for reason in reasons[:STRONGEST]:
            points = f" ({reason.weight} points)" if reason.weight else ""
            places = f" ({', '.join(code(str(place)) for place in reason.locations[:STRONGEST])})" if reason.locations else ""
            yield f"- {prose(reason.text)}{points}{places}"
        if rest := reasons[STRONGEST:]:
            yield f"- and {count(len(rest), 'weaker reason')} with {sum(reason.weight for reason in rest)} points"
        yield ""


def _sections(obstacles: tuple[Obstacle, ...]) -> Iterator[tuple[str, list[Obstacle]]]:
    """What keeps hops as they are, what is to be looked at, then what a person could do better, by topic."""
    blocking = [item for item in obstacles if item.blocking and not item.topic]
    if blocking:
        yield "Why hops stay", blocking
    for topic, title in _TOPICS.items():
        if items := [item for item in obstacles if item.topic == topic and item not in blocking]:
            yield title, items


def _remarks(items: list[Obstacle]) -> Iterator[str]:
    """A line for each remark; hops of which the same is said share one."""
    said: dict[str, list[tuple[str, Obstacle]]] = {}
    for item in items:
        head, colon, tail = item.text.partition(": ")
        of_hop = bool(colon) and "->" in head and len(item.hops) == 1
        said.setdefault(tail if of_hop else item.text, []).append((head if of_hop else "", item))
    for text, alike in said.items():
        mark = "- " if all(item.blocking for _, item in alike) else "- [ ] "
        places = [f" ({code(str(item.location))})" if item.location is not None else "" for _, item in alike]
        if len(alike) == 1:
            yield f"{mark}{prose(alike[0][1].text)}{places[0]}"
            continue
        yield f"{mark}{prose(text)}:"
        yield from (f"  - {prose(head or item.text)}{place}" for (head, item), place in zip(alike, places, strict=True))
