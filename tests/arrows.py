"""Event graphs in arrow notation, for tests of every stage.

    graph = arrows("intake -sqs-> {charge, reserve} -dynamodb_stream-> ship")

- `{a, b}` are several functions at one end. A line is a row of hops; lines are separated by newlines or semicolons.
- An arrow names the channel types that a message passes: `-sns/sqs->`. A channel may be named (`-sns:orders->`):
  the same name is the same channel everywhere. Unnamed queues and invocations are one per consumer, unnamed topics, buses,
  buckets, tables and streams one per producer.
- `*` after the types says that several messages are sent, `?` that perhaps one is: `-sqs*->`; `@` that one is for each record
  of the producer's event, `@?` that perhaps one is.

A function `charge` has the id `app/Charge`; a named channel `orders` has `app/orders`, unnamed ones say what they are
(`app/ChargeQueue`). Functions that nothing reaches are entries; what starts them is not known unless `triggers` say so.
A trigger that is a channel is called after its function (`app/IntakeSource`).
`settings`, `delivery` and `filters` are by channel address (`ChargeQueue`), a filter also by `channel>Consumer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from untangle.model.chain import Chain
from untangle.model.code import CodeFacts
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, LinkKind, Passage, Sent, Trigger
from untangle.model.location import Location
from untangle.model.node import ChannelNode, Function, StateMachine

STACK = "app"
_ARROW = re.compile(r"\s*-([a-z0-9_/:]+?)(\*|@?\??)->\s*", re.IGNORECASE)
_NAMES = {
    "sqs": "{consumer}Queue",
    "lambda_invoke": "{consumer}Invoke",
    "pipe": "{consumer}Pipe",
    "create_schedule": "{consumer}Schedule",
    "sns": "{producer}Topic",
    "eventbridge": "{producer}Bus",
    "s3": "{producer}Bucket",
    "dynamodb_stream": "{producer}Table",
    "kinesis": "{producer}Stream",
    "lambda_destination": "{producer}Destination",
}
_WRITES = {
    "sqs": ("sqs", "SendMessage"),
    "sns": ("sns", "Publish"),
    "eventbridge": ("events", "PutEvents"),
    "s3": ("s3", "PutObject"),
    "dynamodb_stream": ("dynamodb", "PutItem"),
    "kinesis": ("kinesis", "PutRecord"),
    "lambda_invoke": ("lambda", "Invoke"),
    "create_schedule": ("scheduler", "CreateSchedule"),
    "step_functions": ("stepfunctions", "StartExecution"),
}
_DECLARED = {
    "sqs": "event source mapping",
    "dynamodb_stream": "event source mapping of the table's stream",
    "s3": "bucket notification",
    "sns": "subscription (lambda)",
    "eventbridge": "rule Nightly",
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "sqs": {"visibility_timeout": 30},
    "dynamodb_stream": {"key_names": ("id",), "stream_view": "NEW_AND_OLD_IMAGES"},
}
_MULTIPLICITY = {"": "one", "*": "many", "?": "maybe", "@": "many", "@?": "many"}
_PER_RECORD = {"@": "one", "@?": "maybe"}


def address(name: str) -> str:
    """The address of a function in arrow notation: `charge` -> `Charge`."""
    return name[:1].upper() + name[1:]


def function_id(name: str) -> str:
    """The id of a function in arrow notation: `charge` -> `app/Charge`."""
    return f"{STACK}/{address(name)}"


def arrows(
    text: str,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    delivery: Mapping[str, Mapping[str, Any]] | None = None,
    filters: Mapping[str, Any] | None = None,
    functions: Mapping[str, Mapping[str, Any]] | None = None,
    hops: Mapping[str, Mapping[str, Any]] | None = None,
    code: Mapping[str, CodeFacts] | None = None,
    triggers: Mapping[str, str] | None = None,
    extra: tuple[ChannelNode, ...] = (),
    links: tuple[Link, ...] = (),
    machines: tuple[StateMachine, ...] = (),
) -> EventGraph:
    """The graph of a text in arrow notation.

    `functions` gives fields of `Function` by name, `hops` fields of `Hop` by `producer>consumer`, `triggers` the type of
    the outside trigger by function name, `code` code facts by function name.
    """
    triggers = triggers or {}
    drawn = [found for line in re.split(r"[;\n]", text) if line.strip() for found in _line(line)]
    names = sorted({name for producer, consumer, *_ in drawn for name in (producer, consumer)})
    nodes: dict[str, ChannelNode] = {node.id: node for node in extra}
    started = [
        _started(nodes, name, type, settings or {}, delivery or {}, filters or {}) for name, type in sorted(triggers.items())
    ]
    made = [_hop(nodes, item, settings or {}, delivery or {}, filters or {}, hops or {}) for item in drawn]
    return EventGraph(
        functions=tuple(
            Function(
                **{
                    "id": function_id(name),
                    "address": address(name),
                    "stack": STACK,
                    "timeout": 30,
                    "location": Location("template.yaml", 10 + index),
                    **(functions or {}).get(name, {}),
                }
            )
            for index, name in enumerate(names)
        ),
        channels=tuple(sorted(nodes.values(), key=lambda node: node.id)),
        links=tuple(link for hop in made for link in hop.links) + tuple(link for _, link in started if link) + links,
        hops=tuple(sorted(made, key=lambda hop: hop.id)),
        triggers=tuple(trigger for trigger, _ in started),
        code={function_id(name): facts for name, facts in (code or {}).items()},
        state_machines=machines,
    )


def _started(
    nodes: dict[str, ChannelNode],
    name: str,
    type: str,
    settings: Mapping[str, Mapping[str, Any]],
    delivery: Mapping[str, Mapping[str, Any]],
    filters: Mapping[str, Any],
) -> tuple[Trigger, Link | None]:
    """A trigger and, where it is a channel (`app/IntakeSource`), the link from there."""
    if type not in _WRITES or type == "lambda_invoke":
        return Trigger(type=type, function=function_id(name)), None
    label = f"{address(name)}Source"
    id, location = f"{STACK}/{label}", Location("template.yaml", 300)
    nodes.setdefault(
        id, ChannelNode(id=id, type=type, address=label, stack=STACK, settings=settings.get(label, {}), location=location)
    )
    given = {"filter": filters.get(label, {"events": ("s3:ObjectCreated:*",)} if type == "s3" else None)}
    evidence = (Evidence(kind=Witness.DECLARED, note=_DECLARED.get(type, "delivery"), location=location),)
    link = Link(
        source=id,
        target=function_id(name),
        kind=LinkKind.DELIVER,
        confidence=Confidence.DECLARED,
        evidence=evidence,
        delivery=delivery.get(label, {}),
        **given,
    )
    return Trigger(type=type, function=function_id(name), channel=id, location=location, delivery=link.delivery), link


def chain(graph: EventGraph, id: str = "chain") -> Chain:
    """All hops of a graph as one chain, whose entries are the functions that have a trigger or that nothing reaches."""
    reached = {hop.consumer for hop in graph.hops}
    unreached = {function.id for function in graph.functions} - reached
    entries = tuple(sorted(unreached | {trigger.function for trigger in graph.triggers}))
    return Chain(
        id=id,
        functions=tuple(function.id for function in graph.functions),
        hops=tuple(hop.id for hop in graph.hops),
        entries=entries or (graph.functions[0].id,),
    )


def _line(line: str) -> list[tuple[str, str, list[str], str]]:
    parts = _ARROW.split(line.strip())
    found = []
    for index in range(0, len(parts) - 3, 3):
        channels, mark = parts[index + 1].split("/"), parts[index + 2]
        for producer in _ends(parts[index]):
            found.extend((producer, consumer, channels, mark) for consumer in _ends(parts[index + 3]))
    assert found, f"no arrow in {line!r}"
    return found


def _ends(text: str) -> list[str]:
    return [name.strip() for name in text.strip().strip("{}").split(",") if name.strip()]


def _hop(
    nodes: dict[str, ChannelNode],
    item: tuple[str, str, list[str], str],
    settings: Mapping[str, Mapping[str, Any]],
    delivery: Mapping[str, Mapping[str, Any]],
    filters: Mapping[str, Any],
    hops: Mapping[str, Mapping[str, Any]],
) -> Hop:
    producer, consumer, channels, multiplicity = item
    passages = []
    for part in channels:
        type, _, name = part.partition(":")
        label = name or _NAMES.get(type, "{producer}" + type.title()).format(
            producer=address(producer), consumer=address(consumer)
        )
        id = f"{STACK}/{label}"
        merged = {**_DEFAULTS.get(type, {}), **settings.get(label, {})}
        location = Location("template.yaml", 100 + len(nodes))
        nodes.setdefault(id, ChannelNode(id=id, type=type, address=label, stack=STACK, settings=merged, location=location))
        filter = filters.get(f"{label}>{address(consumer)}", filters.get(label))
        passages.append(Passage(channel=id, type=type, filter=filter, delivery=delivery.get(label, {})))
    evidence = (Evidence(kind=Witness.CODED, note="call", location=Location(f"{producer}/app.py", 7)),)
    fields: dict[str, Any] = {
        "producer": function_id(producer),
        "consumer": function_id(consumer),
        "passages": tuple(passages),
        "confidence": Confidence.LIKELY,
        "evidence": evidence,
        "multiplicity": _MULTIPLICITY[multiplicity],
        **hops.get(f"{producer}>{consumer}", {}),
    }
    return Hop(**{"links": _links(fields, _PER_RECORD.get(multiplicity, "")), **fields})


def _links(fields: Mapping[str, Any], per_record: str) -> tuple[Link, ...]:
    passages: tuple[Passage, ...] = fields["passages"]
    common: dict[str, Any] = {"confidence": fields["confidence"], "evidence": fields["evidence"]}
    first = passages[0]
    sent = None
    if first.type in _WRITES:
        service, operation = _WRITES[first.type]
        asked = {"InvocationType": "Event"} if first.type == "lambda_invoke" else {}
        sent = Sent(
            service=service, operation=operation, attributes={**asked, **fields.pop("sent", {})}, body=fields.pop("body", None)
        )
    guards = fields.get("guards", ())
    publish = Link(
        source=fields["producer"],
        target=first.channel,
        kind=LinkKind.PUBLISH,
        sent=sent,
        guards=guards,
        multiplicity=fields["multiplicity"],
        per_record=per_record,
        **common,
    )
    routes = [
        Link(source=a.channel, target=b.channel, kind=LinkKind.ROUTE, filter=a.filter, delivery=a.delivery, **common)
        for a, b in pairwise(passages)
    ]
    last = passages[-1]
    deliver = Link(
        source=last.channel,
        target=fields["consumer"],
        kind=LinkKind.DELIVER,
        filter=last.filter,
        delivery=last.delivery,
        **common,
    )
    return (publish, *routes, deliver)
