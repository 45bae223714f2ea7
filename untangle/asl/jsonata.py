"""JSONata strings in a definition: `{% … %}`, checked for well-formedness without evaluating anything.

The check finds what is no JSONata (`grammar`), names that nothing defines, and what Step Functions forbids ($eval, `$` at the
top level: Step Functions guide, "Transforming data with JSONata"). It accepts a little more than JSONata does, never less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from untangle.asl.diagnostic import closest
from untangle.asl.grammar import check_grammar
from untangle.asl.jsonpath import context_problem
from untangle.asl.tokens import Malformed, Token, tokens_of

_SAID = """
string length substring substringBefore substringAfter uppercase lowercase trim pad contains split join match replace
base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl number abs floor ceil round power sqrt
random formatNumber formatBase formatInteger parseInteger sum max min average boolean not exists count append sort reverse
shuffle distinct zip keys lookup spread merge sift each error assert type now millis fromMillis toMillis map filter single
reduce partition range hash uuid parse states eval clone
"""
FUNCTIONS = frozenset(_SAID.split())
# The fields of the reserved variable $states, and where those are that are not everywhere (Step Functions guide, "Variables").
STATES: Mapping[str, str] = {
    "input": "",
    "context": "",
    "result": "only Assign and Output of a Task, Parallel or Map have the result",
    "errorOutput": "only Assign and Output of a catcher have the error",
}


def is_jsonata(value: object) -> bool:
    """Whether a value of a definition is a JSONata string."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def problems(text: str, known: Collection[str], states: Collection[str] = STATES) -> Iterator[str]:
    """What is wrong with a JSONata string (delimiters included), in words.

    `known` are the workflow's variables, `states` the fields that `$states` has where the string stands.
    """
    try:
        tokens = tokens_of(text[2:-2])
        check_grammar(tokens)
    except Malformed as error:
        yield str(error)
        return
    bound = set(known) | _bound(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "variable":
            yield from _variable(token, bound)
            if token.text == "$states":
                yield from _states(tokens[index + 1 : index + 9], states)
    if tokens[0].kind == "name" and tokens[0].text not in ("function", "λ", "true", "false", "null"):
        yield f"{tokens[0].text} at the top level has no context to be taken from; write $states.input.{tokens[0].text}"


def _variable(token: Token, bound: set[str]) -> Iterator[str]:
    name = token.text[1:]
    if token.text in ("$", "$$"):
        if token.depth == 0:
            yield f"{token.text} is not supported at the top level; write $states.input"
    elif name == "eval":
        yield "$eval is not supported; use $parse"
    elif name not in bound and name not in FUNCTIONS:
        yield f"the variable {token.text} is never assigned"


def _states(after: list[Token], states: Collection[str]) -> Iterator[str]:
    """What is wrong with the route that follows `$states`."""
    steps = []
    for dot, step in zip(after[::2], after[1::2], strict=False):
        if dot.text != "." or step.kind != "name":
            break
        steps.append(step.text)
    if not steps:
        return
    if steps[0] not in STATES:
        hint = closest(steps[0], STATES)
        yield f"$states has no {steps[0]!r}" + (f"; write $states.{hint}" if hint else f": it has {', '.join(sorted(STATES))}")
    elif steps[0] not in states:
        yield f"$states.{steps[0]} is not there in this field: {STATES[steps[0]]}"
    elif steps[0] == "context" and (problem := context_problem(steps[1:])):
        yield problem


def _bound(tokens: list[Token]) -> set[str]:
    """Names that the expression itself binds: assignments, parameters, positional and context variables."""
    found = set()
    for index, token in enumerate(tokens):
        if token.kind != "variable":
            continue
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        before = tokens[index - 1].text if index else ""
        if after == ":=" or before in ("@", "#"):
            found.add(token.text[1:])
    for index, token in enumerate(tokens):
        if token.text in ("function", "λ") and token.kind == "name":
            for inner in tokens[index + 2 :]:
                if inner.text == ")":
                    break
                found.add(inner.text[1:])
    return found
