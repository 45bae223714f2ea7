"""Calls: the repository's own functions and classes are followed, the SDK's are noted, the rest may call what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.code import SWALLOWED
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import TAKEN
from untangle.scanners.code.lowered.core import MAX_CALLS, Followed, Frame
from untangle.scanners.code.lowered.expressions import Expressions
from untangle.scanners.code.lowered.library import Site
from untangle.scanners.code.lowered.swallowing import takes
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
    closures_in,
    fingerprint,
    join,
    options,
)
from untangle.scanners.code.places import ECHO, HELD, Or


class Calls(Expressions):
    """Follows calls."""

    def _invoke(self, expression: s.Invoke, scope: Scope) -> Thing:
        around, self._answer = self._answer, expression.answer
        self._shields += expression.answer == TAKEN
        try:
            with self.by(id(expression)):
                return self._invoked(expression, scope)
        finally:
            self._answer = around
            self._shields -= expression.answer == TAKEN

    def _invoked(self, expression: s.Invoke, scope: Scope) -> Thing:
        site = Site(self._frames[-1].path, expression.line, expression.text)
        self._line = expression.line
        if isinstance(expression.callee, s.Member):
            name, taken = expression.callee.name, self._taken(expression, scope)
            with self.swallowing(taken):
                owner = self.value(expression.callee.of, scope)
            with self.swallowing(expression.line if name == "allSettled" else None):
                arguments = self._arguments(expression, scope)
            if isinstance(expression.callee.of, s.Super):
                return self._of_base(name, arguments, site)
            found: list[Thing] = []
            for number, option in enumerate(options(owner)):
                with self.by(Or(number)), self.swallowing(taken if name == "then" else None):
                    found.append(self.method(option, name, arguments, site, new=expression.new))
            return join(found)
        if isinstance(expression.callee, s.Super):
            self._construct_base(self._arguments(expression, scope))
            return None
        callee = self.value(expression.callee, scope)
        arguments = self._arguments(expression, scope)
        return self.apply(callee, arguments, site, new=expression.new)

    def _taken(self, expression: s.Invoke, scope: Scope) -> int | None:
        """The line of a call of `catch`, or of `then` with two functions, that may swallow errors of the promise before it."""
        place = _HANDLING.get(expression.callee.name) if isinstance(expression.callee, s.Member) else None
        given = expression.arguments
        return expression.line if place is not None and len(given) > place and takes(given[place], scope) else None

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
        own = isinstance(owner, Factory) or (isinstance(owner, Record) and owner.made_by is not None)
        if own:
            member = self.called(owner, name)
            if member is not None:
                return self.apply(member, arguments, site, new=new)
        known, thing = self.library.method(owner, name, arguments, site, self)
        if known:
            return thing
        if isinstance(owner, Record) and not own:
            member = self.get(owner, name)
            if member is not None and (not isinstance(member, Unknown) or member.closures):
                return self.apply(member, arguments, site, new=new)
        return builtin.method(self, owner, name, arguments, site)

    def apply(self, callee: Thing, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """Calls a thing."""
        if isinstance(callee, Options):
            found: list[Thing] = []
            for number, option in enumerate(_fitting(callee.all, len(arguments))):
                with self.by(Or(number)):
                    found.append(self.apply(option, arguments, site, new=new))
            return join(found)
        if isinstance(callee, Closure):
            return self._call(callee, arguments)
        if isinstance(callee, Factory):
            return arguments[0] if callee.code.converts and arguments and not new else self._make(callee, arguments)
        if isinstance(callee, Bound):
            return self.library.send(callee.client, callee.name, arguments, site, self)
        if isinstance(callee, Native):
            return self.library.call(callee, arguments, site, self, new=new)
        return self._unknown_call(callee, arguments, site)

    def _unknown_call(self, callee: Thing, arguments: list[Thing], site: Site) -> Thing:
        """A call into what is not followed: it may call what it is given; at a handler's top level it only wraps it."""
        for thing in arguments:
            wrapped_thing = isinstance(thing, Client) or (isinstance(thing, Native) and self.library.commonjs)
            if wrapped_thing and not isinstance(callee, Message):
                return thing  # tracers and configurers hand back the client that they are given
        wrapped = tuple(closures_in(arguments))
        held = tuple(callee.closures) if isinstance(callee, Unknown) else ()
        if self.script or not (self._frames and self._frames[-1].is_module):
            echoed = [closure for thing in arguments for closure in _held_in(thing)]
            for closure in (*wrapped, *held):
                given: list[Thing] = arguments if closure in held else [Unknown(site.text)]
                step = (HELD,) if closure in held else (ECHO,) if any(closure is one for one in echoed) else ()
                with self.by(*step), self.shielded():
                    self.apply(closure, given, site)
        return Unknown(site.text, (*held, *wrapped))

    def _call(self, closure: Closure, arguments: list[Thing]) -> Thing:
        arguments = [*closure.given, *arguments]
        key = (
            id(closure.code),
            id(closure.scope),
            id(closure.this) if isinstance(closure.this, Record) else 0,
            tuple(fingerprint(thing) for thing in arguments),
            any(guard.kind != SWALLOWED for guard in self._guards),
            self._loops > 0,
            tuple((id(held.owner), held.key, fingerprint(held.now)) for held in self.narrowed),
        )
        if key in self._memo:
            self._repeat(key)
            return self._memo[key]
        if len(self._frames) > MAX_CALLS:
            return Unknown(closure.code.name)
        self._memo[key] = Unknown(closure.code.name)
        scope = Scope(parent=closure.scope)
        frame = Frame(closure.path, closure.this, [], owner=closure.owner)
        self._frames.append(frame)
        self._inside.append(set())
        start, way, asked = len(self._meetings), len(self._way), len(self._asked_here())
        try:
            self._parameters(closure.code, arguments, scope)
            guards = len(self._guards)
            self._block(closure.code.body, scope)
            del self._guards[guards:]
        finally:
            self._frames.pop()
            made = self._inside.pop()
            self._inside[-1] |= made
        followed = self._followed[key] = Followed(self._meetings[start:], frozenset(made), way, asked)
        for around, under in self._recursive.pop(key, ()):
            with self.shielded():  # what stood around the place where it calls itself
                self._meet_again(followed, around, under)
        result = join(frame.returned) if frame.returned else None
        self._memo[key] = result
        return result

    def _repeat(self, key: tuple[object, ...]) -> None:
        """Notes that a function which was followed, or is being followed, is called once more."""
        if key in self._followed:
            self._meet_again(self._followed[key], tuple(self._way), self._asked_here())
        else:
            self._recursive.setdefault(key, []).append((tuple(self._way), self._asked_here()))

    def _parameters(self, code: s.Lambda, arguments: list[Thing], scope: Scope) -> None:
        for i, pattern in enumerate(code.parameters):
            if isinstance(pattern, s.Rest):
                self.bind(pattern.pattern, Items(list(arguments[i:])), scope, declare=True)
                return
            given = arguments[i] if i < len(arguments) else (None if isinstance(pattern, s.Default) else Unknown())
            self.bind(pattern, given, scope, declare=True)
        if self.library.commonjs:
            scope.declare("arguments", Items(list(arguments)), self._depth)

    def _make(self, factory: Factory, arguments: list[Thing]) -> Thing:
        self._prepare(factory)
        instance = Record(made_by=factory, depth=self._depth)
        around = self._frames[-1].this if self._frames else None
        if isinstance(around, Record) and around.made_by is factory.outer and around.made_by is not None:
            instance.made_by = replace(factory, outer=around)  # an inner class belongs to the instance that makes it
        self._construct(factory, instance, arguments)
        return instance

    def _construct(self, factory: Factory, instance: Record, arguments: list[Thing]) -> None:
        """Makes an instance's part of one class. A constructor makes that of the class above itself, by `Super`."""
        constructor = self._own_method(factory, "constructor", instance)
        if constructor is None:
            self._construct_above(factory, instance, arguments)
            self._fill(factory, instance)
            return
        if factory.code.base is None:
            self._fill(factory, instance)
        self.apply(constructor, arguments, Site(factory.path, factory.code.line, factory.code.name))

    def _fill(self, factory: Factory, instance: Record) -> None:
        for name, value in factory.code.fields:
            instance.fields[name] = self._within(factory, instance, lambda value=value: self.value(value, factory.scope))  # type: ignore[misc]

    def _construct_base(self, arguments: list[Thing]) -> None:
        frame = self._frames[-1]
        if frame.owner is None or not isinstance(frame.this, Record):
            return
        self._construct_above(frame.owner, frame.this, arguments)
        self._fill(frame.owner, frame.this)

    def _construct_above(self, factory: Factory, instance: Record, arguments: list[Thing]) -> None:
        """Makes the part of an instance that the class above a class holds: the repository's, or a package's."""
        if isinstance(factory.base, Factory):
            self._construct(factory.base, instance, arguments)
        elif isinstance(factory.base, Native):
            site = Site(self._frames[-1].path, self._line or factory.code.line, factory.code.name)
            self.library.call(factory.base, arguments, site, self, new=True)

    def _of_base(self, name: str, arguments: list[Thing], site: Site) -> Thing:
        """`super.name(…)`: the method as the classes above the method's own have it."""
        frame = self._frames[-1]
        base = frame.owner.base if frame.owner is not None else None
        while isinstance(base, Factory):
            found = self._own_method(base, name, frame.this)
            if found is not None:
                return self.apply(found, arguments, site)
            base = base.base
        return self._unknown_call(Unknown(name), arguments, site)


_HANDLING = {"catch": 0, "exceptionally": 0, "then": 1}  # which of what is given to a promise handles its errors


def _fitting(options: tuple[Thing, ...], count: int) -> tuple[Thing, ...]:
    """Of overloaded methods those that take this many arguments; all where none does."""
    found = tuple(option for option in options if not isinstance(option, Closure) or _takes(option.code, count))
    return found if any(isinstance(option, Closure) for option in found) else options


def _held_in(thing: Thing, depth: int = 0) -> Iterator[Thing]:
    """The functions that what unknown code has given back stands for: they were followed when it was given them."""
    if isinstance(thing, Unknown):
        yield from thing.closures
    elif depth < 3 and isinstance(thing, Options | Items):
        for inner in thing.all if isinstance(thing, Options) else thing.elements:
            yield from _held_in(inner, depth + 1)


def _takes(code: s.Lambda, count: int) -> bool:
    return len(code.parameters) == count or any(isinstance(pattern, s.Rest | s.Default) for pattern in code.parameters)
