"""Filters as JSONata: EventBridge patterns, SNS policies, filter criteria of event source mappings, S3 prefixes and suffixes.

Sources: EventBridge user guide, "Comparison operators in event patterns"; SNS guide, "Subscription filter policies";
Lambda guide, "Event filtering". A field that is an array matches when any element does. Where two keys below one
array must match the same element, EventBridge says so and JSONata's paths do not: the condition is then the weaker one
(any element for each key). IPv6 ranges are not compiled.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping

from untangle.channels.envelope.form import Unsupported, literal, step
from untangle.model.value import Value

_TEXT = "$type($v) = 'string' and "


def compile_pattern(pattern: Mapping[str, Value], root: str) -> str:
    """A pattern as a JSONata boolean over the value that `root` names (a variable or a path).

    Raises `Unsupported`, with the operator in words, for what cannot be said.
    """
    clauses = []
    for key, wanted in pattern.items():
        if key == "$or":
            options = wanted if isinstance(wanted, tuple | list) else (wanted,)
            alternatives = [compile_pattern(option, root) for option in options if isinstance(option, Mapping)]
            clauses.append("(" + " or ".join(alternatives) + ")")
        elif isinstance(wanted, Mapping):
            clauses.append(compile_pattern(wanted, f"{root}.{step(key)}"))
        elif isinstance(wanted, tuple | list):
            clauses.append(_any(f"{root}.{step(key)}", tuple(wanted)))
        else:
            raise Unsupported(f"the pattern's field {key!r} is not a list of values")
    if not clauses:
        return "true"
    return clauses[0] if len(clauses) == 1 else "(" + " and ".join(clauses) + ")"


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


def affix(key: str, prefix: Value, suffix: Value) -> str | None:
    """S3's name filter over the key in `key`; None where neither prefix nor suffix is set."""
    tests = [_affix(kind, wanted, False) for kind, wanted in (("prefix", prefix), ("suffix", suffix)) if wanted]
    if not tests:
        return None
    return f"($v := {key}; {' and '.join(tests)})"


def _any(path: str, matchers: tuple[Value, ...]) -> str:
    """Whether the value at a path, or any element of it, satisfies one of the matchers."""
    presence = [m for m in matchers if isinstance(m, Mapping) and "exists" in m]
    others = [m for m in matchers if m not in presence]
    options = [f"$exists({path})" if matcher["exists"] else f"$not($exists({path}))" for matcher in presence]
    if others and all(isinstance(matcher, str) for matcher in others):
        options.append(f"$count([{path}][$ in {literal(tuple(others))}]) > 0")
    elif others:
        tests = [f"({_test(matcher)})" for matcher in others]
        options.append(f"$count($filter([{path}], function($v) {{ {' or '.join(tests)} }})) > 0")
    return options[0] if len(options) == 1 else "(" + " or ".join(options) + ")"


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
    parts = re.split(r"(?<!\\)\*", wanted)
    return ".*".join(re.escape(part.replace("\\*", "*").replace("\\\\", "\\")).replace("/", "\\/") for part in parts)


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
    if network.version == 6:
        raise Unsupported("an IPv6 address range cannot be compared in JSONata")
    first, last = int(network.network_address), int(network.broadcast_address)
    number = "$reduce($split($v, '.'), function($a, $b) { $number($a) * 256 + $number($b) })"
    return f"{_TEXT}$contains($v, /^\\d+\\.\\d+\\.\\d+\\.\\d+$/) and {number} >= {first} and {number} <= {last}"


def _anything_but(wanted: Value) -> str:
    if isinstance(wanted, Mapping):
        if len(wanted) != 1:
            raise Unsupported("anything-but names more than one operator")
        ((operator, values),) = wanted.items()
        options = values if isinstance(values, tuple | list) else (values,)
        return " and ".join(f"$not({_test({operator: value})})" for value in options)
    options = wanted if isinstance(wanted, tuple | list) else (wanted,)
    return " and ".join(f"$v != {literal(value)}" for value in options)
