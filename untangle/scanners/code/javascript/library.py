"""What the interpreter must know of JavaScript: its globals, its packages, and how both AWS SDKs are called."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import lru_cache

from untangle.model.value import Env, Stored, Symbol, Value
from untangle.scanners.code.javascript.context import DURABLE, context, operate
from untangle.scanners.code.javascript.lower import lower
from untangle.scanners.code.javascript.modules import Modules
from untangle.scanners.code.javascript.packages import (
    DOCUMENT,
    METHODS,
    PRESIGNERS,
    SCHEMAS,
    STORES,
    operation_of,
    service_of,
    wrapped,
)
from untangle.scanners.code.language import Entry
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered.library import Follower, Plain, Site
from untangle.scanners.code.lowered.syntax import Program
from untangle.scanners.code.lowered.things import (
    SCALARS,
    Client,
    Command,
    Encoded,
    Items,
    Message,
    Native,
    Record,
    Thing,
    Unknown,
    join,
    literal,
    options,
    to_value,
)
from untangle.scanners.tree import Tree

SAME_TEXT = ("String", "decodeURIComponent", "decodeURI", "unescape")  # decoded, an object's key is still that key
GLOBALS = (
    *("process", "JSON", "Object", "Array", "Promise", "Number", "Boolean", "Set", "Map", "globalThis", "Buffer"),
    *SAME_TEXT,
)
VALUES_OF = frozenset(
    {"Object.values", "Array.from", "Object.assign", "Object.freeze", "structuredClone", "Set", "Array", "Promise.resolve"}
)
PROMISES = frozenset({"Promise.all", "Promise.allSettled", "Promise.any", "Promise.race"})


class JavaScript(Plain):
    """The `Library` of JavaScript and TypeScript, for one tree; programs are lowered once."""

    commonjs = True

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._modules = Modules(tree)
        self.program: Callable[[str], Program | None] = lru_cache(maxsize=None)(self._program)

    def with_inline(self, entry: Entry) -> JavaScript:
        """The same library, in which the entry's file is the text that stands in a template."""
        other = copy(self)
        program = lower("inline.js", (entry.text or "").encode())
        other.program = lambda path: program if path == entry.path else self.program(path)
        other.globals = lambda: {**self.globals(), **{name: _known(value) for name, value in entry.values.items()}}  # type: ignore[method-assign]
        return other

    def _program(self, path: str) -> Program | None:
        data = self._tree.read(path)
        if data is None or len(data) > 2_000_000 or path.endswith((".json", ".d.ts")):
            return None
        try:
            return lower(path, data)
        except RecursionError:
            return Program(path, (), 1)

    def locate(self, source: str, path: str) -> str | None:
        """See `Library.locate`."""
        return self._modules.locate(source, path)

    def file(self, base: str) -> str | None:
        """The source file behind a handler's path."""
        return self._modules.file(base)

    def context(self) -> Thing:
        """What a handler gets beside its event."""
        return context()

    def globals(self) -> dict[str, Thing]:
        """See `Library.globals`."""
        return {name: Native(name) for name in GLOBALS}

    def package(self, source: str) -> Thing:
        """See `Library.package`."""
        source = source.removeprefix("node:")
        if source == "process":
            return Native("process")
        return Native(f"{source}:")

    def member(self, native: Native, name: str) -> Thing:
        """See `Library.member`."""
        package, colon, inner = native.name.partition(":")
        if native.name == "process.env":
            return Symbol("env") if name == "*" else Env(name)
        if colon:
            if name == "default" or (package == "aws-sdk" and name == "config"):
                return native
            return Native(f"{package}:{inner}.{name}" if inner else f"{package}:{name}")
        if native.name == "globalThis":
            return Native(name)
        return Native(f"{native.name}.{name}")

    def call(self, native: Native, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
        """See `Library.call`."""
        package, colon, name = native.name.partition(":")
        if colon:
            return self._of_package(package, name, arguments, site, interpreter)
        first = arguments[0] if arguments else None
        if name == "" and native.name == "JSON.stringify":
            return Encoded(first)
        if native.name == "JSON.parse":
            return join(_decoded(option) for option in options(first))
        if native.name in PROMISES:
            return first
        if native.name in (*SAME_TEXT, "Object.fromEntries"):
            return first
        if native.name in ("Object.keys", "Object.entries"):
            return Items([Unknown("key")], open=True)
        if native.name in VALUES_OF:
            return _values(native.name, arguments, interpreter)
        return interpreter.apply(Unknown(native.name), arguments, site)

    def _of_package(self, package: str, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
        first = arguments[0] if arguments else None
        if package + ":" == DURABLE:
            return operate(name, arguments, site, interpreter)
        if package in SCHEMAS:
            return _validated(name, first)
        service = _service(package, name)
        if service is not None:
            return service
        if package.startswith(("@aws-sdk/client-", "@aws-sdk/lib-dynamodb")) and name.endswith("Command"):
            document = package.endswith("lib-dynamodb")
            operation = operation_of(name)
            if document:
                short = operation[:1].lower() + operation[1:]
                return Command("dynamodb", DOCUMENT.get(short, operation), first)
            return Command(service_of(package.removeprefix("@aws-sdk/")), operation, first)
        if package == "@aws-sdk/lib-dynamodb":
            return Client("dynamodb", "document")
        if package == "@aws-sdk/lib-storage" and name == "Upload":
            parameters = first.fields.get("params") if isinstance(first, Record) else None
            return interpreter.record("s3", "PutObject", parameters, site)
        if package in ("@aws-sdk/s3-request-presigner", "@aws-sdk/s3-presigned-post"):
            return _presigned(arguments, site, interpreter)
        if package in ("@aws-sdk/util-dynamodb", "@aws-sdk/util-utf8-node") or name in ("cloneDeep", "promisify"):
            return first
        wrapping = wrapped(package, name)
        if wrapping is not None:
            parameters = next((thing for thing in reversed(arguments) if isinstance(thing, Record)), first)
            interpreter.record(*wrapping, parameters, site)
            return Unknown(site.text)
        store = STORES.get((package, name))
        if store is not None:
            return Stored(store, to_value(first))
        if name in ("assign", "merge") and arguments:
            return join(arguments)
        return interpreter.apply(Unknown(name or package), arguments, site)

    def send(self, client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
        """See `Library.send`."""
        first = arguments[0] if arguments else None
        if method == "send":
            stored = _stored(first)
            interpreter.send(first, site)
            return stored or Unknown(site.text)
        if method in ("promise", "on", "withOptions", "config", "destroy"):
            return client
        if method in PRESIGNERS and client.service == "s3":
            named = literal(first)
            if named is not None and named.startswith(("put", "post")):
                return interpreter.record("s3", "PutObject", arguments[1] if len(arguments) > 1 else None, site, "client upload")
            if method == "createPresignedPost":
                return interpreter.record("s3", "PutObject", first, site, "client upload")
            return Unknown(site.text)
        operation = METHODS.get((client.service, method)) or (DOCUMENT.get(method) if client.service == "dynamodb" else None)
        stored = _held(client.service, operation or operation_of(method), first)
        interpreter.record(client.service, operation or operation_of(method), first, site)
        for callback in arguments[1:]:
            interpreter.apply(callback, [Unknown("error"), Unknown("data")], site) if not isinstance(callback, Record) else None
        return stored or Unknown(site.text)


def _service(package: str, name: str) -> Client | None:
    """The client that a constructor of an SDK package makes."""
    if package == "aws-sdk" and name:
        return Client("dynamodb", "document") if name == "DynamoDB.DocumentClient" else Client(service_of(name.split(".")[0]))
    if package.startswith("aws-sdk/clients/"):
        return Client("dynamodb", "document") if name == "DocumentClient" else Client(service_of(package.rpartition("/")[2]))
    if package.startswith("@aws-sdk/client-") and not name.endswith(("Command", "Exception")) and name:
        return Client(service_of(package.removeprefix("@aws-sdk/")))
    if package == "@aws-sdk/lib-dynamodb" and name.startswith("DynamoDBDocument"):
        return Client("dynamodb", "document")
    return None


def _decoded(thing: Thing) -> Thing:
    if isinstance(thing, Encoded):
        return thing.inner
    return Message((*thing.path, "()")) if isinstance(thing, Message) else Unknown("JSON.parse")


def _values(name: str, arguments: list[Thing], interpreter: Follower) -> Thing:
    first = arguments[0] if arguments else None
    if name == "Object.values":
        return Items([builtin.element(first)], open=True)
    if name == "Object.assign":
        merged = Record()
        for thing in arguments:
            for option in options(thing):
                if isinstance(option, Record):
                    merged.fields.update(option.fields)
                else:
                    merged.open = True
        return merged
    if name == "Array.from" and len(arguments) > 1:
        with interpreter.repeated(Site("", 1, "Array.from")):
            one = interpreter.apply(arguments[1], [builtin.element(first)], Site("", 1, "Array.from"))
        return Items([one], open=True)
    return first if first is not None else Items(open=True)


def _presigned(arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    for thing in arguments[1:]:
        for option in options(thing):
            if isinstance(option, Command) and option.operation in ("PutObject", "UploadPart"):
                interpreter.record("s3", "PutObject", option.parameters, site, "client upload")
            elif isinstance(option, Record) and "Bucket" in option.fields:
                interpreter.record("s3", "PutObject", option, site, "client upload")
    return Unknown(site.text)


def _validated(name: str, first: Thing) -> Thing:
    """A schema's way of checking a value hands the value on; everything else makes another schema."""
    verb = name.rpartition(".")[2]
    if verb in ("parse", "parseAsync"):
        return first
    if verb in ("safeParse", "safeParseAsync"):
        return Record({"success": Unknown(verb), "data": first, "error": Unknown(verb)})
    return Native("zod:schema")


def _stored(command: Thing) -> Thing:
    for option in options(command):
        if isinstance(option, Command):
            return _held(option.service, option.operation, option.parameters)
    return None


def _held(service: str, operation: str, parameters: Thing) -> Thing:
    """What reading a parameter, a secret or a queue's URL gives."""
    fields = parameters.fields if isinstance(parameters, Record) else {}
    if (service, operation) == ("ssm", "GetParameter"):
        return Record({"Parameter": Record({"Value": Stored("ssm", to_value(fields.get("Name")))})})
    if (service, operation) == ("secretsmanager", "GetSecretValue"):
        return Record({"SecretString": Stored("secretsmanager", to_value(fields.get("SecretId")))})
    if (service, operation) == ("sqs", "GetQueueUrl"):
        return Record({"QueueUrl": fields.get("QueueName")})
    if (service, operation) == ("sns", "CreateTopic"):
        return Record({"TopicArn": fields.get("Name")})
    return None


def _known(value: Value) -> Thing:
    """A value of the template that stands in inline code."""
    return value if isinstance(value, SCALARS) else Unknown("a value of the template")
