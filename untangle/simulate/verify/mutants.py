"""Faults planted into a proposal: what a planner could get wrong, one at a time, all over its definitions.

A proof that lets one of them pass has not looked at that part of the proposal. See DeMillo, Lipton and Sayward, "Hints on Test
Data Selection" (1978), for why this tells how good the scenarios are.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from untangle.model.shape import ANY_ELEMENT, DECODED, Path
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.trail import distributed, several

State = dict[str, Any]
States = dict[str, State]
Reads = Callable[[str], tuple[Path, ...]]
LAMBDA = "arn:aws:states:::lambda:invoke"
_PASSES = re.compile(r"((?:\$passes\d+)(?: and \$passes\d+)*)\n\)")
FIRST = "only the first item"
_AFTER_FAILURE = ("no retry of ", "retries ", "no catcher")
_LIST = re.compile(r"'(capture|observe)': \[([^\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A changed proposal: `change` in words, with the state; `function` is the substitution of the function it concerns, "" for
    none; `state` the name of the state, in `machine`. It shows only where an execution comes to the state `seen` (itself, or one
    around it that starts executions of its own); with `failing`, only where something fails there."""

    change: str
    migrated: Migrated
    machine: str
    state: str
    seen: str
    function: str = ""
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A state, by where it stands: the machine, and the keys and indexes down to its `States`."""

    machine: str
    path: tuple[str | int, ...]
    name: str
    state: Mapping[str, Any]
    scope: Mapping[str, Any]


Change = tuple[str, Callable[[States, str], None]]


def planted(migrated: Migrated, reads: Reads) -> Iterator[Planted]:
    """Every mutant of a proposal, in the order of its states. `reads` gives the paths that a function reads, by node id."""
    functions = sorted({_invoked(place.state) for place in places(migrated)} - {""})
    queues = sorted({name for name in migrated.substitutions if name.endswith("Url")})
    for place in places(migrated):
        made = [*_of_any(place), *_of_task(place, functions, migrated, reads), *_of_service(place, queues), *_of_flow(place)]
        outer = distributed(place.path, migrated.definitions[place.machine])
        for words, change in made:
            yield Planted(
                change=f"{place.name}: {words}",
                migrated=_changed(migrated, place, change),
                machine=place.machine,
                state=place.name,
                seen=outer or (several(place.name) if words == FIRST else place.name),
                function=_invoked(place.state) or _caught(place) or _chosen(place),
                failing=not outer and words.startswith(_AFTER_FAILURE),
            )


def places(migrated: Migrated) -> Iterator[Place]:
    """Every state of every machine, outer ones first."""
    for machine, definition in migrated.definitions.items():
        pending: list[tuple[tuple[str | int, ...], Mapping[str, Any]]] = [((), definition)]
        while pending:
            path, here = pending.pop(0)
            for name, state in here["States"].items():
                yield Place(machine, path, name, state, here)
                if "ItemProcessor" in state:
                    pending.append(((*path, "States", name, "ItemProcessor"), state["ItemProcessor"]))
                for number, branch in enumerate(state.get("Branches", ())):
                    pending.append(((*path, "States", name, "Branches", number), branch))


def _changed(migrated: Migrated, place: Place, change: Callable[[States, str], None]) -> Migrated:
    definition = copy.deepcopy(dict(migrated.definitions[place.machine]))
    here: Any = definition
    for step in place.path:
        here = here[step]
    change(here["States"], place.name)
    if here.get("StartAt") not in here["States"]:
        here["StartAt"] = next(iter(here["States"]))
    return replace(migrated, definitions={**migrated.definitions, place.machine: definition})


def _invoked(state: Mapping[str, Any]) -> str:
    """The name of the substitution of the function that a state invokes."""
    arguments = state.get("Arguments")
    named = arguments.get("FunctionName", "") if isinstance(arguments, Mapping) and "Payload" in arguments else ""
    return named[2:-1] if isinstance(named, str) and named.startswith("${") else ""


def _caught(place: Place) -> str:
    """The name of the substitution of the function whose failures end in a state; "" for none."""
    for state in place.scope["States"].values():
        if any(catcher.get("Next") == place.name for catcher in state.get("Catch", ())):
            return _invoked(state)
    return ""


def _chosen(place: Place) -> str:
    """The name of the substitution of the function that a choice decides about; "" for none."""
    named = [rule.get("Next") for rule in place.state.get("Choices", ())]
    return next((_invoked(place.scope["States"].get(name, {})) for name in named), "")


def _set(*path: str | int, to: Any) -> Callable[[States, str], None]:
    """Puts a value at a path below the state."""

    def change(states: States, name: str) -> None:
        here: Any = states[name]
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[States, str], None]:
    def change(states: States, name: str) -> None:
        here: Any = states[name]
        for step in path[:-1]:
            here = here[step]
        del here[path[-1]]

    return change


def _of_any(place: Place) -> Iterator[Change]:
    """Retry, Catch and Next, which many kinds of states have."""
    state = place.state
    own = _invoked(state)
    for number, retrier in enumerate(state.get("Retry", ()) if own else ()):
        most = retrier.get("MaxAttempts", 3)
        every = "States.ALL" in retrier["ErrorEquals"]
        yield (
            f"no retry of {'failures' if every else 'refusals'}",
            _set("Retry", to=[one for index, one in enumerate(state["Retry"]) if index != number]),
        )
        if every:
            yield f"retries {most + 1} times in place of {most}", _set("Retry", number, "MaxAttempts", to=most + 1)
            if most > 1:
                yield f"retries {most - 1} times in place of {most}", _set("Retry", number, "MaxAttempts", to=most - 1)
    if "Catch" in state:
        yield "no catcher", _drop("Catch")
    following = state.get("Next")
    after = place.scope["States"].get(following, {}) if following else {}
    if following and after.get("Type") not in ("Succeed", "Fail", None):
        yield from _past(place, following, after)


def _past(place: Place, following: str, after: Mapping[str, Any]) -> Iterator[Change]:
    """The next state is left out; states that would do nothing anyway make no mutant."""
    if after.get("Type") == "Pass":
        return

    def change(states: States, name: str) -> None:
        if "Next" in after:
            states[name]["Next"] = after["Next"]
        else:
            del states[name]["Next"]
            states[name]["End"] = True

    yield f"goes past {following}", change


def _of_task(place: Place, functions: list[str], migrated: Migrated, reads: Reads) -> Iterator[Change]:
    """Invocations: the function, the envelope, the marker."""
    state, own = place.state, _invoked(place.state)
    if not own:
        return
    other = next((name for name in (*functions[functions.index(own) + 1 :], *functions) if name != own), "")
    if other:
        yield f"invokes {other} in place of {own}", _set("Arguments", "FunctionName", to=f"${{{other}}}")
    yield from _of_marker(state)
    payload = str(state["Arguments"]["Payload"])
    for path in fields(reads(migrated.substitutions.get(own, ("", ""))[0])):
        yield f"{'.'.join(path)} is not in the event", _set("Arguments", "Payload", to=_without(payload, path))
    if "Output" in state and state["Output"] != {} and "Next" in state:
        yield "its effects are lost", _set("Output", to="{% [] %}")


def _of_marker(state: Mapping[str, Any]) -> Iterator[Change]:
    marker = str(state["Arguments"].get("ClientContext", ""))
    if ", 'partial': true" in marker:
        yield (
            "an answer with failed items counts as a success",
            _set("Arguments", "ClientContext", to=marker.replace(", 'partial': true", "")),
        )
    for match in _LIST.finditer(marker):
        named = [part for part in match[2].split(", ") if part]
        for target in named:
            kept = ", ".join(part for part in named if part != target)
            text = f"{marker[: match.start(2)]}{kept}{marker[match.end(2) :]}"
            yield f"does not {match[1]} {target}", _set("Arguments", "ClientContext", to=text)


def fields(paths: tuple[Path, ...]) -> list[Path]:
    """The fields of the event itself that these paths lead through, as far as the envelope makes them."""
    found: dict[Path, None] = {}
    for path in paths:
        outer = path[: path.index(DECODED)] if DECODED in path else path
        plain = tuple(step for step in outer if step != ANY_ELEMENT)
        while plain and plain[-1] in _METHODS:
            plain = plain[:-1]
        if plain:
            found[plain] = None
    return list(found)


# What code calls on a text, an array or an object is no field of it.
_METHODS = frozenset(
    {name for type in (str, list, dict) for name in dir(type)} | {"length", "map", "forEach", "filter", "toString"}
)


def _without(payload: str, path: Path) -> str:
    """A payload that lacks one field (JSONata's transform operator)."""
    expression = payload.removeprefix("{%").removesuffix("%}").strip()
    outer = ".".join(f"`{step}`" for step in path[:-1]) or "$"
    return f"{{% ({expression}) ~> |{outer}|{{}}, ['{path[-1]}']| %}}"


def _of_service(place: Place, queues: list[str]) -> Iterator[Change]:
    """Service calls, such as the parking of what failed."""
    state = place.state
    if state.get("Type") != "Task" or _invoked(state):
        return
    yield "does nothing", _to_pass
    text = state.get("Arguments")
    if isinstance(text, str) and "$states.input.body" in text:
        emptied = text.replace("'MessageBody': $states.input.body", "'MessageBody': '{}'")
        yield "parks an empty body", _set("Arguments", to=emptied)
        yield "parks no attributes", _set("Arguments", to=re.sub(r"\$exists\(\$states\.input\.attributes\)", "false", text))
        own = re.search(r"\$\{(\w+Url)\}", text)
        other = next((name for name in queues if own and name != own[1]), "")
        if own and other:
            yield f"parks in {other}", _set("Arguments", to=text.replace(own[0], f"${{{other}}}"))


def _to_pass(states: States, name: str) -> None:
    old = states[name]
    states[name] = {"Type": "Pass", **{key: old[key] for key in ("Next", "End") if key in old}}


def _of_flow(place: Place) -> Iterator[Change]:
    """Choices, maps, branches and waits."""
    state = place.state
    for number, rule in enumerate(state.get("Choices", ())):
        condition = rule.get("Condition")
        if isinstance(condition, str):
            inner = condition.removeprefix("{%").removesuffix("%}").strip()
            yield f"rule {number + 1} negated", _set("Choices", number, "Condition", to=f"{{% $not({inner}) %}}")
            yield f"rule {number + 1} always true", _set("Choices", number, "Condition", to="{% true %}")
            yield f"rule {number + 1} never true", _set("Choices", number, "Condition", to="{% false %}")
    if state.get("Type") == "Map" and isinstance(items := state.get("Items"), str):
        yield from _of_items(items)
    for number in range(len(state.get("Branches", ()))):
        if len(state["Branches"]) > 1:
            kept = [branch for index, branch in enumerate(state["Branches"]) if index != number]
            yield f"without the branch {state['Branches'][number]['StartAt']}", _set("Branches", to=kept)
    if state.get("Type") == "Wait":
        yield "does not wait", _to_pass


def _of_items(items: str) -> Iterator[Change]:
    inner = items.removeprefix("{%").removesuffix("%}").strip()
    first = f"{{% ($all := ({inner}); $count($all) > 1 ? [$all[0]] : $all) %}}"
    yield FIRST, _set("Items", to=first)
    for match in _PASSES.finditer(items):
        yield (
            "the filter negated",
            _set("Items", to=f"{items[: match.start(1)]}$not({match[1]}){items[match.end(1) :]}"),
        )
        yield "no filter", _set("Items", to=f"{items[: match.start(1)]}true{items[match.end(1) :]}")
