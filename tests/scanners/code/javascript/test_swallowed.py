"""How often a JavaScript handler makes a call that an error may skip: an error that is swallowed leaves a run that ends well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.javascript.test_calls import read

HEAD = (
    "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';\nconst sqs = new SQSClient({});\n"
    "const fail = (e) => { console.error(e); throw new Error('x'); };\n"
    "const log = (e) => { console.error(e); };\n"
)
SEND = "sqs.send(new SendMessageCommand({ QueueUrl: 'q', MessageBody: 'x' }))"
TRY = f"try {{ await work(); await {SEND}; }}"
ONE: dict[str, str] = {
    "nothing-catches": f"await work(); await {SEND};",
    "thrown-again": f"{TRY} catch (e) {{ console.error(e); throw e; }}",
    "thrown-as-another": f"{TRY} catch {{ throw new Error('x'); }}",
    "thrown-on-both-sides": f"{TRY} catch (e) {{ if (e.a) {{ throw e; }} else {{ throw new Error('y'); }} }}",
    "thrown-by-a-function": f"{TRY} catch (e) {{ fail(e); }}",
    "refused": f"{TRY} catch (e) {{ return Promise.reject(e); }}",
    "process-ended": f"{TRY} catch (e) {{ process.exit(1); }}",
    "told-by-callback": f"{TRY} catch (e) {{ callback(e); }}",
    "told-by-callback-that-is-returned": f"{TRY} catch (e) {{ return callback(e); }}",
    "told-to-the-context": f"{TRY} catch (e) {{ context.fail(e); }}",
    "cleaned-up": f"{TRY} finally {{ console.log(1); }}",
    "behind-what-swallows": f"try {{ await work(); }} catch (e) {{ log(e); }} await {SEND};",
    "caught-by-what-throws": f"await {SEND}.catch(e => {{ throw e; }});",
    "caught-by-a-function-that-throws": f"await {SEND}.catch(fail);",
    "caught-by-callback": f"{SEND}.catch(callback);",
    "behind-a-promise-that-swallows": f"await work().catch(log).then(() => {SEND});",
    "only-taken-by-then": f"await work().then(() => {SEND});",
}
MAYBE: dict[str, str] = {
    "logged": f"{TRY} catch (e) {{ console.error(e); }}",
    "empty": f"{TRY} catch {{}}",
    "returned": f"{TRY} catch (e) {{ return {{ statusCode: 500 }}; }}",
    "thrown-under-a-condition": f"{TRY} catch (e) {{ if (e.fatal) throw e; }}",
    "returned-under-a-condition": f"{TRY} catch (e) {{ if (e.known) {{ return; }} throw e; }}",
    "logged-by-a-function": f"{TRY} catch (e) {{ log(e); }}",
    "told-nothing": f"{TRY} catch (e) {{ callback(null, {{ statusCode: 500 }}); }}",
    "returned-at-last": f"{TRY} finally {{ return 1; }}",
    "by-the-outer-one": f"try {{ {TRY} catch (e) {{ throw e; }} }} catch (e) {{ log(e); }}",
    "by-the-inner-one": f"try {{ {TRY} catch (e) {{ log(e); }} }} catch (e) {{ throw e; }}",
    "behind-a-return": f"let x; try {{ x = await work(); }} catch (e) {{ return; }} await {SEND};",
    "caught": f"await {SEND}.catch(console.error);",
    "caught-by-a-function": f"await {SEND}.catch(log);",
    "caught-by-an-arrow": f"await work().then(() => {SEND}).catch(e => null);",
    "taken-by-then": f"await work().then(() => {SEND}, log);",
    "settled": f"await Promise.allSettled([{SEND}]);",
}


@pytest.mark.parametrize(("name", "often"), [*((name, "one") for name in ONE), *((name, "maybe") for name in MAYBE)])
def test_how_often_it_is_sent(tmp_path: Path, name: str, often: str) -> None:
    body = {**ONE, **MAYBE}[name]
    source = f"{HEAD}export const handler = async (event, context, callback) => {{\n{body}\n}};\nasync function work() {{}}\n"
    [call] = read(tmp_path, app_dot_js=source).calls
    assert call.multiplicity == often
    kinds = {guard.kind for guard in call.guards}
    assert kinds == ({"swallowed"} if often == "maybe" else set())
    for guard in call.guards:
        assert guard.text == f"unless an error before it is swallowed ({guard.location})" and guard.side == ""


def test_each_of_many_stays_many_and_may_be_none_for_one_record(tmp_path: Path) -> None:
    body = f"for (const r of event.Records) {{ try {{ JSON.parse(r.body); }} catch (e) {{ continue; }} await {SEND}; }}"
    [call] = read(tmp_path, app_dot_js=f"{HEAD}export const handler = async (event) => {{ {body} }};\n").calls
    assert (call.multiplicity, call.per_record) == ("many", "maybe")


def test_what_a_handler_of_errors_sends_is_sent_on_an_error_only(tmp_path: Path) -> None:
    body = f"try {{ await work(); }} catch (e) {{ await {SEND}; throw e; }}"
    [call] = read(tmp_path, app_dot_js=f"{HEAD}export const handler = async (event) => {{ {body} }};\n").calls
    assert ([guard.kind for guard in call.guards], call.multiplicity) == (["except"], "maybe")


def test_functions_that_call_one_another_from_their_handlers_are_followed(tmp_path: Path) -> None:
    body = "const one = async (n) => { try { await work(); } catch (e) { try { two(n); } catch { one(n); } } };\n"
    body += "const two = async (n) => { try { await work(); } catch (e) { one(n); } };\nasync function work() {}\n"
    source = f"{HEAD}{body}export const handler = async () => {{ await one(3); await two(3); await {SEND}; }};\n"
    facts = read(tmp_path, app_dot_js=source)
    assert facts.readable and [call.multiplicity for call in facts.calls] == ["one"]
