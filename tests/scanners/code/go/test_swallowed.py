"""How often a Go handler makes a call that an error may skip: one that is not returned leaves a run that ends well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.go.handlers import program, read, v2

START = 'client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{QueryString: aws.String("select 1")})'
CLIENT = (
    "var client = athena.NewFromConfig(aws.Config{})\nfunc work() error {\n\treturn nil\n}\n"
    f"func run(ctx context.Context) {{\n\tif err := work(); err != nil {{\n\t\treturn\n\t}}\n\t{START}\n}}\n"
    "func named(ctx context.Context) (err error) {\n\tif err = work(); err != nil {\n\t\treturn\n\t}\n"
    f"\t{START}\n\treturn nil\n}}\n"
)
# What the handler does with the error of what stands before the call, and how often the call is made.
CASES: dict[str, tuple[str, str]] = {
    "returned": ("err := work()\n\tif err != nil {\n\t\treturn err\n\t}", "one"),
    "returned-in-another": ('if err := work(); err != nil {\n\t\treturn fmt.Errorf("no: %w", err)\n\t}', "one"),
    "returned-by-a-function": ("if err := work(); err != nil {\n\t\treturn wrap(err)\n\t}", "one"),
    "logged-and-returned": ("if err := work(); err != nil {\n\t\tfmt.Println(err)\n\t\treturn err\n\t}", "one"),
    "logged-and-gone-on": ("if err := work(); err != nil {\n\t\tfmt.Println(err)\n\t}", "one"),
    "process-ended": ("if err := work(); err != nil {\n\t\tlog.Fatal(err)\n\t}", "one"),
    "swallowed": ("err := work()\n\tif err != nil {\n\t\tfmt.Println(err)\n\t\treturn nil\n\t}", "maybe"),
    "swallowed-at-once": ("if err := work(); err != nil {\n\t\treturn nil\n\t}", "maybe"),
    "swallowed-under-a-condition": (
        "if err := work(); err != nil {\n\t\tif isKnown(err) {\n\t\t\treturn nil\n\t\t}\n\t\treturn err\n\t}",
        "maybe",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_how_often_it_is_called(tmp_path: Path, name: str) -> None:
    before, often = CASES[name]
    source = program(f"{before}\n\t{START}\n\treturn nil", CLIENT.partition("func run")[0], *v2("athena"), '"log"')
    [call] = [call for call in read(tmp_path, source).calls if call.service == "athena"]
    assert call.multiplicity == often
    assert {guard.kind for guard in call.guards} == ({"swallowed"} if often == "maybe" else set())


@pytest.mark.parametrize(("name", "often"), [("run(ctx)", "maybe"), ("named(ctx)", "one")])
def test_a_bare_return_gives_the_error_where_results_have_names(tmp_path: Path, name: str, often: str) -> None:
    head, run, other = CLIENT.partition("func run")
    run, second, named = (run + other).partition("func named")
    beside = head + (run if name == "run(ctx)" else second + named)
    [call] = read(tmp_path, program(f"{name}\n\treturn nil", beside, *v2("athena"))).calls
    assert call.multiplicity == often


def test_one_of_many_that_is_left_out(tmp_path: Path) -> None:
    skips = "if err := work(); err != nil {\n\t\t\tcontinue\n\t\t}"
    body = f"for range event.Records {{\n\t\t{skips}\n\t\t{START}\n\t}}\n\treturn nil"
    [call] = read(tmp_path, program(body, CLIENT.partition("func run")[0], *v2("athena"))).calls
    assert call.multiplicity == "many" and [guard.kind for guard in call.guards] == ["swallowed"]
