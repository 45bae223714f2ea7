"""Java to the small syntax, from tree-sitter's concrete syntax: files and classes.

Types are kept only where they can say what an unseen value is. A call without an owner is a name that ends in "()",
because methods and variables of the same name are different things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from untangle.scanners.code.java.statements import TYPES, Statements
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.concrete import first_error, line_of, named

if TYPE_CHECKING:
    from tree_sitter import Node

INJECTED = frozenset({"Inject", "Autowired", "Resource"})
CONFIGURED = frozenset({"Value", "Property", "ConfigProperty"})
# Interfaces whose methods a class brings itself: nothing is inherited from them.
_BARE = frozenset(
    (
        *("RequestHandler", "RequestStreamHandler", "Function", "Supplier", "Consumer", "BiFunction", "Runnable", "Callable"),
        *("Serializable", "Comparable", "Cloneable", "AutoCloseable", "Closeable", "Resource", "Iterable"),
    )
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One file: its classes, its package, and what its imports call by short names.

    `names` leads from a class's short name to its full one, `members` from a statically imported name to class and
    member; `packages` and `classes` are what `import a.b.*` and `import static a.B.*` open.
    """

    program: s.Program
    package: str = ""
    names: dict[str, str] | None = None
    packages: tuple[str, ...] = ()
    members: dict[str, tuple[str, str]] | None = None
    classes: tuple[str, ...] = ()


def lower(path: str, data: bytes) -> Unit:
    """A file as a unit; raises RecursionError on absurdly deep nesting."""
    import tree_sitter_java
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_java.language())).parse(data).root_node
    lowering = _Lowering(data)
    body: list[s.Statement] = []
    for node in named(root):
        if node.type in TYPES:
            name, made = lowering.declared(node)
            body += [s.Bind(s.Name(name), made), s.Export(name, s.Name(name))]
    package, names, packages, members, classes = lowering.imports(root)
    return Unit(s.Program(path, tuple(body), first_error(root)), package, names, packages, members, classes)


class _Lowering(Statements):
    """One file being lowered."""

    def imports(self, root: Node) -> tuple[str, dict[str, str], tuple[str, ...], dict[str, tuple[str, str]], tuple[str, ...]]:
        """The package, and what the imports name; see `Unit`."""
        package, names, members = "", dict[str, str](), dict[str, tuple[str, str]]()
        packages: list[str] = []
        classes: list[str] = []
        for node in named(root):
            path = "".join(self.text(next((child for child in named(node)), None)).split()) if node.named_children else ""
            if node.type == "package_declaration":
                package = path
            elif node.type == "import_declaration":
                static = any(child.type == "static" for child in node.children)
                every = any(child.type == "asterisk" for child in node.children)
                owner, _, last = path.rpartition(".")
                if every:
                    (classes if static else packages).append(path)
                elif static:
                    members[last] = (owner, last)
                else:
                    names[last] = path
        return package, names, tuple(packages), members, tuple(classes)

    # classes

    def declared(self, node: Node) -> tuple[str, s.Class]:
        """A class, enum, record or interface, with its name."""
        name = self.text(node.child_by_field_name("name"))
        return name, self.class_of(name, self._base(node), node.child_by_field_name("body"), node)

    def _base(self, node: Node) -> s.Expr | None:
        above = node.child_by_field_name("superclass")
        if above is not None:
            return self.made(next(named(above), None))
        listed = node.child_by_field_name("interfaces") or next(
            (child for child in named(node) if child.type == "extends_interfaces"), None
        )
        for kind in named(next(named(listed), None)):
            made = self.made(kind)
            if not (isinstance(made, s.Name) and made.id in _BARE):
                return made
        return None

    def class_of(self, name: str, base: s.Expr | None, body: Node | None, node: Node) -> s.Class:
        """A class by its body; of an anonymous one `node` is the expression that makes it."""
        parts = _Parts(methods=[], fields=[], statics=[], setup=[], starts=[], tags=list(self._tags(node)))
        if node.type == "interface_declaration":
            parts.tags.append(("interface", s.Const(True)))
        if node.type == "record_declaration":
            self._components(node, parts)
        made = frozenset(tag for tag, _ in parts.tags)
        for member in self._members(body, parts, name):
            self._member_of(member, parts, interface=node.type in ("interface_declaration", "annotation_type_declaration"))
        parts.methods.extend(self._generated(made, parts))
        return s.Class(
            name,
            base,
            tuple(self._constructed(parts, base, node)),
            tuple(parts.fields),
            tuple(parts.statics),
            line_of(node),
            tuple(parts.setup),
            lazy=True,
            tags=tuple(parts.tags),
        )

    def _members(self, body: Node | None, parts: _Parts, name: str) -> Iterator[Node]:
        """The members of a body; constants of an enum become statics."""
        constants: list[str] = []
        for member in named(body):
            if member.type == "enum_constant":
                constant = self.text(member.child_by_field_name("name"))
                arguments = self.arguments(member.child_by_field_name("arguments"))
                inner = member.child_by_field_name("body")
                made: s.Expr = s.Name(name) if inner is None else self.class_of("", s.Name(name), inner, member)
                parts.statics.append((constant, s.Invoke(made, arguments, line_of(member), self.line_text(member), new=True)))
                constants.append(constant)
            elif member.type == "enum_body_declarations":
                yield from named(member)
            else:
                yield member
        if constants:
            every = s.Array(tuple(s.Member(s.Name(name), constant) for constant in constants))
            one = s.Either(tuple(s.Member(s.Name(name), constant) for constant in constants))
            parts.methods.append(("values", s.Lambda("values", (), (s.Return(every),), 0)))
            parts.methods.append(("valueOf", s.Lambda("valueOf", (s.Name("name"),), (s.Return(one),), 0)))

    def _member_of(self, member: Node, parts: _Parts, *, interface: bool) -> None:
        if member.type in ("field_declaration", "constant_declaration"):
            self._field(member, parts, static=interface or self._is(member, "static"))
        elif member.type == "method_declaration":
            name, body = self.text(member.child_by_field_name("name")), member.child_by_field_name("body")
            parts.tags.extend((f"{name}().{tag}", value) for tag, value in self._tags(member))
            if body is not None:
                parameters = self.parameters(member.child_by_field_name("parameters"))
                parts.methods.append((name, s.Lambda(name, parameters, tuple(self.statements(body)), line_of(member))))
        elif member.type == "constructor_declaration":
            parameters = self.parameters(member.child_by_field_name("parameters"))
            statements = tuple(self.statements(member.child_by_field_name("body")))
            parts.methods.append(("constructor", s.Lambda("constructor", parameters, statements, line_of(member))))
        elif member.type == "compact_constructor_declaration":
            parts.starts.extend(self.statements(member.child_by_field_name("body")))
        elif member.type == "static_initializer":
            parts.setup.extend(self.statements(next(named(member), None)))
        elif member.type == "block":
            parts.starts.extend(self.statements(member))
        elif member.type in TYPES:
            parts.statics.append(self.declared(member))

    def _field(self, node: Node, parts: _Parts, *, static: bool) -> None:
        kind = node.child_by_field_name("type")
        tags = dict(self._tags(node))
        for declarator in named(node):
            if declarator.type != "variable_declarator":
                continue
            name, value = self.text(declarator.child_by_field_name("name")), declarator.child_by_field_name("value")
            lowered = self.expression(value) if value is not None else self._given(node, kind, tags, name)
            if value is not None and value.type == "method_invocation" and (known := self.type(kind)) is not None:
                lowered = s.Invoke(s.Name("@typed"), (lowered, known), line_of(node), self.line_text(value))
            (parts.statics if static else parts.fields).append((name, lowered))
            if not static and value is None:
                parts.unset.append((self.typed(name, kind), self._is(node, "final")))
            parts.tags.extend((f"{name}.{tag}", value) for tag, value in tags.items())

    def _given(self, node: Node, kind: Node | None, tags: dict[str, s.Expr], name: str) -> s.Expr:
        """What a field without a value holds: what a framework puts there."""
        configured = self.configured(node)
        if configured is not None:
            return configured
        known = self.type(kind)
        if INJECTED & tags.keys() and known is not None:
            return s.Invoke(s.Name("@typed"), (s.Opaque((), name), known), line_of(node), self.line_text(node))
        return s.Opaque((), name)

    def configured(self, node: Node) -> s.Expr | None:
        """The configured value that an annotation asks for."""
        for tag, value in self._tags(node):
            if tag in CONFIGURED:
                return s.Invoke(s.Name("@configured"), (value,), line_of(node), self.line_text(node))
        return None

    def _components(self, node: Node, parts: _Parts) -> None:
        """A record's components are its fields, set by a constructor nobody writes."""
        parameters = node.child_by_field_name("parameters")
        names = [self.text(child.child_by_field_name("name")) for child in named(parameters) if child.type == "formal_parameter"]
        for name in names:
            parts.fields.append((name, s.Opaque((), name)))
            parts.methods.append((name, s.Lambda(name, (), (s.Return(s.Member(s.This(), name)),), line_of(node))))
        sets = tuple(s.Run(s.Assign(s.Member(s.This(), name), s.Name(name))) for name in names)
        parts.methods.append(("constructor", s.Lambda("constructor", self.parameters(parameters), sets, line_of(node))))

    def _generated(self, made: frozenset[str], parts: _Parts) -> Iterator[tuple[str, s.Lambda]]:
        """The constructors that annotations of Lombok stand for. https://projectlombok.org/features/constructor"""
        wanted = [pattern for pattern, final in parts.unset if final or "RequiredArgsConstructor" not in made]
        if made & {"RequiredArgsConstructor", "AllArgsConstructor", "Value"}:
            names = [pattern.pattern if isinstance(pattern, s.Typed) else pattern for pattern in wanted]
            sets = tuple(s.Run(s.Assign(s.Member(s.This(), name.id), name)) for name in names if isinstance(name, s.Name))
            yield "constructor", s.Lambda("constructor", tuple(wanted), sets, 0)

    def _constructed(self, parts: _Parts, base: s.Expr | None, node: Node) -> Iterator[tuple[str, s.Lambda]]:
        """The methods; constructors begin with the class above and with what stands in the body itself."""
        starts = tuple(parts.starts)
        anonymous = node.type not in TYPES and node.type != "enum_constant"
        if starts and not anonymous and not any(name == "constructor" for name, _ in parts.methods):
            parts.methods.append(("constructor", s.Lambda("constructor", (), (), line_of(node))))
        for name, code in parts.methods:
            if name == "constructor":
                body, chained = code.body, _chains(code.body)
                if base is not None and chained is None:
                    body = (s.Run(s.Invoke(s.Super(), (), code.line, "super()")), *body)
                    chained = "super"
                if starts and chained != "this":
                    body = (body[0], *starts, *body[1:]) if chained == "super" else (*starts, *body)
                code = s.Lambda(name, code.parameters, body, code.line)
            yield name, code

    def _tags(self, node: Node) -> Iterator[tuple[str, s.Expr]]:
        """Annotations with their first value."""
        modifiers = next((child for child in node.children if child.type == "modifiers"), None)
        for child in named(modifiers):
            if child.type == "marker_annotation":
                yield self.text(child.child_by_field_name("name")), s.Const(None)
            elif child.type == "annotation":
                name = self.text(child.child_by_field_name("name"))
                arguments = child.child_by_field_name("arguments")
                value: s.Expr = s.Const(None)
                for argument in named(arguments):
                    if argument.type != "element_value_pair":
                        value = self.expression(argument)
                    elif self.text(argument.child_by_field_name("key")) in ("value", "name", "tableName"):
                        value = self.expression(argument.child_by_field_name("value"))
                yield name, value

    def _is(self, node: Node, modifier: str) -> bool:
        modifiers = next((child for child in node.children if child.type == "modifiers"), None)
        return modifiers is not None and any(child.type == modifier for child in modifiers.children)


@dataclass(slots=True)
class _Parts:
    """A class being put together.

    `starts` are statements at the beginning of every constructor, `unset` fields without a value, and whether they are final.
    """

    methods: list[tuple[str, s.Lambda]]
    fields: list[tuple[str, s.Expr]]
    statics: list[tuple[str, s.Expr]]
    setup: list[s.Statement]
    starts: list[s.Statement]
    tags: list[tuple[str, s.Expr]]
    unset: list[tuple[s.Pattern, bool]] = field(default_factory=list)


def _chains(body: tuple[s.Statement, ...]) -> str | None:
    """Whether a constructor begins with `super(…)` or `this(…)`."""
    first = body[0] if body else None
    if not isinstance(first, s.Run) or not isinstance(first.value, s.Invoke):
        return None
    callee = first.value.callee
    if isinstance(callee, s.Super):
        return "super"
    return "this" if isinstance(callee, s.Name) and callee.id == "constructor()" else None
