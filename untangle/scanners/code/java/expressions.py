"""Expressions and patterns of Java as the small syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.concrete import Concrete, line_of, named

if TYPE_CHECKING:
    from tree_sitter import Node

# Types whose instances are never made up: what they hold is a value, a collection or the runtime's own.
UNTYPED = frozenset(
    (
        *("String", "Object", "Integer", "Long", "Double", "Float", "Boolean", "Short", "Byte", "Character", "Number", "var"),
        *("List", "Map", "Set", "Collection", "ArrayList", "HashMap", "LinkedHashMap", "Iterable", "Iterator", "Stream"),
        *("Optional", "LambdaLogger", "Logger", "InputStream", "OutputStream", "CharSequence", "Class", "Void"),
        *("Exception", "Throwable", "CompletableFuture", "Future", "Function", "Supplier", "Consumer", "Instant", "Duration"),
    )
)
ROOTS = frozenset({"com", "org", "net", "io", "software", "java", "javax", "jakarta", "dev", "co", "eu", "de", "uk"})
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", '\\"': '"', "\\'": "'", "\\\\": "\\"}


class Expressions(Concrete):
    """Lowers expressions; classes and statements inside them are lowered by the class below."""

    def expression(self, node: Node | None) -> s.Expr:
        """One expression."""
        if node is None:
            return s.Const(None)
        lower = _EXPRESSIONS.get(node.type)
        if lower is not None:
            return lower(self, node)
        return s.Opaque(tuple(self.expression(child) for child in named(node)), self.line_text(node))

    def type(self, node: Node | None) -> s.Expr | None:
        """A class by its name; None for primitives, arrays and what is never made up."""
        if node is None:
            return None
        if node.type == "type_identifier":
            name = self.text(node)
            return None if name in UNTYPED else s.Name(name)
        if node.type == "generic_type":
            return self.type(next(named(node), None))
        if node.type == "scoped_type_identifier":
            return dotted(self.text(node))
        return None

    def made(self, node: Node | None) -> s.Expr:
        """The class that `new` names."""
        if node is not None and node.type == "generic_type":
            return self.made(next(named(node), None))
        return dotted(self.text(node))

    def typed(self, name: str, kind: Node | None) -> s.Pattern:
        """A variable of a declared type."""
        known = self.type(kind)
        return s.Typed(s.Name(name), known) if known is not None else s.Name(name)

    def target(self, node: Node | None) -> s.Pattern:
        """What is assigned to."""
        lowered = self.expression(node)
        return lowered if isinstance(lowered, s.Name | s.Member | s.Index) else s.Name("_")

    # the forms

    def _inner(self, node: Node) -> s.Expr:
        return self.expression(next(named(node), None))

    def _name(self, node: Node) -> s.Expr:
        return s.Name(self.text(node))

    def _literal(self, node: Node) -> s.Expr:
        return s.Const({"true": True, "false": False}.get(node.type))

    def _number(self, node: Node) -> s.Expr:
        text = self.text(node).replace("_", "").rstrip("lLfFdD")
        try:
            return s.Const(int(text, 0))
        except ValueError:
            try:
                return s.Const(float(text))
            except ValueError:
                return s.Opaque((), text)

    def _string(self, node: Node) -> s.Expr:
        parts = [
            _ESCAPES.get(self.text(child), self.text(child)) if child.type == "escape_sequence" else self.text(child)
            for child in named(node)
        ]
        return s.Const("".join(parts))

    def _character(self, node: Node) -> s.Expr:
        return s.Const(self.text(node)[1:-1])

    def _member(self, node: Node) -> s.Expr:
        owner = node.child_by_field_name("object")
        name = self.text(node.child_by_field_name("field"))
        if owner is not None and owner.type in ("identifier", "field_access"):
            path = f"{self.text(owner)}.{name}"
            if path.split(".")[0] in ROOTS and any(part[:1].isupper() for part in path.split(".")):
                return dotted(path)
        if name == "this":  # Outer.this
            return s.Opaque((), self.line_text(node))
        return s.Member(self.expression(owner), name)

    def _index(self, node: Node) -> s.Expr:
        return s.Index(self.expression(node.child_by_field_name("array")), self.expression(node.child_by_field_name("index")))

    def _call(self, node: Node) -> s.Expr:
        owner = node.child_by_field_name("object")
        name = self.text(node.child_by_field_name("name"))
        arguments = self.arguments(node.child_by_field_name("arguments"))
        above = any(child.type == "super" for child in node.children)
        if above:
            callee: s.Expr = s.Member(s.Super(), name)
        elif owner is None:
            callee = s.Name(f"{name}()")
        else:
            callee = s.Member(self.expression(owner), name)
        return s.Invoke(callee, arguments, line_of(node), self.line_text(node))

    def arguments(self, node: Node | None) -> tuple[s.Expr, ...]:
        """What a call is given."""
        return tuple(self.expression(child) for child in named(node))

    def _new(self, node: Node) -> s.Expr:
        callee = self.made(node.child_by_field_name("type"))
        arguments = self.arguments(node.child_by_field_name("arguments"))
        body = next((child for child in named(node) if child.type == "class_body"), None)
        if body is not None:
            callee = self.class_of("", callee, body, node)
        return s.Invoke(callee, arguments, line_of(node), self.line_text(node), new=True)

    def _lambda(self, node: Node) -> s.Expr:
        listed = node.child_by_field_name("parameters")
        if listed is not None and listed.type == "identifier":
            parameters: tuple[s.Pattern, ...] = (s.Name(self.text(listed)),)
        elif listed is not None and listed.type == "inferred_parameters":
            parameters = tuple(s.Name(self.text(child)) for child in named(listed))
        else:
            parameters = self.parameters(listed)
        body = node.child_by_field_name("body")
        if body is not None and body.type == "block":
            return s.Lambda("", parameters, tuple(self.statements(body)), line_of(node))
        return s.Lambda("", parameters, (s.Return(self.expression(body)),), line_of(node))

    def parameters(self, node: Node | None) -> tuple[s.Pattern, ...]:
        """The parameters of a method, each with its declared type."""
        found: list[s.Pattern] = []
        for child in named(node):
            if child.type == "spread_parameter":
                name = next((inner for inner in named(child) if inner.type == "variable_declarator"), None)
                found.append(s.Rest(s.Name(self.text(name.child_by_field_name("name") if name is not None else None))))
            elif child.type == "formal_parameter":
                pattern = self.typed(self.text(child.child_by_field_name("name")), child.child_by_field_name("type"))
                configured = self.configured(child)
                found.append(pattern if configured is None else s.Default(pattern, configured))
        return tuple(found)

    def _reference(self, node: Node) -> s.Expr:
        """`this::send`, `Order::new`, `Mapper::toJson`: a function of one value."""
        owner = next(named(node), None)
        given: tuple[s.Expr, ...] = (s.Name("it"),)
        last = node.children[-1]
        if last.type == "new":
            body: s.Expr = s.Invoke(self.made(owner), given, line_of(node), self.line_text(node), new=True)
        elif owner is not None and owner.type == "super":
            body = s.Invoke(s.Member(s.Super(), self.text(last)), given, line_of(node), self.line_text(node))
        else:
            of = self.made(owner) if owner is not None and owner.type.endswith("type") else self.expression(owner)
            body = s.Invoke(s.Member(of, self.text(last)), given, line_of(node), self.line_text(node))
        return s.Lambda("", (s.Name("it"),), (s.Return(body),), line_of(node))

    def _class_literal(self, node: Node) -> s.Expr:
        return self.made(next(named(node), None))

    def _cast(self, node: Node) -> s.Expr:
        return self.expression(node.child_by_field_name("value"))

    def _binary(self, node: Node) -> s.Expr:
        left, right = self.expression(node.child_by_field_name("left")), self.expression(node.child_by_field_name("right"))
        if self.text(node.child_by_field_name("operator")) == "+":
            return s.Template((left, right))
        return s.Opaque((left, right), self.line_text(node))

    def _ternary(self, node: Node) -> s.Expr:
        parts = [self.expression(node.child_by_field_name(name)) for name in ("consequence", "alternative")]
        test = s.Opaque((self.expression(node.child_by_field_name("condition")),))
        return s.Either((*parts, test))

    def _assignment(self, node: Node) -> s.Expr:
        target = self.target(node.child_by_field_name("left"))
        value = self.expression(node.child_by_field_name("right"))
        operator = self.text(node.child_by_field_name("operator"))
        if operator != "=" and isinstance(target, s.Name | s.Member | s.Index):
            value = s.Template((target, value)) if operator == "+=" else s.Opaque((target, value), self.line_text(node))
        return s.Assign(target, value)

    def _instanceof(self, node: Node) -> s.Expr:
        left, name = self.expression(node.child_by_field_name("left")), node.child_by_field_name("name")
        if name is None:
            return s.Opaque((left,), self.line_text(node))
        return s.Opaque((s.Assign(self.typed(self.text(name), node.child_by_field_name("right")), left),), self.line_text(node))

    def _array(self, node: Node) -> s.Expr:
        value = node.child_by_field_name("value")
        return self._elements(value) if value is not None else s.Array(())

    def _elements(self, node: Node) -> s.Expr:
        return s.Array(tuple(self.expression(child) for child in named(node)))

    def _this(self, node: Node) -> s.Expr:
        return s.This()

    def _super(self, node: Node) -> s.Expr:
        return s.Super()

    def _switch(self, node: Node) -> s.Expr:
        """A switch that is worth something: a function called on the spot, whose cases return."""
        body = s.Lambda("", (), tuple(self.cases(node, value=True)), line_of(node))
        return s.Invoke(body, (), line_of(node), self.line_text(node))

    # what the class below adds

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements of a block."""
        raise NotImplementedError

    def cases(self, node: Node, *, value: bool = False) -> Iterator[s.Statement]:
        """The cases of a switch."""
        raise NotImplementedError

    def configured(self, node: Node) -> s.Expr | None:
        """The configured value that an annotation asks for."""
        raise NotImplementedError

    def class_of(self, name: str, base: s.Expr | None, body: Node | None, node: Node) -> s.Class:
        """A class by its body."""
        raise NotImplementedError


def dotted(text: str) -> s.Expr:
    """`Outer.Inner` as a member, `com.acme.Outer.Inner` with its package as one name."""
    text = "".join(text.split("<")[0].split())
    parts = text.split(".")
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    found: s.Expr = s.Name(".".join(parts[: first + 1]))
    for part in parts[first + 1 :]:
        found = s.Member(found, part)
    return found


_E = Expressions
_EXPRESSIONS: dict[str, Callable[[Expressions, Node], s.Expr]] = {
    "identifier": _E._name,
    "true": _E._literal,
    "false": _E._literal,
    "null_literal": _E._literal,
    "decimal_integer_literal": _E._number,
    "hex_integer_literal": _E._number,
    "decimal_floating_point_literal": _E._number,
    "string_literal": _E._string,
    "character_literal": _E._character,
    "field_access": _E._member,
    "array_access": _E._index,
    "method_invocation": _E._call,
    "object_creation_expression": _E._new,
    "lambda_expression": _E._lambda,
    "method_reference": _E._reference,
    "class_literal": _E._class_literal,
    "cast_expression": _E._cast,
    "binary_expression": _E._binary,
    "ternary_expression": _E._ternary,
    "assignment_expression": _E._assignment,
    "instanceof_expression": _E._instanceof,
    "array_creation_expression": _E._array,
    "array_initializer": _E._elements,
    "parenthesized_expression": _E._inner,
    "this": _E._this,
    "super": _E._super,
    "switch_expression": _E._switch,
}
