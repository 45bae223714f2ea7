"""Both sides of a join, in a few words: what a template declares, and what an account holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.assemble.inventories import resource
from untangle.assemble.join import Joined, join
from untangle.assemble.join.things import LISTED_BY
from untangle.channels import CHANNELS
from untangle.model.chain import Finding
from untangle.model.resource import Coverage, Inventory, Resource, Stack
from untangle.model.value import Concat, Ref, Symbol, Value

PLACE, FAR, OTHER = "111111111111/eu-west-1", "111111111111/us-east-1", "222222222222/eu-west-1"
FUNCTION, QUEUE, TOPIC, BUCKET = "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket"
MAPPING, SUBSCRIPTION, RULE = "AWS::Lambda::EventSourceMapping", "AWS::SNS::Subscription", "AWS::Events::Rule"
STAGE = Symbol("Stage", "shop")


def staged(name: str, stage: Symbol = STAGE) -> Concat:
    """`${Stage}-<name>`."""
    return Concat((stage, f"-{name}"))


def arn(place: str, service: str, rest: str) -> str:
    account, region = place.split("/")
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def live(place: str, type: str, address: str, arn_of: str | None = None, ref: str | None = None, **properties: Value) -> Resource:
    """A thing of an account, as its reader makes it."""
    facts = {"Ref": ref or address, **({"Arn": arn_of} if arn_of else {})}
    return Resource(
        id=f"{place}/{address}", type=type, stack=place, address=address, properties=properties, attributes=facts, deployed=arn_of
    )


def live_function(name: str, place: str = PLACE, **properties: Any) -> Resource:
    return live(place, FUNCTION, name, arn(place, "lambda", f"function:{name}"), FunctionName=name, **properties)


def live_queue(name: str, place: str = PLACE) -> Resource:
    account, region = place.split("/")
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    return live(place, QUEUE, name, arn(place, "sqs", name), url, QueueName=name)


def live_mapping(uuid: str, queue: str, function: str, place: str = PLACE) -> Resource:
    source, target = arn(place, "sqs", queue), arn(place, "lambda", f"function:{function}")
    return live(place, MAPPING, f"mapping:{uuid}", None, uuid, EventSourceArn=source, FunctionName=target)


def stack(name: str, rows: Mapping[str, tuple[str | None, str]] | None, place: str = PLACE, parent: str = "") -> Resource:
    """A live stack with its table: logical id -> (type, physical id); None where it could not be read."""
    properties: dict[str, Value] = {"StackName": name, **({"ParentId": parent} if parent else {})}
    if rows is not None:
        properties["Table"] = {key: {"Type": type, "Id": id} for key, (type, id) in rows.items()}
    stack_arn = arn(place, "cloudformation", f"stack/{name}/1")
    return live(place, "AWS::CloudFormation::Stack", f"stack:{name}", stack_arn, stack_arn, **properties)


def url(name: str, place: str = PLACE) -> str:
    account, region = place.split("/")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def rows(stage: str, place: str = PLACE) -> dict[str, tuple[str | None, str]]:
    """The table of the shop (`declared`) that is deployed for a stage."""
    return {
        "Orders": (QUEUE, url(f"{stage}-orders", place)),
        "Intake": (FUNCTION, f"{stage}-Intake-X1"),
        "Charge": (FUNCTION, f"{stage}-Charge-X2"),
        "Poll": (MAPPING, f"{stage}-uuid"),
    }


def declared(kind: str = "shop", **environment: Value) -> tuple[Resource, ...]:
    """The shop: intake -> orders -> charge."""
    variables: dict[str, Value] = {"QUEUE_URL": Symbol("QueueUrl", kind), **environment}
    return (
        resource(f"{kind}/Orders", QUEUE, QueueName=staged("orders")),
        resource(f"{kind}/Intake", FUNCTION, Handler="app.handler", Runtime="python3.12", Environment={"Variables": variables}),
        resource(f"{kind}/Charge", FUNCTION, Handler="charge.handler", Runtime="python3.12"),
        resource(f"{kind}/Poll", MAPPING, FunctionName=Ref(f"{kind}/Charge"), EventSourceArn=Ref(f"{kind}/Orders", "Arn")),
    )


def deployed(stage: str, place: str = PLACE, **environment: Value) -> tuple[Resource, ...]:
    """The shop as an account holds it, without its stack."""
    variables: dict[str, Value] = {"QUEUE_URL": url(f"{stage}-orders", place), **environment}
    intake = live_function(
        f"{stage}-Intake-X1", place, Handler="app.handler", Runtime="python3.12", Environment={"Variables": variables}
    )
    charge = live_function(f"{stage}-Charge-X2", place, Handler="charge.handler", Runtime="python3.12")
    polls = live_mapping(f"{stage}-uuid", f"{stage}-orders", f"{stage}-Charge-X2", place)
    return live_queue(f"{stage}-orders", place), intake, charge, polls


def inventory(*resources: Resource, refused: tuple[str, ...] = (), kinds: Mapping[str, str] | None = None) -> Inventory:
    """An inventory of declared and live things; places that were read whole, but for the operations in `refused`."""
    places = sorted({item.stack for item in resources if item.stack[:1].isdigit()} | {PLACE})
    names = sorted({item.stack for item in resources} - set(places))
    stacks = [Stack(id=place, path=f"aws/{place}", folder="", kind="account") for place in places]
    for name in names:
        parent = name.rpartition("/")[0] or None
        path = f"{name}/template.yaml"
        stacks.append(Stack(id=name, path=path, folder=name, kind=(kinds or {}).get(name, "cloudformation"), parent=parent))
    operations = sorted({name for listed in LISTED_BY.values() for name in listed})
    coverage = [
        Coverage(
            source=f"aws/{place.split('/')[0]}/global" if name.startswith("s3.") else f"aws/{place}",
            operation=name,
            outcome="denied" if name in refused else "read",
        )
        for place in places
        for name in operations
    ]
    ordered = tuple(sorted(resources, key=lambda item: item.id))
    return Inventory(stacks=tuple(stacks), resources=ordered, coverage=tuple(dict.fromkeys(coverage)))


def joined(*resources: Resource, refused: tuple[str, ...] = (), kinds: Mapping[str, str] | None = None) -> Joined:
    return join(inventory(*resources, refused=refused, kinds=kinds), CHANNELS)


def pairs(found: Joined) -> dict[str, str]:
    """Declared id by live id."""
    return dict(sorted(found.ids.items()))


def said(found: Joined) -> list[tuple[str, str]]:
    """Rule and message of every finding."""
    return [(item.rule, item.message) for item in findings(found)]


def findings(found: Joined) -> tuple[Finding, ...]:
    return found.inventory.findings


def of(found: Joined, id: str) -> Resource:
    return next(item for item in found.inventory.resources if item.id == id)
