"""What becomes of the answer of a call, and of what it raises, as far as the statement says that the call stands in.

A front end marks its calls with it. In a language whose calls raise where they stand every call is `KEPT` but those that are a
statement of their own. Where a failure is a value (a promise, an error among the results) it starts as `TAKEN`, until the
statement shows that the failure goes on from there: the promise is awaited or returned, the error is returned.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from untangle.scanners.code.lowered import syntax as s

KEPT = ""  # the answer is used, or may be; what the call raises goes on
DROPPED = "dropped"  # nobody takes the answer; what the call raises goes on, or is thrown away with it
TAKEN = "taken"  # both may be taken by the code around


def passed(expression: s.Expr) -> s.Expr:
    """A call whose failure goes on from here: one that is awaited or returned."""
    if not isinstance(expression, s.Invoke) or expression.answer != TAKEN:
        return expression
    return replace(expression, answer=KEPT)


def dropped(expression: s.Expr, through: Collection[str] = ()) -> s.Expr:
    """A call that is a statement of its own; `through` are methods without parameters that give what they are called on."""
    if not isinstance(expression, s.Invoke):
        return expression
    callee = expression.callee
    if isinstance(callee, s.Member) and callee.name in through and not expression.arguments:
        callee = replace(callee, of=dropped(callee.of, through))
    return replace(expression, callee=callee, answer=DROPPED)
