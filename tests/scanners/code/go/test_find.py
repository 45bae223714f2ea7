"""Which Go program a function is made of: nothing in a template names it, so little is believed."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import function, scan
from untangle.model.value import Concat, Symbol, Value

PROGRAM = (
    'package main\n\nimport "github.com/aws/aws-lambda-go/lambda"\n\nfunc handle() {}\n\nfunc main() { lambda.Start(handle) }\n'
)
SERVER = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":80", nil) }\n'
S3 = {"S3Bucket": "artifacts", "S3Key": "bundle.zip"}


@pytest.mark.parametrize(
    ("properties", "files", "entry"),
    [
        pytest.param({"Code": "src"}, {"src/main.go": PROGRAM}, "src/main.go", id="in the code's folder"),
        pytest.param(
            {"Code": "src"},
            {"src/start.go": PROGRAM, "src/other.go": "package main\n"},
            "src/start.go",
            id="whichever file has main",
        ),
        pytest.param({"Code": "src"}, {"src/cmd/fn/main.go": PROGRAM}, "src/cmd/fn/main.go", id="the only one under it"),
        pytest.param(
            {"Code": "."},
            {"cmd/place-order/main.go": PROGRAM, "cmd/refund/main.go": PROGRAM, "Makefile": ""},
            "cmd/place-order/main.go",
            id="of several the one with the function's words",
        ),
        pytest.param({"Code": "place/bin/bootstrap.zip"}, {"place/main.go": PROGRAM}, "place/main.go", id="above its artefact"),
        pytest.param({"Code": "src", "Runtime": "go1.x", "Handler": "main"}, {"src/main.go": PROGRAM}, "src/main.go", id="go1.x"),
        pytest.param({"Code": S3, "Runtime": "go1.x"}, {"src/main.go": PROGRAM}, "src/main.go", id="go1.x and one program"),
        pytest.param({"Code": S3}, {"cmd/place_order/main.go": PROGRAM}, "cmd/place_order/main.go", id="the function's words"),
    ],
)
def test_a_program_is_found(properties: dict[str, Value], files: dict[str, str], entry: str) -> None:
    found = scan(files, function("PlaceOrderFunction", **{"Handler": "bootstrap", "Runtime": "provided.al2023", **properties}))
    facts = found["PlaceOrderFunction"]
    assert facts.entry is not None, facts.gaps
    assert (facts.entry.path, facts.language, facts.readable) == (entry, "go", True)


def test_a_program_of_the_function_s_name_is_found_beside_the_template_s_folder() -> None:
    name = Concat((Symbol("Prefix"), "-place-order"))
    files = {"cmd/placeOrder/main.go": PROGRAM, "cmd/place/main.go": PROGRAM}
    fn = function("this", Handler="bootstrap", Runtime="provided.al2023", Code=S3, FunctionName=name)
    facts = scan(files, fn, folder="infra")["this"]
    assert facts.entry is not None, facts.gaps
    assert facts.entry.path == "cmd/placeOrder/main.go"


@pytest.mark.parametrize(
    ("properties", "files"),
    [
        pytest.param({"Code": "src"}, {"src/Cargo.toml": "", "src/main.rs": "", "cmd/fn/main.go": PROGRAM}, id="Rust beside Go"),
        pytest.param({"Code": S3}, {"cmd/refund/main.go": PROGRAM}, id="nothing says that it is this one"),
        pytest.param({"Code": "src"}, {"src/main.go": SERVER}, id="a program that is no function"),
        pytest.param(
            {"Code": "src", "Handler": "index.php::handler"}, {"src/main.go": PROGRAM}, id="a handler that names no program"
        ),
        pytest.param({"Code": "src"}, {}, id="no Go at all"),
    ],
)
def test_a_custom_runtime_that_may_be_another_language_is_a_gap(properties: dict[str, Value], files: dict[str, str]) -> None:
    found = scan(files, function("PlaceOrderFunction", **{"Handler": "bootstrap", "Runtime": "provided.al2023", **properties}))
    facts = found["PlaceOrderFunction"]
    assert (facts.entry, facts.readable) == (None, False)
    assert "no Go program" in facts.gaps[0].why


def test_programs_that_fit_equally_are_a_gap_that_names_them() -> None:
    files = {"src/a/main.go": PROGRAM, "src/b/main.go": PROGRAM}
    facts = scan(files, function(Handler="bootstrap", Runtime="provided.al2023"))["Fn"]
    assert facts.entry is None
    assert facts.gaps[0].why == "2 Go programs fit it equally: src/a/main.go, src/b/main.go"
