"""Under which conditions a call is made, and how often: guards, multiplicity, and what a handler drops."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import body, facts, only
from untangle.model.code import excluding

SEND = "boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')"

# A body with SEND in it; the guards around the call; how often it is made.
GUARDED: list[tuple[str, list[tuple[str, str]], str]] = [
    ("SEND", [], "one"),
    ("if event['x']:\n    SEND", [("if", "event['x']")], "maybe"),
    ("if event['x']:\n    pass\nelse:\n    SEND", [("if", "not (event['x'])")], "maybe"),
    (
        "if event['x']:\n    pass\nelif event['y'] > 3:\n    SEND",
        [("if", "not (event['x'])"), ("if", "event['y'] > 3")],
        "maybe",
    ),
    ("if event['x']:\n    return None\nSEND", [("early-return", "if event['x']: return")], "maybe"),
    ("if event['x']:\n    pass\nelse:\n    return\nSEND", [("early-return", "if not (event['x']): return")], "maybe"),
    ("if event['x']:\n    raise ValueError()\nSEND", [], "one"),
    ("for r in event['Records']:\n    SEND", [("loop", "for r in event['Records']")], "many"),
    (
        "for r in event['Records']:\n    if r['x']:\n        continue\n    SEND",
        [("loop", "for r in event['Records']"), ("early-return", "if r['x']: continue")],
        "many",
    ),
    ("for r in event['Records']:\n    if r['x']:\n        continue\nSEND", [], "one"),
    ("for r in event['Records']:\n    if r['x']:\n        return\nSEND", [("early-return", "if r['x']: return")], "maybe"),
    ("while event['x']:\n    SEND", [("loop", "while event['x']")], "many"),
    ("[SEND for r in event['Records']]", [("loop", "for r in event['Records']")], "many"),
    ("[SEND for r in event['Records'] if r['x']]", [("loop", "for r in event['Records']"), ("if", "r['x']")], "many"),
    ("try:\n    work()\nexcept ValueError as e:\n    SEND", [("except", "except ValueError")], "maybe"),
    ("try:\n    work()\nexcept:\n    SEND", [("except", "except")], "maybe"),
    ("try:\n    work()\nfinally:\n    SEND", [], "one"),
    ("SEND if event['x'] else None", [("if", "event['x']")], "maybe"),
    ("event['x'] and SEND", [("if", "event['x']")], "maybe"),
    ("event['x'] or SEND", [("if", "not (event['x'])")], "maybe"),
    ("match event['x']:\n    case 'a':\n        SEND", [("if", "event['x'] matches 'a'")], "maybe"),
    ("if False:\n    return\nSEND", [], "one"),
    ("DEBUG = False\nif not DEBUG:\n    SEND", [], "one"),
    ("import sys\nif event['x']:\n    sys.exit(1)\nSEND", [], "one"),
    ("flag = event['x'] or ''\nif flag:\n    SEND", [("if", "flag")], "maybe"),
    ("flag = ''\nif event['x']:\n    flag = 'y'\nif flag:\n    SEND", [("if", "flag")], "maybe"),
    (
        "first = True\nfor r in event['Records']:\n    if first:\n        first = False\n        continue\n    SEND",
        [("loop", "for r in event['Records']"), ("early-return", "if first: continue")],
        "many",
    ),
    ("with open('x') as f:\n    SEND", [], "one"),
]


@pytest.mark.parametrize(("code", "guards", "multiplicity"), GUARDED)
def test_a_call_carries_what_stands_around_it(code: str, guards: list[tuple[str, str]], multiplicity: str) -> None:
    call = only(body(code.replace("SEND", SEND)))
    assert [(guard.kind, guard.text) for guard in call.guards] == guards
    assert call.multiplicity == multiplicity


def test_guards_are_carried_through_the_functions_on_the_way() -> None:
    code = f"""
        def send(record):
            if record['ok']:
                {SEND}
        def each(records):
            for record in records:
                send(record)
        def handler(event, context):
            if event.get('Records'):
                each(event['Records'])
    """
    call = only(facts(code))
    assert [guard.text for guard in call.guards] == ["event.get('Records')", "for record in records", "record['ok']"]
    assert call.multiplicity == "many"


def test_a_guard_says_where_it_is_and_stays_short() -> None:
    call = only(body("if event['a'] and " + " and ".join(f"event['key{i}']" for i in range(30)) + ":\n    " + SEND))
    guard = call.guards[0]
    assert (guard.location.path, guard.location.line, len(guard.text)) == ("src/app.py", 5, 120)


@pytest.mark.parametrize("ways", ["if event['x']:\n        send()\n    send()", "send()\n    if event['x']:\n        send()"])
def test_the_same_call_by_two_ways_stands_under_its_freer_one_and_is_made_twice(ways: str) -> None:
    call = only(facts(f"def send():\n    {SEND}\ndef handler(event, context):\n    {ways}\n"))
    assert (call.guards, call.multiplicity) == ((), "many")


def test_what_a_function_rebinds_is_not_decided_by_its_first_value() -> None:
    code = f"""
        ready = False
        def prepare():
            global ready
            ready = True
        class Sender:
            def __init__(self):
                self.armed = False
            def arm(self):
                self.armed = True
            def send(self):
                if ready and self.armed:
                    {SEND}
        sender = Sender()
        def handler(event, context):
            sender.send()
    """
    assert only(facts(code)).multiplicity == "maybe"


def test_a_table_of_functions_calls_each_of_them_perhaps() -> None:
    code = """
        def a(): boto3.client('sqs').send_message(QueueUrl='a', MessageBody='x')
        def b(): boto3.client('sqs').send_message(QueueUrl='b', MessageBody='x')
        HANDLERS = {'a': a, 'b': b}
        def handler(event, context):
            HANDLERS[event['kind']]()
    """
    found = facts(code)
    assert [(call.arguments["QueueUrl"], call.multiplicity) for call in found.calls] == [("a", "maybe"), ("b", "maybe")]
    assert found.calls[0].guards[0].text == "HANDLERS[event['kind']] is a"


def test_a_thread_for_each_record_is_many() -> None:
    code = f"""
        import threading
        def send(record):
            {SEND}
        def handler(event, context):
            for record in event['Records']:
                threading.Thread(target=send, args=(record,)).start()
    """
    assert only(facts(code)).multiplicity == "many"


DISCARDS = [
    (
        "for r in event['Records']:\n    if r['eventName'] != 'INSERT':\n        continue\n    SEND",
        ["if r['eventName'] != 'INSERT': continue"],
    ),
    (
        "key = event['Records'][0]['s3']['object']['key']\nif not key.startswith('in/'):\n    return\nSEND",
        ["if not key.startswith('in/'): return"],
    ),
    ("for r in event['Records']:\n    if r['eventName'] == 'INSERT':\n        SEND", ["not (r['eventName'] == 'INSERT')"]),
    ("if os.environ['OFF']:\n    return\nSEND", []),
    ("SEND\nif event['x']:\n    return", []),
]


@pytest.mark.parametrize(("code", "texts"), DISCARDS)
def test_what_is_dropped_on_the_first_lines_is_told(code: str, texts: list[str]) -> None:
    found = body(code.replace("SEND", SEND))
    assert [guard.text for guard in found.discards] == texts


def test_polling_and_sleeping_are_signals() -> None:
    found = body("import time\nwhile event['x']:\n    time.sleep(5)\ntime.sleep(1)")
    assert sorted(found.signals) == ["polling", "sleep"]


def test_a_counter_is_a_signal() -> None:
    code = "boto3.resource('dynamodb').Table('t').update_item(Key={}, UpdateExpression='ADD n :one', ReturnValues='UPDATED_NEW')"
    assert sorted(body(code).signals) == ["counter"]


RAISED = {
    "re-raised": "try:\n    SEND\nexcept ValueError:\n    log()\n    raise",
    "raised-as-another": "try:\n    SEND\nexcept ValueError as e:\n    raise RuntimeError() from e",
    "raised-by-each": "try:\n    SEND\nexcept KeyError:\n    raise\nexcept Exception:\n    raise",
    "raised-on-both-sides": "try:\n    SEND\nexcept E as e:\n    if e.x:\n        raise\n    else:\n        raise F()",
    "process-ended": "import sys\ntry:\n    SEND\nexcept Exception:\n    sys.exit(1)",
    "nothing-catches": "try:\n    SEND\nfinally:\n    log()",
    "behind-what-swallows": "try:\n    work()\nexcept Exception:\n    log()\nSEND",
    "in-what-is-cleaned-up": "try:\n    work()\nexcept Exception:\n    log()\nfinally:\n    SEND",
    "behind-what-raises": "try:\n    work()\nexcept Exception:\n    raise\nSEND",
    "in-another-try-around": "try:\n    try:\n        SEND\n    except A:\n        raise\nexcept B:\n    raise",
    "with-a-manager": "with open('x'):\n    SEND",
}
# A body, and the line of the handler that swallows, counted from the body's first.
SWALLOWED: dict[str, tuple[str, int]] = {
    "passed": ("try:\n    SEND\nexcept ValueError:\n    pass", 3),
    "logged": ("try:\n    work()\n    SEND\nexcept Exception as e:\n    print(e)", 4),
    "returned": ("try:\n    SEND\nexcept Exception:\n    return {'statusCode': 500}", 3),
    "raised-under-a-condition": ("try:\n    SEND\nexcept E as e:\n    if e.fatal:\n        raise", 3),
    "returned-under-a-condition": ("try:\n    SEND\nexcept E as e:\n    if e.known:\n        return\n    raise", 3),
    "by-the-second-handler": ("try:\n    SEND\nexcept A:\n    raise\nexcept B:\n    pass", 5),
    "where-nothing-failed": ("try:\n    work()\nexcept Exception:\n    print(1)\nelse:\n    SEND", 3),
    "behind-a-return": ("try:\n    work()\nexcept Exception:\n    return\nSEND", 3),
    "behind-a-try-inside-a-condition": ("if True:\n    try:\n        work()\n    except E:\n        return\nSEND", 4),
    "by-the-outer-one": ("try:\n    try:\n        SEND\n    except A:\n        raise\nexcept B:\n    pass", 6),
    "by-the-inner-one": ("try:\n    try:\n        SEND\n    except A:\n        pass\nexcept B:\n    raise", 4),
    "returned-at-last": ("try:\n    SEND\nfinally:\n    return 1", 1),
    "suppressed": ("import contextlib\nwith contextlib.suppress(Exception):\n    SEND", 2),
}


@pytest.mark.parametrize("name", RAISED)
def test_an_error_that_goes_on_leaves_a_call_as_it_is(name: str) -> None:
    call = only(body(RAISED[name].replace("SEND", SEND)))
    assert (call.guards, call.multiplicity) == ((), "one")


@pytest.mark.parametrize("name", SWALLOWED)
def test_a_call_that_a_swallowed_error_skips_is_made_once_at_most(name: str) -> None:
    code, line = SWALLOWED[name]
    [guard] = (call := only(body(code.replace("SEND", SEND)))).guards
    place = 4 + line
    assert (guard.kind, guard.text) == ("swallowed", f"unless an error before it is swallowed (src/app.py:{place})")
    assert (guard.side, guard.location.line, call.multiplicity) == ("", place, "maybe")


def test_each_of_many_stays_many_and_may_be_none_for_one_record() -> None:
    code = f"for r in event['Records']:\n    try:\n        work()\n        {SEND}\n    except E:\n        continue"
    call = only(body(code))
    assert ([guard.kind for guard in call.guards], call.multiplicity, call.per_record) == (["loop", "swallowed"], "many", "maybe")


def test_what_a_function_swallows_says_nothing_of_what_follows_its_call() -> None:
    code = f"""
        def work():
            try:
                load()
            except Exception:
                return None
        def handler(event, context):
            work()
            {SEND}
    """
    assert only(facts(code)).multiplicity == "one"


def test_a_function_is_called_where_errors_are_swallowed_and_where_they_are_not() -> None:
    code = f"""
        def send():
            {SEND}
        def handler(event, context):
            if event['careful']:
                send()
            else:
                try:
                    send()
                except Exception:
                    print('lost')
    """
    call = only(facts(code))
    assert (call.multiplicity, {guard.kind for guard in call.guards}) == ("maybe", {"if"})


def test_what_is_put_into_a_request_in_a_try_is_in_it() -> None:
    code = """
        import boto3
        def handler(event, context):
            request = {'MessageBody': 'x'}
            try:
                request['QueueUrl'] = 'the-queue'
                boto3.client('sqs').send_message(**request)
            except Exception:
                pass
    """
    assert only(facts(code)).arguments["QueueUrl"] == "the-queue"


def test_sides_of_a_condition_in_a_try_exclude_one_another_and_the_handler_excludes_nothing() -> None:
    code = f"""
        def handler(event, context):
            try:
                if event['x']:
                    {SEND}
                else:
                    {SEND.replace("'q'", "'p'")}
            except Exception:
                {SEND.replace("'q'", "'r'")}
    """
    one, other, failed = facts(code).calls
    assert excluding(one.guards, other.guards)
    assert not excluding(one.guards, failed.guards)
