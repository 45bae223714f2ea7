"""Calls of what is not of the tree: SDK, libraries, unknown objects. A function handed to one of them is taken to be called."""

from __future__ import annotations

import ast
import re

from untangle.model.code import Guard
from untangle.model.resource import Gap
from untangle.scanners.code.operations import OPERATIONS
from untangle.scanners.code.places import HELD
from untangle.scanners.code.python import libraries, members, sdk
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Class,
    Client,
    DictOf,
    Foreign,
    FromMessage,
    Function,
    Instance,
    LambdaContext,
    Library,
    ListOf,
    Member,
    Method,
    Partial,
    Scope,
    SdkObject,
    ServiceResource,
    either,
    unknown,
)
from untangle.scanners.code.python.outside import Outside
from untangle.scanners.code.python.recording import record
from untangle.scanners.code.python.standard import STANDARD

_RUNNERS = frozenset(
    [
        "resolve",
        "handle",
        "handle_event",
        "dispatch",
        "run",
        "main",
        "start",
        "process",
        "execute",
        "lambda_handler",
        "handler",
        "__call__",
        "invoke",
    ]
)
_ARGUMENT_FUNCTIONS = frozenset(
    [
        "target",
        "function",
        "func",
        "fn",
        "callback",
        "handler",
        "record_handler",
        "main",
        "action",
        "task",
        "default",
        "factory",
        "key",
        "cmp",
    ]
)
_WITH_REST = frozenset(
    [
        "submit",
        "run_in_executor",
        "apply",
        "apply_async",
        "call_soon",
        "call_later",
        "to_thread",
        "run_sync",
        "start_new_thread",
        "add_task",
        "create_task",
        "spawn",
        "schedule",
        "delay",
    ]
)
_OVER_ITEMS = frozenset(["map", "imap", "imap_unordered", "starmap", "map_async", "for_each", "filter"])
_MESSAGE_NAMES = frozenset(["event", "record", "message", "msg", "evt", "request", "body", "payload", "lambda_event"])
_SENDS = re.compile(r"(^|_)(publish|send|emit|enqueue|dispatch|put_events?|fire|trigger|notify)(_|$)")
_RECORD = ("Records", "*")
# Libraries that look at functions without calling them.
_QUIET = (
    "builtins.",
    "inspect.",
    "typing.",
    "logging.",
    "unittest.",
    "types.",
    "abc.",
    "signal.",
    "traceback.",
    "asyncio.iscoroutine",
)


class ForeignCalls(Outside):
    """Calls of everything that has no source in the tree."""

    def call_foreign(self, callee: Abstract, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        """The value of calling a library, one of its objects, a method of something, or something unknown."""
        if isinstance(callee, Library):
            return self._library(callee.name, arguments, node, scope)
        if isinstance(callee, Member):
            return self._member(callee, arguments, node, scope)
        if isinstance(callee, Foreign):
            return self._object(callee, arguments, node, scope)
        self.hand_over("", arguments, node, scope)
        return unknown(scope.source, node)

    def _library(self, name: str, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        rule = STANDARD.get(name)
        if rule is not None:
            return rule(self, arguments, node, scope)
        found = libraries.call(self, name, arguments, node, scope)
        if found is not libraries.NOT_KNOWN:
            return found
        self._unseen(name, node, scope)
        if not name.startswith(_QUIET):
            self.hand_over(name, arguments, node, scope)
        return Foreign(name[:80], arguments)

    def _unseen(self, name: str, node: ast.AST, scope: Scope) -> None:
        """A call that is named like a send, of a module that nobody knows, may be a write that cannot be seen: a Gap."""
        top, last = name.partition(".")[0], name.rpartition(".")[2]
        if _SENDS.search(last) and self.modules.private(top):
            self.failed = True
            why = f"it is called like a send, and module {top} is not in the scanned tree"
            self.gaps.setdefault(f"unseen {name}", Gap(what=name[:80], why=why, location=scope.source.at(node)))

    def _member(self, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        receiver = member.receiver
        if isinstance(receiver, Client | ServiceResource | SdkObject):
            return sdk.call(self, member, arguments, node, scope)
        if isinstance(receiver, LambdaContext):
            return self._of_context(member, arguments, node, scope)
        if isinstance(receiver, Instance | Class):
            return self._of_own(member, arguments, node, scope)
        found = members.method(self, member, arguments, node, scope)
        if found is not members.UNKNOWN:
            return found
        if isinstance(receiver, Foreign):
            return self._of_foreign(receiver, member, arguments, node, scope)
        return self._of_unknown(member, arguments, node, scope)

    def _of_context(self, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        """Steps and invokes of a durable function's context; a plain context has none of them."""
        if member.name == "invoke":
            given = {"FunctionName": arguments.get("function_name", 0), "Payload": arguments.get("payload", 1)}
            record(self, OPERATIONS["lambda", "Invoke"], given, node, scope)
            return unknown(scope.source, node)
        results = [
            self.call(value, Arguments([LambdaContext()], open=True), node, scope) for value in arguments.all() if _own(value)
        ]
        return either(results) if results else unknown(scope.source, node)

    def _of_own(self, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        """A method that a class of the tree has from a library."""
        receiver = member.receiver
        found = libraries.model_call(self, member, arguments, node, scope)
        if found is not libraries.NOT_KNOWN:
            return found
        found = libraries.data_model(self, member, arguments)
        if found is not libraries.NOT_KNOWN:
            return found
        if isinstance(receiver, Instance):
            if member.name == "start":
                run = self.attribute(receiver, "run", node, scope)
                if isinstance(run, Method):
                    return self.call(run, Arguments(), node, scope)
            found = members.method(self, member, arguments, node, scope)
            if found is not members.UNKNOWN:
                return found
        return self._of_unknown(member, arguments, node, scope)

    def _of_unknown(self, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        if libraries.telling_call(self, member, arguments, node, scope):
            return unknown(scope.source, node)
        self._saved_to_s3(member.name, arguments, node, scope)
        self.hand_over(member.name, arguments, node, scope)
        return unknown(scope.source, node)

    def _saved_to_s3(self, name: str, arguments: Arguments, node: ast.AST, scope: Scope) -> None:
        address = libraries.saves(name, arguments)
        if address is not None:
            operation = "CopyObject" if "copy" in name or name == "cp" else "PutObject"
            writer = libraries.Writer(("s3", operation), "path", 0)
            libraries.write(self, name, writer, Arguments([address]), node, scope)

    def _of_foreign(self, receiver: Foreign, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        name = f"{receiver.name}.{member.name}"
        if libraries.is_session(receiver.name):
            found = sdk.session_call(member.name, arguments)
            if found is not None:
                return found
        rule = STANDARD.get(name)
        if rule is not None:
            return rule(self, arguments, node, scope)
        found = libraries.call(self, name, arguments, node, scope)
        if found is not libraries.NOT_KNOWN:
            return found
        if member.name in ("enter_context", "enter_async_context") and arguments.positional:
            return arguments.positional[0]
        if libraries.telling_call(self, member, arguments, node, scope):
            return unknown(scope.source, node)
        self._unseen(name, node, scope)
        self._saved_to_s3(member.name, arguments, node, scope)
        if member.name in _RUNNERS and receiver.callbacks:
            self.run_callbacks(receiver, arguments, node, scope)
        self._included(receiver, arguments)
        self.hand_over(member.name, arguments, node, scope)
        return Foreign(name[:80], arguments, receiver.callbacks)

    def _included(self, receiver: Foreign, arguments: Arguments) -> None:
        """A router given to an application brings its routes."""
        for value in arguments.all():
            if isinstance(value, Foreign) and value.callbacks and value.callbacks is not receiver.callbacks:
                receiver.callbacks.append(value)

    def _object(self, callee: Foreign, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        given = arguments.all()
        if libraries.setting(callee.name, arguments) is not None:
            return libraries.call(self, callee.name, arguments, node, scope)
        if len(given) == 1 and isinstance(given[0], Function | Method | Class) and not callee.callbacks:
            callee.callbacks.append(given[0])  # a decorator applied by hand: it gives the function
            return given[0]
        self.run_callbacks(callee, arguments, node, scope)
        self.hand_over(callee.name, arguments, node, scope)
        return unknown(scope.source, node)

    def run_callbacks(self, owner: Foreign, arguments: Arguments, node: ast.AST, scope: Scope) -> None:
        """Reads every function that an application object was given: its routes, its record handlers."""
        if owner.running:
            return
        owner.running = True
        held = [*owner.callbacks, *(value for value in owner.arguments.all() if isinstance(value, Foreign) or _own(value))]
        several = len([value for value in held if not isinstance(value, Foreign)]) > 1
        for value in dict.fromkeys(held):
            if isinstance(value, Foreign):
                self.run_callbacks(value, arguments, node, scope)
                continue
            guard = self.guard("if", f"routed to {_title(value)}", scope.source, node) if several else None
            with self.under(guard, HELD):
                self.call(value, Arguments(_guessed(value, FromMessage(())), open=True), node, scope)
        owner.running = False

    # Functions as arguments

    def hand_over(self, name: str, arguments: Arguments, node: ast.AST, scope: Scope) -> None:
        """Calls the functions among the arguments of an unknown call, with what it would give them as far as that shows."""
        name = name.rpartition(".")[2]
        given = arguments.positional
        if any(isinstance(value, FromMessage) and not value.path for value in arguments.all()):
            for value in arguments.all():
                if isinstance(value, Foreign) and value.callbacks:  # an application that is given the message
                    self.run_callbacks(value, arguments, node, scope)
        handed = [i for i, value in enumerate(given) if _own(value)]
        for i in handed[:2]:
            rest = given[i + 1 :]
            if name in _WITH_REST:
                named = {key: value for key, value in arguments.named.items() if key not in _ARGUMENT_FUNCTIONS}
                self.call(given[i], Arguments(rest, named), node, scope)
            elif name in _OVER_ITEMS and rest:
                items = [self.element(value, node, scope) for value in rest]
                with self.under(self._over(scope, node, rest)):
                    self.call(given[i], Arguments(items), node, scope)
            else:
                self.call(given[i], Arguments(_guessed(given[i], None), open=True), node, scope)
        self._named_functions(arguments, node, scope)

    def _over(self, scope: Scope, node: ast.AST, given: list[Abstract]) -> Guard:
        over = given[0] if len(given) == 1 else None
        return self.guard("loop", f"each of {scope.source.segment(node)}", scope.source, node, over=over)

    def _named_functions(self, arguments: Arguments, node: ast.AST, scope: Scope) -> None:
        for key, value in arguments.named.items():
            if not _own(value):
                continue
            if key == "target":
                given = arguments.named.get("args")
                named = arguments.named.get("kwargs")
                positional = list(given.items) if isinstance(given, ListOf) else []
                keywords = {str(name): held for name, held in named.entries.items()} if isinstance(named, DictOf) else {}
                self.call(value, Arguments(positional, keywords, open=given is not None and not positional), node, scope)
            elif "handler" in key:
                records = FromMessage(_RECORD[:1]) if key == "record_handler" else None
                with self.under(self.guard("loop", "for each record of the batch", scope.source, node, over=records)):
                    self.call(value, Arguments([FromMessage(_RECORD)], open=True), node, scope)
            else:
                self.call(value, Arguments(_guessed(value, None), open=True), node, scope)

    def typed_client(self, name: str) -> Abstract:
        """The SDK client that a type of mypy_boto3 stands for; None for any other."""
        return libraries.typed(name)


def _own(value: Abstract) -> bool:
    if isinstance(value, Function | Method):
        return True
    return isinstance(value, Partial) and _own(value.target)


def _title(value: Abstract) -> str:
    function = value.function if isinstance(value, Method) else value
    return function.name if isinstance(function, Function) else "a route"


def _guessed(value: Abstract, given: Abstract) -> list[Abstract]:
    """The message for a first parameter that is called like one."""
    function = value.function if isinstance(value, Method) else value
    if given is None or not isinstance(function, Function):
        return []
    parameters = [parameter.arg for parameter in function.node.args.args]
    parameters = parameters[1:] if isinstance(value, Method) else parameters
    if not parameters or parameters[0] not in _MESSAGE_NAMES:
        return []
    return [given, LambdaContext()] if len(parameters) > 1 and "context" in parameters[1] else [given]
