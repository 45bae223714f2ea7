"""Whether a filter lets a message pass: event patterns, filter policies, filter criteria, notification filters, in plain Python.

It says for a real message what `channels.pattern` says of shapes and `channels.envelope.pattern` in JSONata, and shares nothing
with them: a comparison of both sides of a migration would not see an error that was made twice.

One value is chosen of every array, for the whole pattern alike ("Array matching" of EventBridge). `exists` is about leaves;
absent is what no element has. SNS differs: `anything-but` refuses an array of which any element is listed, and what exists has a
value.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

MOST_ALTERNATIVES = 1000  # of the combinations that the options of all `$or` make, as EventBridge allows
_ABSENT = object()
_SEVERAL = "anyOf"  # of a link that several filters lead over
# A leaf of a pattern: the way to it, and the matchers of which one must hold there.
Leaf: TypeAlias = tuple[tuple[str, ...], Sequence[Any]]


class UnreadableFilter(Exception):
    """A filter that is not known, or that AWS would refuse; the text says what, for people."""


def matches(pattern: Mapping[str, Any], event: Any, *, policy: bool = False) -> bool:
    """Whether an event passes a pattern; `policy` for the rules of SNS. Raises `UnreadableFilter`."""
    return any(_holds(leaves, event, event, policy) for leaves in _conjunctions(pattern, ()))


def in_criteria(patterns: Any, record: Mapping[str, Any]) -> bool:
    """Whether a record passes filter criteria: a list of patterns, of which one must match; none at all let everything pass."""
    listed = patterns if isinstance(patterns, list | tuple) else () if patterns is None else (patterns,)
    return not listed or any(matches(_mapping(pattern), record) for pattern in listed)


def in_policy(policy: Any, attributes: Mapping[str, Any] | None, body: str) -> bool:
    """Whether a message passes a subscription's policy (`{"MessageBody": policy}` in the scope of the body).

    A message without attributes passes no policy on attributes, a body that is no JSON object none on the body.
    """
    if not policy:
        return True
    wanted = _mapping(policy)
    scope = wanted.get("MessageBody")
    if isinstance(scope, Mapping):
        held = decoded(body)
        return isinstance(held, dict) and matches(scope, held, policy=True)
    held = {name: _attribute(value) for name, value in (attributes or {}).items()}
    return bool(held) and matches(wanted, held, policy=True)


def in_notification(filter: Any, name: str, key: str) -> bool:
    """Whether an object's event passes a bucket notification: `name` is `ObjectCreated:Put`, `key` as the object is called."""
    if not isinstance(filter, Mapping):
        return True
    if set(filter) == {_SEVERAL}:
        return any(in_notification(option, name, key) for option in filter[_SEVERAL])
    types = [str(type_).removeprefix("s3:") for type_ in filter.get("events") or ()]
    typed = not types or any(name.startswith(type_[:-1]) if type_.endswith("*") else name == type_ for type_ in types)
    prefix, suffix = (str(filter.get(side) or "") for side in ("prefix", "suffix"))
    return typed and key.startswith(prefix) and key.endswith(suffix)


def seen_from_queue(record: Mapping[str, Any]) -> dict[str, Any]:
    """A queue's record as criteria see it: a body that is JSON is what it holds."""
    return {**record, "body": decoded(record.get("body", ""))}


def seen_from_stream(record: Mapping[str, Any]) -> dict[str, Any]:
    """A Kinesis record (the part under `kinesis`, or a pipe's flat one) as criteria see it: its data decoded, as JSON or text."""
    try:
        text = base64.b64decode(record.get("data", "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    return {**record, "data": decoded(text)}


def decoded(text: Any) -> Any:
    """The JSON object or array in a text; the text itself where there is none."""
    if not isinstance(text, str) or text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _attribute(value: Mapping[str, Any]) -> Any:
    """A message attribute as a policy sees it."""
    kind, text = str(value.get("DataType", "String")), value.get("StringValue")
    if kind == "String.Array":
        held = decoded(text)
        return held if isinstance(held, list) else text
    if kind.split(".")[0] == "Number" and isinstance(text, str):
        try:
            return int(text) if re.fullmatch(r"-?\d{1,18}", text) else float(text)
        except ValueError:
            return text
    return text if text is not None else str(value.get("BinaryValue"))


def _mapping(pattern: Any) -> Mapping[str, Any]:
    if isinstance(pattern, str):
        pattern = decoded(pattern)
    if not isinstance(pattern, Mapping):
        raise UnreadableFilter("the filter is no JSON object")
    return pattern


def _conjunctions(pattern: Mapping[str, Any], way: tuple[str, ...]) -> list[list[Leaf]]:
    """The pattern without its `$or`: the leaves that must all hold, for each combination of options."""
    found: list[list[Leaf]] = [[]]
    for key, wanted in pattern.items():
        here = (*way, key)
        if key == "$or" and isinstance(wanted, list | tuple):
            options = [leaves for option in wanted for leaves in _conjunctions(_mapping(option), way)]
        elif isinstance(wanted, Mapping):
            options = _conjunctions(wanted, here)
        elif isinstance(wanted, list | tuple):
            options = [[(here, wanted)]]
        else:
            raise UnreadableFilter(f"the field {'.'.join(here)} is no list of values")
        found = [[*before, *after] for before in found for after in options]
        if len(found) > MOST_ALTERNATIVES:
            raise UnreadableFilter(f"the pattern has more than {MOST_ALTERNATIVES} alternatives")
    return found


def _holds(
    leaves: list[Leaf], value: Any, event: Any, policy: bool, way: tuple[str, ...] = (), among: Sequence[Any] = ()
) -> bool:
    """Whether all leaves hold on what is chosen from a value; `among` are the elements that this one was chosen from."""
    if isinstance(value, list):
        flat = _flat(value) or [_ABSENT]
        return any(_holds(leaves, element, event, policy, way, flat) for element in flat)
    here = [matchers for path, matchers in leaves if path == way]
    if any(not any(_satisfies(m, value, event, policy, way, among) for m in matchers) for matchers in here):
        return False
    below: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        if len(leaf[0]) > len(way):
            below.setdefault(leaf[0][len(way)], []).append(leaf)
    inner = value if isinstance(value, Mapping) else {}
    return all(_holds(some, inner.get(key, _ABSENT), event, policy, (*way, key)) for key, some in below.items())


def _flat(values: Iterable[Any]) -> list[Any]:
    """The elements of arrays within arrays, in order."""
    found: list[Any] = []
    pending = list(values)[::-1]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(reversed(value))
        else:
            found.append(value)
    return found


def _satisfies(matcher: Any, value: Any, event: Any, policy: bool, way: tuple[str, ...], among: Sequence[Any]) -> bool:
    """Whether one matcher of a leaf holds on the value that was chosen there."""
    if isinstance(matcher, Mapping) and "exists" in matcher:
        if matcher["exists"] in (False, "false"):
            return not any(_present(leaf, policy) for leaf in _everywhere(event, way))
        return _present(value, policy)
    if value is _ABSENT or isinstance(value, Mapping):
        return False
    if policy and isinstance(matcher, Mapping) and "anything-but" in matcher:
        return all(_scalar(matcher, element) for element in (among or (value,)))
    return _scalar(matcher, value)


def _present(value: Any, policy: bool) -> bool:
    return value is not _ABSENT and not isinstance(value, Mapping) and not (policy and value in (None, ""))


def _everywhere(value: Any, way: tuple[str, ...]) -> list[Any]:
    """All values at a path, whichever elements of arrays lead there."""
    found = _flat([value])
    for key in way:
        found = _flat(item[key] for item in found if isinstance(item, Mapping) and key in item)
    return found


def _scalar(matcher: Any, value: Any) -> bool:
    """One matcher on one value that is no object."""
    if not isinstance(matcher, Mapping):
        return _same(matcher, value)
    if len(matcher) != 1:
        raise UnreadableFilter(f"a matcher has several operators: {', '.join(sorted(matcher))}")
    ((operator, wanted),) = matcher.items()
    if operator == "anything-but":
        return not any(_scalar(option, value) for option in _refused(wanted))
    if operator == "numeric":
        return _numeric(wanted, value)
    test = _TEXTS.get(operator)
    if test is None:
        raise UnreadableFilter(f"the operator {operator!r} is not known")
    folded = isinstance(wanted, Mapping)
    text = wanted.get("equals-ignore-case") if isinstance(wanted, Mapping) else wanted
    if not isinstance(text, str):
        raise UnreadableFilter(f"what {operator} compares with is no text")
    return isinstance(value, str) and (test(value.lower(), text.lower()) if folded else test(value, text))


def _refused(wanted: Any) -> list[Any]:
    """The matchers of which none may hold in `anything-but`."""
    if isinstance(wanted, Mapping):
        if len(wanted) != 1:
            raise UnreadableFilter("anything-but has several operators")
        ((operator, values),) = wanted.items()
        return [{operator: value} for value in (values if isinstance(values, list | tuple) else (values,))]
    return list(wanted) if isinstance(wanted, list | tuple) else [wanted]


def _same(wanted: Any, value: Any) -> bool:
    """Equality in JSON: text is no number, true is not 1, and 300.0 is 300."""
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, int | float) and isinstance(value, int | float):
        return wanted == value
    return type(wanted) is type(value) and bool(wanted == value)


def _numeric(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, list | tuple) or not wanted or len(wanted) % 2:
        raise UnreadableFilter("a numeric filter is no list of comparisons")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    for sign, bound in zip(wanted[::2], wanted[1::2], strict=True):
        compare = _SIGNS.get(sign)
        if compare is None or isinstance(bound, bool) or not isinstance(bound, int | float):
            raise UnreadableFilter(f"a numeric filter compares by {sign!r} with {bound!r}")
        if not compare(value, bound):
            return False
    return True


_SIGNS: Mapping[Any, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


@lru_cache(maxsize=256)
def _pieces(wanted: str) -> tuple[str, ...]:
    """The texts between the `*` of a wildcard; a backslash takes its meaning from `*` and from itself."""
    pieces = [""]
    for piece in re.findall(r"\\[*\\]|.", wanted, re.DOTALL):
        if piece == "*":
            pieces.append("")
        else:
            pieces[-1] += piece[-1]
    return tuple(pieces)


def _like(value: str, pieces: tuple[str, ...]) -> bool:
    """Whether a text has the pieces in order, the first and last at its ends; each is taken where it comes first."""
    first, *middle = pieces
    if not middle:
        return value == first
    *middle, last = middle
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for piece in middle:
        at = value.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _inside(address: str, network: str) -> bool:
    try:
        wanted = ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise UnreadableFilter(f"{network!r} is no range of addresses") from None
    try:
        return ipaddress.ip_address(address) in wanted
    except ValueError:
        return False


_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "equals-ignore-case": lambda value, wanted: value.lower() == wanted.lower(),
    "wildcard": lambda value, wanted: _like(value, _pieces(wanted)),
    "cidr": _inside,
}
