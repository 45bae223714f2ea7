"""Follows a handler through its repository, statement by statement, and notes the SDK requests on the way.

It is an abstract interpreter: both sides of every branch are followed, loops once, functions once for each kind of
arguments. Budgets keep hostile or huge code from taking for ever; running out of one is a gap, not a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from untangle.model.code import Call, Guard
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import ANY_ELEMENT, Path
from untangle.scanners.code.lowered import builtin, recorder
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.library import Library
from untangle.scanners.code.lowered.scope import Scope
from untangle.scanners.code.lowered.things import (
    SCALARS,
    Client,
    Closure,
    Command,
    Encoded,
    Factory,
    Items,
    Message,
    Native,
    Options,
    Record,
    Thing,
    Unknown,
    closures_in,
    fingerprint,
    join,
    literal,
    options,
    text_of,
)

MAX_STEPS = 120_000
MAX_CALLS = 22  # how deep calls are followed
MAX_GUARD = 120


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a call in the source."""

    path: str
    line: int
    text: str


class Interrupted(Exception):
    """A budget ran out."""


@dataclass(slots=True)
class _Frame:
    """One function being followed."""

    path: str
    this: Thing
    returned: list[Thing]
    is_module: bool = False


class Interpreter:
    """Follows one entry point. What it found is in `calls`, `reads`, `variables` and `gaps` afterwards."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.calls: list[Call] = []
        self.reads: dict[Path, Location] = {}
        self.variables: set[str] = set()
        self.gaps: list[Gap] = []
        self.broken: list[Location] = []
        self._modules: dict[str, Record] = {}
        self._globals = Scope(names=dict(library.globals()))
        self._memo: dict[tuple[object, ...], Thing] = {}
        self._guards: list[Guard] = []
        self._loops = 0
        self._depth = 0
        self._steps = 0
        self._frames: list[_Frame] = []
        self._seen: set[tuple[object, ...]] = set()

    # entry

    def run(self, path: str, name: str, event: Thing) -> bool:
        """Follows the exported `name` of a file with this event; whether it was found."""
        try:
            handler = self.get(self.module(path), name, path, 0)
            found = any(
                isinstance(option, Closure | Factory) or (isinstance(option, Unknown) and option.closures)
                for option in options(handler)
            )
            if found:
                self.apply(handler, [event, Unknown("context")], Site(path, 1, name))
        except (Interrupted, RecursionError):
            why = "the code is too large or too deep to be followed to its end"
            self.gaps.append(Gap(what=f"{name} in {path}", why=why, location=Location(path, 1)))
            return True
        return found

    def module(self, path: str) -> Record:
        """The exports of a file, its top level followed once."""
        known = self._modules.get(path)
        if known is not None:
            return known
        exports = self._modules[path] = Record()
        program = self.library.program(path)
        if program is None:
            exports.open = True
            return exports
        if program.broken is not None:
            self.broken.append(Location(path, program.broken))
        scope = Scope(parent=self._globals)
        scope.names.update({"exports": exports, "module": Record({"exports": exports})})
        guards, self._guards, loops, self._loops = self._guards, [], self._loops, 0
        depth, self._depth = self._depth, 0
        self._frames.append(_Frame(path, None, [], is_module=True))
        self._block(program.body, scope)
        self._frames.pop()
        self._guards, self._loops, self._depth = guards, loops, depth
        replaced = scope.names["module"]
        final = replaced.fields.get("exports") if isinstance(replaced, Record) else None
        if final is not exports and final is not None:
            exports.fields.setdefault("default", final)
            for option in options(final):
                if isinstance(option, Record):
                    exports.fields.update(option.fields)
        return exports

    # statements

    def _block(self, statements: tuple[s.Statement, ...], scope: Scope) -> bool:
        """Follows statements; whether the end is reached."""
        for statement in statements:  # functions and classes may be used before the line that declares them
            if (
                isinstance(statement, s.Bind)
                and isinstance(statement.target, s.Name)
                and isinstance(statement.value, s.Lambda | s.Class)
            ):
                scope.declare(statement.target.id, self.value(statement.value, scope), self._depth)
        pushed = 0
        reached = True
        for statement in statements:
            reached = self._statement(statement, scope)
            if not reached:
                break
            if isinstance(statement, s.Branch) and _returns(statement.then) and not statement.otherwise:
                self._guards.append(
                    Guard(kind="early-return", text=f"not ({statement.text})"[:MAX_GUARD], location=self._here(statement.line))
                )
                pushed += 1
        del self._guards[len(self._guards) - pushed :]
        return reached

    def _statement(self, statement: s.Statement, scope: Scope) -> bool:
        self._step()
        if isinstance(statement, s.Bind):
            if not (isinstance(statement.target, s.Name) and isinstance(statement.value, s.Lambda | s.Class)):
                value = self.value(statement.value, scope) if statement.value is not None else None
                self.bind(statement.target, value, scope, declare=True)
        elif isinstance(statement, s.Run):
            self.value(statement.value, scope)
        elif isinstance(statement, s.Return):
            self._frames[-1].returned.append(self.value(statement.value, scope) if statement.value is not None else None)
            return False
        elif isinstance(statement, s.Leave):
            if statement.value is not None:
                self.value(statement.value, scope)
            return False
        elif isinstance(statement, s.Branch):
            return self._branch(statement, scope)
        elif isinstance(statement, s.Loop):
            self._loop(statement, scope)
        elif isinstance(statement, s.Attempt):
            return self._attempt(statement, scope)
        elif isinstance(statement, s.Block):
            return self._block(statement.body, Scope(parent=scope))
        else:
            self._linkage(statement, scope)
        return True

    def _branch(self, statement: s.Branch, scope: Scope) -> bool:
        self.value(statement.test, scope)
        with self._under("if", statement.text, statement.line):
            first = self._block(statement.then, Scope(parent=scope))
        second = True
        if statement.otherwise:
            with self._under("if", f"not ({statement.text})", statement.line):
                second = self._block(statement.otherwise, Scope(parent=scope))
        return first or second

    def _loop(self, statement: s.Loop, scope: Scope) -> None:
        inner = Scope(parent=scope)
        element: Thing = Unknown()
        if statement.over is not None:
            element = builtin.element(self, self.value(statement.over, scope))
        if statement.target is not None:
            self.bind(statement.target, element, inner, declare=True)
        with self._under("loop", statement.text, statement.line):
            self._block(statement.body, inner)

    def _attempt(self, statement: s.Attempt, scope: Scope) -> bool:
        reached = self._block(statement.body, Scope(parent=scope))
        if statement.handler:
            inner = Scope(parent=scope)
            if statement.caught is not None:
                self.bind(statement.caught, Unknown("error"), inner, declare=True)
            with self._under("except", "an error was caught", statement.line):
                reached = self._block(statement.handler, inner) or reached
        return self._block(statement.final, Scope(parent=scope)) and reached

    def _linkage(self, statement: s.Statement, scope: Scope) -> None:
        path = self._frames[-1].path
        if isinstance(statement, s.Import):
            for exported, local in statement.names:
                module = self.imported(statement.source, path)
                thing = module if exported == "*" else self.get(module, exported, path, 0)
                scope.declare(local, thing, 0)
        elif isinstance(statement, s.Export):
            exports = self._modules[path]
            if statement.source is not None:
                module = self.imported(statement.source, path)
                if statement.name == "*":
                    exports.fields.update(module.fields if isinstance(module, Record) else {})
                else:
                    local = statement.value.id if isinstance(statement.value, s.Name) else statement.name
                    exports.fields[statement.name] = self.get(module, local, path, 0)
            else:
                exports.fields[statement.name] = self.value(statement.value or s.Name(statement.name), scope)

    def imported(self, source: str, path: str) -> Thing:
        """A module by the name that an import in `path` gives it."""
        found = self.library.locate(source, path)
        return self.module(found) if found is not None else self.library.package(source)

    # expressions

    def value(self, expression: s.Expr, scope: Scope) -> Thing:
        """What an expression is worth; its calls are noted."""
        self._step()
        if isinstance(expression, s.Const):
            return expression.value
        if isinstance(expression, s.Name):
            known, thing = scope.find(expression.id)
            return thing if known else Unknown(expression.id)
        if isinstance(expression, s.Member):
            return self.get(self.value(expression.of, scope), expression.name, self._frames[-1].path, 0)
        if isinstance(expression, s.Index):
            return self._index(self.value(expression.of, scope), self.value(expression.key, scope))
        if isinstance(expression, s.Invoke):
            return self._invoke(expression, scope)
        if isinstance(expression, s.Object):
            return self._object(expression, scope)
        if isinstance(expression, s.Array):
            return self._array(expression, scope)
        if isinstance(expression, s.Template):
            return text_of([self.value(part, scope) for part in expression.parts])
        if isinstance(expression, s.Either):
            return join([self.value(option, scope) for option in expression.options])
        if isinstance(expression, s.Lambda):
            return Closure(expression, scope, self._frames[-1].path, self._frames[-1].this)
        if isinstance(expression, s.Class):
            return self._class(expression, scope)
        if isinstance(expression, s.Assign):
            value = self.value(expression.value, scope)
            self.bind(expression.target, value, scope, declare=False)
            return value
        if isinstance(expression, s.This):
            return self._frames[-1].this
        if isinstance(expression, s.Module):
            module = self.imported(expression.source, self._frames[-1].path)
            default = module.fields.get("default") if isinstance(module, Record) else None
            return (
                default
                if isinstance(default, Closure | Factory) and isinstance(module, Record) and len(module.fields) == 1
                else module
            )
        if isinstance(expression, s.Spread):
            return self.value(expression.value, scope)
        for part in expression.parts:
            self.value(part, scope)
        return Unknown(expression.text)

    def _object(self, expression: s.Object, scope: Scope) -> Thing:
        record = Record(depth=self._depth, type=expression.type)
        for key, inner in expression.entries:
            value = self.value(inner, scope)
            if key is None:
                _spread(record, value)
                continue
            name = literal(self.value(key, scope))
            if name is not None:
                record.fields[name] = value
            else:
                record.computed.append((self.value(key, scope), value))
        return record

    def _array(self, expression: s.Array, scope: Scope) -> Thing:
        items = Items()
        for inner in expression.items:
            value = self.value(inner, scope)
            if not isinstance(inner, s.Spread):
                items.elements.append(value)
            elif isinstance(value, Items):
                items.elements.extend(value.elements)
                items.open = items.open or value.open
            else:
                items.elements.append(builtin.element(self, value))
                items.open = True
        return items

    def _class(self, expression: s.Class, scope: Scope) -> Thing:
        base = self.value(expression.base, scope) if expression.base is not None else None
        made = Factory(expression, scope, self._frames[-1].path, base)
        for name, value in expression.statics:
            made.statics[name] = self.value(value, scope)
        return made

    def _index(self, thing: Thing, key: Thing) -> Thing:
        names = [name for option in options(key) if (name := literal(option)) is not None]
        if names:
            return join(self.get(thing, name, self._frames[-1].path, 0) for name in names)
        return join(builtin.unknown_key(self, option, key) for option in options(thing))

    # members

    def get(self, thing: Thing, name: str, path: str, line: int) -> Thing:
        """A member of a thing by its name."""
        if isinstance(thing, Options):
            return join(self.get(option, name, path, line) for option in thing.all)
        if isinstance(thing, Record):
            return self._member(thing, name)
        if isinstance(thing, Message):
            if name in thing.assigned:
                return thing.assigned[name]
            step = (*thing.path, ANY_ELEMENT if name.isdigit() else name)
            self.reads.setdefault(step, Location(path, self._line or 1))
            return Message(step)
        if isinstance(thing, Native):
            return self.library.member(thing, name)
        if isinstance(thing, Factory):
            return self._static(thing, name)
        if isinstance(thing, Items):
            if name.isdigit() and int(name) < len(thing.elements):
                return thing.elements[int(name)]
            return builtin.element(self, thing) if name.isdigit() else Unknown(name)
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
                value = self.get(thing, key, self._frames[-1].path, 0)
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
                    self.bind(item, self.get(thing, str(i), self._frames[-1].path, 0), scope, declare=declare)
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

    # calls

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

    _line = 0

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
            member = self.get(owner, name, site.path, site.line)
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
        """A call into what is not followed. It may call the functions that it is given; at a module's top level it only wraps them."""
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
        frame = _Frame(closure.path, closure.this, [])
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
        self._frames.append(_Frame(factory.path, instance, []))
        try:
            for name, value in factory.code.fields:
                instance.fields[name] = self.value(value, factory.scope)
        finally:
            self._frames.pop()
        for name, code in factory.code.methods:
            if name == "constructor":
                self._call(Closure(code, factory.scope, factory.path, instance), arguments)

    # notes

    @property
    def in_loop(self) -> bool:
        """Whether what is followed now may happen many times."""
        return self._loops > 0

    def record(self, service: str, operation: str, parameters: Thing, site: Site, mediated: str | None = None) -> Thing:
        """Notes an SDK request made here; what it answers is not known."""
        location = Location(site.path, site.line)
        guards = tuple(guard for guard in self._guards if guard.kind != "loop")
        at = recorder.Circumstances(location, guards, self._loops > 0, mediated)
        for call in recorder.calls(service, operation, parameters, at):
            key = (call.service, call.operation, call.location, repr(sorted(call.arguments.items(), key=lambda item: item[0])))
            if key not in self._seen:
                self._seen.add(key)
                self.calls.append(call)
        return Unknown(site.text)

    def send(self, command: Thing, site: Site) -> Thing:
        """Sends a request object."""
        for option in options(command):
            if isinstance(option, Command):
                self.record(option.service, option.operation, option.parameters, site)
        return Unknown(site.text)

    @contextmanager
    def _under(self, kind: str, text: str, line: int) -> Iterator[None]:
        self._guards.append(Guard(kind=kind, text=text[:MAX_GUARD], location=self._here(line)))
        self._depth += 1
        self._loops += kind == "loop"
        try:
            yield
        finally:
            self._loops -= kind == "loop"
            self._depth -= 1
            self._guards.pop()

    @contextmanager
    def repeated(self, site: Site) -> Iterator[None]:
        """A callback that is called for every element."""
        with self._under("loop", site.text, site.line):
            yield

    @contextmanager
    def caught(self, site: Site) -> Iterator[None]:
        """A callback that is called when something failed."""
        with self._under("except", "an error was caught", site.line):
            yield

    def _here(self, line: int) -> Location:
        return Location(self._frames[-1].path, line)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Interrupted


def _spread(record: Record, value: Thing) -> None:
    for option in options(value):
        if isinstance(option, Record):
            record.fields.update(option.fields)
            record.computed.extend(option.computed)
            record.open = record.open or option.open
        elif isinstance(option, Message):
            record.fields.update(option.assigned)
            record.open = True
        elif option is not None:
            record.open = True


def _returns(statements: tuple[s.Statement, ...]) -> bool:
    """Whether a branch ends in leaving the function with a value, or this round of a loop, without an error."""
    last = statements[-1] if statements else None
    return isinstance(last, s.Return) or (isinstance(last, s.Leave) and last.value is None)


__all__ = ["SCALARS", "Encoded", "Interpreter", "Site"]
