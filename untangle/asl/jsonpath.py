"""JSONPath fields of a definition: paths, reference paths and intrinsic functions, checked for well-formedness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.asl.diagnostic import closest

_NAME = r"(?:\$(?=[A-Za-z_]))?[^\s.\[\]'\"()*?,:$@]+"  # Jayway's JSONPath lets a name begin with $
_PLAIN = rf"\.(?:{_NAME})|\[\s*'(?:[^'\\]|\\.)*'\s*\]|\[\s*\"(?:[^\"\\]|\\.)*\"\s*\]|\[\s*\d+\s*\]"
_ROOT = r"\$\$?(?:[A-Za-z_][A-Za-z0-9_]*)?"
_REFERENCE = re.compile(rf"{_ROOT}(?:{_PLAIN})*\Z")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
OWN_DATA = re.compile(r"\$(?![$A-Za-z_])")  # neither the context object nor a variable
_STEP = re.compile(
    rf"{_PLAIN}|\.\.(?:{_NAME}|\*|(?=\[))|\.\*|\[\s*\*\s*\]|\[\s*-?\d+\s*\]"
    rf"|\[\s*-?\d*\s*:\s*-?\d*\s*(?::\s*-?\d*\s*)?\]"
    rf"|\[\s*(?:-?\d+|{_QUOTED})(?:\s*,\s*(?:-?\d+|{_QUOTED}))+\s*\]"
    rf"|\.(?:length|min|max|avg|stddev|sum|keys|concat)\(\)"
    rf"|\[\s*\(\s*@\.length(?:\(\))?\s*(?:-\s*\d+)?\s*\)\s*\]"  # counted from the end
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
# The context object (Step Functions guide, "Accessing execution data from the Context object"); None: whatever the input holds.
CONTEXT: Mapping[str, Any] = {
    "Execution": dict.fromkeys(("Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime")),
    "State": dict.fromkeys(("EnteredTime", "Name", "RetryCount")),
    "StateMachine": dict.fromkeys(("Id", "Name")),
    "Task": {"Token": None},
    "Map": {"Item": dict.fromkeys(("Index", "Key", "Value", "Source"))},
}
_MAX_NESTING = 10
# Calls whose arguments must be numbers, or paths to them; and calls that answer with a text.
_NUMERIC = frozenset({"MathAdd", "MathRandom", "ArrayRange"})
_TEXTUAL = frozenset({"ArrayGetItem", "Base64Encode", "Base64Decode", "Format", "JsonToString", "Hash", "UUID"})
_NAMED = re.compile(rf"\.({_NAME})|\[\s*['\"]([^'\"\\]*)['\"]\s*\]")
_HASHES = frozenset({"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"})
_ESCAPE = re.compile(r"\\(.|$)", re.DOTALL)


def path_problem(path: str) -> str | None:
    """What is wrong with a path; None where nothing is."""
    path = path.rstrip()  # the service lets white space at the end pass
    root = re.match(_ROOT, path)
    if root is None:
        return f"{path!r} is not a path: it must begin with $"
    at = root.end()
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
    return context_problem(_names(path[2:])) if path.startswith("$$") else None


def _names(path: str) -> list[str]:
    """The names that a path begins with, as far as each is written plainly."""
    found, at = [], 0
    while name := _NAMED.match(path, at):
        found.append(name[1] or name[2])
        at = name.end()
    return found


def context_problem(steps: list[str]) -> str | None:
    """What is wrong with a route into the context object, given as its names; None where nothing is."""
    level: Mapping[str, Any] | None = CONTEXT
    for index, step in enumerate(steps):
        if level is None or not re.fullmatch(r"[A-Za-z]+\s*", step):
            return None
        if step.strip() not in level:
            within = ".".join(["the context object", *steps[:index]])
            hint = closest(step.strip(), level)
            return f"{within} has no {step.strip()!r}" + (f"; write {hint}" if hint else f": it has {', '.join(level)}")
        level = level[step.strip()]
    return None


def reference_problem(path: str) -> str | None:
    """What is wrong with a reference path, which must name exactly one place."""
    if _REFERENCE.match(path):
        return None
    return path_problem(path) or f"{path!r} does not name exactly one place; a reference path has names and indices only"


def _filter_end(path: str, at: int) -> int | None:
    """The end of a filter `[?(…)]` that begins here."""
    if not re.match(r"\[\s*\?\s*", path[at:]):
        return None
    end = closing(path, at)
    return None if end is None else end + 1


def closing(text: str, at: int) -> int | None:
    """Where the bracket closes that opens here, what stands in quotes left out; None where it stays open."""
    depth, quote, index = 0, "", at
    while index < len(text):
        char = text[index]
        if char == "\\":
            index += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[(":
            depth += 1
        elif char in "])":
            depth -= 1
            if depth == 0:
                return index
        index += 1
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


def text_problem(text: str) -> str | None:
    """What is wrong with a call that must give a text, as ErrorPath and CausePath do."""
    found = _CALL.match(text)
    if found is None or found.group(1) not in INTRINSICS or found.group(1) in _TEXTUAL:
        return None
    return f"States.{found.group(1)} gives no text; those that do are {', '.join(sorted(_TEXTUAL))}"


def _call_problems(text: str, depth: int) -> Iterator[str]:
    if depth > _MAX_NESTING:
        yield f"intrinsic functions nest more than {_MAX_NESTING} deep"
        return
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
    if name == "Format" and arguments and arguments[0].startswith("'"):
        places = len(re.findall(r"(?<!\\)\{\}", arguments[0]))
        if places != len(arguments) - 1:
            yield f"the template of States.Format has {places} places for {len(arguments) - 1} values"
    if len(arguments) >= least:
        yield from _value_problems(name, arguments)
    for argument in arguments:
        yield from _argument_problems(argument, depth)
        if name in _NUMERIC and not argument.startswith(("$", "States.")) and not _NUMBER.match(argument):
            yield f"States.{name} takes numbers or paths to them, not {argument}"


def _value_problems(name: str, arguments: list[str]) -> Iterator[str]:
    """Literal arguments that the function itself refuses."""
    if name == "Hash" and arguments[1].startswith("'") and arguments[1][1:-1] not in _HASHES:
        yield f"States.Hash knows {', '.join(sorted(_HASHES))}, not {arguments[1]}"
    elif name == "JsonMerge" and arguments[2] == "true":
        yield "States.JsonMerge merges shallowly only: its third argument must be false"
    elif name == "ArrayRange" and arguments[2] == "0":
        yield "the step of States.ArrayRange cannot be 0"
    elif name == "ArrayPartition" and re.fullmatch(r"0|-\d+", arguments[1]):
        yield "the size of States.ArrayPartition must be at least 1"


def _argument_problems(argument: str, depth: int) -> Iterator[str]:
    if argument.startswith("States."):
        yield from _call_problems(argument, depth + 1)
    elif argument.startswith("$"):
        problem = path_problem(argument)
        if problem:
            yield problem
    elif not _TEXT.match(argument) and not _NUMBER.match(argument) and argument not in ("true", "false", "null"):
        yield f"{argument!r} is no argument: a path, a call, a number or a text in single quotes is"
    elif wrong := next((found[1] for found in _ESCAPE.finditer(argument) if found[1] not in "'{}\\"), None):
        yield f"\\{wrong} is no escape in {argument[:40]}: those of intrinsic functions are \\' \\{{ \\}} and \\\\"


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
