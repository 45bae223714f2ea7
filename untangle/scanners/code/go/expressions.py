"""Expressions and types of Go as the small syntax.

A pointer is what it points to: structures are followed by identity anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import TAKEN
from untangle.scanners.code.lowered.concrete import Concrete, line_of, named

if TYPE_CHECKING:
    from tree_sitter import Node

PREDECLARED = frozenset(
    (
        *("string", "bool", "byte", "rune", "error", "any", "uintptr", "float32", "float64", "complex64", "complex128"),
        *("int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64"),
    )
)
TUPLE, MAP = "tuple", "map"
_LISTS = ("slice_type", "array_type", "implicit_length_array_type")


class Expressions(Concrete):
    """Lowers expressions; the statements of function literals are lowered by the class below."""

    def expression(self, node: Node | None) -> s.Expr:
        """One expression."""
        if node is None:
            return s.Const(None)
        lower = _EXPRESSIONS.get(node.type)
        if lower is not None:
            return lower(self, node)
        return s.Opaque(tuple(self.expression(child) for child in named(node)), self.line_text(node))

    def several(self, node: Node | None) -> list[Node]:
        """The expressions of a list, or the one that stands instead."""
        if node is None:
            return []
        return list(named(node)) if node.type == "expression_list" else [node]

    # types

    def type(self, node: Node | None) -> s.Expr | None:
        """A named type, behind pointers and type arguments too; None for any other."""
        if node is None:
            return None
        if node.type == "type_identifier":
            name = self.text(node)
            return None if name in PREDECLARED else s.Name(name)
        if node.type == "qualified_type":
            return s.Member(s.Name(self.text(node.child_by_field_name("package"))), self.text(node.child_by_field_name("name")))
        if node.type in ("pointer_type", "parenthesized_type"):
            return self.type(next(named(node), None))
        if node.type == "generic_type":
            return self.type(node.child_by_field_name("type"))
        return None

    def element_type(self, node: Node | None) -> s.Expr | None:
        """The named type of a list's elements, or the type itself where it is no list."""
        if node is not None and node.type == "pointer_type":
            return self.element_type(next(named(node), None))
        if node is not None and node.type in _LISTS:
            return self.element_type(node.child_by_field_name("element"))
        return self.type(node)

    def zero(self, node: Node | None, name: str) -> s.Expr:
        """What a variable of a type holds before anything is put there."""
        if node is None or node.type == "pointer_type":
            return s.Opaque((), name)
        if node.type in _LISTS:
            return s.Array(())
        if node.type == "map_type":
            return s.Object((), MAP)
        if node.type == "struct_type":
            return s.Object(())
        known = self.type(node)
        return s.Opaque((), name) if known is None else s.Invoke(known, (), line_of(node), self.line_text(node), new=True)

    def typed(self, name: str, kind: Node | None) -> s.Pattern:
        """A variable of a declared type."""
        known = self.type(kind)
        return s.Typed(s.Name(name), known) if known is not None else s.Name(name)

    # the forms

    def _inner(self, node: Node) -> s.Expr:
        return self.expression(next(named(node), None))

    def _name(self, node: Node) -> s.Expr:
        return s.Name(self.text(node))

    def _literal(self, node: Node) -> s.Expr:
        return s.Const({"true": True, "false": False}.get(node.type))

    def _number(self, node: Node) -> s.Expr:
        text = self.text(node).replace("_", "")
        try:
            return s.Const(int(text, 0) if node.type == "int_literal" else float(text))
        except ValueError:
            return s.Opaque((), text)

    def _string(self, node: Node) -> s.Expr:
        return s.Const(self.string(node))

    def string(self, node: Node | None) -> str:
        """The text that a string literal stands for."""
        text = self.text(node)
        if not text.startswith('"') or "\\" not in text:
            return text[1:-1]
        try:
            return str(ast.literal_eval(text))
        except (ValueError, SyntaxError, MemoryError):
            return text[1:-1]

    def _member(self, node: Node) -> s.Expr:
        return s.Member(self.expression(node.child_by_field_name("operand")), self.text(node.child_by_field_name("field")))

    def _index(self, node: Node) -> s.Expr:
        return s.Index(self.expression(node.child_by_field_name("operand")), self.expression(node.child_by_field_name("index")))

    def _operand(self, node: Node) -> s.Expr:
        return self.expression(node.child_by_field_name("operand"))

    def _unary(self, node: Node) -> s.Expr:
        inner = self.expression(node.child_by_field_name("operand"))
        operator = node.children[0].type if node.children else ""
        if operator in ("&", "*"):
            return inner
        if operator == "<-":
            return s.Invoke(s.Name("go:receive"), (inner,), line_of(node), self.line_text(node))
        return s.Opaque((inner,), self.line_text(node))

    def _binary(self, node: Node) -> s.Expr:
        left, right = self.expression(node.child_by_field_name("left")), self.expression(node.child_by_field_name("right"))
        if self.text(node.child_by_field_name("operator")) == "+":
            return s.Template((left, right))
        return s.Opaque((left, right), self.line_text(node))

    def _call(self, node: Node) -> s.Expr:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is not None and function.type == "identifier" and self.text(function) in ("make", "new"):
            return self._allocated(self.text(function), arguments)
        callee, given = self.expression(function), self.arguments(arguments)
        return s.Invoke(callee, given, line_of(node), self.line_text(node), answer=TAKEN)

    def _allocated(self, how: str, arguments: Node | None) -> s.Expr:
        kind = next(named(arguments), None)
        if how == "new":
            return self.zero(kind, "new")
        if kind is not None and kind.type == "map_type":
            return s.Object((), MAP)
        return s.Array(())

    def arguments(self, node: Node | None) -> tuple[s.Expr, ...]:
        """What a call is given."""
        return tuple(self.expression(child) for child in named(node))

    def _spread(self, node: Node) -> s.Expr:
        return s.Spread(self._inner(node))

    def _conversion(self, node: Node) -> s.Expr:
        """`[]byte(x)`; what looks like one with type arguments is a call of a generic function."""
        kind = node.child_by_field_name("type")
        inner = self.expression(node.child_by_field_name("operand"))
        if kind is not None and kind.type == "generic_type" and (known := self.type(kind)) is not None:
            return s.Invoke(known, (inner,), line_of(node), self.line_text(node))
        return inner

    def _composite(self, node: Node) -> s.Expr:
        return self.composed(node.child_by_field_name("type"), node.child_by_field_name("body"), node)

    def composed(self, kind: Node | None, body: Node | None, node: Node) -> s.Expr:
        """A literal of a type: `T{A: x}`, `[]T{{…}, {…}}`, `map[string]T{"a": {…}}`."""
        if kind is not None and kind.type == "pointer_type":
            return self.composed(next(named(kind), None), body, node)
        if kind is not None and kind.type in _LISTS:
            element = kind.child_by_field_name("element")
            return s.Array(tuple(self._part(child, element) for child in named(body)))
        value_type = kind.child_by_field_name("value") if kind is not None and kind.type == "map_type" else None
        is_map = kind is not None and kind.type == "map_type"
        entries: list[tuple[s.Expr | None, s.Expr]] = []
        for i, child in enumerate(named(body)):
            if child.type == "keyed_element":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                entries.append((self._key(key, is_map), self._part(value, value_type)))
            else:
                entries.append((s.Const(i), self._part(child, value_type)))
        made = s.Object(tuple(entries), MAP if is_map else "")
        known = self.type(kind)
        return made if known is None else s.Invoke(known, (made,), line_of(node), self.line_text(node), new=True)

    def _part(self, node: Node | None, kind: Node | None) -> s.Expr:
        """A part of a literal, whose type may be left out."""
        inner = next(named(node), None) if node is not None and node.type == "literal_element" else node
        if inner is not None and inner.type == "keyed_element":  # an array literal with its indexes written
            return self._part(inner.child_by_field_name("value"), kind)
        if inner is not None and inner.type == "literal_value":
            return self.composed(kind, inner, inner)
        return self.expression(inner)

    def _key(self, node: Node | None, is_map: bool) -> s.Expr:
        inner = next(named(node), None) if node is not None and node.type == "literal_element" else node
        if inner is not None and inner.type in ("identifier", "field_identifier") and not is_map:
            return s.Const(self.text(inner))
        return self.expression(inner)

    def _function(self, node: Node) -> s.Expr:
        return self.function("", node)

    # what the class below adds

    def function(self, name: str, node: Node) -> s.Lambda:
        """A function by its parameters and body."""
        raise NotImplementedError

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements of a block."""
        raise NotImplementedError


_E = Expressions
_EXPRESSIONS: dict[str, Callable[[Expressions, Node], s.Expr]] = {
    "identifier": _E._name,
    "field_identifier": _E._name,
    "package_identifier": _E._name,
    "type_identifier": _E._name,
    "true": _E._literal,
    "false": _E._literal,
    "nil": _E._literal,
    "int_literal": _E._number,
    "float_literal": _E._number,
    "interpreted_string_literal": _E._string,
    "raw_string_literal": _E._string,
    "selector_expression": _E._member,
    "index_expression": _E._index,
    "slice_expression": _E._operand,
    "type_assertion_expression": _E._operand,
    "unary_expression": _E._unary,
    "binary_expression": _E._binary,
    "call_expression": _E._call,
    "variadic_argument": _E._spread,
    "type_conversion_expression": _E._conversion,
    "composite_literal": _E._composite,
    "func_literal": _E._function,
    "parenthesized_expression": _E._inner,
}
