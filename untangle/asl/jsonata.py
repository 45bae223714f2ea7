"""JSONata strings in a definition: `{% … %}`, checked for well-formedness without evaluating anything.

The check reads tokens and knows whether an operand or an operator must come next; it finds open brackets and quotes,
operators without operands, names that nothing defines, and what Step Functions forbids ($eval, `$` at the top level:
Step Functions guide, "Transforming data with JSONata"). It accepts a little more than JSONata does, never less.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from untangle.asl.diagnostic import closest
from untangle.asl.jsonpath import context_problem

_TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/)
      |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<quoted>`[^`]*`)
      |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<variable>\$\$|\$[A-Za-z0-9_\u0080-\uffff]*)
      |(?P<name>[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)
      |(?P<operator>:=|!=|<=|>=|~>|\.\.|\*\*|\?\?|\?:|[-+*/%&=<>.,;:?@\#^|(){}\[\]!])""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[im]*")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_WORDS = frozenset({"and", "or", "in"})
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


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text and where it stands; `depth` counts the brackets around it."""

    kind: str
    text: str
    at: int
    depth: int


class Malformed(Exception):
    """The expression is not JSONata; the text says why."""


def is_jsonata(value: object) -> bool:
    """Whether a value of a definition is a JSONata string."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def problems(text: str, known: Collection[str], states: Collection[str] = STATES) -> Iterator[str]:
    """What is wrong with a JSONata string (delimiters included), in words.

    `known` are the workflow's variables, `states` the fields that `$states` has where the string stands.
    """
    try:
        tokens = tokens_of(text[2:-2])
        _check_order(tokens)
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


def tokens_of(text: str) -> list[Token]:
    """The tokens of an expression. Raises `Malformed` for open strings and brackets and for unknown characters."""
    tokens: list[Token] = []
    open_brackets: list[str] = []
    at, operand = 0, True  # an operand comes next: there, a slash begins a regular expression
    while at < len(text):
        pattern = _REGEX if operand and text[at] == "/" and not text.startswith("/*", at) else _TOKEN
        found = pattern.match(text, at)
        if found is None:
            raise Malformed("a string or regular expression is not closed" if text[at] in "'\"`/" else f"unexpected {text[at]!r}")
        at = found.end()
        kind = str(found.lastgroup) if pattern is _TOKEN else "regex"
        if kind == "space":
            continue
        closing = kind == "operator" and found.group() in _PAIRS
        if closing and (not open_brackets or open_brackets.pop() != _PAIRS[found.group()]):
            raise Malformed(f"{found.group()} closes nothing")
        tokens.append(Token(kind, found.group(), found.start(), len(open_brackets)))
        if kind == "operator" and found.group() in _PAIRS.values():
            open_brackets.append(found.group())
        operand = (kind == "operator" and not closing) or (kind == "name" and found.group() in _WORDS and not operand)
    if open_brackets:
        raise Malformed(f"{open_brackets[-1]} is never closed")
    if not tokens:
        raise Malformed("the expression is empty")
    return tokens


def _check_order(tokens: list[Token]) -> None:
    """Operands and operators must alternate. Raises `Malformed` where they do not."""
    wanted = True  # an operand
    bars = 0  # of the transform that is open: `|where|what, without|` has three
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        if token.text == "|" and token.kind == "operator":
            bars = (bars + 1) % 3
            wanted = bars > 0
            continue
        wanted = _operand(token, before) if wanted else _operator(token, before)
    if wanted and tokens[-1].text != ";":
        raise Malformed(f"something is missing after {tokens[-1].text!r}")


def _operand(token: Token, before: Token | None) -> bool:
    """Takes a token where an operand must stand; says whether one is still wanted."""
    if token.kind != "operator":
        return False
    if token.text in ("(", "[", "{"):
        return True
    if token.text in _PAIRS:
        if before is not None and before.text in (_PAIRS[token.text], ";", "?"):
            return False
        raise Malformed(f"something is missing before {token.text!r}")
    if token.text in ("*", "**", "%") or (token.text == "?" and before is not None and before.text in ("(", ",")):
        return False
    if token.text == "-" or (before is not None and before.text == "^" and token.text in ("<", ">")):
        return True
    if token.text in ("<", ">") and before is not None and before.text in ("(", ","):
        return True  # the direction of a sort term
    if token.text == ";" and before is not None and before.text in (";", "("):
        return True
    raise Malformed(f"{token.text!r} stands where a value is expected")


def _operator(token: Token, before: Token | None) -> bool:
    """Takes a token where an operator must stand; says whether an operand must follow."""
    if token.kind == "name" and token.text in _WORDS:
        return True
    if token.kind != "operator":
        raise Malformed(f"an operator is missing before {token.text[:30]!r}")
    if token.text in _PAIRS:
        return False
    if token.text == "{" and before is not None and before.text == ")":
        return True  # the body of a function
    if token.text in ("!",):
        raise Malformed("'!' is not an operator; write $not(…)")
    return True
