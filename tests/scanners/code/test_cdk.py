"""Code that a synthesized template names by a hash, found by the source of the application that made the template."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import function, scan
from untangle.model.resource import Resource
from untangle.model.value import Value

HANDLER = "export const handler = async () => 1;\nexport const main = handler;\ndef handler(event, context): pass\n"
ASSET: dict[str, Value] = {"S3Bucket": "cdk-assets", "S3Key": "d3adb33f.zip"}
# The same handler file for each of three functions: only the application's source can tell them apart.
TREE = dict.fromkeys(("fns/orders/index.ts", "fns/stock/index.ts", "fns/mail/index.ts"), HANDLER) | {"app/cdk.json": "{}"}


def synthesized(address: str, path: str | None = None, **properties: Value) -> Resource:
    given: dict[str, Value] = {"Code": ASSET, "Runtime": "nodejs20.x", "Handler": "index.handler", **properties}
    return function(address, metadata={"aws:cdk:path": path} if path else None, **given)


def stack(body: str) -> str:
    return (
        "import * as cdk from 'aws-cdk-lib';\nimport * as lambda from 'aws-cdk-lib/aws-lambda';\n"
        "import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\nimport * as path from 'path';\n"
        f"export class Shop extends cdk.Stack {{\n  constructor(scope: any, id: string) {{\n    super(scope, id);\n    {body}\n  }}\n}}\n"
    )


def entry(files: dict[str, str], resource: Resource) -> str | None:
    found = scan({**TREE, **files}, resource)[resource.address]
    return found.entry.path if found.entry is not None else None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("new lambda.Function(this, 'Worker', { handler: 'index.handler', code: lambda.Code.fromAsset('../fns/stock') });", id="from where the app runs"),
        pytest.param("new lambda.Function(this, 'Worker', { code: lambda.Code.fromAsset(path.join(__dirname, '../../fns/stock')) });", id="from the file"),
        pytest.param("new lambda.Function(this, 'Worker', { code: lambda.Code.fromAsset(`${__dirname}/../../fns/stock`) });", id="a template"),
        pytest.param("const dir = path.resolve(__dirname, '..', '..', 'fns');\n    const code = lambda.Code.asset(path.join(dir, 'stock'));\n    new lambda.Function(this, 'Worker', { code });", id="by names"),
        pytest.param("new NodejsFunction(this, 'Worker', { entry: path.join(__dirname, '../../fns/stock/index.ts') });", id="an entry"),
        pytest.param("new NodejsFunction(this, 'Worker', { entry: '../fns/stock' });", id="an entry's folder"),
        pytest.param("for (const name of ['stock']) new lambda.Function(this, 'Worker', { code: lambda.Code.fromAsset(`../fns/${name}`) });", id="in a loop"),
        pytest.param("const common = { runtime: lambda.Runtime.NODEJS_20_X };\n    new lambda.Function(this, 'Worker', { ...common, code: lambda.Code.fromAsset('../fns/stock') });", id="beside shared properties"),
        pytest.param("new lambda.Function(this, 'Worker', { code: new lambda.AssetCode('../fns/stock') });", id="an asset as a class"),
        pytest.param("new lambda.Function(this, 'Other', { code: lambda.Code.fromAsset('../fns/mail') });\n    new lambda.Function(this, 'Worker', { code: lambda.Code.fromAsset('../fns/stock') });", id="one of two"),
        pytest.param("new lambda.Function(this, 'Worker', { code: lambda.Code.fromAsset('../fns/stock/dist') });", id="what a compiler made"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["Shop/Worker/Resource", None])
def test_the_source_in_typescript_names_the_code(body: str, path: str | None) -> None:
    assert entry({"app/lib/shop.ts": stack(body)}, synthesized("WorkerD06B8F09", path)) == "fns/stock/index.ts"


def test_a_construct_class_of_the_repository_is_followed() -> None:
    files = {
        "app/lib/worker.ts": "import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\n"
        "export class Worker extends NodejsFunction {\n  constructor(scope: any, id: string, props: any) {\n"
        "    super(scope, id, { entry: `../fns/${props.name}/index.ts`, handler: 'main' });\n  }\n}\n",
        "app/lib/shop.ts": "import { Worker } from './worker';\n" + stack("new Worker(this, 'Stock', { name: 'stock' });"),
    }
    assert entry(files, synthesized("Stock12345678", "Shop/Stock/Resource", Handler="index.main")) == "fns/stock/index.ts"


def test_an_entry_beside_the_stack_bears_the_construct_s_id() -> None:
    for made in ("new NodejsFunction(this, 'worker', {});", "new NodejsFunction(this, 'worker');"):
        files = {"app/lib/shop.ts": stack(made), "app/lib/shop.worker.ts": HANDLER}
        assert entry(files, synthesized("worker12345678", "Shop/worker/Resource")) == "app/lib/shop.worker.ts"


@pytest.mark.parametrize(
    "code",
    [
        'lambda_.Code.from_asset("../fns/stock")',
        'lambda_.Code.from_asset(os.path.join(os.path.dirname(__file__), "..", "..", "fns", "stock"))',
        'lambda_.Code.from_asset(str(Path(__file__).parent.parent.parent / "fns" / "stock"))',
        'lambda_.Code.from_asset(f"{FNS}/stock")',
        "self.code",
    ],
)
def test_the_source_in_python_names_the_code(code: str) -> None:
    source = (
        "from aws_cdk import Stack, aws_lambda as lambda_\nimport os\nfrom pathlib import Path\nFNS = '../fns'\n"
        "class Shop(Stack):\n    def __init__(self, scope, id):\n        self.code = lambda_.Code.from_asset(FNS + '/stock')\n"
        f"        lambda_.Function(self, 'Worker', handler='index.handler', code={code})\n"
    )
    assert entry({"app/shop/stack.py": source}, synthesized("WorkerD06B8F09", "Shop/Worker/Resource")) == "fns/stock/index.ts"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Shop.java", 'import software.amazon.awscdk.Stack;\nFunction.Builder.create(this, "Worker").handler("index.handler").code(Code.fromAsset("../fns/stock")).build();'),
        ("Shop.cs", 'using Amazon.CDK;\nnew Function(this, "Worker", new FunctionProps { Code = Code.FromAsset("../fns/stock"), Handler = "index.handler" });'),
        ("shop.go", 'import "github.com/aws/aws-cdk-go/awscdk/v2"\nawslambda.NewFunction(stack, jsii.String("Worker"), &awslambda.FunctionProps{Code: awslambda.Code_FromAsset(jsii.String("../fns/stock"), nil)})'),
    ],
)  # fmt: skip
def test_the_source_in_other_languages_is_looked_at(name: str, source: str) -> None:
    assert entry({f"app/{name}": source}, synthesized("WorkerD06B8F09", "Shop/Worker/Resource")) == "fns/stock/index.ts"


def test_a_nested_construct_is_known_by_the_ids_around_it() -> None:
    body = (
        "const api = new Api(this, 'Api');\n    new lambda.Function(api, 'Fn', { code: lambda.Code.fromAsset('../fns/stock') });"
        "\n    class Api extends cdk.Construct {}"
    )
    files = {"app/lib/shop.ts": stack(body)}
    assert entry(files, synthesized("ApiFnD06B8F09")) == "fns/stock/index.ts"
    assert entry(files, synthesized("PayFnD06B8F09")) is None  # "Pay" is no id of the source


def test_of_two_stacks_the_one_whose_words_fit_is_taken() -> None:
    files = {
        "app/lib/stock-stack.ts": stack("new lambda.Function(this, 'Fn', { code: lambda.Code.fromAsset('../fns/stock') });"),
        "app/lib/mail-stack.ts": stack("new lambda.Function(this, 'Fn', { code: lambda.Code.fromAsset('../fns/mail') });"),
    }
    assert entry(files, synthesized("FnD06B8F09", "MailStack/Fn/Resource")) == "fns/mail/index.ts"


def test_what_fits_equally_is_a_gap_that_names_it() -> None:
    files = {
        "app/lib/one.ts": stack("new lambda.Function(this, 'Fn', { code: lambda.Code.fromAsset('../fns/stock') });"),
        "app/lib/two.ts": stack("new lambda.Function(this, 'Fn', { code: lambda.Code.fromAsset('../fns/mail') });"),
    }
    found = scan({**TREE, **files}, synthesized("FnD06B8F09", "Shop/Fn/Resource"))["FnD06B8F09"]
    assert [gap.why for gap in found.gaps] == [
        "2 constructs of the CDK source fit it equally: fns/mail/index.ts, fns/stock/index.ts"
    ]


def test_a_template_that_a_person_wrote_is_not_held_against_cdk_source() -> None:
    files = {"app/lib/shop.ts": stack("new lambda.Function(this, 'Worker', { code: lambda.Code.fromAsset('../fns/stock') });")}
    assert entry(files, synthesized("Worker", Code="gone")) is None


@pytest.mark.parametrize(
    "source",
    ["new Function(this, 'x', {", "import 'aws-cdk-lib';\n" + "(" * 3000, "import 'aws-cdk-lib'; class A extends A {}; new A()"],
)
def test_hostile_source_ends(source: str) -> None:
    assert entry({"app/lib/shop.ts": source, "app/x.py": "import aws_cdk\n" + source}, synthesized("FnD06B8F09")) is None
