"""Who else may start the jobs that a rule on the default bus is about: nobody may, where the workflow takes the rule's place.

The rule tells of every job of the one that it names (a Glue job, a queue, a cluster, a project). So that must be declared in the
scan, and nothing else there may name it but what is known to start none: roles and their policies, alarms and logs, functions
whose code was read and makes no such call. A function whose code could not be read counts where its role may make the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from untangle.channels.envelope.job.form import texts_of
from untangle.channels.job_event import POINTER, JobEvent
from untangle.model.code import Call
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.node import Function
from untangle.model.resource import Resource
from untangle.model.step import Stop
from untangle.model.value import Concat, Either, Env, Ref, Value

_DEEPEST = 32
# Resources that name a job, or what it runs on, and start none.
_PASSIVE = (
    *("AWS::IAM::", "AWS::CloudWatch::", "AWS::Logs::", "AWS::ApplicationAutoScaling::", "AWS::SSM::Parameter"),
    "AWS::EMR::Instance",
)
_RULE = "AWS::Events::Rule"
_ASSOCIATION = "AWS::ECS::ClusterCapacityProviderAssociations"
_POLICIES = ("Policies", "PolicyDocument", "ManagedPolicyArns")
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A field by which a rule says which jobs it is about: the parameter of the call that says the same, what is named there."""

    parameter: str
    resources: tuple[Resource, ...]


def named_by(graph: EventGraph, event: JobEvent, stop: Stop) -> tuple[Resource, ...]:
    """What a rule's pattern names of the scan by the fields that say which jobs it is about, in the order of their ids."""
    found = {resource.id: resource for field in _fields(graph, event, stop) for resource in field.resources}
    return tuple(found[id] for id in sorted(found))


def _fields(graph: EventGraph, event: JobEvent, stop: Stop) -> list[_Field]:
    """The fields of a pattern all of whose texts are known to name something of the scan."""
    made = []
    for name, texts in _wanted(event, stop).items():
        declared = [tuple(_declared(graph, text)) for text in texts or ()]
        if declared and all(declared):
            made.append(_Field(parameter=event.names[name], resources=tuple(item for items in declared for item in items)))
    return made


def several_named(graph: EventGraph, hop: Hop, event: JobEvent) -> Iterator[str]:
    """Calls of the producer that name one of several things by what the rule names, in words."""
    producer, facts = graph.function(hop.producer), graph.code.get(hop.producer)
    for call in facts.calls if facts is not None else ():
        if (call.service, call.operation) in event.operations:
            values = (_bound(producer, call.arguments.get(parameter)) for parameter in event.names.values())
            if any(isinstance(value, Either) for value in values):
                yield f"which of several {call.operation} starts is not known ({call.location})"


def started_by(graph: EventGraph, hop: Hop, event: JobEvent, parameters: tuple[str, ...]) -> tuple[list[Resource], list[str]]:
    """What the producer's calls name of the scan by these parameters, and which of them name nothing there, in words."""
    producer, facts = graph.function(hop.producer), graph.code.get(hop.producer)
    found, unseen = [], []
    for call in facts.calls if facts is not None else ():
        for parameter in parameters if (call.service, call.operation) in event.operations else ():
            value = _bound(producer, call.arguments.get(parameter))
            pointed = [item for item in graph.inventory.resources if isinstance(value, Ref) and item.id == value.resource]
            found.extend(pointed)
            if not pointed:
                unseen.append(f"the {parameter} of {call.operation} is not seen to be one of this scan ({call.location})")
    return found, unseen


def other_starters(graph: EventGraph, hop: Hop, event: JobEvent, stop: Stop) -> Iterator[str]:
    """Who else may start jobs that this rule tells of, or that it cannot be known, in words."""
    fields, named = _fields(graph, event, stop), named_by(graph, event, stop)
    if not named:
        wanted = dict.fromkeys(text for texts in _wanted(event, stop).values() for text in texts or ())
        yield f"{' and '.join(wanted) or 'what it runs'} is not declared in this scan, and who else starts such jobs is not known"
        return
    what = " and ".join(resource.address for resource in named)
    allies = {other.producer for other in graph.reaching(hop.consumer) if other.passages[:1] == hop.passages[:1]}
    allies.add(hop.producer)
    for function in graph.functions:
        if function.id not in allies:
            yield from _function(graph, function, event, fields, what)
    ids = frozenset(resource.id for resource in named)
    names = frozenset(name for resource in named if isinstance(name := resource.get("Name"), str) and name)
    for resource in graph.inventory.resources:
        if resource.id not in ids and not _passive(graph, resource) and _names(_starting(resource), ids, names):
            yield f"{resource.address} names {what} too, and may start such jobs"


def _function(graph: EventGraph, function: Function, event: JobEvent, fields: list[_Field], what: str) -> Iterator[str]:
    """A function that makes such a call for something that may be the same, or may make one unseen."""
    facts = graph.code.get(function.id)
    for call in facts.calls if facts is not None else ():
        if (call.service, call.operation) in event.operations and not _apart(graph, call, function, fields):
            place = f" ({call.location})" if call.location else ""
            yield f"{function.address} starts {call.service} jobs too{place}, and that these are not of {what} is not seen"
    if (facts is None or not facts.readable) and any(_may(graph, function, action) for action in _actions(event)):
        yield f"{function.address} may start {what} too, as its code could not be read"


def _apart(graph: EventGraph, call: Call, function: Function, fields: list[_Field]) -> bool:
    """Whether a call surely names another thing of the same kind than those that a field names."""
    for field in fields:
        value = _bound(function, call.arguments.get(field.parameter))
        ids = {resource.id for resource in field.resources}
        types = {resource.type for resource in field.resources}
        literal = [resource.get("Name") for resource in field.resources]
        if isinstance(value, Ref) and value.resource not in ids:
            if any(item.id == value.resource and item.type in types for item in graph.inventory.resources):
                return True
        elif isinstance(value, str) and value not in literal and all(isinstance(name, str) for name in literal):
            return True
    return False


def _bound(function: Function, value: Value) -> Value:
    """A variable of the function's environment as its configuration sets it; any other value as it is."""
    return function.environment.get(value.name) if isinstance(value, Env) else value


def _actions(event: JobEvent) -> tuple[str, ...]:
    return tuple(f"{service}:{operation}" for service, operation in event.operations)


def _may(graph: EventGraph, function: Function, action: str) -> bool:
    """Whether a function's role, or a policy of it, holds a text that allows an action; True where the role is not seen.

    A task of ECS without a role of its own may call nothing.
    """
    own = [resource for resource in graph.inventory.resources if resource.id in (function.id, function.role)]
    if function.kind != "lambda" and function.role is None and all(item.get("TaskRoleArn") is None for item in own):
        return False
    if not any(resource.id == function.role or resource.get("Policies") is not None for resource in own):
        return True
    roles = frozenset({function.role} - {None})
    joined = [
        resource
        for resource in graph.inventory.resources
        if resource.type.startswith("AWS::IAM::") and _names(resource.get("Roles"), roles, frozenset())
    ]
    texts = (text for resource in (*own, *joined) for key in _POLICIES for text in _texts(resource.get(key)))
    return any((":" in text and fnmatchcase(action.lower(), text.lower())) or text in ("*", _ADMINISTRATOR) for text in texts)


def _passive(graph: EventGraph, resource: Resource) -> bool:
    """Whether a resource starts no job whatever it names. Functions are judged by their code."""
    return resource.type.startswith(_PASSIVE) or resource.type == _ASSOCIATION or graph.is_function(resource.id)


def _starting(resource: Resource) -> Value:
    """The part of a resource that may start something: of a rule its targets, of anything else all of it."""
    return resource.get("Targets") if resource.type == _RULE else resource.properties


def _wanted(event: JobEvent, stop: Stop) -> dict[str, tuple[str, ...] | None]:
    """The texts of each field by which a pattern says which jobs it is about; None where it has other tests there."""
    detail = stop.filter.get("detail") if isinstance(stop.filter, Mapping) else None
    return {name: texts_of(detail[name]) for name in event.names if name in detail} if isinstance(detail, Mapping) else {}


def _declared(graph: EventGraph, text: str) -> Iterable[Resource]:
    """The resources that a text of a pattern may be: the one it points at, or those of that name."""
    pointer = POINTER.match(text)
    if pointer is not None:
        ids = (pointer[1], pointer[1].rpartition(".")[0])
        return [resource for resource in graph.inventory.resources if resource.id in ids]
    return [resource for resource in graph.inventory.resources if resource.get("Name") == text]


def _names(value: Value, ids: frozenset[str | None], names: frozenset[str]) -> bool:
    """Whether a value points at one of these resources, or holds one of these names."""
    return any(pointer in ids for pointer in _pointers(value)) or any(name in text for text in _texts(value) for name in names)


def _pointers(value: Value) -> Iterator[str]:
    yield from (item.resource for item in _leaves(value) if isinstance(item, Ref))


def _texts(value: Value) -> Iterator[str]:
    yield from (item for item in _leaves(value) if isinstance(item, str))


def _leaves(value: Value) -> Iterator[Value]:
    """Everything in a value that has no parts, down to a depth that nobody writes."""
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if depth > _DEEPEST:
            continue
        inner: Iterable[Value] = ()
        if isinstance(item, Mapping):
            inner = item.values()
        elif isinstance(item, tuple):
            inner = item
        elif isinstance(item, Concat):
            inner = item.parts
        elif isinstance(item, Either):
            inner = item.options
        else:
            yield item
        pending.extend((part, depth + 1) for part in inner)
