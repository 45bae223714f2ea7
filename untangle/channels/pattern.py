"""Event patterns held against a message as far as code shows it: passes, excluded, or known only at run time.

One language serves EventBridge rules, pipes, event source mappings and SNS filter policies (on the body):
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
An unknown value never excludes: only a literal that cannot match does.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping

from untangle.channels.channel import PASSES, Match, Verdict
from untangle.channels.text import UNKNOWN, ends, equal, like, starts
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Concat, Value, alternatives, show

MAX_DEPTH = 32
_NAMING = ("prefix", "suffix", "equals-ignore-case", "wildcard")
_TEXT_TESTS = {"prefix": starts, "suffix": ends, "equals-ignore-case": equal}
_BEST_FIRST = {Verdict.PASSES: 0, Verdict.UNKNOWN: 1, Verdict.EXCLUDED: 2}
EXCLUDED = Match(verdict=Verdict.EXCLUDED)


def matches(pattern: Value, message: Shape | None, who: str = "the rule") -> Match:
    """A pattern (a mapping) against the shape of a message; None is a message that is not there."""
    if not isinstance(pattern, Mapping):
        return Match(verdict=Verdict.UNKNOWN, why=f"the pattern of {who} could not be read")
    return _object(pattern, message, (), who)


def names(pattern: Value, message: Shape | None) -> bool:
    """Whether a text of the pattern is known to be what the message holds there, for one of the values that code may send.

    Tests that let nearly everything pass (`exists`, `anything-but`, an empty prefix) name nothing.
    """
    for wanted, shape in _leaves(pattern, message, 0):
        naming = tuple(item for item in wanted if _is_naming(item))
        if naming and shape is not None and any(_scalar(item, naming) is Verdict.PASSES for item in _elements(shape)):
            return True
    return False


def _leaves(pattern: Value, message: Shape | None, depth: int) -> Iterator[tuple[tuple[Value, ...], Shape | None]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(pattern, Mapping):
        for key, inner in pattern.items():
            if key != "$or":
                yield from _leaves(inner, _child(message, key), depth + 1)
    else:
        yield pattern if isinstance(pattern, tuple) else (pattern,), message


def _is_naming(matcher: Value) -> bool:
    if isinstance(matcher, Mapping):
        return len(matcher) == 1 and all(
            key in _NAMING and isinstance(text, str) and text.strip("*") for key, text in matcher.items()
        )
    return isinstance(matcher, str)


def any_match(patterns: Value, message: Shape, who: str = "the filter") -> Match:
    """FilterCriteria: a list of patterns, of which one must match. No pattern at all lets everything pass."""
    listed = patterns if isinstance(patterns, tuple) else (patterns,)
    return any_of(matches(pattern, message, who) for pattern in listed) if listed else Match(verdict=Verdict.PASSES)


def any_of(found: Iterable[Match]) -> Match:
    """The best of several: one that passes is enough."""
    return min(found, key=lambda match: _BEST_FIRST[match.verdict], default=EXCLUDED)


def all_of(found: Iterable[Match]) -> Match:
    """The worst of several: all must pass. The first that excludes decides, and nothing after it is looked at."""
    worst = None
    for match in found:
        if worst is None or _BEST_FIRST[match.verdict] > _BEST_FIRST[worst.verdict]:
            worst = match
        if match.verdict is Verdict.EXCLUDED:
            break
    return PASSES if worst is None else worst


def shape_of(value: Value) -> Shape:
    """The shape of a value as code writes it: literals are constants, what is not literal keeps its source."""
    if isinstance(value, Mapping):
        return Shape(kind="object", properties={key: shape_of(inner) for key, inner in value.items()}, open="**" in value)
    if isinstance(value, tuple):
        shapes = [shape_of(item) for item in value]
        return Shape(kind="array", items=shapes[0] if shapes and all(item == shapes[0] for item in shapes) else None)
    if isinstance(value, bool):
        return Shape(kind="boolean", constant=value)
    if isinstance(value, int | float):
        return Shape(kind="number", constant=value)
    if isinstance(value, str):
        return Shape(kind="string", constant=value)
    return Shape(kind="null") if value is None else Shape(kind="string" if isinstance(value, Concat) else "any", source=value)


def json_shape(shape: Shape | None) -> Shape:
    """A message body: text that is JSON is taken as what it holds; a text that is not known may hold anything."""
    if shape is None or (shape.kind in ("string", "any") and shape.constant is None and not shape.properties):
        return ANYTHING
    if isinstance(shape.constant, str):
        try:
            return shape_of(_tuples(json.loads(shape.constant), 0))
        except (ValueError, RecursionError):
            return shape
    return shape


def _tuples(data: object, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(data, dict):
        return {str(key): _tuples(inner, depth + 1) for key, inner in data.items()}
    if isinstance(data, list):
        return tuple(_tuples(inner, depth + 1) for inner in data)
    return data if data is None or isinstance(data, str | int | float | bool) else str(data)


def _object(pattern: Mapping[str, Value], message: Shape | None, path: tuple[str, ...], who: str) -> Match:
    if len(path) > MAX_DEPTH:
        return Match(verdict=Verdict.UNKNOWN, why="the pattern is nested too deeply")
    return all_of(_key(key, wanted, message, path, who) for key, wanted in pattern.items())


def _key(key: str, wanted: Value, message: Shape | None, path: tuple[str, ...], who: str) -> Match:
    if key == "$or" and isinstance(wanted, tuple) and all(isinstance(option, Mapping) for option in wanted):
        return any_of(_object(option, message, path, who) for option in wanted if isinstance(option, Mapping))
    child = _child(message, key)
    if isinstance(wanted, Mapping):
        return _object(wanted, child, (*path, key), who)
    return _leaf(wanted if isinstance(wanted, tuple) else (wanted,), child, (*path, key), who)


def _child(shape: Shape | None, key: str) -> Shape | None:
    """What stands under a key: None where nothing can, anything where that is not known."""
    if shape is None:
        return None
    if key in shape.properties:
        return shape.properties[key]
    if shape.kind == "array":
        return _child(shape.items, key) if shape.items is not None else ANYTHING
    closed = shape.kind == "object" and not shape.open and shape.source is None
    return None if closed or shape.constant is not None or shape.kind == "null" else ANYTHING


def _leaf(wanted: tuple[Value, ...], shape: Shape | None, path: tuple[str, ...], who: str) -> Match:
    name = ".".join(path)
    if shape is None:
        passes = any(isinstance(item, Mapping) and item.get("exists") is False for item in wanted)
        why = f"{name} is not sent, {who} wants {show(wanted)}"
        return PASSES if passes else Match(verdict=Verdict.EXCLUDED, why=why)
    if isinstance(shape.constant, str) and all(isinstance(item, str) and "${" not in item for item in (shape.constant, *wanted)):
        # plain texts: by far the most frequent case, which a bus with many rules repeats for each of its senders
        verdict = Verdict.PASSES if shape.constant in wanted else Verdict.EXCLUDED
    else:
        verdict = _same(_scalar(item, wanted) for item in _elements(shape))
    if verdict is Verdict.PASSES:
        return PASSES
    if verdict is Verdict.UNKNOWN:
        return Match(verdict=verdict, why=f"{name} is known only at run time; {who} wants {show(wanted)}")
    given = shape.constant if shape.constant is not None else shape.source if shape.source is not None else f"a {shape.kind}"
    return Match(verdict=verdict, why=f"{name} is {show(given)}, {who} wants {show(wanted)}")


def _elements(shape: Shape) -> list[Shape]:
    """The values that a leaf may hold: each branch of a choice; the elements of an array."""
    if shape.kind == "array":
        return _elements(shape.items) if shape.items is not None else [ANYTHING]
    if shape.constant is None and shape.source is not None:
        return [_sourced(shape, option) for option, _ in alternatives(shape.source)]
    return [shape]


def _sourced(shape: Shape, option: Value) -> Shape:
    literal = shape_of(option)
    return literal if literal.constant is not None else Shape(kind=shape.kind, source=option)


def _same(verdicts: Iterable[Verdict]) -> Verdict:
    found = set(verdicts)
    return found.pop() if len(found) == 1 else Verdict.UNKNOWN


def _scalar(shape: Shape, wanted: tuple[Value, ...]) -> Verdict:
    value = shape.constant if shape.constant is not None else shape.source if shape.source is not None else UNKNOWN
    verdicts = (tested(matcher, value, shape.kind) for matcher in wanted)
    return min(verdicts, key=_BEST_FIRST.__getitem__, default=Verdict.EXCLUDED)


def tested(matcher: Value, value: Value, kind: str = "any") -> Verdict:
    """One matcher of a list against one value; `kind` is the JSON type where the value itself is not known."""
    if isinstance(matcher, Mapping):
        return _operator(matcher, value, kind)
    if isinstance(matcher, str):
        return Verdict.EXCLUDED if not _may_be_text(value, kind) else equal(value, matcher)
    if kind == "null" or (isinstance(value, str | bool | int | float)):
        agrees = kind == "null" if matcher is None else kind != "null" and value == matcher and _bool(value) == _bool(matcher)
        return Verdict.PASSES if agrees else Verdict.EXCLUDED
    return Verdict.EXCLUDED if kind == "string" else Verdict.UNKNOWN


def _bool(value: Value) -> bool:
    return isinstance(value, bool)


def _may_be_text(value: Value, kind: str) -> bool:
    if isinstance(value, bool | int | float) or kind == "null":
        return False
    return isinstance(value, str) or kind in ("string", "any")


def _operator(matcher: Mapping[str, Value], value: Value, kind: str) -> Verdict:
    if len(matcher) != 1:
        return Verdict.UNKNOWN
    ((name, wanted),) = matcher.items()
    if name == "exists":
        if value is UNKNOWN and kind == "any":
            return Verdict.UNKNOWN
        return Verdict.PASSES if wanted is True else Verdict.EXCLUDED
    if name == "anything-but":
        return _negated(wanted, value, kind)
    if name == "numeric":
        return _numeric(wanted, value, kind)
    if name not in (*_TEXT_TESTS, "wildcard", "cidr"):
        return Verdict.UNKNOWN
    if not _may_be_text(value, kind):
        return Verdict.EXCLUDED
    return _text(name, wanted, value)


def _text(name: str, wanted: Value, value: Value) -> Verdict:
    fold = name == "equals-ignore-case"
    if isinstance(wanted, Mapping) and "equals-ignore-case" in wanted:
        wanted, fold = wanted["equals-ignore-case"], True
    if not isinstance(wanted, str):
        return Verdict.UNKNOWN
    if name == "wildcard":
        return like(value, wanted)
    return _cidr(wanted, value) if name == "cidr" else _TEXT_TESTS[name](value, wanted, fold=fold)


def _negated(wanted: Value, value: Value, kind: str) -> Verdict:
    """anything-but: a value, a list, or an operator with one or several texts; none of them may match."""
    if isinstance(wanted, Mapping):
        tests: list[Value] = [
            {name: item} for name, held in wanted.items() for item in (held if isinstance(held, tuple) else (held,))
        ]
    else:
        tests = list(wanted) if isinstance(wanted, tuple) else [wanted]
    found = {tested(item, value, kind) for item in tests}
    if Verdict.PASSES in found:
        return Verdict.EXCLUDED
    return Verdict.UNKNOWN if Verdict.UNKNOWN in found else Verdict.PASSES


def _numeric(wanted: Value, value: Value, kind: str) -> Verdict:
    if isinstance(value, str | bool) or kind in ("string", "null", "boolean"):
        return Verdict.EXCLUDED
    if not isinstance(value, int | float) or not isinstance(wanted, tuple):
        return Verdict.UNKNOWN
    for sign, bound in zip(wanted[::2], wanted[1::2], strict=False):
        if not isinstance(bound, int | float):
            return Verdict.UNKNOWN
        holds = {"=": value == bound, "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
        if not holds.get(str(sign), False):
            return Verdict.EXCLUDED
    return Verdict.PASSES


def _cidr(wanted: str, value: Value) -> Verdict:
    if not isinstance(value, str):
        return Verdict.UNKNOWN
    try:
        inside = ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except (ValueError, TypeError):
        return Verdict.EXCLUDED
    return Verdict.PASSES if inside else Verdict.EXCLUDED
