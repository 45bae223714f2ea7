"""How many calls reading an account takes at least: counted by letting the readers ask an account that holds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from untangle.scanners.account.call import GLOBAL, Outcome, Request, Scope
from untangle.scanners.account.chokepoint import Chokepoint
from untangle.scanners.account.inventory import FOLLOW_UPS, READERS
from untangle.scanners.account.inventory.place import Place
from untangle.scanners.account.recording import Recorded


class _Nothing:
    """Answers that there is nothing."""

    def fetch(self, request: Request) -> Recorded:
        """One page without contents."""
        return Recorded(pages=({},), outcome=Outcome.READ)

    def fields(self, request: Request) -> Mapping[str, Any]:
        """None."""
        return {}

    def is_recorded(self, request: Request) -> bool:
        """Yes: there is nothing to be scrubbed."""
        return True


def least(scopes: Sequence[Scope]) -> int:
    """The calls that the readers make wherever nothing is, over all accounts and regions."""
    return sum(_counted(scope.regions)[0] for scope in scopes)


def surely(regions: tuple[str, ...]) -> int:
    """Those of one account that the readers do not announce to the caller themselves (`Caller.each`)."""
    return _counted(regions)[1]


@cache
def _counted(regions: tuple[str, ...]) -> tuple[int, int]:
    caller = Chokepoint(_Nothing(), threads=False)
    for reader in READERS:
        for region in (GLOBAL,) if reader.everywhere else regions:
            list(reader.read(_place(region, regions, caller)))
    for follow_up in FOLLOW_UPS:
        for region in regions:
            list(follow_up.read(_place(region, regions, caller), ()))
    return caller.calls.done, caller.single


def _place(region: str, regions: tuple[str, ...], caller: Chokepoint) -> Place:
    return Place(account="000000000000", partition="aws", region=region, regions=regions, caller=caller)
