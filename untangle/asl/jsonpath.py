"""JSONPath fields of a definition: paths, reference paths and intrinsic functions, checked for well-formedness."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = r"[^\s.\[\]'\"()*?,:$@]+"
_PLAIN = rf"\.(?:{_NAME})|\[\s*'(?:[^'\\]|\\.)*'\s*\]|\[\s*\"(?:[^\"\\]|\\.)*\"\s*\]|\[\s*\d+\s*\]"
_ROOT = r"\$\$?(?:[A-Za-z_][A-Za-z0-9_]*)?"
_REFERENCE = re.compile(rf"{_ROOT}(?:{_PLAIN})*\Z")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_STEP = re.compile(
    rf"{_PLAIN}|\.\.(?:{_NAME}|\*)?|\.\*|\[\s*\*\s*\]|\[\s*-?\d+\s*\]"
    rf"|\[\s*-?\d*\s*:\s*-?\d*\s*(?::\s*-?\d*\s*)?\]"
    rf"|\[\s*(?:-?\d+|{_QUOTED})(?:\s*,\s*(?:-?\d+|{_QUOTED}))+\s*\]"
    rf"|\.(?:length|min|max|avg|stddev|sum|keys|concat)\(\)"
)
_CALL = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'\Z", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")

# name -> least and most arguments (Amazon States Language, "Intrinsic Functions")
INTRINSICS = {
    "Format": (1, 99),
    "StringToJson": (1, 1),
    "JsonToString": (1, 1),
    "Array": (0, 999),
    "ArrayPartition": (2, 2),
    "ArrayContains": (2, 2),
    "ArrayRange": (3, 3),
    "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1),
    "ArrayUnique": (1, 1),
    "Base64Encode": (1, 1),
    "Base64Decode": (1, 1),
    "Hash": (2, 2),
    "JsonMerge": (3, 3),
    "MathRandom": (2, 3),
    "MathAdd": (2, 2),
    "StringSplit": (2, 2),
    "UUID": (0, 0),
}
_CONTEXT = {"Execution", "State", "StateMachine", "Task", "Map"}
_MAX_NESTING = 10


def path_problem(path: str) -> str | None:
    """What is wrong with a path; None where nothing is."""
    root = re.match(_ROOT, path)
    if root is None:
        return f"{path!r} is not a path: it must begin with $"
    at = root.end()
    if "${" in path:
        return None  # a placeholder stands for a part of it
    while at < len(path):
        if path.startswith(".[", at):
            at += 1  # Jayway's JSONPath, which Step Functions uses, lets the dot pass
        found = _STEP.match(path, at)
        if found is not None:
            at = found.end()
            continue
        end = _filter_end(path, at)
        if end is None:
            return f"{path!r} is not a valid path from {path[at : at + 12]!r} on"
        at = end
    if path.startswith("$$.") and (first := re.match(r"[A-Za-z]+", path[3:])) and first.group() not in _CONTEXT:
        return f"the context object has no {first.group()!r}"
    return None


def reference_problem(path: str) -> str | None:
    """What is wrong with a reference path, which must name exactly one place."""
    if "${" in path or _REFERENCE.match(path):
        return None
    return path_problem(path) or f"{path!r} does not name exactly one place; a reference path has names and indices only"


def _filter_end(path: str, at: int) -> int | None:
    """The end of a filter `[?(…)]` that begins here."""
    if not re.match(r"\[\s*\?\s*", path[at:]):
        return None
    depth, quote = 0, ""
    for index in range(at, len(path)):
        char = path[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[(":
            depth += 1
        elif char in "])":
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def expression_problems(text: str) -> Iterator[str]:
    """What is wrong with the value of a `.$` field: a path or an intrinsic function."""
    if text.startswith("$"):
        problem = path_problem(text)
        if problem:
            yield problem
    elif text.startswith("States."):
        yield from _call_problems(text, 0)
    else:
        yield f"{text[:60]!r} is neither a path nor an intrinsic function"


def _call_problems(text: str, depth: int) -> Iterator[str]:
    found = _CALL.match(text)
    if found is None or not text.rstrip().endswith(")"):
        yield f"{text[:60]!r} is not a complete call of an intrinsic function"
        return
    name = found.group(1)
    arguments = _arguments(text.rstrip()[found.end() : -1])
    if arguments is None:
        yield f"the call of States.{name} is not closed"
        return
    if name not in INTRINSICS:
        yield f"there is no intrinsic function States.{name}"
        return
    least, most = INTRINSICS[name]
    if not least <= len(arguments) <= most:
        yield f"States.{name} takes {least if least == most else f'{least} to {most}'} arguments, not {len(arguments)}"
    if depth >= _MAX_NESTING:
        yield f"intrinsic functions nest more than {_MAX_NESTING} deep"
        return
    if name == "Format" and arguments and arguments[0].startswith("'"):
        places = len(re.findall(r"(?<!\\)\{\}", arguments[0]))
        if places != len(arguments) - 1:
            yield f"the template of States.Format has {places} places for {len(arguments) - 1} values"
    for argument in arguments:
        yield from _argument_problems(argument, depth)


def _argument_problems(argument: str, depth: int) -> Iterator[str]:
    if argument.startswith("States."):
        yield from _call_problems(argument, depth + 1)
    elif argument.startswith("$"):
        problem = path_problem(argument)
        if problem:
            yield problem
    elif not _TEXT.match(argument) and not _NUMBER.match(argument) and argument not in ("true", "false", "null"):
        yield f"{argument!r} is no argument: a path, a call, a number or a text in single quotes is"


def _arguments(text: str) -> list[str] | None:
    """The arguments of a call; None where brackets or quotes do not close."""
    found, depth, quoted, start, at = [], 0, False, 0, 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 2
            continue
        if char == "'":
            quoted = not quoted
        elif not quoted and char in "([":
            depth += 1
        elif not quoted and char in ")]":
            depth -= 1
            if depth < 0:
                return None
        elif not quoted and char == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
        at += 1
    if quoted or depth:
        return None
    last = text[start:].strip()
    return [*found, last] if last or found else []
