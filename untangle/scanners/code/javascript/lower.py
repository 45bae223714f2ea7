"""JavaScript and TypeScript to the small syntax, from tree-sitter's concrete syntax.

Types are dropped. tree-sitter survives syntax errors; the line of the first one is kept with the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from untangle.scanners.code.lowered import syntax as s

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_TEXT = 110


def lower(path: str, data: bytes) -> s.Program:
    """A file as a program; raises RecursionError on absurdly deep nesting."""
    tree = _parser(path).parse(data)
    root = tree.root_node
    return s.Program(path, tuple(_Lowering(data).statements(root)), _first_error(root) if root.has_error else None)


def _parser(path: str) -> Parser:
    from tree_sitter import Language, Parser

    if path.endswith((".ts", ".mts", ".cts")):
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_typescript()))
    if path.endswith(".tsx"):
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_tsx()))
    import tree_sitter_javascript

    return Parser(Language(tree_sitter_javascript.language()))


if TYPE_CHECKING:
    from tree_sitter import Parser


def _first_error(root: Node) -> int | None:
    pending = [root]
    while pending:
        node = pending.pop(0)
        if node.is_error or node.is_missing:
            return node.start_point[0] + 1
        pending.extend(child for child in node.children if child.has_error)
    return None


class _Lowering:
    """One file being lowered."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    # statements

    def statements(self, node: Node | None) -> Iterator[s.Statement]:
        """The statements in a block, or the one statement that stands instead of it."""
        if node is None:
            return
        if node.type in ("statement_block", "program", "class_static_block", "switch_case", "switch_default", "else_clause"):
            for child in node.named_children:
                yield from self._statement(child)
        else:
            yield from self._statement(node)

    def _statement(self, node: Node) -> Iterator[s.Statement]:
        handler = _STATEMENTS.get(node.type)
        if handler is not None:
            yield from handler(self, node)
        elif node.type.endswith(("expression", "identifier")) or node.type in ("string", "template_string", "number"):
            yield s.Run(self.expression(node))

    def _run(self, node: Node) -> Iterator[s.Statement]:
        for child in node.named_children:
            if child.type != "comment":
                yield s.Run(self.expression(child))

    def _declaration(self, node: Node) -> Iterator[s.Statement]:
        for child in node.named_children:
            if child.type == "variable_declarator":
                value = child.child_by_field_name("value")
                name = child.child_by_field_name("name")
                lowered = _named(self.expression(value), self._text(name)) if value is not None else None
                yield s.Bind(self.pattern(name), lowered)

    def _function(self, node: Node) -> Iterator[s.Statement]:
        name = self._text(node.child_by_field_name("name")) or "default"
        yield s.Bind(s.Name(name), self._lambda(node, name))

    def _class(self, node: Node) -> Iterator[s.Statement]:
        name = self._text(node.child_by_field_name("name")) or "default"
        yield s.Bind(s.Name(name), self._class_of(node, name))

    def _if(self, node: Node) -> Iterator[s.Statement]:
        condition = node.child_by_field_name("condition")
        yield s.Branch(
            self.expression(condition),
            self._line_text(condition).strip("()"),
            self._line(node),
            tuple(self.statements(node.child_by_field_name("consequence"))),
            tuple(self.statements(node.child_by_field_name("alternative"))),
        )

    def _switch(self, node: Node) -> Iterator[s.Statement]:
        value = node.child_by_field_name("value")
        subject = self._line_text(value).strip("()")
        lowered = self.expression(value)
        body = node.child_by_field_name("body")
        for case in body.named_children if body is not None else ():
            test = case.child_by_field_name("value")
            text = f"{subject} === {self._line_text(test)}" if test is not None else f"{subject} is anything else"
            inner = [child for child in case.named_children if child != test and child.type not in ("comment", "break_statement")]
            statements = tuple(statement for child in inner for statement in self._statement(child))
            if statements:
                # a case does not end the function for the cases after it, whatever it returns
                yield s.Branch(lowered, text, self._line(case), statements, (s.Run(s.Const(None)),))

    def _for_in(self, node: Node) -> Iterator[s.Statement]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        over = self.expression(right)
        operator = node.child_by_field_name("operator")
        target = self.pattern(left) if operator is not None and self._text(operator) == "of" else None
        body = tuple(self.statements(node.child_by_field_name("body")))
        yield s.Loop(target, over, self._line_text(right), self._line(node), body)

    def _for(self, node: Node) -> Iterator[s.Statement]:
        initial = node.child_by_field_name("initializer")
        if initial is not None:
            yield from self._statement(initial)
        yield from self._while(node)

    def _while(self, node: Node) -> Iterator[s.Statement]:
        condition = node.child_by_field_name("condition")
        over = s.Opaque((self.expression(condition),)) if condition is not None else None
        body = tuple(self.statements(node.child_by_field_name("body")))
        yield s.Loop(None, over, self._line_text(condition).strip("()"), self._line(node), body)

    def _return(self, node: Node) -> Iterator[s.Statement]:
        value = node.named_children[0] if node.named_children else None
        yield s.Return(self.expression(value) if value is not None else None)

    def _throw(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave(self.expression(node.named_children[0]) if node.named_children else s.Const(None))

    def _leave(self, node: Node) -> Iterator[s.Statement]:
        yield s.Leave()

    def _try(self, node: Node) -> Iterator[s.Statement]:
        handler, final = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
        caught = handler.child_by_field_name("parameter") if handler is not None else None
        yield s.Attempt(
            tuple(self.statements(node.child_by_field_name("body"))),
            tuple(self.statements(handler.child_by_field_name("body"))) if handler is not None else (),
            self.pattern(caught) if caught is not None else None,
            self._line(handler or node),
            tuple(self.statements(final.child_by_field_name("body"))) if final is not None else (),
        )

    def _block_statement(self, node: Node) -> Iterator[s.Statement]:
        yield s.Block(tuple(self.statements(node)))

    def _labelled(self, node: Node) -> Iterator[s.Statement]:
        body = node.child_by_field_name("body")
        if body is not None:
            yield from self._statement(body)

    # imports and exports

    def _import(self, node: Node) -> Iterator[s.Statement]:
        source = self._string(node.child_by_field_name("source"))
        names: list[tuple[str, str]] = []
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                source = self._string(clause.child_by_field_name("source"))
                names.append(("*", self._text(clause.named_children[0])))
            elif clause.type == "import_clause":
                names.extend(self._import_names(clause))
        yield s.Import(source, tuple(names))

    def _import_names(self, clause: Node) -> Iterator[tuple[str, str]]:
        for child in clause.named_children:
            if child.type == "identifier":
                yield ("default", self._text(child))
            elif child.type == "namespace_import":
                yield ("*", self._text(child.named_children[0]))
            elif child.type == "named_imports":
                for specifier in child.named_children:
                    name = specifier.child_by_field_name("name")
                    alias = specifier.child_by_field_name("alias") or name
                    if name is not None:
                        yield (self._text(name), self._text(alias))

    def _export(self, node: Node) -> Iterator[s.Statement]:
        source_node = node.child_by_field_name("source")
        source = self._string(source_node) if source_node is not None else None
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        if declaration is not None:
            for statement in self._statement(declaration):
                yield statement
                default = any(child.type == "default" for child in node.children)
                if isinstance(statement, s.Bind):
                    for name in _bound(statement.target):
                        yield s.Export("default" if default else name, s.Name(name))
        elif value is not None:
            yield s.Export("default", self.expression(value))
        elif source is not None and any(child.type == "*" for child in node.children):
            yield s.Export("*", source=source)
        for clause in node.named_children:
            if clause.type == "namespace_export" and source is not None:
                yield s.Export(self._text(clause.named_children[0]), s.Module(source))
            if clause.type == "export_clause":
                yield from self._export_names(clause, source)

    def _export_names(self, clause: Node, source: str | None) -> Iterator[s.Statement]:
        for specifier in clause.named_children:
            name = specifier.child_by_field_name("name")
            if name is not None:
                alias = specifier.child_by_field_name("alias") or name
                yield s.Export(self._text(alias), s.Name(self._text(name)), source)

    def _export_assignment(self, node: Node) -> Iterator[s.Statement]:
        for child in node.named_children:
            yield s.Export("default", self.expression(child))

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
                parts.append(s.Const(_unescape(self._text(child))))
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
        new = node.type == "new_expression"
        return s.Invoke(self.expression(callee), lowered, self._line(node), self._line_text(node), new)

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
            statements: tuple[s.Statement, ...] = (s.Return(self.expression(body)),)
        else:
            statements = tuple(self.statements(body))
        return s.Lambda(name, tuple(self.pattern(item) for item in nodes), statements, self._line(node))

    def _class_expression(self, node: Node) -> s.Expr:
        return self._class_of(node, self._text(node.child_by_field_name("name")))

    def _class_of(self, node: Node, name: str) -> s.Class:
        heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
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
        return s.Opaque((left, right), self._line_text(node))

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
        return s.Assign(target, _named(value, self._text(node.child_by_field_name("left"))))

    def _this(self, node: Node) -> s.Expr:
        return s.This()

    def _sequence(self, node: Node) -> s.Expr:
        parts = [self.expression(child) for child in node.named_children]
        return s.Either((parts[-1],)) if len(parts) == 1 else s.Index(s.Array(tuple(parts)), s.Const(len(parts) - 1))

    # patterns

    def pattern(self, node: Node | None) -> s.Pattern:
        """What a value is bound to."""
        if node is None:
            return s.Name("_")
        if node.type in ("required_parameter", "optional_parameter"):
            inner = self.pattern(node.child_by_field_name("pattern"))
            value = node.child_by_field_name("value")
            return s.Default(inner, self.expression(value)) if value is not None else inner
        if node.type in ("assignment_pattern", "object_assignment_pattern"):
            return s.Default(self.pattern(node.child_by_field_name("left")), self.expression(node.child_by_field_name("right")))
        if node.type == "rest_pattern":
            return s.Rest(self.pattern(node.named_children[0]))
        if node.type == "object_pattern":
            return self._fields(node)
        if node.type == "array_pattern":
            return s.Elements(tuple(self.pattern(child) for child in node.named_children if child.type != "comment"))
        if node.type in ("member_expression", "subscript_expression"):
            lowered = self.expression(node)
            return lowered if isinstance(lowered, s.Member | s.Index) else s.Name("_")
        if node.type in ("lexical_declaration", "variable_declaration"):
            return self.pattern(node.named_children[0].child_by_field_name("name"))
        if node.type in ("parenthesized_expression", "non_null_expression", "as_expression"):
            return self.pattern(node.named_children[0])
        return s.Name(self._text(node))

    def _fields(self, node: Node) -> s.Pattern:
        entries: list[tuple[str, s.Pattern, s.Expr | None]] = []
        rest: str | None = None
        for child in node.named_children:
            if child.type == "shorthand_property_identifier_pattern":
                entries.append((self._text(child), s.Name(self._text(child)), None))
            elif child.type == "object_assignment_pattern":
                name = self._text(child.child_by_field_name("left"))
                entries.append((name, s.Name(name), self.expression(child.child_by_field_name("right"))))
            elif child.type == "pair_pattern":
                key, value = child.child_by_field_name("key"), self.pattern(child.child_by_field_name("value"))
                default = value.value if isinstance(value, s.Default) else None
                name = self._string(key) if key is not None and key.type == "string" else self._text(key)
                entries.append((name, value.pattern if isinstance(value, s.Default) else value, default))
            elif child.type == "rest_pattern":
                rest = self._text(child.named_children[0])
        return s.Fields(tuple(entries), rest)

    # text

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self._data[node.start_byte : node.end_byte].decode("utf-8", errors="replace")

    def _line_text(self, node: Node | None) -> str:
        text = " ".join(self._text(node)[:400].split())
        return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"

    def _line(self, node: Node) -> int:
        return int(node.start_point[0]) + 1

    def _string(self, node: Node | None) -> str:
        return "" if node is None else _unescape(self._text(node)[1:-1])


_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\'": "'", '\\"': '"', "\\\\": "\\", "\\`": "`", "\\/": "/"}


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    for old, new in _ESCAPES.items():
        text = text.replace(old, new)
    return text


def _named(value: s.Expr, name: str) -> s.Expr:
    """A function that is assigned to a name has that name."""
    if isinstance(value, s.Lambda) and not value.name:
        return s.Lambda(name, value.parameters, value.body, value.line)
    return value


def _bound(pattern: s.Pattern) -> Iterator[str]:
    if isinstance(pattern, s.Name):
        yield pattern.id
    elif isinstance(pattern, s.Fields):
        for _, inner, _ in pattern.entries:
            yield from _bound(inner)
    elif isinstance(pattern, s.Elements):
        for item in pattern.items:
            if item is not None:
                yield from _bound(item)
    elif isinstance(pattern, s.Default):
        yield from _bound(pattern.pattern)


def _has_call(expression: s.Expr) -> bool:
    return isinstance(expression, s.Invoke) or (
        isinstance(expression, s.Opaque) and any(_has_call(part) for part in expression.parts)
    )


_L = _Lowering
_STATEMENTS: dict[str, Callable[[_Lowering, Node], Iterator[s.Statement]]] = {
    "expression_statement": _L._run,
    "lexical_declaration": _L._declaration,
    "variable_declaration": _L._declaration,
    "function_declaration": _L._function,
    "generator_function_declaration": _L._function,
    "class_declaration": _L._class,
    "abstract_class_declaration": _L._class,
    "if_statement": _L._if,
    "switch_statement": _L._switch,
    "for_in_statement": _L._for_in,
    "for_statement": _L._for,
    "while_statement": _L._while,
    "do_statement": _L._while,
    "return_statement": _L._return,
    "throw_statement": _L._throw,
    "break_statement": _L._leave,
    "continue_statement": _L._leave,
    "try_statement": _L._try,
    "statement_block": _L._block_statement,
    "labeled_statement": _L._labelled,
    "import_statement": _L._import,
    "export_statement": _L._export,
    "export_assignment": _L._export_assignment,
}
_EXPRESSIONS: dict[str, Callable[[_Lowering, Node], s.Expr]] = {
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
    "super": _L._this,
    "sequence_expression": _L._sequence,
    "parenthesized_expression": _L._inner,
    "await_expression": _L._inner,
    "as_expression": _L._inner,
    "satisfies_expression": _L._inner,
    "non_null_expression": _L._inner,
    "type_assertion": _L._inner,
    "yield_expression": _L._inner,
}
