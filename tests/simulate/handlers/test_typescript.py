"""TypeScript made JavaScript without a compiler: what goes, what is written out, what is left to the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.simulate.handlers.typescript import Untranslatable, javascript, translated


def body(text: str) -> str:
    """The JavaScript of a text, without what stands before it and between its words."""
    return " ".join(javascript(text.encode()).split("m.default : m); ", 1)[1].split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const a: string = b as string", "const a = b"),
        ("f<string>(x!.y, <any>z)", "f(x.y, z)"),
        ("const o = { a: 1 } satisfies T", "const o = { a: 1 }"),
        ("function f(this: X, a?: number, ...rest: T[]): a is X { return a }", "function f( a, ...rest) { return a }"),
        ("interface A { b: string }\ntype B = A | null\ndeclare const c: B\nd()", "d()"),
        ("function f(a: string): void\nfunction f(a: any) { return a }", "function f(a) { return a }"),
        ("abstract class A<T> extends B<T> implements C { abstract x(): void; private y?: T }", "class A extends B { ; y }"),
        ("class A { declare a: string; static readonly b!: number = 1 }", "class A { ; static b = 1 }"),
        ("class A { constructor(private a: X, b: Y) { go() } }", "class A { constructor( a, b) { this.a = a; go() } }"),
        (
            "class A extends B { constructor(readonly a: X) { super(a); go() } }",
            "class A extends B { constructor( a) { super(a); this.a = a; go() } }",
        ),
        ("const f = async <T,>(x: T): Promise<T> => x", "const f = async (x) => x"),
    ],
)
def test_types_are_taken_out(text: str, expected: str) -> None:
    assert body(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a, { b as c } from 'm'\na(c)", "const a = __default(require('m')); const { b: c } = require('m'); a(c)"),
        ("import * as m from 'm'\nm.x()", "const m = require('m'); m.x()"),
        ("import 'm'", "require('m');"),
        ("import m = require('m')\nm()", "const m = require('m'); m()"),
        ("import { T, type U } from 'm'\nimport type { V } from 'm'\nlet t: T", "let t"),
        ("import { T, v } from 'm'\nconst t: T = v", "const { v: v } = require('m'); const t = v"),
        ("export type { T } from 'm'\nexport interface U {}", ""),
        ("export = f", "module.exports = f"),
        ("export default a + b", "exports.default = a + b"),
    ],
)
def test_modules_are_those_of_commonjs(text: str, expected: str) -> None:
    assert body(text) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("export const a = 1, { b, c: [d] } = e", {"a", "b", "d"}),
        ("export function f() {}", {"f"}),
        ("export async function g() {}\nexport class H {}", {"g", "H"}),
        ("const a = 1\nexport { a as z }", {"z"}),
        ("export { a as y } from 'm'", {"y"}),
        ("export default class X {}", {"default"}),
        ("export enum E { A }", {"E"}),
    ],
)
def test_exports_have_their_names(text: str, names: set[str]) -> None:
    head = javascript(text.encode())
    assert {
        name for name in ("a", "b", "c", "d", "f", "g", "H", "z", "y", "default", "E") if f'(exports, "{name}"' in head
    } == names


def test_lines_stay_where_they_were() -> None:
    text = "interface A {\n  b: string\n}\nimport {\n  c,\n} from 'm'\nthrow c\n"
    assert javascript(text.encode()).splitlines()[6] == "throw c"


@pytest.mark.parametrize("text", ["@d class A {}", "namespace N { export const a = 1 }", "const a: = ;"])
def test_what_is_left_to_the_real_compilers(text: str) -> None:
    with pytest.raises(Untranslatable):
        javascript(text.encode())


def test_what_a_file_imports_is_translated_with_it(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    for name, text in {
        "a.ts": "import { b } from './lib'\nimport './c.js'\nimport 'package'",
        "lib/index.ts": "export * from '../a'",
        "c.ts": "",
        "d.ts": "",
    }.items():
        (tmp_path / name).write_text(text)
    found = translated(tmp_path / "a.ts")
    assert {Path(name).relative_to(tmp_path).as_posix() for name in found} == {"a.ts", "lib/index.ts", "c.ts"}
