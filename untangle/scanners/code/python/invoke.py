"""Calls: a function of the tree is read with the arguments it is given; what it does is remembered for those arguments."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Mapping
from dataclasses import replace

from untangle.model.resource import Gap
from untangle.model.value import Concat, Symbol, Value
from untangle.scanners.code.language import Entry
from untangle.scanners.code.places import Made, Or, both
from untangle.scanners.code.python.core import MAX_DEPTH, Frame, Outcome
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Class,
    DictOf,
    Encoded,
    Foreign,
    FromMessage,
    Function,
    Instance,
    Library,
    ListOf,
    Member,
    Method,
    OneOf,
    Partial,
    Scope,
    dict_of,
    either,
    identity,
    settled,
    unknown,
)
from untangle.scanners.code.python.foreign import ForeignCalls
from untangle.scanners.code.python.modules import Modules
from untangle.scanners.code.python.recording import place_of
from untangle.scanners.code.python.trees import facts

_MAX_CONTEXTS = 120
_DATA = ("pydantic.", "pydantic_settings.", "typing.NamedTuple", "aws_lambda_powertools.utilities.parser")


class Invocation(ForeignCalls):
    """Calls things."""

    def __init__(self, modules: Modules, entry: Entry, environment: Mapping[str, Value] | None) -> None:
        super().__init__(modules, entry, environment)
        self._memo: dict[Hashable, tuple[Outcome, dict[str, Abstract], Abstract]] = {}
        self._contexts: dict[int, int] = {}
        self._active: dict[int, int] = {}
        self._loose: dict[int, Abstract] = {}

    def call(self, callee: Abstract, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        """The value of calling something; what the call does is recorded."""
        self.step()
        if isinstance(callee, OneOf):
            return self._call_one_of(callee, arguments, node, scope)
        if isinstance(callee, Function):
            return self._apply(callee, None, arguments, node, scope)
        if isinstance(callee, Method):
            return self._apply(callee.function, callee.receiver, arguments, node, scope)
        if isinstance(callee, Partial):
            given = callee.arguments
            merged = Arguments(
                [*given.positional, *arguments.positional], {**given.named, **arguments.named}, given.open or arguments.open
            )
            return self.call(callee.target, merged, node, scope)
        if isinstance(callee, Class):
            return self.make(callee, arguments, node, scope)
        if isinstance(callee, Instance):
            method = self.attribute(callee, "__call__", node, scope)
            return (
                self.call(method, arguments, node, scope)
                if isinstance(method, Method | Function)
                else unknown(scope.source, node)
            )
        return self.call_foreign(callee, arguments, node, scope)

    def _call_one_of(self, callee: OneOf, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        known = [option for option in callee.options if option is not None and not settled(option)]
        own = [option for option in known if isinstance(option, Function | Method | Partial)]
        sdk = any(isinstance(option, Member) and not isinstance(option.receiver, Symbol) for option in known)
        if own or sdk:
            known = [option for option in known if not _vague(option)]
        results: list[Abstract] = []
        for number, option in enumerate(known):
            guard = None
            if len(own) > 1:
                text = scope.source.segment(node.func if isinstance(node, ast.Call) else node)
                guard = self.guard("if", f"{text} is {_name(option)}", scope.source, node)
            with self.under(guard, Or(number)):
                results.append(self.call(option, arguments, node, scope))
        return either(results) if results else unknown(scope.source, node)

    # Functions of the tree

    def _apply(self, function: Function, receiver: Abstract, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        with self.under(None, place_of(node)):
            return self._applied(function, receiver, arguments, node, scope)

    def _applied(self, function: Function, receiver: Abstract, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        names = self._given(function, receiver, arguments)
        key = (id(function.node), id(function.scope), tuple((name, fingerprint(value)) for name, value in names.items()))
        if key in self._memo:
            return self._again(key, None)
        here = id(function.node)
        if self._active.get(here, 0) > 1:
            return unknown(scope.source, node)
        if len(self.frames) > MAX_DEPTH:
            self._too_deep(node, scope)
            return unknown(scope.source, node)
        if self._contexts.get(here, 0) >= _MAX_CONTEXTS:
            names = {name: _general(name, value) for name, value in names.items()}
            key = (*key[:2], tuple((name, fingerprint(value)) for name, value in names.items()))
            if key in self._memo or self._contexts[here] > _MAX_CONTEXTS + 8:
                return self._again(key, unknown(scope.source, node))
        self._contexts[here] = self._contexts.get(here, 0) + 1
        outcome = self._read(function, names, receiver)
        self._memo[key] = (outcome, names, receiver)
        return outcome.value

    def _again(self, key: Hashable, instead: Abstract) -> Abstract:
        """What a function did with these arguments before, done here."""
        if key not in self._memo:
            return instead
        outcome = self._memo[key][0]
        guards, way = tuple(self.guards), tuple(self.way)
        for call in outcome.calls:
            answered = None if self.caught else call.answered
            self.calls.append(replace(call, guards=guards + call.guards, way=way + call.way, answered=answered))
        return outcome.value

    def _too_deep(self, node: ast.AST, scope: Scope) -> None:
        self.failed = True
        why = f"calls are nested more than {MAX_DEPTH} deep; what is further down is not read"
        self.gaps.setdefault("depth", Gap(what="code of the handler", why=why, location=scope.source.at(node)))

    def _read(self, function: Function, names: dict[str, Abstract], receiver: Abstract) -> Outcome:
        here, node = id(function.node), function.node
        known = facts(node)
        inner = Scope(
            function.scope.source,
            parent=function.scope,
            names=names,
            globals=known.globals,
            nonlocals=known.nonlocals,
            owner=function.owner,
            receiver=receiver,
        )
        depth, way, start = len(self.guards), len(self.way), len(self.calls)
        self._active[here] = self._active.get(here, 0) + 1
        frame = Frame(function)
        self.frames.append(frame)
        try:
            if isinstance(node, ast.Lambda):
                frame.returns.append(self.evaluate(node.body, inner))
            elif self.run(node.body, inner).falls and (frame.returns or not frame.yields):
                frame.returns.append(None)
        finally:
            self.frames.pop()
            self._active[here] -= 1
            del self.guards[depth:]
        made = self._distinct(start)
        relative = tuple(replace(call, guards=call.guards[depth:], way=call.way[way:]) for call in made)
        return Outcome(_result(function, frame, yields=known.yields), relative)

    def _distinct(self, start: int) -> list[Made]:
        """The calls recorded since `start`, the same ones under the same guards once (what is made twice excludes nothing)."""
        made = self.calls[start:]
        if len(made) > 1:
            found: dict[tuple[object, ...], Made] = {}
            for call in made:
                key = (call.location, call.operation, call.bare.guards, repr(call.arguments), repr(call.payload))
                known = found.get(key)
                found[key] = call if known is None else _twice(known, call)
            made = self.calls[start:] = list(found.values())
        return made

    def _given(self, function: Function, receiver: Abstract, arguments: Arguments) -> dict[str, Abstract]:
        spec = function.node.args
        given = list(arguments.positional)
        if receiver is not None and function.kind != "static":
            given.insert(0, receiver)
        named = dict(arguments.named)
        names: dict[str, Abstract] = {}
        positional = [*spec.posonlyargs, *spec.args]
        for i, parameter in enumerate(positional):
            if i < len(given):
                names[parameter.arg] = self._typed(given[i], parameter, function)
            elif parameter.arg in named:
                names[parameter.arg] = self._typed(named.pop(parameter.arg), parameter, function)
            else:
                at = i - (len(positional) - len(function.defaults))
                names[parameter.arg] = self._missing(parameter, function, [function.defaults[at]] if at >= 0 else [], arguments)
        for parameter in spec.kwonlyargs:
            if parameter.arg in named:
                names[parameter.arg] = self._typed(named.pop(parameter.arg), parameter, function)
            else:
                default = function.keyword_defaults.get(parameter.arg, self)
                names[parameter.arg] = self._missing(parameter, function, [] if default is self else [default], arguments)
        if spec.vararg is not None:
            names[spec.vararg.arg] = ListOf(given[len(positional) :], open=arguments.open, born=self.level)
        if spec.kwarg is not None:
            names[spec.kwarg.arg] = dict_of(named, open=arguments.open, born=self.level)
        return names

    def _missing(self, parameter: ast.arg, function: Function, default: list[Abstract], arguments: Arguments) -> Abstract:
        given = Symbol(parameter.arg, f"{function.scope.source.path}:{parameter.lineno}")
        if default:
            return either([default[0], given]) if arguments.open else default[0]
        return self._typed(given, parameter, function)

    def _typed(self, value: Abstract, parameter: ast.arg, function: Function) -> Abstract:
        """An argument that nobody was seen to make is what its annotation says: an SDK client, an object of the tree."""
        if not isinstance(value, Symbol) or parameter.annotation is None:
            return value
        annotation: ast.expr = parameter.annotation
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str) and annotation.value.isidentifier():
            annotation = ast.copy_location(ast.Name(id=annotation.value, ctx=ast.Load()), annotation)
        if not isinstance(annotation, ast.Name | ast.Attribute):
            return value
        kind = self.evaluate(annotation, function.scope)
        if isinstance(kind, Library):
            return self.typed_client(kind.name) or value
        if isinstance(kind, Class) and any(isinstance(inner, Function) for inner in kind.names.names.values()):
            return self._loosely(kind, annotation, function.scope)
        return value

    def _loosely(self, cls: Class, node: ast.AST, scope: Scope) -> Abstract:
        if id(cls) not in self._loose:
            self._loose[id(cls)] = Symbol(cls.name)
            self._loose[id(cls)] = self.make(cls, Arguments(open=True), node, scope)
        return self._loose[id(cls)]

    # Objects of the tree

    def make(self, cls: Class, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        """An object of a class of the tree."""
        libraries = tuple(cls.libraries())
        if any(name.startswith(("enum.", "builtins.str")) for name in libraries) and arguments.positional:
            return arguments.positional[0]
        if any(name.endswith("TypedDict") for name in libraries):
            return dict_of(arguments.named, open=arguments.open, born=self.level)
        made = Instance(cls, born=self.level)
        init = cls.member("__init__")
        if isinstance(init, Function):
            self._apply(init, made, arguments, node, scope)
        else:
            self._fill(made, arguments, settings=any("BaseSettings" in name for name in libraries))
        after = cls.member("__post_init__")
        if isinstance(after, Function):
            self._apply(after, made, Arguments(), node, scope)
        return made

    def _fill(self, made: Instance, arguments: Arguments, *, settings: bool) -> None:
        """The fields of a data class, a named tuple or a model; those of settings are environment variables."""
        fields: list[str] = []
        for ancestor in reversed(list(made.cls.ancestors())):
            fields.extend(name for name in ancestor.fields if name not in fields)
        for i, name in enumerate(fields):
            if name in arguments.named:
                made.names[name] = arguments.named[name]
            elif i < len(arguments.positional):
                made.names[name] = arguments.positional[i]
            elif settings:
                made.names[name] = self._setting(made.cls, name)
        for name, value in arguments.named.items():
            made.names.setdefault(name, value)

    def _setting(self, cls: Class, name: str) -> Abstract:
        prefix: Abstract = ""
        for ancestor in cls.ancestors():
            for holder in ("model_config", "Config"):
                found = ancestor.names.names.get(holder)
                if isinstance(found, Class):
                    prefix = found.names.names.get("env_prefix", prefix)
                elif isinstance(found, DictOf):
                    prefix = found.entries.get("env_prefix", prefix)
                elif isinstance(found, Foreign):
                    prefix = found.arguments.named.get("env_prefix", prefix)
        default = next((found.names.names[name] for found in cls.ancestors() if name in found.names.names), None)
        if isinstance(default, Foreign):
            for key in ("env", "alias", "validation_alias"):
                alias = default.arguments.named.get(key)
                if isinstance(alias, str):
                    return self.noted(alias)
        return self.noted((f"{prefix}{name}" if isinstance(prefix, str) else name).upper())


def _twice(known: Made, call: Made) -> Made:
    """Two calls that look the same, under the same guards: one that says no side, and whether a run may make both."""
    again = known.again or call.again or both((known.way, known.guards), (call.way, call.guards))
    return replace(call, guards=call.bare.guards, way=known.way, again=again)


def _result(function: Function, frame: Frame, *, yields: bool) -> Abstract:
    if function.manages:
        return Foreign("contextmanager", Arguments([either(frame.yields) if frame.yields else None]))
    if yields:
        return ListOf(list(frame.yields), open=True)
    return either(frame.returns) if frame.returns else None


def _general(name: str, value: Abstract) -> Abstract:
    """An argument of a function that is called in very many ways: data is not told apart any more."""
    data = settled(value) or isinstance(value, DictOf | ListOf | OneOf | Encoded | Concat | FromMessage)
    return Symbol(name) if data else value


def _vague(option: Abstract) -> bool:
    return isinstance(option, Symbol) or (isinstance(option, Member) and isinstance(option.receiver, Symbol))


def _name(option: Abstract) -> str:
    function = option.function if isinstance(option, Method) else option
    return function.name if isinstance(function, Function | Class) else "this"


def fingerprint(value: Abstract, depth: int = 0) -> Hashable:
    """A key under which two arguments are read alike: unknown texts all are, containers by content, objects by identity."""
    if settled(value):
        return (type(value).__name__, value)
    if isinstance(value, Symbol):
        return "?"
    if depth > 4:
        return "…"
    if isinstance(value, DictOf):
        inner = tuple((key, fingerprint(held, depth + 1)) for key, held in value.entries.items())
        return ("dict", inner, value.open, fingerprint(value.base, depth + 1), fingerprint(value.others, depth + 1))
    if isinstance(value, ListOf):
        return ("list", tuple(fingerprint(item, depth + 1) for item in value.items), value.open)
    if isinstance(value, OneOf):
        return ("one of", tuple(fingerprint(option, depth + 1) for option in value.options))
    if isinstance(value, Encoded):
        return ("json", fingerprint(value.value, depth + 1))
    if isinstance(value, Instance):
        return ("object", id(value), value.version)
    if isinstance(value, Method):
        return ("method", id(value.function), fingerprint(value.receiver, depth + 1))
    if isinstance(value, Partial):
        given = tuple(fingerprint(inner, depth + 1) for inner in value.arguments.all())
        return ("partial", fingerprint(value.target, depth + 1), given)
    if isinstance(value, Member):
        return ("member", fingerprint(value.receiver, depth + 1), value.name)
    return identity(value)
