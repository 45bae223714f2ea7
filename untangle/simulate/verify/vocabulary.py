"""The words of a chain: which keys its handlers look up, as what they use them, and which values they compare them with.

An input that a handler can work with has the keys that its code names; one that takes the other branch of an `if` has a value on
the other side of the literal. Filters on the way add theirs. Sources are parsed, never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from untangle.model.graph import EventGraph
from untangle.simulate.verify.sources import sources

_ORDERS = frozenset({"enumerate", "sorted", "reversed", "list", "set", "tuple"})
_NUMBERS = frozenset({"int", "float", "Decimal", "sum", "abs", "round", "range", "Number", "parseInt", "parseFloat"})
_SCRIPT_KEY = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)\s*(===?|!==?|[<>]=?)\s*(?:'([^']*)'|\"([^\"]*)\"|(-?\d+(?:\.\d+)?))")
_SCRIPT_NAME = re.compile(r"(?:\.|\[['\"])([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(slots=True)
class Vocabulary:
    """`numbers` and `lists` are the keys that are used as such; `values` what keys are compared with, both sides of it;
    `keys` are all that are looked up, in the order of the text, by function."""

    numbers: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    values: dict[str, list[Any]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, values: Iterable[Any]) -> None:
        """A key with values that matter for it; each once, in order."""
        known = self.values.setdefault(key, [])
        known.extend(value for value in values if value not in known)


def vocabulary(graph: EventGraph, root: Path, functions: Iterable[str], hops: Iterable[str]) -> Vocabulary:
    """The words of these functions, as far as their sources can be read below `root`, and of the filters of these hops."""
    found = Vocabulary()
    for id in hops:
        for passage in graph.hop(id).passages:
            _of_filter(passage.filter, found)
    for id in sorted(functions):
        found.keys[id] = []
        scripts = []
        for path in sources(graph, root, id):
            text = path.read_text("utf-8", "replace")
            if path.suffix == ".py":
                _of_python(text, found, id)
            else:
                _of_script(text, found, id)
                scripts.append(text)
        _of_choices("\n".join(scripts), found)
    return found


_OF_EVENTS = frozenset({"source", "detail-type"})  # of an event itself: patterns further on speak of other events


def facing(words: Vocabulary, filter: Any) -> Vocabulary:
    """The words as they are before a filter at an entry: what it asks for comes first."""
    own = Vocabulary()
    _of_filter(filter, own)
    if not own.values:
        return words
    made = replace(words, numbers=words.numbers | own.numbers, values={**words.values, **own.values})
    for key in own.values.keys() - _OF_EVENTS:
        made.values[key] = list(dict.fromkeys((*own.values[key], *words.values.get(key, ()))))
    return made


def _of_filter(filter: Any, found: Vocabulary, key: str = "") -> None:
    """The values that a filter names for each key: exact ones, beginnings and bounds, and the other side of each."""
    pending = [(key, filter, 0)]
    while pending:
        key, here, depth = pending.pop()
        if depth > 20:
            continue
        if isinstance(here, Mapping):
            # below an attribute's name stands its type: {"status": {"S": ["paid"]}}
            named = ((key if key and name in _TYPES else name, inner) for name, inner in here.items())
            pending.extend((name, inner, depth + 1) for name, inner in named)
        elif isinstance(here, list | tuple):
            plain = [item for item in here if isinstance(item, str | int | float) and not isinstance(item, bool)]
            if plain:
                found.add(key, plain)
            for item in here:
                if isinstance(item, Mapping):
                    _of_matcher(item, found, key, depth)
                    if not _MATCHERS.intersection(item):
                        pending.append((key, item, depth + 1))


_TYPES = frozenset({"S", "N", "M", "L", "BOOL"})
_MATCHERS = frozenset({"prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr"})


def _of_matcher(item: Mapping[str, Any], found: Vocabulary, key: str, depth: int) -> None:
    if isinstance(item.get("prefix"), str):
        found.add(key, [f"{item['prefix']}one"])
    if isinstance(item.get("suffix"), str):
        found.add(key, [f"one{item['suffix']}"])
    if isinstance(item.get("wildcard"), str):
        found.add(key, [item["wildcard"].replace("*", "one")])
    if isinstance(item.get("equals-ignore-case"), str):
        found.add(key, [item["equals-ignore-case"].upper()])
    refused = item.get("anything-but")
    refused = refused if isinstance(refused, list | tuple) else (refused,)
    plain = [value for value in refused if isinstance(value, str | int | float)]
    if plain:
        found.add(key, ["another", *plain])
    bounds = item.get("numeric")
    if isinstance(bounds, list | tuple):
        found.numbers.add(key)
        for bound in bounds:
            if isinstance(bound, int | float):
                found.add(key, [bound, bound + 1, bound - 1])


def _of_script(text: str, found: Vocabulary, function: str) -> None:
    """Keys and comparisons of a script, by its text."""
    for match in _SCRIPT_KEY.finditer(text):
        key, _, single, double, number = match.groups()
        if number is not None:
            value = float(number) if "." in number else int(number)
            found.numbers.add(key)
            found.add(key, [value, value + 1, value - 1])
        elif key not in ("length", "type"):
            found.add(key, [single if single is not None else double])
    known = found.keys[function]
    known.extend(dict.fromkeys(name for name in _SCRIPT_NAME.findall(text) if name not in known))


_SWITCH = re.compile(r"\bswitch\s*\(\s*[\w.$?!\[\]'\"]*?\b(\w+)\??\s*\)\s*\{")
_CASE = re.compile(r"\bcase\s+(?:'([^'\n]*)'|\"([^\"\n]*)\")\s*:")
_LOOKED_UP = re.compile(r"\b(\w+)\[[\w.$?!]*\.(\w+)!?\]")
_AMONG = re.compile(r"\b(\w+)\.(?:includes|has|indexOf)\([\w.$?!]*\.(\w+)!?\)")
_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")
_MOST_CHOICES = 8


def _of_choices(text: str, found: Vocabulary) -> None:
    """Keys that a script chooses by: cases of a `switch`, members of an object that is looked into, lists that must hold it."""
    heads = [*_SWITCH.finditer(text)]
    ends = [*(one.start() for one in heads[1:]), len(text)]
    for head, following in zip(heads, ends, strict=False):
        cases = [one or other for one, other in _CASE.findall(text[head.end() : following])]
        found.add(head[1], cases[:_MOST_CHOICES])
    for name, key in dict.fromkeys(_LOOKED_UP.findall(text)):
        start = re.search(rf"\b(?:const|let|var)\s+{name}\b[^=\n]*=\s*\{{", text)
        if start is not None:
            found.add(key, _members(text, start.end())[:_MOST_CHOICES])
    for name, key in dict.fromkeys(_AMONG.findall(text)):
        for listed in re.finditer(rf"\b{name}\b[^=:\n]*[=:]\s*(?:new Set\()?\[([^\]]*)\]", text):
            found.add(key, [one or other for one, other in _QUOTED.findall(listed[1])][:_MOST_CHOICES])


_MEMBER = re.compile(r"\s*(?:'([^'\n]*)'|\"([^\"\n]*)\"|([A-Za-z_$][\w$]*))\s*:")


def _members(text: str, start: int) -> list[str]:
    """The names of the members of an object literal whose brace ends at `start`."""
    names: list[str] = []
    depth, expected = 1, True
    for place in range(start, min(len(text), start + 20_000)):
        if depth == 1 and expected and (match := _MEMBER.match(text, place)) is not None:
            names.append(match[1] or match[2] or match[3])
            expected = False
        letter = text[place]
        depth += (letter in "{[(") - (letter in "}])")
        expected = expected or (letter == "," and depth == 1)
        if depth == 0:
            break
    return names


def _of_python(text: str, found: Vocabulary, function: str) -> None:
    """Keys and comparisons of a Python module; nothing of one that does not parse."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    known = found.keys[function]
    named = {
        node.targets[0].id: key
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (key := key_of(node.value)) is not None
    }
    for node in ast.walk(tree):
        key = key_of(node)
        if key is not None and key not in known:
            known.append(key)
        if isinstance(node, ast.Compare):
            _of_comparison(node, found)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NUMBERS:
            found.numbers.update(key for argument in node.args for key in _keys_within(argument))
        elif isinstance(node, ast.BinOp):
            _of_sum(node, found)
        elif isinstance(node, ast.For | ast.comprehension):
            over = _gone_over(node.iter)
            key = named.get(over.id) if isinstance(over, ast.Name) else key_of(over)
            if key is not None:
                found.lists.add(key)


def _gone_over(node: ast.AST) -> ast.AST:
    """What a loop goes over in the end: `rows` in `for number, row in enumerate(sorted(rows))`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ORDERS and node.args:
        node = node.args[0]
    return node


def key_of(node: ast.AST) -> str | None:
    """The key of `x["key"]` or `x.get("key")`."""
    inner: ast.AST | None = None
    if isinstance(node, ast.Subscript):
        inner = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        inner = node.args[0]
    return inner.value if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else None


def _keys_within(node: ast.AST) -> Iterator[str]:
    """The keys looked up in an argument, not those inside of a further call's arguments."""
    key = key_of(node)
    if key is not None:
        yield key
    elif isinstance(node, ast.BinOp):
        yield from (*_keys_within(node.left), *_keys_within(node.right))
    elif isinstance(node, ast.GeneratorExp):
        yield from _keys_within(node.elt)


def _of_sum(node: ast.BinOp, found: Vocabulary) -> None:
    sides = (node.left, node.right)
    if isinstance(node.op, ast.Mult | ast.Sub | ast.Div) or any(_number(side) is not None for side in sides):
        found.numbers.update(key for key in map(key_of, sides) if key is not None)


def _number(node: ast.AST) -> int | float | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    ok = isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return sign * node.value if ok and isinstance(node, ast.Constant) and isinstance(node.value, int | float) else None


def _of_comparison(node: ast.Compare, found: Vocabulary) -> None:
    """`x["plan"] == "pro"`, `x["plan"] in ("pro", "team")`, `x["amount"] <= 100`."""
    sides = [node.left, *node.comparators]
    for left, right in pairwise(sides):
        for one, other in ((left, right), (right, left)):
            key = key_of(one)
            if key is None:
                continue
            number = _number(other)
            if number is not None:
                found.numbers.add(key)
                found.add(key, [number, number + 1, number - 1])
            elif isinstance(other, ast.Constant) and isinstance(other.value, str):
                found.add(key, [other.value])
            elif isinstance(other, ast.Tuple | ast.List | ast.Set):
                found.add(key, [item.value for item in other.elts if isinstance(item, ast.Constant)])
