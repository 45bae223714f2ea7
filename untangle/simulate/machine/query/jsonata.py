"""JSONata as Step Functions evaluates it: compiled once, with the functions it adds, seeded and in virtual time.

jsonata-python has None for what is not there ("undefined") and a mark of its own for JSON's null; both directions are translated
here. Sources: Step Functions guide, "Transforming data with JSONata".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from untangle.simulate.machine.query.additions import NAMES, Source, addition

_NAMES = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_SECONDS = 30  # real time that an expression with functions of its own may take, on a busy machine too
_DEPTH = 250


class Wrong(Exception):
    """An expression threw: its code and message, as the JSONata library words them."""


class Nothing(Exception):
    """An expression gave nothing: it is undefined."""


class Unsupported(Exception):
    """An expression gave what is no JSON: a function."""


@lru_cache(maxsize=2048)
def _compiled(text: str) -> tuple[Any, frozenset[str], bool]:
    """An expression that can be evaluated, the names of the variables in it, and whether it must be bounded."""
    import jsonata

    bounded = "function" in text or "λ" in text or "~>" in text
    expression = jsonata.Jsonata(text)
    expression.output_convert_nulls = False
    expression.validate_input = False
    return expression, frozenset(_NAMES.findall(text)), bounded


def evaluate(text: str, variables: Callable[[str], Any], source: Source) -> Any:
    """The value of an expression (without its delimiters), as plain JSON.

    `variables` gives the value of a name and raises `KeyError` for one that is not bound. Raises `Wrong`, `Nothing` and
    `Unsupported`.
    """
    try:
        expression, names, bounded = _compiled(text)
        if bounded:  # the library counts time from when the bounds are set, and depth on after an error: anew each time
            expression.environment.set_runtime_bounds(_SECONDS * 1000, _DEPTH)
        bindings: dict[str, Any] = {}
        for name in names:
            try:
                bindings[name] = with_nulls(variables(name))
            except KeyError:
                if name in NAMES:
                    bindings[name] = addition(name, source)
        if names and not names.isdisjoint(_FORBIDDEN):
            raise Wrong("T1006: Attempted to invoke a non-function")
        found = expression.evaluate(None, bindings)
    except (Wrong, ImportError):
        raise
    except Exception as error:
        raise Wrong(_worded(error)) from error
    if found is None:
        raise Nothing(text)
    return plain(found)


_FORBIDDEN = frozenset({"eval"})  # Step Functions has it not


def _worded(error: Exception) -> str:
    code, message = getattr(error, "error", None), str(error)
    if isinstance(error, RecursionError):
        return "D1011: Stack overflow error"
    text = re.sub(r"^[A-Z]\d{4}:?\s*", "", message)
    return f"{code}: {text}" if isinstance(code, str) and code else text


def with_nulls(value: Any) -> Any:
    """JSON with its nulls as jsonata-python has them; the value itself where it has none."""
    if value is None:
        return _null()
    if isinstance(value, dict):
        return {key: with_nulls(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_nulls(inner) for inner in value]
    return value


@lru_cache(maxsize=1)
def _null() -> Any:
    from jsonata.utils import Utils

    return Utils.NULL_VALUE


def plain(value: Any) -> Any:
    """A result of jsonata-python as plain JSON; raises `Unsupported` where it is a function."""
    if value is None or value is _null():
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | range) or hasattr(value, "__iter__"):
        return [plain(inner) for inner in value]
    raise Unsupported(type(value).__name__)
