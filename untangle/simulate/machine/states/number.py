"""Numbers that fields of a Map name by a path."""

from __future__ import annotations

from typing import Any

from untangle.simulate.machine.failure import text_of
from untangle.simulate.machine.visit import Visit


def number_of(visit: Visit, value: Any, field: str, what: str, path: str) -> float:
    """The number that a path led to, which a text may hold; `what` is "integer" or "float". Raises the state's failure."""
    shown = value if isinstance(value, str) else text_of(value)
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(shown)
        number = float(value)
        if what == "integer" and (int(number) != number or (isinstance(value, str) and "." in value)):
            raise ValueError(shown)
    except (ValueError, OverflowError) as error:
        raise visit.invalid(f'The {field} field refers to value "{shown}" which is not a valid {what}: {path}') from error
    return number
