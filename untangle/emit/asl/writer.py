"""What the writers of the steps share: the step at hand, the place it is written to, and the names handed out so far.

The tree is walked with a work list: each step writes its states into the scope it stands in (the machine, a branch, an item
processor), announces its first state to whoever comes before it, and says which steps come next and where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from untangle.emit.asl.names import StateNames, Substitutions
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.naming import called
from untangle.model.step import Start, Step, Task, children, steps
from untangle.model.workflow import Workflow

State: TypeAlias = dict[str, Any]
INPUT = "$states.input"
NO_EFFECTS = "{% [] %}"
GATHERED = "{% [$reduce($states.result, $append, [])] %}"  # one flat array of the arrays that branches or items put out


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """A loop that is being written: the variable that counts its rounds, their `limit`, and the Fail state `beyond` it.

    `start` holds the name of the state that a round begins with, once it is written; `who` is what its function is called.
    """

    who: str
    variable: str
    limit: int | None
    beyond: str
    start: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One step to be written: into `scope`, on the effect in `source`; `arrive` is told the name of its first state.

    `guarded` means that it stands beside others whom its failure must not stop; `after` is what the step before is called.
    `back` is the loop around it in the same scope; `via` the rule of a Choice that leads to it. `handing` means that a join waits
    for the effects which the states that end here put out, as an array.
    """

    step: Step
    scope: State
    source: str
    arrive: Callable[[str], None]
    guarded: bool = False
    after: str = ""
    back: Lap | None = None
    via: State | None = None
    handing: bool = False

    def below(self, step: Step, *, arrive: Callable[[str], None], **changes: Any) -> Writing:
        """The writing of a step that comes after this one in the same scope."""
        return replace(self, step=step, arrive=arrive, **{"via": None, **changes})

    @property
    def reached(self) -> str:
        """How the step is told from others of its name."""
        return f"after {self.after}" if self.after else ""

    @property
    def nothing(self) -> State | str:
        """What a state that ends here puts out: no effects where a join waits for some."""
        return NO_EFFECTS if self.handing else {}

    @property
    def gathered(self) -> State | str:
        """What a Map or Parallel that ends here puts out: where a join waits, all effects that its runs have handed out."""
        return GATHERED if self.handing else {}

    def ended(self) -> State:
        """A Succeed state that ends here with no effects."""
        return {"Type": "Succeed", "Output": NO_EFFECTS} if self.handing else {"Type": "Succeed"}


StepWriter: TypeAlias = Callable[["Writer", Any, Writing], list[Writing]]


class Writer:
    """Writes one step at a time and says which steps come next. `writers` holds the writer of each kind of step."""

    def __init__(self, graph: EventGraph, workflow: Workflow, writers: Mapping[type, StepWriter]) -> None:
        self.graph = graph
        self.names = Substitutions(graph)
        self.states = StateNames()
        self._variables = 0
        self.nested = {nested.name: nested for nested in workflow.nested}
        self._prefix = f"{workflow.name}-"
        self._writers = writers
        every = (step for root in (workflow.root, *(one.root for one in workflow.nested)) for step in steps(root))
        self._called = called(graph.function(step.function) for step in every if isinstance(step, Task))

    def begin(self) -> None:
        """A definition of its own: state names may be used again, and the substitutions are counted anew."""
        self.states = StateNames()
        self.names.used = {}
        self._variables = 0

    def variable(self, name: str) -> str:
        """A variable's name that no scope of the definition has: an inner scope may not assign one of an outer scope."""
        self._variables += 1
        return name if self._variables == 1 else f"{name}{self._variables}"

    def write(self, writing: Writing) -> list[Writing]:
        """The states of one step, written; the writings of the steps below it, in order."""
        return self._writers[type(writing.step)](self, writing.step, writing)

    def place(self, writing: Writing, title: str, state: State, hops: tuple[str, ...], words: str = "") -> str:
        """Give a state its name and comment, put it into its scope and announce it; `words` say what passes its filter."""
        name = self.states.take(title, writing.reached)
        comment = self.drawn(hops) + (f"; it passes if {words}" if words else "")
        head = {"Type": state.pop("Type")}
        if comment:
            head["Comment"] = comment
        writing.scope[name] = {**head, **state}
        writing.arrive(name)
        return name

    def called(self, step: Step) -> str:
        """What a step is called after: the first function that runs in it or in the workflow that it starts, or that workflow."""
        while not isinstance(step, Task):
            if isinstance(step, Start) and step.together:
                return step.workflow.removeprefix(self._prefix)
            below = (self.nested[step.workflow].root,) if isinstance(step, Start) else children(step)
            if not below:
                return "the next"
            step = below[0]
        return self._called[step.function]

    def drawn(self, hops: tuple[str, ...]) -> str:
        """These hops in arrow notation, with their places, by their names."""
        return "; ".join(sorted(self._drawn(self.graph.hop(hop)) for hop in hops))

    def _drawn(self, hop: Hop) -> str:
        """A hop with its place: `Intake -sqs-> Charge (src/intake/app.py:31)`."""
        ends = [self.graph.told(id, self._called) for id in (hop.producer, hop.consumer)]
        way = "/".join(passage.type for passage in hop.passages)
        place = next((item.location for item in hop.evidence if item.location is not None), None)
        return f"{ends[0]} -{way}-> {ends[1]}" + (f" ({place})" if place else "")


def next_of(state: State) -> Callable[[str], None]:
    """What sets the state that follows a state or a rule."""

    def arrive(name: str) -> None:
        state["Next"] = name

    return arrive


def start_of(machine: State) -> Callable[[str], None]:
    """What sets the state that a machine, a branch or an item processor starts at."""

    def arrive(name: str) -> None:
        machine["StartAt"] = name

    return arrive
