"""Attributes, items and iteration: what `value.name`, `value[key]` and `for x in value` give."""

from __future__ import annotations

import ast

from untangle.model.shape import ANY_ELEMENT, DECODED
from untangle.model.value import Concat, Env, Stored, Value
from untangle.scanners.code.python import message
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Class,
    Client,
    DictOf,
    Encoded,
    Foreign,
    FromMessage,
    Function,
    Instance,
    LambdaContext,
    Library,
    ListOf,
    Member,
    Method,
    Module,
    OneOf,
    Scope,
    SdkObject,
    ServiceResource,
    Super,
    either,
    settled,
    unknown,
)
from untangle.scanners.code.python.expressions import Expressions
from untangle.scanners.code.python.trees import mutable_attributes

_OWN_NAME = Env("AWS_LAMBDA_FUNCTION_NAME")
_CONTEXT = {"function_name": _OWN_NAME, "invoked_function_arn": _OWN_NAME, "function_arn": _OWN_NAME}
# The attributes of SDK objects that hold what they were made from.
_NAMES = {"name": ("TableName", "Bucket"), "table_name": ("TableName",), "url": ("QueueUrl",), "arn": ("TopicArn",)}
_NAMES |= {"key": ("Key",), "bucket_name": ("Bucket",)}


class Attributes(Expressions):
    """Reads attributes and items."""

    def attribute(self, value: Abstract, name: str, node: ast.AST, scope: Scope) -> Abstract:
        """The value of `value.name`."""
        if isinstance(value, OneOf):
            known = [option for option in value.options if option is not None]
            return either(self.attribute(option, name, node, scope) for option in known)
        if isinstance(value, Module):
            return self.exported(value, name, node, scope)
        if isinstance(value, Library):
            return Library(f"{value.name}.{name}")
        if isinstance(value, Instance):
            return self._of_instance(value, name, node, scope)
        if isinstance(value, Class):
            return self._of_class(value, value, name, node, scope)
        if isinstance(value, Super):
            return self._of_super(value, name, node, scope)
        if isinstance(value, FromMessage):
            return self._of_message(value, name, node, scope)
        return self._of_other(value, name, node, scope)

    def _of_other(self, value: Abstract, name: str, node: ast.AST, scope: Scope) -> Abstract:
        if isinstance(value, LambdaContext) and name in _CONTEXT:
            return _CONTEXT[name]
        if isinstance(value, SdkObject):
            found = _sdk_attribute(value, name)
            if found is not None:
                return found
        if isinstance(value, ServiceResource) and name == "meta":
            return SdkObject(value.service, "Meta")
        if isinstance(value, Foreign):
            if name == "current_event":
                return FromMessage(())
            if name == "region_name":
                return Library("boto3.session.region_name")
        if isinstance(value, str) and name in ("value", "name"):
            return value  # a member of an enumeration stands for its value
        if isinstance(value, Function) and name.startswith("__"):
            return unknown(scope.source, node)
        return Member(value, name, unknown(scope.source, node))

    def _of_instance(self, owner: Instance, name: str, node: ast.AST, scope: Scope) -> Abstract:
        if name in owner.names:
            value = owner.names[name]
            if settled(value) and name in mutable_attributes(owner.cls.names.source.tree):
                return either([value, unknown(scope.source, node)])
            return value
        if name == "__class__":
            return owner.cls
        return self._of_class(owner.cls, owner, name, node, scope)

    def _of_class(self, cls: Class, receiver: Abstract, name: str, node: ast.AST, scope: Scope) -> Abstract:
        for ancestor in cls.ancestors():
            if name in ancestor.names.names:
                return self._bound(ancestor.names.names[name], ancestor, receiver, node, scope)
        if isinstance(receiver, Instance):
            getter = cls.member("__getattr__")
            if isinstance(getter, Function) and name != "__getattr__":
                return self.call(Method(getter, receiver), Arguments([name]), node, scope)
        if name in ("__name__", "__qualname__"):
            return cls.name
        return Member(receiver, name, unknown(scope.source, node))

    def _bound(self, value: Abstract, cls: Class, receiver: Abstract, node: ast.AST, scope: Scope) -> Abstract:
        if isinstance(value, Function):
            if value.kind == "static":
                return value
            if value.kind == "class":
                return Method(value, receiver.cls if isinstance(receiver, Instance) else receiver)
            if isinstance(receiver, Instance):
                bound = Method(value, receiver)
                return self.call(bound, Arguments(), node, scope) if value.kind == "property" else bound
            return value
        if isinstance(value, Instance) and isinstance(receiver, Instance):
            getter = next(
                (found.names.names["__get__"] for found in value.cls.ancestors() if "__get__" in found.names.names), None
            )
            if isinstance(getter, Function):  # a descriptor
                return self.call(Method(getter, value), Arguments([receiver, cls]), node, scope)
        if settled(value) and getattr(node, "attr", "") in mutable_attributes(cls.names.source.tree):
            return either([value, unknown(scope.source, node)])
        return value

    def _of_super(self, value: Super, name: str, node: ast.AST, scope: Scope) -> Abstract:
        own = value.receiver.cls if isinstance(value.receiver, Instance) else value.receiver
        line = list(own.ancestors()) if isinstance(own, Class) else list(value.owner.ancestors())
        above = line[line.index(value.owner) + 1 :] if value.owner in line else list(value.owner.ancestors())[1:]
        for ancestor in above:
            if name in ancestor.names.names:
                found = ancestor.names.names[name]
                if isinstance(found, Function) and found.kind == "" and isinstance(value.receiver, Class):
                    return found
                return self._bound(found, ancestor, value.receiver, node, scope)
        return Member(value.receiver, name, unknown(scope.source, node))

    def _of_message(self, value: FromMessage, name: str, node: ast.AST, scope: Scope) -> Abstract:
        """Data classes give the message's keys as attributes; what a dictionary can do stays a method."""
        if name in message.METHODS:
            return Member(value, name, unknown(scope.source, node))
        path = message.attribute_path(value.path, name)
        if path is None:
            return Member(value, name, unknown(scope.source, node))
        self.read(path, scope.source.at(node), required=False)
        return FromMessage(path, value.name)

    # Items

    def item(self, value: Abstract, key: Abstract, node: ast.AST, scope: Scope, *, required: bool = True) -> Abstract:
        """The value of `value[key]`; `required` where a missing key would raise."""
        if isinstance(value, OneOf):
            known = [option for option in value.options if option is not None]
            return either(self.item(option, key, node, scope, required=required) for option in known)
        if isinstance(value, DictOf):
            return self._entry(value, key, node, scope, required=required)
        if isinstance(value, ListOf):
            return self._indexed(value, key, node, scope)
        if isinstance(value, FromMessage):
            step = str(key) if isinstance(key, str) else ANY_ELEMENT
            path = (*value.path, step)
            if step != ANY_ELEMENT:
                self.read(path, scope.source.at(node), required=required)
            return FromMessage(path, value.name)
        if isinstance(value, Library) and value.name == "os.environ":
            return self.variable(key, None, node, scope)
        if isinstance(value, Class):
            return key if isinstance(key, str) else unknown(scope.source, node)
        if isinstance(value, Library):
            return value  # Callable[[int], str] and the like
        if isinstance(value, Encoded):
            return self.item(value.value, key, node, scope, required=required)
        if isinstance(value, str) and isinstance(key, int) and -len(value) <= key < len(value):
            return value[key]
        if isinstance(value, Instance):
            found = self.attribute(value, "__getitem__", node, scope)
            if isinstance(found, Method):
                return self.call(found, Arguments([key]), node, scope)
        return unknown(scope.source, node)

    def variable(self, name: Abstract, default: Abstract, node: ast.AST, scope: Scope, *, has_default: bool = False) -> Abstract:
        """The value of an environment variable of the function."""
        raise NotImplementedError

    def _entry(self, value: DictOf, key: Abstract, node: ast.AST, scope: Scope, *, required: bool) -> Abstract:
        if isinstance(key, str | int | bool | Env | Concat) or key is None:
            if key in value.entries:
                found = value.entries[key]
                return either([found, value.others]) if value.has_others else found
            if value.base is not None:
                return self.item(value.base, key, node, scope, required=required)
            return value.others if value.has_others else unknown(scope.source, node)
        if isinstance(key, OneOf):
            return either(self._entry(value, option, node, scope, required=required) for option in key.options)
        held = value.values()
        return either(held) if held else unknown(scope.source, node)

    def _indexed(self, value: ListOf, key: Abstract, node: ast.AST, scope: Scope) -> Abstract:
        if isinstance(key, int) and not isinstance(key, bool) and value.items:
            if not value.open and -len(value.items) <= key < len(value.items):
                return value.items[key]
            if value.open and len(value.items) > 1:
                return value.items[key] if -len(value.items) <= key < len(value.items) else value.items[-1]
        return either(value.items) if value.items else unknown(scope.source, node)

    def element(self, value: Abstract, node: ast.AST, scope: Scope) -> Abstract:
        """What iterating over a value gives."""
        if isinstance(value, OneOf):
            return either(self.element(option, node, scope) for option in value.options if option is not None)
        if isinstance(value, ListOf):
            return either(value.items) if value.items else unknown(scope.source, node)
        if isinstance(value, DictOf):
            if value.entries and not value.open:
                return either(value.entries)
            return unknown(scope.source, node)
        if isinstance(value, FromMessage):
            return FromMessage((*value.path, ANY_ELEMENT), value.name)
        if isinstance(value, Encoded):
            return self.element(value.value, node, scope)
        if isinstance(value, Class):
            members = [inner for name, inner in value.names.names.items() if not name.startswith("_") and settled(inner)]
            return either(members) if members else unknown(scope.source, node)
        if isinstance(value, Instance):
            iterate = self.attribute(value, "__iter__", node, scope)
            if isinstance(iterate, Method):
                return self.element(self.call(iterate, Arguments(), node, scope), node, scope)
        return unknown(scope.source, node)

    def decoded(self, value: Abstract, node: ast.AST, scope: Scope) -> Abstract:
        """What `json.loads` of a value gives."""
        if isinstance(value, OneOf):
            return either(self.decoded(option, node, scope) for option in value.options if option is not None)
        if isinstance(value, Encoded):
            return value.value
        if isinstance(value, FromMessage):
            return FromMessage((*value.path, DECODED), value.name)
        if isinstance(value, str):
            return self.from_json(value)
        if isinstance(value, Env):
            held = (self.environment or {}).get(value.name)
            found = self.from_template(held) if held is not None else None
            return found if found is not None else unknown(scope.source, node)
        if isinstance(value, Stored):
            return DictOf(open=True)
        if isinstance(value, DictOf | ListOf):
            return value
        return unknown(scope.source, node)

    def from_json(self, text: str) -> Abstract:
        """A JSON text as containers."""
        raise NotImplementedError

    def hand_over(self, name: str, arguments: Arguments, node: ast.AST, scope: Scope) -> None:
        """Calls the functions among the arguments of a call of something unknown."""
        raise NotImplementedError

    def from_template(self, value: Value) -> Abstract:
        """JSON text that a template put together, as containers; None where it is not that."""
        raise NotImplementedError


def _sdk_attribute(value: SdkObject, name: str) -> Abstract:
    if value.kind == "Meta" and name == "client":
        return Client(value.service)
    if name == "meta":
        return SdkObject(value.service, "Meta")
    if name in ("objects", "object_versions") and value.kind == "Bucket":
        return SdkObject(value.service, "Objects", value.names)
    for parameter in _NAMES.get(name, ()):
        for known, held in value.names:
            if known == parameter:
                return held
    return None
