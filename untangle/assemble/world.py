"""The assembled inventory as channels may ask it: resolves values to resources, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from untangle.assemble.identify import (
    COMPUTE_TYPES,
    NAMED_KINDS,
    REF_IS_NOT_NAME,
    STANDS_FOR,
    Named,
    bare,
    identify,
    is_wildcard,
    key_of,
    parameter_key,
    sole_ref,
)
from untangle.assemble.names import BY_OUTPUT, BY_SHAPE, BY_WORDS, Outline, is_spelled_out, may_be, only, outline, same_by_name
from untangle.assemble.places import Places
from untangle.channels.channel import Channel, Found, Kind, Target
from untangle.channels.known import plain
from untangle.model.condition import nearer
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.resource import Gap, Inventory, Resource, Stack
from untangle.model.value import Concat, Either, Imported, Ref, Stored, Symbol, Value, alternatives, concat, scalar_text, show

EXTERNAL = "external/"
MAX_DEPTH = 12


class _Question(NamedTuple):
    """Which resource types are asked for, by which stack, and whether a name may be inferred from another one."""

    types: tuple[str, ...]
    near: str | None
    infer: bool = True

    def only(self, type_: str) -> _Question:
        return self if self.types else self._replace(types=(type_,))


class Atlas:
    """The `World` of `channels.channel`, made from an inventory."""

    def __init__(self, inventory: Inventory, channels: tuple[Channel, ...]) -> None:
        self.inventory = inventory
        self.kinds: tuple[Kind, ...] = tuple(kind for channel in channels for kind in channel.kinds) + NAMED_KINDS
        self.channel_of = {kind.type: channel for channel in channels for kind in channel.kinds}
        self.gaps: list[Gap] = []
        self.externals: dict[str, tuple[str, str]] = {}
        self._naming = False
        self._mentioned: dict[tuple[str, str], str] = {}
        self._kind_of = {kind.type: kind for kind in reversed(self.kinds)}
        self._types = {channel.type: tuple(kind.type for kind in self.kinds_of(channel)) for channel in channels}
        self._sorted: dict[tuple[str, ...], tuple[Resource, ...]] = {}
        self._answers: dict[tuple[Value, tuple[str, ...], str | None], tuple[Target, ...]] = {}
        self._shapes: dict[tuple[str, Value], dict[str, Resource]] = {}
        self._by_id = {resource.id: resource for resource in inventory.resources}
        self._stacks: dict[str, Stack] = {stack.id: stack for stack in inventory.stacks}
        self.places = Places(inventory.stacks)

    # what channels ask

    def of_type(self, *types: str) -> Iterable[Resource]:
        """Every resource of these types (a trailing `*` stands for any ending), sorted by id."""
        if types not in self._sorted:
            endings = tuple(asked[:-1] for asked in types if asked.endswith("*"))
            names = (name for name in self._by_type if name in types or name.startswith(endings))
            found = (item for name in names for item in self._by_type[name])
            self._sorted[types] = tuple(sorted(found, key=lambda item: item.id))
        return self._sorted[types]

    def kinds_of(self, channel: Channel) -> tuple[Kind, ...]:
        """What a writer of this channel may name: the channel's own kinds, or the compute type that it starts."""
        return channel.kinds + tuple(kind for kind in NAMED_KINDS if kind.type == channel.enters)

    def types_of(self, channel: Channel) -> tuple[str, ...]:
        """The types of `kinds_of`."""
        return self._types[channel.type]

    def names(self) -> frozenset[str]:
        """Every literal name by which something may be meant: of what is declared, mentioned, or there in every account."""
        declared = (name for _, name in self._by_name if isinstance(name, str))
        implicit = (kind.implicit for kind in self.kinds if kind.implicit is not None)
        return frozenset((*declared, *implicit, *(name for _, name in self._mentioned)))

    def resource(self, id: str) -> Resource | None:
        """The resource of this id."""
        return self._by_id.get(id)

    def resolve(self, value: Value, *types: str, near: str | None = None) -> tuple[Target, ...]:
        """See `World.resolve`. Every channel asks about the same grants and variables: what was answered is kept."""
        asked = (value, types, near) if isinstance(value, str) or key_of(value) is not None else None
        if asked is not None and asked in self._answers:
            return self._answers[asked]
        found: dict[str, Target] = {}
        for target in self._targets(value, _Question(types, near), None, 0):
            if not types or target.resource is None or target.resource.type in types:
                found.setdefault(target.node, target)
        if asked is not None:
            self._answers[asked] = tuple(found.values())
        return tuple(found.values())

    def function(self, value: Value, *, near: str | None = None) -> tuple[Target, ...]:
        """See `World.function`."""
        return self.resolve(value, *COMPUTE_TYPES, near=near)

    def text(self, value: Value) -> str | None:
        """See `World.text`."""
        return scalar_text(self.follow(value))

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

    def implicit(self, type: str, near: str | None) -> str:
        """See `World.implicit`."""
        kind = self._kind_of[type]
        return self.places.implicit(self.channel_of[type].type, kind.implicit or "", near) or ""

    def gap(self, what: str, why: str, location: Location | None) -> None:
        """See `World.gap`."""
        self.gaps.append(Gap(what=what, why=why, location=location))

    def mention(self, found: Iterable[Found]) -> None:
        """Takes note of channels that templates name without declaring them, so that code may mean them by the same name."""
        nodes = [(item.type, item.name, item.id) for item in found if isinstance(item, ChannelNode) and item.external]
        for type_, name, node in [*nodes, *((type_, name, node) for node, (type_, name) in self.externals.items())]:
            self._mentioned.setdefault((type_, name or ""), node)
        self._answers.clear()  # what was asked before may name one of these now

    # values

    def follow(self, value: Value, depth: int = 0) -> Value:
        """The value with imports, stores and physical names replaced by what they stand for, as far as it is known."""
        if depth > MAX_DEPTH or value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, Concat):
            return concat([self.follow(part, depth + 1) for part in value.parts])
        if isinstance(value, Either):
            options = tuple(self.follow(option, depth + 1) for option in value.options)
            return options[0] if all(option == options[0] for option in options) else Either(options, value.conditions)
        if isinstance(value, Imported | Stored):
            found, _ = self._held(value, depth)
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
        kind = self._kind_of.get(resource.type)
        names_it = kind is not None and (ref.attribute == kind.name or (not ref.attribute and kind.type not in REF_IS_NOT_NAME))
        if kind is None or kind.name is None or not names_it:
            return ref
        name = resource.get(kind.name)
        return ref if name is None or not isinstance(name, str | Concat | Symbol) else self.follow(name, depth + 1)

    def _held(self, value: Imported | Stored, depth: int) -> tuple[Value, str]:
        """What an export or a parameter of SSM holds, and how it was found; None where none or several have the name."""
        name = None if self._naming else key_of(self.follow(value.name, depth + 1))
        if name is None or (isinstance(value, Stored) and value.store != "ssm"):
            return None, ""
        declared = self._exported if isinstance(value, Imported) else self._stored
        wanted = name if isinstance(value, Imported) else parameter_key(name)
        exact = [held for key, held in declared if key == wanted]
        if exact:
            self._tell_apart(value, exact, "of that name")
            return only(exact), "export" if isinstance(value, Imported) else value.store
        named = [held for key, held in declared if same_by_name(wanted, key)]
        if not named and isinstance(value, Imported):
            named = [held for key, held in declared if may_be(wanted, key)]
        self._tell_apart(value, named, "whose names have that shape")
        return only(named), BY_SHAPE

    def _tell_apart(self, value: Imported | Stored, found: list[Value], said: str) -> None:
        """A Gap where several stacks hold different things under a name."""
        if found and only(found) is None:
            kind = "exports" if isinstance(value, Imported) else "parameters"
            shown = ", ".join(sorted({show(item) for item in found}))
            self.gap(show(value), f"several {kind} {said} cannot be told apart: {shown}", None)

    @cached_property
    def _exported(self) -> tuple[tuple[Value, Value], ...]:
        """Every export of the scan: its name as far as it is known, and its value."""
        exports = [item for stack in self.inventory.stacks for item in stack.exports]
        return tuple((key, value) for name, value in exports if (key := self._name_of_held(name)) is not None)

    @cached_property
    def _stored(self) -> tuple[tuple[Value, Value], ...]:
        """Every parameter that a stack writes to SSM: its name as far as it is known, and a pointer at its value."""
        parameters = [(item.get("Name"), Ref(item.id, "Value")) for item in self._by_type.get("AWS::SSM::Parameter", ())]
        found = ((self._name_of_held(name), value) for name, value in parameters)
        return tuple((parameter_key(key), value) for key, value in found if key is not None)

    def _name_of_held(self, name: Value) -> Value | None:
        """The name under which something is held; where that name is held somewhere itself, it may lead back here and ends."""
        outer, self._naming = self._naming, True
        try:
            return key_of(self.follow(name))
        finally:
            self._naming = outer

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
                yield from self._targets(option, ask, nearer(when, condition), depth + 1)
        elif isinstance(value, Ref):
            yield from self._of_ref(value, ask, condition, depth)
        elif isinstance(value, Imported | Stored):
            yield from self._of_held(value, ask, condition, depth)
        elif isinstance(value, str | Concat | Symbol):
            yield from self._of_text(value, ask, condition, depth)

    def _of_held(self, value: Imported | Stored, ask: _Question, condition: str | None, depth: int) -> Iterator[Target]:
        held, how = self._held(value, depth)
        for target in self._targets(held, ask, condition, depth + 1):
            yield target if target.aside else replace(target, how=how)
        if held is None:
            for type_ in ask.types:
                yield from self._of_name(Named(type_, value), ask, condition, how="name", text=None)

    def _of_ref(self, ref: Ref, ask: _Question, condition: str | None, depth: int) -> Iterator[Target]:
        resource = self._by_id.get(ref.resource)
        if resource is None:
            return
        stands_for = STANDS_FOR.get(resource.type)
        if stands_for and resource.type not in ask.types:
            yield from self._targets(resource.get(stands_for), ask, condition, depth + 1)
            return
        yield Target(node=resource.id, resource=resource, condition=nearer(condition, resource.condition), how="Ref")

    def _of_text(self, value: Value, ask: _Question, condition: str | None, depth: int) -> Iterator[Target]:
        inner = sole_ref(value)
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
            yield from self._of_name(Named(type_, bare(followed, type_)), ask, condition, how="name", text=None)

    def _of_name(self, named: Named, ask: _Question, condition: str | None, *, how: str, text: Value) -> Iterator[Target]:
        if ask.types and named.type not in ask.types:
            return
        key = key_of(named.name)
        named_so = self._by_name.get((named.type, key), ()) if key is not None else ()
        found = [resource for resource in named_so if not self.places.is_elsewhere(resource, text, ask.near)]
        chosen = self._nearest(found, ask.near)
        for resource in chosen:
            yield Target(node=resource.id, resource=resource, condition=nearer(condition, resource.condition), how=how)
        inferred = None if chosen else self._inferred(named, ask.only(named.type))
        if inferred is not None:
            yield replace(inferred, condition=nearer(condition, inferred.condition))
            return
        kind = self._kind_of.get(named.type)
        if not chosen and kind is not None and kind.implicit is not None and key == kind.implicit:
            node = self.places.implicit(self.channel_of[kind.type].type, kind.implicit, ask.near, text)
            yield Target(node=node, condition=condition, how=how) if node else self._external(named, condition, how, text, ask)
        elif not chosen and text is not None and not is_wildcard(text) and named.type in self.channel_of:
            yield self._external(named, condition, how, text, ask)
        elif not chosen and named.type in self.channel_of:
            node = self._mentioned.get((self.channel_of[named.type].type, str(plain(self, named.name))))
            if node is not None:
                yield Target(node=node, condition=condition, how=how)

    def _inferred(self, named: Named, ask: _Question) -> Target | None:
        """The only declaration of the scan that a partly unknown name can mean; see `names`."""
        alike = self._alike(named)
        if len(alike) > 1:
            self.gap(f"the name {show(named.name)}", f"several have a name of that shape: {', '.join(sorted(alike))}", None)
        found = only(alike.values())
        if found is not None:
            return Target(node=found.id, resource=found, condition=found.condition, how=BY_SHAPE)
        if not ask.infer:
            return None
        if isinstance(named.name, Stored) and isinstance(named.name.name, Symbol):
            parameter = named.name.name.name
            return self._only_target((held for name, held in self._stored if is_spelled_out(parameter, name)), ask, BY_WORDS)
        if isinstance(named.name, Symbol):
            own = self.root_of(named.name.scope)
            others = (value for root, value in self._outputs.get(named.name.name, ()) if root != own)
            return self._only_target(others, ask, BY_OUTPUT)
        return None

    def _alike(self, named: Named) -> Mapping[str, Resource]:
        """The declared things whose partly unknown names are of one shape with this one, by id."""
        asked = (named.type, named.name)
        if key_of(named.name) is not None and asked not in self._shapes:
            declared = self._partly_named.get((named.type, outline(named.name)), ())
            self._shapes[asked] = {item.id: item for name, item in declared if same_by_name(named.name, name)}
        return self._shapes[asked] if key_of(named.name) is not None else {}

    @cached_property
    def _outputs(self) -> Mapping[str, list[tuple[str, Value]]]:
        """The outputs of all stacks by name, each with the root of its stack."""
        found: dict[str, list[tuple[str, Value]]] = {}
        for stack in self.inventory.stacks:
            for name, value in stack.outputs.items():
                found.setdefault(name, []).append((self.root_of(stack.id), value))
        return found

    def _only_target(self, values: Iterable[Value], ask: _Question, how: str) -> Target | None:
        """The one declared thing of the asked types that these values name, if it is one."""
        outright = ask._replace(infer=False)
        found = [target for value in values for target in self._targets(value, outright, None, 0)]
        declared = {item.node: item for item in found if item.resource is not None and item.resource.type in ask.types}
        target = only(declared.values())
        return None if target is None else replace(target, how=how)

    @cached_property
    def _partly_named(self) -> Mapping[tuple[str, Outline], list[tuple[Value, Resource]]]:
        """By type and outline, the declared names that hold unknown parts."""
        found: dict[tuple[str, Outline], list[tuple[Value, Resource]]] = {}
        for (type_, name), resources in self._by_name.items():
            if not isinstance(name, str):
                found.setdefault((type_, outline(name)), []).extend((name, resource) for resource in resources)
        return found

    def _external(self, named: Named, condition: str | None, how: str, text: Value, ask: _Question) -> Target:
        """A thing that no template declares: one node, whether its ARN or its URL names it, in this account or a literal one."""
        type_, name = self.channel_of[named.type].type, show(named.name)
        node = f"{EXTERNAL}{type_}/{self.places.outside(text, ask.near)}{name}"
        self.externals[node] = (type_, name)
        return Target(node=node, condition=condition, how=how)

    def _nearest(self, found: list[Resource], near: str | None) -> list[Resource]:
        """Of several resources with one name, those that share the asking stack's root; all of them where nobody asks.

        Where they stand in several other roots, none: such stacks are not deployed side by side, and which one is meant is open.
        """
        if len(found) < 2 or near is None:
            return found
        for scope in (near, self.root_of(near)):
            inside = [resource for resource in found if resource.stack == scope or resource.stack.startswith(scope + "/")]
            if inside:
                return inside
        if len({self.root_of(resource.stack) for resource in found}) == 1:
            return found
        ids = sorted(resource.id for resource in found)
        self.gap(f"one name of {len(ids)} resources", f"which of {', '.join(ids)} is meant from {near} is not known", None)
        return []

    def root_of(self, stack: str) -> str:
        """The id of the outermost stack."""
        while (parent := self._stacks[stack].parent if stack in self._stacks else None) is not None:
            stack = parent
        return stack
