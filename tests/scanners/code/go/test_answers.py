"""Whether a Go handler does anything with the answer, or with the error, of a call that starts a job."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.go.handlers import program, read, v2

CLIENT = "var client = athena.NewFromConfig(aws.Config{})\n"
START = 'client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{QueryString: aws.String("select 1")})'
RUN = f"{CLIENT}func run(ctx context.Context) error {{\n\t_, err := {START}\n\treturn err\n}}\n"
RETURN = "if err != nil {\n\t\treturn err\n\t}"
# What stands in the handler, what stands beside it, and whether it is seen that nothing is done with the answer.
CASES: dict[str, tuple[str, str, bool]] = {
    "thrown-away-with-its-error": (START, CLIENT, True),
    "thrown-away-by-name": (f"_, _ = {START}", CLIENT, True),
    "its-error-returned": (f"_, err := {START}\n\t{RETURN}", CLIENT, True),
    "its-error-returned-at-once": (f"if _, err := {START}; err != nil {{\n\t\treturn err\n\t}}", CLIENT, True),
    "its-error-returned-in-another": (f'if _, err := {START}; err != nil {{\n\t\treturn fmt.Errorf("no: %w", err)\n\t}}', CLIENT, True),
    "its-error-returned-as-it-is": (f"_, err := {START}\n\treturn err", CLIENT, True),
    "its-error-assigned-and-returned": (f"var err error\n\t_, err = {START}\n\t{RETURN}", CLIENT, True),
    "in-a-loop": (f"for range event.Records {{\n\t\tif _, err := {START}; err != nil {{\n\t\t\treturn err\n\t\t}}\n\t}}", CLIENT, True),
    "its-error-logged": (f"_, err := {START}\n\tif err != nil {{\n\t\tfmt.Println(err)\n\t}}", CLIENT, False),
    "its-error-logged-and-returned": (f"_, err := {START}\n\tif err != nil {{\n\t\tfmt.Println(err)\n\t\treturn err\n\t}}", CLIENT, False),
    "its-error-swallowed": (f"_, err := {START}\n\tif err != nil {{\n\t\treturn nil\n\t}}", CLIENT, False),
    "its-error-looked-at": (f'_, err := {START}\n\tif err != nil && err.Error() != "x" {{\n\t\treturn err\n\t}}', CLIENT, False),
    "its-error-looked-at-later": (f"_, err := {START}\n\tfmt.Println(1)\n\t{RETURN}", CLIENT, False),
    "with-something-else-where-it-worked": (f"_, err := {START}\n\tif err != nil {{\n\t\treturn err\n\t}} else {{\n\t\tfmt.Println(1)\n\t}}", CLIENT, False),
    "kept": (f"answer, err := {START}\n\t{RETURN}\n\tfmt.Println(answer)", CLIENT, False),
    "passed-on": (f"fmt.Println({START})", CLIENT, False),
    "behind": (f"defer {START}", CLIENT, True),
    "in-a-function": (f"err := run(ctx)\n\t{RETURN}", RUN, True),
    "in-a-function-that-is-returned": ("return run(ctx)", RUN, True),
    "in-a-function-whose-error-is-thrown-away": ("_ = run(ctx)", RUN, True),
    "in-a-function-whose-error-is-logged": ("if err := run(ctx); err != nil {\n\t\tfmt.Println(err)\n\t}", RUN, False),
    "in-a-function-whose-error-is-logged-once": (f"err := run(ctx)\n\t{RETURN}\n\tfmt.Println(run(ctx))", RUN, False),
    "in-a-function-that-returns-it": (
        f"_, err := run(ctx)\n\t{RETURN}", f"{CLIENT}func run(ctx context.Context) (*athena.StartQueryExecutionOutput, error) {{\n\treturn {START}\n}}\n", False
    ),
    "given-to-what-is-not-known": (f"retry.Do(func() error {{\n\t\t_, err := {START}\n\t\treturn err\n\t}})", CLIENT, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_nobody_takes(tmp_path: Path, name: str) -> None:
    body, beside, thrown_away = CASES[name]
    source = program(body, beside, *v2("athena"), '"github.com/avast/retry-go"')
    [call] = [call for call in read(tmp_path, source).calls if call.service == "athena"]
    assert call.answered is (False if thrown_away else None)
