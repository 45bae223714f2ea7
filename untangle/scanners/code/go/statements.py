"""Statements of Go as the small syntax.

`if err != nil { return err }` is Go's exception: it is lowered to leaving with an error, not to a condition on what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.go.expressions import TUPLE, Expressions
from untangle.scanners.code.go.failures import goes_on, swallowed
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import dropped, passed
from untangle.scanners.code.lowered.concrete import line_of, named

if TYPE_CHECKING:
    from tree_sitter import Node

_CHECKS = re.compile(r"\b(?:err\w*|\w*Err(?:or)?)\s*!=\s*nil\b")
_FAILURE = re.compile(r"\A(?:\w+\.)*(?:[eE]rr\w*|\w*Err(?:or)?)\Z|\A(?:errors|xerrors|pkgerrors)\.\w+\(|\A(?:\w+\.)*Errorf\(")
_ENDS = re.compile(r"\A(?:panic|os\.Exit|log\.(?:Fatal|Panic)\w*|\w*[lL]og\w*\.(?:Fatal|Panic)\w*)\(")
_EMPTY = re.compile(r'\A(?:nil|""|``|0|false|&?[\w.]+\{\})\Z')


class Statements(Expressions):
    """Lowers statements and functions."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._named: list[tuple[str, ...]] = []  # the named results of the functions being lowered
        self._failing = 0  # how many checks for an error stand around

    def function(self, name: str, node: Node) -> s.Lambda:
        """A function by its parameters and body."""
        result = node.child_by_field_name("result")
        results = tuple(self._parameter_names(result)) if result is not None and result.type == "parameter_list" else ()
        failing, self._failing = self._failing, 0
        self._named.append(results)
        body: tuple[s.Statement, ...] = tuple(s.Bind(s.Name(result), None) for result in results if result != "_")
        body += tuple(self.statements(node.child_by_field_name("body")))
        self._named.pop()
        self._failing = failing
        return s.Lambda(name, tuple(self._parameters(node.child_by_field_name("parameters"))), body, line_of(node))

    def _parameters(self, node: Node | None) -> Iterator[s.Pattern]:
        for child in named(node):
            kind = child.child_by_field_name("type")
            names = [self.text(name) for name in child.children_by_field_name("name")]
            if child.type == "variadic_parameter_declaration":
                yield s.Rest(s.Name(names[0] if names else "_"))
            elif child.type == "parameter_declaration":
                yield from (self.typed(name, kind) for name in names or ["_"])

    def _parameter_names(self, node: Node) -> Iterator[str]:
        for child in named(node):
            yield from (self.text(name) for name in child.children_by_field_name("name"))

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements of a block, or the one statement that stands instead of it."""
        if node is None:
            return
        if node.type in ("block", "statement_list"):
            for child in named(node):
                yield from self.statements(child) if child.type == "statement_list" else self._statement(child)
        else:
            yield from self._statement(node)

    def _statement(self, node: Node) -> Iterator[s.Statement]:
        lower = _STATEMENTS.get(node.type)
        if lower is not None:
            yield from lower(self, node)

    def _run(self, node: Node) -> Iterator[s.Statement]:
        for child in named(node):
            value = self.expression(child)
            yield s.Leave(value) if _ENDS.match(self.text(child)[:80]) else s.Run(dropped(value))

    def _go(self, node: Node) -> Iterator[s.Statement]:
        """`go f()` and `defer f()`: the call happens."""
        for child in named(node):
            yield s.Run(dropped(self.expression(child)))

    def _declared(self, node: Node) -> Iterator[s.Statement]:
        """`x, err := f()`."""
        yield from self._bound(node, declare=True)

    def _assigned(self, node: Node) -> Iterator[s.Statement]:
        operator = self.text(node.child_by_field_name("operator"))
        left = self.several(node.child_by_field_name("left"))
        if operator not in ("=", "") and len(left) == 1:
            target = self.expression(left[0])
            value = self.expression(next(iter(self.several(node.child_by_field_name("right"))), None))
            joined: s.Expr = s.Template((target, value)) if operator == "+=" else s.Opaque((target, value))
            if isinstance(target, s.Name | s.Member | s.Index):
                yield s.Run(s.Assign(target, joined))
            return
        yield from self._bound(node, declare=False)

    def _bound(self, node: Node, *, declare: bool) -> Iterator[s.Statement]:
        left = self.several(node.child_by_field_name("left"))
        right = self.several(node.child_by_field_name("right"))
        if len(left) == len(right):
            for target, value in zip(left, right, strict=True):
                lowered = self.expression(value)
                if len(right) == 1 and goes_on(node, left, self.text):
                    lowered = dropped(lowered) if self.text(target) == "_" else passed(lowered)
                yield from self._put(target, lowered, declare=declare)
        elif len(right) == 1:
            parts = s.Elements(tuple(self._target(target) for target in left))
            given = (self._call_of(node, left, right[0]),)
            whole = s.Invoke(s.Name("go:several"), given, line_of(node), self.line_text(right[0]))
            yield s.Bind(parts, whole) if declare else s.Run(s.Assign(parts, whole))

    def _call_of(self, node: Node, left: list[Node], right: Node) -> s.Expr:
        """A call with several results: its error goes on, or is thrown away, or may be taken; the rest is thrown away by `_`."""
        lowered = self.expression(right)
        if not goes_on(node, left, self.text):
            return lowered
        return dropped(lowered) if all(self.text(target) == "_" for target in left[:-1]) else passed(lowered)

    def _put(self, target: Node, value: s.Expr, *, declare: bool) -> Iterator[s.Statement]:
        pattern = self._target(target)
        if target.type == "unary_expression" and self.text(target).startswith("*"):
            given = (self.expression(target), value)
            yield s.Run(s.Invoke(s.Name("go:copy"), given, line_of(target), self.line_text(target)))
        elif pattern is None:
            yield s.Run(value)
        else:
            yield s.Bind(pattern, value) if declare else s.Run(s.Assign(pattern, value))

    def _target(self, node: Node) -> s.Pattern | None:
        lowered = self.expression(node)
        if isinstance(lowered, s.Name) and lowered.id == "_":
            return None
        return lowered if isinstance(lowered, s.Name | s.Member | s.Index) else None

    def _variables(self, node: Node) -> Iterator[s.Statement]:
        """`var` and `const`, in a function or of the package."""
        for spec in named(node):
            if spec.type == "var_spec_list":
                yield from self._variables(spec)
            elif spec.type in ("var_spec", "const_spec"):
                yield from self._variable(spec)

    def _variable(self, spec: Node) -> Iterator[s.Statement]:
        names = [self.text(name) for name in spec.children_by_field_name("name")]
        kind = spec.child_by_field_name("type")
        values = self.several(spec.child_by_field_name("value"))
        if not values:
            if spec.type == "var_spec":
                known = (kind is not None and kind.type != "type_identifier") or self.type(kind) is not None
                yield from (s.Bind(s.Name(name), self.zero(kind, name) if known else None) for name in names)
        elif len(values) == len(names):
            for name, value in zip(names, values, strict=True):
                yield s.Bind(self.typed(name, kind), self.expression(value))
        else:
            parts = s.Elements(tuple(None if name == "_" else s.Name(name) for name in names))
            given = (self.expression(values[0]),)
            yield s.Bind(parts, s.Invoke(s.Name("go:several"), given, line_of(spec), self.line_text(spec)))

    def _if(self, node: Node) -> Iterator[s.Statement]:
        initial, condition = node.child_by_field_name("initializer"), node.child_by_field_name("condition")
        text = self.condition_text(condition)
        checks = bool(_CHECKS.search(text))
        self._failing += checks
        then = tuple(self.statements(node.child_by_field_name("consequence")))
        self._failing -= checks
        otherwise = tuple(self.statements(node.child_by_field_name("alternative")))
        swallows = checks and swallowed(node, self.text, results=bool(self._named[-1:] and self._named[-1]))
        branch = s.Branch(self.expression(condition), text, line_of(node), then, otherwise, swallows=swallows)
        if initial is None:
            yield branch
        else:
            yield s.Block((*self._statement(initial), branch))

    def _switch(self, node: Node) -> Iterator[s.Statement]:
        initial, value = node.child_by_field_name("initializer"), node.child_by_field_name("value")
        start = tuple(self._statement(initial)) if initial is not None else ()
        alias = next(iter(self.several(node.child_by_field_name("alias"))), None)
        if alias is not None:
            start += (s.Bind(s.Name(self.text(alias)), self.expression(value)),)
        cases = tuple(self._cases(node, self.line_text(value), self.expression(value)))
        yield s.Block((*start, *cases))

    def _cases(self, node: Node, subject: str, lowered: s.Expr) -> Iterator[s.Statement]:
        through = b"fallthrough" in (node.text or b"")  # a case may go on into the next
        first = True
        for number, case in enumerate(named(node)):
            if not case.type.endswith("_case"):
                continue
            tests = [*self.several(case.child_by_field_name("value")), *case.children_by_field_name("type")]
            said = ", ".join(self.line_text(test) for test in tests)
            text = f"{subject} == {said}" if subject and said else said or f"{subject or 'switch'}: anything else"
            communication = case.child_by_field_name("communication")
            body = tuple(self.statements(communication)) if communication is not None else ()
            inner = [child for child in named(case) if child.type == "statement_list"]
            body += tuple(statement for child in inner for statement in self.statements(child))
            if communication is not None:
                text = self.line_text(communication)
            if body:
                # a case does not end the function for the cases after it, whatever it returns
                of = None if through else s.Case(node.start_byte, number, first)
                yield s.Branch(lowered, text, line_of(case), body, (s.Run(s.Const(None)),), of)
                first = False

    def _received(self, node: Node) -> Iterator[s.Statement]:
        """`x, ok := <-ch` in a select."""
        if node.child_by_field_name("left") is not None:
            yield from self._bound(node, declare=True)
        else:
            yield s.Run(self.expression(node.child_by_field_name("right")))

    def _sent(self, node: Node) -> Iterator[s.Statement]:
        """`ch <- x`."""
        given = (self.expression(node.child_by_field_name("channel")), self.expression(node.child_by_field_name("value")))
        yield s.Run(s.Invoke(s.Name("append"), given, line_of(node), self.line_text(node)))

    def _for(self, node: Node) -> Iterator[s.Statement]:
        body = tuple(self.statements(node.child_by_field_name("body")))
        clause = next((child for child in named(node) if child.type != "block"), None)
        if clause is None:
            yield s.Loop(None, None, "for", line_of(node), body)
        elif clause.type == "range_clause":
            names = self.several(clause.child_by_field_name("left"))
            target = self._target(names[1]) if len(names) > 1 else None
            over = clause.child_by_field_name("right")
            yield s.Loop(target, self.expression(over), self.line_text(over), line_of(node), body)
        elif clause.type == "for_clause":
            initial, condition = clause.child_by_field_name("initializer"), clause.child_by_field_name("condition")
            over_ = s.Opaque((self.expression(condition),)) if condition is not None else None
            start = tuple(self._statement(initial)) if initial is not None else ()
            yield s.Block((*start, s.Loop(None, over_, self.line_text(condition), line_of(node), body)))
        else:
            yield s.Loop(None, s.Opaque((self.expression(clause),)), self.line_text(clause), line_of(node), body)

    def _return(self, node: Node) -> Iterator[s.Statement]:
        values = self.several(next(named(node), None))
        texts = [self.text(value)[:200] for value in values]
        lowered = [passed(self.expression(value)) for value in values]
        if not values and self._named[-1:] and self._named[-1]:
            lowered = [s.Name(name) for name in self._named[-1]]
        whole = self._whole(lowered)
        fails = bool(texts) and bool(_FAILURE.match(texts[-1])) and all(_EMPTY.match(text) for text in texts[:-1])
        if fails or (self._failing and not values):
            yield s.Leave(whole)
        elif self._failing:
            yield s.Block((s.Return(whole),))  # what follows is not said to depend on it
        else:
            yield s.Return(whole if lowered else None)

    def _whole(self, values: list[s.Expr]) -> s.Expr:
        if len(values) == 1:
            return values[0]
        return s.Object(tuple((s.Const(i), value) for i, value in enumerate(values)), TUPLE) if values else s.Const(None)

    def _leave(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave(s.Const(None) if self._failing else None)

    def _block(self, node: Node) -> Iterator[s.Statement]:
        yield s.Block(tuple(self.statements(node)))

    def _labelled(self, node: Node) -> Iterator[s.Statement]:
        for child in named(node):
            yield from self._statement(child)


_L = Statements
_STATEMENTS: dict[str, Callable[[Statements, Node], Iterator[s.Statement]]] = {
    "expression_statement": _L._run,
    "go_statement": _L._go,
    "defer_statement": _L._go,
    "short_var_declaration": _L._declared,
    "assignment_statement": _L._assigned,
    "var_declaration": _L._variables,
    "const_declaration": _L._variables,
    "if_statement": _L._if,
    "expression_switch_statement": _L._switch,
    "type_switch_statement": _L._switch,
    "select_statement": _L._switch,
    "receive_statement": _L._received,
    "send_statement": _L._sent,
    "for_statement": _L._for,
    "return_statement": _L._return,
    "break_statement": _L._leave,
    "continue_statement": _L._leave,
    "block": _L._block,
    "labeled_statement": _L._labelled,
}
