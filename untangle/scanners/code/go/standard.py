"""What functions of Go's own packages and of common ones give: text, JSON, the environment."""

from __future__ import annotations

import re
from collections.abc import Callable

from untangle.model.value import Env
from untangle.scanners.code.go.expressions import TUPLE
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered.library import Follower, Site
from untangle.scanners.code.lowered.things import (
    Encoded,
    Factory,
    Items,
    Message,
    Record,
    Thing,
    Unknown,
    join,
    literal,
    options,
    text_of,
)

_SPEC = re.compile(r"%[-+# 0]*(?:\d+|\*)?(?:\.\d+)?[a-zA-Z%]")
GLOBALS = ("append", "panic", "len", "cap", "copy", "delete", "close", "min", "max", "print", "println", "recover", "clear")
CONVERSIONS = ("string", "byte", "rune", "int", "int32", "int64", "uint", "uint64", "float64", "float32", "bool", "error", "any")
OWN = ("go:several", "go:fill", "go:copy", "go:env", "go:receive")


def own(name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """A predeclared function, or one that lowering puts in."""
    first = arguments[0] if arguments else None
    second = arguments[1] if len(arguments) > 1 else None
    if name == "append":
        return _appended(first, arguments[1:])
    if name == "go:several":
        return join(_several(option) for option in options(first))
    if name in ("go:fill", "go:copy"):
        return _filled(first, second)
    if name == "go:env":
        variable = Env(literal(first) or "")
        return join((variable, second)) if second not in (None, "") else variable
    if name == "go:receive":
        return builtin.element(first)
    if name in CONVERSIONS:
        return first
    return Unknown(site.text)


def _appended(items: Thing, more: list[Thing]) -> Thing:
    """`append`: followed by identity, so that elements that a loop adds are seen after it."""
    for option in options(items):
        if isinstance(option, Items):
            option.elements.extend(more)
            return items
    return Items(list(more), open=True)


def _several(thing: Thing) -> Thing:
    """What a call gives to several variables: the repository's functions give tuples, others a value and an error."""
    if isinstance(thing, Record) and thing.type == TUPLE:
        return thing
    return Record({"0": thing}, open=True, type=TUPLE)


def _filled(instance: Thing, given: Thing) -> Thing:
    """A struct's fields set by a literal: by name, or in order."""
    if isinstance(instance, Record) and isinstance(given, Record):
        order = [name for name, _ in instance.made_by.code.fields] if instance.made_by is not None else []
        for key, value in given.fields.items():
            if not key.isdigit():
                instance.fields[key] = value
            elif int(key) < len(order):
                instance.fields[order[int(key)]] = value
    return instance


def call(package: str, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
    """A function of a package outside the repository; whether it is known here, and what it gives."""
    known = _FUNCTIONS.get(f"{package}.{name}") or _FUNCTIONS.get(f"{package.rpartition('/')[2]}.{name}")
    if known is not None:
        return True, known(arguments)
    if package.endswith("envconfig") and name in ("Process", "MustProcess") and len(arguments) > 1:
        prefixed(arguments[0], arguments[1])
        return True, Unknown("error")
    if name in ("Unmarshal", "UnmarshalMap", "Decode") and len(arguments) > 1:
        unmarshalled(arguments[0], arguments[1], interpreter)
        return True, Unknown("error")
    return False, None


def _format(arguments: list[Thing]) -> Thing:
    pattern = literal(arguments[0]) if arguments else None
    if pattern is None:
        return Unknown("format")
    values = list(arguments[1:])
    parts: list[Thing] = []
    end = 0
    for match in _SPEC.finditer(pattern):
        parts.append(pattern[end : match.start()])
        end = match.end()
        if match[0].endswith("%"):
            parts.append("%")
        else:
            parts.append(values.pop(0) if values else Unknown("format"))
    return text_of([*parts, pattern[end:]])


def _joined(separator: Thing, values: list[Thing]) -> Thing:
    return text_of([part for i, value in enumerate(values) for part in ((separator, value) if i else (value,))])


def _join(arguments: list[Thing]) -> Thing:
    first = arguments[0] if arguments else None
    if not isinstance(first, Items) or first.open or len(arguments) < 2:
        return Unknown("join")
    return _joined(arguments[1], list(first.elements))


def _environment(arguments: list[Thing]) -> Thing:
    names = [literal(option) for option in options(arguments[0] if arguments else None)]
    return join(Env(name) for name in names if name) if all(names) else Unknown("environment")


def _first(arguments: list[Thing]) -> Thing:
    return arguments[0] if arguments else None


def _item(arguments: list[Thing]) -> Thing:
    """`attributevalue.MarshalMap`: a table's item, its attributes under the names that the tags give them."""
    return join(spoken(option, kinds=("dynamodbav", "json")) for option in options(_first(arguments)))


def encoded(arguments: list[Thing]) -> Thing:
    """`json.Marshal`: fields under the names that their tags give them."""
    return Encoded(join(spoken(option) for option in options(arguments[0] if arguments else None)))


def spoken(thing: Thing, depth: int = 0, kinds: tuple[str, ...] = ("json",)) -> Thing:
    """A structure with its keys as JSON has them, or what else tags are for."""
    if depth > 6:
        return thing
    if isinstance(thing, Items):
        return Items([spoken(element, depth + 1, kinds) for element in thing.elements], thing.open)
    if not isinstance(thing, Record):
        return thing
    if thing.made_by is None:
        fields = {key: spoken(value, depth + 1, kinds) for key, value in thing.fields.items()}
        return Record(fields, thing.open, None, thing.computed, thing.depth, thing.type)
    made = Record(open=thing.open, depth=thing.depth)
    for name, value in thing.fields.items():
        key = next((found for kind in kinds if (found := tag(thing.made_by, name, kind)) is not None), None)
        if name in thing.made_by.code.embeds and key is None and isinstance(value, Record):
            inner = spoken(value, depth + 1, kinds)
            made.fields.update(inner.fields if isinstance(inner, Record) else {})
        elif key != "-" and name[:1].isupper():
            made.fields[key or name] = spoken(value, depth + 1, kinds)
    return made


def tag(factory: Factory, name: str, kind: str) -> str | None:
    """What a field's tag says ("json")."""
    for key, value in factory.code.tags:
        text = getattr(value, "value", None)
        if key == f"{name}.{kind}" and isinstance(text, str):
            return text
    return None


def unmarshalled(data: Thing, target: Thing, interpreter: Follower) -> None:
    """`json.Unmarshal(data, &target)`: what the target's fields are taken from."""
    source = next((option for option in options(data) if isinstance(option, Encoded | Message)), None)
    for option in options(target):
        if not isinstance(option, Record):
            continue
        if isinstance(source, Encoded) and isinstance(source.inner, Record):
            option.fields.update(source.inner.fields)
        elif isinstance(source, Message):
            _take(option, source, interpreter)
        else:
            option.open = True


def _take(target: Record, source: Message, interpreter: Follower) -> None:
    """The fields of a struct, each as the part of the message that it is read from."""
    path = (*source.path, "()") if source.path and source.path[-1] != "()" else source.path
    if target.made_by is None:
        target.open = True
        return
    whole = Message(path, type=target.made_by)
    for name, _ in target.made_by.code.fields:
        target.fields[name] = part_of(whole, name, target.made_by, interpreter)


def part_of(message: Message, name: str, factory: Factory, interpreter: Follower) -> Message:
    """A field of a message whose type is a struct, with nothing noted as read."""
    key = tag(factory, name, "json") or name
    return Message((*message.path, key), type=field_type(factory, name, interpreter))


def field_type(factory: Factory, name: str, interpreter: Follower) -> Thing:
    """The declared type of a struct's field, of a list's elements; None where it is not a named one."""
    for key, expression in factory.code.tags:
        if key == f"{name}.type":
            return interpreter.value(expression, factory.scope)
    return None


def prefixed(prefix: Thing, target: Thing) -> None:
    """`envconfig.Process("shop", &config)`: variables are SHOP_ and the field's tag or name.

    https://pkg.go.dev/github.com/kelseyhightower/envconfig
    """
    start = literal(prefix)
    for option in options(target):
        if not isinstance(option, Record) or option.made_by is None or start is None:
            continue
        for name, _ in option.made_by.code.fields:
            tagged = tag(option.made_by, name, "envconfig")
            key = (tagged or name).upper()
            with_prefix = Env(f"{start.upper()}_{key}") if start else Env(key)
            option.fields[name] = join((with_prefix, Env(key))) if start and tagged else with_prefix


_FUNCTIONS: dict[str, Callable[[list[Thing]], Thing]] = {
    "fmt.Sprintf": _format,
    "fmt.Sprint": lambda arguments: text_of(arguments),
    "os.Getenv": _environment,
    "os.LookupEnv": _environment,
    "syscall.Getenv": _environment,
    "json.Marshal": encoded,
    "json.MarshalIndent": encoded,
    "sonic.Marshal": encoded,
    "sonic.MarshalString": encoded,
    "attributevalue.MarshalMap": _item,
    "dynamodbattribute.MarshalMap": _item,
    "attributevalue.Marshal": _item,
    "strings.Join": _join,
    "path.Join": lambda arguments: _joined("/", arguments),
    "filepath.Join": lambda arguments: _joined("/", arguments),
    "strings.ToLower": _first,
    "cmp.Or": join,
    "json.NewDecoder": lambda arguments: Record({"from": _first(arguments)}, type="decoder"),
}
