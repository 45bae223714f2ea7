"""A planned workflow as a Mermaid flowchart: what runs after what, what is asked, waited for and parked.

A subtree that several ways reach is drawn once, with an arrow from each, and the walk is a work list: the chart is linear in the
graph. What is more than a page can show is counted. Labels are escaped as in `mermaid`, so no name can leave its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from untangle.emit.mermaid import label
from untangle.emit.wording import count, cut, name, short_names, way
from untangle.model.entry import EFFECTS
from untangle.model.graph import EventGraph
from untangle.model.naming import called
from untangle.model.step import (
    Again,
    Choice,
    Each,
    Entries,
    Hand,
    Job,
    Join,
    Loop,
    OneOf,
    Start,
    Step,
    Task,
    Wait,
    children,
    steps,
)
from untangle.model.workflow import Workflow

MOST = 150  # nodes: what can still be read, and far below what Mermaid draws
_WORDS = 40  # characters of a filter or of the channels on an arrow


def plan_chart(graph: EventGraph, workflow: Workflow) -> str:
    """The flowchart of a workflow and of those nested in it; ends in a newline, "" where nothing is to be migrated."""
    if workflow.root is None:
        return ""
    drawing = _Drawing(graph, workflow)
    drawing.draw(workflow.root, "start", "")
    for nested in reversed(workflow.nested):
        drawing.draw(nested.root, nested.name, f"{nested.name}, which nobody waits for")
    return "\n".join(["flowchart TD", *(f"  {line}" for line in drawing.lines())]) + "\n"


@dataclass(slots=True)
class _Place:
    """A node that is not drawn yet: the first one of a loop."""

    node: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """A step to be drawn, and the arrow to it. `opens` are loops that start with it; `loop` and `join` are those around it."""

    step: Step
    source: str
    words: str = ""
    opens: tuple[_Place, ...] = ()
    loop: _Place | None = None
    join: str = ""


@dataclass(slots=True)
class _Group:
    """The nodes of one workflow; a title only for a nested one."""

    title: str
    nodes: list[str] = field(default_factory=list)


class _Drawing:
    def __init__(self, graph: EventGraph, workflow: Workflow) -> None:
        self._graph = graph
        roots = [root for root in (workflow.root, *(nested.root for nested in workflow.nested)) if root is not None]
        self._tasks = list({id(step): step for root in roots for step in steps(root) if isinstance(step, Task)}.values())
        letters = [task.dead_letter.target for task in self._tasks if task.dead_letter is not None]
        self._names = short_names(graph, map(graph.hop, (*workflow.migrated, *workflow.kept)), letters)
        self._called = called(graph.function(task.function) for task in self._tasks)
        self._groups: list[_Group] = []
        self._edges: dict[str, None] = {}
        self._drawn: dict[int, str] = {}
        self._parked: dict[str, str] = {}
        self._started: dict[str, list[str]] = {}
        self._gates: dict[int, str] = {}
        self._number = 0

    def draw(self, root: Step, start: str, title: str) -> None:
        """One workflow, from its start on."""
        if self._number >= MOST:
            return
        self._groups.append(_Group(title))
        if isinstance(root, Entries):
            starts = [(task, self._names.get(task.function, entry)) for entry, task in root.entries]
            pending = [_Way(task, self._node("([", f"start: {words}", "])")) for task, words in starts]
        else:
            pending = [_Way(root, self._node("([", start, "])"))]
        for source in self._started.get(start, ()) if title else ():
            self._edge(source, pending[0].source, "", dotted=True)
        pending.reverse()
        while pending:
            pending.extend(reversed(list(self._step(pending.pop()))))

    def lines(self) -> Iterator[str]:
        """The text of the chart, without its first line."""
        for number, group in enumerate(self._groups):
            if group.title:
                yield f'subgraph w{number}["{label(group.title)}"]'
                yield from (f"  {line}" for line in group.nodes)
                yield "end"
            else:
                yield from group.nodes
        if left := sum(id(task) not in self._drawn for task in self._tasks):
            more = count(left, "further run of a function", "further runs of functions")
            yield f'more["and {more}"]'
        yield from self._edges

    def _step(self, here: _Way) -> Iterable[_Way]:
        """Draws one step with the arrow to it; the ways to the steps below."""
        step = here.step
        if isinstance(step, Again):
            return self._edge(here.source, here.loop.node if here.loop is not None else here.source, "again")
        if isinstance(step, Hand):
            return self._edge(here.source, here.join, "handed over")
        if isinstance(step, Loop):
            place = _Place()
            return (replace(here, step=step.body, opens=(*here.opens, place), loop=place),)
        if isinstance(step, Each) and step.multiplicity == "one" and not step.stops:
            return (replace(here, step=step.body, words=self._channels(step.hops)),)
        if isinstance(step, Join) and (id(step) in self._gates or self._number < MOST):
            if id(step) in self._gates:
                return (replace(here, step=step.body, join=self._gates[id(step)]),)
            gate = self._gates[id(step)] = self._node("{{", "when all are done", "}}")
            return replace(here, step=step.body, join=gate), replace(here, step=step.then, source=gate, words="", opens=())
        if id(step) in self._drawn:
            self._edge(here.source, self._drawn[id(step)], here.words)
            return ()
        if self._number >= MOST:
            self._edge(here.source, "more", "", dotted=True)
            return ()
        return self._shown(here)

    def _shown(self, here: _Way) -> Iterable[_Way]:
        """A step with a node of its own."""
        step = here.step
        before, text, after = self._shape(step)
        node = self._drawn[id(step)] = self._node(before, text, after)
        words = self._channels(step.hops) if isinstance(step, Each) else here.words
        self._edge(here.source, node, words)
        for place in here.opens:
            place.node = node
        if isinstance(step, Task):
            self._dead_letter(step, node)
        if isinstance(step, Start):
            self._started.setdefault(step.workflow, []).append(node)
        asked = "yes" if isinstance(step, Choice) or (isinstance(step, Each) and step.multiplicity == "maybe") else ""
        return [replace(here, step=child, source=node, words=asked, opens=()) for child in children(step)]

    def _shape(self, step: Step) -> tuple[str, str, str]:
        """The brackets and the words of a step's node."""
        if isinstance(step, Task):
            function = self._called[step.function]
            if step.entry == EFFECTS:
                return "([", f"{function}, which stays outside", "])"
            return "[", f"{function}, called back by its queue" if step.called_back else function, "]"
        if isinstance(step, Each) and step.multiplicity == "many":
            most = f", {step.concurrency} at a time" if step.concurrency is not None else ""
            return "[[", f"for each message{_if(step.words)}{most}", "]]"
        if isinstance(step, Each):
            return "{", f"is there a message{_if(step.words)}?", "}"
        if isinstance(step, Choice):
            return "{", f"{cut(step.words, _WORDS)}?", "}"
        if isinstance(step, OneOf):
            return "{", "which message, if any?", "}"
        if isinstance(step, Wait):
            return "([", _waiting(step), "])"
        if isinstance(step, Job):
            return "{{", f"{step.service} {step.operation}: wait for its end", "}}"
        return ("[[", f"start {step.workflow}", "]]") if isinstance(step, Start) else ("[/", "side by side", "/]")

    def _dead_letter(self, task: Task, node: str) -> None:
        letter = task.dead_letter
        if letter is None:
            return
        if letter.target not in self._parked:
            self._parked[letter.target] = f"d{len(self._parked)}"
            self._groups[0].nodes.append(f'{self._parked[letter.target]}[("{label(name(self._names, letter.target))}")]')
        tries = 1 + sum(retry.attempts for retry in task.retries if retry.errors == "any")
        self._edge(node, self._parked[letter.target], f"failed {tries:,} times" if tries > 1 else "failed", dotted=True)

    def _channels(self, hops: tuple[str, ...]) -> str:
        ways = dict.fromkeys(way(self._names, self._graph.hop(hop)) for hop in hops[:MOST])
        return cut(", ".join(ways), _WORDS)

    def _node(self, before: str, text: str, after: str) -> str:
        id = f"s{self._number}"
        self._number += 1
        self._groups[-1].nodes.append(f'{id}{before}"{label(text)}"{after}')
        return id

    def _edge(self, source: str, target: str, words: str, *, dotted: bool = False) -> tuple[()]:
        arrow = "-.->" if dotted else "-->"
        said = f'|"{label(words)}"|' if words else ""
        self._edges[f"{source} {arrow}{said} {target}"] = None
        return ()


def _if(words: str) -> str:
    return f" where {cut(words, _WORDS)}" if words else ""


def _waiting(wait: Wait) -> str:
    if wait.until is not None:
        return "wait until the time it names"
    usual = f"wait {wait.seconds:,} s"
    return f"{usual}, or as the message says" if wait.parameter is not None else usual
