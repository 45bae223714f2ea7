"""JSONPath as Step Functions evaluates it: the dialect of Jayway's library.

A path that can name one place only ("definite": names and indices) gives the value there, and fails where nothing is. Any other
path gives a list, which is empty where it names nothing, even where what it begins with is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from untangle.asl.jsonpath import closing
from untangle.simulate.machine.failure import Invalid, Undefined
from untangle.simulate.machine.query.filters import Predicate, filter_of

_NAME = re.compile(r"[^\s.\[\]'\"()*?,:]+(?: +[^\s.\[\]'\"()*?,:]+)*")
_CALL = re.compile(r"(length|size|min|max|avg|sum|stddev|keys|concat|first|last)\(\s*\)")
_INDICES = re.compile(r"\s*-?\d+\s*(,\s*-?\d+\s*)*\Z")
_SLICE = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?\Z")
_FROM_END = re.compile(r"\s*\(\s*@\.length(?:\(\))?\s*(?:-\s*(\d+))?\s*\)\s*\Z")
_QUOTED = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")\s*(,|\Z)")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. `kind`: name, names, index, indices, slice, all, deep, filter, call."""

    kind: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path: its steps from the root. `definite` is whether it names one place."""

    text: str
    steps: tuple[Step, ...]
    definite: bool

    def of(self, root: Any) -> Any:
        """The value, or the list of values; raises `Undefined` where a definite path names nothing."""
        if self.definite:
            return self._one(root)
        steps = self.steps
        call = steps[-1] if steps and steps[-1].kind == "call" else None
        found = list(_walk(root, steps[:-1] if call else steps, root))
        return _called(call.value, found) if call else found

    def _one(self, root: Any) -> Any:
        value, last = root, len(self.steps) - 1
        for place, step in enumerate(self.steps):
            if (step.kind == "name" and isinstance(value, dict) and step.value in value) or (
                step.kind == "index" and isinstance(value, list) and -len(value) <= step.value < len(value)
            ):
                value = value[step.value]
            elif step.kind == "call":
                value = _called(step.value, value)
            else:
                raise Undefined(self.text, _missing(self.steps[: place + 1], value, place == last))
        return value


@lru_cache(maxsize=4096)
def path_of(text: str) -> Path:
    """Compile a path that begins with `$`; raises `Invalid` where it is none."""
    steps = tuple(_steps(text, 1))
    plain = all(step.kind in ("name", "index") for step in steps[:-1])
    definite = plain and (not steps or steps[-1].kind in ("name", "index", "call"))
    return Path(text, steps, definite)


def _steps(text: str, at: int) -> Iterator[Step]:
    text = text.rstrip()
    while at < len(text):
        if text.startswith("..", at):
            yield Step("deep")
            at += 2
            if at < len(text) and text[at] == "[":
                continue
        elif text[at] == ".":
            at += 1
            if text.startswith("[", at):  # `.[`: the dot may pass
                continue
        elif text[at] == "[":
            end = closing(text, at)
            if end is None:
                raise Invalid(f"Invalid path '{text}'")
            yield _bracket(text[at + 1 : end], text)
            at = end + 1
            continue
        if text.startswith("*", at):
            yield Step("all")
            at += 1
        elif call := _CALL.match(text, at):
            yield Step("call", call[1])
            at = call.end()
        elif name := _NAME.match(text, at):
            yield Step("name", name[0])
            at = name.end()
        else:
            raise Invalid(f"Invalid path '{text}'")


def _bracket(inner: str, text: str) -> Step:
    body = inner.strip()
    if body == "*":
        return Step("all")
    if body.startswith("?"):
        return Step("filter", filter_of(body[1:].strip(), path_of))
    if _INDICES.match(body):
        numbers = [int(number) for number in body.split(",")]
        return Step("index", numbers[0]) if len(numbers) == 1 else Step("indices", tuple(numbers))
    if part := _SLICE.match(body):
        return Step("slice", slice(*(int(number) if number else None for number in part.groups())))
    if back := _FROM_END.match(body):
        return Step("index", -int(back[1] or 0)) if back[1] else Step("indices", ())
    names, at = [], 0
    while at < len(body) and (quoted := _QUOTED.match(body, at)):
        sign = "'" if quoted[1] is not None else '"'
        names.append((quoted[1] or quoted[2] or "").replace("\\" + sign, sign))
        at = quoted.end()
    if not names or at < len(body):
        raise Invalid(f"Invalid path '{text}'")
    return Step("name", names[0]) if len(names) == 1 else Step("names", tuple(names))


def _walk(value: Any, steps: tuple[Step, ...], root: Any) -> Iterator[Any]:
    """The values that the steps lead to."""
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step.kind == "name":
        if isinstance(value, dict) and step.value in value:
            yield from _walk(value[step.value], rest, root)
        return
    for inner in _CHOSEN[step.kind](value, step.value, root):
        yield from _walk(inner, rest, root)


def _indexed(value: Any, index: int, root: Any) -> Iterator[Any]:
    if isinstance(value, list) and -len(value) <= index < len(value):
        yield value[index]


def _many(value: Any, indices: tuple[int, ...], root: Any) -> Iterator[Any]:
    for index in indices:
        yield from _indexed(value, index, root)


def _named(value: Any, names: tuple[str, ...], root: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield {name: value[name] for name in names if name in value}


def _sliced(value: Any, part: slice, root: Any) -> Iterator[Any]:
    yield from value[part] if isinstance(value, list) else ()


def _children(value: Any, _: None, root: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _descendants(value: Any, _: None, root: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(list(_children(here, None, root))))


def _filtered(value: Any, met: Predicate, root: Any) -> Iterator[Any]:
    candidates = value if isinstance(value, list) else [value] if isinstance(value, dict) else ()
    yield from (item for item in candidates if met(item, root))


_CHOSEN: dict[str, Callable[[Any, Any, Any], Iterator[Any]]] = {
    "index": _indexed,
    "indices": _many,
    "names": _named,
    "slice": _sliced,
    "all": _children,
    "deep": _descendants,
    "filter": _filtered,
}


def _called(name: str, value: Any) -> Any:
    """The functions at the end of a path (Jayway's JSONPath, "Functions")."""
    if name in ("length", "size"):
        return len(value) if isinstance(value, list | dict | str) else None
    if name == "keys":
        return list(value) if isinstance(value, dict) else None
    items = value if isinstance(value, list) else [value]
    if name in ("first", "last"):
        return items[0 if name == "first" else -1] if items else None
    if name == "concat":
        return "".join(str(item) for item in items)
    numbers = [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
    if not numbers:
        raise Invalid("Aggregation function attempted to calculate value using empty array")
    mean = sum(numbers) / len(numbers)
    if name == "stddev":
        return (sum((number - mean) ** 2 for number in numbers) / len(numbers)) ** 0.5
    return float({"min": min(numbers), "max": max(numbers), "sum": sum(numbers), "avg": mean}[name])


def _missing(steps: tuple[Step, ...], value: Any, leaf: bool) -> str:
    route = "$" + "".join(f"['{step.value}']" if step.kind == "name" else f"[{step.value}]" for step in steps)
    return f"No results for path: {route}" if leaf else f"Missing property in path {route}"
