"""The parameters of one stack: what the user states, what the parent passes, the default, or an unknown."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Concat, Either, Stored, Symbol, Value, parts_of, scalar_text, split
from untangle.scanners.cloudformation.dynamic import with_stored
from untangle.scanners.document import Map, Node

# Source: the quotas of CloudFormation; a parameter value holds at most 4,096 bytes.
_MAX_LENGTH = 4_096
_FROM_STORE = "AWS::SSM::Parameter::Value<"


def declared(section: Node) -> Mapping[str, Map]:
    """The well-formed entries of a Parameters section by name."""
    entries = section.items() if isinstance(section, Map) else ()
    return {name: entry for name, entry in entries if isinstance(entry, Map)}


def required(section: Node) -> frozenset[str]:
    """The names of the parameters that have no default."""
    return frozenset(name for name, entry in declared(section).items() if "Default" not in entry)


class Parameters:
    """The parameters of one stack by name. `given` are the values that were stated or passed."""

    def __init__(self, section: Node, given: Mapping[str, Value], stack: str) -> None:
        self._declared = declared(section)
        self._given = given
        self._stack = stack
        self._values: dict[tuple[str, bool], Value] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def value(self, name: str, *, defaults: bool = True) -> Value:
        """What `Ref` gives for a declared parameter; without `defaults` only what was stated or passed counts."""
        key = name, defaults
        if key not in self._values:
            self._values[key] = self._value(name, defaults=defaults)
        return self._values[key]

    def _value(self, name: str, *, defaults: bool) -> Value:
        entry = self._declared[name]
        type_ = str(entry.get("Type", "String"))
        if name in self._given:
            raw = self._given[name]
        elif defaults and scalar_text(entry.get("Default")) is not None:
            default = entry["Default"]
            raw = with_stored(default) if isinstance(default, str) else default
        else:
            raw = None
        if raw is None or _is_excessive(raw):
            unknown = Symbol(name, self._stack)
            # the parameter gives the name of what a store holds, and nobody gives the parameter
            return Stored("ssm", unknown) if type_.startswith(_FROM_STORE) else unknown
        return _typed(type_, raw)


def _is_excessive(value: Value) -> bool:
    """Whether a text is longer than any parameter may be: stacks that pass it on and on would double it each time."""
    return sum(len(part) if isinstance(part, str) else 1 for part in parts_of(value)) > _MAX_LENGTH


def _typed(type_: str, raw: Value) -> Value:
    if isinstance(raw, Either):
        return Either(tuple(None if option is None else _typed(type_, option) for option in raw.options), raw.conditions)
    if type_.startswith(_FROM_STORE):
        return Stored("ssm", raw)
    if type_ == "CommaDelimitedList" or type_.startswith("List<"):
        return _items(raw)
    return scalar_text(raw) if isinstance(raw, bool) else raw


def _items(raw: Value) -> Value:
    text = scalar_text(raw)
    if text is not None:
        return tuple(item.strip() for item in text.split(",")) if text else ()
    return split(raw, ",") if isinstance(raw, Concat) else raw
