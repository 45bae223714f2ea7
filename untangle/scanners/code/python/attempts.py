"""`try` and `with`: what may take an error, and what is then not come to.

A handler that does not raise swallows the error: the run goes on, or ends well, without what stood behind the place of the error.
So each call in such a `try` is made once at most. Whether a handler raises is known when it has been read, after the calls: they
get the guard first, and lose it where every handler raises.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from untangle.model.code import SWALLOWED, Guard, unless_swallowed
from untangle.model.value import Symbol
from untangle.scanners.code.python.bindings import Bindings
from untangle.scanners.code.python.domain import Abstract, Arguments, Foreign, Instance, OneOf, Scope, either
from untangle.scanners.code.python.flow import FALLS, Flow, joined
from untangle.scanners.code.python.trees import forgives

_SUPPRESS = re.compile(r"(?:contextlib\s*\.\s*)?suppress\s*\(")


class Attempts(Bindings):
    """Reads what catches errors."""

    def run(self, statements: list[ast.stmt], scope: Scope) -> Flow:
        """Reads a block."""
        raise NotImplementedError

    def _try(self, node: ast.Try, scope: Scope) -> Flow:
        before, start = dict(scope.names), len(self.calls)
        forgiving = any(forgives(handler) for handler in node.handlers)
        swallowed = self._swallowed(node.handlers[0] if node.handlers else node, scope)
        self.optional += forgiving
        self.caught += bool(node.handlers)
        with self.under(swallowed):
            flow = self.run(node.body, scope)
            self.caught -= bool(node.handlers)
            self.optional -= forgiving
            if flow.falls and node.orelse:
                orelse = self.run(node.orelse, scope)
                flow = Flow(orelse.falls, flow.leaves | orelse.leaves, flow.way or orelse.way)
        after = [scope.names] if flow.falls else []
        leaves, way = flow.leaves, flow.way and flow.way.bare  # an error on the way out may have been caught
        taken: Guard | None = None
        for handler in node.handlers:
            scope.names = joined(before, [before, dict(scope.names)])
            caught = self._handler(handler, scope)
            if caught.falls:
                after.append(scope.names)
            leaves |= caught.leaves
            if caught.falls or caught.leaves:
                taken = taken or self._swallowed(handler, scope)
            if flow.falls and caught.leaves:
                way = way or self._swallowed(handler, scope)  # what follows is not come to either
        scope.names = joined(before, after)
        final = self.run(node.finalbody, scope) if node.finalbody else FALLS
        self._settle(start, swallowed, taken or (swallowed if final.leaves else None))
        return Flow(bool(after) and final.falls, leaves if after else leaves | final.leaves, way)

    def _handler(self, handler: ast.ExceptHandler, scope: Scope) -> Flow:
        if handler.name:
            scope.names[handler.name] = Symbol(handler.name, str(scope.source.at(handler)))
        text = f"except {scope.source.segment(handler.type)}" if handler.type is not None else "except"
        with self.under(self.guard("except", text, scope.source, handler)):
            return self.run(handler.body, scope)

    def _swallowed(self, node: ast.AST, scope: Scope) -> Guard:
        """The guard of what stands where an error may be taken, by the handler at this place, and is not raised again."""
        place = scope.source.at(node)
        return self.guard(SWALLOWED, unless_swallowed(place), scope.source, node)

    def _settle(self, start: int, asked: Guard, found: Guard | None) -> None:
        """Puts what was found of the handlers into the calls made since `start`: no guard where each of them raises."""
        for index in range(start, len(self.calls)):
            guards = self.calls[index].guards
            if any(guard is asked for guard in guards):
                kept = (found if guard is asked else guard for guard in guards)
                self.calls[index] = replace(self.calls[index], guards=tuple(guard for guard in kept if guard is not None))

    def _with(self, node: ast.With, scope: Scope) -> Flow:
        managers: list[tuple[Abstract, ast.expr]] = []
        for item in node.items:
            manager = self.evaluate(item.context_expr, scope)
            entered = self._enter(manager, item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered, scope)
            managers.append((manager, item.context_expr))
        quiet = next((item for item in node.items if _SUPPRESS.match(scope.source.segment(item.context_expr))), None)
        with self.under(self._swallowed(quiet.context_expr, scope) if quiet is not None else None):
            flow = self.run(node.body, scope)
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
