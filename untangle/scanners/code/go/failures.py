"""Whether the error of a call goes on from where it is given, or is thrown away: Go's errors are values.

`_, err := f()` with `if err != nil { return err }` behind it is to Go what a call that raises is to other languages. An error
that is looked at, logged or replaced by an answer is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from untangle.scanners.code.lowered.concrete import named

if TYPE_CHECKING:
    from tree_sitter import Node

_HELD = ("short_var_declaration", "assignment_statement")


def goes_on(node: Node, left: list[Node], text: Callable[[Node | None], str]) -> bool:
    """Whether the last of what an assignment gives names to goes on as it is where it is an error, or is thrown away."""
    last = left[-1]
    if node.type not in _HELD or last.type != "identifier":
        return False
    error = text(last)
    if error == "_":
        return True
    around = node.parent
    if around is not None and around.type == "if_statement":
        return around.child_by_field_name("initializer") == node and _returned(around, error, text)
    following = _following(node)
    if following is None:
        return False
    if following.type == "return_statement":
        return _gives(following, error, text)
    alone = following.type == "if_statement" and following.child_by_field_name("initializer") is None
    return alone and _returned(following, error, text)


def swallowed(branch: Node, text: Callable[[Node | None], str], *, results: bool) -> bool:
    """Whether `if err != nil {…}` may leave without an error: by `return nil`, by `continue`, or out of what returns nothing.

    `results` says that the results of the function around have names: a bare `return` gives the error, as one of them.
    """
    if branch.child_by_field_name("alternative") is not None:
        return False
    body = branch.child_by_field_name("consequence")
    pending = [body] if body is not None else []
    while pending:
        node = pending.pop()
        if node.type in ("continue_statement", "break_statement"):
            return True
        if node.type == "return_statement":
            given = next(named(node), None)
            values = list(named(given)) if given is not None and given.type == "expression_list" else [given] if given else []
            if text(values[-1]) == "nil" if values else not results:
                return True
        elif node.type != "func_literal":
            pending.extend(named(node))
    return False


def _returned(branch: Node, error: str, text: Callable[[Node | None], str]) -> bool:
    """`if err != nil { return err }`, and nothing else."""
    asked = "".join(text(branch.child_by_field_name("condition")).split())
    body = branch.child_by_field_name("consequence")
    listed = [inner for child in named(body) for inner in (named(child) if child.type == "statement_list" else (child,))]
    if asked != f"{error}!=nil" or branch.child_by_field_name("alternative") is not None or len(listed) != 1:
        return False
    return listed[0].type == "return_statement" and _gives(listed[0], error, text)


def _gives(statement: Node, error: str, text: Callable[[Node | None], str]) -> bool:
    """Whether the last of what is returned is the error: itself, or put into another by a function of the standard library."""
    values = next(named(statement), None)
    last = list(named(values))[-1:] if values is not None and values.type == "expression_list" else [values] if values else []
    if not last:
        return False
    if last[0].type == "identifier":
        return text(last[0]) == error
    if last[0].type != "call_expression" or text(last[0].child_by_field_name("function")) not in _WRAPPING:
        return False
    return any(text(given) == error for given in named(last[0].child_by_field_name("arguments")))


_WRAPPING = ("fmt.Errorf", "errors.Wrap", "errors.Wrapf", "errors.WithStack", "errors.WithMessage", "errors.Join")


def _following(node: Node) -> Node | None:
    """The next statement."""
    found = node.next_named_sibling
    while found is not None and found.type == "comment":
        found = found.next_named_sibling
    return found
