"""JavaScript and TypeScript to the small syntax, from tree-sitter's concrete syntax.

Types are dropped. tree-sitter survives syntax errors; the line of the first one is kept with the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.javascript.bundled import unbundled
from untangle.scanners.code.javascript.expressions import Expressions, finished, named
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import passed

if TYPE_CHECKING:
    from tree_sitter import Node

# The attributes of an import by their first keyword, which the grammar knows no more; the later one is as long with two blanks.
_ATTRIBUTES = re.compile(rb"""(\bfrom\s*(?:"[^"\n]*"|'[^'\n]*')\s*)assert(?=\s*\{)""")


def lower(path: str, data: bytes) -> s.Program:
    """A file as a program; raises RecursionError on absurdly deep nesting."""
    tree = _parser(path).parse(_ATTRIBUTES.sub(rb"\1with  ", data) if b"assert" in data else data)
    root = tree.root_node
    return s.Program(path, unbundled(tuple(_Lowering(data).statements(root))), _first_error(root) if root.has_error else None)


def _parser(path: str) -> Parser:
    from tree_sitter import Language, Parser

    if path.endswith((".ts", ".mts", ".cts")):
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_typescript()))
    if path.endswith(".tsx"):
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_tsx()))
    import tree_sitter_javascript

    return Parser(Language(tree_sitter_javascript.language()))


if TYPE_CHECKING:
    from tree_sitter import Parser


def _first_error(root: Node) -> int | None:
    pending = [root]
    while pending:
        node = pending.pop(0)
        if node.is_error or node.is_missing:
            return node.start_point[0] + 1
        pending.extend(child for child in node.children if child.has_error)
    return None


class _Lowering(Expressions):
    """One file being lowered: statements."""

    # statements

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements in a block, or the one statement that stands instead of it."""
        if node is None:
            return
        if node.type in ("statement_block", "program", "class_static_block", "switch_case", "switch_default", "else_clause"):
            for child in node.named_children:
                yield from self._statement(child)
        else:
            yield from self._statement(node)

    def _statement(self, node: Node) -> Iterator[s.Statement]:
        handler = _STATEMENTS.get(node.type)
        if handler is not None:
            yield from handler(self, node)
        elif node.type.endswith(("expression", "identifier")) or node.type in ("string", "template_string", "number"):
            yield s.Run(self.expression(node))

    def _run(self, node: Node) -> Iterator[s.Statement]:
        for child in node.named_children:
            if child.type != "comment":
                lowered = self.expression(child)
                yield s.Run(finished(lowered) if child.type == "await_expression" else lowered)

    def _declaration(self, node: Node) -> Iterator[s.Statement]:
        for child in node.named_children:
            if child.type == "variable_declarator":
                value = child.child_by_field_name("value")
                name = child.child_by_field_name("name")
                lowered = named(self.expression(value), self._text(name)) if value is not None else None
                yield s.Bind(self.pattern(name), lowered)

    def _function(self, node: Node) -> Iterator[s.Statement]:
        name = self._text(node.child_by_field_name("name")) or "default"
        yield s.Bind(s.Name(name), self._lambda(node, name))

    def _class(self, node: Node) -> Iterator[s.Statement]:
        name = self._text(node.child_by_field_name("name")) or "default"
        yield s.Bind(s.Name(name), self._class_of(node, name))

    def _if(self, node: Node) -> Iterator[s.Statement]:
        condition = node.child_by_field_name("condition")
        yield s.Branch(
            self.condition(condition),
            self._line_text(condition).strip("()"),
            self._line(node),
            tuple(self.statements(node.child_by_field_name("consequence"))),
            tuple(self.statements(node.child_by_field_name("alternative"))),
        )

    def _switch(self, node: Node) -> Iterator[s.Statement]:
        value = node.child_by_field_name("value")
        subject = self._line_text(value).strip("()")
        lowered = self.expression(value)
        body = node.child_by_field_name("body")
        number, first = 0, True
        entered: list[s.Expr] = []  # the cases that come to the statements: those before that have none, or do not leave
        for case in body.named_children if body is not None else ():
            test = case.child_by_field_name("value")
            text = f"{subject} === {self._line_text(test)}" if test is not None else f"{subject} is anything else"
            entered.append(s.Opaque((lowered, self.expression(test)), text, "==") if test is not None else lowered)
            inner = [child for child in case.named_children if child != test and child.type not in ("comment", "break_statement")]
            statements = tuple(statement for child in inner for statement in self._statement(child))
            if statements:
                # a case does not end the function for the cases after it, whatever it returns
                asked = entered[0] if len(entered) == 1 else s.Opaque(tuple(entered), text, "or")
                of = s.Case(node.start_byte, number, first)
                yield s.Branch(asked, text, self._line(case), statements, (s.Run(s.Const(None)),), of)
                first = False
            if statements and _leaves(case):
                entered = []
                number += 1

    def _for_in(self, node: Node) -> Iterator[s.Statement]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        over = self.expression(right)
        operator = node.child_by_field_name("operator")
        target = self.pattern(left) if operator is not None and self._text(operator) == "of" else None
        body = tuple(self.statements(node.child_by_field_name("body")))
        yield s.Loop(target, over, self._line_text(right), self._line(node), body)

    def _for(self, node: Node) -> Iterator[s.Statement]:
        initial = node.child_by_field_name("initializer")
        if initial is not None:
            yield from self._statement(initial)
        yield from self._while(node)

    def _while(self, node: Node) -> Iterator[s.Statement]:
        condition = node.child_by_field_name("condition")
        over = s.Opaque((self.expression(condition),)) if condition is not None else None
        body = tuple(self.statements(node.child_by_field_name("body")))
        yield s.Loop(None, over, self._line_text(condition).strip("()"), self._line(node), body)

    def _return(self, node: Node) -> Iterator[s.Statement]:
        value = node.named_children[0] if node.named_children else None
        yield s.Return(passed(self.expression(value)) if value is not None else None)

    def _throw(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave(self.expression(node.named_children[0]) if node.named_children else s.Const(None))

    def _leave(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave()

    def _try(self, node: Node) -> Iterator[s.Statement]:
        handler, final = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
        caught = handler.child_by_field_name("parameter") if handler is not None else None
        yield s.Attempt(
            tuple(self.statements(node.child_by_field_name("body"))),
            tuple(self.statements(handler.child_by_field_name("body"))) if handler is not None else (),
            self.pattern(caught) if caught is not None else None,
            self._line(handler or node),
            tuple(self.statements(final.child_by_field_name("body"))) if final is not None else (),
            catches=handler is not None,
        )

    def _block_statement(self, node: Node) -> Iterator[s.Statement]:
        yield s.Block(tuple(self.statements(node)))

    def _labelled(self, node: Node) -> Iterator[s.Statement]:
        body = node.child_by_field_name("body")
        if body is not None:
            yield from self._statement(body)

    # imports and exports

    def _import(self, node: Node) -> Iterator[s.Statement]:
        source = self._string(node.child_by_field_name("source"))
        names: list[tuple[str, str]] = []
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                source = self._string(clause.child_by_field_name("source"))
                names.append(("*", self._text(clause.named_children[0])))
            elif clause.type == "import_clause":
                names.extend(self._import_names(clause))
        yield s.Import(source, tuple(names))

    def _import_names(self, clause: Node) -> Iterator[tuple[str, str]]:
        for child in clause.named_children:
            if child.type == "identifier":
                yield ("default", self._text(child))
            elif child.type == "namespace_import":
                yield ("*", self._text(child.named_children[0]))
            elif child.type == "named_imports":
                for specifier in child.named_children:
                    name = specifier.child_by_field_name("name")
                    alias = specifier.child_by_field_name("alias") or name
                    if name is not None:
                        yield (self._text(name), self._text(alias))

    def _export(self, node: Node) -> Iterator[s.Statement]:
        source_node = node.child_by_field_name("source")
        source = self._string(source_node) if source_node is not None else None
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        if declaration is not None:
            for statement in self._statement(declaration):
                yield statement
                default = any(child.type == "default" for child in node.children)
                if isinstance(statement, s.Bind):
                    for name in _bound(statement.target):
                        yield s.Export("default" if default else name, s.Name(name))
        elif value is not None:
            yield s.Export("default", self.expression(value))
        elif source is not None and any(child.type == "*" for child in node.children):
            yield s.Export("*", source=source)
        for clause in node.named_children:
            if clause.type == "namespace_export" and source is not None:
                yield s.Export(self._text(clause.named_children[0]), s.Module(source))
            if clause.type == "export_clause":
                yield from self._export_names(clause, source)

    def _export_names(self, clause: Node, source: str | None) -> Iterator[s.Statement]:
        for specifier in clause.named_children:
            name = specifier.child_by_field_name("name")
            if name is not None:
                alias = specifier.child_by_field_name("alias") or name
                yield s.Export(self._text(alias), s.Name(self._text(name)), source)

    def _export_assignment(self, node: Node) -> Iterator[s.Statement]:
        for child in node.named_children:
            yield s.Export("default", self.expression(child))


def _leaves(case: Node) -> bool:
    """Whether a case ends in leaving its switch."""
    last = next((child for child in reversed(case.named_children) if child.type != "comment"), None)
    if last is not None and last.type == "statement_block":
        return _leaves(last)
    return last is not None and last.type in ("break_statement", "return_statement", "throw_statement", "continue_statement")


def _bound(pattern: s.Pattern) -> Iterator[str]:
    if isinstance(pattern, s.Name):
        yield pattern.id
    elif isinstance(pattern, s.Fields):
        for _, inner, _ in pattern.entries:
            yield from _bound(inner)
    elif isinstance(pattern, s.Elements):
        for item in pattern.items:
            if item is not None:
                yield from _bound(item)
    elif isinstance(pattern, s.Default):
        yield from _bound(pattern.pattern)


_L = _Lowering
_STATEMENTS: dict[str, Callable[[_Lowering, Node], Iterator[s.Statement]]] = {
    "expression_statement": _L._run,
    "lexical_declaration": _L._declaration,
    "variable_declaration": _L._declaration,
    "function_declaration": _L._function,
    "generator_function_declaration": _L._function,
    "class_declaration": _L._class,
    "abstract_class_declaration": _L._class,
    "if_statement": _L._if,
    "switch_statement": _L._switch,
    "for_in_statement": _L._for_in,
    "for_statement": _L._for,
    "while_statement": _L._while,
    "do_statement": _L._while,
    "return_statement": _L._return,
    "throw_statement": _L._throw,
    "break_statement": _L._leave,
    "continue_statement": _L._leave,
    "try_statement": _L._try,
    "statement_block": _L._block_statement,
    "labeled_statement": _L._labelled,
    "import_statement": _L._import,
    "export_statement": _L._export,
    "export_assignment": _L._export_assignment,
}
