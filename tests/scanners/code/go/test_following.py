"""How Go programs are followed through their repository, and what is kept of what they put in and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.go.handlers import SEND, SQS, V2, program, read
from tests.scanners.code.reading import told


@pytest.mark.parametrize(
    "main",
    [
        pytest.param("lambda.Start(handle)", id="a function"),
        pytest.param("lambda.StartWithOptions(handle, lambda.WithContext(context.Background()))", id="with options"),
        pytest.param("lambda.Start(ddlambda.WrapFunction(handle, nil))", id="wrapped by a tracer"),
        pytest.param("h := &app{client}\n\tlambda.Start(h.handle)", id="a method"),
        pytest.param("lambda.StartHandler(&app{client})", id="an instance with Invoke"),
        pytest.param("lambda.Start(func(ctx context.Context) error { return handle(ctx, events.SQSEvent{}) })", id="a closure"),
    ],
)
def test_the_handler_is_what_main_starts(tmp_path: Path, main: str) -> None:
    members = SQS + (
        "type app struct { client *sqs.Client }\n"
        "func (a *app) handle(ctx context.Context, e events.SQSEvent) error { return handle(ctx, e) }\n"
        "func (a *app) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return nil, handle(ctx, "
        "events.SQSEvent{}) }\n"
    )
    source = program(SEND.format('aws.String("q")'), members).replace("lambda.Start(handle)", main)
    assert [told(call) for call in read(tmp_path, source).calls] == ["sqs:SendMessage q one"]


def test_all_files_of_a_package_and_packages_of_the_module_are_followed(tmp_path: Path) -> None:
    source = program("return publish(ctx, event.Records[0].Body)", "", '"example.com/shop/internal/bus"')
    others = {
        "go.mod": "module example.com/shop\n\ngo 1.22\n",
        "cmd/fn/publish.go": 'package main\n\nimport (\n\t"context"\n\t"example.com/shop/internal/bus"\n)\n\n'
        "func publish(ctx context.Context, body string) error {\n\treturn bus.Publish(ctx, kind, body)\n}\n\n"
        'const kind = "Paid"\n',
        "cmd/fn/publish_test.go": "package main\n\nfunc publish() {}\n",
        "internal/bus/bus.go": f'package bus\n\nimport (\n\t"context"\n\t"os"\n\t"{V2}/aws"\n\t"{V2}/service/eventbridge"\n'
        f'\t"{V2}/service/eventbridge/types"\n)\n\nvar client *eventbridge.Client\n\n'
        f"func init() {{ client = eventbridge.NewFromConfig(aws.Config{{}}) }}\n\n"
        "func Publish(ctx context.Context, kind, body string) error {\n\t"
        "_, err := client.PutEvents(ctx, &eventbridge.PutEventsInput{\n"
        "\t\tEntries: []types.PutEventsRequestEntry{{DetailType: aws.String(kind), Detail: aws.String(body), "
        'EventBusName: aws.String(os.Getenv("BUS"))}},\n\t})\n\treturn err\n}\n',
    }
    (call,) = read(tmp_path, source, others).calls
    assert told(call) == "events:PutEvents env BUS one"
    assert call.arguments["DetailType"] == "Paid"
    assert str(call.location) == "internal/bus/bus.go:16"


def test_what_is_put_in_is_kept_as_a_shape(tmp_path: Path) -> None:
    members = SQS + 'type Paid struct { Status string `json:"status"`; Total int `json:"total,omitempty"`; note string }\n'
    body = (
        'body, _ := json.Marshal(Paid{Status: "paid", Total: 3})\n\t'
        'client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String(string(body))})'
    )
    (call,) = read(tmp_path, program(body, members)).calls
    assert call.payload is not None
    assert call.payload.encoded
    assert call.payload.properties["status"].constant == "paid"
    assert sorted(call.payload.properties) == ["status", "total"]


@pytest.mark.parametrize(
    ("event", "body", "expected"),
    [
        pytest.param("events.SQSEvent", "for _, r := range event.Records { use(r.Body) }", ["Records.*.body"], id="sqs"),
        pytest.param("events.SNSEvent", "use(event.Records[0].SNS.Message)", ["Records.*.Sns.Message"], id="sns"),
        pytest.param("events.S3Event", "use(event.Records[0].S3.Object.Key)", ["Records.*.s3.object.key"], id="s3"),
        pytest.param(
            "events.DynamoDBEvent", "use(event.Records[0].Change.NewImage)", ["Records.*.dynamodb.NewImage"], id="stream"
        ),
        pytest.param(
            "events.CloudWatchEvent", "use(event.DetailType, event.Detail)", ["detail", "detail-type"], id="eventbridge"
        ),
        pytest.param("Order", "for _, i := range event.Items { use(i.SKU) }", ["items.*.sku"], id="a struct of one's own"),
        pytest.param(
            "events.SQSEvent",
            "var o Order; json.Unmarshal([]byte(event.Records[0].Body), &o); use(o.Items[0].SKU)",
            ["Records.*.body.().items.*.sku"],
            id="decoded into a struct",
        ),
    ],
)
def test_what_is_read_from_the_message_is_kept_as_paths(tmp_path: Path, event: str, body: str, expected: list[str]) -> None:
    members = 'type Item struct { SKU string `json:"sku"` }\ntype Order struct { Items []Item `json:"items"` }\n'
    found = read(tmp_path, program(body, members).replace("event events.SQSEvent", f"event {event}"))
    assert [".".join(item.path) for item in found.reads] == expected


def test_a_main_that_starts_nothing_is_a_gap(tmp_path: Path) -> None:
    found = read(tmp_path, "package main\n\nfunc main() { server.Run() }\n")
    assert not found.readable
    assert "lambda.Start" in found.gaps[0].why


def test_a_syntax_error_is_a_gap_with_its_file_and_line_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, program(SEND.format('aws.String("q")')), {"cmd/fn/broken.go": "package main\n\nfunc broken( {\n"})
    assert [told(call) for call in found.calls] == ["sqs:SendMessage q one"]
    assert [gap.location.path for gap in found.gaps if gap.location] == ["cmd/fn/broken.go"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(program("return handle(ctx, event)"), id="recursion"),
        pytest.param(program("use(" + "(" * 400 + "1" + ")" * 400 + ")"), id="deep nesting"),
        pytest.param(program("a" + ".b" * 3000 + "()"), id="a long path"),
        pytest.param("\x00\xff{{{ package", id="no source at all"),
        pytest.param(program("", "type A struct { B }\ntype B struct { A }\nvar a A"), id="structs in a circle"),
        pytest.param(program("", "var a = b\nvar b = a\ntype T T\ntype U V\ntype V U"), id="names in a circle"),
        pytest.param(
            program("f0(event)", "".join(f"func f{i}(o any) {{ f{i + 1}(o); f{i + 1}({i}) }}\n" for i in range(40))),
            id="a tree of calls",
        ),
    ],
)
def test_hostile_code_ends(tmp_path: Path, source: str) -> None:
    read(tmp_path, source)
