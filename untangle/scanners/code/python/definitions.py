"""Imports, functions and classes: how names of one module come to mean what is written in another."""

from __future__ import annotations

import ast
import posixpath

from untangle.model.resource import Gap
from untangle.model.value import Symbol
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    LambdaContext,
    Library,
    Member,
    Method,
    Module,
    OneOf,
    Partial,
    Scope,
    unknown,
)
from untangle.scanners.code.python.statements import Statements
from untangle.scanners.code.python.syntax import Source
from untangle.scanners.code.python.trees import mutable_globals

_PROPERTIES = frozenset(
    {"builtins.property", "functools.cached_property", "abc.abstractproperty", "werkzeug.utils.cached_property"}
)
# Decorators of durable functions: the caller leaves the first parameter, a context, to them.
_GIVES_CONTEXT = frozenset({"durable_step", "durable_with_child_context"})
_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})


class Definitions(Statements):
    """Reads imports and definitions, and loads modules."""

    def define(self, node: ast.stmt, scope: Scope) -> None:
        """Reads an import or a definition."""
        if isinstance(node, ast.Import):
            self._import(node, scope)
        elif isinstance(node, ast.ImportFrom):
            self._import_from(node, scope)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope.names[node.name] = self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            scope.names[node.name] = self._class(node, scope)

    # Modules

    def load(self, path: str) -> Module | None:
        """The module in a file or namespace folder; its top level is read once. A file that cannot be parsed is a Gap."""
        known = self.loaded.get(path)
        if known is not None:
            return known
        if path.endswith("/"):
            empty = Source(path=path, text="", tree=ast.Module(body=[], type_ignores=[]))
            module = Module(path, Scope(empty), folder=path.rstrip("/"), done=True)
            self.loaded[path] = module
            return module
        source = self.modules.source(path)
        if source is None:
            self.unreadable(path)
            return None
        return self.read_module(source)

    def read_module(self, source: Source) -> Module:
        """Reads the top level of a parsed file."""
        folder = posixpath.dirname(source.path) if source.package else None
        script = not self.entry.name and source.path == self.entry.path
        names: dict[str, Abstract] = {"__name__": "__main__" if script else "module", "__file__": source.path}
        scope = Scope(source, names=names, mutable=mutable_globals(source.tree))
        module = Module(source.path, scope, folder=folder)
        self.loaded[source.path] = module
        frames, self.frames = self.frames, [*self.frames[:1]]
        try:
            self.run(source.tree.body, scope)
        finally:
            self.frames = frames
            module.done = True
        return module

    def unreadable(self, path: str) -> None:
        """Notes that a file which the handler needs could not be read."""
        self.failed = True
        location, message = self.modules.problems.get(path, (None, "cannot be read"))
        self.gaps[path] = Gap(what=f"code in {path}", why=f"not read: {message}", location=location)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            value = self._module(alias.name, node, scope)
            if alias.asname is not None:
                scope.names[alias.asname] = value
            else:
                top = alias.name.partition(".")[0]
                scope.names[top] = self._module(top, node, scope) if top != alias.name else value

    def _module(self, name: str, node: ast.stmt, scope: Scope) -> Abstract:
        path = self.modules.find(name, scope.source.path, self.entry.roots)
        if path is None:
            return Library(name)
        return self.load(path) or Symbol(name)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = self._origin(node, scope)
        for alias in node.names:
            if alias.name == "*":
                self._import_all(module, scope)
                continue
            scope.names[alias.asname or alias.name] = self.exported(module, alias.name, node, scope)

    def _origin(self, node: ast.ImportFrom, scope: Scope) -> Abstract:
        name = node.module or ""
        if not node.level:
            return self._module(name, node, scope) if name != "__future__" else Library(name)
        path = self.modules.relative(name, node.level, scope.source)
        if path is None:
            what = "." * node.level + name
            self.failed = True
            self.gaps[f"import {what}"] = Gap(
                what=f"module {what}", why="imported, but not in the scanned tree", location=scope.source.at(node)
            )
            return Symbol(what)
        return self.load(path) or Symbol(name)

    def exported(self, module: Abstract, name: str, node: ast.AST, scope: Scope) -> Abstract:
        """What a module offers under a name: bound there, a submodule, or defined further down where two import each other."""
        if isinstance(module, Library):
            return Library(f"{module.name}.{name}" if module.name else name)
        if not isinstance(module, Module):
            return unknown(scope.source, node)
        if name in module.scope.names:
            value = module.scope.names[name]
            return self.changing(value, name, module.scope)
        if module.folder is not None:
            path = self.modules.within(module.folder, name)
            if path is not None and path != scope.source.path:
                return self.load(path) or unknown(scope.source, node)
        if not module.done:
            return self._later(module, name) or unknown(scope.source, node)
        return unknown(scope.source, node)

    def _later(self, module: Module, name: str) -> Abstract:
        for statement in module.scope.source.tree.body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef) and statement.name == name:
                self.define(statement, module.scope)
                return module.scope.names[name]
        return None

    def changing(self, value: Abstract, name: str, scope: Scope) -> Abstract:
        """The value of a global; one that functions bind anew is known only as what it began with or something else."""
        raise NotImplementedError

    def _import_all(self, module: Abstract, scope: Scope) -> None:
        if isinstance(module, Module):
            for name, value in list(module.scope.names.items()):
                if not name.startswith("_"):
                    scope.names.setdefault(name, value)

    # Functions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Abstract:
        value: Abstract = self.function(node, scope)
        for decorator in reversed(node.decorator_list):
            value = self._decorated(decorator, value, scope)
        return value

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> Function:
        """A function as it is defined in a scope, undecorated."""
        arguments = node.args
        in_class = scope.owner is not None and scope.names is scope.owner.names.names
        closure = scope.parent if in_class and scope.parent is not None else scope
        return Function(
            node=node,
            scope=closure,
            name=getattr(node, "name", "lambda"),
            owner=scope.owner,
            defaults=tuple(self.evaluate(default, scope) for default in arguments.defaults),
            keyword_defaults={
                argument.arg: self.evaluate(default, scope)
                for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                if default is not None
            },
        )

    def _decorated(self, decorator: ast.expr, value: Abstract, scope: Scope) -> Abstract:
        """What a decorator makes of a function. One of a library is taken to call it; one of the tree is read."""
        applied = self.evaluate(decorator, scope)
        name = applied.name if isinstance(applied, Library | Foreign) else ""
        if isinstance(value, Function):
            if name == "builtins.staticmethod":
                value.kind = "static"
            elif name == "builtins.classmethod":
                value.kind = "class"
            elif name in _PROPERTIES:
                value.kind = "property"
            elif name in _MANAGERS:
                value.manages = True
        if name.rpartition(".")[2] in _GIVES_CONTEXT:
            return Partial(value, Arguments([LambdaContext()]))
        if isinstance(applied, Library):
            return value
        if isinstance(applied, Foreign):
            applied.callbacks.append(value)
            return value
        if isinstance(applied, Member):
            if isinstance(applied.receiver, Foreign):
                applied.receiver.callbacks.append(value)
            return value
        if isinstance(applied, Function | Method | Partial | Class | Instance | OneOf):
            made = self.call(applied, Arguments([value]), decorator, scope)
            return made if _callable(made) else value
        return value

    # Classes

    def _class(self, node: ast.ClassDef, scope: Scope) -> Abstract:
        bases = tuple(self.evaluate(_origin_of(base), scope) for base in node.bases)
        body = Scope(scope.source, parent=scope, mutable=scope.mutable)
        cls = Class(node.name, node, bases, body, fields=_fields(node))
        body.owner = cls
        self.run(node.body, body)
        value: Abstract = cls
        for decorator in reversed(node.decorator_list):
            applied = self.evaluate(decorator, scope)
            if isinstance(applied, Function | Method | Partial):
                made = self.call(applied, Arguments([value]), decorator, scope)
                value = made if _callable(made) else value
            elif isinstance(applied, Foreign):
                applied.callbacks.append(value)
        return value


def _callable(value: Abstract) -> bool:
    if isinstance(value, OneOf):
        return any(_callable(option) for option in value.options)
    return isinstance(value, Function | Method | Partial | Class | Instance | Foreign)


def _origin_of(base: ast.expr) -> ast.expr:
    """The class in `Generic[T]`-like bases."""
    return base.value if isinstance(base, ast.Subscript) else base


def _fields(node: ast.ClassDef) -> tuple[str, ...]:
    """The annotated names of a class body in order: the parameters of a data class."""
    return tuple(
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "ClassVar" not in ast.dump(statement.annotation)
    )
