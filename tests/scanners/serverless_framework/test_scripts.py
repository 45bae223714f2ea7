"""Services in TypeScript and JavaScript: what is literal is evaluated, nothing is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.serverless_framework.services import scan_files
from untangle.model.value import Either, Symbol, Value

TYPESCRIPT = {
    "serverless.ts": """
        import type { AWS } from '@serverless/typescript';
        import { hello, rename as other } from '@functions/index';
        import resources from './resources';

        const stage = "${opt:stage, 'dev'}";
        const base = { memorySize: 256 };

        const configuration: AWS = {
          service: 'shop',
          provider: { name: 'aws', runtime: 'nodejs20.x', stage, ...base },
          functions: { hello, other },
          resources,
        } as const;

        module.exports = configuration;
        """,
    "tsconfig.json": '{"extends": "./tsconfig.paths.json"}',
    "tsconfig.paths.json": """
        {"compilerOptions": {"baseUrl": ".", "paths": {"@functions/*": ["src/functions/*"], "@libs/*": ["src/libs/*"]}}}
        """,
    "src/functions/index.ts": "export { default as hello } from './hello';\nexport { default as rename } from './other';\n",
    "src/functions/hello/index.ts": """
        import { handlerPath } from '@libs/handler-resolver';

        export default {
          handler: `${handlerPath(__dirname)}/handler.main`,
          events: [
            { sqs: { arn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, batchSize: 2 } },
          ],
        };
        """,
    "src/functions/other/index.ts": """
        const path = `${__dirname.split(process.cwd())[1].substring(1).replace(/\\\\/g, '/')}/handler`;
        const environment = { STAGE: '${sls:stage}', REGION: process.env.REGION || 'eu-west-1' };
        export default { handler: `${path}.main`, environment };
        """,
    "src/libs/handler-resolver.ts": """
        export const handlerPath = (context: string) => {
          return `${context.split(process.cwd())[1].substring(1).replace(/\\\\/g, '/')}`
        };
        """,
    "resources/index.ts": "export default { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };\n",
}


def test_a_service_in_typescript(tmp_path: Path) -> None:
    scanned = scan_files(tmp_path, {f"backend/{name}": text for name, text in TYPESCRIPT.items()})
    hello, mapping = scanned.get("shop/hello"), scanned.one("AWS::Lambda::EventSourceMapping")

    assert hello.get("Handler") == "src/functions/hello/handler.main"
    assert hello.get("MemorySize") == 256
    assert str(hello.location) == "backend/src/functions/hello/index.ts:3"
    assert mapping.get("BatchSize") == 2
    assert str(mapping.location) == "backend/src/functions/hello/index.ts:6"
    assert scanned.get("shop/other").get("Handler") == "src/functions/other/handler.main"
    assert scanned.get("shop/other").get("Environment", "Variables") == {"STAGE": "dev", "REGION": "eu-west-1"}
    assert str(scanned.one("AWS::SQS::Queue").location) == "backend/resources/index.ts:1"
    assert scanned.inventory.stacks[0].folder == "backend"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a' + 'b'", "ab"),
        ("`a-${name}`", "a-orders"),
        ("'${self:service}'", "shop"),
        ("`\\${self:service}`", "shop"),
        ("process.env.X", Symbol("env:X")),
        ("process.env.X ?? 'd'", "d"),
        ("table.dev.name", "dev-orders"),
        ("table['dev'].name", "dev-orders"),
        ("make('x')", "made-x"),
        ("arrow({ a: 'y' })", "got-y"),
        ("['a', 'b'].join('-')", "a-b"),
        ("name.toUpperCase()", "ORDERS"),
        ("name === 'orders' ? 'yes' : 'no'", "yes"),
        ("unknown ? 'yes' : 'no'", Either(("yes", "no"), ("unknown", "not (unknown)"))),
        ("undefined || 'd'", "d"),
        ("12", 12),
        ("require('./other').value", "of-other"),
        ("require('./data.json').key", "of-json"),
        ("fetchIt()", Symbol("js:fetchIt()", "serverless.js")),
    ],
)
def test_an_expression_of_a_script(tmp_path: Path, expression: str, value: Value) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "serverless.js": f"""
                const name = 'orders';
                const table = {{ dev: {{ name: `dev-${{name}}` }} }};
                const arrow = ({{ a }}) => `got-${{a}}`;
                module.exports = {{
                  service: 'shop',
                  provider: {{ name: 'aws' }},
                  functions: {{ hello: {{ handler: 'a.b', environment: {{ X: {expression} }} }} }},
                }};
                function make(what) {{ const text = `made-${{what}}`; return text; }}
                """,
            "other.js": "module.exports = { value: 'of-other' };\n",
            "data.json": '{"key": "of-json"}',
        },
    )

    assert scanned.variable() == value


def test_a_script_may_export_a_function(tmp_path: Path) -> None:
    service = "{ service: 'shop', provider: { name: 'aws' }, functions: { hello: { handler: 'a.b' } } }"
    script = f"module.exports = async () => ({service});\n"

    assert "shop/hello" in scan_files(tmp_path, {"serverless.js": script}).ids


def test_a_script_that_is_not_literal_is_a_gap(tmp_path: Path) -> None:
    scanned = scan_files(tmp_path, {"serverless.js": "module.exports = buildEverything();\n"})

    assert [gap.what for gap in scanned.inventory.gaps] == ["the configuration in serverless.js"]


@pytest.mark.parametrize(
    "script",
    [
        "module.exports = module.exports;",
        "const f = () => f(); module.exports = f();",
        "const a = { b: a }; module.exports = { service: 's', provider: a, functions: {} };",
        "module.exports = {",
        "module.exports = " + "[" * 3000 + "]" * 3000,
        "",
    ],
)
def test_no_script_raises(tmp_path: Path, script: str) -> None:
    scan_files(tmp_path, {"serverless.js": script})
