"""Members of things and what values are bound to."""

from __future__ import annotations

from untangle.model.location import Location
from untangle.model.shape import ANY_ELEMENT
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.core import Core
from untangle.scanners.code.lowered.things import (
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
            step = (*thing.path, ANY_ELEMENT if name.isdigit() else name)
            self.reads.setdefault(step, Location(self._frames[-1].path if self._frames else "", self._line or 1))
            return Message(step)
        if isinstance(thing, Native):
            return self.library.member(thing, name)
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
            for method, code in factory.code.methods:
                if method == name:
                    return Closure(code, factory.scope, factory.path, record)
            factory = factory.base
        if record.computed:
            return join(value for _, value in record.computed)
        return Unknown(name) if record.open or record.made_by is not None else None

    def _static(self, factory: Factory, name: str) -> Thing:
        if name in factory.statics:
            return factory.statics[name]
        for method, code in factory.code.methods:
            if method == name:
                return Closure(code, factory.scope, factory.path, factory)
        return self._static(factory.base, name) if isinstance(factory.base, Factory) else Unknown(name)

    def bind(self, target: s.Pattern, thing: Thing, scope: Scope, *, declare: bool) -> None:
        """Puts a thing under a name, into a member or apart into several."""
        if isinstance(target, s.Name):
            if declare:
                scope.declare(target.id, thing, self._depth)
            else:
                scope.assign(target.id, thing, self._depth)
        elif isinstance(target, s.Default):
            given = (
                thing if thing is not None and not isinstance(thing, Unknown) else join((thing, self.value(target.value, scope)))
            )
            self.bind(target.pattern, given, scope, declare=declare)
        elif isinstance(target, s.Fields):
            for key, pattern, default in target.entries:
                value = self.get(thing, key)
                if default is not None and (value is None or isinstance(value, Unknown)):
                    value = join((self.value(default, scope), value))
                self.bind(pattern, value, scope, declare=declare)
            if target.rest is not None:
                scope.declare(target.rest, thing, self._depth)
        elif isinstance(target, s.Elements):
            for i, item in enumerate(target.items):
                if isinstance(item, s.Rest):
                    self.bind(item.pattern, thing, scope, declare=declare)
                elif item is not None:
                    self.bind(item, self.get(thing, str(i)), scope, declare=declare)
        elif isinstance(target, s.Rest):
            self.bind(target.pattern, thing, scope, declare=declare)
        else:
            self._store(target, thing, scope)

    def _store(self, target: s.Member | s.Index, thing: Thing, scope: Scope) -> None:
        owner = self.value(target.of, scope)
        name = target.name if isinstance(target, s.Member) else literal(self.value(target.key, scope))
        for option in options(owner):
            if isinstance(option, Record) and name is not None:
                old = option.fields.get(name)
                option.fields[name] = thing if self._depth <= option.depth or old is None else join((thing, old))
            elif isinstance(option, Record) and isinstance(target, s.Index):
                option.computed.append((self.value(target.key, scope), thing))
            elif isinstance(option, Message) and name is not None:
                option.assigned[name] = thing
            elif isinstance(option, Factory) and name is not None:
                option.statics[name] = thing
            elif isinstance(option, Items):
                option.elements.append(thing)
