"""Source of every Python is read, whatever the one that runs; what cannot be read says where."""

from __future__ import annotations

import ast
import sys

import pytest

from untangle.scanners.code.python.syntax import Source, mend, parse

OTHER_PYTHONS = {
    "print statement": "print 'a'\n",
    "print with a tuple": "print 'a %s' % x, y\n",
    "print of nothing": "print\n",
    "print on the line of an if": "if x: print 'a'\n",
    "print to a stream": "import sys\nprint >>sys.stderr, 'a'\n",
    "except with a comma": "try:\n    pass\nexcept ValueError, e:\n    print e\n",
    "raise with a comma": "raise ValueError, 'x'\n",
    "octal and long": "a = 0777\nb = 10L\n",
    "unequal": "x = 1 if a <> b else 2\n",
    "quotes inside an f-string": 'x = f"{a["b"]} c"\n',
    "backslash inside an f-string": "x = f\"{'\\n'.join(a)}\"\n",
    "line break inside an f-string": 'x = f"{\n    a\n} b"\ny = 1\n',
    "type parameters": "class A[T](B[T]):\n    def f[K: int](self): pass\n",
    "type statement": "type X[T] = list[T]\n",
    "several exceptions without parentheses": "try:\n    pass\nexcept A, B:\n    pass\n",
}


@pytest.mark.parametrize("text", OTHER_PYTHONS.values(), ids=OTHER_PYTHONS.keys())
def test_what_other_pythons_write_is_read(text: str) -> None:
    found = parse("a.py", text)
    assert isinstance(found, Source), found
    assert len(found.text.splitlines()) == len(text.splitlines())


def test_mending_keeps_the_lines() -> None:
    text = "x = f\"{\n    a\n} b\"\nprint 'a'\ny = 1\n"
    found = parse("a.py", text)
    assert isinstance(found, Source)
    last = found.tree.body[-1]
    assert isinstance(last, ast.Assign)
    assert last.lineno == 5


@pytest.mark.parametrize("text", ["x = 'print \"a\"'\n", "# it's\nx = f'{a}'\n", "x = '''\nf\"{\n'''\n", "f'{{}}'\n"])
def test_what_this_python_reads_is_not_touched(text: str) -> None:
    assert mend(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = 1\ndef f(:\n    pass\n", 2), ("x = (\n", 1), ("class\n", 1), ("\u00e9 = \x01\n", 1)],
)
def test_what_is_broken_says_on_which_line(text: str, line: int) -> None:
    found = parse("a.py", text)
    assert not isinstance(found, Source)
    assert found[0] == line


@pytest.mark.parametrize(
    "text",
    ["(" * 500 + ")" * 500, "[" * 5000, "a" + "+a" * 60_000, "-" * 20_000 + "1", "x = " + "'a' 'b' " * 20_000, "\x00\x0c", ""],
    ids=["parentheses", "brackets", "a long row", "signs", "texts", "control characters", "nothing"],
)
def test_no_text_is_too_wild(text: str) -> None:
    limit = sys.getrecursionlimit()
    parse("a.py", text)
    assert sys.getrecursionlimit() == limit


def test_a_segment_is_the_source_on_one_line() -> None:
    found = parse("a.py", "x = call(\n    'é',\n    b,\n)\n")
    assert isinstance(found, Source)
    statement = found.tree.body[0]
    assert isinstance(statement, ast.Assign)
    assert found.segment(statement.value) == "call( 'é', b, )"
    assert found.segment(statement.value, 8) == "call( '…"
