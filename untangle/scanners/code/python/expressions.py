"""Expressions: literals, names, operators, comprehensions. What is not known keeps the words of the source."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from untangle.model.value import Concat, Env, Symbol
from untangle.scanners.code.python import text
from untangle.scanners.code.python.containers import Containers
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Class,
    Client,
    DictOf,
    Encoded,
    Foreign,
    FromMessage,
    Function,
    Instance,
    LambdaContext,
    Library,
    ListOf,
    OneOf,
    Scope,
    SdkObject,
    Super,
    either,
    identity,
    options,
    settled,
    truth,
    unknown,
)

_BUILTINS = frozenset(dir(builtins))
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}


class Expressions(Containers):
    """Evaluates expressions."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Abstract:
        """The value of an expression."""
        self.step()
        method = _EXPRESSIONS.get(type(node))
        return method(self, node, scope) if method is not None else unknown(scope.source, node)

    def _constant(self, node: ast.Constant, scope: Scope) -> Abstract:
        value = node.value
        if isinstance(value, str):
            return self._with_parts(value) if self.entry.values else value
        if isinstance(value, bytes):
            return value.decode("latin-1")
        return value if settled(value) else unknown(scope.source, node)

    def _with_parts(self, value: str) -> Abstract:
        """Text of a template's inline code: its placeholders are the template's values again."""
        parts: list[Abstract] = [value]
        for name, known in self.entry.values.items():
            split: list[Abstract] = []
            for part in parts:
                pieces = part.split(name) if isinstance(part, str) else [part]
                for i, piece in enumerate(pieces):
                    split.extend([known, piece] if i else [piece])
            parts = split
        if len([part for part in parts if part != ""]) == 1:
            return next(part for part in parts if part != "")
        return text.joined(parts, Symbol("template value")) if len(parts) > 1 else value

    # Names

    def _name(self, node: ast.Name, scope: Scope) -> Abstract:
        name = node.id
        found: Scope | None = scope.module if name in scope.globals else scope
        while found is not None:
            if name in found.names:
                value = found.names[name]
                return self.changing(value, name, found) if found.parent is None and found is not scope else value
            found = found.parent
        if name in _BUILTINS:
            return Library(f"builtins.{name}")
        if name in self.entry.values:
            return self.entry.values[name]
        module = self.loaded.get(scope.source.path)
        later = self._later(module, name) if module is not None and not module.done else None
        return later if later is not None else unknown(scope.source, node)

    def changing(self, value: Abstract, name: str, scope: Scope) -> Abstract:
        """The value of a global; one that functions bind anew is known only as what it began with or something else."""
        if name in scope.mutable and settled(value):
            return OneOf((value, Symbol(name, scope.source.path)))
        return value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Abstract:
        return self.attribute(self.evaluate(node.value, scope), node.attr, node, scope)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Abstract:
        value = self.evaluate(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            return self._slice(value, node.slice, node, scope)
        return self.item(value, self.evaluate(node.slice, scope), node, scope)

    def _slice(self, value: Abstract, cut: ast.Slice, node: ast.AST, scope: Scope) -> Abstract:
        bounds: list[Any] = []
        for bound in (cut.lower, cut.upper, cut.step):
            known = self.evaluate(bound, scope) if bound is not None else None
            if known is not None and (isinstance(known, bool) or not isinstance(known, int)):
                known = ...
            bounds.append(known)
        if ... not in bounds and bounds[2] != 0:
            if isinstance(value, str):
                return value[slice(*bounds)]
            if isinstance(value, ListOf) and not value.open:
                return ListOf(value.items[slice(*bounds)], born=self.level)
        if isinstance(value, ListOf | FromMessage | Env):
            return value
        return unknown(scope.source, node)

    def _named(self, node: ast.NamedExpr, scope: Scope) -> Abstract:
        value = self.evaluate(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    # Operators

    def _joined_string(self, node: ast.JoinedStr, scope: Scope) -> Abstract:
        parts: list[Abstract] = []
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.evaluate(inner, scope)
            parts.append(
                value if text.is_text(value) or settled(value) or isinstance(value, OneOf) else unknown(scope.source, inner)
            )
        return text.joined(parts, unknown(scope.source, node))

    def _binary(self, node: ast.BinOp, scope: Scope) -> Abstract:
        left, right = self._operands(node, scope)
        instead = unknown(scope.source, node)
        return either(_binary(node.op, a, b, instead) for a in options(left)[:4] for b in options(right)[:4])

    def _operands(self, node: ast.BinOp, scope: Scope) -> tuple[Abstract, Abstract]:
        """Both sides; a long row of the same operator is taken from the left without recursion."""
        row: list[ast.BinOp] = [node]
        while isinstance(row[-1].left, ast.BinOp) and len(row) < 2000:
            row.append(row[-1].left)
        left = self.evaluate(row[-1].left, scope)
        for inner in reversed(row[1:]):
            right = self.evaluate(inner.right, scope)
            instead = unknown(scope.source, inner)
            left = either(_binary(inner.op, a, b, instead) for a in options(left)[:4] for b in options(right)[:4])
        return left, self.evaluate(node.right, scope)

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Abstract:
        keeps = isinstance(node.op, ast.Or)
        found: list[Abstract] = []
        depth = len(self.guards)
        for operand in node.values:
            value = self.evaluate(operand, scope)
            known = truth(value)
            if known is keeps:
                found.append(value)
                break
            if known is None or operand is node.values[-1]:
                found.append(value)
            word = scope.source.segment(operand)
            self.guards.append(self.guard("if", f"not ({word})" if keeps else word, scope.source, operand))
            if known is not None:
                self.guards.pop()
        del self.guards[depth:]
        if keeps:
            return either(found)
        if len(found) == 1 or not settled(found[-1]):
            return found[-1]
        return unknown(scope.source, node)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Abstract:
        value = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Not):
            known = truth(value)
            return not known if known is not None else unknown(scope.source, node)
        if isinstance(node.op, ast.USub) and isinstance(value, int | float):
            return -value
        return unknown(scope.source, node)

    def _compare(self, node: ast.Compare, scope: Scope) -> Abstract:
        values = [self.evaluate(operand, scope) for operand in (node.left, *node.comparators)]
        if len(values) == 2:
            known = _compared(node.ops[0], values[0], values[1])
            if known is not None:
                return known
        return unknown(scope.source, node)

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Abstract:
        known = truth(self.evaluate(node.test, scope))
        if known is not None:
            return self.evaluate(node.body if known else node.orelse, scope)
        test = scope.source.segment(node.test)
        question = self.asked()
        with self.under(self.guard("if", test, scope.source, node, f"{question}+")):
            first = self.evaluate(node.body, scope)
        with self.under(self.guard("if", f"not ({test})", scope.source, node, f"{question}-")):
            second = self.evaluate(node.orelse, scope)
        return either([first, second])

    # Functions

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Abstract:
        return self.function(node, scope)

    def _awaited(self, node: ast.Await | ast.Starred, scope: Scope) -> Abstract:
        return self.evaluate(node.value, scope)

    def _yield(self, node: ast.Yield | ast.YieldFrom, scope: Scope) -> Abstract:
        value = self.evaluate(node.value, scope) if node.value is not None else None
        self.frames[-1].yields.append(self.element(value, node, scope) if isinstance(node, ast.YieldFrom) else value)
        return unknown(scope.source, node)

    def _call(self, node: ast.Call, scope: Scope) -> Abstract:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and "super" not in scope.names:
            return self._super(scope) or unknown(scope.source, node)
        callee = self.evaluate(node.func, scope)
        return self.call(callee, self.arguments(node, scope), node, scope)

    def _super(self, scope: Scope) -> Abstract:
        found: Scope | None = scope
        while found is not None:
            if found.owner is not None and found.receiver is not None:
                return Super(found.owner, found.receiver)
            found = found.parent
        return None

    def arguments(self, node: ast.Call, scope: Scope) -> Arguments:
        """The arguments of a call, spreads taken apart as far as they are known."""
        made = Arguments()
        for argument in node.args:
            value = self.evaluate(argument, scope)
            if not isinstance(argument, ast.Starred):
                made.positional.append(value)
            elif isinstance(value, ListOf):
                made.positional.extend(value.items)
                made.open = made.open or value.open
            else:
                made.open = True
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                made.named[keyword.arg] = value
                continue
            for option in options(value):
                if isinstance(option, DictOf):
                    for key, inner in option.entries.items():
                        name = str(key)
                        made.named[name] = either([made.named[name], inner]) if name in made.named else inner
                    made.open = made.open or option.open
                else:
                    made.open = True
        return made


def _binary(operator: ast.operator, left: Abstract, right: Abstract, instead: Symbol) -> Abstract:
    if isinstance(operator, ast.Mod) and isinstance(left, str):
        return text.percent(left, right, instead)
    if isinstance(operator, ast.Add):
        if isinstance(left, ListOf) and isinstance(right, ListOf):
            return ListOf([*left.items, *right.items], left.open or right.open, left.born)
        if isinstance(left, str | Concat) or isinstance(right, str | Concat) or (text.is_text(left) and text.is_text(right)):
            return text.joined([left, right], instead) if text.is_text(left) and text.is_text(right) else instead
    if isinstance(operator, ast.BitOr) and isinstance(left, DictOf) and isinstance(right, DictOf):
        entries = {**left.entries, **right.entries}
        return DictOf(entries, open=left.open or right.open, base=left.base or right.base, born=left.born)
    if isinstance(operator, ast.Div) and isinstance(left, Foreign) and left.name.startswith("pathlib."):
        return text.joined([left.arguments.get("path", 0, ""), "/", right], instead)
    compute = _ARITHMETIC.get(type(operator))
    if compute is not None and _numbers(left, right):
        try:
            return compute(left, right)
        except (ZeroDivisionError, OverflowError, ValueError):
            return instead
    return instead


def _numbers(*values: Abstract) -> bool:
    return all(isinstance(value, int | float) and abs(value) < 10**15 for value in values)


_CERTAIN = (Client, Class, DictOf, Encoded, Foreign, Function, Instance, LambdaContext, ListOf, SdkObject)


def _compared(operator: ast.cmpop, left: Abstract, right: Abstract) -> bool | None:
    if isinstance(operator, ast.Is | ast.IsNot):
        if right is None and (settled(left) or isinstance(left, _CERTAIN)):
            return (left is None) is isinstance(operator, ast.Is)
        return None
    if isinstance(operator, ast.In | ast.NotIn):
        return _contained(left, right, isinstance(operator, ast.In))
    if settled(left) and settled(right):
        if isinstance(operator, ast.Eq):
            return left == right
        if isinstance(operator, ast.NotEq):
            return left != right
    return None


def _contained(item: Abstract, holder: Abstract, wanted: bool) -> bool | None:
    if not settled(item):
        return None
    if isinstance(holder, str) and isinstance(item, str):
        return (item in holder) is wanted
    if isinstance(holder, DictOf) and not holder.open and holder.base is None:
        return (item in holder.entries) is wanted
    if isinstance(holder, ListOf) and not holder.open and all(settled(option) for option in holder.items):
        return (identity(item) in {identity(option) for option in holder.items}) is wanted
    return None


_EXPRESSIONS: dict[type[ast.expr], Callable[..., Abstract]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.NamedExpr: Expressions._named,
    ast.Dict: Expressions._dict,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._list,
    ast.Set: Expressions._list,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.JoinedStr: Expressions._joined_string,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._boolean,
    ast.UnaryOp: Expressions._unary,
    ast.Compare: Expressions._compare,
    ast.IfExp: Expressions._conditional,
    ast.Lambda: Expressions._lambda,
    ast.Await: Expressions._awaited,
    ast.Starred: Expressions._awaited,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
    ast.Call: Expressions._call,
}
