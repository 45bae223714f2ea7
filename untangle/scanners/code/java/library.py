"""What the interpreter must know of Java: how names become classes, and where the JDK and the SDKs are."""

from __future__ import annotations

from functools import lru_cache

from untangle.model.value import Stored
from untangle.scanners.code.java import methods, sdk, standard
from untangle.scanners.code.java.lower import Unit, lower
from untangle.scanners.code.java.modules import MAX_FILE, modules_of
from untangle.scanners.code.java.packages import EVENTS, FRAMEWORKS, PARTS, TABLES, V1, V2, WRAPPERS, service_of
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.library import Follower, Plain, Site
from untangle.scanners.code.lowered.syntax import Program
from untangle.scanners.code.lowered.things import (
    Client,
    Closure,
    Factory,
    Message,
    Native,
    Record,
    Thing,
    Unknown,
    join,
    options,
    to_value,
)
from untangle.scanners.tree import Tree

# Keys of Lambda's events that are not the getter's name with a small letter.
_EVENT_KEYS = {
    "records": "Records",
    "SNS": "Sns",
    "S3": "s3",
    "SES": "ses",
    "detailType": "detail-type",
    "urlDecodedKey": "key",
}
_CAPITALS_UNDER = frozenset({"Sns", "dynamodb"})
_FUNCTIONS = ("apply", "accept", "get", "handleRequest", "execute")


class Java(Plain):
    """The `Library` of Java, for one tree; files are lowered once."""

    implicit_this = True

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.modules = modules_of(tree)
        self.unit = lru_cache(maxsize=None)(self._unit)

    def _unit(self, path: str) -> Unit | None:
        data = self._tree.read(path)
        if data is None or len(data) > MAX_FILE:
            return None
        try:
            return lower(path, data)
        except RecursionError:
            return Unit(Program(path, (), 1))

    def program(self, path: str) -> Program | None:
        """See `Library.program`."""
        unit = self.unit(path)
        return unit.program if unit is not None else None

    def locate(self, source: str, path: str) -> str | None:
        """See `Library.locate`."""
        found = self.modules.locate(source, path)
        return found[0] if found is not None else None

    def package(self, source: str) -> Thing:
        """See `Library.package`."""
        package, _, name = source.rpartition(".")
        return Native(f"{package}:{name}")

    def globals(self) -> dict[str, Thing]:
        """See `Library.globals`."""
        return {}

    # names

    def name(self, name: str, path: str, interpreter: Follower) -> Thing:
        """See `Library.name`."""
        if name.startswith("@"):
            return Native(f"java:{name}")
        unit = self.unit(path)
        if unit is None:
            return Unknown(name)
        if name.endswith("()") or not name.rpartition(".")[2][:1].isupper():
            return self._imported_member(name.removesuffix("()"), unit, path, interpreter, method=name.endswith("()"))
        if "." in name:
            return self._class(name, path, interpreter) or self.package(name)
        full = (unit.names or {}).get(name)
        if full is not None:
            return self._class(full, path, interpreter) or _nested(full)
        for package in (unit.package, *unit.packages):
            found = self._class(f"{package}.{name}" if package else name, path, interpreter)
            if found is not None:
                return found
        member = self._imported_member(name, unit, path, interpreter, method=False)
        return member if not isinstance(member, Unknown) else Native(f"{_wildcard(unit.packages, name)}:{name}")

    def _class(self, full: str, path: str, interpreter: Follower) -> Thing:
        """A class of the repository by its full name; None where the tree has no file of it."""
        found = self.modules.locate(full, path)
        if found is None:
            return None
        file, inner = found
        unit = self.unit(file)
        outer = full.removesuffix("." + inner) if full != inner else ""
        if unit is not None and unit.package != outer:
            return None
        thing: Thing = interpreter.module(file)
        for part in inner.split("."):
            thing = interpreter.get(thing, part)
        return thing

    def _imported_member(self, name: str, unit: Unit, path: str, interpreter: Follower, *, method: bool) -> Thing:
        """A statically imported field or method."""
        known = (unit.members or {}).get(name)
        for owner in [known[0]] if known is not None else unit.classes:
            cls = self._class(owner, path, interpreter) or _nested(owner)
            found = interpreter.called(cls, name) if method and isinstance(cls, Factory) else interpreter.get(cls, name)
            if found is not None and not isinstance(found, Unknown) and (known is not None or isinstance(cls, Factory)):
                return found
        return Unknown(name)

    # natives

    def member(self, native: Native, name: str) -> Thing:
        """See `Library.member`."""
        package, _, inner = native.name.partition(":")
        full = f"{inner}.{name}"
        known = sdk.enumerated(full)
        return known if known is not None else Native(f"{package}:{full}")

    def call(self, native: Native, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
        """See `Library.call`."""
        package, _, name = native.name.partition(":")
        first = arguments[0] if arguments else None
        if name == "@configured":
            return standard.configured(first)
        if name == "@typed":
            made = self.instance(arguments[1], interpreter) if isinstance(first, Unknown) and not first.closures else first
            return first if isinstance(made, Unknown) else made
        if name.startswith("System.env.") and arguments:
            found = standard.environment(first)
            return join((found, arguments[1])) if name.endswith("getOrDefault") and len(arguments) > 1 else found
        if package.startswith(FRAMEWORKS) and "Handler" in name and not name.startswith("MicronautRequest"):
            interpreter.missed(f"what {name} calls", "a framework calls the code behind it, which is not followed", site.path)
            return Unknown(name)
        if package.startswith("software.amazon.lambda.powertools.parameters"):
            return _powertools(name, arguments)
        if package.startswith((f"{V2}.", f"{V1}.")) and not package.startswith(EVENTS):
            made = sdk.call(package, name, arguments, site, interpreter, new=new)
            return _with_service(made, package)
        return standard.call(name, arguments, site, interpreter, new=new)

    def send(self, client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
        """See `Library.send`."""
        if client.flavour == "parameters":
            return _powertools_of(client, method, arguments)
        return sdk.send(client, method, arguments, site, interpreter)

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
        """See `Library.method`."""
        if isinstance(owner, Message) and isinstance(owner.type, Factory):
            found = interpreter.called(owner, name)
            trivial = name.startswith(("get", "set", "is")) and len(arguments) <= 1
            if found is not None and not trivial:
                return True, interpreter.apply(found, arguments, site)
        return methods.method(owner, name, arguments, site, interpreter)

    def step(self, message: Message, name: str, interpreter: Follower) -> tuple[str, Thing]:
        """See `Library.step`."""
        if isinstance(message.type, Native) and message.type.name.startswith(EVENTS):
            if any(part in _CAPITALS_UNDER for part in message.path):
                return name[:1].upper() + name[1:], message.type
            return _EVENT_KEYS.get(name, name), message.type
        if isinstance(message.type, Factory):
            for tag, value in message.type.code.tags:
                renamed = getattr(value, "value", None)
                if tag in (f"{name}.JsonProperty", f"{name}.SerializedName") and isinstance(renamed, str):
                    return renamed, None
        return name, None

    # what is not made by code that is seen

    def instance(self, type: Thing, interpreter: Follower) -> Thing:
        """See `Library.instance`."""
        if isinstance(type, Native):
            package, _, name = type.name.partition(":")
            return sdk.known_class(package, name)
        if not isinstance(type, Factory):
            return Unknown()
        if any(tag == "interface" for tag, _ in type.code.tags):
            found = self.modules.implementing(type.code.name, type.path)
            if len(found) != 1:
                return Unknown()
            type = interpreter.get(interpreter.module(found[0][0]), found[0][1])
        return (
            interpreter.apply(type, [], Site(type.path, type.code.line, type.code.name), new=True)
            if isinstance(type, Factory)
            else Unknown()
        )

    def enter(self, path: str, name: str, event: Thing, interpreter: Follower) -> bool:
        """See `Library.enter`: `name` is "Class::method", or "Class::@method" for one that makes the function."""
        cls, _, method = name.partition("::")
        factory: Thing = interpreter.module(path)
        for part in cls.split("."):
            factory = interpreter.get(factory, part)
        if not isinstance(factory, Factory):
            return False
        site = Site(path, factory.code.line, name)
        instance = interpreter.apply(factory, [], site, new=True)
        if method.startswith("@"):  # a method that makes the function
            made = interpreter.called(instance, method[1:])
            interpreter.apply(interpreter.apply(made, [], site), [event], site)
            return made is not None
        for wanted in dict.fromkeys((method or "handleRequest", *_FUNCTIONS)):
            handler = interpreter.called(instance, wanted)
            if handler is not None:
                for option in options(handler):
                    interpreter.apply(option, _given(option, event), site)
                return True
        return False


def _given(handler: Thing, event: Thing) -> list[Thing]:
    """What Lambda gives a handler: the event, an output stream where there are three parameters, the context."""
    parameters = handler.code.parameters if isinstance(handler, Closure) else ()
    if len(parameters) == 1 and isinstance(parameters[0], s.Typed) and parameters[0].type == s.Name("Context"):
        return [Unknown("context")]
    count = len(parameters)
    return [event, Unknown("context")] if count <= 2 else [event, Unknown("output"), Unknown("context")]


def _nested(full: str) -> Native:
    """A class outside the tree by its full name, nested ones kept with their outer class."""
    parts = full.split(".")
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return Native(f"{'.'.join(parts[:first])}:{'.'.join(parts[first:])}")


def _wildcard(packages: tuple[str, ...], name: str) -> str:
    """The package of those imported whole from which a class of this name seems to be."""
    if name.endswith("Event") and f"{EVENTS}.events" in packages:
        return f"{EVENTS}.events"
    sdks = [package for package in packages if service_of(package) is not None]
    short = name.lower()
    for package in sdks:
        if any(part in short for part in package.split(".") if part not in ("model", "services", "com")):
            return package
    wrapped = WRAPPERS.get(name, ("dynamodb",) if name in TABLES else ("",))[0]
    for package in sdks:
        if wrapped == service_of(package) or (not wrapped and name.endswith(PARTS)):
            return package
    return "java.lang"


def _with_service(made: Thing, package: str) -> Thing:
    """A request with the service that its package is of, so that it can be told who sends it."""
    service = service_of(package)
    if service is not None and isinstance(made, Record) and made.type.startswith("sdk:") and ":" not in made.type[4:]:
        made.type = f"sdk:{service}:{made.type[4:]}"
    return made


def _powertools(name: str, arguments: list[Thing]) -> Thing:
    """Powertools' parameter providers; `get` of one reads a store."""
    store = "secretsmanager" if "Secret" in name else "ssm" if "Ssm" in name or "SSM" in name else ""
    return Client(store, "parameters") if store else Unknown(name)


def _powertools_of(client: Client, method: str, arguments: list[Thing]) -> Thing:
    return Stored(client.service, to_value(arguments[0])) if method == "get" and arguments else client
