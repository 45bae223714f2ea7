"""Statements: control flow becomes guards, two branches become one of two values, a loop's body is read once."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from untangle.model.code import Guard
from untangle.model.value import Symbol
from untangle.scanners.code.python.bindings import Bindings, extend
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    DictOf,
    Foreign,
    FromMessage,
    Instance,
    ListOf,
    OneOf,
    Scope,
    either,
    from_message,
    settled,
    truth,
)
from untangle.scanners.code.python.trees import as_load, bound_names, captures, forgives, gone_over, lengths, tests_presence

_UNROLL = 8
_NEAR = 3  # frames: the module, a wrapper, the handler
RETURN, LOOP = "return", "loop"
_OTHER = {"+": "-", "-": "+"}


@dataclass(frozen=True, slots=True)
class Flow:
    """How a statement ends: whether what follows is reached (`falls`), the ways out it may have taken, the first guarded one."""

    falls: bool = True
    leaves: frozenset[str] = frozenset()
    way: Guard | None = None


FALLS = Flow()


@dataclass(slots=True)
class _Paths:
    """The branches of one statement, as far as they were read."""

    after: list[dict[str, Abstract]] = field(default_factory=list)
    leaves: frozenset[str] = frozenset()
    way: Guard | None = None

    def flow(self) -> Flow:
        """How the statement ends, all branches taken together."""
        return Flow(bool(self.after), self.leaves, self.way)


class Statements(Bindings):
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
        if early and isinstance(statement, ast.If) and self._asks_message(statement.test, scope):
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
            extend(current, added, weak=len(self.guards) > current.born)
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
        paths = _Paths()
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
        scope.names = _joined(scope.names, paths.after)
        return paths.flow()

    def _drops(self, node: ast.If, test: str, scope: Scope) -> None:
        """Notes a condition that stands around all that the handler does with what it received."""
        if id(node) in self.tails and not self.calls and self._asks_message(node.test, scope):
            self.discards.append(self.guard("if", f"not ({test})", scope.source, node))

    def _branch(
        self, body: list[ast.stmt], test: str, node: ast.stmt, paths: _Paths, scope: Scope, word: str = "", side: str = ""
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
        paths = _Paths()
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
        scope.names = _joined(scope.names, paths.after)
        return paths.flow()

    def _try(self, node: ast.Try, scope: Scope) -> Flow:
        before = dict(scope.names)
        forgiving = any(forgives(handler) for handler in node.handlers)
        self.optional += forgiving
        self.caught += bool(node.handlers)
        flow = self.run(node.body, scope)
        self.caught -= bool(node.handlers)
        self.optional -= forgiving
        if flow.falls and node.orelse:
            orelse = self.run(node.orelse, scope)
            flow = Flow(orelse.falls, flow.leaves | orelse.leaves, flow.way or orelse.way)
        after = [scope.names] if flow.falls else []
        leaves = flow.leaves
        for handler in node.handlers:
            scope.names = _joined(before, [before, dict(scope.names)])
            if handler.name:
                scope.names[handler.name] = Symbol(handler.name, str(scope.source.at(handler)))
            text = f"except {scope.source.segment(handler.type)}" if handler.type is not None else "except"
            with self.under(self.guard("except", text, scope.source, handler)):
                caught = self.run(handler.body, scope)
            if caught.falls:
                after.append(scope.names)
            if not flow.falls:
                leaves |= caught.leaves
        scope.names = _joined(before, after)
        final = self.run(node.finalbody, scope) if node.finalbody else FALLS
        # An error on the way out may have been caught.
        return Flow(bool(after) and final.falls, leaves if after else leaves | final.leaves, flow.way and flow.way.bare)

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
        scope.names = _joined(before, [before, scope.names])
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

    # Blocks with a manager

    def _with(self, node: ast.With, scope: Scope) -> Flow:
        managers: list[tuple[Abstract, ast.expr]] = []
        for item in node.items:
            manager = self.evaluate(item.context_expr, scope)
            entered = self._enter(manager, item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered, scope)
            managers.append((manager, item.context_expr))
        depth = len(self.guards)
        flow = self.run(node.body, scope)
        del self.guards[depth:]
        for manager, expression in reversed(managers):
            for option in manager.options if isinstance(manager, OneOf) else (manager,):
                if isinstance(option, Instance):
                    leave = self._own(option, ("__exit__", "__aexit__"), expression, scope)
                    if leave is not None:
                        self.call(leave, Arguments([None, None, None]), expression, scope)
        return replace(flow, way=flow.way and flow.way.bare)  # a manager may have caught an error on the way out

    def _enter(self, manager: Abstract, node: ast.expr, scope: Scope) -> Abstract:
        entered = []
        for option in manager.options if isinstance(manager, OneOf) else (manager,):
            if isinstance(option, Instance):
                enter = self._own(option, ("__enter__", "__aenter__"), node, scope)
                entered.append(self.call(enter, Arguments(), node, scope) if enter is not None else option)
            elif isinstance(option, Foreign) and option.name == "contextmanager":
                entered.append(option.arguments.get("value", 0))
            else:
                entered.append(option)
        return either(entered)

    def _own(self, owner: Instance, names: tuple[str, ...], node: ast.AST, scope: Scope) -> Abstract:
        for name in names:
            if any(name in found.names.names for found in owner.cls.ancestors()):
                return self.attribute(owner, name, node, scope)
        return None

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


def _joined(before: dict[str, Abstract], after: list[dict[str, Abstract]]) -> dict[str, Abstract]:
    """The names after several branches, those that were reached: what differs is one of its values."""
    if not after:
        return before
    first, *rest = after
    joined = dict(first)
    for names in rest:
        for name, value in names.items():
            known = joined.get(name, names)
            if known is names:
                joined[name] = value
            elif known is not value:
                joined[name] = either([known, value])
    return joined
