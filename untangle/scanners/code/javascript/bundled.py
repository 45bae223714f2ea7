"""What a bundler makes of modules, read as the modules that they were: one file, its names perhaps shortened.

esbuild gives an object getters for what a module exports, `f(v, {handler: () => S})`, and makes `module.exports` of it by another
helper of its own, `b(v)`. Neither can be followed, nor told by its name once it is shortened, but by its form.
https://esbuild.github.io/content-types/#javascript
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from untangle.scanners.code.lowered import syntax as s

_EXPORTS = s.Member(s.Name("module"), "exports")
_VENDORED = re.compile(r"(?:^|[\"'/])node_modules/((?:@[\w.-]+/)?[\w.-]+)/(?!.*/node_modules/)")
# Version 3 of the AWS SDK names each command and its client in the class that it makes of it.
_CLIENT = re.compile(r"this\.middlewareStack(?:\.use\(|\s*=\s*\w+\.middlewareStack\b)")
_COMMAND = re.compile(r"""\.n\(\s*["'](\w+)Client["']\s*,\s*["'](\w+Command)["']\s*\)""")


def unbundled(body: tuple[s.Statement, ...]) -> tuple[s.Statement, ...]:
    """A file's statements, with what its bundler's getters export set at the end, where all names have their values."""
    getters: dict[str, Mapping[str, s.Expr]] = {}
    exported: list[str] = []
    for expression in _expressions(body):
        if isinstance(expression, s.Invoke) and len(expression.arguments) == 2:
            target, given = expression.arguments
            found = _getters(given)
            if isinstance(target, s.Name) and found:
                getters[target.id] = found
        elif isinstance(expression, s.Assign) and expression.target == _EXPORTS:
            value = expression.value
            if isinstance(value, s.Invoke) and len(value.arguments) == 1 and isinstance(value.arguments[0], s.Name):
                exported.append(value.arguments[0].id)
    return (*_commands(body), *_set(getters, exported))


def _commands(body: tuple[s.Statement, ...]) -> Iterator[s.Statement]:
    """The commands of an SDK that was bundled too, as those of its package: classes that are made of what is made of a client's
    name, and the document client's, which wrap another.
    """
    clients: dict[str, str] = {}
    for statement in body:
        target, value = (statement.target, statement.value) if isinstance(statement, s.Bind) else (None, None)
        if isinstance(target, s.Name) and isinstance(value, s.Invoke):
            named = _text(value.arguments[2]) if len(value.arguments) == 4 else ""
            if named.endswith("Client") and _text(value.arguments[1]):
                clients[target.id] = named.removesuffix("Client").lower()
        elif isinstance(target, s.Name) and isinstance(value, s.Class):
            made = _made(value, clients)
            statement = s.Bind(target, made) if made is not None else statement
        yield statement


def _made(code: s.Class, clients: Mapping[str, str]) -> s.Expr | None:
    """The command that a class is; None where it is none."""
    base = code.base
    if isinstance(base, s.Invoke) and isinstance(base.callee, s.Name) and base.callee.id in clients and len(base.arguments) == 4:
        operation = _text(base.arguments[2])
        return s.Member(s.Module(f"@aws-sdk/client-{clients[base.callee.id]}"), f"{operation}Command") if operation else None
    wrapped = s.Member(s.This(), "clientCommand")
    for expression in _expressions(next((made.body for name, made in code.methods if name == "constructor"), ())):
        if isinstance(expression, s.Assign) and expression.target == wrapped and isinstance(expression.value, s.Invoke):
            return expression.value.callee
    return None


def _text(expression: s.Expr) -> str:
    return expression.value if isinstance(expression, s.Const) and isinstance(expression.value, str) else ""


def _set(getters: Mapping[str, Mapping[str, s.Expr]], exported: list[str]) -> Iterator[s.Statement]:
    for name, values in getters.items():
        yield from (s.Run(s.Assign(s.Member(s.Name(name), key), value)) for key, value in values.items())
    for name in exported:
        if name in getters:
            entries = tuple((s.Const(key), value) for key, value in getters[name].items())
            yield s.Run(s.Assign(_EXPORTS, s.Object(entries)))


def _expressions(body: tuple[s.Statement, ...]) -> Iterator[s.Expr]:
    """The expressions that stand as statements; of those that commas join, each."""
    pending = [statement.value for statement in reversed(body) if isinstance(statement, s.Run)]
    while pending:
        value = pending.pop()
        if isinstance(value, s.Index) and isinstance(value.of, s.Array) and value.key == s.Const(len(value.of.items) - 1):
            pending.extend(reversed(value.of.items))
        else:
            yield value


def _getters(given: s.Expr) -> dict[str, s.Expr]:
    """What each function of an object returns, where all are as short as a bundler's getters; {} where one is not."""
    found: dict[str, s.Expr] = {}
    for key, value in given.entries if isinstance(given, s.Object) else ():
        returned = value.body[0] if isinstance(value, s.Lambda) and not value.parameters and len(value.body) == 1 else None
        if not (isinstance(key, s.Const) and isinstance(key.value, str) and isinstance(returned, s.Return)):
            return {}
        if not isinstance(returned.value, s.Name):
            return {}
        found[key.value] = returned.value
    return found


def vendored(callee: s.Expr, arguments: tuple[s.Expr, ...]) -> s.Expr | None:
    """A package that a bundler wrapped, `__commonJS({"node_modules/p/index.js"(exports, module) {…}})`: what gives it out."""
    given = arguments[0] if len(arguments) == 1 else None
    if not (isinstance(callee, s.Name) and isinstance(given, s.Object) and len(given.entries) == 1):
        return None
    key, value = given.entries[0]
    path = _VENDORED.search(key.value) if isinstance(key, s.Const) and isinstance(key.value, str) else None
    if path is None or not isinstance(value, s.Lambda):
        return None
    return s.Lambda("", (), (s.Return(s.Module(path[1])),), value.line)


def packaged(heritage: str, body: str) -> s.Expr | None:
    """The command or client of the AWS SDK that a class is, by what it extends and does; None where it is none."""
    found = _COMMAND.search(heritage)
    if found is not None:
        return s.Member(s.Module(f"@aws-sdk/client-{found[1].lower()}"), found[2])
    return s.Member(s.Module("@aws-sdk/client-bundled"), "Client") if _CLIENT.search(body) else None
