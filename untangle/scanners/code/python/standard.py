"""Python's own functions and its standard library, as far as values pass through them. One table: name -> rule."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

from untangle.model.value import ACCOUNT, REGION, Concat, Env, Symbol
from untangle.scanners.code.python import text
from untangle.scanners.code.python.attributes import Attributes
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
    Method,
    Module,
    OneOf,
    Partial,
    Scope,
    dict_of,
    either,
    options,
    settled,
    unknown,
)

Rule: TypeAlias = Callable[[Attributes, Arguments, ast.AST, Scope], Abstract]


def _first(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """What is given comes out, in a form that does not matter here."""
    found = arguments.all()
    return found[0] if found else unknown(scope.source, node)


def _environment(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    has_default = len(arguments.positional) > 1 or "default" in arguments.named
    return core.variable(arguments.get("key", 0), arguments.get("default", 1), node, scope, has_default=has_default)


def _loads(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    return core.decoded(arguments.get("s", 0), node, scope)


def _dumps(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("obj", 0)
    return (
        either(_encoded(option) for option in options(value))
        if not isinstance(value, Instance)
        else Encoded(dict_of(value.names))
    )


def _encoded(value: Abstract) -> Abstract:
    if isinstance(value, FromMessage) and value.path and value.path[-1] == "()":
        return FromMessage(value.path[:-1], value.name)
    return Encoded(value)


def _path_join(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    parts: list[Abstract] = []
    for i, part in enumerate(arguments.positional):
        parts.extend(["/", part] if i else [part])
    return text.joined(parts, unknown(scope.source, node))


def _splitext(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value, instead = arguments.get("p", 0), unknown(scope.source, node)
    last = value.parts[-1] if isinstance(value, Concat) else value
    if not isinstance(last, str) or "." not in last.rpartition("/")[2]:
        return ListOf([instead, instead])
    stem, _, extension = last.rpartition(".")
    kept = value.parts[:-1] if isinstance(value, Concat) else ()
    return ListOf([text.joined([*kept, stem], instead), f".{extension}"])


def _getattr(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    name = arguments.get("name", 1)
    if isinstance(name, str):
        return core.attribute(arguments.get("o", 0), name, node, scope)
    owner = arguments.get("o", 0)
    if isinstance(owner, Module):
        return either([*owner.scope.names.values()]) if len(owner.scope.names) < 12 else unknown(scope.source, node)
    return unknown(scope.source, node)


def _setattr(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    owner, name = arguments.get("o", 0), arguments.get("name", 1)
    if isinstance(owner, Instance) and isinstance(name, str):
        owner.names[name] = arguments.get("value", 2)
        owner.version += 1
    return None


_KINDS: Mapping[str, tuple[type, ...]] = {
    "dict": (DictOf,),
    "list": (ListOf,),
    "tuple": (ListOf,),
    "str": (str, Encoded, Env),
    "int": (int,),
    "bool": (bool,),
}


def _isinstance(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value, kind = arguments.get("o", 0), arguments.get("kind", 1)
    if isinstance(value, OneOf) or not isinstance(kind, Library):
        return unknown(scope.source, node)
    if isinstance(value, DictOf | Encoded | str | bool | int):
        wanted = _KINDS.get(kind.name.removeprefix("builtins."))
        if wanted is not None:
            return isinstance(value, wanted)
    return unknown(scope.source, node)


def _dict(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    made = DictOf(born=core.level)
    for value in arguments.positional:
        if (
            isinstance(value, ListOf)
            and not value.open
            and all(isinstance(pair, ListOf) and len(pair.items) == 2 for pair in value.items)
        ):
            for pair in value.items:
                core.put(made, pair.items[0], pair.items[1])  # type: ignore[attr-defined]
        else:
            core.merge(made, value)
    for key, value in arguments.named.items():
        core.put(made, key, value)
    made.open = made.open or arguments.open
    return made


def _sequence(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("iterable", 0)
    if not arguments.positional:
        return ListOf(born=core.level)
    if isinstance(value, ListOf):
        return ListOf(list(value.items), value.open, core.level)
    if isinstance(value, FromMessage):
        return value
    return ListOf([core.element(value, node, scope)], open=True, born=core.level)


def _pairs(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """enumerate"""
    value = arguments.get("iterable", 0)
    if isinstance(value, ListOf) and not value.open:
        return ListOf([ListOf([i, item]) for i, item in enumerate(value.items)])
    return ListOf([ListOf([Symbol("index"), core.element(value, node, scope)])], open=True)


def _zip(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    given = arguments.positional
    if given and all(isinstance(value, ListOf) and not value.open for value in given):
        rows = zip(*(value.items for value in given if isinstance(value, ListOf)), strict=False)
        return ListOf([ListOf(list(row)) for row in rows])
    return ListOf([ListOf([core.element(value, node, scope) for value in given])], open=True)


def _chained(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    return ListOf([core.element(value, node, scope) for value in arguments.positional], open=True)


def _element(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    found = core.element(arguments.get("iterable", 0), node, scope)
    return either([found, arguments.positional[1]]) if len(arguments.positional) > 1 else found


def _mapped(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    function, *iterables = arguments.positional or [None]
    guard = core.guard(
        "loop", f"map over {scope.source.segment(node)}", scope.source, node, over=iterables[0] if len(iterables) == 1 else None
    )
    items = [core.element(value, node, scope) for value in iterables]
    with core.under(guard):
        return ListOf([core.call(function, Arguments(items), node, scope)], open=True)


def _filtered(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("iterable", 1)
    item = core.element(value, node, scope)
    if isinstance(arguments.get("function", 0), Function | Method | Partial):
        core.call(arguments.get("function", 0), Arguments([item]), node, scope)
    return ListOf([item], open=True)


def _partial(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    target, *rest = arguments.positional or [None]
    return Partial(target, Arguments(list(rest), dict(arguments.named), arguments.open))


def _never(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    return Symbol("never returns")


def _sleep(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    looped = any(guard.kind == "loop" and guard.text.startswith("while") for guard in core.guards)
    core.signals.setdefault("polling" if looped else "sleep", scope.source.at(node))
    return None


def _import_module(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    name = arguments.get("name", 0)
    path = core.modules.find(name, scope.source.path, core.entry.roots) if isinstance(name, str) and name.strip(".") else None
    return (core.load(path) if path is not None else None) or unknown(scope.source, node)


def _field(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    if "default_factory" in arguments.named:
        return core.call(arguments.named["default_factory"], Arguments(), node, scope)
    if "default" in arguments.named:
        return arguments.named["default"]
    return Foreign("dataclasses.field", arguments)


def _as_dict(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("obj", 0)
    return dict_of(value.names) if isinstance(value, Instance) else value


def _cast(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    return arguments.get("val", 1)


def _type(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("o", 0)
    return value.cls if isinstance(value, Instance) else unknown(scope.source, node)


def _vars(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("o", 0)
    if isinstance(value, Instance):
        return dict_of(value.names, open=True)
    if isinstance(value, Class):
        return dict_of(value.names.names, open=True)
    return dict_of(scope.module.names, open=True) if not arguments.positional else unknown(scope.source, node)


def _defaulted(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """defaultdict"""
    made = DictOf(open=True, born=core.level)
    factory = arguments.get("default_factory", 0)
    if isinstance(factory, Library | Function) and len(arguments.positional) == 1:
        made.others, made.has_others = core.call(factory, Arguments(), node, scope), True
    return made


def _namedtuple(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    return Library("builtins.dict")


def _decorator(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """A decorator of Python's own: it neither calls what it is given nor changes it."""
    given = arguments.positional
    return given[0] if given and isinstance(given[0], Function) and len(given) == 1 else Library("functools.identity")


def _wraps(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    return Library("functools.identity")


def _literal(value: Abstract) -> Rule:
    return lambda core, arguments, node, scope: value


def _text_of(core: Attributes, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    value = arguments.get("object", 0, "")
    return str(value) if settled(value) and value is not None else value


def _dotted(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


STANDARD: dict[str, Rule] = {
    **_dotted("os.getenv os.environ.get os.environ.pop os.environ.setdefault", _environment),
    "os.path.splitext": _splitext,
    **_dotted("os.path.join posixpath.join builtins.os.path.join", _path_join),
    **_dotted(
        "json.loads simplejson.loads ujson.loads orjson.loads rapidjson.loads yaml.safe_load "
        "ast.literal_eval msgspec.json.decode",
        _loads,
    ),
    **_dotted("json.dumps simplejson.dumps ujson.dumps orjson.dumps rapidjson.dumps msgspec.json.encode", _dumps),
    **_dotted(
        "base64.b64decode base64.b64encode base64.urlsafe_b64decode base64.standard_b64decode gzip.decompress gzip.compress "
        "zlib.decompress "
        "zlib.compress io.BytesIO io.StringIO io.TextIOWrapper gzip.GzipFile decimal.Decimal copy.copy copy.deepcopy "
        "urllib.parse.unquote_plus "
        "urllib.parse.unquote urllib.parse.quote urllib.parse.quote_plus urllib.unquote_plus urllib.unquote builtins.bytes "
        "builtins.bytearray builtins.int builtins.float builtins.bool builtins.iter asyncio.run asyncio.ensure_future "
        "asyncio.create_task "
        "asyncio.get_event_loop.run_until_complete asyncio.wait_for asyncio.shield os.path.basename os.path.normpath os.fspath "
        "html.escape html.unescape textwrap.dedent contextlib.closing contextlib.nullcontext types.SimpleNamespace sys.intern "
        "os.path.expandvars pprint.pformat functools.wraps.call builtins.memoryview builtins.frozenset.copy",
        _first,
    ),
    **_dotted("builtins.str builtins.repr builtins.format", _text_of),
    **_dotted(
        "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.sorted builtins.reversed collections.deque",
        _sequence,
    ),
    **_dotted("builtins.dict collections.OrderedDict types.MappingProxyType collections.ChainMap", _dict),
    **_dotted("builtins.next builtins.min builtins.max random.choice", _element),
    **_dotted("builtins.map itertools.starmap", _mapped),
    **_dotted("itertools.chain itertools.chain.from_iterable", _chained),
    **_dotted("builtins.vars builtins.globals builtins.locals", _vars),
    **_dotted("sys.exit builtins.exit builtins.quit os._exit", _never),
    **_dotted("dataclasses.field", _field),
    **_dotted("dataclasses.asdict attr.asdict", _as_dict),
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.isinstance": _isinstance,
    "builtins.enumerate": _pairs,
    "builtins.zip": _zip,
    "builtins.filter": _filtered,
    "builtins.type": _type,
    "functools.partial": _partial,
    "functools.wraps": _wraps,
    "types.MethodType": _partial,
    **_dotted(
        "functools.lru_cache functools.cache functools.cached_property functools.singledispatch functools.update_wrapper "
        "dataclasses.dataclass typing.overload typing.final typing.no_type_check typing.runtime_checkable functools.identity "
        "asyncio.coroutine contextlib.contextmanager contextlib.asynccontextmanager abc.abstractmethod builtins.property",
        _decorator,
    ),
    "time.sleep": _sleep,
    "asyncio.sleep": _sleep,
    "importlib.import_module": _import_module,
    "typing.cast": _cast,
    "collections.defaultdict": _defaulted,
    "collections.namedtuple": _namedtuple,
    "boto3.session.region_name": _literal(REGION),
    "boto3.session.account": _literal(ACCOUNT),
}
# Names of libraries that stand for one value.
CONSTANTS: dict[str, Abstract] = {
    "os.sep": "/",
    "os.linesep": "\n",
    "string.digits": "0123456789",
    "typing.TYPE_CHECKING": Symbol("TYPE_CHECKING"),
}
