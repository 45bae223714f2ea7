"""A function of a service: AWS::Lambda::Function with its code, URL, destinations, role and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.model.resource import Route
from untangle.model.value import Ref, Value, concat, parts_of
from untangle.scanners.sam import grants
from untangle.scanners.sam.part import Part, each
from untangle.scanners.serverless_framework import naming, roles
from untangle.scanners.serverless_framework.draft import ServiceDraft, merge
from untangle.scanners.serverless_framework.events import read_events
from untangle.scanners.serverless_framework.events.event import Started, is_name
from untangle.scanners.serverless_framework.service import Service

_LAMBDA = "AWS::Lambda::Function"
# The framework's own defaults.
_TIMEOUT, _MEMORY = 6, 1024
_SENDING = {"function": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish", "eventBus": "events:PutEvents"}
_BY_ARN = ((":function:", "function"), (":sqs:", "sqs"), (":sns:", "sns"), (":events:", "eventBus"))


def write_function(service: Service, draft: ServiceDraft, key: str, part: Part) -> Started | None:
    """Writes one function out. What it comes back with needs the service's shared role; None where it has a role of its own."""
    values, hints = _properties(service, part, key), _image_hints(service, part)
    made = draft.make(part, naming.function(key), _LAMBDA, values, lines=_lines(service, part), metadata=hints)
    draft.functions[made.id] = key
    name = made.get("FunctionName")
    started = Started(
        key=key, prefix=naming.normalized(key), service="lambda", arn=Ref(made.id, "Arn"), name="" if name is None else name
    )
    _dead_letter(draft, part, started)
    _url(draft, part, started)
    _destinations(service, draft, part, started)
    read_events(service, draft, part, started)
    own = roles.own_statements(service, part)
    if own is not None:
        at = _written(part, "iamRoleStatements")
        managed = roles.managed_policies(part)
        roles.make_role(draft, roles.role_address(key), at, own + list(started.needs), managed)
    return None if own is not None or part.get("role") is not None or roles.existing(service) is not None else started


def _properties(service: Service, part: Part, key: str) -> dict[str, Value]:
    provider = service.provider
    image = _image(service, part.get("image"))
    inherited = {name: provider.get(name) if part.get(name) is None else part.get(name) for name in ("runtime", "layers")}
    name = part.get("name")
    values: dict[str, Value] = {
        "FunctionName": concat((service.name, "-", service.stage, "-", key)) if name is None else name,
        "Handler": part.get("handler"),
        "Runtime": inherited["runtime"] if not image else None,
        "Timeout": _first(part.get("timeout"), provider.get("timeout"), _TIMEOUT),
        "MemorySize": _first(part.get("memorySize"), provider.get("memorySize"), _MEMORY),
        "Environment": _environment(provider.get("environment"), part.get("environment")),
        "Role": _role(service, part, key),
        "Layers": inherited["layers"],
        "Code": _code(part),
        "ReservedConcurrentExecutions": part.get("reservedConcurrency"),
        **image,
    }
    return values


def _first(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _environment(shared: Value, own: Value) -> Value:
    pairs = merge(shared if isinstance(shared, Mapping) else {}, own if isinstance(own, Mapping) else {})
    return {"Variables": {name: value for name, value in pairs.items() if value is not None}} if pairs else None


def _lines(service: Service, part: Part) -> dict[Route, int]:
    """The lines of a function's properties: its own, and for what it inherits the provider's, where both stand in one file."""
    renamed = {
        "Handler": "handler",
        "Runtime": "runtime",
        "Timeout": "timeout",
        "MemorySize": "memorySize",
        "FunctionName": "name",
    }
    renamed |= {"Layers": "layers", "Role": "role", "Code": "module"}
    found: dict[Route, int] = {}
    provider = service.provider
    here = part.location is not None and provider.location is not None and part.location.path == provider.location.path
    for owner in (provider.owner, part.owner) if here else (part.owner,):
        for target, source in renamed.items():
            if (source,) in owner.lines and not (owner is provider.owner and target in ("FunctionName", "Role", "Code")):
                found[(target,)] = owner.lines[(source,)]
        for route, line in owner.lines.items():
            if len(route) == 2 and route[0] == "environment":
                found[("Environment", "Variables", route[1])] = line
    return found


def _role(service: Service, part: Part, key: str) -> Value:
    given = part.get("role")
    if given is not None:
        return roles.reference(service, given)
    if roles.own_statements(service, part) is not None:
        return Ref(f"{service.id}/{roles.role_address(key)}", "Arn")
    found = roles.existing(service)
    return Ref(f"{service.id}/{roles.role_address(None)}", "Arn") if found is None else found


def _code(part: Part) -> Value:
    """The service's folder, or the module in it (of the Python requirements plugin) from which the handler is named."""
    module = part.get("module")
    return module if isinstance(module, str) and module else "."


def _image(service: Service, image: Value) -> dict[str, Value]:
    """The properties of a function that is a container image: by URI, or by the name of one that the provider builds."""
    if image is None:
        return {}
    name = image.get("name") if isinstance(image, Mapping) else image
    uri = image.get("uri") if isinstance(image, Mapping) else image
    built = service.provider.get("ecr", "images", name) if isinstance(name, str) else None
    found: dict[str, Value] = {"PackageType": "Image", "Code": {"ImageUri": uri if uri is not None else name}}
    if isinstance(image, Mapping) and image.get("command") is not None:
        command = image["command"]
        found["ImageConfig"] = {"Command": command if isinstance(command, tuple) else (command,)}
    if built is not None:
        found["Code"] = {"ImageUri": name}
    return found


def _image_hints(service: Service, part: Part) -> Mapping[str, Value]:
    """Where the image of a function is built, as SAM's build hints say it."""
    image = part.get("image")
    name = image.get("name") if isinstance(image, Mapping) else image
    built = service.provider.get("ecr", "images", name) if isinstance(name, str) else None
    if built is None:
        return {}
    path = built.get("path") if isinstance(built, Mapping) else built
    file = built.get("file") if isinstance(built, Mapping) else None
    return {"DockerContext": path, "Dockerfile": "Dockerfile" if file is None else file}


def _written(part: Part, key: str) -> Part:
    here = (*part.route, key)
    return replace(part, route=here) if here in part.owner.lines else part


def _dead_letter(draft: ServiceDraft, part: Part, started: Started) -> None:
    """`onError`: where asynchronous invocations go that failed; `deadLetter` is the plugin's spelling."""
    arn, line = part.get("onError"), part.owner.lines.get(("onError",))
    if arn is None and isinstance(part.get("deadLetter"), Mapping):
        line = part.owner.lines.get(("deadLetter",))
        arn = part.get("deadLetter", "targetArn")
        arn = arn.get("GetResourceArn") if isinstance(arn, Mapping) and "GetResourceArn" in arn else arn
        arn = draft.ref(arn, "Arn") if isinstance(arn, str) and not arn.startswith("arn:") else arn
        if arn is None and (queue := part.get("deadLetter", "sqs")) is not None:
            name = queue.get("queueName") if isinstance(queue, Mapping) else queue
            made = draft.make(
                _written(part, "deadLetter"), f"{started.prefix}DeadLetterQueue", "AWS::SQS::Queue", {"QueueName": name}
            )
            arn = Ref(made.id, "Arn")
    if arn is None:
        return
    function = draft.made[started.arn.resource]
    lines = {**function.lines, ("DeadLetterConfig",): line} if line else function.lines
    properties = {**function.properties, "DeadLetterConfig": {"TargetArn": arn}}
    draft.made[function.id] = replace(function, properties=properties, lines=lines)
    is_queue = any(isinstance(text, str) and ":sqs:" in text for text in parts_of(arn))
    started.needs.append((grants.allow("sqs:SendMessage" if is_queue else "sns:Publish", arn), part))


def _url(draft: ServiceDraft, part: Part, started: Started) -> None:
    """`url: true`, or a mapping with its authorizer."""
    given = part.get("url")
    if given is None or given is False:
        return
    secured = isinstance(given, Mapping) and given.get("authorizer") == "aws_iam"
    values: dict[str, Value] = {"TargetFunctionArn": started.arn, "AuthType": "AWS_IAM" if secured else "NONE"}
    draft.make(_written(part, "url"), f"{started.prefix}LambdaFunctionUrl", "AWS::Lambda::Url", values)


def _destinations(service: Service, draft: ServiceDraft, part: Part, started: Started) -> None:
    """`destinations`, `maximumRetryAttempts` and `maximumEventAge`: what becomes of asynchronous invocations."""
    found: dict[str, Value] = {}
    for name, target in (("onSuccess", "OnSuccess"), ("onFailure", "OnFailure")):
        given = part.get("destinations", name)
        arn = _destination(service, draft, given)
        if arn is not None:
            found[target] = {"Destination": arn}
            kind = _kind(given)
            if kind is not None:
                started.needs.append((grants.allow(_SENDING[kind], arn), part))
    age, attempts = part.get("maximumEventAge"), part.get("maximumRetryAttempts")
    if not found and age is None and attempts is None:
        return
    values: dict[str, Value] = {
        "FunctionName": Ref(started.arn.resource),
        "Qualifier": "$LATEST",
        "DestinationConfig": found or None,
        "MaximumEventAgeInSeconds": age,
        "MaximumRetryAttempts": attempts,
    }
    moved: list[tuple[Route, Route]] = [
        (("DestinationConfig",), ("destinations",)),
        (("DestinationConfig", "OnSuccess"), ("destinations", "onSuccess")),
        (("DestinationConfig", "OnFailure"), ("destinations", "onFailure")),
        (("MaximumEventAgeInSeconds",), ("maximumEventAge",)),
        (("MaximumRetryAttempts",), ("maximumRetryAttempts",)),
    ]
    at = _written(part, "destinations")
    draft.make(at, f"{started.prefix}LambdaEvConf", "AWS::Lambda::EventInvokeConfig", values, moved=moved)


def _destination(service: Service, draft: ServiceDraft, given: Value) -> Value:
    """An ARN, `{type, arn}`, or the key of a function of the service."""
    keys = service.function_keys

    def arn(value: Value) -> Value:
        if isinstance(value, Mapping):
            return value.get("arn")
        if isinstance(value, str) and value in keys:
            return draft.ref(naming.function(value), "Arn")
        return value

    return each(given, arn)


def _kind(given: Value) -> str | None:
    if isinstance(given, Mapping):
        kind = given.get("type")
        return kind if isinstance(kind, str) and kind in _SENDING else None
    if is_name(given):
        return "function"
    texts = [text for text in parts_of(given) if isinstance(text, str)]
    return next((kind for mark, kind in _BY_ARN if any(mark in text for text in texts)), None)
