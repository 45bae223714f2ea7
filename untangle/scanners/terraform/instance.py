"""One use of a module: its variables, locals and outputs, its resources, the modules that it calls.

Everything is evaluated when it is asked for, once. What is asked for while it is worked out is an unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from untangle.model.condition import is_off, off
from untangle.model.location import Location
from untangle.model.value import Ref, Symbol, Value
from untangle.scanners.terraform import specials
from untangle.scanners.terraform.body import META, attribute_value, attributes, one
from untangle.scanners.terraform.expansion import MAX_INSTANCES, SINGLE, Expansion, Slot, expand
from untangle.scanners.terraform.expressions import evaluate
from untangle.scanners.terraform.library import STAND_IN, SUPPOSED
from untangle.scanners.terraform.module import Declared, Key, Module, source_of
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import Body, Literal, Node
from untangle.scanners.terraform.types import convert
from untangle.scanners.terraform.unknowns import Lazy, Open, TooMuch, Wrong, settled
from untangle.scanners.terraform.world import MAX_MODULES, MAX_NESTING, World

Given = Mapping[str, Callable[[bool], Value]]
_CALL = frozenset((*META, "source", "version"))


class Part(NamedTuple):
    """One instance of a resource or of a module call, with the scope of its arguments."""

    address: str
    declared: Declared
    slot: Slot
    scope: Scope
    condition: str | None

    def attributes(self, lines: dict[tuple[str | int, ...], int], skip: frozenset[str] = META) -> Mapping[str, Value]:
        """Its arguments and blocks; their lines go into `lines`."""
        return attributes(self.scope, self.declared.block.body, self.address, lines, skip=skip)


class Instance:
    """A module that is used. `given` are the values of its variables, `condition` that under which it is used.

    `place` is where a stand-in is called: what it makes is written nowhere else.
    """

    def __init__(
        self,
        module: Module,
        world: World,
        given: Given,
        *,
        path: str = "",
        key: tuple[str, ...] = (),
        condition: str | None = None,
        supposed: bool = False,
        around: tuple[str, ...] = (),
        place: Location | None = None,
    ) -> None:
        self.module = module
        self.world = world
        self.path = path
        self.key = key
        self.condition = condition
        self.place = place
        self.around = (*around, module.folder)
        self.id = f"{world.id}/{path}" if path else world.id
        self.own: Mapping[str, Callable[[Sequence[Value]], Value]] = {}
        self.scope = Scope(self, {}, evaluate, supposed)
        self._given = given
        self._done: dict[tuple[str, str, bool], Value | Wrong] = {}
        self._expansions: dict[tuple[str, ...], Expansion] = {}
        self._parts: dict[Key, tuple[Part, ...]] = {}
        self._children: dict[str, tuple[Expansion, tuple[Instance | None, ...]]] = {}
        self._spaces: dict[tuple[str, bool], Value] = {}

    # what expressions ask

    def lookup(self, name: str, *, supposed: bool) -> Value:
        """See `Surroundings.lookup`."""
        space = (name, supposed)
        if space not in self._spaces:
            self._spaces[space] = self._space(name, supposed)
        return self._spaces[space]

    def _space(self, name: str, supposed: bool) -> Value:
        if name == "var":
            return Open(self.module.variables, lambda variable: self.variable(variable, supposed))
        if name == "local":
            return Open(self.module.locals, lambda local: self.local(local, supposed))
        if name == "module":
            return Open(self.module.calls, lambda call: self._called(call, supposed))
        if name in ("data", "ephemeral"):
            types = {type_ for mode, type_ in self.module.names if mode == name}
            return Open(sorted(types), lambda type_: self._resources(name, type_, supposed))
        if name == "path":
            return {"module": self.world.path(self.module.folder), "root": ".", "cwd": "."}
        if name in ("terraform", "tofu"):
            return {
                "workspace": Symbol("terraform.workspace", self.world.id),
                "env": Symbol("terraform.workspace", self.world.id),
            }
        if name in ("each", "count", "self"):
            raise Wrong(f"{name} means nothing here")
        return self._resources("managed", name, supposed)

    def _resources(self, mode: str, type_: str, supposed: bool) -> Value:
        space = (f"{mode}.{type_}", supposed)
        if space not in self._spaces:
            names = self.module.names.get((mode, type_), ())
            self._spaces[space] = Open(names, lambda name: self._resource((mode, type_, name), supposed))
        return self._spaces[space]

    def _resource(self, key: Key, supposed: bool) -> Value:
        if key not in self.module.resources:
            return Ref(f"{self.world.id}/{self._address(key)}")
        return self.expansion(key).value(lambda slot: Ref(self._id(key, slot)), supposed=supposed)

    def _id(self, key: Key, slot: Slot) -> str:
        return f"{self.world.id}/{self._address(key)}{slot.suffix}"

    def _address(self, key: Key) -> str:
        mode, type_, name = key
        local = f"{type_}.{name}" if mode == "managed" else f"{mode}.{type_}.{name}"
        return f"{self.path}.{local}" if self.path else local

    def _called(self, name: str, supposed: bool) -> Value:
        base = f"{self.path}.module.{name}" if self.path else f"module.{name}"
        if name not in self.module.calls:
            return Ref(f"{self.world.id}/{base}", "output")
        expansion = self.expansion(("module", name))
        children = {slot.key: child for slot, child in zip(expansion.slots, self.children(name), strict=True)}

        def outputs(slot: Slot) -> Value:
            child = children.get(slot.key)
            if child is None:
                return Ref(f"{self.world.id}/{base}{slot.suffix}", "output")
            if child.module.folder.startswith(SUPPOSED):
                missing = f"{self.world.id}/{base}{slot.suffix}"
                return Open(child.module.outputs, lambda name: _output_of(child, name, supposed, missing))
            return Lazy(child.module.outputs, lambda output: child.output(output, supposed))

        return expansion.value(outputs, supposed=supposed)

    def follow(self, resource: str, attribute: str) -> Value:
        """See `Surroundings.follow`."""
        configured = self.world.configured.get(resource)
        return configured(attribute) if configured else None

    def special(self, resource: str, attribute: str) -> Value:
        """See `Surroundings.special`."""
        special = self.world.special.get(resource)
        return special(attribute) if special else None

    def file(self, path: str) -> str | None:
        """See `Surroundings.file`."""
        return self.world.file(path)

    def files(self, folder: str) -> tuple[str, ...] | None:
        """See `Surroundings.files`."""
        return self.world.files(folder)

    def template(self, text: str) -> Node:
        """See `Surroundings.template`."""
        return self.world.template(text)

    def spend(self, amount: int) -> None:
        """See `Surroundings.spend`."""
        self.world.spend(amount)

    def excess(self, why: str) -> None:
        """See `Surroundings.excess`."""
        self.world.notes.gap(f"parts of the module {self.id}", why, None)

    # what it declares

    def variable(self, name: str, supposed: bool) -> Value:
        """The value of a variable: what was given, its default, else an unknown."""
        place = ("var", name, supposed)
        if place not in self._done:
            self._work_out(place, Symbol(name, self.id), lambda: self._variable(name, supposed))
        return self._outcome(place)

    def _variable(self, name: str, supposed: bool) -> Value:
        declared = self.module.variables.get(name)
        body = declared.block.body if declared else Body()
        default, type_, nullable = (body.attributes.get(key) for key in ("default", "type", "nullable"))
        value: Value = None
        given = self._given.get(name)
        if given is not None:
            value = given(supposed or self.scope.supposed)
            if value is not None or nullable is None or nullable.value != Literal(False):
                return convert(value, type_.value if type_ else None, self._default)
        if default is None:
            return Symbol(name, self.id)
        value = convert(attribute_value(self.scope, default, f"var.{name}"), type_.value if type_ else None, self._default)
        return Symbol(name, self.id) if self._refused(name, body, value) else value

    def _refused(self, name: str, body: Body, value: Value) -> bool:
        """Whether a variable's own validation does not take its default: then it is given elsewhere, by who deploys."""
        if not body.blocks:
            return False
        place = self.scope.inside({"var": Open((name,), lambda other: value if other == name else Symbol(other, self.id))})
        for block in body.blocks:
            condition = block.body.attributes.get("condition") if block.kind == "validation" else None
            if condition is not None and attribute_value(place, condition, f"var.{name}") is False:
                return True
        return False

    def _default(self, node: Node) -> Value:
        return evaluate(self.scope, node)

    def local(self, name: str, supposed: bool) -> Value:
        """The value of a local. Raises Wrong where it has none."""
        attribute = self.module.locals.get(name)
        if attribute is None:
            return Symbol(f"local.{name}", self.id)
        return self._evaluated("local", name, attribute.value, supposed)

    def output(self, name: str, supposed: bool) -> Value:
        """The value of an output. Raises Wrong where there is none."""
        declared = self.module.outputs.get(name)
        attribute = declared.block.body.attributes.get("value") if declared else None
        if attribute is None:
            raise Wrong(f"there is no output {name}")
        return self._evaluated("output", name, attribute.value, supposed)

    def _evaluated(self, kind: str, name: str, node: Node, supposed: bool) -> Value:
        place = (kind, name, supposed)
        if place not in self._done:
            scope = self.scope.supposing(supposed)
            self._work_out(place, Symbol(f"{kind}.{name}", self.id), lambda: settled(evaluate(scope, node)))
        return self._outcome(place)

    def _work_out(self, place: tuple[str, str, bool], fallback: Symbol, work: Callable[[], Value]) -> None:
        """Evaluates, once; the fallback is what it is while that is under way, and where it is too much."""
        self._done[place] = fallback
        try:
            self._done[place] = work()
        except Wrong as wrong:
            self._done[place] = wrong
        except (TooMuch, RecursionError) as excess:
            self.excess(str(excess) if isinstance(excess, TooMuch) else "its values are nested too deep")

    def _outcome(self, place: tuple[str, str, bool]) -> Value:
        found = self._done[place]
        if isinstance(found, Wrong):
            raise Wrong(str(found))
        return found

    # what it is made of

    def expansion(self, key: tuple[str, ...]) -> Expansion:
        """The instances of a resource, by mode, type and name, or of a call, by "module" and its name."""
        known = self._expansions.get(key)
        if known is None:
            declared = self.module.calls[key[1]] if key[0] == "module" else self.module.resources[(key[0], key[1], key[2])]
            self._expansions[key] = SINGLE  # for what refers to itself
            known = self._expansions[key] = expand(self.scope, declared.block.body, ".".join(key))
            if known.more:
                why = f"it has more than {MAX_INSTANCES} instances; the first ones are read"
                self.world.notes.gap(".".join(key), why, declared.location)
            if key[0] != "module":
                self._register((key[0], key[1], key[2]), known)
        return known

    def _register(self, key: Key, expansion: Expansion) -> None:
        """Says where the configured arguments of these resources are found."""
        self._parts[key] = parts = tuple([self._part(key, slot) for slot in expansion.slots])
        for part in parts:
            id = f"{self.world.id}/{part.address}"
            self.world.configured[id] = _Configured(part)
            special = specials.special(key, part.scope, part.declared.block.body, part.address)
            if special is not None:
                self.world.special[id] = special

    def _part(self, key: Key, slot: Slot) -> Part:
        address = f"{self._address(key)}{slot.suffix}"
        return self._made(address, self.module.resources[key], slot, {"self": Ref(f"{self.world.id}/{address}")})

    def _made(self, address: str, declared: Declared, slot: Slot, names: Mapping[str, Value]) -> Part:
        supposed = self.scope.supposed or slot.present is False
        scope = Scope(self, {**slot.names, **names}, evaluate, supposed)
        return Part(address, declared, slot, scope, _both(self.condition, slot.needs))

    def parts(self) -> Iterator[tuple[Key, Part]]:
        """Every instance of every resource."""
        for key in sorted(self.module.resources):
            slots = self.expansion(key).slots
            for part in self._parts.get(key) or [self._part(key, slot) for slot in slots]:
                yield key, part

    def call(self, name: str) -> Iterator[Part]:
        """Every instance of a module call."""
        base = f"{self.path}.module.{name}" if self.path else f"module.{name}"
        for slot in self.expansion(("module", name)).slots:
            yield self._made(f"{base}{slot.suffix}", self.module.calls[name], slot, {})

    def children(self, name: str) -> tuple[Instance | None, ...]:
        """The instances that a call makes; None for each where the module is not in the tree."""
        expansion = self.expansion(("module", name))
        known = self._children.get(name)
        if known is None or known[0] is not expansion:  # asked for while it was worked out how many there are, it has others now
            module = self._target(name)
            known = self._children[name] = expansion, tuple(self._child(name, module, part) for part in self.call(name))
        return known[1]

    def _target(self, name: str) -> Module | None:
        declared = self.module.calls[name]
        library = self.world.library
        found = library.local(self.module.folder, source_of(declared)) or library.fetched(
            self.world.folder, ".".join((*self.key, name))
        )
        found = found or library.known(source_of(declared)) or self._supposed(name, declared)
        if found is not None and (found.folder in self.around or len(self.around) > MAX_NESTING):
            self.world.notes.gap(f"the module {self.id}/module.{name}", f"{found.folder or '.'} calls itself", declared.location)
            return None
        return found

    def _supposed(self, name: str, declared: Declared) -> Module | None:
        """The stand-in for an unknown module, by what its call shows; what else it makes is not known."""
        found = self.world.library.supposed(self.module.folder, declared, source_of(declared))
        if found is None:
            return None
        why = f"its source is not in the tree; by its name and arguments it is taken to make a {found[0]}; what else is not seen"
        self.world.notes.gap(f"the module {self.id}/module.{name}", why, declared.location)
        return found[1]

    def _child(self, name: str, module: Module | None, part: Part) -> Instance | None:
        if module is None or part.slot.empty:
            return None
        self.world.modules += 1
        if self.world.modules > MAX_MODULES:
            self.world.notes.gap(f"modules of {self.world.id}", f"there are more than {MAX_MODULES}", None)
            return None
        return Instance(
            module,
            self.world,
            _passed(part),
            path=part.address,
            key=(*self.key, name),
            condition=part.condition,
            supposed=part.scope.supposed,
            around=self.around,
            place=self.place or (part.declared.location if module.folder.startswith(STAND_IN) else None),
        )

    def family(self) -> Iterator[Instance]:
        """This instance and all that are called from it."""
        yield self
        for name in sorted(self.module.calls):
            for child in self.children(name):
                if child is not None:
                    yield from child.family()


def _output_of(child: Instance, name: str, supposed: bool, module: str) -> Value:
    """An output of a stand-in that may have others."""
    return child.output(name, supposed) if name in child.module.outputs else Ref(module, f"output.{name}")


def _passed(part: Part) -> Given:
    """The arguments of a call, each evaluated in the caller when it is asked for."""

    def value(name: str) -> Callable[[bool], Value]:
        return lambda supposed: one(part.scope.supposing(supposed), part.declared.block.body, name, part.address)

    return {name: value(name) for name in _names(part.declared.block.body) if name not in _CALL}


def _names(body: Body) -> Iterable[str]:
    return (*body.attributes, *(block.kind for block in body.blocks))


def _both(outer: str | None, inner: str | None) -> str | None:
    """The condition of what stands inside a module that has a condition itself."""
    text = f"({outer}) and ({inner})" if outer and inner else None
    return outer or inner if text is None else off(text) if is_off(outer) or is_off(inner) else text


class _Configured:
    """The arguments of one resource by name; None where one is not written, or is being worked out."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._done: dict[str, Value] = {}

    def __call__(self, attribute: str) -> Value:
        if attribute not in self._done:
            self._done[attribute] = None
            self._done[attribute] = one(self._part.scope, self._part.declared.block.body, attribute, self._part.address)
        return self._done[attribute]
