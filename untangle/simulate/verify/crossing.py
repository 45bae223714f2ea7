"""Over which hops messages went in a proof, and of the others why not: what no message crossed is not proved by anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.workflow import Workflow
from untangle.simulate.happening import Happening
from untangle.simulate.verify.outcome import Outcome

# Ways on which the platform logs no delivery of its own: the invocation is all there is.
_UNTOLD = frozenset({"lambda_invoke", "lambda_destination", "create_schedule", "step_functions"})
_SHOWN = 160  # letters of an error


def crossed(graph: EventGraph, workflow: Workflow, sides: Iterable[Outcome]) -> dict[str, bool]:
    """The hops that move, each with whether a message went over it in one of these choreographies: its producer ran, and after
    that its last channel delivered to its consumer, or (of a call that no channel delivers) its consumer ran."""
    logs = [side.log for side in sides]
    return {id: any(_went_over(graph.hop(id), log) for log in logs) for id in workflow.migrated}


def _went_over(hop: Hop, log: Sequence[Happening]) -> bool:
    last = hop.passages[-1] if hop.passages else None
    told = last is not None and last.type not in _UNTOLD
    ran = False
    for item in log:
        arrived = (
            item.kind == "deliver" and item.detail.get("to") == hop.consumer and last is not None and item.who == last.channel
            if told
            else item.kind == "invoke" and item.who == hop.consumer
        )
        if ran and arrived:
            return True
        ran = ran or (item.kind == "invoke" and item.who == hop.producer)
    return False


def why_not(graph: EventGraph, hop: Hop, sides: Sequence[Outcome], unable: Mapping[str, str]) -> str:
    """Why no message went over a hop, in words."""
    for end in (hop.producer, hop.consumer):
        if end in unable:
            return f"no message went over it: {graph.function(end).address} cannot be run here"
    producer = graph.function(hop.producer).address
    ran = [item for side in sides for item in side.log if item.who == hop.producer and item.kind in ("answer", "error")]
    if not ran:
        return f"no message went over it: no input reached {producer}"
    failed = [item for item in ran if item.kind == "error"]
    if len(failed) == len(ran):
        told = f"{failed[0].detail.get('type', '')}: {failed[0].detail.get('message', '')}"
        return f"no message went over it: {producer} failed with every input: {told[:_SHOWN]}"
    return f"no message went over it: {producer} ran, and sent nothing this way with any input (give one that does with --input)"
