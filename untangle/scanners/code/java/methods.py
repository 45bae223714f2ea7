"""What methods of the JDK and of common libraries give, by what they are called on."""

from __future__ import annotations

from untangle.scanners.code.java import sdk
from untangle.scanners.code.java.standard import (
    DECODES,
    ENCODES,
    JSON,
    SAME,
    STARTS,
    TEXT,
    decoded,
    formatted,
    put,
    started,
    unseen,
)
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered.library import Follower, Site
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
    join,
    literal,
    options,
    text_of,
)

Done = tuple[bool, Thing]
_NO: Done = (False, None)
# Methods of the message or a part of it that give the same again, and that say something about it.
_ITSELF = frozenset(
    (
        *(
            "iterator",
            "stream",
            "parallelStream",
            "values",
            "toString",
            "trim",
            "strip",
            "getBytes",
            "array",
            "build",
            "get",
            "join",
        ),
        *("entrySet", "elements", "duplicate", "toByteArray", "readAllBytes", "iterable", "intValue", "longValue", "doubleValue"),
    )
)
_ABOUT = frozenset(
    {"isEmpty", "isBlank", "isPresent", "size", "length", "hashCode", "close", "keySet", "hasNext", "isNull", "getClass"}
)


def method(owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    """A method of something that is not a class of the repository with that method; see `Library.method`."""
    if isinstance(owner, Closure) and name not in ("andThen", "compose"):
        return True, interpreter.apply(owner, arguments, site)
    done = _of_any(owner, name, arguments, site, interpreter)
    if done[0]:
        return done
    if isinstance(owner, Message):
        return _of_message(owner, name, arguments, site, interpreter)
    if isinstance(owner, Record):
        return _of_record(owner, name, arguments, site, interpreter)
    if isinstance(owner, Factory):
        return _of_class(owner, name, arguments, interpreter)
    if isinstance(owner, Items):
        return _of_items(owner, name, arguments, site, interpreter)
    if isinstance(owner, SCALARS) and name == "formatted":
        return True, formatted([owner, *arguments])
    if isinstance(owner, (Encoded, *SCALARS)) and name in SAME and not arguments:
        return True, owner
    return _requested(owner, name, arguments, site, interpreter)


def _of_any(owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    """What means the same whatever it is called on: optionals, futures and mappers are not told apart from what they hold."""
    first = arguments[0] if arguments else None
    if name == "orElse":
        return True, join((owner, first))
    if name == "orElseGet":
        return True, join((owner, interpreter.apply(first, [], site)))
    if name in ("orElseThrow", "toCompletableFuture", "block"):
        return True, owner
    if name in ("ifPresent", "thenApply", "thenCompose", "thenAccept", "thenRun", "ifPresentOrElse", "whenComplete", "handle"):
        if isinstance(first, Closure):
            with interpreter.shielded():  # a future keeps what is raised
                return True, interpreter.apply(first, [owner, Unknown("error")][: max(1, len(first.code.parameters))], site)
        return False, None
    if name == "exceptionally" and isinstance(first, Closure):
        with interpreter.caught(site):
            interpreter.apply(first, [Unknown("error")], site)
        return True, owner
    if name in ENCODES and arguments:
        return True, Encoded(arguments[-1] if name == "serialize" else first)
    if name in DECODES and arguments:
        return True, decoded(arguments, interpreter)
    if name in ("createObjectNode",):
        return True, Record(type=JSON)
    if name in STARTS:
        started(arguments, site, interpreter)
    return _NO


def _of_message(owner: Message, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    key = literal(arguments[0]) if arguments else None
    if not arguments:
        if name in ("getFirst", "getLast", "next"):
            return True, builtin.element(owner)
        if name in _ITSELF or (name.startswith("as") and name[2:3].isupper()):
            return True, owner
        if name in _ABOUT:
            return True, Unknown(name)
        for prefix in ("get", "is"):
            rest = name[len(prefix) :]
            if name.startswith(prefix) and rest[:1].isupper():
                return True, interpreter.get(owner, rest if rest.isupper() else rest[:1].lower() + rest[1:])
        return True, interpreter.get(owner, name)
    if name in ("get", "path", "getOrDefault", "getString", "getJSONObject", "getJSONArray", "optString", "at"):
        if key is None:
            return True, builtin.element(owner)
        value = interpreter.get(owner, key)
        return True, join((value, arguments[1])) if name == "getOrDefault" else value
    if name.startswith("set") and name[3:4].isupper() and len(arguments) == 1:
        owner.assigned[name[3].lower() + name[4:]] = arguments[0]
        return True, None
    if name in ("put", "addProperty") and key is not None and len(arguments) == 2:
        owner.assigned[key] = arguments[1]
        return True, None
    return _NO


def _of_record(owner: Record, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    if owner.type == sdk.TABLE:
        return True, sdk.of_table(owner, name, arguments, site, interpreter)
    if owner.type.startswith(SDK):
        return True, sdk.of_request(owner, name, arguments, site, interpreter)
    if owner.type == TEXT:
        return _of_text(owner, name, arguments, interpreter)
    if owner.type == "item":
        if name.startswith("with") and len(arguments) >= 2:
            for key, value in zip(arguments[::2], arguments[1::2], strict=False):
                put(owner, key, value)
        return True, Encoded(owner) if name == "toJSON" else owner
    if owner.type == "entry":
        return True, owner.fields.get("key" if name == "getKey" else "value")
    if owner.made_by is None:
        return _of_map(owner, name, arguments, site, interpreter)
    return _of_instance(owner, name, arguments)


def _of_text(owner: Record, name: str, arguments: list[Thing], interpreter: Follower) -> Done:
    if name in ("append", "insert", "concat") and arguments:
        held = owner.fields.get(TEXT)
        owner.fields[TEXT] = text_of([held, arguments[0]]) if isinstance(held, SCALARS) else Unknown(TEXT)
        return True, owner
    return True, owner.fields.get(TEXT) if name == "toString" else owner


def _of_map(owner: Record, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    key = arguments[0] if arguments else None
    if name in ("put", "addProperty", "putIfAbsent", "set", "accumulate", "add", "replace") and len(arguments) == 2:
        put(owner, key, arguments[1])
        return True, owner
    if name == "putAll" and isinstance(key, Record):
        owner.fields.update(key.fields)
        owner.computed.extend(key.computed)
        return True, owner
    if name in ("get", "getOrDefault", "remove", "getString", "path", "computeIfAbsent") and arguments:
        named = literal(key)
        found = owner.fields.get(named) if named is not None else None
        if found is None:
            held = [*owner.fields.values(), *(value for _, value in owner.computed)]
            found = join(held) if named is None or owner.computed else Unknown(site.text)
        if name == "computeIfAbsent" and len(arguments) > 1 and isinstance(found, Unknown):
            found = interpreter.apply(arguments[1], [key], site)
            put(owner, key, found)
        return True, join((found, arguments[1])) if name == "getOrDefault" and len(arguments) > 1 else found
    if name in ("build", "entrySet", "putPOJO"):
        return True, owner
    if name == "values":
        return True, Items([*owner.fields.values(), *(value for _, value in owner.computed)], open=True)
    if name == "toString" and owner.type == JSON:
        return True, Encoded(owner)
    return _NO


def _of_instance(owner: Record, name: str, arguments: list[Thing]) -> Done:
    """Getters, setters and builders that an annotation makes (records, Lombok)."""
    if not arguments:
        for prefix in ("get", "is", ""):
            rest = name[len(prefix) :]
            key = rest[:1].lower() + rest[1:]
            if name.startswith(prefix) and key in owner.fields:
                return True, owner.fields[key]
        return (True, owner) if name in ("build", "toBuilder") else _NO
    if len(arguments) == 1:
        for prefix in ("set", "with", ""):
            rest = name[len(prefix) :]
            key = rest[:1].lower() + rest[1:]
            if name.startswith(prefix) and key in owner.fields:
                owner.fields[key] = arguments[0]
                return True, owner
    return _NO


def _of_class(owner: Factory, name: str, arguments: list[Thing], interpreter: Follower) -> Done:
    if name in ("builder", "newBuilder") and not arguments:
        return True, unseen(owner, interpreter)
    return _NO


def _of_items(owner: Items, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    first = arguments[0] if arguments else None
    if name == "addAll" and arguments:
        for option in options(first):
            owner.elements.extend(option.elements if isinstance(option, Items) else [builtin.element(option)])
        owner.open = True
        return True, owner
    if name in ("get", "getFirst", "getLast", "next", "findFirst", "findAny", "poll", "peek", "remove", "iterator"):
        if isinstance(first, int) and first < len(owner.elements) and not owner.open:
            return True, owner.elements[first]
        return (True, owner) if name == "iterator" else (True, builtin.element(owner))
    if name in ("collect", "toList", "parallelStream", "parallel", "distinct", "sorted", "limit", "skip", "build", "subList"):
        return True, owner
    if name in ("peek", "mapToObj") and isinstance(first, Closure):
        with interpreter.repeated(site):
            interpreter.apply(first, [builtin.element(owner)], site)
        return True, owner
    return _NO


def _requested(owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Done:
    """A request that is sent by something that is not known to be a client: the request says of which service."""
    request = arguments[0] if arguments else None
    if not isinstance(owner, Client | Native) and isinstance(request, Record) and request.type.startswith(SDK):
        kind = request.type.removeprefix(SDK)
        service, _, cls = kind.rpartition(":")
        wanted = cls.removesuffix("Request")
        if service and cls.endswith("Request") and name.removesuffix("Async") == wanted[:1].lower() + wanted[1:]:
            return True, interpreter.record(service, wanted, request, site)
    return _NO
