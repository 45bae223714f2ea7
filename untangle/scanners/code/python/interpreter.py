"""One handler read from its entry point: the parts of the interpreter put together, and what they found as CodeFacts."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce

from untangle.model.code import Call, CodeFacts
from untangle.model.location import Location
from untangle.model.resource import Gap, Inventory, Resource
from untangle.model.shape import Read, Shape
from untangle.model.value import Value
from untangle.scanners.code.counted import counted, listed
from untangle.scanners.code.language import Entry, Reader
from untangle.scanners.code.places import Made, often, placed
from untangle.scanners.code.python.core import TooMuch
from untangle.scanners.code.python.domain import Abstract, Arguments, Foreign, FromMessage, Function, LambdaContext, Module
from untangle.scanners.code.python.export import shape_of
from untangle.scanners.code.python.invoke import Invocation
from untangle.scanners.code.python.modules import Modules
from untangle.scanners.code.python.recording import multiplicity, per_record
from untangle.scanners.code.python.trees import definition, tails
from untangle.scanners.tree import Tree

_NAME = "python"
_RECURSION = 12_000
_VARIANTS = 8


class Interpreter(Invocation):
    """Reads one handler."""

    def handle(self, module: Module) -> Abstract:
        """What the handler returns; None (and a Gap) where the module does not define it."""
        name = self.entry.name
        if not name:  # a script: its top level is all that there is
            return None
        node = definition(module.scope.source.tree, name)
        self.tails = tails(node) if node is not None else frozenset()
        handler = module.scope.names.get(name)
        if handler is None or isinstance(handler, str | int):
            self.gaps["handler"] = Gap(
                what=f"handler {name}", why=f"{module.path} does not define it", location=Location(module.path, None)
            )
            self.failed = True
            return None
        given = Arguments([FromMessage((), _message_name(node)), LambdaContext()])
        scope = module.scope
        place = node if node is not None else scope.source.tree
        if isinstance(handler, Foreign):
            self.run_callbacks(handler, given, place, scope)
            return None
        return self.call(handler, given, place, scope)


def _message_name(node: ast.FunctionDef | ast.AsyncFunctionDef | None) -> str:
    parameters = [*node.args.posonlyargs, *node.args.args] if node is not None else []
    return parameters[0].arg if parameters and parameters[0].arg not in ("self", "_") else "event"


def open_reader(tree: Tree, inventory: Inventory) -> Reader:
    """A reader of the Python handlers of one tree: files are parsed once, equal entries are read once."""
    modules = Modules(tree)
    known: dict[object, CodeFacts] = {}

    def read(entry: Entry, function: Resource) -> CodeFacts:
        environment = _environment(function)
        key = (entry.path, entry.name, entry.roots, entry.text, _key(environment))
        facts = known.get(key)
        if facts is None:
            with _room():
                facts = known[key] = _read(modules, entry, environment, function.id)
        return replace(facts, function=function.id)

    return read


@contextmanager
def _room() -> Iterator[None]:
    """Reading recurses as deep as the code does; the interpreter's own limit is lifted as far as that needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _environment(function: Resource) -> Mapping[str, Value] | None:
    """The variables that the template sets; None where that is not a plain mapping."""
    if function.get("Environment") is None:
        return {}
    variables = function.get("Environment", "Variables")
    return variables if isinstance(variables, Mapping) else None


def _key(environment: Mapping[str, Value] | None) -> object:
    if environment is None:
        return None
    held = ((name, repr(value) if "{" in repr(value) and '"' in repr(value) else "") for name, value in environment.items())
    return tuple(sorted(held))


def _read(modules: Modules, entry: Entry, environment: Mapping[str, Value] | None, function: str) -> CodeFacts:
    machine = Interpreter(modules, entry, environment)
    returned: Abstract = None
    module: Module | None = None
    try:
        module = _module(machine, entry)
        returned = machine.handle(module) if module is not None else None
    except TooMuch:
        _give_up(machine, entry, "the handler's code is too large to be followed to its end")
    except RecursionError:
        _give_up(machine, entry, "the handler's code is nested too deeply to be followed to its end")
    return _facts(machine, entry, function, module, returned)


def _module(machine: Interpreter, entry: Entry) -> Module | None:
    if entry.text is None:
        return machine.load(entry.path)
    source = machine.modules.parse(entry.path, entry.text, line=entry.line, fixed=entry.fixed)
    if source is None:
        machine.unreadable(entry.path)
        return None
    return machine.read_module(source)


def _give_up(machine: Interpreter, entry: Entry, why: str) -> None:
    machine.failed = True
    machine.gaps["limit"] = Gap(what=f"code in {entry.path}", why=why, location=Location(entry.path, entry.line))


def _facts(machine: Interpreter, entry: Entry, function: str, module: Module | None, returned: Abstract) -> CodeFacts:
    node = definition(module.scope.source.tree, entry.name) if module is not None else None
    line = module.scope.source.at(node) if module is not None and node is not None else Location(entry.path, entry.line)
    calls = _calls(machine.calls)
    counts = listed(calls, machine.lengths) if machine.lists else {}
    return CodeFacts(
        function=function,
        readable=not machine.failed and module is not None,
        language=_NAME,
        entry=line,
        calls=calls,
        reads=_reads(machine.reads),
        discards=tuple(dict.fromkeys(machine.discards)),
        variables=tuple(sorted(machine.variables)),
        gaps=tuple(machine.gaps[key] for key in sorted(machine.gaps)),
        returns=_returned(returned),
        signals=dict(sorted({**machine.signals, **counted(calls), **counts}.items())),
    )


def _returned(value: Abstract) -> Shape | None:
    return None if value is None or isinstance(value, Function) else shape_of(value)


def _calls(calls: list[Made]) -> tuple[Call, ...]:
    """The calls in the order of the source, the same one by several ways once: by its least guarded way.

    Where a run may come by two of them, there are many.
    """
    found: dict[tuple[object, ...], list[Made]] = {}
    for call in calls:
        guards = tuple(dict.fromkeys(call.guards))
        call = replace(call, guards=guards, multiplicity=multiplicity(guards), per_record=per_record(guards))
        key = (call.location, call.service, call.operation, call.mediated, repr(call.arguments), repr(call.payload))
        found.setdefault(key, []).append(call)
    return tuple(placed((call, call.way) for call in sorted(_fewer(found), key=_order)))


def _fewer(found: Mapping[tuple[object, ...], list[Made]]) -> list[Made]:
    """Calls that differ in nothing but the shape of what they send, taken together where there are very many."""
    groups: dict[tuple[object, ...], list[list[Made]]] = {}
    for key, calls in found.items():
        groups.setdefault(key[:-1], []).append(calls)
    kept: list[Made] = []
    for group in groups.values():
        if len(group) > _VARIANTS:
            kept.append(replace(_one([call for calls in group for call in calls]), payload=Shape(open=True)))
        else:
            kept.extend(_one(calls) for calls in group)
    return kept


def _one(calls: list[Made]) -> Made:
    """What several readings of a call say together."""
    first = reduce(_merged, calls)
    if any(call.again for call in calls) or often((call.way, call.guards) for call in calls):
        return replace(first, guards=first.bare.guards, per_record="", multiplicity="many")
    return first


def _order(call: Made) -> tuple[str, int]:
    return (call.location.path, call.location.line or 0)


_RANK = {"maybe": 0, "one": 1, "many": 2}


def _merged(first: Made, second: Made) -> Made:
    kept = min(first, second, key=lambda call: len(call.guards))
    most = max(first.multiplicity, second.multiplicity, key=_RANK.__getitem__)
    answered = first.answered if first.answered is second.answered else None
    return replace(kept, guards=kept.bare.guards, per_record="", multiplicity=most, answered=answered)


def _reads(reads: Mapping[tuple[str, ...], tuple[bool, Location]]) -> tuple[Read, ...]:
    """The paths read, without those that are only the way to a longer one."""
    prefixes: dict[tuple[str, ...], bool] = {}
    for path, (required, _) in reads.items():
        for end in range(1, len(path)):
            prefixes[path[:end]] = prefixes.get(path[:end], False) or required
    kept = ((path, held) for path, held in reads.items() if path not in prefixes or (held[0] and not prefixes[path]))
    return tuple(Read(path=path, required=held[0], location=held[1]) for path, held in sorted(kept))
