"""Conditions with three answers: yes, no, and not known before the stack is deployed.

A parameter's default decides nothing: it is what a user may change. Only what the user states with
`--parameter`, or a parent template passes as a literal, does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from untangle.model.value import Value, scalar_text
from untangle.scanners.document import Map, Node, Seq

Answer = bool | None


class Conditions:
    """The Conditions section of one stack. `certain` evaluates an operand without the parameters' defaults."""

    def __init__(self, section: Mapping[str, Node], certain: Callable[[Node], Value]) -> None:
        self._section = section
        self._certain = certain
        self._known: dict[str, Answer] = {}

    def holds(self, name: str) -> Answer:
        """Whether the condition of this name holds; None where that is not known (or the name is not declared)."""
        if name not in self._known:
            self._known[name] = None  # while it is being answered: a condition that asks itself is not known
            try:
                self._known[name] = self._answer(self._section.get(name))
            except RecursionError:  # a chain of conditions that no person wrote
                return None
        return self._known[name]

    def _answer(self, node: Node) -> Answer:
        if isinstance(node, bool):
            return node
        if not isinstance(node, Map) or len(node) != 1:
            return None
        ((key, inner),) = node.items()
        if key == "Condition":
            return self.holds(inner) if isinstance(inner, str) else None
        operands = list(inner) if isinstance(inner, Seq) else []
        answer = _FUNCTIONS.get(key)
        return answer(self, operands) if answer else None

    def _equals(self, operands: list[Node]) -> Answer:
        if len(operands) != 2:
            return None
        left, right = (self._certain(operand) for operand in operands)
        if left == right:
            return True
        texts = scalar_text(left), scalar_text(right)
        return None if None in texts else texts[0] == texts[1]

    def _not(self, operands: list[Node]) -> Answer:
        answer = self._answer(operands[0]) if operands else None
        return None if answer is None else not answer

    def _every(self, operands: list[Node], *, wanted: bool) -> Answer:
        """And (`wanted` True) and Or (`wanted` False): one operand may decide, else all must be known."""
        answers = [self._answer(operand) for operand in operands]
        if (not wanted) in answers:
            return not wanted
        return None if None in answers or not answers else wanted


_FUNCTIONS: Mapping[str, Callable[[Conditions, list[Node]], Answer]] = {
    "Fn::Equals": Conditions._equals,
    "Fn::Not": Conditions._not,
    "Fn::And": partial(Conditions._every, wanted=True),
    "Fn::Or": partial(Conditions._every, wanted=False),
}
