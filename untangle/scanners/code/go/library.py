"""What the interpreter must know of Go: packages, how Lambda calls a program, and where the SDKs are."""

from __future__ import annotations

import posixpath
from functools import lru_cache

from untangle.scanners.code.go import sdk, standard
from untangle.scanners.code.go.lower import lower
from untangle.scanners.code.go.modules import modules_of
from untangle.scanners.code.go.packages import EVENTS, FEATURES, LAMBDA, SAME, SDKS, WRAPS, event_key
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.library import Follower, Plain, Site
from untangle.scanners.code.lowered.spelling import SDK
from untangle.scanners.code.lowered.things import (
    SCALARS,
    Client,
    Closure,
    Encoded,
    Factory,
    Items,
    Message,
    Native,
    Record,
    Thing,
    Unknown,
    options,
)
from untangle.scanners.code.places import HELD
from untangle.scanners.tree import Tree

_STARTS = frozenset(
    {"Start", "StartWithOptions", "StartHandler", "StartWithContext", "StartHandlerWithContext", "StartHandlerFunc"}
)
_ITSELF = frozenset({"String", "Bytes", "Value", "Elem", "Unwrap", "MustString", "Clone", "Number", "Map", "List", "UTC"})


class Go(Plain):
    """The `Library` of Go, for one tree; packages are lowered once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.modules = modules_of(tree)
        self.program = lru_cache(maxsize=None)(self._program)
        self._event: Thing = None
        self._started = False

    def _program(self, path: str) -> s.Program | None:
        sources = self.modules.sources(path)
        if not sources:
            return None
        try:
            return lower(path, sources, self.modules.package_name)
        except RecursionError:
            return s.Program(path, (), None, ((min(sources), 1),), shared=True)

    def locate(self, source: str, path: str) -> str | None:
        """See `Library.locate`."""
        return self.modules.locate(source, path)

    def package(self, source: str) -> Thing:
        """See `Library.package`."""
        return Native(f"{source}:")

    def globals(self) -> dict[str, Thing]:
        """See `Library.globals`."""
        return {name: Native(f"go|{name}") for name in (*standard.GLOBALS, *standard.CONVERSIONS, *standard.OWN)}

    def member(self, native: Native, name: str) -> Thing:
        """See `Library.member`."""
        package, _, inner = native.name.partition(":")
        known = sdk.member(package, name) if package.startswith(SDKS) and not inner else None
        return known if known is not None else Native(f"{package}:{inner}.{name}" if inner else f"{package}:{name}")

    def call(self, native: Native, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
        """See `Library.call`."""
        if native.name.startswith("go|"):
            return standard.own(native.name[3:], arguments, site, interpreter)
        package, _, name = native.name.partition(":")
        first = arguments[0] if arguments else None
        if package == LAMBDA and name in _STARTS:
            for handler in arguments[:2]:
                self._start(handler, site, interpreter)
            return None
        if new:
            return (
                sdk.call(package, name, arguments, site, interpreter, new=True)
                if package.startswith(SDKS)
                else first or Unknown(name)
            )
        known, thing = standard.call(package, name, arguments, site, interpreter)
        if known:
            return thing
        if arguments and name.rpartition(".")[2] in SAME:
            return first
        if package.startswith(SDKS) or package in FEATURES:
            return sdk.call(package, name, arguments, site, interpreter, new=False)
        if package.startswith(sdk.DYNAMO) and name.startswith("New"):
            return Client("dynamodb", "dynamo")
        wrapped = next((thing for thing in arguments if isinstance(thing, Closure)), None)
        if wrapped is not None and WRAPS.search(name):
            return wrapped
        return interpreter.apply(Unknown(f"{package.rpartition('/')[2]}.{name}"), arguments, site)

    def send(self, client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
        """See `Library.send`."""
        return sdk.send(client, method, arguments, site, interpreter)

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
        """See `Library.method`."""
        if isinstance(owner, Message):
            return self._of_message(owner, name, arguments, site, interpreter)
        if isinstance(owner, Record):
            if owner.type == sdk.TABLE:
                return sdk.of_table(owner, name, arguments, site, interpreter)
            if owner.type == "decoder" and name == "Decode" and arguments:
                standard.unmarshalled(owner.fields.get("from"), arguments[0], interpreter)
                return True, Unknown("error")
            if owner.type.startswith(SDK):
                return sdk.of_request(owner, name, arguments)
        if isinstance(owner, (Encoded, *SCALARS)) and name in _ITSELF:
            return True, owner
        if isinstance(owner, Items):
            return True, interpreter.apply(Unknown(name), arguments, site)  # lists of Go have no methods of their own
        return sdk.requested(owner, name, arguments, site, interpreter)

    def _of_message(
        self, owner: Message, name: str, arguments: list[Thing], site: Site, interpreter: Follower
    ) -> tuple[bool, Thing]:
        kind = owner.type
        if isinstance(kind, Factory) and name in kind.attached:
            method = kind.attached[name]
            return True, interpreter.apply(Closure(method.code, method.scope, method.path, owner, kind), arguments, site)
        if name in _ITSELF and not arguments:
            return True, owner
        return True, interpreter.apply(Unknown(name), arguments, site)

    def step(self, message: Message, name: str, interpreter: Follower) -> tuple[str, Thing]:
        """See `Library.step`."""
        kind = message.type
        if isinstance(kind, Native) and kind.name.startswith(EVENTS):
            return event_key(name, message.path), kind
        if isinstance(kind, Factory):
            for embedded in kind.code.embeds if all(name != field for field, _ in kind.code.fields) else ():
                inner = standard.field_type(kind, embedded, interpreter)
                if isinstance(inner, Factory) and any(name == field for field, _ in inner.code.fields):
                    kind = inner  # JSON has the members of an embedded struct beside the others
            return standard.tag(kind, name, "json") or name, standard.field_type(kind, name, interpreter)
        return name, None

    def instance(self, type: Thing, interpreter: Follower) -> Thing:
        """See `Library.instance`."""
        if isinstance(type, Native):
            package, _, name = type.name.partition(":")
            return sdk.known_type(package, name)
        if isinstance(type, Factory) and type.code.fields:
            return interpreter.apply(type, [], Site(type.path, type.code.line, type.code.name), new=True)
        return Unknown()

    # how Lambda calls a program

    def enter(self, path: str, name: str, event: Thing, interpreter: Follower) -> bool:
        """See `Library.enter`: the program's `main` is followed to where it hands its handler to Lambda."""
        main = interpreter.module(posixpath.dirname(path)).fields.get(name)
        if not isinstance(main, Closure):
            return False
        self._event, self._started = event, False
        interpreter.apply(main, [], Site(path, main.code.line, name))
        if not self._started:
            interpreter.missed(f"handler of {path}", "main hands no function to lambda.Start that can be followed", path)
        return True

    def _start(self, handler: Thing, site: Site, interpreter: Follower) -> None:
        for option in options(handler):
            if isinstance(option, Unknown) and option.closures:
                for inner in option.closures:
                    with interpreter.by(HELD):  # it was followed when it was wrapped
                        self._start(inner, site, interpreter)
            elif isinstance(option, Closure):
                self._started = True
                interpreter.apply(option, self._given(option, interpreter), site)
            elif isinstance(option, Record):
                self._start(interpreter.called(option, "Invoke"), site, interpreter)

    def _given(self, handler: Closure, interpreter: Follower) -> list[Thing]:
        """What Lambda gives a handler: nothing, a context, an event, or both. https://docs.aws.amazon.com/lambda/latest/dg/golang-handler.html"""
        parameters = handler.code.parameters
        if len(parameters) != 1:
            return [Unknown("context"), self._event][: len(parameters)]
        kind = interpreter.value(parameters[0].type, handler.scope) if isinstance(parameters[0], s.Typed) else None
        return [Unknown("context")] if kind == Native("context:Context") else [self._event]
