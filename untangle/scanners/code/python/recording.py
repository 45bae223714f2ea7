"""SDK calls as they are recorded: parameters in the API's spelling, one call per literal entry of a batch."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable, Iterator, Mapping
from typing import TypeAlias

from untangle.model.code import Guard
from untangle.model.shape import Shape
from untangle.model.value import Concat, Value, concat, parts_of
from untangle.scanners.code.operations import ALSO_TARGETS, Operation, effects, written_key
from untangle.scanners.code.places import Made, Or, Way
from untangle.scanners.code.python.core import Core
from untangle.scanners.code.python.domain import Abstract, DictOf, Encoded, ListOf, Scope, options
from untangle.scanners.code.python.export import at_path, brief, shape_of, text_of, value_of

Parameters = dict[str, Abstract]
_CORRELATION = frozenset(
    ["correlation_id", "correlationid", "x-correlation-id", "trace_id", "traceid", "request_id", "requestid"]
)
# Parameters that send the message to no channel: a text message to a telephone.
_NOWHERE = {("sns", "Publish"): "PhoneNumber"}
_WRITTEN = ("PutRequest", "DeleteRequest", "Put", "Update", "Delete")


def record(
    core: Core, operation: Operation, parameters: Parameters, node: ast.AST, scope: Scope, *, mediated: str | None = None
) -> None:
    """Records an operation with these parameters, and what an outside service will do because of it."""
    for entry, loop, number in _entries(operation, parameters):
        if _NOWHERE.get((operation.service, operation.name), "") in entry and operation.target not in entry:
            continue
        if "Statement" in entry and _only_reads(entry["Statement"]):
            continue
        guard = core.guard("loop", loop, scope.source, node) if loop else None
        with core.under(guard, place_of(node), *number):
            _record_one(core, operation, entry, node, scope, mediated or operation.mediated)


def _record_one(core: Core, operation: Operation, entry: Parameters, node: ast.AST, scope: Scope, mediated: str | None) -> None:
    arguments = _arguments(operation, entry)
    payload = _payload(operation, entry)
    _signals(core, payload, node, scope)
    call = Made(
        service=operation.service,
        operation=operation.name,
        location=scope.source.at(node),
        text=_text(operation, arguments),
        arguments=arguments,
        payload=payload,
        guards=tuple(core.guards),
        way=tuple(core.way),
        mediated=mediated,
        answered=False if mediated is not None and id(node) in core.idle and not core.caught else None,
    )
    core.calls.append(call)
    for effect in effects(operation):
        value = at_path(arguments, effect.path)
        if value is None:
            continue
        target: dict[str, Value] = {effect.target: value}
        if effect.service == "s3":
            target = bucket_and_key(value)
            target["Key"] = written_key(operation, arguments, target.get("Key"))
        core.calls.append(
            Made(
                service=effect.service,
                operation=effect.operation,
                location=call.location,
                text=f"{call.text} ends in {effect.service}:{effect.operation}({effect.target}={brief(value)})",
                arguments=target,
                guards=call.guards,
                way=call.way,
                mediated=mediated,
            )
        )


def multiplicity(guards: tuple[Guard, ...]) -> str:
    """How often a call under these guards is made for one message: one, maybe (0..1), many (0..n)."""
    if any(guard.kind == "loop" for guard in guards):
        return "many"
    return "maybe" if guards else "one"


def per_record(guards: tuple[Guard, ...]) -> str:
    """The same where the event holds a single record; "" where no loop goes over its records, or another loop too."""
    loops = [guard for guard in guards if guard.kind == "loop"]
    if not loops or not all(guard.records for guard in loops):
        return ""
    return multiplicity(tuple(guard for guard in guards if guard.kind != "loop"))


def _arguments(operation: Operation, entry: Parameters) -> Mapping[str, Value]:
    arguments: dict[str, Value] = {}
    for name, value in entry.items():
        if name == operation.payload and operation.service != "dynamodb" and not _plain(value):
            continue
        arguments[name] = value_of(value)
    for name in ALSO_TARGETS.get((operation.service, operation.name), ()):
        if operation.target not in arguments and arguments.get(name) is not None:
            arguments[operation.target] = arguments[name]
    if "." in operation.target:
        known = at_path(arguments, operation.target)
        if known is not None:
            arguments[operation.target] = known
    if operation.service == "lambda" and operation.name == "Invoke":
        arguments.setdefault("InvocationType", "RequestResponse")
    return arguments


def _plain(value: Abstract) -> bool:
    return not any(isinstance(option, DictOf | ListOf | Encoded) for option in options(value))


def _payload(operation: Operation, entry: Parameters) -> Shape | None:
    if operation.payload is None:
        request = next((entry[kind] for kind in _WRITTEN if isinstance(entry.get(kind), DictOf)), None)
        held = request.entries.get("Item", request.entries.get("Key")) if isinstance(request, DictOf) else None
        return shape_of(held) if held is not None else None
    value: Abstract = entry
    for step in operation.payload.split("."):
        if isinstance(value, DictOf):
            value = value.entries.get(step)
        elif isinstance(value, dict):
            value = value.get(step)
    if value is None or value is entry:
        return None
    if entry.get("MessageStructure") == "json" and isinstance(value, Encoded) and isinstance(value.value, DictOf):
        value = value.value.entries.get("default", value)
    return shape_of(value)


def _text(operation: Operation, arguments: Mapping[str, Value]) -> str:
    shown = [f"{operation.target}={brief(arguments[operation.target])}"] if arguments.get(operation.target) is not None else []
    for name in ("DetailType", "Source", *(("Key",) if operation.service == "s3" else ())):
        known = arguments.get(name)
        if known is not None and not isinstance(known, Mapping) and len(shown) < 3:
            shown.append(f"{name}={brief(known, 40)}")
    text = f"{operation.service}.{_snake(operation.name)}({', '.join(shown)})"
    return text if len(text) <= 160 else text[:159] + "…"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _signals(core: Core, payload: Shape | None, node: ast.AST, scope: Scope) -> None:
    names = payload.properties if payload is not None else {}
    if any(name.lower() in _CORRELATION for name in names):
        core.signals.setdefault("correlation", scope.source.at(node))


def place_of(node: ast.AST) -> Hashable:
    """A node's place within its source, told apart from every other one's there."""
    return tuple(getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))


# Batches


_Entry: TypeAlias = tuple[Parameters, str, Way]


def _entries(operation: Operation, parameters: Parameters) -> Iterator[_Entry]:
    """The parameters of each entry, the words of the loop it stands in ("" for a literal entry), and which one it is."""
    if operation.name == "BatchWriteItem":
        yield from _batch_write(parameters)
    elif operation.name == "DeleteObjects":
        yield from _deleted(parameters)
    elif operation.entries is not None:
        yield from _batched(operation.entries, parameters)
    else:
        yield _partiql(parameters) if "Statement" in parameters else parameters, "", ()


def _batched(name: str, parameters: Parameters) -> Iterator[_Entry]:
    common = {key: value for key, value in parameters.items() if key != name}
    found = False
    for which, held in enumerate(options(parameters.get(name))):
        items = held.items if isinstance(held, ListOf) else [held]
        loop = "" if isinstance(held, ListOf) and not held.open else f"each of {name}"
        for i, item in enumerate(items):
            for j, option in enumerate(options(item)):
                found = True
                yield _entry(common, option), loop, (Or(which), i, Or(j))
    if not found:
        yield common, f"each of {name}", ()


def _entry(common: Parameters, item: Abstract) -> Parameters:
    if not isinstance(item, DictOf):
        return dict(common)
    entry = {**common, **{str(key): value for key, value in item.entries.items()}}
    inner = next((entry[kind] for kind in _WRITTEN if isinstance(entry.get(kind), DictOf)), None)
    if isinstance(inner, DictOf) and "TableName" in inner.entries:
        entry["TableName"] = inner.entries["TableName"]
    return _partiql(entry) if "Statement" in entry else entry


def _batch_write(parameters: Parameters) -> Iterator[_Entry]:
    loop = "each of RequestItems"
    found = False
    for which, held in enumerate(options(parameters.get("RequestItems"))):
        if not isinstance(held, DictOf):
            continue
        tables = [*held.entries.items(), *([("", held.others)] if held.has_others else [])]
        for table, requests in tables:
            for i, item in enumerate(requests.items if isinstance(requests, ListOf) else [requests]):
                found = True
                literal = isinstance(requests, ListOf) and not requests.open
                entry: Parameters = {"TableName": table} if table else {}
                if isinstance(item, DictOf):
                    entry.update({str(key): value for key, value in item.entries.items() if key in _WRITTEN})
                yield entry, "" if literal else loop, (Or(which), table, i)
    if not found:
        known = parameters.get("TableName")
        yield {"TableName": known} if known is not None else {}, loop, ()


def _deleted(parameters: Parameters) -> Iterator[_Entry]:
    common = {key: value for key, value in parameters.items() if key != "Delete"}
    held = parameters.get("Delete")
    keys = held.entries.get("Objects") if isinstance(held, DictOf) else None
    if not isinstance(keys, ListOf) or not keys.items:
        yield common, "each of Delete.Objects", ()
        return
    for i, item in enumerate(keys.items):
        key = item.entries.get("Key") if isinstance(item, DictOf) else None
        loop = "each of Delete.Objects" if keys.open else ""
        yield {**common, **({"Key": key} if key is not None else {})}, loop, (i,)


_PARTIQL = re.compile(r"""^\s*(?:insert\s+into|update|delete\s+from)\s+["']?([A-Za-z0-9_.-]+)""", re.IGNORECASE)


def _only_reads(statement: Abstract) -> bool:
    lead = statement.parts[0] if isinstance(statement, Concat) else text_of(statement)
    return isinstance(lead, str) and lead.lstrip().lower().startswith("select")


def _partiql(parameters: Parameters) -> Parameters:
    """The parameters with the table that a PartiQL statement writes to."""
    statement = parameters.get("Statement")
    text = text_of(statement)
    if text is not None and (match := _PARTIQL.match(text)):
        return {**parameters, "TableName": match[1]}
    if isinstance(statement, Concat) and isinstance(statement.parts[0], str):
        lead = re.match(r"""^\s*(?:insert\s+into|update|delete\s+from)\s+["']?$""", statement.parts[0], re.IGNORECASE)
        if lead and len(statement.parts) > 1:
            return {**parameters, "TableName": statement.parts[1]}
    return parameters


def bucket_and_key(value: Value) -> dict[str, Value]:
    """`s3://bucket/key` taken apart; a plain value is the bucket."""
    parts = list(parts_of(value))
    lead = parts[0]
    if not isinstance(lead, str) or not lead.startswith(("s3://", "s3a://", "s3n://")):
        return {"Bucket": value}
    parts[0] = lead.partition("://")[2]
    bucket: list[Value] = []
    for i, part in enumerate(parts):
        if isinstance(part, str) and "/" in part:
            head, _, rest = part.partition("/")
            return {"Bucket": concat([*bucket, head]), "Key": concat([rest, *parts[i + 1 :]])}
        bucket.append(part)
    return {"Bucket": concat(bucket)}
