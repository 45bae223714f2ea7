"""Methods of what is not of the tree: dictionaries, lists, texts, the message, objects of library classes."""

from __future__ import annotations

import ast

from untangle.model.value import Concat, Env, Stored, Symbol, split
from untangle.scanners.code.python import message, text
from untangle.scanners.code.python.attributes import Attributes
from untangle.scanners.code.python.bindings import extend
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    DictOf,
    Encoded,
    FromMessage,
    Instance,
    ListOf,
    Member,
    Scope,
    dict_of,
    either,
    settled,
)

UNKNOWN: Abstract = object()
_DUMPS = frozenset({"json", "model_dump_json", "to_json", "toJSON", "SerializeToString", "as_json"})
_AS_DICT = frozenset({"dict", "model_dump", "to_dict", "asdict", "_asdict", "as_dict"})


def method(core: Attributes, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """What calling `receiver.name(...)` gives for a container, a text or the message; `UNKNOWN` where it is none of them."""
    receiver = member.receiver
    if isinstance(receiver, DictOf):
        return _of_dict(core, receiver, member, arguments, node, scope)
    if isinstance(receiver, ListOf):
        return _of_list(core, receiver, member, arguments, scope)
    if isinstance(receiver, FromMessage):
        return _of_message(core, receiver, member, arguments, node, scope)
    if isinstance(receiver, Encoded):
        return receiver if member.name in ("encode", "decode", "strip") else member.text
    if isinstance(receiver, Env) and member.name == "split":
        parts = _listed(core, receiver, arguments)
        if parts is not None:
            return parts
    if isinstance(receiver, str | Concat | Env | Stored):
        return text.method(receiver, member.name, arguments, member.text, lambda value: core.element(value, node, scope))
    if isinstance(receiver, Instance):
        return _of_instance(receiver, member)
    return UNKNOWN


def _listed(core: Attributes, receiver: Env, arguments: Arguments) -> ListOf | None:
    """The items of a variable in which the template writes a list (`a,b`)."""
    held, separator = (core.environment or {}).get(receiver.name), arguments.get("sep", 0)
    if not isinstance(held, str | Concat) or not isinstance(separator, str) or separator not in (",", ";", "|"):
        return None
    return ListOf([*split(held, separator)])


def _of_dict(core: Attributes, receiver: DictOf, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    name = member.name
    if name in ("get", "pop", "setdefault"):
        return _got(core, receiver, member, arguments, node, scope)
    if name == "items":
        pairs: list[Abstract] = [ListOf([key, value]) for key, value in receiver.entries.items()]
        if receiver.has_others or not pairs or receiver.base is not None:
            pairs.append(ListOf([Symbol("key"), receiver.others if receiver.has_others else Symbol("value")]))
        return ListOf(pairs, open=receiver.open or receiver.has_others or receiver.base is not None)
    if name == "values":
        return ListOf(receiver.values(), open=receiver.open)
    if name == "keys":
        return ListOf(list(receiver.entries), open=receiver.open)
    if name == "copy":
        return DictOf(dict(receiver.entries), receiver.others, receiver.has_others, receiver.open, receiver.base, core.level)
    if name == "update":
        for value in arguments.positional:
            core.merge(receiver, value)
        for key, value in arguments.named.items():
            core.put(receiver, key, value)
    return None if name == "update" else member.text


def _got(core: Attributes, receiver: DictOf, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    key, given = arguments.get("key", 0), len(arguments.positional) > 1 or "default" in arguments.named
    default = arguments.get("default", 1)
    if settled(key) and key in receiver.entries:
        found = receiver.entries[key]
        if member.name == "pop":
            receiver.open = True
        return found if not receiver.open or not given or not settled(found) else either([found, default])
    if settled(key) and not receiver.open and receiver.base is None and not receiver.has_others:
        if member.name == "setdefault":
            core.put(receiver, key, default)
        return default
    found = core.item(receiver, key, node, scope, required=False)
    return either([found, default]) if given and default is not None else found


def _of_list(core: Attributes, receiver: ListOf, member: Member, arguments: Arguments, scope: Scope) -> Abstract:
    name = member.name
    weak = core.level > receiver.born
    if name in ("append", "add", "insert", "appendleft", "put", "put_nowait"):
        receiver.items.append(arguments.get("object", 1 if name == "insert" else 0))
        receiver.open = receiver.open or weak
        return None
    if name in ("extend", "update", "union"):
        extend(receiver, arguments.get("iterable", 0), weak=weak)
        return receiver if name == "union" else None
    if name in ("pop", "popleft", "get"):
        receiver.open = True
        return either(receiver.items) if receiver.items else member.text
    if name == "copy":
        return ListOf(list(receiver.items), receiver.open, core.level)
    if name in ("clear", "remove", "discard", "sort", "reverse"):
        receiver.open = True
        return None
    return member.text


def _of_message(
    core: Attributes, receiver: FromMessage, member: Member, arguments: Arguments, node: ast.AST, scope: Scope
) -> Abstract:
    name = member.name
    if name in ("get", "pop", "setdefault"):
        found = core.item(
            receiver, arguments.get("key", 0), node, scope, required=name == "pop" and len(arguments.positional) < 2
        )
        default = arguments.get("default", 1)
        return (
            found if default is None or isinstance(default, DictOf | ListOf) or not settled(default) else either([found, default])
        )
    if name == "items":
        return ListOf([ListOf([Symbol("key"), FromMessage((*receiver.path, "*"), receiver.name)])], open=True)
    if name in ("values", "copy", "dict", "model_dump", "read", "json"):
        return core.element(receiver, node, scope) if name == "values" else receiver
    if name in message.CALLS:
        return FromMessage((*receiver.path, *message.CALLS[name]), receiver.name)
    return text.method(receiver, name, arguments, member.text, lambda value: core.element(value, node, scope))


def _of_instance(receiver: Instance, member: Member) -> Abstract:
    if member.name in _AS_DICT:
        return dict_of(receiver.names)
    if member.name in _DUMPS:
        return Encoded(dict_of(receiver.names))
    if member.name in ("_replace", "copy", "model_copy"):
        return receiver
    return UNKNOWN
