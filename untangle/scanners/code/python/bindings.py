"""Assignment in all its forms: names, attributes, entries of containers, unpacking."""

from __future__ import annotations

import ast

from untangle.model.value import Concat, Env, Stored, Symbol
from untangle.scanners.code.python.core import Core
from untangle.scanners.code.python.domain import (
    Abstract,
    Class,
    DictOf,
    FromMessage,
    Instance,
    ListOf,
    Module,
    OneOf,
    Scope,
    either,
    unknown,
)


class Bindings(Core):
    """Writes values to where code puts them."""

    def assign(self, target: ast.expr, value: Abstract, scope: Scope) -> None:
        """Binds a value to a target of any form."""
        if isinstance(target, ast.Name):
            self._bind(target.id, value, scope)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, ListOf([self.element(value, target, scope)], open=True), scope)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, scope)
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value, scope)
            for option in owner.options if isinstance(owner, OneOf) else (owner,):
                self._set_attribute(option, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._set_item(target, value, scope)

    def _bind(self, name: str, value: Abstract, scope: Scope) -> None:
        if name in scope.globals:
            module = scope.module
            module.names[name] = either([module.names[name], value]) if name in module.names else value
        elif name in scope.nonlocals and scope.parent is not None:
            outer: Scope | None = scope.parent
            while outer is not None and name not in outer.names:
                outer = outer.parent
            if outer is not None:
                outer.names[name] = either([outer.names[name], value])
        else:
            scope.names[name] = value

    def _unpack(self, targets: list[ast.expr], value: Abstract, scope: Scope) -> None:
        starred = any(isinstance(target, ast.Starred) for target in targets)
        if isinstance(value, ListOf) and not value.open and not starred and len(value.items) == len(targets):
            for target, item in zip(targets, value.items, strict=True):
                self.assign(target, item, scope)
            return
        if isinstance(value, OneOf):
            fitting = [option for option in value.options if isinstance(option, ListOf) and len(option.items) == len(targets)]
            if fitting and not starred:
                for i, target in enumerate(targets):
                    self.assign(target, either([option.items[i] for option in fitting]), scope)
                return
        for target in targets:
            given = (
                self.element(value, target, scope) if isinstance(value, ListOf | FromMessage) else unknown(scope.source, target)
            )
            self.assign(target, given, scope)

    def _set_attribute(self, owner: Abstract, name: str, value: Abstract) -> None:
        if isinstance(owner, Instance):
            weak = self.level > owner.born and name in owner.names
            owner.names[name] = either([owner.names[name], value]) if weak else value
            owner.version += 1
        elif isinstance(owner, Module):
            owner.scope.names[name] = value
        elif isinstance(owner, Class):
            owner.names.names[name] = value

    def _set_item(self, target: ast.Subscript, value: Abstract, scope: Scope) -> None:
        owner = self.evaluate(target.value, scope)
        key = self.evaluate(target.slice, scope) if not isinstance(target.slice, ast.Slice) else Symbol("slice")
        if isinstance(owner, FromMessage) and isinstance(target.value, ast.Name):
            owner = DictOf(open=True, base=owner, born=self.level)
            self._bind(target.value.id, owner, scope)
        for option in owner.options if isinstance(owner, OneOf) else (owner,):
            if isinstance(option, DictOf):
                self.put(option, key, value)
            elif isinstance(option, ListOf):
                option.items.append(value)

    def put(self, owner: DictOf, key: Abstract, value: Abstract) -> None:
        """Writes an entry; from inside a condition that the dictionary is outside of, the old one may still be there."""
        self.epoch += 1
        weak = self.level > owner.born
        if isinstance(key, str | int | bool | Env | Stored | Concat) or key is None:
            owner.entries[key] = either([owner.entries[key], value]) if weak and key in owner.entries else value
            owner.open = owner.open or weak
        else:
            owner.others = either([owner.others, value]) if owner.has_others else value
            owner.has_others = owner.open = True


def extend(owner: ListOf, added: Abstract, *, weak: bool) -> None:
    """Adds the items of a value to a list."""
    if isinstance(added, ListOf):
        owner.items.extend(added.items)
        owner.open = owner.open or added.open or weak
    else:
        owner.open = True
