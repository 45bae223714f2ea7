"""What constructors and static methods of the JDK and of common libraries give: text, collections, JSON, the environment."""

from __future__ import annotations

import re
from collections.abc import Callable

from untangle.model.value import Env
from untangle.scanners.code.lowered.library import Follower, Site
from untangle.scanners.code.lowered.things import (
    SCALARS,
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

MAP, JSON, TEXT = "map", "json", "text"
ENCODES = frozenset({"writeValueAsString", "writeValueAsBytes", "toJson", "toJSONString", "serialize", "asString", "toJSON"})
DECODES = frozenset(
    {"readValue", "fromJson", "convertValue", "readTree", "treeToValue", "deserialize", "parseObject", "asObject"}
)
_MAPS = frozenset({"HashMap", "LinkedHashMap", "TreeMap", "ConcurrentHashMap", "Hashtable", "EnumMap", "ImmutableMap", "Map"})
_LISTS = frozenset(
    (
        *("ArrayList", "LinkedList", "HashSet", "LinkedHashSet", "TreeSet", "Vector", "ArrayDeque", "ConcurrentLinkedQueue"),
        *("CopyOnWriteArrayList", "ConcurrentLinkedDeque", "PriorityQueue", "LinkedBlockingQueue"),
    )
)
_OBJECTS = frozenset({"JSONObject", "JsonObject", "ObjectNode"})
SAME = frozenset({"get", "join", "toString", "trim", "strip", "getBytes", "array", "intern", "asText", "toPrettyString"})
STARTS = frozenset({"runAsync", "supplyAsync", "submit", "execute", "schedule", "invokeAll", "call"})
_SPEC = re.compile(r"%[-#+ 0,(]*\d*(?:\.\d+)?(?:\d+\$)?[a-zA-Z%]")


def call(name: str, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
    """A constructor or static method of a class that is neither the repository's nor an SDK's."""
    cls, _, method = ("", "", "") if new else name.rpartition(".")
    short = (name if new else cls).rpartition(".")[2]
    first = arguments[0] if arguments else None
    if new:
        return _made(short, arguments, site, interpreter)
    if short == "System":
        return _system(method, arguments, site, interpreter)
    known = _STATICS.get((short, method))
    if known is not None:
        return known(arguments)
    if short in ("List", "Set", "Arrays", "Stream", "ImmutableList", "ImmutableSet", "Collections", "Lists", "Sets"):
        return _listed(method, arguments)
    if short in ("Map", "ImmutableMap", "Collections"):
        return _mapped(method, arguments)
    if method in DECODES:
        return decoded(arguments, interpreter)
    if method in ENCODES:
        return Encoded(first)
    if short == "CompletableFuture" and method in ("completedFuture", "supplyAsync", "runAsync"):
        with interpreter.shielded():
            return interpreter.apply(first, [], site) if isinstance(first, Closure) else first
    if method in STARTS:
        started(arguments, site, interpreter)
    return interpreter.apply(Unknown(name), arguments, site)


def _made(name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    first = arguments[0] if arguments else None
    if name in _MAPS:
        given = first if isinstance(first, Record) else Record()
        return Record(dict(given.fields), given.open, None, list(given.computed), type=MAP)
    if name in _LISTS:
        return Items(list(first.elements), first.open) if isinstance(first, Items) else Items(open=isinstance(first, Message))
    if name in _OBJECTS:
        return Record(type=JSON)
    if name in ("StringBuilder", "StringBuffer"):
        return Record({TEXT: first if isinstance(first, SCALARS) and not isinstance(first, int) else ""}, type=TEXT)
    if name == "String":
        return first
    if name in ("JSONArray", "JsonArray"):
        return Items()
    return interpreter.apply(Unknown(f"new {name}"), arguments, site)


def _system(method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    if method == "getenv":
        if not arguments:
            return Native("java.lang:System.env")
        return environment(arguments[0])
    return interpreter.apply(Unknown(f"System.{method}"), arguments, site)


def environment(name: Thing) -> Thing:
    """An environment variable by its name."""
    known = [literal(option) for option in options(name)]
    return join(Env(text) for text in known if text is not None) if all(known) else Unknown("environment")


def configured(value: Thing) -> Thing:
    """What a framework puts where `@Value("${queue.url:none}")` stands: the variable that stands for the property.

    https://docs.spring.io/spring-boot/reference/features/external-config.html (binding from environment variables)
    """
    text = literal(value)
    if text is None:
        return Unknown("configured")
    inner = text[2:-1] if text.startswith("${") and text.endswith("}") else text
    name, colon, default = inner.partition(":")
    variable = Env(name.replace(".", "_").replace("-", "_").upper() if not name.isupper() else name)
    return join((variable, default)) if colon and default else variable


def _listed(method: str, arguments: list[Thing]) -> Thing:
    first = arguments[0] if arguments else None
    if method in ("of", "asList", "newArrayList", "singletonList", "singleton", "newHashSet"):
        return (
            Items(list(first.elements), first.open)
            if len(arguments) == 1 and isinstance(first, Items)
            else Items(list(arguments))
        )
    if method == "singletonMap":
        return _mapped("of", arguments)
    if method == "emptyMap":
        return Record(type=MAP)
    if method in ("copyOf", "stream", "unmodifiableList", "synchronizedList"):
        return first
    return Items([], open=bool(arguments))


def _mapped(method: str, arguments: list[Thing]) -> Thing:
    made = Record(type=MAP)
    if method in ("of", "builder", "newHashMap"):
        for key, value in zip(arguments[::2], arguments[1::2], strict=False):
            put(made, key, value)
        return made
    if method == "entry":
        return Record({"key": arguments[0], "value": arguments[-1]}, type="entry") if arguments else made
    if method == "ofEntries":
        for entry in arguments:
            if isinstance(entry, Record):
                put(made, entry.fields.get("key"), entry.fields.get("value"))
        return made
    return arguments[0] if arguments else made


def put(record: Record, key: Thing, value: Thing) -> None:
    """Puts a pair into a map; a key that is not literal is kept beside."""
    name = literal(key)
    if name is None:
        record.computed.append((key, value))
    else:
        record.fields[name] = value


def formatted(arguments: list[Thing]) -> Thing:
    """`String.format` with the values put in; also with a locale before the text."""
    if arguments and not isinstance(arguments[0], str) and len(arguments) > 1 and isinstance(arguments[1], str):
        arguments = arguments[1:]
    pattern = literal(arguments[0]) if arguments else None
    if pattern is None:
        return Unknown("format")
    values = list(arguments[1].elements) if len(arguments) == 2 and isinstance(arguments[1], Items) else arguments[1:]
    parts: list[Thing] = []
    end = 0
    for match in _SPEC.finditer(pattern):
        parts.append(pattern[end : match.start()])
        end = match.end()
        if match[0] in ("%n", "%%"):
            parts.append("\n" if match[0] == "%n" else "%")
        else:
            parts.append(values.pop(0) if values else Unknown("format"))
    return text_of([*parts, pattern[end:]])


def _joined(arguments: list[Thing]) -> Thing:
    """`String.join`."""
    separator = arguments[0] if arguments else ""
    values = arguments[1:]
    if len(values) == 1 and isinstance(values[0], Items):
        if values[0].open:
            return Unknown("join")
        values = list(values[0].elements)
    return text_of([part for i, value in enumerate(values) for part in ((separator, value) if i else (value,))])


def _first(arguments: list[Thing]) -> Thing:
    return arguments[0] if arguments else None


_STATICS: dict[tuple[str, str], Callable[[list[Thing]], Thing]] = {
    ("String", "format"): formatted,
    ("String", "join"): _joined,
    ("String", "valueOf"): _first,
    ("Optional", "of"): _first,
    ("Optional", "ofNullable"): _first,
    ("Optional", "empty"): lambda arguments: None,
    ("Objects", "requireNonNull"): _first,
    ("Objects", "requireNonNullElse"): join,
    ("Objects", "toString"): join,
    ("ObjectUtils", "defaultIfNull"): join,
    ("ObjectUtils", "firstNonNull"): join,
    ("StringUtils", "defaultString"): join,
    ("StringUtils", "defaultIfEmpty"): join,
    ("StringUtils", "defaultIfBlank"): join,
    ("ByteBuffer", "wrap"): _first,
    ("Map", "entry"): lambda arguments: _mapped("entry", arguments),
    ("Collections", "singletonMap"): lambda arguments: _mapped("of", arguments),
    ("MoreObjects", "firstNonNull"): join,
}


def decoded(arguments: list[Thing], interpreter: Follower) -> Thing:
    """JSON text, or a structure, as an instance of the class that is named with it."""
    kind = arguments[1] if len(arguments) > 1 else None
    found: list[Thing] = []
    for option in options(arguments[0] if arguments else None):
        if isinstance(option, Encoded):
            found.append(option.inner)
        elif isinstance(option, Message):
            decoded_path = (*option.path, "()") if option.path and option.path[-1] != "()" else option.path
            found.append(Message(decoded_path, type=kind if isinstance(kind, Factory | Native) else None))
        elif isinstance(option, Record):
            found.append(option)
        else:
            found.append(unseen(kind, interpreter))
    return join(found)


def unseen(kind: Thing, interpreter: Follower) -> Thing:
    """An instance of a class of the repository of whose content nothing is known."""
    if isinstance(kind, Factory):
        return interpreter.apply(kind, [], Site(kind.path, kind.code.line, kind.code.name), new=True)
    return Unknown("decoded")


def started(arguments: list[Thing], site: Site, interpreter: Follower) -> None:
    """Instances with `run` or `call` that are handed to an executor or a thread."""
    for value in arguments:
        if isinstance(value, Record) and value.made_by is not None and value.made_by.code.name:
            method = interpreter.called(value, "run") or interpreter.called(value, "call")
            if method is not None:
                with interpreter.shielded():
                    interpreter.apply(method, [], site)
