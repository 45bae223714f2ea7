"""Follows a handler through its repository, statement by statement, and notes the SDK requests on the way.

It is an abstract interpreter: both sides of every branch are followed, loops once, functions once for each kind of
arguments. Budgets keep hostile or huge code from taking for ever; running out of one is a gap, not a crash.
"""

from __future__ import annotations

import sys

from untangle.model.code import Guard
from untangle.model.location import Location
from untangle.scanners.code.lowered import builtin, narrowing, swallowing
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.calls import Calls
from untangle.scanners.code.lowered.core import MAX_GUARD, Frame, Interrupted
from untangle.scanners.code.lowered.library import Site
from untangle.scanners.code.lowered.things import Closure, Factory, Record, Scope, Thing, Unknown, options

RECURSION = 4_000
__all__ = ["Interpreter", "Site"]


class Interpreter(Calls):
    """Follows one entry point. What it found is in `calls`, `reads` and `gaps` afterwards."""

    def run(self, path: str, name: str, event: Thing) -> bool:
        """Follows the exported `name` of a file with this event; whether it was found."""
        self.script = not name
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, RECURSION))  # following recurses as deep as the code does, lowering too
        self._frames.append(Frame(path, None, []))
        try:
            return self.library.enter(path, name, event, self)
        except (Interrupted, RecursionError):
            self.missed(f"{name} in {path}", "the code is too large or too deep to be followed to its end", path)
            return True
        finally:
            sys.setrecursionlimit(before)

    def module(self, path: str) -> Record:
        """The exports of a file, its top level followed once."""
        known = self._modules.get(path)
        if known is not None:
            return known
        exports = self._modules[path] = Record()
        program = self.library.program(path)
        if program is None:
            exports.open = True
            return exports
        if program.broken is not None:
            self.broken.append(Location(path, program.broken))
        self.broken.extend(Location(file, line) for file, line in program.errors)
        scope = Scope(parent=self._globals)
        if program.shared:
            scope.names = exports.fields
            exports.open = True
        elif self.library.commonjs:
            scope.names.update({"exports": exports, "module": Record({"exports": exports})})
        guards, self._guards = self._guards, []
        loops, batches, self._loops, self._batches = self._loops, self._batches, 0, 0
        depth, self._depth = self._depth, 0
        self._frames.append(Frame(path, None, [], is_module=True))
        self._block(program.body, scope)
        self._frames.pop()
        self._guards, self._loops, self._batches, self._depth = guards, loops, batches, depth
        replaced = scope.names.get("module")
        final = replaced.fields.get("exports") if isinstance(replaced, Record) and self.library.commonjs else None
        if final is not exports and final is not None:
            exports.fields.setdefault("default", final)
            for option in options(final):
                if isinstance(option, Record):
                    exports.fields.update(option.fields)
        return exports

    # statements

    def _block(self, statements: tuple[s.Statement, ...], scope: Scope) -> bool:
        """Follows statements; whether the end is reached."""
        for statement in statements:  # functions and classes may be used before the line that declares them
            if (
                isinstance(statement, s.Bind)
                and isinstance(statement.target, s.Name)
                and isinstance(statement.value, s.Lambda | s.Class)
            ):
                scope.declare(statement.target.id, self.value(statement.value, scope), self._depth)
        pushed, mark = 0, len(self.narrowed)
        reached = True
        for statement in statements:
            reached = self._statement(statement, scope)
            if not reached:
                break
            branch = _last_branch(statement)
            if branch is not None and _returns(branch.then) and not branch.otherwise:
                self._guards.append(
                    Guard(
                        kind="early-return",
                        text=f"not ({branch.text})"[:MAX_GUARD],
                        location=self._here(branch.line),
                        side=self._beyond(branch),
                    )
                )
                pushed += 1
            line = _skips(statement, branch, scope)
            if line is not None:  # what follows is not come to where an error was swallowed
                self._guards.append(self._skipped(line))
                pushed += 1
        del self._guards[len(self._guards) - pushed :]
        narrowing.release(self, mark)
        return reached

    def _statement(self, statement: s.Statement, scope: Scope) -> bool:
        self._step()
        if isinstance(statement, s.Bind):
            if not (isinstance(statement.target, s.Name) and isinstance(statement.value, s.Lambda | s.Class)):
                value = self.value(statement.value, scope) if statement.value is not None else None
                self.bind(statement.target, value, scope, declare=True)
        elif isinstance(statement, s.Run):
            self.value(statement.value, scope)
        elif isinstance(statement, s.Return):
            self._frames[-1].returned.append(self.value(statement.value, scope) if statement.value is not None else None)
            return False
        elif isinstance(statement, s.Leave):
            if statement.value is not None:
                self.value(statement.value, scope)
            return False
        elif isinstance(statement, s.Branch):
            return self._branch(statement, scope)
        elif isinstance(statement, s.Loop):
            self._loop(statement, scope)
        elif isinstance(statement, s.Attempt):
            return self._attempt(statement, scope)
        elif isinstance(statement, s.Block):
            return self._block(statement.body, Scope(parent=scope))
        elif isinstance(statement, s.Source):
            self._source(statement, scope)
        elif isinstance(statement, s.Attach):
            self._attach(statement, scope)
        else:
            self._linkage(statement, scope)
        return True

    def _beyond(self, branch: s.Branch) -> str:
        """The side of what follows a branch that leaves: nothing of both happens where the branch leaves the function."""
        return f"{self._answers.get(id(branch), 0)}-" if isinstance(branch.then[-1], s.Return) else ""

    def _branch(self, statement: s.Branch, scope: Scope) -> bool:
        self.value(statement.test, scope)
        question = self._question(statement)
        first = self._guarded(statement, statement.then, True, scope, question)
        second = self._guarded(statement, statement.otherwise, False, scope, question) if statement.otherwise else True
        self._answers[id(statement)] = question
        if first != second:  # one of the two ways leaves: what the other one says holds from here on
            narrowing.hold(self, narrowing.facts(self, statement.test, first, scope))
        return first or second

    def _question(self, statement: s.Branch) -> int:
        """The number of what a branch asks: the cases of a switch ask one thing, anew when the first of them is come to."""
        if statement.case is None:
            return self._asked()
        here = (self._frames[-1].path, statement.case.place)
        if statement.case.first or here not in self._switches:
            self._switches[here] = self._asked()
        return self._switches[here]

    def _guarded(self, statement: s.Branch, body: tuple[s.Statement, ...], holds: bool, scope: Scope, question: int) -> bool:
        """Follows one side of a condition, with what the condition says of the message there."""
        mark = len(self.narrowed)
        narrowing.hold(self, narrowing.facts(self, statement.test, holds, scope))
        text = statement.text if holds else f"not ({statement.text})"
        answer = ("+" if holds else "-") if statement.case is None else f".{statement.case.number}"
        with self._under("if", text, statement.line, f"{question}{answer}"):
            reached = self._block(body, Scope(parent=scope))
        narrowing.release(self, mark)
        return reached

    def _loop(self, statement: s.Loop, scope: Scope) -> None:
        inner = Scope(parent=scope)
        over = self.value(statement.over, scope) if statement.over is not None else None
        element = builtin.element(over) if statement.over is not None else Unknown()
        if statement.target is not None:
            self.bind(statement.target, element, inner, declare=True)
        with self._under("loop", statement.text, statement.line, over=over):
            self._block(statement.body, inner)

    def _attempt(self, statement: s.Attempt, scope: Scope) -> bool:
        takes = statement.catches or any(isinstance(last, s.Return | s.Leave) for last in statement.final)
        goes_on = swallowing.handled(statement, scope).well
        self._shields += takes
        with self.swallowing(statement.line if goes_on else None):
            reached = self._block(statement.body, Scope(parent=scope))
        self._shields -= takes
        if statement.handler:
            inner = Scope(parent=scope)
            if statement.caught is not None:
                self.bind(statement.caught, Unknown("error"), inner, declare=True)
            with self._under("except", "an error was caught", statement.line):
                reached = self._block(statement.handler, inner) or reached
        return self._block(statement.final, Scope(parent=scope)) and reached

    def _source(self, statement: s.Source, scope: Scope) -> None:
        """Names that a file of a module declares are the module's; what it imports is its own."""
        own = self._sources.setdefault((id(scope), statement.path), Scope(parent=scope))
        self._frames.append(Frame(statement.path, None, [], is_module=True))
        for inner in statement.body:
            if isinstance(inner, s.Bind):
                value = self.value(inner.value, own) if inner.value is not None else None
                self.bind(inner.target, value, scope, declare=True)
            else:
                self._statement(inner, own)
        self._frames.pop()

    def _attach(self, statement: s.Attach, scope: Scope) -> None:
        _, factory = scope.find(statement.type)
        if isinstance(factory, Factory):
            code = self.value(statement.code, scope)
            if isinstance(code, Closure):
                factory.attached[statement.name] = code

    def _linkage(self, statement: s.Statement, scope: Scope) -> None:
        path = self._frames[-1].path
        if isinstance(statement, s.Import):
            for exported, local in statement.names:
                module = self.imported(statement.source, path)
                thing = module if exported == "*" else self.get(module, exported)
                scope.declare(local, thing, 0)
        elif isinstance(statement, s.Export):
            exports = self._modules[path]
            if statement.source is not None:
                module = self.imported(statement.source, path)
                if statement.name == "*":
                    exports.fields.update(module.fields if isinstance(module, Record) else {})
                else:
                    local = statement.value.id if isinstance(statement.value, s.Name) else statement.name
                    exports.fields[statement.name] = self.get(module, local)
            else:
                exports.fields[statement.name] = self.value(statement.value or s.Name(statement.name), scope)

    def imported(self, source: str, path: str) -> Thing:
        """A module by the name that an import in `path` gives it."""
        found = self.library.locate(source, path)
        return self.module(found) if found is not None else self.library.package(source)


def _returns(statements: tuple[s.Statement, ...]) -> bool:
    """Whether a branch ends in leaving the function with a value, or this round of a loop, without an error."""
    last = statements[-1] if statements else None
    return isinstance(last, s.Return) or (isinstance(last, s.Leave) and last.value is None)


def _skips(statement: s.Statement, branch: s.Branch | None, scope: Scope) -> int | None:
    """The line of what takes an error and leaves without it, so that what follows is skipped; None where nothing does."""
    if isinstance(statement, s.Attempt):
        return statement.line if swallowing.handled(statement, scope).leaves else None
    return branch.line if branch is not None and branch.swallows else None


def _last_branch(statement: s.Statement) -> s.Branch | None:
    """The branch that a statement is, or that ends its block."""
    last = statement.body[-1] if isinstance(statement, s.Block) and statement.body else statement
    return last if isinstance(last, s.Branch) else None
