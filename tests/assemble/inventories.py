"""Small inventories for the tests of assembling, written as a template author would think of them."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.code import Call, CodeFacts
from untangle.model.location import Location
from untangle.model.resource import Inventory, Resource, Stack
from untangle.model.value import Value


def resource(id: str, type: str, condition: str | None = None, **properties: Value) -> Resource:
    """A resource of `stack/address`, on line 1 of its stack's template."""
    stack, _, address = id.rpartition("/")
    return Resource(
        id=id,
        type=type,
        stack=stack,
        address=address,
        properties=properties,
        location=Location(f"{stack}/template.yaml", 1),
        condition=condition,
    )


def function(id: str, *, role: Value = None, environment: Mapping[str, Value] | None = None, **properties: Value) -> Resource:
    """A Lambda function."""
    extra: dict[str, Value] = dict(properties)
    if role is not None:
        extra["Role"] = role
    if environment is not None:
        extra["Environment"] = {"Variables": environment}
    return resource(id, "AWS::Lambda::Function", **extra)


def role(id: str, *statements: Mapping[str, Value], **properties: Value) -> Resource:
    """A role with one inline policy."""
    return resource(id, "AWS::IAM::Role", Policies=({"PolicyDocument": {"Statement": statements}},), **properties)


def allow(action: Value, on: Value) -> Mapping[str, Value]:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": on}


def inventory(
    *resources: Resource, exports: tuple[tuple[Value, Value], ...] = (), parents: Mapping[str, str] | None = None
) -> Inventory:
    """An inventory whose stacks are those of the resources."""
    names = sorted({item.stack for item in resources})
    stacks = tuple(
        Stack(
            id=name,
            path=f"{name}/template.yaml",
            folder=name,
            kind="cloudformation",
            exports=exports if i == 0 else (),
            parent=(parents or {}).get(name),
        )
        for i, name in enumerate(names)
    )
    return Inventory(stacks=stacks, resources=tuple(sorted(resources, key=lambda item: item.id)))


def call(service: str, operation: str, *, line: int = 7, text: str = "", **arguments: Value) -> Call:
    """An SDK call seen in code."""
    return Call(
        service=service,
        operation=operation,
        location=Location("src/app.py", line),
        text=text or f"{service}.{operation}",
        arguments=arguments,
    )


def code(function: str, *calls: Call, readable: bool = True) -> CodeFacts:
    """What was read of one function."""
    return CodeFacts(function=function, readable=readable, calls=calls)
