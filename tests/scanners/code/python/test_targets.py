"""Every way in which a handler names what it writes to, and what is then known of the name."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from tests.scanners.code.python.handlers import facts, only, shown
from untangle.model.value import Concat, Either, Env, Received, Stored, Symbol, Value, show

SEND = "boto3.client('sqs').send_message(QueueUrl={}, MessageBody='x')"


def target(setup: str, expression: str, *, inside: str = "") -> Value:
    """What the queue of a message is known to be: `setup` stands before the handler, `inside` in it before the call."""
    code = dedent(setup) + "\ndef handler(event, context):\n" + indent(dedent(inside) + "\n", "    ")
    return only(facts(code + "    " + SEND.format(expression) + "\n")).arguments["QueueUrl"]


LITERAL = [
    ("", "'orders'", "orders"),
    ("NAME = 'orders'", "NAME", "orders"),
    ("A = B = 'orders'", "B", "orders"),
    ("A, B = 'x', 'orders'", "B", "orders"),
    ("STAGE = 'dev'", "f'{STAGE}-orders'", "dev-orders"),
    ("STAGE = 'dev'", "'%s-orders' % STAGE", "dev-orders"),
    ("STAGE = 'dev'", "'%(s)s-%(n)d' % {'s': STAGE, 'n': 3}", "dev-3"),
    ("STAGE = 'dev'", "'{}-{name}'.format(STAGE, name='orders')", "dev-orders"),
    ("STAGE = 'dev'", "STAGE + '-' + 'orders'", "dev-orders"),
    ("PARTS = ['dev', 'orders']", "'-'.join(PARTS)", "dev-orders"),
    ("", "'Orders'.lower()", "orders"),
    ("", "'a/b/orders'.split('/')[-1]", "orders"),
    ("", "'orders.fifo'.replace('.fifo', '')", "orders"),
    ("", "'orders-queue'[:6]", "orders"),
    ("NAMES = {'o': 'orders'}", "NAMES['o']", "orders"),
    ("NAMES = {'o': {'p': 'orders'}}", "NAMES['o']['p']", "orders"),
    ("NAMES = dict(o='orders')", "NAMES.get('o', 'other')", "orders"),
    ("NAMES = {}\nNAMES['o'] = 'orders'", "NAMES['o']", "orders"),
    ("NAMES = ['a', 'orders']", "NAMES[1]", "orders"),
    ("class Config:\n    QUEUE = 'orders'", "Config.QUEUE", "orders"),
    ("import enum\nclass Queues(str, enum.Enum):\n    O = 'orders'", "Queues.O.value", "orders"),
    ("def queue(stage, name='orders'):\n    return f'{stage}-{name}'", "queue('dev')", "dev-orders"),
    ("def queue(*, name): return name", "queue(**{'name': 'orders'})", "orders"),
    ("def queue(*names): return names[0]", "queue('orders')", "orders"),
    ("queue = lambda stage: stage + '-orders'", "queue('dev')", "dev-orders"),
    ("from functools import partial\ndef q(a, b): return a + b\np = partial(q, 'or')", "p('ders')", "orders"),
    ("def make(stage):\n    def inner(): return stage + '-orders'\n    return inner\nq = make('dev')", "q()", "dev-orders"),
    ('CONFIG = json.loads(\'{"queues": {"o": "orders"}}\')', "CONFIG['queues']['o']", "orders"),
    ("class C:\n    def __init__(self, q): self.q = q\nc = C('orders')", "c.q", "orders"),
    ("class C:\n    @property\n    def q(self): return 'orders'\nc = C()", "c.q", "orders"),
    ("class A:\n    q = 'orders'\nclass B(A): pass", "B().q", "orders"),
    ("class A:\n    def q(self): return 'x'\nclass B(A):\n    def q(self): return super().q() + 'y'", "B().q()", "xy"),
    (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    q: str = 'x'\nc = C(1, q='orders')",
        "c.q",
        "orders",
    ),
    ("from dataclasses import dataclass, field\n@dataclass\nclass C:\n    q: str = field(default='orders')", "C().q", "orders"),
    ("from typing import NamedTuple\nclass C(NamedTuple):\n    a: str\n    q: str\nc = C('x', 'orders')", "c.q", "orders"),
    ("if True:\n    NAME = 'orders'\nelse:\n    NAME = 'never'", "NAME", "orders"),
    ("", "boto3.client('sqs').get_queue_url(QueueName='orders')['QueueUrl']", "orders"),
]


@pytest.mark.parametrize(("setup", "expression", "name"), LITERAL)
def test_a_name_that_is_put_together_from_literals_is_known(setup: str, expression: str, name: str) -> None:
    assert target(setup, expression) == name


ENVIRONMENT = [
    ("", "os.environ['QUEUE']"),
    ("", "os.getenv('QUEUE')"),
    ("", "os.environ.get('QUEUE')"),
    ("URL = os.environ['QUEUE']", "URL"),
    ("from os import environ", "environ['QUEUE']"),
    ("from os import getenv as env", "env('QUEUE')"),
    ("import os as system", "system.environ['QUEUE']"),
    ("env = os.environ", "env['QUEUE']"),
    ("KEY = 'QUEUE'", "os.environ[KEY]"),
    ("def env(name): return os.environ[name]", "env('QUEUE')"),
    ("class Config:\n    URL = os.environ['QUEUE']", "Config.URL"),
    ("class Config:\n    def __init__(self):\n        self.url = os.environ['QUEUE']\nconfig = Config()", "config.url"),
    ("CONFIG = {'url': os.environ['QUEUE']}", "CONFIG['url']"),
    ("CONFIG = {name.lower(): os.environ[name] for name in ('QUEUE', 'TABLE')}", "CONFIG['queue']"),
    ("from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    queue: str\ns = S()", "s.queue"),
    (
        "from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n"
        "    model_config = SettingsConfigDict(env_prefix='QU')\n    eue: str\n",
        "S().eue",
    ),
    ("from pydantic import BaseSettings, Field\nclass S(BaseSettings):\n    url: str = Field(env='QUEUE')", "S().url"),
    ("from decouple import config", "config('QUEUE')"),
    ("import environs\nenv = environs.Env()", "env.str('QUEUE')"),
    ("", "os.environ['QUEUE'].strip()"),
    ("", "str(os.environ['QUEUE'])"),
    ("", "os.environ['QUEUE'] or 'x' if False else os.environ['QUEUE']"),
]


@pytest.mark.parametrize(("setup", "expression"), ENVIRONMENT)
def test_an_environment_variable_is_followed_to_its_name(setup: str, expression: str) -> None:
    assert target(setup, expression) == Env("QUEUE")


OTHERS: list[tuple[str, str, str, Value]] = [
    ("", "f'{os.environ[\"STAGE\"]}-orders'", "", Concat((Env("STAGE"), "-orders"))),
    ("", "event['queue']", "", Received("event['queue']", ("queue",))),
    ("", "body['url']", "body = json.loads(event['body'])", Received("event['body']()['url']", ("body", "()", "url"))),
    ("", "event.get('queue')", "", Received("event['queue']", ("queue",))),
    ("ssm = boto3.client('ssm')", "ssm.get_parameter(Name='/q')['Parameter']['Value']", "", Stored("ssm", "/q")),
    ("ssm = boto3.client('ssm')", "ssm.get_parameters(Names=['/q'])['Parameters'][0]['Value']", "", Stored("ssm", "/q")),
    (
        "sm = boto3.client('secretsmanager')",
        "sm.get_secret_value(SecretId='s')['SecretString']",
        "",
        Stored("secretsmanager", "s"),
    ),
    ("from aws_lambda_powertools.utilities import parameters", "parameters.get_parameter('/q')", "", Stored("ssm", "/q")),
    ("from aws_lambda_powertools.utilities.parameters import get_secret", "get_secret('s')", "", Stored("secretsmanager", "s")),
    ("", "boto3.client('ssm').get_parameter(Name=os.environ['P'])['Parameter']['Value']", "", Stored("ssm", Env("P"))),
    ("", "context.function_name", "", Env("AWS_LAMBDA_FUNCTION_NAME")),
    ("", "context.invoked_function_arn", "", Env("AWS_LAMBDA_FUNCTION_NAME")),
    ("", "os.environ['AWS_LAMBDA_FUNCTION_NAME']", "", Env("AWS_LAMBDA_FUNCTION_NAME")),
    ("", "'a' if event['x'] else 'b'", "", Either(("a", "b"))),
    ("", "q", "q = 'a'\nif event['x']:\n    q = 'b'", Either(("b", "a"))),
    ("QUEUES = {'x': os.environ['X'], 'y': os.environ['Y']}", "QUEUES[event['kind']]", "", Either((Env("X"), Env("Y")))),
    ("def pick(k):\n    if k == 'x':\n        return 'a'\n    return 'b'", "pick(event['k'])", "", Either(("a", "b"))),
]


@pytest.mark.parametrize(("setup", "expression", "inside", "value"), OTHERS)
def test_what_is_no_literal_keeps_where_it_comes_from(setup: str, expression: str, inside: str, value: Value) -> None:
    assert target(setup, expression, inside=inside) == value


def test_a_namespace_of_settings_leads_the_variable() -> None:
    setup = "from everett.manager import ConfigManager\nconfig = ConfigManager([])"
    assert target(setup, "config('queue', namespace='shop')") == Env("SHOP_QUEUE")


def test_account_and_region_are_the_template_s_pseudo_parameters() -> None:
    setup = "region = os.environ['AWS_REGION']\naccount = boto3.client('sts').get_caller_identity()['Account']"
    found = target(setup, "f'https://sqs.{region}.amazonaws.com/{account}/orders'")
    assert show(found) == "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/orders"


def test_the_own_arn_tells_region_and_account() -> None:
    inside = "parts = context.invoked_function_arn.split(':')"
    assert show(target("", "f'arn:aws:sqs:{parts[3]}:{parts[4]}:orders'", inside=inside)) == (
        "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders"
    )


def test_an_unknown_part_of_a_name_leaves_a_pattern() -> None:
    found = target("", "f'{something_else()}-orders'")
    assert isinstance(found, Concat)
    assert isinstance(found.parts[0], Symbol)
    assert found.parts[1] == "-orders"


def test_what_is_not_known_at_all_carries_the_words_of_the_source() -> None:
    found = target("import thing", "thing.lookup()['url']")
    assert isinstance(found, Symbol)
    assert found.name == "thing.lookup()['url']"


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        pytest.param({"QUEUE": "q"}, Env("QUEUE"), id="set"),
        pytest.param({}, "default", id="not set"),
        pytest.param(Symbol("All"), Either((Env("QUEUE"), "default")), id="not known"),
    ],
)
def test_a_default_counts_where_the_template_does_not_set_the_variable(environment: dict[str, Value], value: Value) -> None:
    code = "def handler(event, context):\n    " + SEND.format("os.getenv('QUEUE', 'default')")
    found = facts(code, environment=environment)
    assert only(found).arguments["QueueUrl"] == value


def test_json_inside_a_variable_is_looked_into() -> None:
    code = "SETTINGS = json.loads(os.environ['SETTINGS'])\ndef handler(event, context):\n    " + SEND.format("SETTINGS['queue']")
    url = Symbol("Url", "s")
    found = facts(code, environment={"SETTINGS": Concat(('{"queue": "', url, '"}'))})
    assert only(found).arguments["QueueUrl"] == url


def test_a_list_inside_a_variable_is_taken_apart() -> None:
    code = "def handler(event, context):\n    for url in os.environ['QUEUES'].split(','):\n        " + SEND.format("url")
    a, b = Symbol("A", "s"), Symbol("B", "s")
    found = facts(code, environment={"QUEUES": Concat((a, ",", b))})
    assert [call.arguments["QueueUrl"] for call in found.calls] == [a, b]


@pytest.mark.parametrize(
    "loop",
    [
        "for url in (os.environ['A'], os.environ['B']):\n        SEND",
        "for url in [os.environ[name] for name in ('A', 'B')]:\n        SEND",
        "urls = {'a': os.environ['A'], 'b': os.environ['B']}\n    for name, url in urls.items():\n        SEND",
    ],
)
def test_a_short_literal_list_of_targets_is_one_call_for_each(loop: str) -> None:
    found = facts("def handler(event, context):\n    " + loop.replace("SEND", SEND.format("url")) + "\n")
    assert [call.arguments["QueueUrl"] for call in found.calls] == [Env("A"), Env("B")]
    assert [call.multiplicity for call in found.calls] == ["one", "one"]


def test_one_name_used_in_two_functions_has_two_values() -> None:
    code = """
        def send(url):
            boto3.client('sqs').send_message(QueueUrl=url, MessageBody='x')
        def first(): send(os.environ['A'])
        def second(): send(os.environ['B'])
        def handler(event, context):
            first()
            second()
    """
    assert sorted(shown(call, "QueueUrl") for call in facts(code).calls) == [("env A",), ("env B",)]


def test_a_literal_argument_decides_the_branches_of_a_helper() -> None:
    code = """
        def send(kind):
            if kind == 'a':
                boto3.client('sqs').send_message(QueueUrl='q-a', MessageBody='x')
            else:
                boto3.client('sqs').send_message(QueueUrl='q-b', MessageBody='x')
        def handler(event, context):
            send('a')
    """
    call = only(facts(code))
    assert (call.arguments["QueueUrl"], call.multiplicity) == ("q-a", "one")


def test_a_global_that_a_function_rebinds_decides_nothing() -> None:
    code = """
        client = None
        def get():
            global client
            if client is None:
                client = boto3.client('sqs')
            return client
        sent = 0
        def handler(event, context):
            global sent
            sent += 1
            if sent > 10:
                get().send_message(QueueUrl='q', MessageBody='x')
    """
    call = only(facts(code))
    assert (call.arguments["QueueUrl"], call.multiplicity) == ("q", "maybe")
