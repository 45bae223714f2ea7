"""How Java handlers are followed through their repository, and what is kept of what they put in and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.java.handlers import IMPORTS, ROOT, SEND, V1, V2, handler, read
from tests.scanners.code.reading import told


def test_calls_are_followed_through_classes_of_the_repository(tmp_path: Path) -> None:
    source = handler('new Publisher(Config.TOPIC).send("paid");', head=V2 + "import static com.shop.Config.*;\n")
    others = {
        "Publisher.java": "package com.shop;\nimport software.amazon.awssdk.services.sns.SnsClient;\n"
        "class Publisher extends Base {\n  private final SnsClient sns = SnsClient.create();\n"
        "  Publisher(String topic) { super(topic); }\n"
        "  void send(String kind) {\n    sns.publish(p -> p.topicArn(topic).subject(kind));\n  }\n}\n",
        "Base.java": "package com.shop;\nabstract class Base {\n  protected final String topic;\n"
        "  Base(String topic) { this.topic = topic; }\n}\n",
        "Config.java": 'package com.shop;\nclass Config { public static final String TOPIC = System.getenv("TOPIC_ARN"); }\n',
    }
    (call,) = read(tmp_path, source, others).calls
    assert told(call) == "sns:Publish env TOPIC_ARN one"
    assert call.arguments["Subject"] == "paid"
    assert str(call.location) == f"{ROOT}Publisher.java:7"


def test_what_a_framework_injects_is_made_of_its_declared_type(tmp_path: Path) -> None:
    source = handler("service.place();", "@Inject OrderService service;")
    others = {
        "OrderService.java": "package com.shop;\npublic interface OrderService { void place(); }\n",
        "QueueOrders.java": V2 + "class QueueOrders implements OrderService {\n  private final SqsClient client;\n"
        "  QueueOrders(SqsClient client) { this.client = client; }\n"
        '  public void place() { client.sendMessage(b -> b.queueUrl("q")); }\n}\n',
    }
    assert [told(call) for call in read(tmp_path, source, others).calls] == ["sqs:SendMessage q one"]


def test_constructors_that_lombok_writes_set_the_fields(tmp_path: Path) -> None:
    source = handler('new Sender(sqs, System.getenv("Q")).send();')
    sender = (
        V2 + "@RequiredArgsConstructor class Sender {\n  private final SqsClient client;\n  private final String url;\n"
        "  private int sent;\n  void send() { client.sendMessage(b -> b.queueUrl(url)); }\n}\n"
    )
    assert [told(call) for call in read(tmp_path, source, {"Sender.java": sender}).calls] == ["sqs:SendMessage env Q one"]


def test_a_mapped_class_names_its_table(tmp_path: Path) -> None:
    head = V1 + "import com.amazonaws.services.dynamodbv2.*;\nimport com.amazonaws.services.dynamodbv2.datamodeling.*;\n"
    source = handler(
        "new DynamoDBMapper(AmazonDynamoDBClientBuilder.defaultClient())"
        ".save(new ObjectMapper().readValue(event.getRecords().get(0).getBody(), Order.class));",
        head=head,
    )
    others = {"Order.java": head + '@DynamoDBTable(tableName = "orders") class Order { String id; }\n'}
    assert [told(call) for call in read(tmp_path, source, others).calls] == ["dynamodb:PutItem orders one"]


def test_what_is_put_in_is_kept_as_a_shape(tmp_path: Path) -> None:
    body = (
        'Map<String, Object> detail = new HashMap<>(); detail.put("status", "paid"); detail.put("total", 3);'
        ' sqs.sendMessage(b -> b.queueUrl("q").messageBody(new ObjectMapper().writeValueAsString(detail)));'
    )
    (call,) = read(tmp_path, handler(body)).calls
    assert call.payload is not None
    assert call.payload.encoded
    assert call.payload.properties["status"].constant == "paid"
    assert call.payload.properties["total"].kind == "integer"


@pytest.mark.parametrize(
    ("event", "body", "expected"),
    [
        pytest.param(
            "SQSEvent", "for (SQSEvent.SQSMessage m : event.getRecords()) { m.getBody(); }", ["Records.*.body"], id="sqs"
        ),
        pytest.param(
            "SNSEvent", "event.getRecords().forEach(r -> r.getSNS().getMessage());", ["Records.*.Sns.Message"], id="sns"
        ),
        pytest.param(
            "S3Event", "event.getRecords().get(0).getS3().getObject().getUrlDecodedKey();", ["Records.*.s3.object.key"], id="s3"
        ),
        pytest.param(
            "DynamodbEvent",
            "event.getRecords().get(0).getDynamodb().getNewImage();",
            ["Records.*.dynamodb.NewImage"],
            id="stream",
        ),
        pytest.param("Map<String, Object>", 'event.get("detail");', ["detail"], id="a map"),
        pytest.param("Order", "event.getCustomer().getName();", ["client.name"], id="a class of one's own"),
    ],
)
def test_what_is_read_from_the_message_is_kept_as_paths(tmp_path: Path, event: str, body: str, expected: list[str]) -> None:
    source = handler(body).replace("SQSEvent event", f"{event} event")
    order = 'package com.shop;\nclass Order { @JsonProperty("client") private Customer customer; }\n'
    found = read(tmp_path, source, {"Order.java": order})
    assert [".".join(item.path) for item in found.reads] == expected


def test_a_handler_that_takes_a_stream_reads_the_event_from_it(tmp_path: Path) -> None:
    source = IMPORTS + (
        "import java.io.*;\npublic class Fn implements RequestStreamHandler {\n"
        "  public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {\n"
        '    new ObjectMapper().readTree(in).get("detail").get("id").asText();\n  }\n}\n'
    )
    assert [".".join(item.path) for item in read(tmp_path, source).reads] == ["detail.id"]


def test_a_function_bean_is_called_with_the_event(tmp_path: Path) -> None:
    source = V2 + (
        "@Configuration class Fn {\n  private final SqsClient sqs = SqsClient.create();\n"
        "  @Bean public Function<String, String> place() {\n"
        '    return order -> { sqs.sendMessage(b -> b.queueUrl("q")); return order; };\n  }\n}\n'
    )
    assert [told(call) for call in read(tmp_path, source, name="Fn::@place").calls] == ["sqs:SendMessage q one"]


def test_code_behind_a_framework_is_a_gap(tmp_path: Path) -> None:
    head = V2 + "import com.amazonaws.serverless.proxy.spring.SpringBootLambdaContainerHandler;\n"
    found = read(
        tmp_path, handler("SpringBootLambdaContainerHandler.getAwsProxyHandler(App.class).proxy(event, context);", head=head)
    )
    assert not found.readable
    assert "framework" in found.gaps[0].why


def test_a_syntax_error_is_a_gap_with_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, handler(SEND.format('"q"')) + "class Broken { int = ; }\n")
    assert [told(call) for call in found.calls] == ["sqs:SendMessage q one"]
    assert [gap.location.line for gap in found.gaps if gap.location] == [len(handler(SEND.format('"q"')).splitlines()) + 1]


def test_a_handler_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    found = read(tmp_path, handler(""), name="Fn::other")
    assert found.readable  # the method of Lambda's interface stands in
    assert not read(tmp_path, "package com.shop;\nclass Fn { void work() {} }\n").readable


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(handler("handleRequest(event, context);"), id="recursion"),
        pytest.param(handler("String s = " + "(" * 400 + '"x"' + ")" * 400 + ";"), id="deep nesting"),
        pytest.param(handler("a" + ".b" * 3000 + "();"), id="a long path"),
        pytest.param("\x00\xff{{{ class", id="no source at all"),
        pytest.param(
            "class Fn extends Fn { Fn() { super(); new Fn(); } String handleRequest() { return null; } }", id="its own base"
        ),
        pytest.param(
            "class Fn { static final String A = Fn.B; static final String B = Fn.A; void handleRequest(String s) { use(A); } }",
            id="constants in a circle",
        ),
        pytest.param(
            handler("f0(event);", "".join(f"void f{i}(Object o) {{ f{i + 1}(o); f{i + 1}({i}); }}\n" for i in range(40))),
            id="a tree of calls",
        ),
    ],
)
def test_hostile_code_ends(tmp_path: Path, source: str) -> None:
    read(tmp_path, source)
