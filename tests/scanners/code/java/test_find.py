"""Which file holds the class that a handler names."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import function, scan
from untangle.model.value import Value

CLASS = "package com.shop;\npublic class Place { public String handleRequest(String s) { return s; } }\n"
ROOT = "src/main/java/com/shop/Place.java"
S3 = {"S3Bucket": "artifacts", "S3Key": "bundle.zip"}


@pytest.mark.parametrize(
    ("properties", "files", "entry"),
    [
        pytest.param({"Code": "orders"}, (f"orders/{ROOT}",), f"orders/{ROOT}", id="in the code's folder"),
        pytest.param({"Code": "target/place.jar"}, (ROOT,), ROOT, id="above its artefact"),
        pytest.param({"Handler": "com.shop.Place"}, (ROOT,), ROOT, id="without a method"),
        pytest.param(
            {"Code": "two/build/libs/two.jar"},
            (f"one/{ROOT}", f"two/{ROOT}"),
            f"two/{ROOT}",
            id="of several projects the artefact's",
        ),
        pytest.param({"Code": S3}, (f"refund/{ROOT}", f"place/{ROOT}"), f"place/{ROOT}", id="of several the one with its words"),
        pytest.param({"Code": S3}, (ROOT, "src/test/java/com/shop/Place.java"), ROOT, id="tests are no candidates"),
    ],
)
def test_a_class_is_found(properties: dict[str, Value], files: tuple[str, ...], entry: str) -> None:
    given = {"Handler": "com.shop.Place::handleRequest", "Runtime": "java21", "Code": "src", **properties}
    facts = scan(dict.fromkeys(files, CLASS), function("PlaceFunction", **given))["PlaceFunction"]
    assert facts.entry is not None, facts.gaps
    assert (facts.entry.path, facts.language, facts.readable) == (entry, "java", True)


def test_the_function_that_a_variable_names_is_found_behind_spring() -> None:
    beans = "\n".join(
        f"  @Bean public Function<String, String> {name}() {{\n"
        f'    return s -> {{ sqs.sendMessage(b -> b.queueUrl("{name}")); return s; }};\n  }}'
        for name in ("place", "refund")
    )
    source = (
        "package com.shop;\nimport software.amazon.awssdk.services.sqs.SqsClient;\n"
        f"class Config {{\n  private final SqsClient sqs = SqsClient.create();\n{beans}\n}}\n"
    )
    fn = function(
        Handler="org.springframework.cloud.function.adapter.aws.FunctionInvoker",
        Runtime="java21",
        Environment={"Variables": {"SPRING_CLOUD_FUNCTION_DEFINITION": "refund"}},
    )
    facts = scan({"src/main/java/com/shop/Config.java": source}, fn)["Fn"]
    assert [call.arguments["QueueUrl"] for call in facts.calls] == ["refund"]


def test_the_bean_that_a_variable_names_is_found_behind_quarkus() -> None:
    bean = (
        'package com.shop;\n@Named("{0}") class {0} implements RequestHandler<String, String> {{\n'
        "  public String handleRequest(String s, Context c) {{ return s; }}\n}}\n"
    )
    fn = function(
        Handler="io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest",
        Runtime="java21",
        Environment={"Variables": {"QUARKUS_LAMBDA_HANDLER": "Refund"}},
    )
    files = {f"src/main/java/com/shop/{name}.java": bean.format(name) for name in ("Place", "Refund")}
    facts = scan(files, fn)["Fn"]
    assert facts.entry is not None, facts.gaps
    assert facts.entry.path == "src/main/java/com/shop/Refund.java"


def test_a_class_under_a_custom_runtime_is_a_native_image() -> None:
    facts = scan({ROOT: CLASS}, function(Handler="com.shop.Place", Runtime="provided.al2023", Code="target/place.zip"))["Fn"]
    assert (facts.language, facts.readable) == ("java", True)


def test_no_class_is_a_gap() -> None:
    facts = scan({"src/main/kotlin/com/shop/Place.kt": ""}, function(Handler="com.shop.Place", Runtime="java21"))["Fn"]
    assert [gap.why for gap in facts.gaps] == ["no java file in the scanned tree holds its handler com.shop.Place"]


def test_classes_that_fit_equally_are_a_gap_that_names_them() -> None:
    files = dict.fromkeys((f"one/{ROOT}", f"two/{ROOT}"), CLASS)
    facts = scan(files, function(Handler="com.shop.Place", Runtime="java21", Code=S3))["Fn"]
    assert facts.gaps[0].why == f"2 files fit its handler com.shop.Place equally: one/{ROOT}, two/{ROOT}"
