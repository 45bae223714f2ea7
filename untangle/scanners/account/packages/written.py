"""What was read of a package, as JSON and back: the only thing of a function's code that is kept, and that a recording holds.

Texts lose what looks like a secret on the way, by its look or by the name that it stands under. What is read of a live account
takes the same way, so that a recording gives what the account gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, TypeAlias, get_args

from untangle.model.code import Call, CodeFacts, Guard
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import Read, Shape
from untangle.model.value import Concat, Either, Env, Expression, Imported, Received, Ref, Stored, Symbol
from untangle.scanners.account.secrets import REDACTED, SECRET_KEY, redact

DEEPEST = 45  # the rest of a row is less deep than the recording's own limit
_TAG, _MAP = "is", "of"  # what says that an object is an expression, or a mapping of the source's own
_EXPRESSIONS: Mapping[str, type] = {item.__name__: item for item in get_args(Expression)}
# Fields whose texts are names of the model, of variables and of places, never contents.
_STRUCTURE = frozenset(
    {_TAG, "kind", "name", "scope", "path", "steps", "store", "resource", "attribute", "multiplicity", "per_record", "mediated"}
)

_Decoder: TypeAlias = Callable[[Any], Any]


def written(facts: CodeFacts) -> Any:
    """The facts as JSON, without secrets and without the function's id."""
    return _clean(_plain(facts, 0))


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if depth > DEEPEST:
        return None
    if is_dataclass(value) and not isinstance(value, type):
        told = {item.name: getattr(value, item.name) for item in fields(value) if item.name != "function"}
        defaults = {
            item.name: item.default_factory() if item.default_factory is not MISSING else item.default for item in fields(value)
        }
        kept = {name: _plain(item, depth + 1) for name, item in told.items() if item != defaults[name]}
        return {_TAG: type(value).__name__, **kept} if type(value).__name__ in _EXPRESSIONS else kept
    if isinstance(value, Mapping):
        return {_MAP: {str(key): _plain(item, depth + 1) for key, item in value.items()}}
    if isinstance(value, (tuple, list)):
        return [_plain(item, depth + 1) for item in value]
    return None


def _clean(data: Any) -> Any:
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, dict):
        return {redact(key): _hidden(item) if SECRET_KEY.search(key) else _clean(item) for key, item in data.items()}
    return [_clean(item) for item in data] if isinstance(data, list) else data


def _hidden(data: Any, key: str = "") -> Any:
    """What stands under the name of a secret: where it comes from stays, what it is does not."""
    if isinstance(data, str):
        return redact(data) if key in _STRUCTURE else REDACTED
    if isinstance(data, dict):
        return {redact(name): _hidden(item, name) for name, item in data.items()}
    return [_hidden(item, key) for item in data] if isinstance(data, list) else data


def reread(data: Any, function: str) -> CodeFacts:
    """The facts of a function from JSON; raises ValueError where it is of another form."""
    try:
        made: CodeFacts = _facts(data)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("no facts of a function's code") from error
    return replace(made, function=function)


def _of(*types: type) -> _Decoder:
    def decode(data: Any) -> Any:
        if type(data) not in types:
            raise ValueError("not of its type")
        return data

    return decode


def _many(item: _Decoder) -> _Decoder:
    def decode(data: Any) -> Any:
        if not isinstance(data, (list, tuple)):
            raise ValueError("no list")
        return tuple(item(inner) for inner in data)

    return decode


def _map(item: _Decoder) -> _Decoder:
    def decode(data: Any) -> Any:
        inner = data[_MAP]
        if not isinstance(inner, Mapping):
            raise ValueError("no mapping")
        return {key: item(found) for key, found in inner.items()}

    return decode


def _maybe(item: _Decoder) -> _Decoder:
    return lambda data: None if data is None else item(data)


def _record(made: type, decoders: Callable[[], Mapping[str, _Decoder]]) -> _Decoder:
    def decode(data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise ValueError("no object")
        known = decoders()
        return made(**{name: known[name](item) for name, item in data.items() if name != _TAG})

    return decode


def _value(data: Any) -> Any:
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    if isinstance(data, (list, tuple)):
        return tuple(_value(item) for item in data)
    if isinstance(data, Mapping) and _MAP in data:
        return _map(_value)(data)
    return _VALUES[data[_TAG]](data)


_text, _flag = _of(str), _of(bool)
_texts = _many(_text)
_location = _record(Location, lambda: {"path": _text, "line": _maybe(_of(int))})
_VALUES: Mapping[str, _Decoder] = {
    item.__name__: _record(item, lambda decoders=decoders: decoders)  # type: ignore[misc]
    for item, decoders in (
        (Ref, {"resource": _text, "attribute": _text}),
        (Symbol, {"name": _text, "scope": _text}),
        (Concat, {"parts": _many(_value)}),
        (Either, {"options": _many(_value), "conditions": _texts}),
        (Imported, {"name": _value}),
        (Stored, {"store": _text, "name": _value}),
        (Env, {"name": _text}),
        (Received, {"path": _text, "steps": _texts}),
    )
}
_shape: _Decoder = _record(
    Shape,
    lambda: {
        "kind": _text,
        "properties": _map(_shape),
        "items": _maybe(_shape),
        "constant": _maybe(_of(str, int, float, bool)),
        "source": _value,
        "open": _flag,
        "encoded": _flag,
    },
)
_guard = _record(Guard, lambda: {"kind": _text, "text": _text, "location": _location, "side": _text, "records": _flag})
_read = _record(Read, lambda: {"path": _texts, "required": _flag, "location": _maybe(_location)})
_gap = _record(Gap, lambda: {"what": _text, "why": _text, "location": _maybe(_location)})
_call = _record(
    Call,
    lambda: {
        "service": _text,
        "operation": _text,
        "location": _location,
        "text": _text,
        "arguments": _map(_value),
        "payload": _maybe(_shape),
        "multiplicity": _text,
        "per_record": _text,
        "guards": _many(_guard),
        "mediated": _maybe(_text),
        "answered": _maybe(_of(bool)),
        "place": _of(int),
    },
)
_facts = _record(
    lambda **told: CodeFacts(function="", **told),  # type: ignore[arg-type]
    lambda: {
        "readable": _flag,
        "language": _maybe(_text),
        "entry": _maybe(_location),
        "calls": _many(_call),
        "reads": _many(_read),
        "discards": _many(_guard),
        "variables": _texts,
        "gaps": _many(_gap),
        "returns": _maybe(_shape),
        "signals": _map(_location),
    },
)
