"""Filters as JSONata: EventBridge patterns, SNS policies, filter criteria of event source mappings, S3 prefixes and suffixes.

Sources: EventBridge user guide, "Comparison operators in event patterns"; SNS guide, "Subscription filter policies";
Lambda guide, "Event filtering". A field that is an array matches when any element does; several keys below an array of
objects must match the same element. Operators see values, not objects: `exists` is about leaves. SNS differs in what
`anything-but` means for an array (no element may be listed; for EventBridge one that is not listed will do), and an
attribute that exists has a value. An address of either version is compared in any of its spellings, but for IPv6 with an IPv4
address at its end.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.channels.envelope.form import Unsupported, literal, step
from untangle.model.value import Value

DEEPEST = 50  # levels; what people write has five, and each costs a call here
_OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
_ADDRESS_4 = f"/^({_OCTET}\\.){{3}}{_OCTET}$/"
_GROUPS = "([0-9a-f]{1,4}:)*[0-9a-f]{1,4}"
_ADDRESS_6 = f"/^(([0-9a-f]{{1,4}}:){{7}}[0-9a-f]{{1,4}}|({_GROUPS})?::({_GROUPS})?)$/i"
_TEXT = "$type($v) = 'string' and "


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """In what the services differ. `objects` are the paths that are never arrays; `none_of` says that `anything-but` refuses
    an array as soon as one element is listed; `filled` that `exists` asks for a value that is neither null nor empty."""

    objects: frozenset[tuple[str, ...]] = frozenset()
    none_of: bool = False
    filled: bool = False


_RECORD = ("dynamodb", "NewImage"), ("dynamodb", "OldImage"), ("dynamodb", "Keys")
EVENTS = Dialect(objects=frozenset({("detail",), ("dynamodb",), ("attributes",), ("messageAttributes",), *_RECORD}))
POLICY = Dialect(none_of=True, filled=True)


def compile_pattern(pattern: Mapping[str, Value], root: str, dialect: Dialect = EVENTS) -> str:
    """A pattern as a JSONata boolean over the value that `root` names (a variable or a path).

    Raises `Unsupported`, with the operator in words, for what cannot be said.
    """
    if _depth(pattern) > DEEPEST:
        raise Unsupported(f"the pattern nests more than {DEEPEST} levels")
    return _object(pattern, _Place(here=root, whole=root, dialect=dialect))


def _depth(pattern: Value) -> int:
    """How many objects and lists stand in one another, up to one more than may be."""
    level: list[Value] = [pattern]
    depth = 0
    while level and depth <= DEEPEST:
        inner = (
            value.values() if isinstance(value, Mapping) else value
            for value in level
            if isinstance(value, Mapping | tuple | list)
        )
        level = [value for values in inner for value in values]
        depth += 1
    return depth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in the event a part of a pattern looks: `here` is its JSONata, below one element of each array on the way;
    `whole` its JSONata below all of them, which is where something is absent or not."""

    here: str
    whole: str
    dialect: Dialect
    path: tuple[str, ...] = field(default=())

    def below(self, key: str) -> _Place:
        """The place of a key."""
        name = step(key)
        return _Place(here=f"{self.here}.{name}", whole=f"{self.whole}.{name}", dialect=self.dialect, path=(*self.path, key))


def _object(pattern: Mapping[str, Value], place: _Place) -> str:
    clauses = []
    for key, wanted in pattern.items():
        if key == "$or":
            options = wanted if isinstance(wanted, tuple | list) else (wanted,)
            alternatives = [_object(option, place) for option in options if isinstance(option, Mapping)]
            if not alternatives or len(alternatives) < len(options):
                raise Unsupported("an alternative of $or is not known before run time")
            clauses.append("(" + " or ".join(alternatives) + ")")
        elif isinstance(wanted, Mapping):
            clauses.append(_nested(wanted, place.below(key)))
        elif isinstance(wanted, tuple | list):
            clauses.append(_any(tuple(wanted), place.below(key)))
        else:
            raise Unsupported(f"the pattern's field {key!r} is not a list of values")
    if not clauses:
        return "true"
    return clauses[0] if len(clauses) == 1 else "(" + " and ".join(clauses) + ")"


def _nested(pattern: Mapping[str, Value], place: _Place) -> str:
    """A pattern below a key. Where it has several leaves and the value may be an array, one element must match them all."""
    if place.path in place.dialect.objects or _leaves(pattern) < 2:
        return _object(pattern, place)
    variable = f"$v{len(place.path)}"
    inner = _object(pattern, _Place(here=variable, whole=place.whole, dialect=place.dialect, path=place.path))
    elements = f"$exists({place.here}) ? [{place.here}] : [{{}}]"  # an absent key may be what is wanted
    return f"$count($filter({elements}, function({variable}) {{ {inner} }})) > 0"


def _leaves(pattern: Mapping[str, Value]) -> int:
    """How many lists of values a pattern has; patterns are shallow."""
    count, pending = 0, list(pattern.values())
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending.extend(value.values())
        elif isinstance(value, tuple | list):
            options = [
                item for item in value if isinstance(item, Mapping) and any(isinstance(v, tuple | list) for v in item.values())
            ]
            count += 1
            pending.extend(options)
    return count


def criteria(filter: Value, root: str) -> str | None:
    """Filter criteria (`{Filters: [{Pattern}]}` or a list of patterns, as JSON text or mappings): any of them lets pass.

    `root` is the JSONata of the record as the filter sees it. None where nothing is filtered.
    """
    patterns = filter.get("Filters", filter.get("filters", filter)) if isinstance(filter, Mapping) else filter
    if isinstance(patterns, Mapping):
        patterns = (patterns,)
    if not patterns or not isinstance(patterns, tuple | list):
        return None
    options = [compile_pattern(_pattern(item), "$m") for item in patterns]
    return f"($m := {root}; {' or '.join(options)})"


def _pattern(item: Value) -> Mapping[str, Value]:
    found = item.get("Pattern", item.get("pattern", item)) if isinstance(item, Mapping) else item
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            raise Unsupported("a filter pattern is not JSON") from None
    if not isinstance(found, Mapping):
        raise Unsupported("a filter pattern is not known before run time")
    return found


def looks_like_json(text: str) -> str:
    """Whether a text may be a JSON object or array, as JSONata; there is no way to try and parse it without failing."""
    return f"$contains({text}, /^\\s*(\\{{[\\s\\S]*\\}}|\\[[\\s\\S]*\\])\\s*$/)"


def affix(key: str, prefix: Value, suffix: Value) -> str | None:
    """S3's name filter over the key in `key`; None where neither prefix nor suffix is set."""
    tests = [_affix(kind, wanted, False) for kind, wanted in (("prefix", prefix), ("suffix", suffix)) if wanted]
    if not tests:
        return None
    return f"($v := {key}; {' and '.join(tests)})"


def _any(matchers: tuple[Value, ...], place: _Place) -> str:
    """Whether the value at a place, or any element of it, satisfies one of the matchers."""
    presence = [m for m in matchers if isinstance(m, Mapping) and "exists" in m]
    refusing = [m for m in matchers if place.dialect.none_of and isinstance(m, Mapping) and "anything-but" in m]
    others = [m for m in matchers if m not in presence and m not in refusing]
    options = [_exists(place, wanted=_switch(matcher["exists"])) for matcher in presence]
    found = f"[{place.here}]"
    if others and all(isinstance(matcher, str) for matcher in others):
        options.append(f"$count({found}[$ in {literal(tuple(others))}]) > 0")
    elif others:
        tests = " or ".join(f"({_test(matcher)})" for matcher in others)
        options.append(f"$count($filter({found}, function($v) {{ {tests} }})) > 0")
    for matcher in refusing:
        listed = f"$count($filter({found}, function($v) {{ $not({_test(matcher)}) }})) = 0"
        options.append(f"($count({found}) > 0 and {listed})")
    return options[0] if len(options) == 1 else "(" + " or ".join(options) + ")"


def _exists(place: _Place, *, wanted: bool) -> str:
    """Presence of a leaf; an object is none. Absent is what no element of any array on the way has."""
    leaf = "$not($type($) in ['object', 'null']) and $ != ''" if place.dialect.filled else "$type($) != 'object'"
    return f"$count([{place.here}][{leaf}]) > 0" if wanted else f"$count([{place.whole}][{leaf}]) = 0"


def _switch(value: Value) -> bool:
    """The value of `exists`; templates may hold it as text."""
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise Unsupported("whether a field is to exist is not known before run time")


def _test(matcher: Value) -> str:
    """One matcher as a predicate over the scalar `$v`."""
    if not isinstance(matcher, Mapping):
        return f"$v = {literal(matcher)}"
    if len(matcher) != 1:
        raise Unsupported(f"a matcher names more than one operator: {', '.join(sorted(matcher))}")
    ((operator, wanted),) = matcher.items()
    if operator in ("prefix", "suffix"):
        folded = isinstance(wanted, Mapping)
        text = wanted.get("equals-ignore-case") if isinstance(wanted, Mapping) else wanted
        return _affix(operator, text, folded)
    if operator == "equals-ignore-case" and isinstance(wanted, str):
        return f"{_TEXT}$lowercase($v) = {literal(wanted.lower())}"
    if operator == "wildcard" and isinstance(wanted, str):
        return f"{_TEXT}$contains($v, /^{_wildcard(wanted)}$/)"
    if operator == "numeric" and isinstance(wanted, tuple | list):
        return _numeric(tuple(wanted))
    if operator == "cidr" and isinstance(wanted, str):
        return _cidr(wanted)
    if operator == "anything-but":
        return _anything_but(wanted)
    raise Unsupported(f"the filter operator {operator!r} cannot be compiled")


def _affix(kind: str, wanted: Value, folded: bool) -> str:
    if not isinstance(wanted, str):
        raise Unsupported(f"the {kind} of a filter is not known before run time")
    size = len(wanted)
    part = f"$substring($v, 0, {size})" if kind == "prefix" else f"$substring($v, $length($v) - {size})"
    compared = f"$lowercase({part})" if folded else part
    return f"{_TEXT}$length($v) >= {size} and {compared} = {literal(wanted.lower() if folded else wanted)}"


def _wildcard(wanted: str) -> str:
    """`*` stands for any text, line breaks included; a backslash takes its meaning from `*` and from itself."""
    pieces = re.findall(r"\\[*\\]|.", wanted, re.DOTALL)
    return "".join("[\\s\\S]*" if piece == "*" else _escaped(piece[-1]) for piece in pieces)


def _escaped(character: str) -> str:
    """One character in a regular expression literal of JSONata. The literal ends at a slash, spans no lines, and takes a
    bracket behind a backslash for an escaped one, even where that backslash is escaped itself."""
    return {"\\": "\\x5c", "/": "\\/", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character) or re.escape(character)


def _numeric(wanted: tuple[Value, ...]) -> str:
    pairs = list(zip(wanted[::2], wanted[1::2], strict=False))
    if not pairs or len(wanted) % 2 or any(operator not in ("=", "<", "<=", ">", ">=") for operator, _ in pairs):
        raise Unsupported(f"the numeric filter {list(wanted)} is not a range")
    return "$type($v) = 'number' and " + " and ".join(f"$v {operator} {literal(number)}" for operator, number in pairs)


def _cidr(wanted: str) -> str:
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        raise Unsupported(f"{wanted!r} is not an address range") from None
    if isinstance(network, ipaddress.IPv6Network):
        return f"{_TEXT}$contains($v, {_ADDRESS_6}) and {_within(network)}"
    first, last = int(network.network_address), int(network.broadcast_address)
    number = "$reduce($split($v, '.'), function($a, $b) { $number($a) * 256 + $number($b) })"
    return f"{_TEXT}$contains($v, {_ADDRESS_4}) and {number} >= {first} and {number} <= {last}"


def _within(network: ipaddress.IPv6Network) -> str:
    """Whether the address in `$v` has the network's leading bits: whole digits are compared as text, the rest of one by its
    possible values. The address is written out in 32 digits first, `::` with all its zeros."""
    digits, bits = divmod(network.prefixlen, 4)
    written = network.network_address.exploded.replace(":", "")
    tests = [f"$substring($d, 0, {digits}) = '{written[:digits]}'"] if digits else []
    if bits:
        first = int(written[digits], 16)
        options = ", ".join(f"'{value:x}'" for value in range(first, first + 2 ** (4 - bits)))
        tests.append(f"$substring($d, {digits}, 1) in [{options}]")
    return (
        "($n := $count($split($v, ':')[$ != '']); "
        "$w := $replace($v, '::', ':' & $substring('0:0:0:0:0:0:0:0', 0, 15 - 2 * $n) & ':'); "
        "$d := $lowercase($join($map($split($w, ':')[$ != ''], function($g) { $substring('000' & $g, -4) }))); "
        f"{' and '.join(['$length($d) = 32', *tests])})"
    )


def _anything_but(wanted: Value) -> str:
    """Any value that is not listed; an object is no value."""
    if isinstance(wanted, Mapping):
        if len(wanted) != 1:
            raise Unsupported("anything-but names more than one operator")
        ((operator, values),) = wanted.items()
        options = values if isinstance(values, tuple | list) else (values,)
        tests = [f"$not({_test({operator: value})})" for value in options]
    else:
        tests = [f"$v != {literal(value)}" for value in (wanted if isinstance(wanted, tuple | list) else (wanted,))]
    return " and ".join(["$type($v) != 'object'", *tests])
