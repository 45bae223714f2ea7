"""Filters as rules of a Choice state, where they can be said: a rule compares one value, and cannot look into a list.

Sources as in `channels.envelope.pattern`; Amazon States Language, "Choice State" (a comparison with what is not there fails the
state, so presence is asked first; `StringMatches` knows `*`). A field of a message's own JSON may be a list, of which any
element may match: it is compared only where the producer's code shows that it is a single value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.messages import travel
from untangle.emit.asl.jsonpath.text import Expression, call, of_effect, step_of
from untangle.emit.asl.jsonpath.way import Message, Way
from untangle.model.shape import Shape
from untangle.model.step import Stop
from untangle.model.value import Value

Rule = dict[str, Any]
_SINGLE = ("version", "id", "detail-type", "source", "account", "time", "region")  # fields of every event that are texts
_SCALARS = ("string", "number", "integer", "boolean")
_COMPARED = {"=": "Equals", "<": "LessThan", "<=": "LessThanEquals", ">": "GreaterThan", ">=": "GreaterThanEquals"}


def rule_of(stops: tuple[Stop, ...], way: Way) -> Rule:
    """The rule under which all filters on the way let a message pass. Raises `Unsupported` with the reason in words."""
    messages = travel(stops, way)
    tests = [_TESTS[stop.type](stop, message, way) for stop, message in zip(stops, messages, strict=True) if _filters(stop)]
    return both(tests)


def _filters(stop: Stop) -> bool:
    if not stop.filter:
        return False
    if stop.type in ("sqs", "pipe"):
        return bool(_patterns(stop.filter))
    if stop.type not in _TESTS:
        raise Unsupported(f"the filter of {stop.type} cannot be said in rules of a Choice")
    return True


def both(rules: list[Rule]) -> Rule:
    """All of these rules."""
    return rules[0] if len(rules) == 1 else {"And": rules}


def either(rules: list[Rule]) -> Rule:
    """Any of these rules."""
    return rules[0] if len(rules) == 1 else {"Or": rules}


def _event(stop: Stop, message: Message, way: Way) -> Rule:
    if not isinstance(stop.filter, Mapping):
        raise Unsupported("the rule's pattern is not known")
    root = way.keep("event", message.value)
    shape = _body(way)

    def single(path: tuple[str, ...]) -> bool:
        return path[0] in _SINGLE if path[0] != "detail" else _is_single(shape, path[1:])

    return _object(stop.filter, (), root, single)


def _policy(stop: Stop, message: Message, way: Way) -> Rule:
    """A policy over message attributes; over the body, its pattern."""
    if not isinstance(stop.filter, Mapping):
        raise Unsupported("the policy is not known")
    if isinstance(stop.filter.get("MessageBody"), Mapping):
        raise Unsupported("a policy on the body cannot be held against a body that may be no JSON")
    if message.given is None:
        raise Unsupported("the message has no attributes of its own to be held against the policy")
    return both([_attribute(message.given, name, wanted) for name, wanted in stop.filter.items()])


def _attribute(attributes: Expression, name: str, wanted: Value) -> Rule:
    """One attribute: a text, or the text of a list in which exact values can be found."""
    if not isinstance(wanted, tuple | list):
        raise Unsupported(f"what the policy wants of {name!r} cannot be said in rules of a Choice")
    place = f"{attributes}{step_of(name)}"
    text, kind = f"{place}.StringValue", f"{place}.DataType"
    options = []
    for matcher in wanted:
        exact = matcher if isinstance(matcher, str) else None
        if isinstance(matcher, Mapping) and matcher == {"exists": True}:
            options.append({"Not": {"Variable": text, "StringEquals": ""}})
        elif exact is not None:
            in_list = both(
                [
                    {"Variable": kind, "StringEquals": "String.Array"},
                    {"Variable": text, "StringMatches": f"*{_literally(json.dumps(exact, ensure_ascii=False))}*"},
                ]
            )
            single = both([_no_number_or_list(kind), {"Variable": text, "StringEquals": exact}])
            options.append(either([single, in_list]))
        else:
            raise Unsupported(f"the policy's {_shown(matcher)} cannot be held against attributes that may be lists or numbers")
    return both([{"Variable": text, "IsPresent": True}, either(options)])


def _no_number_or_list(kind: str) -> Rule:
    return {"Not": either([{"Variable": kind, "StringEquals": name} for name in ("String.Array", "Number")])}


def _criteria(stop: Stop, message: Message, way: Way) -> Rule:
    """Filter criteria over a queue's message: any of the patterns."""
    return either([_message_pattern(pattern, message, way) for pattern in _patterns(stop.filter)])


def _message_pattern(pattern: Mapping[str, Value], message: Message, way: Way) -> Rule:
    rules = []
    for name, wanted in pattern.items():
        if name == "body" and isinstance(wanted, Mapping) and message.text is not None:
            shape = _body(way)
            if message.text != of_effect("params", "MessageBody") or shape is None or shape.kind != "object":
                raise Unsupported("whether the body is a JSON object is not known, and a text that is none fails the state")
            root = way.keep("body", call("StringToJson", message.text))
            rules.append(_object(wanted, (), root, partial(_is_single, shape)))
        elif name == "messageAttributes" and isinstance(wanted, Mapping) and isinstance(message.attributes, Expression):
            rules.append(_object(wanted, (), message.attributes, lambda path: path[-1] in ("stringValue", "dataType")))
        else:
            raise Unsupported(f"a filter on {name!r} cannot be said in rules of a Choice")
    if not rules:
        raise Unsupported("a pattern without conditions cannot be said in rules of a Choice")
    return both(rules)


def _patterns(filter: Value) -> list[Mapping[str, Value]]:
    """The patterns of filter criteria, as mappings."""
    found = filter.get("Filters", filter.get("filters", filter)) if isinstance(filter, Mapping) else filter
    listed = (found,) if isinstance(found, Mapping) else found
    patterns = []
    for item in listed if isinstance(listed, tuple | list) else ():
        inner = item.get("Pattern", item.get("pattern", item)) if isinstance(item, Mapping) else item
        try:
            inner = json.loads(inner) if isinstance(inner, str) else inner
        except ValueError:
            raise Unsupported("a filter pattern is not JSON") from None
        if not isinstance(inner, Mapping):
            raise Unsupported("a filter pattern is not known before run time")
        patterns.append(inner)
    return patterns


def _refused(stop: Stop, message: Message, way: Way) -> Rule:
    raise Unsupported(f"the filter of a {stop.type} cannot be said in rules of a Choice")


_TESTS: Mapping[str, Callable[[Stop, Message, Way], Rule]] = {
    "eventbridge": _event,
    "pipe": _refused,
    "sns": _policy,
    "sqs": _criteria,
}


def _body(way: Way) -> Shape | None:
    """The shape of the message where all calls send the same one, as far as code shows it."""
    shapes = [link.sent.body for link in way.calls if link.sent is not None and link.sent.body is not None]
    return shapes[0] if shapes and len(shapes) == len(way.calls) and all(shape == shapes[0] for shape in shapes) else None


def _is_single(shape: Shape | None, path: tuple[str, ...]) -> bool:
    """Whether the value at a path is shown to be a single one: every step on the way an object, at its end no list."""
    for name in path:
        if shape is None or shape.kind != "object":
            return False
        shape = shape.properties.get(name)
    return shape is not None and (shape.kind in _SCALARS or shape.constant is not None)


def _object(pattern: Mapping[str, Value], path: tuple[str, ...], root: str, single: Callable[[tuple[str, ...]], bool]) -> Rule:
    """A pattern below a root; patterns are shallow, and deep ones were refused when the hop was planned."""
    rules = []
    for key, wanted in pattern.items():
        if key == "$or":
            options = [item for item in wanted if isinstance(item, Mapping)] if isinstance(wanted, tuple | list) else []
            rules.append(either([_object(option, path, root, single) for option in options]))
        elif isinstance(wanted, Mapping):
            rules.append(_object(wanted, (*path, key), root, single))
        elif isinstance(wanted, tuple | list):
            rules.append(_any(tuple(wanted), (*path, key), root, single))
        else:
            raise Unsupported(f"the pattern's field {key!r} is not a list of values")
    if not rules:
        raise Unsupported("a pattern without conditions cannot be said in rules of a Choice")
    return both(rules)


def _any(matchers: tuple[Value, ...], path: tuple[str, ...], root: str, single: Callable[[tuple[str, ...]], bool]) -> Rule:
    if not single(path):
        raise Unsupported(f"whether {'.'.join(path)} is one value or a list is not known, and a rule compares one value")
    variable = root + "".join(step_of(name) for name in path)
    present: Rule = {"Variable": variable, "IsPresent": True}
    presence = [m["exists"] for m in matchers if isinstance(m, Mapping) and "exists" in m]
    others = [m for m in matchers if not (isinstance(m, Mapping) and "exists" in m)]
    options: list[Rule] = [{"Variable": variable, "IsPresent": bool(wanted)} for wanted in presence]
    if others:
        options.append(both([present, either([_test(variable, matcher) for matcher in others])]))
    return either(options)


def _test(variable: str, matcher: Value) -> Rule:
    """One matcher against a value that is there."""
    if isinstance(matcher, bool):
        return {"Variable": variable, "BooleanEquals": matcher}
    if matcher is None:
        return {"Variable": variable, "IsNull": True}
    if isinstance(matcher, str):
        return {"Variable": variable, "StringEquals": matcher}
    if isinstance(matcher, int | float):
        return {"Variable": variable, "NumericEquals": matcher}
    if not isinstance(matcher, Mapping) or len(matcher) != 1:
        raise Unsupported(f"the filter's {_shown(matcher)} cannot be said in rules of a Choice")
    ((operator, wanted),) = matcher.items()
    if operator in ("prefix", "suffix") and isinstance(wanted, str):
        text = _literally(wanted)
        return {"Variable": variable, "StringMatches": f"{text}*" if operator == "prefix" else f"*{text}"}
    if operator == "wildcard" and isinstance(wanted, str) and "\\" not in wanted:
        return {"Variable": variable, "StringMatches": wanted}
    if operator == "numeric" and isinstance(wanted, tuple | list) and wanted and not len(wanted) % 2:
        pairs = list(zip(wanted[::2], wanted[1::2], strict=True))
        if all(sign in _COMPARED for sign, _ in pairs):
            return both([{"Variable": variable, f"Numeric{_COMPARED[str(sign)]}": number} for sign, number in pairs])
    if operator == "anything-but":
        options = wanted if isinstance(wanted, tuple | list) else (wanted,)
        return {"Not": either([_test(variable, option) for option in options])}
    raise Unsupported(f"the filter's {_shown(matcher)} cannot be said in rules of a Choice")


def _shown(matcher: Value) -> str:
    return ", ".join(map(str, matcher)) if isinstance(matcher, Mapping) else str(matcher)


def _literally(text: str) -> str:
    """A text in a pattern of `StringMatches`, in which only `*` and the backslash mean something."""
    return text.replace("\\", "\\\\").replace("*", "\\*")
