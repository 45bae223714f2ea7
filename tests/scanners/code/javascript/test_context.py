"""What a handler may do with its context: know its own name, and call others from a durable function."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.javascript.test_calls import read, told

DURABLE = "import { withDurableExecution } from '@aws/durable-execution-sdk-js';\n"
LAMBDA = "import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';\nconst lambda = new LambdaClient({});\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("await context.invoke('charge', { id: event.id })", "lambda:Invoke charge one", id="function and payload"),
        pytest.param("await context.invoke('step', 'charge', { id: 1 })", "lambda:Invoke charge one", id="a named step"),
        pytest.param("await context.invoke('step', process.env.FN, event)", "lambda:Invoke env FN one", id="by environment"),
        pytest.param(
            "await context.parallel([async (c) => c.invoke('charge', {}), { name: 'b', func: async (c) => c.step('x', () => 1) }])",
            "lambda:Invoke charge one",
            id="in a branch",
        ),
        pytest.param("await context.map(event.ids, async (c, id) => c.invoke('charge', { id }))", "lambda:Invoke charge many", id="map"),
        pytest.param("const name = await context.step('n', async () => 'charge'); await context.invoke(name, {})", "lambda:Invoke charge one", id="a step's result"),
    ],
)  # fmt: skip
def test_a_durable_function_calls_others(tmp_path: Path, body: str, expected: str) -> None:
    source = DURABLE + f"export const handler = withDurableExecution(async (event, context) => {{ {body}; }});"
    assert [told(call) for call in read(tmp_path, app_dot_mjs=source).calls] == [expected]


def test_a_step_s_writes_are_the_function_s_own(tmp_path: Path) -> None:
    source = (
        DURABLE
        + LAMBDA
        + "export const handler = withDurableExecution(async (event, context) => context.step('s', async () => "
        + "lambda.send(new InvokeCommand({ FunctionName: 'charge' }))));"
    )
    assert [told(call) for call in read(tmp_path, app_dot_ts=source).calls] == ["lambda:Invoke charge one"]


def test_a_function_knows_its_own_name(tmp_path: Path) -> None:
    source = (
        LAMBDA + "export const handler = (e, context) => lambda.send(new InvokeCommand({ FunctionName: context.functionName }));"
    )
    assert [told(call) for call in read(tmp_path, app_dot_ts=source).calls] == ["lambda:Invoke env AWS_LAMBDA_FUNCTION_NAME one"]


def test_an_invoke_of_something_else_is_none(tmp_path: Path) -> None:
    source = "import { chain } from 'chains';\nexport const handler = async (event) => { await chain.invoke('charge', {}); };"
    assert read(tmp_path, app_dot_ts=source).calls == ()
