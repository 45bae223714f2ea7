"""Whether a JavaScript handler does anything with the answer, or with the error, of a call that starts a job."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.javascript.test_calls import read

HEAD = (
    "import { AthenaClient, StartQueryExecutionCommand } from '@aws-sdk/client-athena';\n"
    "const athena = new AthenaClient({});\nconst input = { QueryString: 'select 1' };\n"
)
V2 = "const AWS = require('aws-sdk');\nconst athena = new AWS.Athena();\nconst input = { QueryString: 'select 1' };\n"
SEND = "athena.send(new StartQueryExecutionCommand(input))"
RUN = f"async function run() {{ await {SEND}; }}\n"
# What stands in the handler, what stands beside it, and whether it is seen that nothing is done with the answer.
CASES: dict[str, tuple[str, str, bool]] = {
    "thrown-away": (f"await {SEND};", "", True),
    "thrown-away-in-brackets": (f"if (event.go) {{ await {SEND}; }}", "", True),
    "thrown-away-in-a-loop": (f"for (const r of event.Records) {{ await {SEND}; }}", "", True),
    "by-a-request-with-a-name": ("const c = new StartQueryExecutionCommand(input); await athena.send(c);", "", True),
    "with-options": (f"await {SEND[:-1]}, {{ requestTimeout: 1 }});", "", True),
    "with-a-callback": (f"await {SEND[:-1]}, done);", "const done = (e, d) => console.log(d);\n", False),
    "not-awaited": (f"{SEND};", "", False),
    "void": (f"void {SEND};", "", False),
    "kept": (f"const answer = await {SEND};", "", False),
    "kept-and-read": (f"const a = await {SEND}; console.log(a.QueryExecutionId);", "", False),
    "kept-in-pieces": (f"const {{ QueryExecutionId }} = await {SEND};", "", False),
    "returned": (f"return {SEND};", "", False),
    "returned-awaited": (f"return await {SEND};", "", False),
    "logged": (f"console.log(await {SEND});", "", False),
    "spread": (f"return {{ ...(await {SEND}) }};", "", False),
    "passed-on": (f"await keep({SEND});", "const keep = async (p) => p;\n", False),
    "read-at-once": (f"await keep((await {SEND}).QueryExecutionId);", "const keep = async (p) => p;\n", False),
    "taken-by-then": (f"await {SEND}.then(r => console.log(r));", "", False),
    "failure-taken-by-catch": (f"await {SEND}.catch(() => null);", "", False),
    "failure-caught": (f"try {{ await {SEND}; }} catch (e) {{ console.error(e); }}", "", False),
    "failure-swallowed": (f"try {{ await {SEND}; }} catch {{}}", "", False),
    "failure-swallowed-at-last": (f"try {{ await {SEND}; }} finally {{ return 1; }}", "", False),
    "cleaned-up-behind": (f"try {{ await {SEND}; }} finally {{ console.log(1); }}", "", True),
    "in-a-function": ("await run();", RUN, True),
    "in-a-function-that-is-returned": ("return run();", RUN, True),
    "in-a-function-that-returns-it": ("await run();", f"const run = () => {SEND};\n", False),
    "in-a-function-whose-promise-is-lost": ("run();", RUN, False),
    "in-a-function-whose-promise-is-kept": ("const p = run(); try { await p; } catch {}", RUN, False),
    "in-a-function-whose-failure-is-caught": ("try { await run(); } catch (e) {}", RUN, False),
    "in-a-function-whose-failure-is-caught-once": ("await run(); try { await run(); } catch (e) {}", RUN, False),
    "in-a-function-whose-failure-is-caught-first": ("try { await run(); } catch (e) {} await run();", RUN, False),
    "in-a-function-whose-failure-is-caught-further-up": (
        "await outer(); try { await outer(); } catch (e) {}", f"{RUN}async function outer() {{ await run(); }}\n", False
    ),
    "in-a-function-whose-failure-another-takes": ("await run().catch(e => e);", RUN, False),
    "in-a-method": ("await new Runner().run();", f"class Runner {{ async run() {{ await {SEND}; }} }}\n", True),
    "in-a-function-that-calls-itself-and-catches": (
        "await run(3);", f"async function run(n) {{ try {{ await run(n); }} catch {{}} await {SEND}; }}\n", False
    ),
    "given-to-what-is-not-known": (f"await retry(async () => {{ await {SEND}; }});", "import retry from 'p-retry';\n", False),
    "all-waited-for": (f"await Promise.all([{SEND}, other()]);", "async function other() {}\n", True),
    "all-waited-for-and-kept": (f"const all = await Promise.all([{SEND}]);", "", False),
    "all-settled": (f"await Promise.allSettled([{SEND}]);", "", False),
    "the-first-one": (f"await Promise.race([{SEND}]);", "", False),
    "each-waited-for": (f"await Promise.all(event.Records.map(async (r) => {{ await {SEND}; }}));", "", True),
    "each-handed-to-all": (f"await Promise.all(event.Records.map((r) => {SEND}));", "", False),
    "all-kept-for-later": (f"const all = event.Records.map(async (r) => {{ await {SEND}; }}); await Promise.allSettled(all);", "", False),
    "collected": (f"const all = []; all.push({SEND}); await Promise.all(all);", "", False),
    "each-without-waiting": (f"event.Records.forEach(async (r) => {{ await {SEND}; }});", "", False),
}  # fmt: skip
SECOND: dict[str, tuple[str, bool]] = {
    "promised": ("await athena.startQueryExecution(input).promise();", True),
    "promised-and-kept": ("const answer = await athena.startQueryExecution(input).promise();", False),
    "promised-and-lost": ("athena.startQueryExecution(input).promise();", False),
    "by-a-callback": ("athena.startQueryExecution(input, (e, d) => console.log(d));", False),
    "never-sent": ("athena.startQueryExecution(input);", False),
}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_nobody_takes(tmp_path: Path, name: str) -> None:
    body, beside, thrown_away = CASES[name]
    facts = read(tmp_path, app_dot_ts=f"{HEAD}{beside}export const handler = async (event: any) => {{ {body} }};\n")
    [call] = [call for call in facts.calls if call.service == "athena"]
    assert call.answered is (False if thrown_away else None)


@pytest.mark.parametrize("name", SECOND)
def test_the_second_version_of_the_sdk(tmp_path: Path, name: str) -> None:
    body, thrown_away = SECOND[name]
    facts = read(tmp_path, app_dot_js=f"{V2}exports.handler = async (event) => {{ {body} }};\n")
    [call] = [call for call in facts.calls if call.service == "athena"]
    assert call.answered is (False if thrown_away else None)


def test_a_handler_inside_unknown_code(tmp_path: Path) -> None:
    source = f"import middy from '@middy/core';\n{HEAD}export const handler = middy(async (event) => {{ await {SEND}; }});\n"
    [call] = [call for call in read(tmp_path, app_dot_ts=source).calls if call.service == "athena"]
    assert call.answered is None


def test_only_of_jobs(tmp_path: Path) -> None:
    source = "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';\nconst q = new SQSClient({});\n"
    source += "export const handler = async () => { await q.send(new SendMessageCommand({ QueueUrl: 'q' })); };\n"
    [call] = read(tmp_path, app_dot_js=source).calls
    assert call.answered is None
