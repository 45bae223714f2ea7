"""Python source text -> syntax tree, whatever the Python that wrote it: nothing is imported or executed.

The running Python's parser may be older or newer than the code. Where it refuses a file, the text is mended line
by line (line numbers hold) from what is known to differ: Python 2's statements, type parameters and `type`
statements, quotes and backslashes inside f-strings, exception lists without parentheses.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import cached_property

from untangle.model.location import Location

MAX_SOURCE = 2_000_000


@dataclass(kw_only=True, eq=False)
class Source:
    """One parsed file. `line` is where the text starts in `path`; `fixed` says that all of it stands on that line."""

    path: str
    text: str
    tree: ast.Module
    line: int = 1
    fixed: bool = False
    package: bool = False
    _segments: dict[int, str] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines()

    def at(self, node: ast.AST) -> Location:
        """Where a node is written."""
        line = getattr(node, "lineno", 1)
        return Location(self.path, self.line if self.fixed else self.line + line - 1)

    def segment(self, node: ast.AST, limit: int = 120) -> str:
        """The source text of a node on one line, cut at `limit` characters."""
        text = self._segments.get(id(node))
        if text is None:
            text = self._segments[id(node)] = self._cut_out(node)
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def _cut_out(self, node: ast.AST) -> str:
        start: int = getattr(node, "lineno", 1)
        end: int = getattr(node, "end_lineno", None) or start
        lines = self._lines[start - 1 : min(end, start + 12)]
        if not lines:
            return ""
        first, last = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        if last is not None and end - start < len(lines):
            lines[-1] = lines[-1].encode()[:last].decode(errors="replace")
        lines[0] = lines[0].encode()[first:].decode(errors="replace")
        return " ".join(" ".join(lines).split())


def parse(path: str, text: str, *, line: int = 1, fixed: bool = False) -> Source | tuple[int, str]:
    """The parsed source, or the line and the message of what is wrong with it."""
    if len(text) > MAX_SOURCE:
        return 1, f"larger than {MAX_SOURCE} characters"
    text = text.replace("\x00", "").replace("\x0c", "")
    tree = _tree(text)
    if not isinstance(tree, ast.Module):
        mended = mend(text)
        again = _tree(mended) if mended != text else tree
        if not isinstance(again, ast.Module):
            number, message = tree
            return (line if fixed else line + number - 1), message
        text, tree = mended, again
    package = path.endswith("/__init__.py") or path == "__init__.py"
    return Source(path=path, text=text, tree=tree, line=line, fixed=fixed, package=package)


def _tree(text: str) -> ast.Module | tuple[int, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return 1, f"too deeply nested or not text ({type(error).__name__})"


_MENDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        # Python 2
        (r"^([ \t]*(?:.*:[ \t]+)?)print[ \t]+>>[ \t]*[\w.]+[ \t]*,?[ \t]*(.*)$", r"\1print(\2)"),
        (r"^([ \t]*(?:[^#'\"\n]*:[ \t]+)?)print[ \t]+(?![=(.\[]|in\b|is\b)(.*?)(,?)[ \t]*(;.*)?$", r"\1print(\2)\4"),
        (r"^([ \t]*)print[ \t]+(\(.*\)[ \t]*[%+.].*)$", r"\1print(\2)"),
        (r"^([ \t]*)print[ \t]*$", r"\1print()"),
        (r"^([ \t]*except[ \t]+[\w.]+)[ \t]*,[ \t]*([a-z_]\w*)[ \t]*:", r"\1 as \2:"),
        (r"^([ \t]*except[ \t]+\([^()]*\))[ \t]*,[ \t]*(\w+)[ \t]*:", r"\1 as \2:"),
        (r"^([ \t]*raise[ \t]+[\w.]+)[ \t]*,[ \t]*(.+)$", r"\1(\2)"),
        (r"^([ \t]*)exec[ \t]+(?![=(.])(.+)$", r"\1exec(\2)"),
        (r"\bur(['\"])", r"r\1"),
        (r"<>", r"!="),
        (r"(?<![\w.])0([0-7]+)(?=[\s,)\]:])(?!\.)", r"0o\1"),
        (r"(?<=\d)[lL]\b", r""),
        # 3.12: type parameters and type statements
        (r"^([ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+\w+)\[[^\]\n]*(?:\[[^\]\n]*\][^\]\n]*)*\](?=[ \t]*[(:])", r"\1"),
        (r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?[ \t]*=", r"\1\2 ="),
        # 3.14: several exceptions without parentheses
        (r"^([ \t]*except[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)([ \t]*:)", r"\1(\2)\3"),
    )
)


def mend(text: str) -> str:
    """The text with what other versions of Python write put as this one reads it; no line is added or removed."""
    text = _requote(text)
    if isinstance(_tree(text), ast.Module):
        return text
    for pattern, replacement in _MENDS:
        text = pattern.sub(replacement, text)
    return text.expandtabs(8) if isinstance(_tree(text), tuple) else text


_STRING = re.compile(
    r"#[^\n]*|(?<![A-Za-z0-9_])(?P<prefix>[rRbBuUfFtT]{0,3})(?P<quote>'''|\"\"\"|'|\")",
)


def _requote(text: str) -> str:
    """Inside an f-string's braces (3.12) its own quotes are turned around, backslashes and line breaks taken out."""
    out: list[str] = []
    position = 0
    while match := _STRING.search(text, position):
        out.append(text[position : match.end()])
        position = match.end()
        if match["quote"] is None:
            continue
        if "f" in match["prefix"].lower():
            body, position = _formatted(text, position, match["quote"], raw="r" in match["prefix"].lower())
            out.append(body)
        else:
            end = _string_end(text, position, match["quote"])
            out.append(text[position:end])
            position = end
    out.append(text[position:])
    return "".join(out)


def _string_end(text: str, start: int, quote: str) -> int:
    position = start
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        elif text[position] == "\n" and len(quote) == 1:
            return position
        else:
            position += 1
    return len(text)


def _formatted(text: str, start: int, quote: str, *, raw: bool) -> tuple[str, int]:
    out: list[str] = []
    position, depth, broken = start, 0, 0
    other = "'" if quote[0] == '"' else '"'
    while position < len(text):
        char = text[position]
        if depth == 0 and text.startswith(quote, position):
            out.append(quote + "\\\n" * broken)
            return "".join(out), position + len(quote)
        if char == "\n" and len(quote) == 1:
            if depth == 0:
                break
            char, broken = " ", broken + 1
        if char == "\\":
            if depth == 0:
                out.append(text[position : position + 2])
            position += 2
            continue
        if char in "{}":
            if depth == 0 and text.startswith(char * 2, position):
                out.append(char * 2)
                position += 2
                continue
            depth = max(0, depth + (1 if char == "{" else -1))
        out.append(other if depth and char == quote[0] and len(quote) == 1 else char)
        position += 1
    return "".join(out), position
