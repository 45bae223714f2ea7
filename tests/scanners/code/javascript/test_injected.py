"""Handlers that are given what they need: bound to a function, and named in a list of environment variables."""

from __future__ import annotations

from pathlib import Path

from tests.scanners.code.javascript.test_calls import read, told

INJECTED = (
    "import { runtime } from './dependencies';\nimport { config } from './config';\n"
    "async function constructor(dependencies, event) {\n"
    "  const found = config(dependencies.env);\n  if (found.isError) return;\n"
    "  await dependencies.sender()(found.value.ORDERS, event.body);\n}\n"
    "export const handler = constructor.bind(null, runtime);\n"
)
DEPENDENCIES = (
    "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';\nconst sqs = new SQSClient({});\n"
    "const send = (url, body) => sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));\n"
    "export const runtime = { env: process.env, sender: () => (url, body) => send(url, body) };\n"
)
CONFIG = (
    "const NAMES = ['AUDIT', 'ORDERS'] as const;\nexport function config(env) {\n"
    "  const value = NAMES.reduce((made, key) => { made[key] = env[key]; return made; }, {});\n"
    "  if (NAMES.filter((key) => !value[key]).length >= 1) return { isError: true, value: { missing: NAMES } };\n"
    "  return { isError: false, value };\n}\n"
)


def test_arguments_that_are_bound_to_a_handler_come_before_its_event(tmp_path: Path) -> None:
    found = read(tmp_path, app_dot_ts=INJECTED, dependencies_dot_ts=DEPENDENCIES, config_dot_ts=CONFIG)
    assert [told(call) for call in found.calls] == ["sqs:SendMessage env ORDERS maybe"]
