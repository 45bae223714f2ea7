"""Whether what handles an error raises it again, or lets the run go on, or end well, without what the error has skipped.

A handler is taken to raise only where it is seen to on each way through it: by `throw`, by a promise that is refused, by what
ends the process, by the callback that is given an error, or by a function of the same repository that does one of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.things import Closure, Scope

MAX_DEPTH = 1  # functions called from a handler, and from one another, that are asked whether they raise
_TAKES_ERRORS = frozenset({"callback", "cb", "done", "fail", "reject"})
_EXITS = re.compile(r"\A(?:process|System)\.exit\(")


@dataclass(frozen=True, slots=True)
class Ends:
    """How statements may end without an error: what follows is reached, or the function or a round of a loop is left."""

    falls: bool = True
    leaves: bool = False

    @property
    def well(self) -> bool:
        """Whether they may end without an error at all."""
        return self.falls or self.leaves


RAISES = Ends(falls=False)


def handled(attempt: s.Attempt, scope: Scope, depth: int = 0) -> Ends:
    """How the handlers of a `try` end, all together; `RAISES` where it has none. A `finally` that returns takes errors too."""
    found = [ends(handler, scope, depth) for handler in _handlers(attempt)]
    last = ends(attempt.final, scope, depth)
    return Ends(any(one.falls for one in found) and last.falls, any(one.leaves for one in found) or last.leaves)


def takes(callback: s.Expr | None, scope: Scope) -> bool:
    """Whether a function that is given to `catch` and the like may end without raising what it is called with."""
    if callback is None or (isinstance(callback, s.Const) and callback.value is None):
        return False
    code = callback if isinstance(callback, s.Lambda) else _code(callback, scope)
    if code is not None:
        return ends(code.body, scope).well
    return _name(callback) not in _TAKES_ERRORS


def ends(statements: tuple[s.Statement, ...], scope: Scope, depth: int = 0) -> Ends:
    """How a block may end without an error."""
    leaves = False
    for statement in statements:
        one = _end(statement, scope, depth)
        leaves = leaves or one.leaves
        if not one.falls:
            return Ends(falls=False, leaves=leaves)
    return Ends(leaves=leaves)


def _end(statement: s.Statement, scope: Scope, depth: int) -> Ends:
    if isinstance(statement, s.Return):
        return Ends(falls=False, leaves=not _fails(statement.value, scope, depth))
    if isinstance(statement, s.Leave):
        return Ends(falls=False, leaves=statement.value is None)
    if isinstance(statement, s.Run):
        return RAISES if _fails(statement.value, scope, depth) else Ends()
    if isinstance(statement, s.Block):
        return ends(statement.body, scope, depth)
    if isinstance(statement, s.Branch):
        ways = (ends(statement.then, scope, depth), ends(statement.otherwise, scope, depth))
        return Ends(any(way.falls for way in ways), any(way.leaves for way in ways))
    if isinstance(statement, s.Loop):
        return Ends(leaves=ends(statement.body, scope, depth).leaves)
    if isinstance(statement, s.Attempt):
        ways = (ends(statement.body, scope, depth), handled(statement, scope, depth))
        return Ends(any(way.falls for way in ways), any(way.leaves for way in ways))
    return Ends()


def _handlers(attempt: s.Attempt) -> Iterator[tuple[s.Statement, ...]]:
    """The handlers of a `try`: one, or several that stand as branches that ask nothing."""
    several = [one for one in attempt.handler if isinstance(one, s.Branch) and one.test == s.Const(None)]
    if several and len(several) == len(attempt.handler):
        yield from (one.then for one in several)
    elif attempt.catches:
        yield attempt.handler


def _fails(value: s.Expr | None, scope: Scope, depth: int) -> bool:
    """Whether what is called here never lets the run end well."""
    if not isinstance(value, s.Invoke):
        return False
    if _EXITS.match(value.text):
        return True
    code = _code(value.callee, scope)
    if code is not None:
        return depth < MAX_DEPTH and not ends(code.body, scope, depth + 1).well
    first = value.arguments[0] if value.arguments else s.Const(None)
    nothing = first == s.Const(None) or (isinstance(first, s.Name) and first.id == "undefined")
    return _name(value.callee) in _TAKES_ERRORS and not nothing


def _code(expression: s.Expr, scope: Scope) -> s.Lambda | None:
    """The function of the repository that a name stands for."""
    thing = scope.find(expression.id)[1] if isinstance(expression, s.Name) else None
    return thing.code if isinstance(thing, Closure) else None


def _name(expression: s.Expr) -> str:
    return expression.id if isinstance(expression, s.Name) else expression.name if isinstance(expression, s.Member) else ""
