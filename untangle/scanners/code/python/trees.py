"""Questions about syntax trees that need no values."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from untangle.scanners.code.counted import is_length, is_listed

_MISSING = frozenset({"KeyError", "IndexError", "Exception", "BaseException", "LookupError", "TypeError", "AttributeError"})
# Where statements stand in statements.
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_DEFINITIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda})
_KINDS = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
_BARE = frozenset({type(None), str, ast.Constant, *(kind for kinds in _KINDS for kind in kinds.__subclasses__())})


def as_load(target: ast.expr) -> ast.expr:
    """A target as the expression that reads it."""
    load = ast.Load()
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(id=target.id, ctx=load), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(value=target.value, attr=target.attr, ctx=load), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(value=target.value, slice=target.slice, ctx=load), target)
    return target


def tests_presence(test: ast.expr) -> bool:
    """Whether a condition asks if a key is there (`"x" in event`, `event.get("x")`), so that what it guards may be missing."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            return True
    return False


def forgives(handler: ast.ExceptHandler) -> bool:
    """Whether an exception handler takes a missing key and goes on."""
    if handler.type is None:
        return not _raises(handler)
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    return bool(names & _MISSING) and not _raises(handler)


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(statement, ast.Raise) for statement in handler.body)


def captures(pattern: ast.pattern) -> Iterator[str]:
    """The names that a match pattern binds."""
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body with anything to ask about, without those of functions and classes defined in it."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if node.__class__ not in _DEFINITIONS:
            pending.extend(_inner(node))


def _inner(node: ast.AST) -> list[ast.AST]:
    """The nodes directly in one, as `ast.iter_child_nodes` tells, without those that say nothing by themselves: over half."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found.extend(item for item in value if item.__class__ not in _BARE)
        elif isinstance(value, ast.AST) and value.__class__ not in _BARE:
            found.append(value)
    return found


def bound_names(body: list[ast.stmt]) -> set[str]:
    """The names that statements bind, whatever the branch."""
    return {node.id for node in _own(body) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


class Facts:
    """What is asked of one function's body again and again."""

    __slots__ = ("globals", "nonlocals", "yields")

    def __init__(self, node: ast.AST) -> None:
        body = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
        names: dict[type[ast.AST], set[str]] = {ast.Global: set(), ast.Nonlocal: set()}
        self.yields = False
        for inner in _own(body):
            if isinstance(inner, ast.Global | ast.Nonlocal):
                names[type(inner)].update(inner.names)
            elif isinstance(inner, ast.Yield | ast.YieldFrom):
                self.yields = True
        self.globals = frozenset(names[ast.Global])
        self.nonlocals = frozenset(names[ast.Nonlocal])


@lru_cache(maxsize=8192)
def facts(node: ast.AST) -> Facts:
    """The facts of a function's body."""
    return Facts(node)


@lru_cache(maxsize=2048)
def mutable_globals(tree: ast.Module) -> frozenset[str]:
    """The globals that functions bind: they change between calls."""
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Global):
            found.update(node.names)
        for field in _BLOCKS:
            block = getattr(node, field, None)
            if block.__class__ is list:
                pending.extend(block)
    return frozenset(found)


@lru_cache(maxsize=2048)
def mutable_attributes(tree: ast.Module) -> frozenset[str]:
    """The attributes that anything but `__init__` assigns: they change between calls."""
    found: set[str] = set()
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]  # and whether a function that is no constructor is around it
    while pending:
        node, inside = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = inside or node.name not in ("__init__", "__post_init__", "__new__")
        elif inside and isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        pending.extend((inner, inside) for inner in _inner(node))
    return frozenset(found)


def definition(tree: ast.Module, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function of this name at a module's top level."""
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name)
    return next(found, None)


def tails(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[int]:
    """The conditions without an alternative with which a handler's body, or its last loop, ends: what fails them is dropped."""
    found: set[int] = set()
    body = node.body
    while body:
        last = body[-1]
        if (
            isinstance(last, ast.Return)
            and (last.value is None or isinstance(last.value, ast.Constant | ast.Dict))
            and len(body) > 1
        ):
            last = body[-2]
        if isinstance(last, ast.If) and not last.orelse:
            found.add(id(last))
            body = []
        elif isinstance(last, ast.For | ast.AsyncFor | ast.Try | ast.With):
            body = last.body
        else:
            body = []
    return frozenset(found)


def top_level(tree: ast.Module, name: str) -> bool:
    """Whether a module binds this name at its top level, conditions and `try` included."""
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name == name:
                return True
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if any((alias.asname or alias.name) in (name, "*") for alias in node.names):
                return True
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return True
        else:
            for field in ("body", "orelse", "finalbody"):
                pending.extend(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                pending.extend(handler.body)
    return False


def gone_over(node: ast.expr) -> ast.expr:
    """What a loop goes over, within `enumerate` and the like; only where that is a name, a member, or is asked for by a key."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SAME and len(node.args) == 1):
        return node
    inner = node.args[0]
    asked = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "get"
    return inner if asked or isinstance(inner, ast.Name | ast.Attribute | ast.Subscript) else node


_SAME = frozenset({"enumerate", "iter", "list", "reversed", "tuple"})  # calls that give the same items


def lengths(node: ast.Assign, text: str) -> list[str]:
    """The names that hold a listing's length, or `len(` before those that hold what it lists; `text` is the value's source."""
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    return names if is_length(text) else [f"len({name}" for name in names] if is_listed(text) else []
