"""Go to the small syntax, from tree-sitter's concrete syntax: all files of a package as one module.

Names of a package belong to all of its files, imports to one. Types come first, then methods, then variables in the
order in which they need one another, then `init`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from untangle.scanners.code.go.statements import Statements
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.concrete import first_error, line_of, named

if TYPE_CHECKING:
    from tree_sitter import Node

_TAG = re.compile(r'([\w-]+):"((?:[^"\\]|\\.)*)"')
_VERSION = re.compile(r"\Av\d+\Z")
PackageName = Callable[[str, str], str | None]


@dataclass(slots=True)
class _File:
    """The parts of one file; `variables` are statements with the names that they mention."""

    path: str
    error: int | None = None
    imports: list[s.Statement] = field(default_factory=list)
    declared: list[s.Statement] = field(default_factory=list)
    methods: list[s.Statement] = field(default_factory=list)
    variables: list[tuple[s.Bind, frozenset[str]]] = field(default_factory=list)
    starts: list[s.Statement] = field(default_factory=list)
    mentions: dict[str, frozenset[str]] = field(default_factory=dict)


def lower(folder: str, sources: Mapping[str, bytes], package_name: PackageName) -> s.Program:
    """The files of a package as a program; raises RecursionError on absurdly deep nesting.

    `package_name` gives the name of a package of the tree by its import path and the file that imports it.
    """
    files = [_file(path, data, package_name) for path, data in sorted(sources.items())]
    body: list[s.Statement] = []
    for part in ("imports", "declared", "methods"):
        body += [s.Source(file.path, tuple(getattr(file, part))) for file in files]
    body += _ordered(files)
    body += [s.Source(file.path, tuple(file.starts)) for file in files]
    errors = tuple((file.path, file.error) for file in files if file.error is not None)
    return s.Program(folder, tuple(body), None, errors, shared=True)


def _ordered(files: list[_File]) -> Iterator[s.Source]:
    """The package's variables, each after those that its value needs, directly or by functions that it calls."""
    mentions: dict[str, frozenset[str]] = {}
    where: dict[str, tuple[str, s.Bind]] = {}
    for file in files:
        mentions.update(file.mentions)
        for bind, names in file.variables:
            for name in _names(bind.target):
                mentions[name], where[name] = names, (file.path, bind)
    done: set[str] = set()
    emitted: set[int] = set()
    for first in where:
        pending = [(first, iter(sorted(mentions.get(first, ()))))]
        done.add(first)
        while pending:
            name, rest = pending[-1]
            following = next((other for other in rest if other in mentions and other not in done), None)
            if following is not None:
                done.add(following)
                pending.append((following, iter(sorted(mentions[following]))))
                continue
            pending.pop()
            if name in where and id(where[name][1]) not in emitted:
                path, bind = where[name]
                emitted.add(id(bind))
                yield s.Source(path, (bind,))


def _names(pattern: s.Pattern | None) -> Iterator[str]:
    if isinstance(pattern, s.Name):
        yield pattern.id
    elif isinstance(pattern, s.Typed):
        yield from _names(pattern.pattern)
    elif isinstance(pattern, s.Elements):
        for item in pattern.items:
            yield from _names(item)


def _file(path: str, data: bytes, package_name: PackageName) -> _File:
    import tree_sitter_go
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_go.language())).parse(data).root_node
    lowering = _Lowering(data)
    file = _File(path, first_error(root))
    for node in named(root):
        lowering.top(node, file, package_name)
    return file


class _Lowering(Statements):
    """One file being lowered."""

    def top(self, node: Node, file: _File, package_name: PackageName) -> None:
        """One declaration of the top level."""
        if node.type == "import_declaration":
            file.imports.extend(self._imports(node, file.path, package_name))
        elif node.type == "type_declaration":
            file.declared.extend(self._types(node))
        elif node.type in ("var_declaration", "const_declaration"):
            mentions = self._mentions(node)
            for statement in self._variables(node):
                if isinstance(statement, s.Bind):
                    file.variables.append((statement, mentions))
        elif node.type == "function_declaration":
            name = self.text(node.child_by_field_name("name"))
            code = self.function(name, node)
            if name == "init":
                file.starts.append(s.Run(s.Invoke(code, (), line_of(node), "init()")))
            else:
                file.declared.append(s.Bind(s.Name(name), code))
                file.mentions[name] = self._mentions(node.child_by_field_name("body"))
        elif node.type == "method_declaration":
            file.methods.extend(self._method(node))

    def _mentions(self, node: Node | None) -> frozenset[str]:
        found: set[str] = set()
        pending = [node] if node is not None else []
        while pending:
            inner = pending.pop()
            if inner.type in ("identifier", "type_identifier"):
                found.add(self.text(inner))
            pending.extend(inner.named_children)
        return frozenset(found)

    def _imports(self, node: Node, path: str, package_name: PackageName) -> Iterator[s.Statement]:
        for child in named(node):
            if child.type == "import_spec_list":
                yield from self._imports(child, path, package_name)
            elif child.type == "import_spec":
                source = self.string(child.child_by_field_name("path"))
                alias = child.child_by_field_name("name")
                name = self.text(alias) if alias is not None else package_name(source, path) or base_name(source)
                yield s.Import(source, () if name in (".", "_") else (("*", name),))

    def _method(self, node: Node) -> Iterator[s.Statement]:
        receiver = next(named(node.child_by_field_name("receiver")), None)
        kind = self.type(receiver.child_by_field_name("type")) if receiver is not None else None
        if receiver is None or not isinstance(kind, s.Name):
            return
        name = self.text(node.child_by_field_name("name"))
        code = self.function(name, node)
        own = self.text(receiver.child_by_field_name("name"))
        bound = (s.Bind(s.Name(own), s.This()), *code.body) if own and own != "_" else code.body
        yield s.Attach(kind.id, name, s.Lambda(name, code.parameters, bound, code.line))

    # types

    def _types(self, node: Node) -> Iterator[s.Statement]:
        for spec in named(node):
            name, kind = self.text(spec.child_by_field_name("name")), spec.child_by_field_name("type")
            if spec.type not in ("type_spec", "type_alias") or kind is None:
                continue
            other = self.type(kind)
            if kind.type == "struct_type":
                yield s.Bind(s.Name(name), self._struct(name, kind, spec))
            elif kind.type == "interface_type":
                yield s.Bind(s.Name(name), s.Opaque((), name))
            elif other is not None and spec.type == "type_alias":
                yield s.Bind(s.Name(name), other)
            else:  # a type of its own over another: values pass through it unchanged
                tags = (("is", other),) if other is not None else ()
                yield s.Bind(s.Name(name), s.Class(name, None, (), line=line_of(spec), lazy=True, tags=tags, converts=True))

    def _struct(self, name: str, kind: Node, spec: Node) -> s.Class:
        fields: list[tuple[str, s.Expr]] = []
        tags: list[tuple[str, s.Expr]] = []
        embeds: list[str] = []
        for declared in named(next(named(kind), None)):
            if declared.type != "field_declaration":
                continue
            type_ = declared.child_by_field_name("type")
            names = [self.text(child) for child in declared.children_by_field_name("name")]
            if not names:
                embedded = self.text(type_).lstrip("*").rpartition(".")[2].split("[")[0]
                names = [embedded]
                embeds.append(embedded)
            written = dict(_TAG.findall(self.string(declared.child_by_field_name("tag"))))
            for field_name in names:
                fields.append((field_name, self._from_environment(written, type_, field_name)))
                tags.extend(self._tags(field_name, written, type_))
        given = (s.This(), s.Name("given"))
        fill = s.Run(s.Invoke(s.Name("go:fill"), given, line_of(spec), name))
        constructor = s.Lambda("constructor", (s.Default(s.Name("given"), s.Const(None)),), (fill,), line_of(spec))
        return s.Class(
            name,
            None,
            (("constructor", constructor),),
            tuple(fields),
            line=line_of(spec),
            lazy=True,
            tags=tuple(tags),
            embeds=tuple(embeds),
            converts=True,
        )

    def _tags(self, name: str, written: dict[str, str], kind: Node | None) -> Iterator[tuple[str, s.Expr]]:
        for tag in ("json", "envconfig", "dynamodbav"):
            value = written.get(tag, "").split(",")[0]
            if value:
                yield f"{name}.{tag}", s.Const(value)
        known = self.element_type(kind)
        if known is not None:
            yield f"{name}.type", known

    def _from_environment(self, written: dict[str, str], kind: Node | None, name: str) -> s.Expr:
        """A field whose tag names an environment variable; the libraries that read such tags agree on it."""
        tag = written.get("env") or written.get("envconfig") or ""
        variable, *more = (part.strip() for part in tag.split(","))
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            return self.zero(kind, name)
        default = next((part.partition("=")[2] for part in more if part.startswith("default=")), None)
        default = written.get("envDefault") or written.get("default") or default
        given: tuple[s.Expr, ...] = (s.Const(variable),) if not default else (s.Const(variable), s.Const(default))
        return s.Invoke(s.Name("go:env"), given, 1, name)


def base_name(source: str) -> str:
    """The name that a package most likely has, by its import path."""
    parts = source.split("/")
    last = parts[-2] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts[-1]
    return re.sub(r"\.v\d+\Z", "", last).removeprefix("go-").replace("-", "_")
