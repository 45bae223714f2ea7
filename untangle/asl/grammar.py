"""The grammar of JSONata: whether the tokens of an expression make one.

A parser by binding powers that builds nothing, after the reference implementation's (jsonata-js, parser.js). What only a
tree would show, as an ancestor that does not exist, passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from untangle.asl.tokens import Malformed, Token

_MAX_NESTING = 100
# How strongly an operator binds to what stands before it.
_POWERS: Mapping[str, int] = {
    **dict.fromkeys((".",), 75),
    **dict.fromkeys(("[", "(", "@", "#"), 80),
    "{": 70,
    **dict.fromkeys(("*", "/", "%"), 60),
    **dict.fromkeys(("+", "-", "&"), 50),
    **dict.fromkeys(("=", "<", ">", "!=", "<=", ">=", "~>", "in", "^", "?:", "??"), 40),
    "and": 30,
    "or": 25,
    "?": 20,
    ":=": 10,
}
_NEGATED = 70
_WORDS = frozenset({"and", "or", "in"})
_ALONE = frozenset({"*", "**", "%"})
_LAMBDAS = frozenset({"function", "λ"})
# What other languages write, by the two tokens that it is cut into.
_FOREIGN: Mapping[tuple[str, str], str] = {
    ("=", "="): "'==' is not an operator; write =",
    ("|", "|"): "'||' is not an operator; write or",
    ("&", "&"): "'&&' is not an operator; write and",
}
_END = Token("end", "", 0, 0)


def check_grammar(tokens: Sequence[Token]) -> None:
    """Raises `Malformed` where tokens (at least one) are no expression."""
    parser = _Parser(tokens)
    parser.expression(0)
    if parser.here is not _END:
        raise parser.misplaced()


class _Parser:
    """Reads tokens from left to right; the depth of what nests is bounded."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these operators."""
        return self.here.kind == "operator" and self.here.text in texts

    def takes(self, text: str) -> bool:
        """Past an operator, where it is the next token."""
        found = self.sees(text)
        self.at += found
        return found

    def expect(self, text: str) -> None:
        """Past an operator that must come next."""
        if not self.takes(text):
            raise self.misplaced(text)

    def misplaced(self, wanted: str = "") -> Malformed:
        """Why the next token cannot stand where it does; `wanted` is the sign that should."""
        token = self.here
        before = self.tokens[self.at - 1].text if self.at else ""
        if token is _END:
            return Malformed(f"something is missing after {before!r}" if not wanted else f"{wanted} is missing at the end")
        if (foreign := _FOREIGN.get((before, token.text)) or _FOREIGN.get((token.text, token.text))) is not None:
            following = self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""
            if before == token.text or following == token.text:
                return Malformed(foreign)
        if token.text == "!":
            return Malformed("'!' is not an operator; write $not(…)")
        if token.kind != "operator":
            return Malformed(f"an operator is missing before {token.text[:30]!r}")
        return Malformed(f"{wanted} is missing before {token.text!r}" if wanted else f"{token.text!r} does not belong here")

    def expression(self, least: int) -> None:
        """Past an expression all of whose operators bind more strongly than `least`."""
        self.depth += 1
        if self.depth > _MAX_NESTING:
            raise Malformed(f"the expression nests more than {_MAX_NESTING} levels deep")
        first = self.operand()
        while _power(self.here) > least:
            token = self.here
            self.at += 1
            if token.text == "?":
                self.expression(0)
                if not self.takes(":"):
                    continue
                first, least = self.operand(), 0  # what follows the colon is the rest of this expression
                continue
            self.infix(token, first)
            first = _END
        self.depth -= 1

    def operand(self) -> Token:
        """Past one operand; its first token."""
        token = self.here
        self.at += 1
        if token.kind != "operator":
            if token is _END:
                self.at -= 1
                raise self.misplaced()
            return token
        if token.text == "(":
            self.block()
        elif token.text == "[":
            self.items("]")
        elif token.text == "{":
            self.pairs()
        elif token.text == "-":
            self.expression(_NEGATED)
        elif token.text == "|":
            self.transform()
        elif token.text not in _ALONE:
            self.at -= 1
            raise self.unready(token)
        return token

    def unready(self, token: Token) -> Malformed:
        """Why an operator cannot stand where a value must."""
        before = self.tokens[self.at - 1].text if self.at else ""
        if (foreign := _FOREIGN.get((before, token.text))) is not None:
            return Malformed(foreign)
        if token.text == "!":
            return Malformed("'!' is not an operator; write $not(…)")
        if token.text in (")", "]", "}"):
            return Malformed(f"something is missing before {token.text!r}")
        return Malformed(f"{token.text!r} stands where a value is expected")

    def infix(self, token: Token, first: Token) -> None:
        """Past what follows an operator that stands after a value, whose first token is `first` where it is only one."""
        text = token.text
        if text == "(":
            self.call(first)
        elif text == "[":
            if not self.takes("]"):
                self.expression(0)
                self.expect("]")
        elif text == "{":
            self.pairs()
        elif text == "^":
            self.order()
        elif text == ":=":
            if first.kind != "variable":
                raise Malformed("only a variable can be assigned with :=")
            self.expression(_POWERS[":="] - 1)
        else:
            self.binary(text)

    def binary(self, text: str) -> None:
        """Past the second operand of an operator."""
        right = self.here
        if text in ("@", "#") and right.kind != "variable":
            raise Malformed(f"a variable must follow {text}")
        if text == "." and (right.kind == "number" or (right.kind == "name" and right.text in ("true", "false", "null"))):
            raise Malformed(f"{right.text} is no step of a path; a name that looks so stands in backticks")
        self.expression(_POWERS[text])

    def block(self) -> None:
        """Past the rest of `(a; b)`."""
        while not self.sees(")"):
            self.expression(0)
            if not self.takes(";"):
                break
        self.expect(")")

    def items(self, close: str) -> None:
        """Past the rest of `[a, b..c]`."""
        if not self.sees(close):
            while True:
                self.expression(0)
                if self.takes(".."):
                    self.expression(0)
                if not self.takes(","):
                    break
        self.expect(close)

    def pairs(self) -> None:
        """Past the rest of `{a: b, c: d}`."""
        if not self.sees("}"):
            while True:
                self.expression(0)
                self.expect(":")
                self.expression(0)
                if not self.takes(","):
                    break
        self.expect("}")

    def order(self) -> None:
        """Past the terms of a sort, `^(<a, >b)`."""
        self.expect("(")
        while True:
            if self.sees("<", ">"):
                self.at += 1
            self.expression(0)
            if not self.takes(","):
                break
        self.expect(")")

    def transform(self) -> None:
        """Past the rest of `|where|what, without|`."""
        self.expression(0)
        self.expect("|")
        self.expression(0)
        if self.takes(","):
            self.expression(0)
        self.expect("|")

    def call(self, function: Token) -> None:
        """Past the arguments of a call, or the parameters, signature and body of a function."""
        defined = function.kind == "name" and function.text in _LAMBDAS
        if not self.sees(")"):
            while True:
                if defined and self.here.kind != "variable":
                    raise Malformed(f"a parameter of a function must be a variable, not {self.here.text[:30]!r}")
                if not self.takes("?"):
                    self.expression(0)
                if not self.takes(","):
                    break
        self.expect(")")
        if not defined:
            return
        if self.sees("<"):
            self.signature()
        self.expect("{")
        self.expression(0)
        self.expect("}")

    def signature(self) -> None:
        """Past `<n-n:a<s>>`."""
        depth = 0
        while self.here is not _END:
            depth += self.sees("<") - self.sees(">")
            self.at += 1
            if depth == 0:
                return


def _power(token: Token) -> int:
    if token.kind == "operator" or (token.kind == "name" and token.text in _WORDS):
        return _POWERS.get(token.text, 0)
    return 0
