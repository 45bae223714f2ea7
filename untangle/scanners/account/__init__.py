"""The live account, or a recording of one: what is deployed, as CloudFormation's resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from untangle.model.resource import Gap, Inventory, Resource, Source, Stack
from untangle.model.value import Ref
from untangle.scanners.account.call import GLOBAL, Scope
from untangle.scanners.account.inventory import READERS
from untangle.scanners.account.inventory.place import Found, Place, Reader

# Types whose address is the bare name, the first of them where several things in one place share it.
_BARE = ("AWS::Lambda::Function",)


def read(scopes: tuple[Scope, ...]) -> Inventory:
    """What the accounts hold, and how far they could be read. Raises AwsError where the credentials are bad."""
    found = [item for scope in scopes for item in _found(scope)]
    resources = _linked_to_roles(_told_apart(item for item in found if isinstance(item, Resource)))
    places = [(scope.account, region) for scope in scopes for region in (*scope.regions, GLOBAL)]
    return Inventory(
        sources=tuple(Source(path=f"aws/{account}/{region}", kind="account") for account, region in places if region != GLOBAL),
        stacks=tuple(
            Stack(id=f"{account}/{region}", path=f"aws/{account}/{region}", folder="", kind="account")
            for account, region in places
        ),
        resources=tuple(sorted(resources, key=lambda resource: resource.id)),
        gaps=(*(item for item in found if isinstance(item, Gap)), *_one_default_bus(found)),
        coverage=tuple(dict.fromkeys(row for scope in scopes for row in scope.caller.coverage)),
    )


def _found(scope: Scope) -> Iterator[Found]:
    """What all readers find in one account: side by side, in the order of the readers."""
    jobs = [partial(_read, reader, place) for reader in READERS for place in _places(scope, reader)]
    for result in scope.caller.together(jobs):
        yield from result


def _one_default_bus(found: list[Found]) -> Iterator[Gap]:
    """The default buses of all that is read are one node of the graph: where several have rules, that has to be said."""
    rules = [item for item in found if isinstance(item, Resource) and item.type == "AWS::Events::Rule"]
    stacks = sorted({item.stack for item in rules if item.get("EventBusName") is None and item.get("EventPattern") is not None})
    if len(stacks) > 1:
        why = f"those of {', '.join(stacks)} are not told apart: a hop over it may stay within one of them"
        yield Gap(what="the default event bus", why=why)


def _places(scope: Scope, reader: Reader) -> Iterator[Place]:
    for region in (GLOBAL,) if reader.everywhere else scope.regions:
        yield Place(account=scope.account, partition=scope.partition, region=region, regions=scope.regions, caller=scope.caller)


def _read(reader: Reader, place: Place) -> tuple[Found, ...]:
    return tuple(reader.read(place))


def _told_apart(resources: Iterable[Resource]) -> list[Resource]:
    """Ids that several resources of a place share are told apart by their types; a function keeps its name."""
    unique = {(item.id, item.type): item for item in resources}
    shared = Counter(id for id, _ in unique)
    return [item if shared[item.id] == 1 or item.type in _BARE else _by_type(item) for item in unique.values()]


def _by_type(item: Resource) -> Resource:
    address = f"{item.type.rpartition('::')[2].lower()}:{item.address}"
    return replace(item, id=f"{item.stack}/{address}", address=address)


def _linked_to_roles(resources: list[Resource]) -> Iterator[Resource]:
    """Roles are pointed at, as their ARNs hold paths that are no part of their names."""
    roles = {item.deployed: item.id for item in resources if item.type == "AWS::IAM::Role" and item.deployed}
    for item in resources:
        role = item.properties.get("Role")
        if item.type == "AWS::Lambda::Function" and isinstance(role, str) and role in roles:
            item = replace(item, properties={**item.properties, "Role": Ref(roles[role], "Arn")})
        yield item
