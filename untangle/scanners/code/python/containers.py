"""Dictionaries, lists and comprehensions. A comprehension over a short literal list is read once per item."""

from __future__ import annotations

import ast

from untangle.model.code import Guard
from untangle.scanners.code.python.definitions import Definitions
from untangle.scanners.code.python.domain import Abstract, DictOf, FromMessage, ListOf, Scope, either

_UNROLL = 12
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Containers(Definitions):
    """Makes containers."""

    def _dict(self, node: ast.Dict, scope: Scope) -> Abstract:
        made = DictOf(born=self.level)
        for key, value_node in zip(node.keys, node.values, strict=True):
            value = self.evaluate(value_node, scope)
            if key is None:
                self.merge(made, value)
            else:
                self.put(made, self.evaluate(key, scope), value)
        return made

    def merge(self, owner: DictOf, added: Abstract) -> None:
        """Copies what another mapping holds into a dictionary."""
        if isinstance(added, DictOf):
            for key, value in added.entries.items():
                self.put(owner, key, value)
            if added.has_others:
                owner.others = either([owner.others, added.others]) if owner.has_others else added.others
                owner.has_others = True
            owner.open = owner.open or added.open
            owner.base = owner.base if owner.base is not None else added.base
        else:
            owner.open = True
            if isinstance(added, FromMessage) and owner.base is None:
                owner.base = added

    def _list(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Abstract:
        made = ListOf(born=self.level)
        for element in node.elts:
            if not isinstance(element, ast.Starred):
                made.items.append(self.evaluate(element, scope))
                continue
            spread = self.evaluate(element.value, scope)
            if isinstance(spread, ListOf):
                made.items.extend(spread.items)
                made.open = made.open or spread.open
            else:
                made.items.append(self.element(spread, element, scope))
                made.open = True
        return made

    def _comprehension(self, node: Comprehension, scope: Scope) -> Abstract:
        inner = Scope(scope.source, parent=scope, owner=scope.owner, receiver=scope.receiver)
        made: DictOf | ListOf
        made = DictOf(born=self.level) if isinstance(node, ast.DictComp) else ListOf(born=self.level)
        self._generate(node, list(node.generators), inner, made)
        return made

    def _generate(
        self,
        node: Comprehension,
        generators: list[ast.comprehension],
        scope: Scope,
        made: DictOf | ListOf,
    ) -> None:
        if not generators:
            self._yielded(node, scope, made)
            return
        generator, *rest = generators
        iterable = self.evaluate(generator.iter, scope)
        short = isinstance(iterable, ListOf) and not iterable.open and len(iterable.items) <= _UNROLL and not generator.ifs
        items = tuple(iterable.items) if short and isinstance(iterable, ListOf) else None
        where = scope.source
        guards: list[Guard] = []
        if items is None:
            made.open = True
            loop = f"for {where.segment(generator.target)} in {where.segment(generator.iter)}"
            guards.append(self.guard("loop", loop, where, node, over=iterable))
            guards.extend(self.guard("if", where.segment(test), where, test) for test in generator.ifs)
            items = (self.element(iterable, generator.iter, scope),)
        for number, item in enumerate(items):
            self.assign(generator.target, item, scope)
            with self.under(None, number):
                self.guards.extend(guards[:1])
                for test in generator.ifs:
                    self.evaluate(test, scope)
                self.guards.extend(guards[1:])
                self._generate(node, rest, scope, made)

    def _yielded(self, node: Comprehension, scope: Scope, made: DictOf | ListOf) -> None:
        if isinstance(node, ast.DictComp) and isinstance(made, DictOf):
            was_open = made.open
            self.put(made, self.evaluate(node.key, scope), self.evaluate(node.value, scope))
            made.open = was_open or made.open
        elif not isinstance(node, ast.DictComp) and isinstance(made, ListOf):
            made.items.append(self.evaluate(node.elt, scope))
