"""Members of things and what values are bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from untangle.model.location import Location
from untangle.model.shape import ANY_ELEMENT
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.core import Core, Frame
from untangle.scanners.code.lowered.things import (
    Bound,
    Client,
    Closure,
    Factory,
    Items,
    Message,
    Native,
    Options,
    Record,
    Scope,
    Thing,
    Unknown,
    join,
    literal,
    options,
)

MAX_TYPED = 5  # how deep instances are made of declared types alone
MAX_NESTING = 8  # how many classes may stand around one
Answer = TypeVar("Answer")


class Members(Core):
    """Reads and writes of members, and patterns."""

    def get(self, thing: Thing, name: str) -> Thing:
        """A member of a thing by its name."""
        if isinstance(thing, Options):
            return join(self.get(option, name) for option in thing.all)
        if isinstance(thing, Record):
            return self._member(thing, name)
        if isinstance(thing, Message):
            if name in thing.assigned:
                return thing.assigned[name]
            key, kind = (ANY_ELEMENT, thing.type) if name.isdigit() else self.library.step(thing, name, self)
            if key in thing.assigned:
                return thing.assigned[key]
            step = (*thing.path, key)
            self.reads.setdefault(step, Location(self._frames[-1].path if self._frames else "", self._line or 1))
            return Message(step, type=kind, parent=thing)
        if isinstance(thing, Native):
            return self.library.member(thing, name)
        if isinstance(thing, Client):
            return Bound(thing, name)
        if isinstance(thing, Factory):
            return self._static(thing, name)
        if isinstance(thing, Items):
            if name.isdigit() and int(name) < len(thing.elements):
                return thing.elements[int(name)]
            return builtin.element(thing) if name.isdigit() else Unknown(name)
        if isinstance(thing, Unknown):
            return Unknown(f"{thing.text}.{name}" if thing.text and len(thing.text) < 60 else name, thing.closures)
        return Unknown(name)

    def _member(self, record: Record, name: str) -> Thing:
        if name in record.fields:
            return record.fields[name]
        factory: Thing = record.made_by
        while isinstance(factory, Factory):
            found = self._own_method(factory, name, record)
            if found is not None:
                return found
            factory = factory.base
        if record.made_by is not None:
            static = self._static(record.made_by, name)
            return static if not isinstance(static, Unknown) else self._embedded(record, record.made_by, name)
        if record.computed:
            return join(value for _, value in record.computed)
        return Unknown(name) if record.open else None

    def _own_method(self, factory: Factory, name: str, this: Thing) -> Thing:
        """The method of this name that a class itself has, all of them where it is overloaded; None without one."""
        if name in factory.attached:
            found = factory.attached[name]
            return Closure(found.code, found.scope, found.path, this, factory)
        same = [
            Closure(code, factory.scope, factory.path, this, factory) for method, code in factory.code.methods if method == name
        ]
        return join(same) if same else None

    def _embedded(self, record: Record, factory: Factory, name: str) -> Thing:
        """A member of a field whose members are the instance's own too."""
        for field in factory.code.embeds:
            inner = record.fields.get(field)
            found = self.get(inner, name) if isinstance(inner, Record | Options) else None
            if found is not None and not isinstance(found, Unknown):
                return found
        return Unknown(name)

    def _static(self, factory: Factory, name: str) -> Thing:
        self._prepare(factory)
        if name in factory.pending:
            expression = factory.pending.pop(name)
            factory.statics.setdefault(name, self._within(factory, factory, lambda: self.value(expression, factory.scope)))
        if name in factory.statics:
            return factory.statics[name]
        method = self._own_method(factory, name, factory)
        if method is not None:
            return method
        return self._static(factory.base, name) if isinstance(factory.base, Factory) else Unknown(name)

    def _prepare(self, factory: Factory) -> None:
        """Runs what a class does when it is first used."""
        if factory.ready:
            return
        factory.ready = True
        if factory.code.setup:
            self._within(factory, factory, lambda: self._block(factory.code.setup, Scope(parent=factory.scope)))

    def _within(self, factory: Factory, this: Thing, work: Callable[[], Answer]) -> Answer:
        """Does something as the class or an instance of it would."""
        self._frames.append(Frame(factory.path, this, [], owner=factory))
        try:
            return work()
        finally:
            self._frames.pop()

    def _typed(self, thing: Thing, kind: s.Expr, scope: Scope) -> Thing:
        """A value of a declared type: where nothing else is known of it, what its type says."""
        if isinstance(thing, Message) and thing.type is None:
            return Message(thing.path, thing.assigned, self.value(kind, scope), thing.parent, thing.allowed)
        if not isinstance(thing, Unknown) or thing.closures or self._typing >= MAX_TYPED:
            return thing
        self._typing += 1
        try:
            made = self.library.instance(self.value(kind, scope), self)
        finally:
            self._typing -= 1
        return thing if isinstance(made, Unknown) else made

    def bind(self, target: s.Pattern, thing: Thing, scope: Scope, *, declare: bool) -> None:
        """Puts a thing under a name, into a member or apart into several."""
        if isinstance(target, s.Name):
            if declare:
                scope.declare(target.id, thing, self._depth)
            elif self.library.implicit_this and not scope.find(target.id)[0]:
                self._set_own(target.id, thing)
            else:
                scope.assign(target.id, thing, self._depth)
        elif isinstance(target, s.Typed):
            self.bind(target.pattern, self._typed(thing, target.type, scope), scope, declare=declare)
        elif isinstance(target, s.Default):
            given = (
                thing if thing is not None and not isinstance(thing, Unknown) else join((thing, self.value(target.value, scope)))
            )
            self.bind(target.pattern, given, scope, declare=declare)
        elif isinstance(target, s.Rest):
            self.bind(target.pattern, thing, scope, declare=declare)
        elif isinstance(target, s.Member | s.Index):
            self._store(target, thing, scope)
        else:
            self._take_apart(target, thing, scope, declare=declare)

    def _take_apart(self, target: s.Fields | s.Elements, thing: Thing, scope: Scope, *, declare: bool) -> None:
        if isinstance(target, s.Elements):
            for i, item in enumerate(target.items):
                if isinstance(item, s.Rest):
                    self.bind(item.pattern, thing, scope, declare=declare)
                elif item is not None:
                    self.bind(item, self.get(thing, str(i)), scope, declare=declare)
            return
        for key, pattern, default in target.entries:
            value = self.get(thing, key)
            if default is not None and (value is None or isinstance(value, Unknown)):
                value = join((self.value(default, scope), value))
            self.bind(pattern, value, scope, declare=declare)
        if target.rest is not None:
            scope.declare(target.rest, thing, self._depth)

    def _store(self, target: s.Member | s.Index, thing: Thing, scope: Scope) -> None:
        owner = self.value(target.of, scope)
        key = target.name if isinstance(target, s.Member) else self.value(target.key, scope)
        self._put(owner, key, thing)

    def _set_own(self, name: str, thing: Thing) -> None:
        """Sets a member of the instance or class that a method runs on, or of one around it."""
        for owner in self._around():
            chain: Thing = owner.made_by if isinstance(owner, Record) else owner
            while isinstance(chain, Factory):
                if any(field == name for field, _ in chain.code.fields) and isinstance(owner, Record):
                    self._put(owner, name, thing)
                    return
                if any(field == name for field, _ in chain.code.statics):
                    chain.pending.pop(name, None)
                    self._put(chain, name, thing)
                    return
                chain = chain.base

    def own(self, name: str) -> tuple[bool, Thing]:
        """Whether a bare name is a member of the instance or class that a method runs on, or of one around it; and what it is."""
        for owner in self._around():
            found = self.get(owner, name)
            if found is not None and not (isinstance(found, Unknown) and found.text == name and not found.closures):
                return True, found
            if isinstance(owner, Record) and name in owner.fields:
                return True, found
        return False, None

    def own_method(self, name: str) -> tuple[bool, Thing]:
        """The same for a method, where methods have names of their own."""
        frame = self._frames[-1] if self._frames else None
        if name == "constructor" and frame is not None and frame.owner is not None:
            return True, self._own_method(frame.owner, name, frame.this)
        for owner in self._around():
            found = self.called(owner, name)
            if found is not None:
                return True, found
        return False, None

    def called(self, owner: Thing, name: str) -> Thing:
        """The method of the repository that a call of this name means; None without one."""
        if not self.library.implicit_this:
            member = self.get(owner, name)
            return None if isinstance(member, Unknown) else member
        if isinstance(owner, Message):
            return self._method(owner.type, name, owner) if isinstance(owner.type, Factory) else None
        holder = owner.made_by if isinstance(owner, Record) else owner
        return self._method(holder, name, owner) if isinstance(holder, Factory) else None

    def _method(self, factory: Thing, name: str, this: Thing) -> Thing:
        while isinstance(factory, Factory):
            if factory is this:
                self._prepare(factory)
            found = self._own_method(factory, name, this)
            if found is not None:
                return found
            factory = factory.base
        return None

    def _around(self) -> Iterator[Record | Factory]:
        frame = self._frames[-1] if self._frames else None
        owner = frame.this if frame is not None else None
        for _ in range(MAX_NESTING):
            if isinstance(owner, Message) and isinstance(frame, Frame) and frame.owner is not None:
                owner = frame.owner
            if not isinstance(owner, Record | Factory):
                return
            yield owner
            made = owner.made_by if isinstance(owner, Record) else owner
            owner = made.outer if made is not None else None

    def _put(self, owner: Thing, key: Thing, thing: Thing) -> None:
        """Sets a member of a thing."""
        name = literal(key)
        for option in options(owner):
            if isinstance(option, Record) and name is not None:
                old = option.fields.get(name)
                option.fields[name] = thing if self._depth <= option.depth or old is None else join((thing, old))
            elif isinstance(option, Record):
                option.computed.append((key, thing))
            elif isinstance(option, Message) and name is not None:
                option.assigned[self.library.step(option, name, self)[0]] = thing
            elif isinstance(option, Factory) and name is not None:
                option.statics[name] = thing
            elif isinstance(option, Items):
                option.elements.append(thing)
