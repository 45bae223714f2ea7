"""Everything that would be added for one chain: the state machine, what to fill in, the contracts, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator

from untangle.contracts import contracts
from untangle.emit.asl import asl_json, substitutions
from untangle.emit.contracts import contract_files
from untangle.emit.markdown import code, prose
from untangle.emit.outlook import section
from untangle.model.chain import Chain
from untangle.model.change import NewFile, Proposal
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.workflow import Obstacle, Workflow

DEFINITION = "state-machine.asl.json"
SUBSTITUTIONS = "substitutions.json"


def proposal(graph: EventGraph, chain: Chain, workflow: Workflow) -> Proposal:
    """The files and the words for one planned chain. Where nothing can move there is no definition, and the words say why."""
    files = list(contract_files(contracts(graph, chain.hops)))
    if workflow.root is not None:
        files.append(NewFile(path=DEFINITION, text=asl_json(workflow, graph)))
        files.append(NewFile(path=SUBSTITUTIONS, text=_substitutions(workflow, graph)))
    title = f"Orchestrate {chain.id}" if workflow.root is not None else f"Keep {chain.id} choreographed"
    return Proposal(chain=chain.id, title=title, body="\n".join(_body(graph, workflow)), files=tuple(sorted(files)))


def _substitutions(workflow: Workflow, graph: EventGraph) -> str:
    """What each `${Name}` of the definition stands for: a resource of the scan and an attribute of it."""
    found = {
        name: {"resource": resource, "attribute": attribute}
        for name, (resource, attribute) in substitutions(workflow, graph).items()
    }
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _body(graph: EventGraph, workflow: Workflow) -> Iterator[str]:
    verdict = workflow.verdict
    if verdict is not None:
        yield f"Verdict: **{verdict.decision}**, score {verdict.score} of 100."
        yield ""
        for reason in verdict.reasons:
            yield f"- {'for' if reason.toward == 'migrate' else 'against'} ({reason.weight:+d}): {prose(reason.text)}"
        yield ""
    if workflow.outlook is not None:
        yield from section(workflow.outlook)
    if workflow.migrated:
        yield "## What moves"
        yield ""
        yield from (_line(graph, graph.hop(id)) for id in workflow.migrated)
        yield ""
    if workflow.kept:
        yield "## What stays as it is"
        yield ""
        yield from (_line(graph, graph.hop(id)) for id in workflow.kept)
        yield ""
    if workflow.obstacles:
        yield "## Obstacles"
        yield ""
        yield from (_obstacle(item) for item in workflow.obstacles)
        yield ""
    if workflow.differences:
        yield "## What changes at run time"
        yield ""
        yield from (f"- {prose(text)}" for text in workflow.differences)
        yield ""


def _line(graph: EventGraph, hop: Hop) -> str:
    channels = " → ".join(passage.type for passage in hop.passages)
    ends = [graph.function(id).address for id in (hop.producer, hop.consumer)]
    return f"- {code(ends[0])} —{prose(channels)}→ {code(ends[1])} ({hop.confidence.value})"


def _obstacle(item: Obstacle) -> str:
    where = f" ({code(str(item.location))})" if item.location is not None else ""
    return f"- [ ] {'**stays:** ' if item.blocking else ''}{prose(item.text)}{where}"
