"""What Go handlers write to: one row for each way of naming a target and each form of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.go.handlers import SEND, SQS, V1, V2, program, read, v2
from tests.scanners.code.reading import told


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
