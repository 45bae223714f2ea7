"""What Go handlers write to: one row for each way of naming a target and each form of the API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.scanners.code.reading import lay, told
from untangle.model.code import CodeFacts
from untangle.scanners.code.go.library import Go
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree

V2 = "github.com/aws/aws-sdk-go-v2"
V1 = "github.com/aws/aws-sdk-go"
PATHS = (
    *("context", "encoding/json", "fmt", "os", "errors", "strings", "sync", "github.com/aws/aws-lambda-go/events"),
    *("github.com/aws/aws-lambda-go/lambda", f"{V2}/aws", f"{V2}/config"),
)
SERVICES = (
    *("sqs", "sqs/types", "sns", "eventbridge", "eventbridge/types", "s3", "dynamodb", "lambda", "sfn", "ssm", "kinesis"),
    *("lambda/types", "dynamodb/types"),
)
SQS = "var client = sqs.NewFromConfig(aws.Config{})\n"
SEND = 'client.SendMessage(ctx, &sqs.SendMessageInput{{QueueUrl: {}, MessageBody: aws.String("x")}})'


def program(body: str, members: str = SQS, *imports: str) -> str:
    """A program whose handler of an SQS event has this body; `imports` stand for the SDK's packages of SQS."""
    listed = [f'\t"{path}"' for path in PATHS]
    listed += [f"\t{line}" for line in imports or (f'"{V2}/service/sqs"', f'"{V2}/service/sqs/types"')]
    return (
        "package main\n\nimport (\n" + "\n".join(listed) + f"\n)\n\n{members}\n"
        f"func handle(ctx context.Context, event events.SQSEvent) error {{\n\t{body}\n\treturn nil\n}}\n\n"
        "func main() {\n\tlambda.Start(handle)\n}\n"
    )


def v2(*services: str) -> tuple[str, ...]:
    """Imports of packages of the SDK's second version, those of types under a name of their own."""
    return tuple(f'{"types " if name.endswith("types") else ""}"{V2}/service/{name}"' for name in services)


def read(folder: Path, source: str, others: Mapping[str, str] | None = None, path: str = "cmd/fn/main.go") -> CodeFacts:
    """The facts of the program in `path`, other files laid by their paths."""
    lay(folder, {path: source, **(others or {})})
    return facts(Go(Tree(folder)), "go", "shop/Fn", path, "main")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # the second version of the SDK
        pytest.param(program(SEND.format('aws.String(os.Getenv("Q"))')), "sqs:SendMessage env Q one", id="v2"),
        pytest.param(
            program(
                'client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String("q"),'
                ' Entries: []types.SendMessageBatchRequestEntry{{Id: aws.String("1")}, {Id: aws.String("2")}}})'
            ),
            "sqs:SendMessageBatch q one",
            id="v2 batch of literal entries",
        ),
        pytest.param(
            program(
                "bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{"
                '{EventBusName: aws.String(os.Getenv("BUS"))}}})',
                "var bus = eventbridge.NewFromConfig(aws.Config{})",
                *v2("eventbridge", "eventbridge/types"),
            ),
            "events:PutEvents env BUS one",
            id="v2 events",
        ),
        pytest.param(
            program(
                "uploader := manager.NewUploader(s3.NewFromConfig(aws.Config{}))\n"
                '\tuploader.Upload(ctx, &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})',
                "",
                *v2("s3"),
                f'"{V2}/feature/s3/manager"',
            ),
            "s3:PutObject b one",
            id="v2 uploader",
        ),
        pytest.param(
            program(
                "s3.NewPresignClient(s3.NewFromConfig(aws.Config{})).PresignPutObject("
                'ctx, &s3.PutObjectInput{Bucket: aws.String("b")})',
                "",
                *v2("s3"),
            ),
            "s3:PutObject b one",
            id="v2 presigned upload",
        ),
        pytest.param(
            program(
                "sfn.NewFromConfig(aws.Config{}).StartExecution("
                'ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String(os.Getenv("SM"))})',
                "",
                *v2("sfn"),
            ),
            "stepfunctions:StartExecution env SM one",
            id="v2 parameters that the API spells small",
        ),
        pytest.param(
            program(
                "db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{"
                'RequestItems: map[string][]types.WriteRequest{os.Getenv("T"): '
                "{{PutRequest: &types.PutRequest{}}}}})",
                "var db = dynamodb.NewFromConfig(aws.Config{})",
                *v2("dynamodb", "dynamodb/types"),
            ),
            "dynamodb:BatchWriteItem env T many",
            id="v2 batch under a computed table name",
        ),
        # the first
        pytest.param(
            program(
                'queue.SendMessage(&sqs.SendMessageInput{QueueUrl: aws.String(os.Getenv("Q"))})',
                "var queue = sqs.New(session.Must(session.NewSession()))",
                f'"{V1}/aws/session"',
                f'"{V1}/service/sqs"',
            ),
            "sqs:SendMessage env Q one",
            id="v1",
        ),
        pytest.param(
            program(
                'queue.SendMessageWithContext(ctx, (&sqs.SendMessageInput{}).SetQueueUrl("q"))',
                "var queue = sqs.New(session.Must(session.NewSession()))",
                f'"{V1}/aws/session"',
                f'"{V1}/service/sqs"',
            ),
            "sqs:SendMessage q one",
            id="v1 with a context and setters",
        ),
        pytest.param(
            program(
                's3manager.NewUploader(sess).Upload(&s3manager.UploadInput{Bucket: aws.String("b")})',
                "var sess = session.New()",
                f'"{V1}/aws/session"',
                f'"{V1}/service/s3/s3manager"',
            ),
            "s3:PutObject b one",
            id="v1 uploader",
        ),
        pytest.param(
            program(
                'xray.AWS(fn.Client)\n\tfn.Invoke(&lambdasdk.InvokeInput{FunctionName: aws.String(os.Getenv("FN"))})',
                "var fn = lambdasdk.New(session.New())",
                f'"{V1}/aws/session"',
                f'lambdasdk "{V1}/service/lambda"',
                '"github.com/aws/aws-xray-sdk-go/xray"',
            ),
            "lambda:Invoke env FN one",
            id="v1 under another name, traced",
        ),
        # how a target is named
        pytest.param(
            program(SEND.format("&queue"), SQS + 'var queue string\nfunc init() { queue = os.Getenv("Q") }'),
            "sqs:SendMessage env Q one",
            id="a variable set in init",
        ),
        pytest.param(
            program(
                SEND.format("aws.String(queue)"),
                SQS + 'var queue = must(name)\nconst name = "Q"\n'
                "func must(k string) string { v, ok := os.LookupEnv(k); if !ok { panic(k) }; return v }",
            ),
            "sqs:SendMessage env Q one",
            id="a variable that needs what is declared below it",
        ),
        pytest.param(
            program(
                SEND.format("aws.String(env.Queue)"),
                SQS + 'type Environment struct { Queue string `env:"Q,required"` }\nvar env Environment\n'
                "func init() { envparser.Parse(&env) }",
            ),
            "sqs:SendMessage env Q one",
            id="a tagged struct",
        ),
        pytest.param(
            program(
                'var cfg Config\n\tenvconfig.Process("shop", &cfg)\n\t' + SEND.format("aws.String(cfg.QueueURL)"),
                SQS + "type Config struct { QueueURL string }",
                *v2("sqs"),
                '"github.com/kelseyhightower/envconfig"',
            ),
            "sqs:SendMessage env SHOP_QUEUEURL one",
            id="variables with a prefix",
        ),
        pytest.param(
            program(
                SEND.format('aws.String(fmt.Sprintf("https://sqs.%s.amazonaws.com/%d/%s", "eu-west-1", 1, os.Getenv("NAME")))')
            ),
            "sqs:SendMessage https://sqs.eu-west-1.amazonaws.com/1/env NAME one",
            id="a format",
        ),
        pytest.param(
            program(
                SEND.format('aws.String(get("Q", "none"))'),
                SQS + 'func get(k, fallback string) string { if v := os.Getenv(k); v != "" { return v }; return fallback }',
            ),
            "sqs:SendMessage env Q | none one",
            id="environment with a default",
        ),
        pytest.param(
            program(
                'url, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("orders")})\n'
                "\tif err != nil { return err }\n\t" + SEND.format("url.QueueUrl")
            ),
            "sqs:SendMessage orders one",
            id="a queue's URL by its name",
        ),
        pytest.param(
            program(
                'p, _ := ssm.NewFromConfig(aws.Config{}).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/q")})\n\t'
                + SEND.format("p.Parameter.Value"),
                SQS,
                *v2("sqs", "ssm"),
            ),
            "sqs:SendMessage ssm /q one",
            id="a stored parameter",
        ),
        pytest.param(
            program(SEND.format("aws.String(event.Records[0].Body)")),
            "sqs:SendMessage message event.Records[*].body one",
            id="taken from the message",
        ),
        pytest.param(
            program(
                'input := sqs.SendMessageInput{}\n\tinput.QueueUrl = aws.String(os.Getenv("Q"))\n\t'
                "client.SendMessage(ctx, &input)"
            ),
            "sqs:SendMessage env Q one",
            id="parameters built up",
        ),
        # who sends
        pytest.param(
            program(
                '(&Sender{client: client, url: os.Getenv("Q")}).Send(ctx)',
                SQS + "type Sender struct { client *sqs.Client; url string }\n"
                "func (s *Sender) Send(ctx context.Context) { s.client.SendMessage(ctx, "
                "&sqs.SendMessageInput{QueueUrl: &s.url}) }",
            ),
            "sqs:SendMessage env Q one",
            id="a method of a struct",
        ),
        pytest.param(
            program(
                "NewService().Send(ctx)",
                SQS + "type Base struct { url string }\nfunc (b Base) target() *string { return &b.url }\n"
                "type Service struct { Base; api *sqs.Client }\n"
                'func NewService() *Service { return &Service{Base{url: "q"}, client} }\n'
                "func (s Service) Send(ctx context.Context) { s.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: "
                "s.target()}) }",
            ),
            "sqs:SendMessage q one",
            id="an embedded struct's method",
        ),
        pytest.param(
            program(
                'send(ctx, api, "q")',
                "type SendAPI interface { SendMessage(context.Context, *sqs.SendMessageInput) error }\n"
                "var api = inject.Get[SendAPI]()\n"
                "func send(ctx context.Context, api SendAPI, url string) { api.SendMessage(ctx, "
                "&sqs.SendMessageInput{QueueUrl: &url}) }",
            ),
            "sqs:SendMessage q one",
            id="an interface, by the request's type",
        ),
        # guards and multiplicity
        pytest.param(
            program("if len(event.Records) > 3 { " + SEND.format('aws.String("q")') + " }"),
            "sqs:SendMessage q maybe",
            id="under a condition",
        ),
        pytest.param(
            program('if os.Getenv("OFF") != "" { return nil }\n\t' + SEND.format('aws.String("q")')),
            "sqs:SendMessage q maybe",
            id="after an early return",
        ),
        pytest.param(
            program(
                "body, err := work(event)\n\tif err != nil { return err }\n\t" + SEND.format('aws.String("q")') + "\n\t_ = body"
            ),
            "sqs:SendMessage q one",
            id="after a check for an error",
        ),
        pytest.param(
            program("for _, r := range event.Records { _ = r; " + SEND.format('aws.String("q")') + " }"),
            "sqs:SendMessage q many",
            id="in a loop",
        ),
        pytest.param(
            program("if err := work(event); err != nil { " + SEND.format('aws.String("q")') + " }"),
            "sqs:SendMessage q maybe",
            id="when something failed",
        ),
        pytest.param(
            program("switch len(event.Records) { case 1: " + SEND.format('aws.String("q")') + "; default: return nil }"),
            "sqs:SendMessage q maybe",
            id="in a case",
        ),
        pytest.param(
            program(
                "var wg sync.WaitGroup\n\tgo func() { defer wg.Done(); " + SEND.format('aws.String("q")') + " }()\n\twg.Wait()"
            ),
            "sqs:SendMessage q one",
            id="a goroutine",
        ),
        pytest.param(
            program("work.Each(event.Records, func(r any) { " + SEND.format('aws.String("q")') + " })"),
            "sqs:SendMessage q one",
            id="a function that is handed on",
        ),
        pytest.param(
            program("defer send(ctx)", SQS + "func send(ctx context.Context) { " + SEND.format('aws.String("q")') + " }"),
            "sqs:SendMessage q one",
            id="deferred",
        ),
    ],
)
def test_a_handler_writes(tmp_path: Path, source: str, expected: str) -> None:
    found = read(tmp_path, source)
    assert found.readable, found.gaps
    assert expected in [told(call) for call in found.calls]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(program('client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q")})'), id="a read"),
        pytest.param(
            program("", SQS + "func unused(ctx context.Context) { " + SEND.format('aws.String("q")') + " }"), id="never called"
        ),
        pytest.param(program('mail.SendMessage(ctx, "q")'), id="not an SDK client"),
    ],
)
def test_a_handler_writes_nothing(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, source).calls == ()


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
