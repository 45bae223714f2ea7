"""Calls: the repository's own functions and classes are followed, the SDK's are noted, the rest may call what it is given."""

from __future__ import annotations

from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.core import MAX_CALLS, Frame
from untangle.scanners.code.lowered.expressions import Expressions
from untangle.scanners.code.lowered.library import Site
from untangle.scanners.code.lowered.things import (
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
    closures_in,
    fingerprint,
    join,
    options,
)


class Calls(Expressions):
    """Follows calls."""

    def _invoke(self, expression: s.Invoke, scope: Scope) -> Thing:
        site = Site(self._frames[-1].path, expression.line, expression.text)
        self._line = expression.line
        if isinstance(expression.callee, s.Member):
            owner = self.value(expression.callee.of, scope)
            arguments = self._arguments(expression, scope)
            return join(
                self.method(option, expression.callee.name, arguments, site, new=expression.new) for option in options(owner)
            )
        callee = self.value(expression.callee, scope)
        arguments = self._arguments(expression, scope)
        return self.apply(callee, arguments, site, new=expression.new)

    def _arguments(self, expression: s.Invoke, scope: Scope) -> list[Thing]:
        arguments: list[Thing] = []
        for inner in expression.arguments:
            value = self.value(inner, scope)
            if isinstance(inner, s.Spread) and isinstance(value, Items):
                arguments.extend(value.elements)
            else:
                arguments.append(value)
        return arguments

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """A method of a thing: the SDK's, the repository's, or one that every language has."""
        if isinstance(owner, Client):
            return self.library.send(owner, name, arguments, site, self)
        if isinstance(owner, Native):
            return self.apply(self.library.member(owner, name), arguments, site, new=new)
        if isinstance(owner, Record | Factory):
            member = self.get(owner, name)
            if member is not None and not isinstance(member, Unknown):
                return self.apply(member, arguments, site, new=new)
        return builtin.method(self, owner, name, arguments, site)

    def apply(self, callee: Thing, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """Calls a thing."""
        if isinstance(callee, Options):
            return join(self.apply(option, arguments, site, new=new) for option in callee.all)
        if isinstance(callee, Closure):
            return self._call(callee, arguments)
        if isinstance(callee, Factory):
            return self._make(callee, arguments)
        if isinstance(callee, Native):
            return self.library.call(callee, arguments, site, self, new=new)
        return self._unknown_call(callee, arguments, site)

    def _unknown_call(self, callee: Thing, arguments: list[Thing], site: Site) -> Thing:
        """A call into what is not followed: it may call what it is given; at a module's top level it only wraps it."""
        for thing in arguments:
            if isinstance(thing, Client | Native) and not isinstance(callee, Message):
                return thing  # tracers and configurers hand back the client that they are given
        wrapped = tuple(closures_in(arguments))
        held = tuple(callee.closures) if isinstance(callee, Unknown) else ()
        if not (self._frames and self._frames[-1].is_module):
            for closure in (*wrapped, *held):
                given: list[Thing] = arguments if closure in held else [Unknown(site.text)]
                self.apply(closure, given, site)
        return Unknown(site.text, (*held, *wrapped))

    def _call(self, closure: Closure, arguments: list[Thing]) -> Thing:
        key = (
            id(closure.code),
            id(closure.scope),
            id(closure.this) if isinstance(closure.this, Record) else 0,
            tuple(fingerprint(thing) for thing in arguments),
            bool(self._guards),
            self._loops > 0,
        )
        if key in self._memo:
            return self._memo[key]
        if len(self._frames) > MAX_CALLS:
            return Unknown(closure.code.name)
        self._memo[key] = Unknown(closure.code.name)
        scope = Scope(parent=closure.scope)
        frame = Frame(closure.path, closure.this, [])
        self._frames.append(frame)
        try:
            self._parameters(closure.code, arguments, scope)
            guards = len(self._guards)
            self._block(closure.code.body, scope)
            del self._guards[guards:]
        finally:
            self._frames.pop()
        result = join(frame.returned) if frame.returned else None
        self._memo[key] = result
        return result

    def _parameters(self, code: s.Lambda, arguments: list[Thing], scope: Scope) -> None:
        for i, pattern in enumerate(code.parameters):
            if isinstance(pattern, s.Rest):
                self.bind(pattern.pattern, Items(list(arguments[i:])), scope, declare=True)
                return
            given = arguments[i] if i < len(arguments) else (None if isinstance(pattern, s.Default) else Unknown())
            self.bind(pattern, given, scope, declare=True)
        scope.declare("arguments", Items(list(arguments)), self._depth)

    def _make(self, factory: Factory, arguments: list[Thing]) -> Thing:
        instance = Record(made_by=factory, depth=self._depth)
        self._construct(factory, instance, arguments)
        return instance

    def _construct(self, factory: Factory, instance: Record, arguments: list[Thing]) -> None:
        base = factory.base
        if isinstance(base, Factory):
            self._construct(base, instance, arguments)
        self._frames.append(Frame(factory.path, instance, []))
        try:
            for name, value in factory.code.fields:
                instance.fields[name] = self.value(value, factory.scope)
        finally:
            self._frames.pop()
        for name, code in factory.code.methods:
            if name == "constructor":
                self._call(Closure(code, factory.scope, factory.path, instance), arguments)
