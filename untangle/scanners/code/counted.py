"""Whether code counts in a table, or ticks itself off in one, to find out whether it is the last: signals, in every language.

Read from the calls that were recorded, so that no language has to look for it: an item is changed and comes back changed, by a
number (`counter`), or by a part of it while something is then sent only if all parts are there (`flags`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from untangle.model.code import Call
from untangle.model.location import Location

_COUNTS = re.compile(r"\bADD\b|[+-]\s*:")
_EACH = re.compile(r"\ball\s*\(|\.every\s*\(|\bnot\s+any\s*\(|!\s*[\w.]+\.some\s*\(|\.allMatch\s*\(|\.noneMatch\s*\(")
_LONGEST = 400  # characters of a guard that are read


def counted(calls: Iterable[Call]) -> dict[str, Location]:
    """The place of the first count, and of the first flag, by signal."""
    found: dict[str, Location] = {}
    flagged: Location | None = None
    asked = False
    for call in calls:
        returned = call.arguments.get("ReturnValues")
        if (call.service, call.operation) == ("dynamodb", "UpdateItem") and returned not in (None, "NONE"):
            expression = call.arguments.get("UpdateExpression")
            if isinstance(expression, str) and _COUNTS.search(expression):
                found.setdefault("counter", call.location)
            elif returned == "ALL_NEW":
                flagged = flagged or call.location
        elif not asked:
            guards = (guard.text[:_LONGEST] for guard in call.guards if guard.kind in ("if", "early-return"))
            asked = any(_EACH.search(text) is not None for text in guards)
    if flagged is not None and asked:
        found["flags"] = flagged
    return found
