"""The live account, or a recording of one: what is deployed, as CloudFormation's resources."""

from untangle.model.resource import Inventory, Source
from untangle.scanners.account.call import Scope


def read(scopes: tuple[Scope, ...]) -> Inventory:
    """What the accounts hold, and how far they could be read."""
    sources = tuple(Source(path=f"aws/{scope.account}/{region}", kind="account") for scope in scopes for region in scope.regions)
    return Inventory(sources=sources, coverage=tuple(dict.fromkeys(row for scope in scopes for row in scope.caller.coverage)))
