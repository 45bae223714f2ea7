"""From a function's resource to the file at which its code starts: every way in which a template names code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.scanners.code.python.handlers import function, scan
from untangle.model.code import CodeFacts
from untangle.model.resource import Inventory, Resource, Stack
from untangle.model.value import Concat, Either, Symbol, Value
from untangle.scanners.code import read_code
from untangle.scanners.tree import Tree

HANDLER = "def handler(event, context):\n    pass\n"
S3 = {"S3Bucket": "artifacts", "S3Key": "orders.zip"}


def located(files: dict[str, str], resource: Resource) -> CodeFacts:
    return scan(files, resource)[resource.address]


# The function's properties, the files of the tree, and the entry that is found.
FOUND: list[tuple[str, dict[str, Value], tuple[str, ...], str]] = [
    ("a folder", {"Code": "src"}, ("src/app.py",), "src/app.py"),
    ("a folder with a dot and a slash", {"Code": "./src/"}, ("src/app.py",), "src/app.py"),
    ("the template's folder", {"Code": "."}, ("app.py",), "app.py"),
    ("a package", {"Code": "src", "Handler": "pkg.app.handler"}, ("src/pkg/app.py",), "src/pkg/app.py"),
    ("a path", {"Code": "src", "Handler": "pkg/app.handler"}, ("src/pkg/app.py",), "src/pkg/app.py"),
    ("a package's own file", {"Code": "src", "Handler": "pkg.handler"}, ("src/pkg/__init__.py",), "src/pkg/__init__.py"),
    ("a single file", {"Code": "src/app.py"}, ("src/app.py",), "src/app.py"),
    ("an archive beside its folder", {"Code": "src.zip"}, ("src/app.py",), "src/app.py"),
    ("a handler that is a parameter", {"Handler": Either(("app.handler", Symbol("Handler")))}, ("src/app.py",), "src/app.py"),
    ("a runtime with a parameter", {"Runtime": Concat(("python", Symbol("Version")))}, ("src/app.py",), "src/app.py"),
    ("no runtime", {"Runtime": None}, ("src/app.py",), "src/app.py"),
    (
        "an artefact and one file that fits",
        {"Code": S3, "Handler": "place_order.handler"},
        ("a/place_order.py",),
        "a/place_order.py",
    ),
    ("an artefact's words", {"Code": S3, "Handler": "main.handler"}, ("orders/main.py", "stock/main.py"), "orders/main.py"),
    ("a folder that is not there", {"Code": "build", "Handler": "app.handler"}, ("orders/app.py",), "orders/app.py"),
    ("tests are no candidates", {"Code": S3, "Handler": "pay.handler"}, ("orders/pay.py", "tests/pay.py"), "orders/pay.py"),
]


@pytest.mark.parametrize(("properties", "files", "entry"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_code_is_found(properties: dict[str, Value], files: tuple[str, ...], entry: str) -> None:
    found = located(dict.fromkeys(files, HANDLER), function("OrdersFunction", **properties))
    assert found.entry is not None, found.gaps
    assert (found.entry.path, found.readable) == (entry, True)


def test_the_function_s_name_tells_between_files_that_fit() -> None:
    files = dict.fromkeys(("refund/app.py", "charge/app.py"), HANDLER)
    found = scan(files, function("ChargeFn", Code={"S3Key": "x.zip"}), function("Other", FunctionName="refund-card", Code=S3))
    assert [facts.entry.path for facts in found.values() if facts.entry] == ["charge/app.py", "refund/app.py"]


def test_a_file_below_the_template_is_nearer_than_one_elsewhere() -> None:
    files = dict.fromkeys(("one/place.py", "two/place.py"), HANDLER)
    found = scan(files, function(Code={"S3Key": "x.zip"}, Handler="place.handler"), folder="two")["Fn"]
    assert found.entry is not None, found.gaps
    assert found.entry.path == "two/place.py"


def test_a_stem_that_many_functions_share_is_not_taken_from_elsewhere() -> None:
    found = scan({"one/index.py": HANDLER}, function(Code={"S3Key": "x.zip"}, Handler="index.handler"), folder="two")["Fn"]
    assert found.entry is None


def test_only_a_file_that_defines_the_handler_fits() -> None:
    files = {"one/place.py": HANDLER, "two/place.py": "def other(event, context): pass\n"}
    found = located(files, function(Code={"S3Key": "x.zip"}, Handler="place.handler"))
    assert found.entry is not None
    assert found.entry.path == "one/place.py"


def test_files_that_fit_equally_are_a_gap_that_names_them() -> None:
    files = dict.fromkeys(("one/place.py", "two/place.py"), HANDLER)
    found = located(files, function(Code={"S3Key": "x.zip"}, Handler="place.handler"))
    assert (found.readable, found.entry) == (False, None)
    assert [gap.why for gap in found.gaps] == ["2 files fit its handler place.handler equally: one/place.py, two/place.py"]


def test_each_of_two_copies_of_an_application_has_its_own_code(tmp_path: Path) -> None:
    for path in ("code/place.py", "gov/code/place.py"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(HANDLER, encoding="utf-8")
    stacks = tuple(Stack(id=at, path=f"{at}/t.yaml", folder=at, kind="cloudformation") for at in ("infra", "gov/infra"))
    shared = function(Code={"S3Key": "x.zip"}, Handler="place.handler")
    functions = tuple(replace(shared, id=f"{stack.id}/Fn", stack=stack.id) for stack in stacks)
    found = read_code(Tree(tmp_path), Inventory(stacks=stacks, resources=functions))
    assert {facts.function: facts.entry and facts.entry.path for facts in found} == {
        "infra/Fn": "code/place.py",
        "gov/infra/Fn": "gov/code/place.py",
    }


def test_no_file_that_fits_is_a_gap() -> None:
    found = located({"src/other.py": HANDLER}, function())
    assert [gap.why for gap in found.gaps] == ["no python file in the scanned tree fits its handler app.handler"]


def test_a_single_file_that_is_not_the_handler_s_module_is_a_placeholder() -> None:
    resource = function(Code="infra/placeholder.py", Handler="handlers.pay.handler")
    found = located({"infra/placeholder.py": HANDLER}, resource)
    assert (found.readable, [gap.why for gap in found.gaps]) == (
        False,
        [
            "its code is the placeholder infra/placeholder.py, which has no handlers.pay,"
            " and no python file in the scanned tree fits its handler handlers.pay.handler"
        ],
    )
    named = located({"infra/placeholder.py": HANDLER, "src/handlers/pay.py": HANDLER}, resource)
    assert named.entry is not None and named.entry.path == "src/handlers/pay.py"


@pytest.mark.parametrize(
    ("properties", "why"),
    [({"Handler": None}, "it names no handler"), ({"Handler": Symbol("Handler")}, "its handler is not a literal text")],
)
def test_a_handler_that_is_not_known_is_a_gap(properties: dict[str, Value], why: str) -> None:
    assert [gap.why for gap in located({"src/app.py": HANDLER}, function(**properties)).gaps] == [why]


def test_a_language_that_is_not_read_says_so() -> None:
    found = located({"src/app.py": HANDLER, "src/app.rb": ""}, function(Runtime="ruby3.3"))
    assert (found.readable, found.language) == (False, "ruby")
    assert [gap.why for gap in found.gaps] == ["handler source in ruby is not read"]


# Inline code

INLINE = "import boto3\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')\n"


def inline(template: str, line: int, text: Value = INLINE) -> CodeFacts:
    resource = function(Code={"ZipFile": text}, Handler="index.handler")
    resource = Resource(
        id=resource.id,
        type=resource.type,
        stack="s",
        address="Fn",
        properties=resource.properties,
        location=resource.location,
        lines={("Code", "ZipFile"): line},
    )
    return located({"template.yaml": template}, resource)


def test_inline_code_has_the_template_s_lines() -> None:
    found = inline("Resources:\n  Fn:\n    Code:\n      ZipFile: |\n        import boto3\n        def …\n", 4)
    (call,) = found.calls
    assert (call.location.path, call.location.line) == ("template.yaml", 7)
    assert found.entry is not None
    assert found.entry.line == 6


def test_inline_code_under_a_function_of_the_template_too() -> None:
    found = inline("Fn:\n    ZipFile:\n      Fn::Sub: |\n        import boto3\n", 2)
    assert [call.location.line for call in found.calls] == [6]


def test_quoted_inline_code_stands_on_one_line() -> None:
    found = inline('{\n"ZipFile": "import boto3\\n…"\n}', 2)
    assert [call.location.line for call in found.calls] == [2]


def test_values_that_the_template_puts_into_inline_code_are_values() -> None:
    url = Symbol("QueueUrl", "s")
    before, after = INLINE.split("'q'")
    found = inline("ZipFile: |\n", 1, Concat((before + "'", url, "'" + after)))
    assert [call.arguments["QueueUrl"] for call in found.calls] == [url]


# Images and assets


def test_an_image_s_command_names_the_handler() -> None:
    files = {"img/Dockerfile": 'FROM x\nCOPY app.py ./\nCMD ["app.handler"]\n', "img/app.py": HANDLER}
    resource = function(
        PackageType="Image",
        Code={"ImageUri": "x"},
        Handler=None,
        Runtime=None,
        metadata={"DockerContext": "img", "Dockerfile": "Dockerfile"},
    )
    found = located(files, resource)
    assert found.entry is not None, found.gaps
    assert found.entry.path == "img/app.py"


def test_the_function_s_own_command_wins() -> None:
    files = {"Dockerfile": 'CMD ["app.other"]\n', "app.py": HANDLER}
    resource = function(PackageType="Image", Code=None, Handler=None, Runtime=None, ImageConfig={"Command": ("app.handler",)})
    found = located(files, resource)
    assert (found.readable, found.entry is not None) == (True, True)


def test_code_below_a_copied_folder_of_an_image_is_found() -> None:
    files = {"Dockerfile": 'COPY src/ ${LAMBDA_TASK_ROOT}/\nCMD ["app.handler"]\n', "src/app.py": HANDLER}
    found = located(files, function(PackageType="Image", Code=None, Handler=None, Runtime=None, metadata={"DockerContext": "."}))
    assert found.entry is not None, found.gaps
    assert found.entry.path == "src/app.py"


def test_an_asset_s_folder_is_the_code() -> None:
    files = {"cdk.out/asset.abc123/app.py": HANDLER, "other/app.py": HANDLER}
    resource = function(Code={"S3Bucket": "b", "S3Key": "abc123.zip"}, metadata={"aws:asset:path": "asset.abc123"})
    found = located(files, resource)
    assert found.entry is not None, found.gaps
    assert found.entry.path == "cdk.out/asset.abc123/app.py"


def test_a_path_that_leaves_the_root_is_not_followed() -> None:
    found = located({"src/other.py": HANDLER}, function(Code="../../etc"))
    assert found.entry is None
