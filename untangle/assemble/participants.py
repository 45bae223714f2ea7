"""The compute participants and existing state machines of an inventory."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from untangle.assemble.world import Atlas
from untangle.model.code import CodeFacts
from untangle.model.node import Function, StateMachine
from untangle.model.resource import Resource, Stack
from untangle.model.value import Ref, Value, alternatives, parts_of
from untangle.scanners.cdk.internal import is_internal


def functions(atlas: Atlas, code: Mapping[str, CodeFacts]) -> tuple[Function, ...]:
    """Every Lambda function and ECS task definition, sorted by id."""
    stacks = {stack.id: stack for stack in atlas.inventory.stacks}
    invoked = _invoke_configurations(atlas)
    found = [
        _lambda(atlas, resource, stacks, code.get(resource.id), invoked.get(resource.id, ()))
        for resource in atlas.of_type("AWS::Lambda::Function")
    ]
    found.extend(_task(atlas, resource, code.get(resource.id)) for resource in atlas.of_type("AWS::ECS::TaskDefinition"))
    return tuple(sorted(found, key=lambda function: function.id))


def _invoke_configurations(atlas: Atlas) -> Mapping[str, list[Resource]]:
    """The asynchronous settings of each function, by function id."""
    found: dict[str, list[Resource]] = {}
    for config in atlas.of_type("AWS::Lambda::EventInvokeConfig"):
        for target in atlas.function(config.get("FunctionName"), near=config.stack):
            found.setdefault(target.node, []).append(config)
    return found


def _lambda(
    atlas: Atlas, resource: Resource, stacks: Mapping[str, Stack], facts: CodeFacts | None, invoked: Iterable[Resource]
) -> Function:
    role = next((target.node for target in atlas.resolve(resource.get("Role"), "AWS::IAM::Role", near=resource.stack)), None)
    environment = resource.get("Environment", "Variables")
    return Function(
        id=resource.id,
        address=resource.address,
        stack=resource.stack,
        name=atlas.text(resource.get("FunctionName")),
        runtime=atlas.text(resource.get("Runtime")),
        handler=atlas.text(resource.get("Handler")),
        location=resource.location,
        code=_code_place(resource, stacks.get(resource.stack), facts),
        deployed=resource.deployed,
        condition=resource.condition,
        timeout=_number(atlas, resource.get("Timeout")) or 3,
        memory=_number(atlas, resource.get("MemorySize")) or 128,
        image=resource.get("PackageType") == "Image" or resource.get("Code", "ImageUri") is not None,
        role=role,
        environment=environment if isinstance(environment, Mapping) else {},
        asynchronous=_asynchronous(atlas, resource, invoked),
        internal=is_internal(resource),
    )


def _task(atlas: Atlas, resource: Resource, facts: CodeFacts | None) -> Function:
    role = next(
        (target.node for target in atlas.resolve(resource.get("TaskRoleArn"), "AWS::IAM::Role", near=resource.stack)), None
    )
    return Function(
        id=resource.id,
        address=resource.address,
        stack=resource.stack,
        kind="ecs_task",
        code=facts.entry.path if facts is not None and facts.entry is not None else None,
        name=atlas.text(resource.get("Family")),
        location=resource.location,
        role=role,
        environment=_container_environment(resource),
        condition=resource.condition,
    )


def _container_environment(resource: Resource) -> Mapping[str, Value]:
    variables: dict[str, Value] = {}
    containers = resource.get("ContainerDefinitions")
    for container in containers if isinstance(containers, tuple) else ():
        listed = container.get("Environment") if isinstance(container, Mapping) else None
        for pair in listed if isinstance(listed, tuple) else ():
            name = pair.get("Name") if isinstance(pair, Mapping) else None
            if isinstance(pair, Mapping) and isinstance(name, str):
                variables[name] = pair.get("Value")
    return variables


def _asynchronous(atlas: Atlas, resource: Resource, invoked: Iterable[Resource]) -> Mapping[str, Value]:
    """Retries and age of asynchronous invokes; defaults are left out (2 retries, six hours)."""
    settings: dict[str, Value] = {}
    for config in invoked:
        for key, name in (
            ("MaximumRetryAttempts", "maximum_retry_attempts"),
            ("MaximumEventAgeInSeconds", "maximum_event_age"),
        ):
            number = _number(atlas, config.get(key))
            if number is not None:
                settings[name] = number
    dead_letter = atlas.resolve(
        resource.get("DeadLetterConfig", "TargetArn"), "AWS::SQS::Queue", "AWS::SNS::Topic", near=resource.stack
    )
    if dead_letter:
        settings["dead_letter"] = dead_letter[0].node
    return settings


def _number(atlas: Atlas, value: Value) -> int | None:
    text = atlas.text(value)
    return int(text) if text is not None and text.isdigit() else None


def _code_place(resource: Resource, stack: Stack | None, facts: CodeFacts | None) -> str | None:
    code = resource.get("Code")
    if isinstance(code, str) and stack is not None and not code.startswith(("s3://", "http")):
        return posixpath.normpath(posixpath.join(stack.folder, code))
    return facts.entry.path if facts is not None and facts.entry is not None else None


def state_machines(atlas: Atlas) -> tuple[StateMachine, ...]:
    """Existing state machines with the functions that their definitions name."""
    found = []
    for resource in atlas.of_type("AWS::StepFunctions::StateMachine"):
        named = {target.node for value in _texts(resource.properties, 0) for target in atlas.function(value, near=resource.stack)}
        found.append(
            StateMachine(
                id=resource.id,
                address=resource.address,
                stack=resource.stack,
                functions=tuple(sorted(named)),
                location=resource.location,
            )
        )
    return tuple(found)


def _texts(value: Value, depth: int) -> Iterator[Value]:
    """Every pointer and ARN anywhere in a definition, also inside a definition that is one long text."""
    if depth > 40:
        return
    for option, _ in alternatives(value):
        if isinstance(option, Mapping):
            for inner in option.values():
                yield from _texts(inner, depth + 1)
        elif isinstance(option, tuple):
            for inner in option:
                yield from _texts(inner, depth + 1)
        elif isinstance(option, str):
            if option.startswith("arn:") and len(option) < 300:
                yield option
        elif isinstance(option, Ref):
            yield option
        else:
            yield from (part for part in parts_of(option) if isinstance(part, Ref))
