"""Statements of Java as the small syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.java.expressions import Expressions
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import dropped
from untangle.scanners.code.lowered.concrete import line_of, named

if TYPE_CHECKING:
    from tree_sitter import Node

LEAVING = ("break_statement", "return_statement", "throw_statement", "continue_statement", "yield_statement")
TYPES = ("class_declaration", "enum_declaration", "record_declaration", "interface_declaration", "annotation_type_declaration")


class Statements(Expressions):
    """Lowers statements."""

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements of a block, or the one statement that stands instead of it."""
        if node is None:
            return
        if node.type in ("block", "constructor_body"):
            for child in named(node):
                yield from self._statement(child)
        else:
            yield from self._statement(node)

    def _statement(self, node: Node) -> Iterator[s.Statement]:
        lower = _STATEMENTS.get(node.type)
        if lower is not None:
            yield from lower(self, node)
        elif node.type in TYPES:
            name, made = self.declared(node)
            yield s.Bind(s.Name(name), made)

    def _run(self, node: Node) -> Iterator[s.Statement]:
        for child in named(node):
            if child.type == "switch_expression":
                yield from self.cases(child)
            else:
                yield s.Run(dropped(self.expression(child), ("join", "get")))

    def _local(self, node: Node) -> Iterator[s.Statement]:
        kind = node.child_by_field_name("type")
        for declarator in named(node):
            if declarator.type == "variable_declarator":
                name, value = self.text(declarator.child_by_field_name("name")), declarator.child_by_field_name("value")
                if value is None:
                    yield s.Bind(s.Name(name), None)
                else:
                    yield s.Bind(self.typed(name, kind), self.expression(value))

    def _explicit(self, node: Node) -> Iterator[s.Statement]:
        """`this(…)` and `super(…)`."""
        which = self.text(node.child_by_field_name("constructor"))
        callee: s.Expr = s.Super() if which == "super" else s.Name("constructor()")
        arguments = self.arguments(node.child_by_field_name("arguments"))
        yield s.Run(s.Invoke(callee, arguments, line_of(node), self.line_text(node)))

    def _if(self, node: Node) -> Iterator[s.Statement]:
        condition = node.child_by_field_name("condition")
        yield s.Branch(
            self.expression(condition),
            self.condition_text(condition),
            line_of(node),
            tuple(self.statements(node.child_by_field_name("consequence"))),
            tuple(self.statements(node.child_by_field_name("alternative"))),
        )

    def cases(self, node: Node, *, value: bool = False) -> Iterator[s.Statement]:
        """The cases of a switch; with `value` what a case is worth is returned."""
        subject = node.child_by_field_name("condition")
        lowered = self.expression(subject)
        number, first = 0, True
        for case in named(node.child_by_field_name("body")):
            labels = [child for child in named(case) if child.type == "switch_label"]
            tests = ", ".join(self.line_text(test) for label in labels for test in named(label))
            text = f"{self.condition_text(subject)} is {tests or 'anything else'}"
            inner = [child for child in named(case) if child.type not in ("switch_label", "break_statement")]
            body: list[s.Statement] = []
            for child in inner:
                if value and case.type == "switch_rule" and child.type == "expression_statement":
                    body.append(s.Return(self.expression(next(named(child), None))))
                else:
                    body.extend(self.statements(child))
            if body:
                # a case does not end the function for the cases after it, whatever it returns
                of = s.Case(node.start_byte, number, first)
                yield s.Branch(lowered, text, line_of(case), tuple(body), (s.Run(s.Const(None)),), of)
                first = False
                number += _leaves(case)

    def _for_each(self, node: Node) -> Iterator[s.Statement]:
        over = node.child_by_field_name("value")
        target = self.typed(self.text(node.child_by_field_name("name")), node.child_by_field_name("type"))
        body = tuple(self.statements(node.child_by_field_name("body")))
        yield s.Loop(target, self.expression(over), self.line_text(over), line_of(node), body)

    def _for(self, node: Node) -> Iterator[s.Statement]:
        initial = node.child_by_field_name("init")
        if initial is not None:
            yield s.Block((*self._statement(initial), *self._while(node)))
        else:
            yield from self._while(node)

    def _while(self, node: Node) -> Iterator[s.Statement]:
        condition = node.child_by_field_name("condition")
        over = s.Opaque((self.expression(condition),)) if condition is not None else None
        body = tuple(self.statements(node.child_by_field_name("body")))
        yield s.Loop(None, over, self.condition_text(condition), line_of(node), body)

    def _return(self, node: Node) -> Iterator[s.Statement]:
        value = next(named(node), None)
        yield s.Return(self.expression(value) if value is not None else None)

    def _throw(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave(self.expression(next(named(node), None)))

    def _leave(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave()

    def _try(self, node: Node) -> Iterator[s.Statement]:
        handlers: list[s.Statement] = []
        final: tuple[s.Statement, ...] = ()
        caught = [child for child in named(node) if child.type == "catch_clause"]
        for child in caught:
            inner = tuple(self.statements(child.child_by_field_name("body")))
            text = self.line_text(next((part for part in named(child) if part.type == "catch_formal_parameter"), None))
            # one of several handlers does not end the function for those after it, whatever it returns
            alone = len(caught) == 1
            handlers += inner if alone else [s.Branch(s.Const(None), text, line_of(child), inner, (s.Run(s.Const(None)),))]
        for child in named(node):
            if child.type == "finally_clause":
                final = tuple(self.statements(next(named(child), None)))
        body = (*self._resources(node), *self.statements(node.child_by_field_name("body")))
        line = line_of(caught[0]) if caught else line_of(node)
        yield s.Attempt(body, tuple(handlers), None, line, final, catches=bool(caught))

    def _resources(self, node: Node) -> Iterator[s.Statement]:
        """What a `try` opens is there in its body alone, and what fails then is caught with the rest."""
        for resource in named(node.child_by_field_name("resources")):
            name, value = resource.child_by_field_name("name"), resource.child_by_field_name("value")
            if name is not None and value is not None:
                yield s.Bind(self.typed(self.text(name), resource.child_by_field_name("type")), self.expression(value))

    def _block(self, node: Node) -> Iterator[s.Statement]:
        yield s.Block(tuple(self.statements(node)))

    def _around(self, node: Node) -> Iterator[s.Statement]:
        """`synchronized (lock) {…}` and labels: what they stand around."""
        body = node.child_by_field_name("body") or (node.named_children[-1] if node.named_children else None)
        if body is not None:
            yield from self.statements(body)

    def declared(self, node: Node) -> tuple[str, s.Class]:
        """A class, enum, record or interface, with its name."""
        raise NotImplementedError


def _leaves(case: Node) -> bool:
    """Whether a case does not go on into the next: one with an arrow never does."""
    last = next((child for child in reversed(tuple(named(case))) if not child.type.endswith("comment")), None)
    return case.type == "switch_rule" or (last is not None and last.type in LEAVING)


_L = Statements
_STATEMENTS: dict[str, Callable[[Statements, Node], Iterator[s.Statement]]] = {
    "expression_statement": _L._run,
    "switch_expression": _L.cases,
    "local_variable_declaration": _L._local,
    "explicit_constructor_invocation": _L._explicit,
    "if_statement": _L._if,
    "enhanced_for_statement": _L._for_each,
    "for_statement": _L._for,
    "while_statement": _L._while,
    "do_statement": _L._while,
    "return_statement": _L._return,
    "yield_statement": _L._return,
    "throw_statement": _L._throw,
    "break_statement": _L._leave,
    "continue_statement": _L._leave,
    "try_statement": _L._try,
    "try_with_resources_statement": _L._try,
    "block": _L._block,
    "synchronized_statement": _L._around,
    "labeled_statement": _L._around,
}
