"""Which files look as if they export a handler, before any of them is followed."""

from __future__ import annotations

import pytest

from untangle.scanners.code.javascript import defines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exports.handler = async () => {};", True),
        ("module.exports.handler = make();", True),
        ("module.exports = {\n  other,\n  handler,\n};", True),
        ("Object.defineProperty(exports, 'handler', { get: () => handler });", True),
        ("export const handler = async () => {};", True),
        ("export async function handler(event) {}", True),
        ("const handler = wrap(run);\nexport {\n  other,\n  handler,\n};", True),
        ("export const {\n  handler,\n  other,\n} = app;", True),
        ("export { run as handler };", True),
        ("export = handler;", True),
        ("export * from './app'; // handler", True),
        ("__export(index_exports, { handler: () => handler });", True),
        # what merely has something of that name
        ("export class Ingestion {\n  private readonly handler: Handler;\n}", False),
        ("export function build(scope) {\n  return new Lambda(scope, { handler: 'index.handler' });\n}", False),
        ("const handler = () => {};", False),
        ("", False),
    ],
)
def test_a_file_that_exports_the_name_defines_it(text: str, expected: bool) -> None:
    assert defines(text, "handler") is expected


def test_a_nested_name_is_looked_for_by_its_first_part() -> None:
    assert defines("export const handlers = { orders, stock };", "handlers.orders")
