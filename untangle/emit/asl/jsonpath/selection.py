"""The effects of one channel among all those of a run, as a path with a filter."""

from __future__ import annotations

from untangle.channels.envelope import form_of
from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.text import Expression
from untangle.emit.asl.names import Substitutions
from untangle.emit.asl.states import target_of
from untangle.model.step import Effects


def selected(effects: Effects, names: Substitutions, source: str) -> Expression:
    """The path of the effects of a channel, where a Task state has put out what is at `source`."""
    return Expression(f"{source}.effects[?({test(effects, names)})]")


def picked(effects: tuple[Effects, ...], names: Substitutions, source: str) -> Expression:
    """The path of the effects of several channels among those at `source`."""
    tests = [test(each, names) for each in effects]
    return Expression(f"{source}[?({tests[0] if len(tests) == 1 else ' || '.join(f'({one})' for one in tests)})]")


def test(effects: Effects, names: Substitutions) -> str:
    """What a filter asks of an effect for it to belong to the channel."""
    written = form_of(effects.type).written
    if written is None:
        raise Unsupported(f"nothing is written to a {effects.type} directly")
    target = target_of(effects, names)
    if "'" in target or "\\" in target:
        raise Unsupported(f"the name {target!r} cannot be written in a JSONPath")
    operations = " || ".join(f"@.op == '{operation}'" for operation in written.operations)
    operations = f"({operations})" if len(written.operations) > 1 else operations
    return f"@.ready.target == '{target}' && @.service == '{written.service}' && {operations}"
