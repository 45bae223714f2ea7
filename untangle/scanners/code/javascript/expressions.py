"""JavaScript's expressions, lowered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from untangle.scanners.code.javascript.bundled import packaged, vendored
from untangle.scanners.code.javascript.patterns import Patterns, unescape
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import TAKEN, dropped, passed

if TYPE_CHECKING:
    from tree_sitter import Node


class Expressions(Patterns):
    """Lowers expressions."""

    # expressions

    def expression(self, node: Node | None) -> s.Expr:
        """One expression."""
        if node is None:
            return s.Const(None)
        handler = _EXPRESSIONS.get(node.type)
        if handler is not None:
            return handler(self, node)
        return s.Opaque(
            tuple(self.expression(child) for child in node.named_children if child.type != "comment"), self._line_text(node)
        )

    def _inner(self, node: Node) -> s.Expr:
        """What brackets, `await`, `as T`, `!` and the like stand around."""
        inner = next((child for child in node.named_children if child.type != "comment"), None)
        return self.expression(inner)

    def _await(self, node: Node) -> s.Expr:
        """What `await` stands around: what it waits for fails here."""
        return _settled(self._inner(node), passed)

    def _identifier(self, node: Node) -> s.Expr:
        name = self._text(node)
        return s.Const(None) if name == "undefined" else s.Name(name)

    def _literal(self, node: Node) -> s.Expr:
        return s.Const({"true": True, "false": False}.get(node.type))

    def _number(self, node: Node) -> s.Expr:
        text = self._text(node).replace("_", "")
        try:
            return s.Const(int(text, 0))
        except ValueError:
            try:
                return s.Const(float(text))
            except ValueError:
                return s.Opaque((), text)

    def _string_literal(self, node: Node) -> s.Expr:
        return s.Const(self._string(node))

    def _template(self, node: Node) -> s.Expr:
        parts: list[s.Expr] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                parts.append(self._inner(child))
            else:
                parts.append(s.Const(unescape(self._text(child))))
        return s.Template(tuple(parts)) if parts else s.Const("")

    def _member(self, node: Node) -> s.Expr:
        return s.Member(self.expression(node.child_by_field_name("object")), self._text(node.child_by_field_name("property")))

    def _subscript(self, node: Node) -> s.Expr:
        return s.Index(self.expression(node.child_by_field_name("object")), self.expression(node.child_by_field_name("index")))

    def _call(self, node: Node) -> s.Expr:
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        lowered = self._arguments(arguments)
        if callee is not None and (callee.type == "import" or (callee.type == "identifier" and self._text(callee) == "require")):
            source = lowered[0] if lowered else None
            if isinstance(source, s.Const) and isinstance(source.value, str):
                return s.Module(source.value)
        if callee is not None and callee.type == "identifier" and self._text(callee) == "await" and lowered:
            return lowered[-1]  # the grammar takes `await (0, module.f)(x)`, as compilers write it, for a call of `await`
        new = node.type == "new_expression"
        called = self.expression(callee)
        return vendored(called, lowered) or s.Invoke(called, lowered, self._line(node), self._line_text(node), new, TAKEN)

    def _arguments(self, node: Node | None) -> tuple[s.Expr, ...]:
        if node is None:
            return ()
        if node.type == "template_string":
            return (self._template(node),)
        return tuple(self.expression(child) for child in node.named_children if child.type != "comment")

    def _object(self, node: Node) -> s.Expr:
        entries: list[tuple[s.Expr | None, s.Expr]] = []
        for child in node.named_children:
            if child.type == "pair":
                entries.append((self._key(child.child_by_field_name("key")), self.expression(child.child_by_field_name("value"))))
            elif child.type == "shorthand_property_identifier":
                entries.append((s.Const(self._text(child)), s.Name(self._text(child))))
            elif child.type == "spread_element":
                entries.append((None, self._inner(child)))
            elif child.type == "method_definition":
                name = self._text(child.child_by_field_name("name"))
                entries.append((s.Const(name), self._lambda(child, name)))
        return s.Object(tuple(entries))

    def _key(self, node: Node | None) -> s.Expr:
        if node is None:
            return s.Const(None)
        if node.type == "computed_property_name":
            return self._inner(node)
        return s.Const(self._string(node)) if node.type == "string" else s.Const(self._text(node))

    def _array(self, node: Node) -> s.Expr:
        return s.Array(tuple(self.expression(child) for child in node.named_children if child.type != "comment"))

    def _spread(self, node: Node) -> s.Expr:
        return s.Spread(self._inner(node))

    def _arrow(self, node: Node) -> s.Expr:
        return self._lambda(node, self._text(node.child_by_field_name("name")))

    def _lambda(self, node: Node, name: str) -> s.Lambda:
        single = node.child_by_field_name("parameter")
        listed = node.child_by_field_name("parameters")
        nodes = (
            [single]
            if single is not None
            else [child for child in listed.named_children if child.type != "comment"]
            if listed
            else []
        )
        body = node.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            statements: tuple[s.Statement, ...] = (s.Return(passed(self.expression(body))),)
        else:
            statements = tuple(self.statements(body))
        return s.Lambda(name, tuple(self.pattern(item) for item in nodes), statements, self._line(node))

    def _class_expression(self, node: Node) -> s.Expr:
        return self._class_of(node, self._text(node.child_by_field_name("name")))

    def _class_of(self, node: Node, name: str) -> s.Expr:
        heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
        known = packaged(self._text(heritage), self._text(node.child_by_field_name("body"))) if heritage is not None else None
        if known is not None:
            return known
        base = self._base(heritage) if heritage is not None else None
        methods: list[tuple[str, s.Lambda]] = []
        fields: list[tuple[str, s.Expr]] = []
        statics: list[tuple[str, s.Expr]] = []
        body = node.child_by_field_name("body")
        for member in body.named_children if body is not None else ():
            if member.type == "method_definition":
                method = self._text(member.child_by_field_name("name"))
                code = self._lambda(member, method)
                if method == "constructor":
                    code = s.Lambda(method, code.parameters, (*self._parameter_properties(member), *code.body), code.line)
                methods.append((method, code))
            elif member.type in ("field_definition", "public_field_definition"):
                key = member.child_by_field_name("property") or member.child_by_field_name("name")
                pair = (self._text(key), self.expression(member.child_by_field_name("value")))
                (statics if any(child.type == "static" for child in member.children) else fields).append(pair)
        return s.Class(name, base, tuple(methods), tuple(fields), tuple(statics), self._line(node))

    def _base(self, heritage: Node) -> s.Expr:
        clause = next((child for child in heritage.named_children if child.type == "extends_clause"), heritage)
        value = clause.child_by_field_name("value") or (clause.named_children[0] if clause.named_children else None)
        return self.expression(value)

    def _parameter_properties(self, constructor: Node) -> Iterator[s.Statement]:
        """TypeScript's `constructor(private readonly queue: string)` also sets the field."""
        listed = constructor.child_by_field_name("parameters")
        for parameter in listed.named_children if listed is not None else ():
            marked = any(
                child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in parameter.children
            )
            name = parameter.child_by_field_name("pattern")
            if marked and name is not None:
                text = self._text(name)
                yield s.Run(s.Assign(s.Member(s.This(), text), s.Name(text)))

    def _binary(self, node: Node) -> s.Expr:
        left, right = self.expression(node.child_by_field_name("left")), self.expression(node.child_by_field_name("right"))
        operator = self._text(node.child_by_field_name("operator"))
        if operator == "+":
            return s.Template((left, right))
        if operator in ("||", "??"):
            return s.Either((left, right))
        if operator == "&&":
            return s.Either((right,)) if isinstance(right, s.Const | s.Object) else s.Either((s.Opaque((left,)), right))
        return s.Opaque((left, right), self._line_text(node), _EQUALITY.get(operator, ""))

    def condition(self, node: Node | None) -> s.Expr:
        """An expression that is asked whether it holds; what it is worth otherwise does not matter."""
        if node is None:
            return s.Const(None)
        if node.type == "parenthesized_expression":
            return self.condition(next((child for child in node.named_children if child.type != "comment"), None))
        operator = self._text(node.child_by_field_name("operator"))
        if node.type == "unary_expression" and operator == "!":
            return s.Opaque((self.condition(node.child_by_field_name("argument")),), self._line_text(node), "not")
        if node.type == "binary_expression" and operator in _LOGIC:
            sides = tuple(self.condition(node.child_by_field_name(name)) for name in ("left", "right"))
            return s.Opaque(sides, self._line_text(node), _LOGIC[operator])
        return self.expression(node)

    def _ternary(self, node: Node) -> s.Expr:
        parts = [self.expression(node.child_by_field_name(name)) for name in ("consequence", "alternative")]
        test = self.expression(node.child_by_field_name("condition"))
        return s.Either((*parts, s.Opaque((test,))) if _has_call(test) else tuple(parts))

    def _assignment(self, node: Node) -> s.Expr:
        target = self.pattern(node.child_by_field_name("left"))
        value = self.expression(node.child_by_field_name("right"))
        if node.type == "augmented_assignment_expression" and isinstance(target, s.Name | s.Member | s.Index):
            operator = self._text(node.child_by_field_name("operator"))
            value = s.Template((target, value)) if operator == "+=" else s.Either((target, value))
        return s.Assign(target, named(value, self._text(node.child_by_field_name("left"))))

    def _super(self, node: Node) -> s.Expr:
        return s.Super()

    def _this(self, node: Node) -> s.Expr:
        return s.This()

    def _sequence(self, node: Node) -> s.Expr:
        parts = [self.expression(child) for child in node.named_children]
        return s.Either((parts[-1],)) if len(parts) == 1 else s.Index(s.Array(tuple(parts)), s.Const(len(parts) - 1))


def named(value: s.Expr, name: str) -> s.Expr:
    """A function that is assigned to a name has that name."""
    if isinstance(value, s.Lambda) and not value.name:
        return s.Lambda(name, value.parameters, value.body, value.line)
    return value


def finished(expression: s.Expr) -> s.Expr:
    """A call that a statement awaits and throws away; one of SDK v2 is a promise by `promise()` only.

    What a callback is given, as SDK v3 takes one behind the request, is not thrown away.
    """
    if isinstance(expression, s.Invoke) and any(not isinstance(inner, s.Object) for inner in expression.arguments[1:]):
        return expression
    return _settled(expression, lambda inner: dropped(inner, ("promise",)))


def _settled(expression: s.Expr, mark: Callable[[s.Expr], s.Expr]) -> s.Expr:
    """A call that is awaited, marked: also each of a list that `Promise.all` waits for, which fails with the first of them."""
    if isinstance(expression, s.Invoke) and expression.callee == _ALL and len(expression.arguments) == 1:
        listed = expression.arguments[0]
        inner = s.Array(tuple(mark(item) for item in listed.items)) if isinstance(listed, s.Array) else passed(listed)
        expression = replace(expression, arguments=(inner,))
    return mark(expression)


_ALL = s.Member(s.Name("Promise"), "all")


def _has_call(expression: s.Expr) -> bool:
    return isinstance(expression, s.Invoke) or (
        isinstance(expression, s.Opaque) and any(_has_call(part) for part in expression.parts)
    )


_EQUALITY = {"==": "==", "===": "==", "!=": "!=", "!==": "!="}
_LOGIC = {"&&": "and", "||": "or"}
_L = Expressions
_EXPRESSIONS: dict[str, Callable[[Expressions, Node], s.Expr]] = {
    "identifier": _L._identifier,
    "undefined": _L._identifier,
    "property_identifier": _L._identifier,
    "true": _L._literal,
    "false": _L._literal,
    "null": _L._literal,
    "number": _L._number,
    "string": _L._string_literal,
    "template_string": _L._template,
    "member_expression": _L._member,
    "subscript_expression": _L._subscript,
    "call_expression": _L._call,
    "new_expression": _L._call,
    "object": _L._object,
    "array": _L._array,
    "spread_element": _L._spread,
    "arrow_function": _L._arrow,
    "function_expression": _L._arrow,
    "generator_function": _L._arrow,
    "function": _L._arrow,
    "class": _L._class_expression,
    "binary_expression": _L._binary,
    "ternary_expression": _L._ternary,
    "assignment_expression": _L._assignment,
    "augmented_assignment_expression": _L._assignment,
    "this": _L._this,
    "super": _L._super,
    "sequence_expression": _L._sequence,
    "parenthesized_expression": _L._inner,
    "await_expression": _L._await,
    "as_expression": _L._inner,
    "satisfies_expression": _L._inner,
    "non_null_expression": _L._inner,
    "type_assertion": _L._inner,
    "yield_expression": _L._inner,
}
