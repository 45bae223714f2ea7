"""What the evaluation of an expression may come to beside plain values: unknowns, choices, errors, and too much."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from untangle.model.value import Concat, Either, Expression, Ref, Symbol, Value, concat, show

MAX_NODES = 50_000
MAX_DEPTH = 60
MAX_TEXT = 1_000_000
MAX_OPTIONS = 16
_SHOWN = 120
# What has no parts. Asking for the type itself is several times as fast as asking what a value is an instance of.
_ATOMS = frozenset((bool, int, float, type(None), Ref, Symbol))


class Wrong(Exception):
    """The expression has no value: an index that does not exist, an operand of the wrong type. `try` and `can` ask for it."""


class TooMuch(Exception):
    """Evaluation would go on for ever, or fill the memory."""


class Lazy(Mapping[str, Value]):
    """A mapping whose values are worked out when they are asked for: `var`, `local`, the outputs of a module."""

    def __init__(self, names: Iterable[str], find: Callable[[str], Value]) -> None:
        self._names = tuple(names)
        self._find = find

    def __getitem__(self, name: str) -> Value:
        return self._find(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Open(Lazy):
    """A mapping of which not all keys are known: any key leads to a value."""

    def __contains__(self, name: object) -> bool:
        return True


def unknown(scope: str, function: str, *operands: Value) -> Symbol:
    """The result of what cannot be computed: equal where the same module writes the same thing."""
    words = ", ".join(shown(operand) for operand in operands)
    digest = hashlib.sha256(repr(operands).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Symbol(f"{function}({short(words)})", f"{scope}#{digest}")


def shown(value: Value) -> str:
    """A value as messages show it; what is large is not written out."""
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, tuple):
        return "[…]" if value else "[]"
    return show(value)


def short(text: str) -> str:
    """A text in one line of a readable length."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def either(options: tuple[Value, ...], conditions: tuple[str, ...] = ()) -> Value:
    """One of several values: a plain value where all are the same, an unknown where they are too many.

    Options that are choices themselves are put in their places, so that the number of options is the whole number.
    """
    if all(same(option, options[0]) for option in options[1:]):
        return options[0]
    if not any(isinstance(option, Either) for option in options):
        return Either(options, conditions) if len(options) <= MAX_OPTIONS else _one_of_many(options)
    flat: dict[tuple[str, str], tuple[Value, str]] = {}
    for i, option in enumerate(options):
        outer = conditions[i] if i < len(conditions) else ""
        for inner, condition in _spliced(option):
            text = f"({outer}) and ({condition})" if outer and condition else outer or condition
            flat.setdefault((type(inner).__name__, repr(inner)), (inner, text))
        if len(flat) > MAX_OPTIONS:
            return _one_of_many(options)
    return Either(tuple(value for value, _ in flat.values()), tuple(text for _, text in flat.values()))


def _spliced(option: Value) -> Iterator[tuple[Value, str]]:
    """What an option may be, each with its condition."""
    if not isinstance(option, Either):
        yield option, ""
        return
    for i, inner in enumerate(option.options):
        yield inner, option.conditions[i] if i < len(option.conditions) else ""


def _one_of_many(options: tuple[Value, ...]) -> Value:
    digest = hashlib.sha256(repr(options).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Symbol("one of many values", f"#{digest}")


def text_of(parts: Sequence[Value]) -> Value:
    """The text of all parts in a row. Raises TooMuch where it is too long."""
    text = concat(tuple(parts))
    if isinstance(text, str) and len(text) > MAX_TEXT:
        raise TooMuch(f"a text is longer than {MAX_TEXT} characters")
    return either(text.options, text.conditions) if isinstance(text, Either) else text


def same(left: Value, right: Value) -> bool:
    """Whether two values are the same in type and content: 1 is not true."""
    return left is right or (type(left) is type(right) and left == right)


def choose(test: Value, text: str, yes: Callable[[], Value], no: Callable[[], Value]) -> Value:
    """What a condition chooses; both, with the condition's text, where it is not known."""
    decided = truth(test)
    if decided is not None:
        return yes() if decided else no()
    condition = short(text)
    options: list[Value] = []
    for branch in (yes, no):
        try:
            options.append(branch())
        except Wrong:
            options.append(None)
    return either(tuple(options), (condition, f"not {condition}"))


def truth(value: Value) -> bool | None:
    """A condition's value: None where it is not known. Raises Wrong for what is no condition."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Expression):
        return None
    if value in ("true", "false"):
        return value == "true"
    raise Wrong("a condition must be true or false")


def over(value: Value, then: Callable[[Value], Value]) -> Value:
    """Applies a function to a value, or to each option of an `Either`; options that it is wrong for become None."""
    if not isinstance(value, Either):
        return then(value)
    results: list[Value] = []
    failed: Wrong | None = None
    for option in value.options:
        try:
            results.append(over(option, then))
        except Wrong as wrong:
            failed = wrong
            results.append(None)
    if failed is not None and all(result is None for result in results):
        raise failed
    return either(tuple(results), value.conditions)


def is_known(value: Value) -> bool:
    """Whether nothing in a value is unknown."""
    if isinstance(value, Mapping):
        return all(is_known(inner) for inner in value.values())
    if isinstance(value, tuple):
        return all(is_known(inner) for inner in value)
    return not isinstance(value, Expression)


def settled(value: Value, depth: int = 0, budget: list[int] | None = None) -> Value:
    """The value with everything in it worked out. Raises TooMuch where it is too large or too deep to be handed on."""
    if type(value) in _ATOMS:
        return value
    budget = [MAX_NODES] if budget is None else budget
    if depth > MAX_DEPTH:
        raise TooMuch(f"a value is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        _spend(budget, 1 + len(value) // 100)
        return value
    if isinstance(value, (dict, Mapping)):  # a plain one first: to ask the abstract class is slow
        return _settled_mapping(value, depth, budget)
    if not isinstance(value, tuple | Concat | Either):
        return value
    parts = value if isinstance(value, tuple) else value.parts if isinstance(value, Concat) else value.options
    _spend(budget, 1 + len(parts))
    done = tuple([settled(part, depth + 1, budget) for part in parts])
    if all(new is old for new, old in zip(done, parts, strict=True)):
        return value
    return done if isinstance(value, tuple) else Concat(done) if isinstance(value, Concat) else either(done, value.conditions)


def _settled_mapping(value: Mapping[str, Value], depth: int, budget: list[int]) -> Value:
    _spend(budget, 1 + len(value))
    changed = isinstance(value, Lazy)
    result: dict[str, Value] = {}
    for key in value:
        item = _item(value, key)
        result[key] = done = settled(item, depth + 1, budget)
        changed = changed or done is not item
    return result if changed else value


def _item(value: Mapping[str, Value], key: str) -> Value:
    try:
        return value[key]
    except Wrong:
        return None


def _spend(budget: list[int], amount: int) -> None:
    budget[0] -= amount
    if budget[0] < 0:
        raise TooMuch(f"a value has more than {MAX_NODES} parts")
