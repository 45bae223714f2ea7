"""What expressions are worth."""

from __future__ import annotations

from untangle.model.value import Symbol
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.members import Members
from untangle.scanners.code.lowered.things import (
    Closure,
    Factory,
    Items,
    Message,
    Record,
    Scope,
    Thing,
    Unknown,
    join,
    literal,
    options,
    text_of,
)


class Expressions(Members):
    """Evaluates expressions; the calls in them are noted."""

    def value(self, expression: s.Expr, scope: Scope) -> Thing:
        """What an expression is worth; its calls are noted."""
        self._step()
        if isinstance(expression, s.Const):
            return expression.value
        if isinstance(expression, s.Name):
            known, thing = scope.find(expression.id)
            return thing if known else self._free(expression.id)
        if isinstance(expression, s.Member):
            return self.get(self.value(expression.of, scope), expression.name)
        if isinstance(expression, s.Index):
            return self._index(self.value(expression.of, scope), self.value(expression.key, scope))
        if isinstance(expression, s.Invoke):
            return self._invoke(expression, scope)
        if isinstance(expression, s.This | s.Super):
            return self._frames[-1].this
        return self._made(expression, scope)

    def _made(self, expression: s.Expr, scope: Scope) -> Thing:
        """What an expression makes: structures, texts, functions."""
        if isinstance(expression, s.Object):
            return self._object(expression, scope)
        if isinstance(expression, s.Array):
            return self._array(expression, scope)
        if isinstance(expression, s.Template):
            return text_of([self.value(part, scope) for part in expression.parts])
        if isinstance(expression, s.Either):
            return self._one_of(expression, scope)
        if isinstance(expression, s.Lambda):
            frame = self._frames[-1]
            return Closure(expression, scope, frame.path, frame.this, frame.owner)
        if isinstance(expression, s.Class):
            return self._class(expression, scope)
        return self._passed(expression, scope)

    def _one_of(self, expression: s.Either, scope: Scope) -> Thing:
        """One of several. Beside literal texts, what is not followed stays as unknown text, so that nothing is excluded by it."""
        found = [(option, self.value(option, scope)) for option in expression.options]
        texts = any(isinstance(thing, str) for _, thing in found)
        return join(_kept(option, thing) if texts else thing for option, thing in found)

    def _passed(self, expression: s.Expr, scope: Scope) -> Thing:
        """What an expression hands on."""
        if isinstance(expression, s.Assign):
            value = self.value(expression.value, scope)
            self.bind(expression.target, value, scope, declare=False)
            return value
        if isinstance(expression, s.Module):
            return self._required(self.imported(expression.source, self._frames[-1].path))
        if isinstance(expression, s.Spread):
            return self.value(expression.value, scope)
        for part in expression.parts if isinstance(expression, s.Opaque) else ():
            self.value(part, scope)
        return Unknown(expression.text if isinstance(expression, s.Opaque) else "")

    def _required(self, module: Thing) -> Thing:
        """`require` of a module whose exports were replaced by one function or class gives that."""
        if not isinstance(module, Record) or len(module.fields) != 1:
            return module
        default = module.fields.get("default")
        return default if isinstance(default, Closure | Factory) else module

    def _object(self, expression: s.Object, scope: Scope) -> Thing:
        record = Record(depth=self._depth, type=expression.type)
        for key, inner in expression.entries:
            value = self.value(inner, scope)
            if key is None:
                _spread(record, value)
                continue
            name = literal(self.value(key, scope))
            if name is not None:
                record.fields[name] = value
            else:
                record.computed.append((self.value(key, scope), value))
        return record

    def _array(self, expression: s.Array, scope: Scope) -> Thing:
        items = Items()
        for inner in expression.items:
            value = self.value(inner, scope)
            if not isinstance(inner, s.Spread):
                items.elements.append(value)
            elif isinstance(value, Items):
                items.elements.extend(value.elements)
                items.open = items.open or value.open
            else:
                items.elements.append(builtin.element(value))
                items.open = True
        return items

    def _class(self, expression: s.Class, scope: Scope) -> Thing:
        base = self.value(expression.base, scope) if expression.base is not None else None
        inner = Scope(parent=scope)
        made = Factory(expression, inner, self._frames[-1].path, base, outer=self._frames[-1].this)
        if expression.name:
            inner.declare(expression.name, made, self._depth)
        made.pending.update(expression.statics)
        if not expression.lazy:
            for name, _ in expression.statics:
                self._static(made, name)
        return made

    def _free(self, name: str) -> Thing:
        """A name that no scope has."""
        if self.library.implicit_this:
            found, thing = self.own_method(name[:-2]) if name.endswith("()") else self.own(name)
            if found:
                return thing
        return self.library.name(name, self._frames[-1].path, self)

    def _index(self, thing: Thing, key: Thing) -> Thing:
        names = [name for option in options(key) if (name := literal(option)) is not None]
        if names:
            return join(self.get(thing, name) for name in names)
        return join(builtin.unknown_key(self, option, key) for option in options(thing))


def _spread(record: Record, value: Thing) -> None:
    for option in options(value):
        if isinstance(option, Record):
            record.fields.update(option.fields)
            record.computed.extend(option.computed)
            record.open = record.open or option.open
        elif isinstance(option, Message):
            record.fields.update(option.assigned)
            record.open = True
        elif option is not None:
            record.open = True


def _kept(option: s.Expr, thing: Thing) -> Thing:
    """Text that could not be followed, as unknown text; what a condition merely calls is none of the alternatives."""
    is_call = isinstance(option, s.Opaque) and not option.text
    return Symbol(thing.text or "?") if isinstance(thing, Unknown) and not thing.closures and not is_call else thing
