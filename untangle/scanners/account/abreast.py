"""Several accounts read beside each other: what goes wrong in one of them does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from untangle.errors import AwsError
from untangle.model.resource import Coverage
from untangle.scanners.account.call import Outcome, Scope
from untangle.scanners.account.manners import side_by_side

AT_ONCE = 8  # accounts; AWS's limits hold for each of them
T = TypeVar("T")


def abreast(scopes: Sequence[Scope], work: Callable[[Scope], T]) -> tuple[tuple[tuple[Scope, T], ...], tuple[Coverage, ...]]:
    """What `work` makes of each account that can be read, in their order, and a row for each one that broke off.

    Live accounts run beside each other, those of recordings one after the other. One account alone fails as it does. What ends
    the work otherwise, an interrupt, ends all of it; the recordings of accounts that were through by then are complete.
    """
    callers = {id(scope.caller): scope.caller for scope in scopes}
    apart = len(callers) == len(scopes)
    entered = [scope for scope in scopes if scope.regions]

    def one(scope: Scope) -> tuple[Scope, T] | Coverage:
        try:
            made = work(scope)
        except AwsError as error:
            if len(scopes) < 2 or not apart:
                raise
            scope.caller.close()
            return _broken(scope, error)
        if apart and not (scope.code or scope.traces or scope.metrics):  # these are read later
            scope.caller.done()
        return scope, made

    try:
        live = apart and any(scope.identity for scope in scopes)
        found = list(side_by_side(one, entered, AT_ONCE if live else 1))
    except BaseException:
        list(side_by_side(lambda caller: caller.close(), list(callers.values()), 4 * AT_ONCE))
        raise
    whole = tuple(item for item in found if not isinstance(item, Coverage))
    return whole, tuple(item for item in found if isinstance(item, Coverage))


def _broken(scope: Scope, error: AwsError) -> Coverage:
    return Coverage(
        source=f"aws/{scope.account}",
        operation="what had not been read",
        outcome=Outcome.INCOMPLETE.value,
        unseen=("everything",),
        note=error.message,
    )
