"""Expressions of configuration scripts to values: literals, names, spreads, templates, and calls of functions of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from untangle.model.value import Either, Expression, Symbol, concat, scalar_text
from untangle.scanners.code.javascript import patterns
from untangle.scanners.document import Map, Seq
from untangle.scanners.serverless_framework.script_calls import CALLS, METHODS, cut

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

MAX_STEPS = 100_000
_MAX_CALLS = 30
_ENVIRONMENT = "process.env"
_WHOLE = re.compile(r"\$\{env:(\w+)\}\Z")
# Values are nodes of documents with finished values (model/value.py) among them, and functions.
Thing = Any


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the script with the names around it."""

    syntax: Syntax
    names: Names


@dataclass(slots=True)
class Names:
    """The names of one block and those around it; `path` is the module's file."""

    path: str
    bound: dict[str, Thing] = field(default_factory=dict)
    around: Names | None = None

    def get(self, name: str) -> Thing:
        """What a name stands for; a Symbol where nothing is known."""
        here: Names | None = self
        while here is not None:
            if name in here.bound:
                return here.bound[name]
            here = here.around
        return Symbol(f"js:{name}", self.path)


class Importer(Protocol):
    """Who reads other modules."""

    def imported(self, source: str, path: str, folder: str) -> Map | None:
        """The exports of what an import names."""


def text_of(node: Syntax | None) -> str:
    """The source text of a node."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def unescape(text: str) -> str:
    """A literal's text; `\\${` in a template literal is the framework's `${`."""
    return patterns.unescape(text.replace("\\$", "$"))


class Evaluation:
    """Evaluates expressions; the framework runs in `folder`."""

    def __init__(self, importer: Importer, folder: str) -> None:
        self._importer = importer
        self._folder = folder
        self._steps = 0
        self._calls = 0

    def unknown(self, node: Syntax, names: Names, text: str | None = None) -> Symbol:
        """What is not followed, named by its source text."""
        return Symbol(f"js:{' '.join((text or text_of(node)).split())[:80]}", names.path)

    def value(self, node: Syntax | None, names: Names) -> Thing:
        """The value of an expression."""
        self._steps += 1
        if node is None or self._steps > MAX_STEPS:
            return None
        read = _EXPRESSIONS.get(node.type)
        return read(self, node, names) if read is not None else self.unknown(node, names)

    # statements

    def declare(self, node: Syntax, names: Names) -> list[str]:
        """Binds what a declaration declares, and says which names."""
        if node.type in ("function_declaration", "generator_function_declaration"):
            name = text_of(node.child_by_field_name("name")) or "default"
            names.bound[name] = Function(node, names)
            return [name]
        found: list[str] = []
        for child in node.named_children:
            if child.type == "variable_declarator":
                value = self.value(child.child_by_field_name("value"), names)
                found += self._bind(child.child_by_field_name("name"), value, names)
        return found

    def _bind(self, pattern: Syntax | None, value: Thing, names: Names) -> list[str]:
        if pattern is None:
            return []
        if pattern.type in ("required_parameter", "optional_parameter"):
            return self._bind(pattern.child_by_field_name("pattern"), value, names)
        if pattern.type in ("assignment_pattern", "object_assignment_pattern"):
            given = self.value(pattern.child_by_field_name("right"), names) if value is None else value
            return self._bind(pattern.child_by_field_name("left"), given, names)
        if pattern.type == "object_pattern":
            return [name for part in pattern.named_children for name in self._bind_part(part, value, names)]
        name = text_of(pattern)
        names.bound[name] = value
        return [name]

    def _bind_part(self, part: Syntax, value: Thing, names: Names) -> list[str]:
        key = part.child_by_field_name("key") or part.child_by_field_name("left") or part
        target = part.child_by_field_name("value") or part
        inner = self._below(value, text_of(key).strip("'\""), part, names)
        return self._bind(target, inner, names)

    def assign(self, left: Syntax, right: Syntax, names: Names) -> None:
        """`name.key = value` on an object that is known."""
        target = self.value(left.child_by_field_name("object"), names) if left.type == "member_expression" else None
        key = text_of(left.child_by_field_name("property"))
        if isinstance(target, Map):
            target[key] = self.value(right, names)
            target.lines[key] = left.start_point[0] + 1

    def apply(self, function: Thing, arguments: list[Thing]) -> Thing:
        """What a function of the script gives for these arguments; None where it is none or goes too deep."""
        if not isinstance(function, Function) or self._calls > _MAX_CALLS:
            return None
        names = Names(path=function.names.path, around=function.names)
        parameters = function.syntax.child_by_field_name("parameters") or function.syntax.child_by_field_name("parameter")
        listed = [] if parameters is None else [parameters] if parameters.type == "identifier" else parameters.named_children
        for i, pattern in enumerate(child for child in listed if child.type != "comment"):
            given = arguments[i] if i < len(arguments) else self.unknown(pattern, names) if not arguments else None
            self._bind(pattern, given, names)
        self._calls += 1
        body = function.syntax.child_by_field_name("body")
        found = self._run(body, names)[0] if body is not None and body.type == "statement_block" else self.value(body, names)
        self._calls -= 1
        return found

    def _run(self, block: Syntax, names: Names) -> tuple[Thing, bool]:
        """What a block returns, and whether it does."""
        for node in block.named_children:
            if node.type == "return_statement":
                return self.value(next(iter(node.named_children), None), names), True
            if node.type in ("lexical_declaration", "variable_declaration", "function_declaration"):
                self.declare(node, names)
            elif node.type == "expression_statement" and node.named_children[0].type == "assignment_expression":
                left, right = (node.named_children[0].child_by_field_name(side) for side in ("left", "right"))
                if left is not None and right is not None:
                    self.assign(left, right, names)
            elif node.type == "if_statement" and self.value(node.child_by_field_name("condition"), names) is True:
                found, returns = self._run_branch(node.child_by_field_name("consequence"), names)
                if returns:
                    return found, True
        return None, False

    def _run_branch(self, node: Syntax | None, names: Names) -> tuple[Thing, bool]:
        if node is None:
            return None, False
        if node.type == "return_statement":
            return self.value(next(iter(node.named_children), None), names), True
        return self._run(node, names)

    # expressions

    def _inner(self, node: Syntax, names: Names) -> Thing:
        return self.value(next((child for child in node.named_children if child.type != "comment"), None), names)

    def _string(self, node: Syntax, names: Names) -> Thing:
        return unescape(text_of(node)[1:-1])

    def _number(self, node: Syntax, names: Names) -> Thing:
        text = text_of(node).replace("_", "")
        try:
            return int(text, 0)
        except ValueError:
            try:
                return float(text)
            except ValueError:
                return self.unknown(node, names)

    def _word(self, node: Syntax, names: Names) -> Thing:
        return {"true": True, "false": False}.get(node.type)

    def _template(self, node: Syntax, names: Names) -> Thing:
        parts: list[Thing] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                value = self._inner(child, names)
                known = isinstance(value, Expression) or scalar_text(value) is not None
                parts.append(value if known else self.unknown(child, names))
            else:
                parts.append(unescape(text_of(child)))
        return concat(parts)

    def _name(self, node: Syntax, names: Names) -> Thing:
        name = text_of(node)
        if name == "__dirname":
            return "/" + names.path.rpartition("/")[0]
        return None if name == "undefined" else names.get(name)

    def _object(self, node: Syntax, names: Names) -> Thing:
        result = Map(line=node.start_point[0] + 1)
        for child in node.named_children:
            line = child.start_point[0] + 1
            if child.type == "spread_element":
                self._spread(result, self._inner(child, names), line)
                continue
            key = self._key(child, names)
            if key is not None:
                result[key] = self._entry(child, names)
                result.lines[key] = line
        return result

    def _spread(self, into: Map, value: Thing, line: int) -> None:
        options: tuple[Thing, ...] = value.options if isinstance(value, Either) else (value,)
        for option in options:
            for key, inner in option.items() if isinstance(option, Map) else ():
                apart = isinstance(inner, Map) and inner.path is None and option.path is not None
                into[key] = Map(inner.items(), line=inner.line, lines=inner.lines, path=option.path) if apart else inner
                into.lines[key] = option.lines.get(key, line) if option.path is None else line

    def _key(self, node: Syntax, names: Names) -> str | None:
        if node.type == "shorthand_property_identifier":
            return text_of(node)
        key = node.child_by_field_name("key") or node.child_by_field_name("name")
        if key is None:
            return None
        if key.type == "computed_property_name":
            return scalar_text(self._inner(key, names))
        return unescape(text_of(key)[1:-1]) if key.type == "string" else text_of(key)

    def _entry(self, node: Syntax, names: Names) -> Thing:
        if node.type == "shorthand_property_identifier":
            return names.get(text_of(node))
        if node.type == "method_definition":
            return Function(node, names)
        return self.value(node.child_by_field_name("value"), names)

    def _array(self, node: Syntax, names: Names) -> Thing:
        result = Seq(line=node.start_point[0] + 1)
        for child in node.named_children:
            if child.type == "comment":
                continue
            value = self._inner(child, names) if child.type == "spread_element" else self.value(child, names)
            items = list(value) if child.type == "spread_element" and isinstance(value, Seq) else [value]
            result += items
            result.lines += [child.start_point[0] + 1] * len(items)
        return result

    def _member(self, node: Syntax, names: Names) -> Thing:
        of, key = node.child_by_field_name("object"), text_of(node.child_by_field_name("property"))
        if text_of(of) == _ENVIRONMENT:
            return f"${{env:{key}}}"
        return self._below(self.value(of, names), key, node, names)

    def _subscript(self, node: Syntax, names: Names) -> Thing:
        of, key = node.child_by_field_name("object"), self.value(node.child_by_field_name("index"), names)
        text = scalar_text(key)
        if text is None:
            return self.unknown(node, names)
        return f"${{env:{text}}}" if text_of(of) == _ENVIRONMENT else self._below(self.value(of, names), text, node, names)

    def _below(self, value: Thing, key: str, node: Syntax, names: Names) -> Thing:
        if isinstance(value, Map):
            return value.get(key)
        if isinstance(value, Seq) and (key.isdigit() or key == "length"):
            return len(value) if key == "length" else value[int(key)] if int(key) < len(value) else None
        return self.unknown(node, names)

    def _function(self, node: Syntax, names: Names) -> Thing:
        return Function(node, names)

    def _choice(self, node: Syntax, names: Names) -> Thing:
        condition = node.child_by_field_name("condition")
        decided = self.value(condition, names)
        yes, no = (self.value(node.child_by_field_name(name), names) for name in ("consequence", "alternative"))
        if isinstance(decided, bool) or decided is None:
            return yes if decided else no
        words = text_of(condition)
        return Either((yes, no), (words, f"not ({words})"))

    def _operation(self, node: Syntax, names: Names) -> Thing:
        operator = text_of(node.child_by_field_name("operator"))
        left, right = (self.value(node.child_by_field_name(side), names) for side in ("left", "right"))
        if operator in ("||", "??"):
            return self._fallback(left, right)
        if operator == "+":
            return concat([left, right])
        texts = scalar_text(left), scalar_text(right)
        if None in texts or any("${" in str(text) for text in texts):
            return self.unknown(node, names)
        if operator in ("==", "==="):
            return left == right
        return left != right if operator in ("!=", "!==") else self.unknown(node, names)

    def _fallback(self, left: Thing, right: Thing) -> Thing:
        """`process.env.X || 'dev'` is `${env:X, 'dev'}`; what is not known gives way to its default."""
        match = _WHOLE.match(left) if isinstance(left, str) else None
        text = scalar_text(right)
        if match and text is not None and "'" not in text:
            inner = text[2:-1] if _WHOLE.match(text) else f"'{text}'"
            return f"${{env:{match[1]}, {inner}}}"
        return right if left is None or left == "" or isinstance(left, Symbol) else left

    def _call(self, node: Syntax, names: Names) -> Thing:
        callee = node.child_by_field_name("function")
        name, given = text_of(callee), node.child_by_field_name("arguments")
        arguments = [self.value(child, names) for child in (given.named_children if given else ()) if child.type != "comment"]
        if name in ("require", "import") and arguments and isinstance(arguments[0], str):
            module = self._importer.imported(arguments[0], names.path, self._folder)
            default = module.get("default") if module is not None else None
            return default if default is not None else module if module is not None else self.unknown(node, names)
        if name == "resolveVariable" and arguments and isinstance(arguments[0], str):
            return f"${{{arguments[0]}}}"
        if name == "process.cwd":
            return "/" + self._folder
        found = CALLS[name](arguments) if name in CALLS else self._method(callee, arguments, names)
        return self.unknown(node, names) if found is None else found

    def _method(self, callee: Syntax | None, arguments: list[Thing], names: Names) -> Thing:
        if callee is None:
            return None
        if callee.type == "member_expression":
            of = self.value(callee.child_by_field_name("object"), names)
            name = text_of(callee.child_by_field_name("property"))
            if isinstance(of, Seq) and name == "map" and arguments:
                return Seq((self.apply(arguments[0], [item]) for item in of), line=of.line, lines=of.lines)
            method = METHODS.get((type(of), name))
            if method is not None:
                return method(of, arguments)
        return self.apply(self.value(callee, names), arguments)

    def _pattern(self, node: Syntax, names: Names) -> Thing:
        return cut(text_of(node))


def _kinds(*types: str, by: Callable[..., Thing]) -> Iterator[tuple[str, Callable[..., Thing]]]:
    yield from ((type_, by) for type_ in types)


_E = Evaluation
_EXPRESSIONS: dict[str, Callable[[Evaluation, Syntax, Names], Thing]] = dict(
    [
        *_kinds("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", by=_E._inner),
        *_kinds("await_expression", "type_assertion", by=_E._inner),
        *_kinds("string", by=_E._string),
        *_kinds("number", by=_E._number),
        *_kinds("true", "false", "null", "undefined", by=_E._word),
        *_kinds("template_string", by=_E._template),
        *_kinds("identifier", by=_E._name),
        *_kinds("object", by=_E._object),
        *_kinds("array", by=_E._array),
        *_kinds("member_expression", by=_E._member),
        *_kinds("subscript_expression", by=_E._subscript),
        *_kinds("arrow_function", "function_expression", "function", by=_E._function),
        *_kinds("ternary_expression", by=_E._choice),
        *_kinds("binary_expression", by=_E._operation),
        *_kinds("call_expression", by=_E._call),
        *_kinds("regex", by=_E._pattern),
    ]
)
