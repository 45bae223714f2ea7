"""TypeScript handlers as JavaScript, where the project has nothing installed that would translate them.

Types are taken out, imports and exports become those of CommonJS, and the few things that TypeScript adds to the language at run
time (enums, parameter properties) are written out; all else stays where it is, on its line. An import whose names are used as
types only goes, as TypeScript has it. What is left to the real compilers: decorators, namespaces, JSX.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node

ENDINGS = (".ts", ".mts", ".cts")
_MOST_FILES = 400
# Nodes that only say something about types.
_TYPES = frozenset(
    [
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "type_predicate_annotation",
        "asserts_annotation",
        "implements_clause",
        "interface_declaration",
        "type_alias_declaration",
        "ambient_declaration",
        "function_signature",
        "abstract_method_signature",
        "method_signature",
        "index_signature",
        "accessibility_modifier",
        "override_modifier",
        "opting_type_annotation",
        "omitting_type_annotation",
        "adding_type_annotation",
    ]
)
_WORDS = frozenset({"readonly", "abstract", "declare"})  # tokens that say something about types where they stand
_REFUSED = {"decorator": "a decorator", "internal_module": "a namespace", "module": "a namespace", "jsx_element": "JSX"}
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
_IMPORTED = re.compile(rb"""(?:from|import|require)\s*\(?\s*["'](\.{1,2}/[^"']*|\.{1,2})["']""")
_HELPERS = "const __default = (m) => (m && m.__esModule ? m.default : m); "


class Untranslatable(Exception):
    """Something that only a real compiler translates; the text says what and where."""


def translated(file: Path) -> dict[str, str]:
    """The JavaScript of a file and of all TypeScript that it imports by a relative path, by the files' paths.

    Raises `Untranslatable`.
    """
    found: dict[str, str] = {}
    pending = [file]
    while pending and len(found) < _MOST_FILES:
        one = pending.pop()
        if str(one) in found:
            continue
        source = one.read_bytes()
        found[str(one)] = javascript(source, one.name)
        for match in _IMPORTED.finditer(source):
            other = _typed(one.parent / match[1].decode(errors="replace"))
            if other is not None:
                pending.append(other)
    return found


def _typed(stem: Path) -> Path | None:
    bare = stem.with_suffix("") if stem.suffix in (".js", ".mjs", ".cjs") else stem
    candidates = [Path(f"{base}{ending}") for base in (stem, bare, stem / "index") for ending in ENDINGS]
    return next((path.resolve() for path in candidates if path.is_file()), None)


def javascript(source: bytes, name: str = "") -> str:
    """One file of TypeScript as CommonJS. Raises `Untranslatable`."""
    import tree_sitter_typescript
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_typescript.language_typescript())).parse(source).root_node
    if root.has_error:
        raise Untranslatable(f"{name} is not understood as TypeScript")
    return _Translation(source, name).of(root)


class _Translation:
    """The edits that make one file JavaScript: `(start, end, text)` in bytes."""

    def __init__(self, source: bytes, name: str) -> None:
        self.source = source
        self.name = name
        self.edits: list[tuple[int, int, str]] = []
        self.used: set[str] = set()  # names that stand for values
        self.imports: list[Node] = []
        self.exports: dict[str, str] = {}  # exported name -> expression
        self.count = 0

    def of(self, root: Node) -> str:
        """The whole text."""
        pending = [root]
        while pending:
            node = pending.pop()
            pending.extend(reversed(list(self._visit(node))))
        for node in self.imports:
            self._replace(node, self._import(node))
        getters = "".join(
            f"Object.defineProperty(exports, {json.dumps(name)}, {{ enumerable: true, get: () => {value} }}); "
            for name, value in self.exports.items()
        )
        head = f"'use strict'; Object.defineProperty(exports, '__esModule', {{ value: true }}); {_HELPERS}{getters}"
        return head + self._applied()

    def _applied(self) -> str:
        made, at = [], 0
        for start, end, text in sorted(self.edits):
            if start < at:
                continue
            made.append(self.source[at:start].decode(errors="replace"))
            lines = self.source[start:end].count(b"\n") - text.count("\n")
            made.append(text + "\n" * max(0, lines))
            at = end
        made.append(self.source[at:].decode(errors="replace"))
        return "".join(made)

    def _text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode(errors="replace")

    def _replace(self, node: Node, text: str = "") -> None:
        self.edits.append((node.start_byte, node.end_byte, text))

    def _visit(self, node: Node) -> Iterator[Node]:
        """Notes the edits of one node; gives the children that are still to be looked at."""
        kind = node.type
        if kind in _REFUSED and node.is_named:
            raise Untranslatable(f"{self.name}:{node.start_point[0] + 1} has {_REFUSED[kind]}")
        if kind in _TYPES or (kind in _WORDS and not node.is_named and node.parent is not None and _modifies(node)):
            self._replace(node)
        elif kind in ("as_expression", "satisfies_expression"):
            kept = node.children[0]
            self.edits.append((kept.end_byte, node.end_byte, ""))
            yield kept
        elif kind == "non_null_expression":
            self._replace(node.children[-1])
            yield node.children[0]
        elif kind == "import_statement":
            self.imports.append(node)
        elif kind == "export_statement":
            yield from self._export(node)
        elif kind == "enum_declaration":
            yield from self._enum(node)
        elif kind in ("required_parameter", "optional_parameter"):
            yield from self._parameter(node)
        elif kind == "public_field_definition":
            yield from self._field(node)
        elif kind == "call_expression" and node.children[0].type == "import":
            yield from self._dynamic(node)
        else:
            if kind in _NAMES:
                self.used.add(self._text(node))
            if kind == "meta_property" and self._text(node) == "import.meta":
                self._replace(node, "({ url: require('node:url').pathToFileURL(__filename).href })")
            yield from node.children

    def _parameter(self, node: Node) -> Iterator[Node]:
        pattern = node.child_by_field_name("pattern")
        if pattern is not None and pattern.type == "this":
            after = node.next_sibling
            end = after.end_byte if after is not None and after.type == "," else node.end_byte
            self.edits.append((node.start_byte, end, ""))
            return
        if any(child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in node.children) and pattern:
            self._property(node, self._text(pattern))
        for child in node.children:
            if child.type == "?":
                self._replace(child)
            else:
                yield child

    def _property(self, node: Node, name: str) -> None:
        """A parameter that is a field as well: set where the constructor begins, or after its call of the parent's."""
        parameters = node.parent
        body = parameters.parent.child_by_field_name("body") if parameters is not None and parameters.parent is not None else None
        if body is None:
            return
        first = next((child for child in body.named_children if child.type != "comment"), None)
        at = body.start_byte + 1
        if first is not None and self._text(first).startswith("super("):
            at = first.end_byte
        self.edits.append((at, at, f" this.{name} = {name};"))

    def _field(self, node: Node) -> Iterator[Node]:
        if any(child.type in ("declare", "abstract") for child in node.children):
            self._replace(node)
            return
        for child in node.children:
            if child.type in ("?", "!"):
                self._replace(child)
            else:
                yield child

    def _dynamic(self, node: Node) -> Iterator[Node]:
        arguments = node.child_by_field_name("arguments")
        if arguments is not None and re.match(r"""\(\s*["']\.""", self._text(arguments)):
            self._replace(node.children[0], "(async (name) => require(name))")
        yield from node.children[1:]

    # enums

    def _enum(self, node: Node) -> Iterator[Node]:
        name = self._text(node.child_by_field_name("name"))  # type: ignore[arg-type]
        body = node.child_by_field_name("body")
        members = []
        for member in body.named_children if body is not None else ():
            if member.type == "comment":
                continue
            value = member.child_by_field_name("value") if member.type == "enum_assignment" else None
            key = member.child_by_field_name("name") if member.type == "enum_assignment" else member
            text = self._text(key or member)
            quoted = text if text[:1] in "\"'" else json.dumps(text)
            members.append(f"put({quoted}, {self._text(value) if value is not None else 'n'});")
        put = "const put = (k, v) => { e[k] = v; if (typeof v === 'number') { e[v] = k; n = v + 1 } };"
        self._replace(node, f"const {name} = (() => {{ const e = {{}}; let n = 0; {put} {' '.join(members)} return e }})();")
        return
        yield

    # modules

    def _required(self, node: Node) -> str:
        source = node.child_by_field_name("source")
        return f"require({self._text(source)})" if source is not None else ""

    def _import(self, node: Node) -> str:
        if any(child.type == "type" for child in node.children):
            return ""
        clause = next((child for child in node.named_children if child.type == "import_clause"), None)
        alias = next((child for child in node.named_children if child.type == "import_require_clause"), None)
        if alias is not None:
            name, source = alias.named_children[0], alias.child_by_field_name("source")
            return f"const {self._text(name)} = require({self._text(source or alias.named_children[-1])});"
        if clause is None:
            return f"{self._required(node)};"
        made = list(self._bindings(clause, self._required(node)))
        return " ".join(made)

    def _bindings(self, clause: Node, required: str) -> Iterator[str]:
        for child in clause.named_children:
            if child.type == "identifier" and self._text(child) in self.used:
                yield f"const {self._text(child)} = __default({required});"
            elif child.type == "namespace_import" and self._text(child.named_children[0]) in self.used:
                yield f"const {self._text(child.named_children[0])} = {required};"
            elif child.type == "named_imports":
                names = [pair for one in child.named_children for pair in self._specifier(one)]
                values = [f"{there}: {here}" for there, here in names if here in self.used and there != "default"]
                yield from (f"const {here} = __default({required});" for there, here in names if there == "default")
                if values:
                    yield f"const {{ {', '.join(values)} }} = {required};"

    def _specifier(self, node: Node) -> Iterator[tuple[str, str]]:
        """The name there and the name here, unless it is marked as a type's."""
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        if name is not None and not any(child.type == "type" for child in node.children):
            yield self._text(name), self._text(alias or name)

    def _export(self, node: Node) -> Iterator[Node]:
        declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        default = next((child for child in node.children if child.type == "default"), None)
        yield from (child for child in node.children if child.type == "decorator")
        if any(child.type == "type" for child in node.children) or (declaration is not None and declaration.type in _TYPES):
            self._replace(node)
        elif declaration is not None:
            self._declared(node, declaration, default is not None)
            yield declaration
        elif value is not None:
            self.edits.append((node.start_byte, value.start_byte, "exports.default = "))
            yield value
        elif any(child.type == "=" for child in node.children):
            self.edits.append((node.start_byte, node.named_children[0].start_byte, "module.exports = "))
            yield node.named_children[0]
        else:
            self._replace(node, self._again(node))

    def _declared(self, node: Node, declaration: Node, default: bool) -> None:
        self.edits.append((node.start_byte, declaration.start_byte, ""))
        name = declaration.child_by_field_name("name")
        if default:
            if name is None:
                self.edits[-1] = (node.start_byte, declaration.start_byte, "exports.default = ")
            else:
                self.exports["default"] = self._text(name)
            return
        if name is not None:
            self.exports[self._text(name)] = self._text(name)
            return
        for declarator in declaration.named_children:
            pattern = declarator.child_by_field_name("name")
            for text in _bound(pattern) if pattern is not None else ():
                self.exports[text] = text

    def _again(self, node: Node) -> str:
        """`export {a as b}`, `export {a} from 'x'`, `export * from 'x'`, `export * as x from 'x'`."""
        required = self._required(node)
        clause = next((child for child in node.named_children if child.type == "export_clause"), None)
        spread = next((child for child in node.named_children if child.type == "namespace_export"), None)
        if spread is not None:
            self.exports[self._text(spread.named_children[-1])] = required
            return ""
        if clause is None:
            return (
                f"for (const [k, d] of Object.entries(Object.getOwnPropertyDescriptors({required}))) "
                "if (k !== 'default' && !Object.hasOwn(exports, k)) Object.defineProperty(exports, k, d);"
            )
        for one in clause.named_children:
            for there, here in self._specifier(one):
                if required:
                    self.exports[here] = f"{required}.{there}"
                else:
                    self.exports[here] = f"(typeof {there} === 'undefined' ? undefined : {there})"
                    self.used.add(there)
        return f"{required};" if required else ""


def _modifies(node: Node) -> bool:
    kinds = (
        "required_parameter",
        "optional_parameter",
        "public_field_definition",
        "abstract_class_declaration",
        "method_definition",
    )
    return node.parent is not None and node.parent.type in kinds


def _bound(pattern: Node) -> Iterator[str]:
    """The names that a pattern binds."""
    pending: list[Any] = [pattern]
    while pending:
        node = pending.pop()
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield node.text.decode(errors="replace")
        elif node.type == "pair_pattern":
            pending.append(node.child_by_field_name("value"))
        elif node.type in ("assignment_pattern", "object_assignment_pattern"):
            pending.append(node.named_children[0])
        else:
            pending.extend(node.named_children)
