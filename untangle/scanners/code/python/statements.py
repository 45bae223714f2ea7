"""Statements: control flow becomes guards, two branches become one of two values, a loop's body is read once."""

from __future__ import annotations

import ast
from collections.abc import Callable

from untangle.model.code import SWALLOWED, Guard
from untangle.model.value import Symbol
from untangle.scanners.code.python.attempts import Attempts
from untangle.scanners.code.python.bindings import extend
from untangle.scanners.code.python.domain import (
    Abstract,
    DictOf,
    FromMessage,
    ListOf,
    Scope,
    either,
    from_message,
    settled,
    truth,
)
from untangle.scanners.code.python.flow import FALLS, LOOP, RETURN, Flow, Paths, joined
from untangle.scanners.code.python.trees import as_load, bound_names, captures, gone_over, lengths, tests_presence

_UNROLL = 8
_NEAR = 3  # frames: the module, a wrapper, the handler
_OTHER = {"+": "-", "-": "+"}


class Statements(Attempts):
    """Reads statements."""

    def run(self, statements: list[ast.stmt], scope: Scope) -> Flow:
        """Reads a block. What follows a conditional way out stands under it as an `early-return`."""
        depth = len(self.guards)
        leaves: frozenset[str] = frozenset()
        way: Guard | None = None
        falls = True
        for statement in statements:
            self.step()
            flow = self._statement(statement, scope)
            leaves |= flow.leaves
            way = way or flow.way
            if not flow.falls:
                falls = False
                break
            if flow.leaves:
                out = self._leave(statement, flow, scope)
                way = way or out
        del self.guards[depth:]
        return Flow(falls, leaves, way)

    def _leave(self, statement: ast.stmt, flow: Flow, scope: Scope) -> Guard:
        self.guards.append(guard := self._way_out(statement, flow, scope))
        early = not self.calls and len(self.frames) <= _NEAR
        if early and guard.kind != SWALLOWED and isinstance(statement, ast.If) and self._asks_message(statement.test, scope):
            self.discards.append(guard)
        return guard

    def _asks_message(self, test: ast.expr, scope: Scope) -> bool:
        """Whether a condition asks about what was received."""
        names = (node.id for node in ast.walk(test) if isinstance(node, ast.Name))
        return any(from_message(scope.names.get(name)) for name in names)

    def _way_out(self, statement: ast.stmt, flow: Flow, scope: Scope) -> Guard:
        source = scope.source
        word = "return" if RETURN in flow.leaves else "continue"
        if flow.way is not None:
            return flow.way
        first_line = source.segment(statement).partition(":")[0]
        return self.guard("early-return", f"{first_line}: … {word}", source, statement)

    def _statement(self, node: ast.stmt, scope: Scope) -> Flow:
        method = _STATEMENTS.get(type(node))
        if method is not None:
            return method(self, node, scope)
        if isinstance(node, ast.Break | ast.Continue):
            return Flow(False, frozenset({LOOP}))
        return FALLS

    # Bindings

    def _expression(self, node: ast.Expr, scope: Scope) -> Flow:
        self.idle.add(id(node.value.value if isinstance(node.value, ast.Await) else node.value))
        value = self.evaluate(node.value, scope)
        return Flow(falls=not (isinstance(value, Symbol) and value.name == "never returns"))

    def _return(self, node: ast.Return, scope: Scope) -> Flow:
        self.frames[-1].returns.append(self.evaluate(node.value, scope) if node.value is not None else None)
        return Flow(False, frozenset({RETURN}))

    def _raise(self, node: ast.Raise, scope: Scope) -> Flow:
        if node.exc is not None:
            self.evaluate(node.exc, scope)
        return Flow(False)

    def _assign(self, node: ast.Assign, scope: Scope) -> Flow:
        value = self.evaluate(node.value, scope)
        self.lengths.update(lengths(node, scope.source.segment(node.value)))
        for target in node.targets:
            self.assign(target, value, scope)
        return FALLS

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> Flow:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, scope), scope)
        return FALLS

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> Flow:
        load = as_load(node.target)
        current = self.evaluate(load, scope)
        if isinstance(current, ListOf) and isinstance(node.op, ast.Add):
            added = self.evaluate(node.value, scope)
            extend(current, added, weak=self.level > current.born)
            return FALLS
        merged = ast.copy_location(ast.BinOp(left=load, op=node.op, right=node.value), node)
        self.assign(node.target, self.evaluate(merged, scope), scope)
        return FALLS

    def _delete(self, node: ast.Delete, scope: Scope) -> Flow:
        for target in node.targets:
            value = self.evaluate(target.value, scope) if isinstance(target, ast.Subscript) else None
            if isinstance(value, DictOf | ListOf):
                value.open = True
        return FALLS

    # Branches

    def _if(self, node: ast.If, scope: Scope) -> Flow:
        """A row of `if`, `elif`, `else`, read one after the other; what is decided by literals is not a condition."""
        paths = Paths()
        depth, optional = len(self.guards), self.optional
        current: ast.If | None = node
        while current is not None:
            known = truth(self.evaluate(current.test, scope))
            test = scope.source.segment(current.test)
            question = self.asked()
            if known is None:
                self.optional += tests_presence(current.test)
                self._drops(current, test, scope)
            if known is not False:
                self._branch(current.body, "" if known else test, current, paths, scope, side=f"{question}+")
            if known is True:
                break
            if known is None:
                self.guards.append(self.guard("if", f"not ({test})", scope.source, current, f"{question}-"))
            rest = current.orelse
            current = rest[0] if len(rest) == 1 and isinstance(rest[0], ast.If) else None
            if current is None:
                self._branch(rest, "", node, paths, scope, f"if not ({test})", f"{question}-")
        del self.guards[depth:]
        self.optional = optional
        scope.names = joined(scope.names, paths.after)
        return paths.flow()

    def _drops(self, node: ast.If, test: str, scope: Scope) -> None:
        """Notes a condition that stands around all that the handler does with what it received."""
        if id(node) in self.tails and not self.calls and self._asks_message(node.test, scope):
            self.discards.append(self.guard("if", f"not ({test})", scope.source, node))

    def _branch(
        self, body: list[ast.stmt], test: str, node: ast.stmt, paths: Paths, scope: Scope, word: str = "", side: str = ""
    ) -> None:
        before = scope.names
        scope.names = dict(before)
        with self.under(self.guard("if", test, scope.source, node, side) if test else None):
            flow = self.run(body, scope)
        if flow.falls:
            paths.after.append(scope.names)
        scope.names = before
        paths.leaves |= flow.leaves
        if flow.leaves and paths.way is None:
            lead = f"if {test}" if test else word
            ends = "return" if RETURN in flow.leaves else "continue"
            own = flow.way is None or (not flow.falls and bool(lead))
            past = side[:-1] + _OTHER[side[-1]] if side[-1:] in _OTHER and flow.leaves == {RETURN} and not flow.falls else ""
            paths.way = self.guard("early-return", f"{lead}: {ends}", scope.source, node, past) if own and lead else flow.way

    def _match(self, node: ast.Match, scope: Scope) -> Flow:
        subject = self.evaluate(node.subject, scope)
        text = scope.source.segment(node.subject)
        paths = Paths()
        exhaustive = False
        question = self.asked()
        for number, case in enumerate(node.cases):
            pattern = scope.source.segment(case.pattern)
            for name in captures(case.pattern):
                scope.names[name] = self.element(subject, case.pattern, scope) if isinstance(subject, FromMessage) else subject
            exhaustive = exhaustive or (pattern == "_" and case.guard is None)
            self._branch(case.body, f"{text} matches {pattern}", node, paths, scope, side=f"{question}.{number}")
        if not exhaustive:
            paths.after.append(scope.names)
        scope.names = joined(scope.names, paths.after)
        return paths.flow()

    # Loops

    def _for(self, node: ast.For, scope: Scope) -> Flow:
        iterable = self.evaluate(node.iter, scope)
        flow = self._unrolled(node, iterable, scope)
        if flow is None:
            self._widen(node.body, scope)
            text = f"for {scope.source.segment(node.target)} in {scope.source.segment(node.iter)}"
            over = iterable if (inner := gone_over(node.iter)) is node.iter else self.evaluate(inner, scope)
            with self.under(self.guard("loop", text, scope.source, node, over=over)):
                self.assign(node.target, self.element(iterable, node.iter, scope), scope)
                flow = self._body(node.body, scope)
        if node.orelse:
            self.run(node.orelse, scope)
        return flow

    def _unrolled(self, node: ast.For, iterable: Abstract, scope: Scope) -> Flow | None:
        """A loop over a short literal list is its body, as often as the list is long."""
        if not isinstance(iterable, ListOf) or iterable.open or not 0 < len(iterable.items) <= _UNROLL:
            return None
        self._widen(node.body, scope)
        leaves: frozenset[str] = frozenset()
        for number, item in enumerate(iterable.items[:]):
            with self.under(None, number):
                self.assign(node.target, item, scope)
                leaves |= self._body(node.body, scope).leaves
        return Flow(True, leaves)

    def _body(self, body: list[ast.stmt], scope: Scope) -> Flow:
        before = dict(scope.names)
        flow = self.run(body, scope)
        scope.names = joined(before, [before, scope.names])
        return Flow(True, flow.leaves & {RETURN}, flow.way if RETURN in flow.leaves else None)

    def _while(self, node: ast.While, scope: Scope) -> Flow:
        self._widen(node.body, scope)
        known = truth(self.evaluate(node.test, scope))
        if known is False:
            return self.run(node.orelse, scope)
        text = f"while {scope.source.segment(node.test)}"
        with self.under(self.guard("loop", text, scope.source, node)):
            flow = self._body(node.body, scope)
        forever = known is True and not any(isinstance(inner, ast.Break) for inner in ast.walk(node))
        return Flow(not forever, flow.leaves)

    def _widen(self, body: list[ast.stmt], scope: Scope) -> None:
        """Literals that the body binds anew are not known any more inside it."""
        for name in bound_names(body):
            value = scope.names.get(name, scope)
            if value is not scope and settled(value):
                scope.names[name] = either([value, Symbol(name, f"{scope.source.path}:loop")])

    # Imports, functions and classes are in `definitions.py`.

    def _define(self, node: ast.stmt, scope: Scope) -> Flow:
        self.define(node, scope)
        return FALLS

    def define(self, node: ast.stmt, scope: Scope) -> None:
        """Reads an import or a definition."""
        raise NotImplementedError

    def _assert(self, node: ast.Assert, scope: Scope) -> Flow:
        self.evaluate(node.test, scope)
        return FALLS


_STATEMENTS: dict[type[ast.stmt], Callable[..., Flow]] = {
    ast.Expr: Statements._expression,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Delete: Statements._delete,
    ast.If: Statements._if,
    ast.Match: Statements._match,
    ast.Try: Statements._try,
    ast.TryStar: Statements._try,
    ast.For: Statements._for,
    ast.AsyncFor: Statements._for,
    ast.While: Statements._while,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
    ast.Assert: Statements._assert,
    ast.Import: Statements._define,
    ast.ImportFrom: Statements._define,
    ast.FunctionDef: Statements._define,
    ast.AsyncFunctionDef: Statements._define,
    ast.ClassDef: Statements._define,
}
