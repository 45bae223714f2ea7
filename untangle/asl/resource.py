"""The resource of a Task: whether there is such an integration, what it needs, and whether it can wait for an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from untangle.asl.diagnostic import RESOURCE, SCHEMA, closest
from untangle.asl.integrations import SERVICES, Optimized
from untangle.asl.sdk import SDK, actions_of, meant


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a resource or its parameters, and the right spelling; `parameter` is the one it is about."""

    code: str
    message: str
    hint: str | None = None
    parameter: str | None = None
    severity: str = "error"


_ARN = re.compile(r"arn:(?:aws[a-z-]*|x):(?P<service>[a-z0-9-]+):[^:]*:[^:]*:.", re.DOTALL)
_WHOLE = re.compile(r"arn:[a-z-]+:(?:lambda:[^:]*:[^:]*:function:.|(?!lambda:)[a-z0-9-]+:[^:]*:[^:]*:.)", re.DOTALL)
_CALLED = frozenset({"lambda", "states", "swf", "x"})  # x stands for a placeholder
_INTEGRATION = re.compile(r"arn:[a-z0-9-]+:states:[^:]*:[^:]*:(?P<service>[a-z0-9-]+):(?P<action>.+)\Z", re.IGNORECASE)
_WHOLE_CONTEXT = re.compile(r'"\$\$(\.Task)?"|\$states\.context\s*(%\}|[,)}])|\$states\.context\.Task\b')
_LAMBDA = re.compile(r"arn:[a-z0-9-]+:lambda:[^:]*:[^:]*:function:(?P<name>.*)\Z", re.DOTALL)
_FUNCTION = re.compile(r"[A-Za-z0-9_-]+(?::(?:\$LATEST|[A-Za-z0-9_-]+))?\Z")
_OPEN = re.compile(r"(?:Ref|Fn::.+|!.+)\Z")
_PLACEHOLDER = re.compile(r"[$#]\{[^{}]*\}")
_WAITS = re.compile(r"(?P<action>.*?)(?P<pattern>\.sync(?::2)?|\.waitForTaskToken)?\Z")


def resource_problems(resource: object, arguments: object, suffix: bool) -> Iterator[Fault]:
    """What is wrong with a Task's resource; `suffix` says that parameters may end in `.$` (JSONPath)."""
    if isinstance(resource, Mapping) and len(resource) == 1 and _OPEN.match(str(next(iter(resource)))):
        return  # a function of CloudFormation
    if not isinstance(resource, str) or not resource:
        yield Fault(SCHEMA, "Resource must be an ARN")
        return
    if "${" in _PLACEHOLDER.sub("", resource):
        yield Fault(RESOURCE, f"the placeholder in {resource!r} is not closed")
        return
    if resource.startswith("${"):
        return
    filled = _PLACEHOLDER.sub("x", resource)
    if filled == resource or _WHOLE.match(filled):
        yield from _called(resource, filled, arguments, suffix)
    elif not "arn:".startswith(_PLACEHOLDER.split(resource)[0][:4]):
        yield Fault(RESOURCE, f"{resource!r} is not an ARN")  # otherwise a placeholder stands for several parts of it


def _called(written: str, resource: str, arguments: object, suffix: bool) -> Iterator[Fault]:
    """What is wrong with an ARN, in which `x` stands for each placeholder of what is written."""
    found, arn = _INTEGRATION.match(resource), _ARN.match(resource)
    if "\0" in _PLACEHOLDER.sub("\0", written).split(":", 5)[-1] and arn and arn["service"] in ("states", "x"):
        return  # it stands for the service or the action, or for a part of their names
    if arn is None:
        yield Fault(RESOURCE, f"{written!r} is not an ARN")
    elif arn["service"] not in _CALLED:
        yield Fault(RESOURCE, f"a Task cannot call {arn['service']} by its ARN; there are integrations, arn:aws:states:::…")
    elif arn["service"] == "lambda":
        yield from _function(written, resource)
    elif found is None:
        if arn["service"] == "states":
            yield Fault(RESOURCE, f"{written!r} is no integration, arn:aws:states:::<service>:<action>, and no activity")
    elif found["service"] == "aws-sdk":
        yield from _sdk(found["action"], arguments, suffix)
    elif found["service"] != "activity":
        yield from _optimized(found["service"], found["action"], arguments, suffix)


def _function(written: str, resource: str) -> Iterator[Fault]:
    function = _LAMBDA.match(resource)
    if function is None:
        yield Fault(RESOURCE, f"{written!r} is not the ARN of a function, arn:aws:lambda:<region>:<account>:function:<name>")
    elif not _FUNCTION.match(function["name"]):
        yield Fault(RESOURCE, f"{function['name']!r} is no function with an optional version or alias")


def _sdk(action: str, arguments: object, suffix: bool) -> Iterator[Fault]:
    service, _, call = action.partition(":")
    if not call:
        yield Fault(RESOURCE, f"aws-sdk:{action} names no API action")
    elif service not in SDK:
        yield Fault(RESOURCE, f"there is no AWS SDK integration with {service}", meant(service))
    elif ".sync" in call:
        yield Fault(RESOURCE, f"aws-sdk:{service} cannot wait for a job to finish: AWS SDK integrations have no .sync")
    else:
        if call.endswith(".waitForTaskToken") and arguments is not None and not _hands_token(arguments):
            yield _unanswered(suffix)
        yield from _action(service, _WAITS.sub(r"\g<action>", call))
        for key in sorted(map(str, arguments)) if isinstance(arguments, Mapping) else ():
            if key[:1].islower():
                right = key[:1].upper() + key[1:]
                message = f"parameters of AWS SDK integrations begin with a capital letter, {key} does not"
                yield Fault(SCHEMA, message, right, key, "warning")


def _action(service: str, call: str) -> Iterator[Fault]:
    """What is wrong with the name of an action; where the model of a service is not known, only how the name begins."""
    known = actions_of(service)
    if call[:1].isupper():
        yield Fault(RESOURCE, f"the API action {call} begins with a small letter here", call[:1].lower() + call[1:])
    elif known and not any(call in spellings for spellings in known.values()):
        yield Fault(RESOURCE, f"aws-sdk:{service} has no action {call}", closest(call, known))


def _optimized(service: str, written: str, arguments: object, suffix: bool) -> Iterator[Fault]:
    split = _WAITS.match(written)
    action, pattern = (split["action"], split["pattern"] or "") if split else (written, "")
    actions = SERVICES.get(service)
    if actions is None:
        yield Fault(RESOURCE, f"there is no optimized integration with {service}", closest(service, SERVICES))
        return
    if action not in actions:
        yield Fault(RESOURCE, f"the integration with {service} has no action {action}", closest(action, actions))
        return
    known = actions[action]
    if pattern.startswith(".sync") and not known.sync:
        yield Fault(RESOURCE, f"{service}:{action} cannot wait for a job to finish (.sync)")
    elif pattern == ".sync:2" and service != "states":
        yield Fault(RESOURCE, f"{service}:{action} has no .sync:2, only states:startExecution has", f"{service}:{action}.sync")
    if pattern == ".waitForTaskToken":
        if not known.token:
            yield Fault(RESOURCE, f"{service}:{action} cannot wait for a callback (.waitForTaskToken)")
        elif arguments is not None and not _hands_token(arguments):
            yield _unanswered(suffix)
    yield from _required(f"{service}:{action}", known, arguments, suffix)


def _unanswered(suffix: bool) -> Fault:
    message = "nothing hands the task token on, so nobody can ever answer and the state waits until it times out"
    return Fault(SCHEMA, message, "$$.Task.Token" if suffix else "{% $states.context.Task.Token %}")


def _required(action: str, known: Optimized, arguments: object, suffix: bool) -> Iterator[Fault]:
    if arguments is None:
        if not suffix:  # JSONPath passes the whole input on where there are no Parameters
            yield from (Fault(SCHEMA, f"{action} needs {name.replace('|', ' or ')}") for name in known.requires[:1])
        return
    if not isinstance(arguments, Mapping):
        return
    given = {str(name).removesuffix(".$") if suffix else str(name) for name in arguments}
    for name in known.requires:
        if not given & set(name.split("|")):
            yield Fault(SCHEMA, f"{action} needs {name.replace('|', ' or ')}")
    takes = {*known.takes.split(), *(option for name in known.requires for option in name.split("|"))}
    for key in sorted(map(str, arguments)) if known.takes else ():
        if (key.removesuffix(".$") if suffix else key) not in takes:
            hint = closest(key.removesuffix(".$"), takes)
            yield Fault(SCHEMA, f"{action} takes no {key}; the call fails when it is made", hint, key, "warning")


def _hands_token(arguments: Any) -> bool:
    """Whether the token, or the whole context or input that may hold it, is among the arguments."""
    text = json.dumps(arguments, default=str)
    return "Task.Token" in text or _WHOLE_CONTEXT.search(text) is not None
