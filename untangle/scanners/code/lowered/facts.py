"""From what the interpreter found to the facts of one function."""

from __future__ import annotations

from dataclasses import replace

from untangle.model.code import CodeFacts
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import Read
from untangle.model.value import Concat, Either, Env, Value
from untangle.scanners.code.counted import counted, listed
from untangle.scanners.code.language import Entry
from untangle.scanners.code.lowered.interpreter import Interpreter
from untangle.scanners.code.lowered.library import Library
from untangle.scanners.code.lowered.things import Message
from untangle.scanners.code.places import placed


def facts(library: Library, language: str, function: str, path: str, name: str, inline: Entry | None = None) -> CodeFacts:
    """What the code of one function does, followed from its entry point; `inline` says where in a template the text begins."""
    interpreter = Interpreter(library)
    found = interpreter.run(path, name, Message(()))
    gaps = list(interpreter.gaps)
    address = function.rpartition("/")[2]
    why_broken = "a syntax error: what follows it may be missed"
    gaps.extend(Gap(what=f"source of {address}", why=why_broken, location=place) for place in interpreter.broken)
    if not found:
        why = f"{path} has no function {name!r} that can be followed"
        gaps.append(Gap(what=f"handler of {address}", why=why, location=Location(path, 1)))
    if inline is not None:
        interpreter.calls = [replace(call, location=_within(inline, call.location)) for call in interpreter.calls]
    calls = placed(zip(interpreter.calls, (ways[0][0] for ways in interpreter.met), strict=True))
    calls.sort(key=lambda call: (call.location, call.operation, call.text))
    return CodeFacts(
        function=function,
        readable=found and not interpreter.gaps,
        language=language,
        entry=Location(path, 1),
        calls=tuple(calls),
        reads=_reads(interpreter),
        variables=tuple(sorted({name for call in calls for value in call.arguments.values() for name in _variables(value)})),
        gaps=tuple(gaps),
        signals=dict(sorted({**counted(calls), **(listed(calls) if interpreter.lists else {})}.items())),
    )


def _reads(interpreter: Interpreter) -> tuple[Read, ...]:
    """The longest paths that are read: `event.Records` is not told beside `event.Records[*].body`."""
    prefixes = {path[:end] for path in interpreter.reads for end in range(1, len(path))}
    return tuple(
        Read(path=path, required=False, location=place)
        for path, place in sorted(interpreter.reads.items())
        if path not in prefixes
    )


def _within(inline: Entry, place: Location) -> Location:
    """A line of inline code as a line of the template around it."""
    return Location(inline.path, inline.line if inline.fixed else inline.line + (place.line or 1) - 1)


def _variables(value: Value) -> list[str]:
    if isinstance(value, Env):
        return [value.name]
    parts = value.parts if isinstance(value, Concat) else value.options if isinstance(value, Either) else ()
    return [name for part in parts for name in _variables(part)]
