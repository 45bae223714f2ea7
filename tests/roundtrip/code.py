"""The handlers of a made-up workflow, as Python source, each in its own style."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from tests.roundtrip.shape import Application, Channel, Function, Send

# The message in one record (or in the event), by the form in which it comes.
_MESSAGES = {
    "sqs": 'json.loads(record["body"])',
    "sns": 'json.loads(record["Sns"]["Message"])',
    "sqs<sns": 'json.loads(json.loads(record["body"])["Message"])',
    "sqs<eventbridge": 'json.loads(record["body"])["detail"]',
    "sqs<destination": 'json.loads(record["body"])["responsePayload"]',
    "kinesis": 'json.loads(base64.b64decode(record["kinesis"]["data"]))',
    "dynamodb_stream": 'json.loads(record["dynamodb"]["NewImage"]["body"]["S"])',
    "s3": "json.loads(found)",
    "rows": '{"id": record["s3"]["object"]["key"], "kind": rows[0]["kind"], "items": [row["id"] for row in rows]}',
    "eventbridge": 'event["detail"]',
    "destination": 'event["responsePayload"]',
    "plain": "event",
    "api": 'json.loads(event["body"])',
}
_OBJECT = 's3.get_object(Bucket=record["s3"]["bucket"]["name"], Key=unquote_plus(record["s3"]["object"]["key"]))["Body"].read()'
# What stands before that: an object has to be fetched first.
_BEFORE = {"s3": [f"found = {_OBJECT}"], "rows": [f"rows = json.loads({_OBJECT})"]}
RECORDS = frozenset({"sqs", "sns", "sqs<sns", "sqs<eventbridge", "sqs<destination", "kinesis", "dynamodb_stream", "s3", "rows"})
SERVICES = {
    "sqs": "sqs",
    "sns": "sns",
    "eventbridge": "events",
    "s3": "s3",
    "dynamodb_stream": "dynamodb",
    "kinesis": "kinesis",
    "invoke": "lambda",
    "call": "lambda",
    "schedule": "scheduler",
}
_RESOURCES = {"sqs": "Queue", "sns": "Topic", "s3": "Bucket", "dynamodb_stream": "Table"}
_EFFECTS = {"item": "dynamodb_stream", "count": "dynamodb_stream", "outside": "sqs", "object": "s3"}


def files(application: Application) -> dict[str, str]:
    """The handlers and what they share, by path."""
    found: dict[str, str] = {}
    for function in application.functions:
        folder = f"src/{function.name.lower()}" if application.folders else "src"
        stem = "app" if application.folders else function.name.lower()
        found[f"{folder}/{stem}.py"] = _Source(application, function).text()
        if function.style.helper == "module":
            found[f"{folder}/wire_{function.name.lower()}.py"] = _Source(application, function).module()
    return found


def handler(application: Application, function: Function) -> tuple[str, str]:
    """The code folder of a function and its Handler property."""
    name = function.name.lower()
    return (f"src/{name}", "app.handler") if application.folders else ("src", f"{name}.handler")


def variable(channel: str) -> str:
    """The environment variable that names a channel."""
    return f"{channel.upper()}_NAME"


class _Source:
    """The source of one function at work."""

    def __init__(self, application: Application, function: Function) -> None:
        self.application = application
        self.function = function
        self.style = function.style
        self.sends = [(send, application.channel(send.channel)) for send in function.sends]
        self.calls = [(send, channel) for send, channel in self.sends if channel.type != "destination"]
        self.answers = any(channel.type == "destination" for _, channel in self.sends)
        self.partial = any(listener.partial for _, listener in application.listening(function.name))

    def text(self) -> str:
        parts = [self.head(), *self.functions(), self.entry()]
        return "\n\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"

    # What stands at the top.

    def head(self) -> str:
        body = "\n".join((*self.functions(), self.entry()))
        used = body + self.constants() + self.clients(body)
        imports = [f"import {name}\n" for name in ("base64", "json", "os", "time") if f"{name}." in used]
        imports += ["from datetime import datetime, timedelta\n"] if "timedelta" in body else []
        imports += ["from urllib.parse import unquote_plus\n"] if "unquote_plus" in body else []
        names = sorted({self.verb(channel) for _, channel in self.calls}) if self.style.helper == "module" else []
        mine = f"\nfrom wire_{self.function.name.lower()} import {', '.join(names)}\n" if names else ""
        return "".join(imports) + "\nimport boto3\n" + mine + "\n" + self.constants() + self.clients(body)

    def clients(self, body: str) -> str:
        """Clients and resources that the text of the functions uses."""
        lines = []
        for service in ("sqs", "sns", "events", "s3", "dynamodb", "kinesis", "lambda", "scheduler"):
            name = self.client(service)
            if f"{name}." in body and not (self.style.access == "lazy" and service != "s3"):
                made = f'boto3.Session().client("{service}")' if self.style.access == "session" else f'boto3.client("{service}")'
                lines.append(f"{name} = {made}")
        if self.style.helper in ("inline", "function") and self.style.access == "resource":
            ours = [channel for channel in self.channels() if channel.type in _RESOURCES]
            lines += [f"{self.thing(channel)} = {self.resource(channel)}" for channel in ours]
        return "\n".join(lines) + "\n" if lines else ""

    def constants(self) -> str:
        if self.style.variable != "constant":
            return ""
        names = [channel.name for _, channel in self.calls] + (["Ledger"] if self.function.effect else [])
        shared = set() if self.style.helper != "module" else {channel.name for _, channel in self.calls}
        lines = [f'{variable(name)} = os.environ["{variable(name)}"]' for name in dict.fromkeys(names) if name not in shared]
        return "\n".join(lines) + "\n" if lines else ""

    def value(self, name: str) -> str:
        if self.style.variable == "constant":
            return variable(name)
        return f'os.environ["{variable(name)}"]' if self.style.variable == "subscript" else f'os.environ.get("{variable(name)}")'

    def client(self, service: str) -> str:
        return {"lambda": "lambda_client", "events": "bus"}.get(service, service)

    def thing(self, channel: Channel) -> str:
        return f"{channel.name.lower()}_resource"

    def resource(self, channel: Channel) -> str:
        return f'boto3.resource("{SERVICES[channel.type]}").{_RESOURCES[channel.type]}({self.value(channel.name)})'

    # Calls.

    def verb(self, channel: Channel) -> str:
        return f"to_{channel.name.lower()}"

    def functions(self) -> list[str]:
        """Helper functions or the class through which messages go out, and `work`, where the style has it."""
        made = []
        if self.style.helper == "function":
            made += [self.helper(channel) for channel in self.channels()]
        elif self.style.helper == "class" and self.calls:
            made.append(self.class_())
        if self.style.loop == "function" or self.partial:
            made.append("def work(message):\n" + _block(self.work("return")))
        return made

    def channels(self) -> list[Channel]:
        """The channels that this function calls, each once."""
        return list(dict.fromkeys(channel for _, channel in self.calls))

    def module(self) -> str:
        """The module beside the handler through which messages go out."""
        body = "\n\n\n".join(self.helper(channel) for channel in self.channels())
        services = sorted({SERVICES[channel.type] for channel in self.channels()} if self.style.access != "lazy" else ())
        used = [service for service in services if f"{self.client(service)}." in body]
        lines = [f'{self.client(service)} = boto3.client("{service}")' for service in used]
        for channel in self.channels():
            if self.style.access == "resource" and channel.type in _RESOURCES:
                lines.append(f"{self.thing(channel)} = {self.resource(channel)}")
            elif self.style.variable == "constant":
                lines.insert(0, f'{variable(channel.name)} = os.environ["{variable(channel.name)}"]')
        if self.style.variable == "constant" and self.style.access == "resource":
            given = [f'{variable(channel.name)} = os.environ["{variable(channel.name)}"]' for channel in self.channels()]
            lines = given + [line for line in lines if line not in given]
        imports = "".join(f"import {name}\n" for name in ("json", "os") if f"{name}." in body + "".join(lines))
        timed = "from datetime import datetime, timedelta\n" if "timedelta" in body else ""
        return f"{imports}{timed}\nimport boto3\n\n" + "\n".join(lines) + f"\n\n\n{body}\n"

    def helper(self, channel: Channel) -> str:
        delayed = channel.type == "sqs" and any(send.delay for send, other in self.calls if other is channel)
        given = "message, delay=0" if delayed else "message"
        body = [*self.lazy(channel), *self.call(channel, "message", "delay" if delayed else "")]
        return f"def {self.verb(channel)}({given}):\n" + _block(body)

    def class_(self) -> str:
        services = sorted({SERVICES[channel.type] for channel in self.channels()})
        lines = ["def __init__(self):", *(f'    self.{self.client(service)} = boto3.client("{service}")' for service in services)]
        for channel in self.channels():
            delayed = channel.type == "sqs" and any(send.delay for send, other in self.calls if other is channel)
            lines += ["", f"def {self.verb(channel)}(self, message{', delay=0' if delayed else ''}):"]
            lines += [f"    {line}" for line in self.call(channel, "message", "delay" if delayed else "", "self.")]
        return "class Wire:\n" + _block(lines) + "\n\nwire = Wire()"

    def lazy(self, channel: Channel) -> list[str]:
        if self.style.access != "lazy" or (channel.type == "s3" and self.style.helper != "module"):
            return []
        return [f'{self.client(SERVICES[channel.type])} = boto3.client("{SERVICES[channel.type]}")']

    def call(self, channel: Channel, message: str, delay: str = "", before: str = "") -> list[str]:
        """The statement that sends one message, an expression, into a channel."""
        text, name = f"json.dumps({message})", self.value(channel.name)
        client = f"{before}{self.client(SERVICES[channel.type])}"
        ours = self.style.access == "resource" and channel.type in _RESOURCES and self.style.helper != "class"
        on, to = (self.thing(channel), "") if ours else (client, "{}=" + f"{name}, ")
        later = f", DelaySeconds={delay}" if delay else ""
        kind = f'{{"kind": {{"DataType": "String", "StringValue": {message}["kind"]}}}}'
        if channel.type == "sqs":
            if channel.fifo:
                later += f', MessageGroupId={message}["kind"], MessageDeduplicationId={message}["id"]'
            return [f"{on}.send_message({to.format('QueueUrl')}MessageBody={text}{later})"]
        if channel.type == "sns":
            return [f"{on}.publish({to.format('TopicArn')}Message={text}, MessageAttributes={kind})"]
        if channel.type == "s3":
            return [f"{on}.put_object({to.format('Bucket')}Key=f\"inbox/{{{message}['id']}}.json\", Body={text})"]
        if channel.type == "dynamodb_stream":
            if ours:
                item = f'{{"id": {message}["id"], "kind": {message}["kind"], "body": {text}}}'
                return [f"{on}.put_item(Item={item})"]
            item = f'{{"id": {{"S": {message}["id"]}}, "kind": {{"S": {message}["kind"]}}, "body": {{"S": {text}}}}}'
            return [f"{client}.put_item(TableName={name}, Item={item})"]
        if channel.type == "kinesis":
            return [f'{client}.put_record(StreamName={name}, PartitionKey={message}["id"], Data={text})']
        if channel.type in ("invoke", "call"):
            how = "Event" if channel.type == "invoke" else "RequestResponse"
            return [f'{client}.invoke(FunctionName={name}, InvocationType="{how}", Payload={text})']
        if channel.type == "eventbridge":
            entry = f'{{"EventBusName": {name}, "Source": "shop", "DetailType": "Done", "Detail": {text}}}'
            return [f"{client}.put_events(Entries=[{entry}])"]
        at = "f\"at({(datetime.utcnow() + timedelta(minutes=10)).strftime('%Y-%m-%dT%H:%M:%S')})\""
        target = f'{{"Arn": {name}, "RoleArn": os.environ["SCHEDULER_ROLE"], "Input": {text}}}'
        return [
            f'{client}.create_schedule(Name="{channel.name}-" + {message}["id"].replace("/", "-"), ScheduleExpression={at}, '
            f'FlexibleTimeWindow={{"Mode": "OFF"}}, ActionAfterCompletion="DELETE", Target={target})'
        ]

    def batch(self, send: Send, channel: Channel) -> list[str]:
        """The statements that send a message for each item in one call of the batch form."""
        each = f'{{**message, "id": f"{{message[\'id\']}}-{{number}}", "items": [item]{self.kind(send)}}}'
        name, client = self.value(channel.name), self.client(SERVICES[channel.type])
        over = 'for number, item in enumerate(message["items"])'
        if channel.type == "sqs":
            group = (
                ', "MessageGroupId": message["kind"], "MessageDeduplicationId": f"{message[\'id\']}-{number}"'
                if channel.fifo
                else ""
            )
            entries, call = (
                f'{{"Id": str(number), "MessageBody": json.dumps({each}){group}}}',
                f"send_message_batch(QueueUrl={name}, Entries=entries)",
            )
        elif channel.type == "sns":
            kind = f'"{send.kind}"' if send.kind else 'message["kind"]'
            attributes = f'{{"kind": {{"DataType": "String", "StringValue": {kind}}}}}'
            entries = f'{{"Id": str(number), "Message": json.dumps({each}), "MessageAttributes": {attributes}}}'
            call = f"publish_batch(TopicArn={name}, PublishBatchRequestEntries=entries)"
        elif channel.type == "eventbridge":
            entries = f'{{"EventBusName": {name}, "Source": "shop", "DetailType": "Done", "Detail": json.dumps({each})}}'
            call = "put_events(Entries=entries)"
        elif channel.type == "kinesis":
            entries = f'{{"PartitionKey": message["id"], "Data": json.dumps({each})}}'
            call = f"put_records(StreamName={name}, Records=entries)"
        else:
            return []
        return [*self.lazy(channel), f"entries = [{entries} {over}]", "if entries:", f"    {client}.{call}"]

    # What is done with a message.

    def work(self, leave: str) -> list[str]:
        """The statements that handle `message`; `leave` is how a handler goes on to the next one."""
        lines = []
        if self.function.breaks:
            lines += [f'if message["kind"] == "{self.function.breaks}":', '    raise ValueError("broken")']
        effect = self.effect()
        lines += effect if self.function.first else []
        pending = list(self.calls)
        while pending:
            send, channel = pending.pop(0)
            if send.group:
                pair = next(((other, there) for other, there in pending if other.group == send.group), None)
                if pair is not None:
                    pending.remove(pair)
                    lines += [
                        f'if message["kind"] == "{send.guard}":',
                        *_in(self.send(send, channel)),
                        "else:",
                        *_in(self.send(*pair)),
                    ]
                    continue
            last = not pending and (self.function.first or not effect) and not self.answers
            lines += self.guarded(send, channel, leave if last and self.style.early else "")
        lines += effect if not self.function.first else []
        return lines or ["print(message)"]

    def guarded(self, send: Send, channel: Channel, leave: str) -> list[str]:
        """A call with what stands around it."""
        if send.again:
            return [f'if message.get("attempt", 0) < {send.again}:', *_in(self.send(send, channel))]
        if send.times == "one":
            return self.send(send, channel)
        if send.times == "maybe":
            if leave:
                return [f'if message["kind"] != "{send.guard}":', f"    {leave}", *self.send(send, channel)]
            return [f'if message["kind"] == "{send.guard}":', *_in(self.send(send, channel))]
        if send.batched and self.style.helper == "inline" and (batch := self.batch(send, channel)):
            return batch
        return ['for number, item in enumerate(message["items"]):', *_in(self.send(send, channel))]

    def kind(self, send: Send) -> str:
        return f', "kind": "{send.kind}"' if send.kind else ""

    def send(self, send: Send, channel: Channel) -> list[str]:
        """One call with its message."""
        lines, made = [], self.message(send)
        delay = str(send.delay) if send.delay else ""
        if self.style.payload == "variable" or self.style.helper == "inline":
            lines.append(f"made = {made}")
            made = "made"
        if self.style.helper == "inline":
            return [*lines, *self.lazy(channel), *self.call(channel, made, delay)]
        before = "wire." if self.style.helper == "class" else ""
        return [*lines, f"{before}{self.verb(channel)}({made}{', ' + delay if delay else ''})"]

    def message(self, send: Send) -> str:
        """The message that is sent, as an expression."""
        id = "f\"{message['id']}-{number}\"" if send.times == "many" else 'message["id"]'
        again = ', "attempt": message.get("attempt", 0) + 1' if send.again else ""
        if self.style.payload == "spread" or send.again:
            own = f', "id": {id}, "items": [item]' if send.times == "many" else ""
            return f'{{**message{own}{self.kind(send)}, "by": "{self.function.name}"{again}}}'
        kind = f'"{send.kind}"' if send.kind else 'message["kind"]'
        items = "[item]" if send.times == "many" else 'message["items"]'
        return f'{{"id": {id}, "kind": {kind}, "items": {items}}}'

    def effect(self) -> list[str]:
        """What can be seen of a run from outside."""
        name, ledger = self.function.name, self.value("Ledger")
        if self.function.effect == "outside":
            text = f'json.dumps({{"by": "{name}", "id": message["id"]}})'
            return [*self.opened("sqs"), f"sqs.send_message(QueueUrl={ledger}, MessageBody={text})"]
        if self.function.effect == "object":
            key = f"f\"{name}/{{message['id']}}\""
            return [*self.opened("s3"), f's3.put_object(Bucket={ledger}, Key={key}, Body=message["kind"])']
        if self.function.effect == "item":
            item = f'{{"id": {{"S": f"{name}#{{message[\'id\']}}"}}, "kind": {{"S": message["kind"]}}}}'
            return [*self.opened("dynamodb"), f"dynamodb.put_item(TableName={ledger}, Item={item})"]
        if self.function.effect == "count":
            call = (
                f'dynamodb.update_item(TableName={ledger}, Key={{"id": {{"S": "{name}"}}}}, UpdateExpression="ADD seen :one", '
                'ExpressionAttributeValues={":one": {"N": "1"}})'
            )
            return [*self.opened("dynamodb"), call]
        return []

    def opened(self, service: str) -> list[str]:
        return [f'{service} = boto3.client("{service}")'] if self.style.access == "lazy" and service != "s3" else []

    # The handler.

    def entry(self) -> str:
        """The handler itself."""
        return "def handler(event, context):\n" + _block(list(self.handled()))

    def handled(self) -> Iterator[str]:
        form = self.function.form
        reading = [*_BEFORE.get(form, ()), f"message = {_MESSAGES[form]}"]
        called = ["work(message)"] if self.style.loop == "function" or self.partial else None
        one = all(listener.batch == 1 for _, listener in self.application.listening(self.function.name))
        if form not in RECORDS:
            yield from [*reading, *(called or self.work("return"))]
        elif self.partial:
            yield "failures = []"
            yield 'for record in event["Records"]:'
            yield "    try:"
            yield from (f"        {line}" for line in (*reading, "work(message)"))
            yield "    except Exception:"
            item = 'record["dynamodb"]["SequenceNumber"]' if form == "dynamodb_stream" else 'record["messageId"]'
            yield f'        failures.append({{"itemIdentifier": {item}}})'
            yield 'return {"batchItemFailures": failures}'
            return
        elif self.style.loop == "first" and one:
            yield from ['record = event["Records"][0]', *reading, *(called or self.work("return"))]
        else:
            yield 'for record in event["Records"]:'
            yield from (f"    {line}" for line in (*reading, *(called or self.work("continue"))))
        if self.answers:
            yield 'return {"id": message["id"], "kind": message["kind"], "items": message["items"]}'
        elif form == "api":
            yield 'return {"statusCode": 202, "body": "{}"}'


def effect_type(function: Function) -> str:
    """The type of the resource in which a function's effect is seen; "" for none."""
    return _EFFECTS.get(function.effect, "")


def _in(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _block(lines: list[str]) -> str:
    return indent("\n".join(lines), "    ")
