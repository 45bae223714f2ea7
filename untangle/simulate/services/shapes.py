"""Parameters and responses between the spelling of state machines and that of the services' APIs, by botocore's models.

A state machine writes every field with a capital letter, and objects where the API takes a text of JSON; it gets fields with
capitals, times as texts of ISO 8601, and bodies as texts; a body that it sends is JSON, whatever it holds. Map keys are data and
stay as they are.

Source: Step Functions guide, "Using AWS service SDK integrations" ("Supported parameters are in PascalCase").
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from untangle.asl.sdk import service_id
from untangle.simulate.machine.failure import text_of
from untangle.simulate.services.desk import Failed, as_text

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

_ACRONYM = re.compile(r"\A[A-Z](?:[A-Z](?=[A-Z]|\Z))+")
_DECLARED = {("s3", "PutObject"): {"ContentType": "text/plain; charset=UTF-8"}}  # of texts that the Java SDK sends
_OTHERWISE = {"nul": "NULL"}  # members that the Java SDK renames because its language has the word


@cache
def model_of(service: str) -> ServiceModel:
    """botocore's model of a service by its name there ("events"); raises botocore's UnknownServiceError."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def client_name(service: str) -> str | None:
    """What botocore calls a service that an SDK integration names by its id: `cloudwatchlogs` is logs, `sfn` stepfunctions."""
    from botocore.loaders import Loader
    from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES as OVERRIDES

    ids = {service_id(id): name for name, id in OVERRIDES.items()}
    names = Loader().list_available_services("service-2")
    by_name = {service_id(name): name for name in names if name not in OVERRIDES}
    found = ids.get(service) or by_name.get(service)
    return found if found in names else None


def operation_of(model: ServiceModel, action: str) -> OperationModel | None:
    """The operation that an action (`putItem`, `createDbInstance`) names."""
    wanted = action.lower()
    name = next((name for name in model.operation_names if name.lower() == wanted), None)
    return model.operation_model(name) if name else None


def to_api(operation: OperationModel, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as botocore takes them. Raises `Failed` for one that does not exist, or of another kind."""
    shape = operation.input_shape
    if shape is None:
        if params:
            raise Failed("States.Runtime", f"{operation.name} takes no parameters")
        return {}
    made: dict[str, Any] = _put(shape, params, operation.name)
    body = shape.serialization.get("payload") if operation.has_streaming_input else None
    if body is not None and body in made:
        declared = _DECLARED.get((operation.service_model.service_name, operation.name), {})
        return {**declared, **made, body: _streamed(params, body)}
    return made


def _streamed(params: Mapping[str, Any], body: str) -> bytes:
    """The body of a request, which is always JSON: a text keeps its quotes there."""
    value = next(value for key, value in params.items() if key.lower() == body.lower())
    return value if isinstance(value, bytes) else text_of(value).encode()


def _put(shape: Shape, value: Any, where: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, Mapping):
            raise Failed("States.Runtime", f"{where} must be an object, not {as_text(value)[:80]}")
        if getattr(shape, "is_document_type", False):
            return value
        return {name: _put(shape.members[name], inner, f"{where}.{name}") for name, inner in _members(shape, value, where)}
    if kind == "list":
        if not isinstance(value, list | tuple):
            raise Failed("States.Runtime", f"{where} must be an array, not {as_text(value)[:80]}")
        return [_put(shape.member, item, f"{where}[{index}]") for index, item in enumerate(value)]
    if kind == "map":
        if not isinstance(value, Mapping):
            raise Failed("States.Runtime", f"{where} must be an object, not {as_text(value)[:80]}")
        return {key: _put(shape.value, inner, f"{where}.{key}") for key, inner in value.items()}
    scalar = _SCALARS.get(str(kind))
    return scalar(value, where) if scalar else value


def _members(shape: Any, value: Mapping[str, Any], where: str) -> list[tuple[str, Any]]:
    """Each field of a value with the member that it means; nulls mean that the field is not there."""
    names = {name.lower(): name for name in shape.members}
    found = []
    for key, inner in value.items():
        name = names.get(key.lower()) or names.get(_OTHERWISE.get(key.lower(), "").lower())
        if name is None:
            raise Failed("States.Runtime", f"The field '{key}' is not supported by Step Functions in {where}")
        if inner is not None:
            found.append((name, inner))
    return found


def _text(value: Any, where: str) -> str:
    return as_text(value)


def _number(value: Any, where: str) -> Any:
    if isinstance(value, str):
        try:
            return int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            raise Failed("States.Runtime", f"{where} must be a number, not {value[:80]!r}") from None
    return value


def _whole(value: Any, where: str) -> Any:
    value = _number(value, where)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _truth(value: Any, where: str) -> Any:
    return value.lower() == "true" if isinstance(value, str) and value.lower() in ("true", "false") else value


def _bytes(value: Any, where: str) -> bytes:
    return value if isinstance(value, bytes) else as_text(value).encode()


_SCALARS: Mapping[str, Callable[[Any, str], Any]] = {
    "string": _text,
    "character": _text,
    "integer": _whole,
    "long": _whole,
    "float": _number,
    "double": _number,
    "boolean": _truth,
    "blob": _bytes,
}


def plain(value: Any) -> Any:
    """What botocore parsed, as plain JSON: times in ISO 8601, bytes and streams as text (base64 where they are none)."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return base64.b64encode(bytes(value)).decode()
    return value


def from_api(shape: Shape | None, value: Any, spell: Callable[[str], str]) -> Any:
    """A response (plain JSON) with its fields spelled for a state machine; `spell` is `member` for AWS SDK integrations, and
    `capital` for optimized ones."""
    if shape is None or value is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return {_spelled(key, spell): from_api(shape.members.get(key), inner, spell) for key, inner in value.items()}
    if kind == "list" and isinstance(value, list):
        return [from_api(shape.member, inner, spell) for inner in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: from_api(shape.value, inner, spell) for key, inner in value.items()}
    return value


def _spelled(key: str, spell: Callable[[str], str]) -> str:
    return "Nul" if key == "NULL" and spell is member else spell(key)


def member(name: str) -> str:
    """A field as the Java SDK calls it, which takes an acronym for a word at the beginning only: `DBInstances` is DbInstances,
    `SSEKMSKeyId` SsekmsKeyId, but `ChecksumCRC32` stays what it is (`Utils.unCapitalize` of its code generator)."""
    return _ACRONYM.sub(lambda found: found[0].capitalize(), name[:1].upper() + name[1:])


def capital(name: str) -> str:
    """A name with its first letter in capital."""
    return name[:1].upper() + name[1:]
