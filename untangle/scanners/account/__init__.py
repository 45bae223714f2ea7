"""The live account, or a recording of one: what is deployed, as CloudFormation's resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from untangle.model.resource import Gap, Inventory, Resource, Source, Stack
from untangle.model.value import Ref
from untangle.scanners.account.abreast import abreast
from untangle.scanners.account.call import GLOBAL, Scope
from untangle.scanners.account.inventory import FOLLOW_UPS, READERS
from untangle.scanners.account.inventory.place import FollowUp, Found, Place, Reader
from untangle.scanners.account.observed import seen

# Types whose address is the bare name, the first of them where several things in one place share it.
_BARE = ("AWS::Lambda::Function",)
# Properties that name a thing by an ARN from which its name cannot be taken: whose, which, and the things.
_POINTING = (
    ("AWS::Lambda::Function", "Role", ("AWS::IAM::Role",)),
    (
        "AWS::Lambda::EventSourceMapping",
        "EventSourceArn",
        ("AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster", "AWS::AmazonMQ::Broker"),
    ),
)


def read(scopes: tuple[Scope, ...]) -> Inventory:
    """What the accounts hold, and how far they could be read. Raises AwsError where the credentials are bad for all of them."""
    whole, broken = abreast(scopes, lambda scope: tuple(_found(scope)))
    found = [item for _, items in whole for item in items]
    pointed = _pointed(_told_apart(_once(item for item in found if isinstance(item, Resource))))
    resources = tuple(sorted(pointed, key=lambda resource: resource.id))
    places = list(dict.fromkeys((scope.account, region) for scope in scopes for region in (*scope.regions, GLOBAL)))
    at_run_time = seen(tuple(scope for scope, _ in whole), resources)
    return at_run_time + Inventory(
        sources=tuple(Source(path=f"aws/{account}/{region}", kind="account") for account, region in places if region != GLOBAL),
        stacks=tuple(
            Stack(id=f"{account}/{region}", path=f"aws/{account}/{region}", folder="", kind="account")
            for account, region in places
        ),
        resources=resources,
        gaps=tuple(item for item in found if isinstance(item, Gap)),
        coverage=tuple(dict.fromkeys(row for scope in scopes for row in scope.caller.coverage)) + broken,
    )


def _found(scope: Scope) -> Iterator[Found]:
    """What all readers find in one account: side by side, in the order of the readers; then what that leads to."""
    jobs = [partial(_read, reader, place) for reader in READERS for place in _places(scope, reader)]
    found = [item for result in scope.caller.together(jobs) for item in result]
    for follow_up in FOLLOW_UPS:
        known = tuple(item for item in found if isinstance(item, Resource))
        more = [partial(_follow, follow_up, _place(scope, region), known) for region in scope.regions]
        found.extend(item for result in scope.caller.together(more) for item in result)
    yield from found


def _places(scope: Scope, reader: Reader) -> Iterator[Place]:
    for region in (GLOBAL,) if reader.everywhere else scope.regions:
        yield _place(scope, region)


def _place(scope: Scope, region: str) -> Place:
    return Place(account=scope.account, partition=scope.partition, region=region, regions=scope.regions, caller=scope.caller)


def _read(reader: Reader, place: Place) -> tuple[Found, ...]:
    return tuple(reader.read(place))


def _follow(follow_up: FollowUp, place: Place, known: tuple[Resource, ...]) -> tuple[Found, ...]:
    return tuple(follow_up.read(place, known))


def _once(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Each thing once: a subscription across accounts may be listed by both of them. That of the account that owns it is kept."""
    found = [(item, (item.type, item.deployed), item.stack.split("/")[0]) for item in resources]
    owners: dict[tuple[str, str | None], str] = {}
    for _, thing, account in found:
        if thing not in owners or account in str(thing[1]).split(":"):
            owners[thing] = account
    yield from (item for item, thing, account in found if item.deployed is None or owners[thing] == account)


def _told_apart(resources: Iterable[Resource]) -> list[Resource]:
    """Ids that several resources of a place share are told apart by their types; a function keeps its name."""
    unique = {(item.id, item.type): item for item in resources}
    shared = Counter(id for id, _ in unique)
    return [item if shared[item.id] == 1 or item.type in _BARE else _by_type(item) for item in unique.values()]


def _by_type(item: Resource) -> Resource:
    address = f"{item.type.rpartition('::')[2].lower()}:{item.address}"
    return replace(item, id=f"{item.stack}/{address}", address=address)


def _pointed(resources: list[Resource]) -> Iterator[Resource]:
    """What an ARN names by more than a name is pointed at: the ARNs of roles hold paths, those of brokers and clusters ids."""
    for type_, property_, named in _POINTING:
        ids = {item.deployed: item.id for item in resources if item.type in named and item.deployed}
        resources = [_pointing(item, property_, ids) if item.type == type_ else item for item in resources]
    yield from resources


def _pointing(item: Resource, name: str, ids: Mapping[str, str]) -> Resource:
    arn = item.properties.get(name)
    if not isinstance(arn, str) or arn not in ids:
        return item
    return replace(item, properties={**item.properties, name: Ref(ids[arn], "Arn")})
