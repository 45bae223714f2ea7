"""Configuration written in JavaScript or TypeScript, evaluated as far as it is literal. Nothing of it is run.

A module's exports become located documents (`scanners/document`): objects keep their lines, `process.env.X` becomes the
framework's `${env:X}`, what is not literal becomes a Symbol with its source text. Imports of files of the tree are followed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from untangle.scanners.code.javascript.modules import Modules
from untangle.scanners.document import Map, Node, Seq, read_document
from untangle.scanners.serverless_framework.script_values import Evaluation, Function, Names, text_of

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax
    from tree_sitter import Parser

    from untangle.scanners.tree import Tree

MAX_SIZE = 1_000_000
MAX_DEPTH = 100
_DECLARATIONS = ("lexical_declaration", "variable_declaration")
_FUNCTIONS = ("function_declaration", "generator_function_declaration")


class Scripts:
    """The scripts of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._modules = Modules(tree)
        self._known: dict[tuple[str, str], Map] = {}

    def exported(self, path: str, folder: str) -> Node:
        """What a script exports to the framework, in whose folder it runs; None where that is not known."""
        try:
            exports = self.module(path, folder)
            found: Any = exports.get("default", exports if exports else None)
            if isinstance(found, Function):
                found = Evaluation(self, folder).apply(found, [])
            return found if isinstance(found, Map | Seq | str) and not _too_deep(found) else None
        except RecursionError:
            return None

    def module(self, path: str, folder: str) -> Map:
        """The exports of one module by name; empty while it is being read, or where it cannot be."""
        key = (path, folder)
        if key not in self._known:
            self._known[key] = exports = Map(path=path)
            data = self._tree.read(path)
            if data is None or len(data) > MAX_SIZE:
                return exports
            if path.endswith(".json"):
                exports["default"] = read_document(data).root
            else:
                _Module(self, path, folder, exports).read(data)
        return self._known[key]

    def imported(self, source: str, path: str, folder: str) -> Map | None:
        """The exports of what an import in `path` names; None for a package."""
        if source.startswith(".") and source.endswith(".json"):
            found = self._tree.resolve(posixpath.dirname(path), source)
            found = found if found is not None and self._tree.has(found) else None
        else:
            found = self._modules.locate(source, path)
        return self.module(found, folder) if found is not None else None


def _too_deep(node: Node) -> bool:
    """Whether a value is nested deeper than any person writes: what reads it on goes down by recursion."""
    level: list[Node] = [node]
    for _ in range(MAX_DEPTH):
        below = (inner for item in level for inner in _inside(item))
        level = list({id(inner): inner for inner in below}.values())  # what is used many times is looked at once
        if not level:
            return False
    return True


def _inside(node: Node) -> Iterator[Node]:
    if isinstance(node, Map):
        yield from node.values()
    elif isinstance(node, Seq):
        yield from node


class _Module:
    """One module while its statements are read in order."""

    def __init__(self, scripts: Scripts, path: str, folder: str, exports: Map) -> None:
        self._scripts = scripts
        self._path = path
        self._folder = folder
        self._exports = exports
        self._names = Names(path=path)
        self._evaluation = Evaluation(scripts, folder)

    def read(self, data: bytes) -> None:
        """Reads the whole module."""
        root = _parser(self._path).parse(data).root_node
        statements = [child for child in root.named_children if child.type != "comment"]
        for statement in statements:  # functions are there before any statement
            for declared in _declared_functions(statement):
                self._evaluation.declare(declared, self._names)
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: Syntax) -> None:
        if node.type == "import_statement":
            self._import(node)
        elif node.type == "export_statement":
            self._export(node)
        elif node.type == "export_assignment":
            self._exports["default"] = self._evaluation.value(node.named_children[0], self._names)
        elif node.type == "expression_statement":
            self._expression(node.named_children[0])
        elif node.type in _DECLARATIONS:
            self._evaluation.declare(node, self._names)

    def _expression(self, node: Syntax) -> None:
        if node.type != "assignment_expression":
            return
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        name = text_of(left)
        if name in ("module.exports", "exports"):
            self._exports["default"] = self._evaluation.value(right, self._names)
        elif name.startswith(("module.exports.", "exports.")):
            self._exports[name.rpartition(".")[2]] = self._evaluation.value(right, self._names)
        else:
            self._evaluation.assign(left, right, self._names)

    def _import(self, node: Syntax) -> None:
        source = node.child_by_field_name("source")
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                source = clause.child_by_field_name("source")
        module = self._scripts.imported(text_of(source).strip("'\""), self._path, self._folder) if source is not None else None
        for name, local in _imported_names(node):
            unknown = self._evaluation.unknown(node, self._names, local)
            self._names.bound[local] = unknown if module is None else _member(module, name, unknown)

    def _export(self, node: Syntax) -> None:
        source = node.child_by_field_name("source")
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        if source is not None:
            self._pass_on(node, text_of(source).strip("'\""))
        elif declaration is not None:
            for name in self._evaluation.declare(declaration, self._names):
                is_default = any(child.type == "default" for child in node.children)
                self._exports["default" if is_default else name] = self._names.bound[name]
        elif value is not None:
            self._exports["default"] = self._evaluation.value(value, self._names)
        else:
            for name, alias in _specifiers(node):
                self._exports[alias] = self._names.get(name)

    def _pass_on(self, node: Syntax, source: str) -> None:
        module = self._scripts.imported(source, self._path, self._folder)
        if module is None:
            return
        namespace = next((child for child in node.named_children if child.type == "namespace_export"), None)
        if namespace is not None:
            self._exports[text_of(namespace.named_children[0])] = _member(module, "*", None)
        elif any(child.type == "*" for child in node.children):
            self._exports.update({name: value for name, value in module.items() if name != "default"})
        for name, alias in _specifiers(node):
            self._exports[alias] = _member(module, name, None)


def _parser(path: str) -> Parser:
    from tree_sitter import Language, Parser

    if path.endswith((".ts", ".mts", ".cts")):
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_typescript()))
    import tree_sitter_javascript

    return Parser(Language(tree_sitter_javascript.language()))


def _member(module: Map, name: str, otherwise: Any) -> Any:
    """One export of a module, as a part of that file; "*" is all of it."""
    if name == "*":
        whole = {key: value for key, value in module.items() if key != "default"}
        default = module.get("default")
        found: Any = Map(whole.items(), path=module.path) if whole or not isinstance(default, Map) else default
    elif name in module:
        found = module[name]
    else:
        default = module.get("default")
        found = module if name == "default" else default.get(name, otherwise) if isinstance(default, Map) else otherwise
    if isinstance(found, Map) and found.path is None:
        return Map(found.items(), line=found.line, lines=found.lines, path=module.path)
    return found


def _declared_functions(statement: Syntax) -> Iterator[Syntax]:
    declaration = statement.child_by_field_name("declaration") if statement.type == "export_statement" else statement
    if declaration is not None and declaration.type in _FUNCTIONS:
        yield declaration


def _imported_names(node: Syntax) -> Iterator[tuple[str, str]]:
    """Pairs of exported and local name."""
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            yield "*", text_of(clause.named_children[0])
        for child in clause.named_children if clause.type == "import_clause" else ():
            if child.type == "identifier":
                yield "default", text_of(child)
            elif child.type == "namespace_import":
                yield "*", text_of(child.named_children[0])
            elif child.type == "named_imports":
                yield from _pairs(child)


def _specifiers(node: Syntax) -> Iterator[tuple[str, str]]:
    for clause in node.named_children:
        if clause.type == "export_clause":
            yield from _pairs(clause)


def _pairs(clause: Syntax) -> Iterator[tuple[str, str]]:
    for specifier in clause.named_children:
        name = specifier.child_by_field_name("name")
        if name is not None:
            yield text_of(name), text_of(specifier.child_by_field_name("alias") or name)
