"""EventInvokeConfig: what becomes of an asynchronous invocation, and where its result goes."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Ref, Value
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import Target
from untangle.scanners.sam.events.mappings import sending
from untangle.scanners.sam.part import Part, absences, either

# What SAM makes for a destination that names no resource.
_GENERATED = {"SQS": ("Queue", "AWS::SQS::Queue"), "SNS": ("Topic", "AWS::SNS::Topic")}
_ORIGIN = "sam destination"


def read_invoke_config(draft: Draft, part: Part, target: Target) -> None:
    """Writes a function's `EventInvokeConfig` out, with the queues and topics it generates and what it grants the role."""
    alias = next((alias.value for alias in part.below("AutoPublishAlias")), None)
    for config in part.below("EventInvokeConfig"):
        if not isinstance(config.value, Mapping):
            draft.problem(config, f"the EventInvokeConfig of {target.address} is no mapping")
            continue
        address = f"{target.address}EventInvokeConfig"
        values: dict[str, Value] = {
            "FunctionName": Ref(part.owner.id),
            "Qualifier": "$LATEST" if alias is None else alias,
            "DestinationConfig": _destinations(draft, config, target, address),
        }
        for key in ("MaximumEventAgeInSeconds", "MaximumRetryAttempts"):
            values[key] = config.get(key)
        draft.make(
            config,
            address,
            "AWS::Lambda::EventInvokeConfig",
            values,
            origin=_ORIGIN,
            moved=[((key,), (*config.route, key)) for key in values],
        )


def _destinations(draft: Draft, config: Part, target: Target, address: str) -> Value:
    found: dict[str, Value] = {}
    for name in ("OnSuccess", "OnFailure"):
        forms: list[tuple[Value, str | None]] = []
        for part in (part for outer in config.below("DestinationConfig") for part in outer.below(name)):
            arn = _destination(draft, part, target, address + name)
            if arn is not None:
                forms.append(({"Destination": arn}, part.condition))
        if forms:
            found[name] = either(forms, config.condition)
    return found or None


def _destination(draft: Draft, part: Part, target: Target, address: str) -> Value:
    """The ARN that one of OnSuccess and OnFailure names; a generated queue or topic where it names none."""
    kind = part.get("Type")
    arns: list[tuple[Value, str | None]] = [(option.value, option.condition) for option in part.below("Destination")]
    for condition in absences(part.get("Destination"), part.condition):
        if not isinstance(kind, str) or kind not in _GENERATED:
            draft.problem(part, f"a destination of {target.address} needs a Destination, or the Type SQS or SNS")
            continue
        noun, type = _GENERATED[kind]
        at = Part(owner=part.owner, value=part.value, route=part.route, condition=condition)
        made = draft.make(at, address + noun, type, {}, origin=_ORIGIN)
        draft.refer(target.address, f"Destination{noun}", made.address)
        arns.append((Ref(made.id, "Arn" if noun == "Queue" else ""), condition))
    for arn, condition in arns:
        statements = sending(kind, arn)
        if statements:
            at = Part(owner=part.owner, value=part.value, route=part.route, condition=condition)
            target.grants.attach(grants.document(statements), at)
    return either(arns, part.condition)
