"""The assembled inventory as channels may ask it: resolves values to resources, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from untangle.assemble.identify import NAMED_KINDS, Named, identify, is_wildcard, key_of
from untangle.channels.channel import Channel, Kind, Target
from untangle.model.location import Location
from untangle.model.resource import Gap, Inventory, Resource, Stack
from untangle.model.value import (
    Concat,
    Either,
    Imported,
    Ref,
    Stored,
    Symbol,
    Value,
    alternatives,
    concat,
    scalar_text,
    show,
)

EXTERNAL = "external/"
# Resources that stand for another one: which property names it.
STANDS_FOR: Mapping[str, str] = {
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Lambda::Url": "TargetFunctionArn",
    "AWS::Kinesis::StreamConsumer": "StreamARN",
    "AWS::SSM::Parameter": "Value",
}
COMPUTE_TYPES = ("AWS::Lambda::Function", "AWS::ECS::TaskDefinition")
MAX_DEPTH = 12


class _Question(NamedTuple):
    """Which resource types are asked for, and by which stack."""

    types: tuple[str, ...]
    near: str | None

    def only(self, type_: str) -> _Question:
        return self if self.types else _Question((type_,), self.near)


class Atlas:
    """The `World` of `channels.channel`, made from an inventory."""

    def __init__(self, inventory: Inventory, channels: tuple[Channel, ...]) -> None:
        self.inventory = inventory
        self.kinds: tuple[Kind, ...] = tuple(kind for channel in channels for kind in channel.kinds) + NAMED_KINDS
        self.channel_of = {kind.type: channel for channel in channels for kind in channel.kinds}
        self.gaps: list[Gap] = []
        self.externals: dict[str, tuple[str, str]] = {}
        self._by_id = {resource.id: resource for resource in inventory.resources}
        self._stacks: dict[str, Stack] = {stack.id: stack for stack in inventory.stacks}

    # what channels ask

    def of_type(self, *types: str) -> Iterable[Resource]:
        """Every resource of these types (a trailing `*` stands for any ending), sorted by id."""
        names = [name for asked in types for name in (self._ending(asked[:-1]) if asked.endswith("*") else (asked,))]
        return sorted((item for name in names for item in self._by_type.get(name, ())), key=lambda item: item.id)

    def _ending(self, prefix: str) -> list[str]:
        return [name for name in self._by_type if name.startswith(prefix)]

    def kinds_of(self, channel: Channel) -> tuple[Kind, ...]:
        """What a writer of this channel may name: the channel's own kinds, or the compute type that it starts."""
        return channel.kinds + tuple(kind for kind in NAMED_KINDS if kind.type == channel.enters)

    def resource(self, id: str) -> Resource | None:
        """The resource of this id."""
        return self._by_id.get(id)

    def resolve(self, value: Value, *types: str, near: str | None = None) -> tuple[Target, ...]:
        """See `World.resolve`."""
        found: dict[str, Target] = {}
        for target in self._targets(value, _Question(types, near), None, 0):
            if not types or target.resource is None or target.resource.type in types:
                found.setdefault(target.node, target)
        return tuple(found.values())

    def function(self, value: Value, *, near: str | None = None) -> tuple[Target, ...]:
        """See `World.function`."""
        return self.resolve(value, *COMPUTE_TYPES, near=near)

    def text(self, value: Value) -> str | None:
        """See `World.text`."""
        plain = self.follow(value)
        return scalar_text(plain)

    def plain(self, value: Value) -> Value:
        """See `World.plain`."""
        if isinstance(value, Mapping):
            return {key: self.plain(inner) for key, inner in value.items()}
        if isinstance(value, tuple):
            return tuple(self.plain(inner) for inner in value)
        followed = self.follow(value)
        if isinstance(followed, Mapping | tuple):
            return self.plain(followed)
        return followed if followed is None or isinstance(followed, str | int | float | bool) else show(followed)

    def gap(self, what: str, why: str, location: Location | None) -> None:
        """See `World.gap`."""
        self.gaps.append(Gap(what=what, why=why, location=location))

    # values

    def follow(self, value: Value, depth: int = 0) -> Value:
        """The value with imports, stores and physical names replaced by what they stand for, as far as it is known."""
        if depth > MAX_DEPTH:
            return value
        if isinstance(value, Concat):
            return concat([self.follow(part, depth + 1) for part in value.parts])
        if isinstance(value, Either):
            options = tuple(self.follow(option, depth + 1) for option in value.options)
            return options[0] if all(option == options[0] for option in options) else Either(options, value.conditions)
        if isinstance(value, Imported | Stored):
            found = self._held(value, depth)
            return value if found is None else self.follow(found, depth + 1)
        if isinstance(value, Ref):
            return self._physical(value, depth)
        return value

    def _physical(self, ref: Ref, depth: int) -> Value:
        """The physical name that a Ref or a name attribute stands for, where the template gives one."""
        resource = self._by_id.get(ref.resource)
        if resource is None:
            return ref
        if resource.type == "AWS::SSM::Parameter" and ref.attribute == "Value":
            return self.follow(resource.get("Value"), depth + 1)
        live = resource.attributes.get(ref.attribute or "Ref")
        if live is not None:
            return live
        kind = next((kind for kind in self.kinds if kind.type == resource.type), None)
        names_it = kind is not None and (ref.attribute == kind.name or (not ref.attribute and kind.type not in _REF_IS_NOT_NAME))
        if kind is None or kind.name is None or not names_it:
            return ref
        name = resource.get(kind.name)
        return ref if name is None or not isinstance(name, str | Concat | Symbol) else self.follow(name, depth + 1)

    def _held(self, value: Imported | Stored, depth: int) -> Value:
        if isinstance(value, Imported):
            return self._exports.get(key_of(self.follow(value.name, depth + 1)))
        name = key_of(self.follow(value.name, depth + 1))
        if value.store == "ssm" and name is not None:
            wanted = _parameter_key(name)
            for parameter in self._by_type.get("AWS::SSM::Parameter", ()):
                declared = key_of(self.follow(parameter.get("Name"), depth + 1))
                if declared is not None and _parameter_key(declared) == wanted:
                    return parameter.get("Value")
        return None

    @cached_property
    def _exports(self) -> Mapping[Value | None, Value]:
        found: dict[Value | None, Value] = {}
        for stack in self.inventory.stacks:
            for name, value in stack.exports:
                key = key_of(self.follow(name))
                if key is not None:
                    found.setdefault(key, value)
        return found

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        groups: dict[str, list[Resource]] = {}
        for resource in self.inventory.resources:
            groups.setdefault(resource.type, []).append(resource)
        return groups

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, Value], list[Resource]]:
        index: dict[tuple[str, Value], list[Resource]] = {}
        for kind in self.kinds:
            for resource in self._by_type.get(kind.type, ()) if kind.name else ():
                for name, _ in alternatives(self.follow(resource.get(kind.name or ""))):
                    key = key_of(name)
                    if key is not None:
                        index.setdefault((kind.type, key), []).append(resource)
        return index

    # resolution

    def _targets(self, value: Value, ask: _Question, condition: str | None, depth: int) -> Iterator[Target]:
        if depth > MAX_DEPTH or value is None:
            return
        if isinstance(value, Either):
            for option, when in alternatives(value):
                yield from self._targets(option, ask, when or condition, depth + 1)
        elif isinstance(value, Ref):
            yield from self._of_ref(value, ask, condition, depth)
        elif isinstance(value, Imported | Stored):
            held = self._held(value, depth)
            for target in self._targets(held, ask, condition, depth + 1):
                yield Target(node=target.node, resource=target.resource, condition=target.condition, how=_how(value))
        elif isinstance(value, str | Concat | Symbol):
            yield from self._of_text(value, ask, condition, depth)

    def _of_ref(self, ref: Ref, ask: _Question, condition: str | None, depth: int) -> Iterator[Target]:
        resource = self._by_id.get(ref.resource)
        if resource is None:
            return
        stands_for = STANDS_FOR.get(resource.type)
        if stands_for and resource.type not in ask.types:
            yield from self._targets(resource.get(stands_for), ask, condition, depth + 1)
            return
        yield Target(node=resource.id, resource=resource, condition=condition or resource.condition, how="Ref")

    def _of_text(self, value: Value, ask: _Question, condition: str | None, depth: int) -> Iterator[Target]:
        inner = self._sole_ref(value)
        if inner is not None:
            yield from self._targets(inner, ask, condition, depth + 1)
            return
        followed = self.follow(value)
        named = identify(followed, self.kinds)
        if named is not None:
            if isinstance(named.name, Ref | Imported | Stored):
                yield from self._targets(named.name, ask.only(named.type), condition, depth + 1)
            else:
                yield from self._of_name(named, ask, condition, how="arn", text=followed)
            return
        if isinstance(followed, Ref):
            yield from self._targets(followed, ask, condition, depth + 1)
            return
        for type_ in ask.types:
            yield from self._of_name(Named(type_, _bare(followed, type_)), ask, condition, how="name", text=None)

    def _of_name(self, named: Named, ask: _Question, condition: str | None, *, how: str, text: Value) -> Iterator[Target]:
        if ask.types and named.type not in ask.types:
            return
        key = key_of(named.name)
        found = self._by_name.get((named.type, key), []) if key is not None else []
        chosen = self._nearest(found, ask.near)
        for resource in chosen:
            yield Target(node=resource.id, resource=resource, condition=condition or resource.condition, how=how)
        kind = next((kind for kind in self.kinds if kind.type == named.type), None)
        if not chosen and kind is not None and kind.implicit is not None and key == kind.implicit:
            yield Target(node=f"{self.channel_of[kind.type].type}/{kind.implicit}", condition=condition, how=how)
        elif not chosen and text is not None and not is_wildcard(text) and named.type in self.channel_of:
            yield self._external(named, condition, how)

    def _external(self, named: Named, condition: str | None, how: str) -> Target:
        """A thing that no template declares: one node, whether its ARN or its URL names it, in this account or a literal one."""
        type_, name = self.channel_of[named.type].type, show(named.name)
        node = f"{EXTERNAL}{type_}/{name}"
        self.externals[node] = (type_, name)
        return Target(node=node, condition=condition, how=how)

    def _nearest(self, found: list[Resource], near: str | None) -> list[Resource]:
        """Of several resources with one name, those that share the asking stack's root; all of them where nobody asks."""
        if len(found) < 2 or near is None:
            return found
        for scope in (near, self.root_of(near)):
            inside = [resource for resource in found if resource.stack == scope or resource.stack.startswith(scope + "/")]
            if inside:
                return inside
        return found

    def root_of(self, stack: str) -> str:
        """The id of the outermost stack."""
        while (parent := self._stacks[stack].parent if stack in self._stacks else None) is not None:
            stack = parent
        return stack

    def _sole_ref(self, value: Value) -> Value:
        """The one pointer in a text such as `${Table.Arn}/index/*` or `${Fn.Arn}:live`; None in any other text."""
        if not isinstance(value, Concat) or not isinstance(value.parts[0], Ref | Imported | Stored):
            return None
        rest = value.parts[1:]
        tail = rest[0] if len(rest) >= 1 else ""
        return value.parts[0] if isinstance(tail, str) and tail.startswith(("/", ":")) else None


# Ref of these gives an ARN or URL, never a bare name.
_REF_IS_NOT_NAME = frozenset(
    {"AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::IAM::ManagedPolicy", "AWS::Pipes::Pipe"}
)


def _how(value: Imported | Stored) -> str:
    return "export" if isinstance(value, Imported) else value.store


def _parameter_key(name: Value) -> Value:
    """SSM names with and without a leading slash are told apart by SSM only below a hierarchy; a version is cut off."""
    return name.split(":")[0].lstrip("/") if isinstance(name, str) else name


def _bare(name: Value, type_: str) -> Value:
    """A function may be named with its qualifier (`orders:live`), a task definition with its revision."""
    if type_ in COMPUTE_TYPES and isinstance(name, str) and ":" in name:
        return name.split(":")[0]
    return name
