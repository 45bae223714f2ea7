"""What Java handlers write to: one row for each way of naming a target and each form of the API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.scanners.code.reading import lay, told
from untangle.model.code import CodeFacts
from untangle.scanners.code.java.library import Java
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree

ROOT = "src/main/java/com/shop/"
IMPORTS = """package com.shop;
import java.util.*;
import com.amazonaws.services.lambda.runtime.*;
import com.amazonaws.services.lambda.runtime.events.*;
import com.fasterxml.jackson.databind.ObjectMapper;
"""
V2 = (
    IMPORTS
    + "import software.amazon.awssdk.services.sqs.SqsClient;\nimport software.amazon.awssdk.services.sqs.model.*;\n"
    + "import software.amazon.awssdk.services.sns.SnsClient;\nimport software.amazon.awssdk.services.sns.model.PublishRequest;\n"
)
V1 = IMPORTS + "import com.amazonaws.services.sqs.*;\nimport com.amazonaws.services.sqs.model.*;\n"
SEND = 'sqs.sendMessage(SendMessageRequest.builder().queueUrl({}).messageBody("x").build());'


def handler(body: str, members: str = "", head: str = V2) -> str:
    """A handler of an SQS event with this body, whose class has a client and these members."""
    return (
        f"{head}public class Fn implements RequestHandler<SQSEvent, String> {{\n"
        f"  private final SqsClient sqs = SqsClient.create();\n  {members}\n"
        f"  public String handleRequest(SQSEvent event, Context context) {{ {body} return null; }}\n}}\n"
    )


def read(folder: Path, source: str, others: Mapping[str, str] | None = None, name: str = "Fn::handleRequest") -> CodeFacts:
    """The facts of the handler in `Fn.java`, other files laid beside it by their paths."""
    lay(folder, {f"{ROOT}Fn.java": source, **{ROOT + path: text for path, text in (others or {}).items()}})
    return facts(Java(Tree(folder)), "java", "shop/Fn", f"{ROOT}Fn.java", name)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # the second generation of the SDK
        pytest.param(handler(SEND.format('System.getenv("Q")')), "sqs:SendMessage env Q one", id="v2 request by a builder"),
        pytest.param(
            handler('sqs.sendMessage(b -> b.queueUrl(System.getenv("Q")).messageBody("x"));'),
            "sqs:SendMessage env Q one",
            id="v2 builder filled in by a lambda",
        ),
        pytest.param(
            handler(
                'SqsAsyncClient q = SqsAsyncClient.builder().region(null).build(); q.sendMessage(r -> r.queueUrl("q")).join();',
                head=V2 + "import software.amazon.awssdk.services.sqs.SqsAsyncClient;\n",
            ),
            "sqs:SendMessage q one",
            id="v2 asynchronous client",
        ),
        pytest.param(
            handler(
                'sqs.sendMessageBatch(b -> b.queueUrl("q").entries(SendMessageBatchRequestEntry.builder().id("1").build(),'
                ' SendMessageBatchRequestEntry.builder().id("2").build()));'
            ),
            "sqs:SendMessageBatch q one",
            id="v2 batch of literal entries",
        ),
        pytest.param(
            handler('SnsClient.create().publish(PublishRequest.builder().topicArn(System.getenv("T")).message("m").build());'),
            "sns:Publish env T one",
            id="v2 client made on the spot",
        ),
        pytest.param(
            handler(
                "List<PutEventsRequestEntry> all = new ArrayList<>(); for (SQSEvent.SQSMessage m : event.getRecords()) {"
                ' all.add(PutEventsRequestEntry.builder().eventBusName(System.getenv("BUS")).detail(m.getBody()).build()); }'
                " EventBridgeClient.create().putEvents(PutEventsRequest.builder().entries(all).build());",
                head=V2 + "import software.amazon.awssdk.services.eventbridge.EventBridgeClient;\n"
                "import software.amazon.awssdk.services.eventbridge.model.*;\n",
            ),
            "events:PutEvents env BUS many",
            id="v2 entries gathered in a loop",
        ),
        pytest.param(
            handler(
                'S3Client.create().putObject(PutObjectRequest.builder().bucket(System.getenv("B")).key("k").build(),'
                ' RequestBody.fromString("x"));',
                head=V2 + "import software.amazon.awssdk.core.sync.RequestBody;\n"
                "import software.amazon.awssdk.services.s3.S3Client;\n"
                "import software.amazon.awssdk.services.s3.model.PutObjectRequest;\n",
            ),
            "s3:PutObject env B one",
            id="v2 object with a body",
        ),
        pytest.param(
            handler(
                'S3TransferManager.create().uploadFile(u -> u.putObjectRequest(p -> p.bucket("b").key("k")).source(path));',
                head=V2 + "import software.amazon.awssdk.transfer.s3.S3TransferManager;\n",
            ),
            "s3:PutObject b one",
            id="v2 transfer manager",
        ),
        pytest.param(
            handler(
                "S3Presigner.create().presignPutObject(PutObjectPresignRequest.builder()"
                '.putObjectRequest(PutObjectRequest.builder().bucket("b").build()).build());',
                head=V2 + "import software.amazon.awssdk.services.s3.presigner.S3Presigner;\n"
                "import software.amazon.awssdk.services.s3.presigner.model.PutObjectPresignRequest;\n"
                "import software.amazon.awssdk.services.s3.model.PutObjectRequest;\n",
            ),
            "s3:PutObject b one",
            id="v2 presigned upload",
        ),
        pytest.param(
            handler(
                'LambdaClient.create().invoke(InvokeRequest.builder().functionName(System.getenv("FN"))'
                ".invocationType(InvocationType.EVENT).build());",
                head=V2 + "import software.amazon.awssdk.services.lambda.LambdaClient;\n"
                "import software.amazon.awssdk.services.lambda.model.*;\n",
            ),
            "lambda:Invoke env FN one",
            id="v2 invoke",
        ),
        pytest.param(
            handler(
                'SfnClient.create().startExecution(s -> s.stateMachineArn(System.getenv("SM")).input("{}"));',
                head=V2 + "import software.amazon.awssdk.services.sfn.SfnClient;\n",
            ),
            "stepfunctions:StartExecution env SM one",
            id="v2 parameters that the API spells small",
        ),
        pytest.param(
            handler(
                'DynamoDbClient.create().putItem(p -> p.tableName(System.getenv("T")).item(Map.of()));',
                head=V2 + "import software.amazon.awssdk.services.dynamodb.DynamoDbClient;\n",
            ),
            "dynamodb:PutItem env T one",
            id="v2 item",
        ),
        pytest.param(
            handler(
                "DynamoDbTable<Order> t = DynamoDbEnhancedClient.create()"
                '.table(System.getenv("T"), TableSchema.fromBean(Order.class)); t.putItem(new Order());',
                head=V2 + "import software.amazon.awssdk.enhanced.dynamodb.*;\n",
            ),
            "dynamodb:PutItem env T one",
            id="v2 enhanced table",
        ),
        pytest.param(
            handler(
                'DynamoDbClient.create().batchWriteItem(b -> b.requestItems(Map.of(System.getenv("T"),'
                " List.of(WriteRequest.builder().putRequest(p -> p.item(Map.of())).build()))));",
                head=V2 + "import software.amazon.awssdk.services.dynamodb.DynamoDbClient;\n"
                "import software.amazon.awssdk.services.dynamodb.model.WriteRequest;\n",
            ),
            "dynamodb:BatchWriteItem env T many",
            id="v2 batch under a computed table name",
        ),
        # the first
        pytest.param(
            handler('AmazonSQS q = AmazonSQSClientBuilder.defaultClient(); q.sendMessage(System.getenv("Q"), "x");', head=V1),
            "sqs:SendMessage env Q one",
            id="v1 parameters by position",
        ),
        pytest.param(
            handler('AmazonSQSClientBuilder.standard().build().sendMessage(new SendMessageRequest("q", "x"));', head=V1),
            "sqs:SendMessage q one",
            id="v1 request by its constructor",
        ),
        pytest.param(
            handler(
                "AmazonSQSClientBuilder.defaultClient().sendMessage(new SendMessageRequest()"
                '.withQueueUrl(System.getenv("Q")).withMessageBody("x"));',
                head=V1,
            ),
            "sqs:SendMessage env Q one",
            id="v1 request by with",
        ),
        pytest.param(
            handler(
                'AmazonSNSClientBuilder.defaultClient().publish(System.getenv("T"), "m");',
                head=V1 + "import com.amazonaws.services.sns.AmazonSNSClientBuilder;\n",
            ),
            "sns:Publish env T one",
            id="v1 publish",
        ),
        pytest.param(
            handler(
                'AmazonS3 s3 = AmazonS3ClientBuilder.standard().withRegion("eu-west-1").build(); s3.putObject("b", "k", "x");',
                head=V1 + "import com.amazonaws.services.s3.*;\n",
            ),
            "s3:PutObject b one",
            id="v1 object",
        ),
        pytest.param(
            handler(
                "new DynamoDB(AmazonDynamoDBClientBuilder.defaultClient())"
                '.getTable("orders").putItem(new Item().withString("id", "1"));',
                head=V1 + "import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;\n"
                "import com.amazonaws.services.dynamodbv2.document.*;\n",
            ),
            "dynamodb:PutItem orders one",
            id="v1 document API",
        ),
        # how a target is named
        pytest.param(
            handler(SEND.format("QUEUE"), 'private static final String QUEUE = System.getenv("Q");'),
            "sqs:SendMessage env Q one",
            id="a constant of the class",
        ),
        pytest.param(
            handler(
                SEND.format("url"),
                'private final String url; public Fn() { this(System.getenv("Q")); } Fn(String url) { this.url = url; }',
            ),
            "sqs:SendMessage env Q one",
            id="a field set by a chain of constructors",
        ),
        pytest.param(
            handler(SEND.format("url"), 'static String url; static { url = System.getenv("Q"); }'),
            "sqs:SendMessage env Q one",
            id="a static initialiser",
        ),
        pytest.param(
            handler(SEND.format('Optional.ofNullable(System.getenv("Q")).orElse("none")')),
            "sqs:SendMessage env Q | none one",
            id="environment with a default",
        ),
        pytest.param(
            handler(SEND.format('String.format("https://sqs.%s.amazonaws.com/1/%s", "eu-west-1", System.getenv("NAME"))')),
            "sqs:SendMessage https://sqs.eu-west-1.amazonaws.com/1/env NAME one",
            id="a format",
        ),
        pytest.param(
            handler(SEND.format('"orders-" + System.getenv("STAGE")')), "sqs:SendMessage orders-env STAGE one", id="concatenation"
        ),
        pytest.param(
            handler(
                SEND.format("Queue.ORDERS.url()"),
                'enum Queue { ORDERS("Q"), BILLS("R"); private final String name; Queue(String name) { this.name = name; }'
                " String url() { return System.getenv(name); } }",
            ),
            "sqs:SendMessage env Q one",
            id="a constant of an enumeration",
        ),
        pytest.param(
            handler(
                SEND.format('env("Q")'),
                "private static String env(String key) { String value = System.getenv(key);"
                " if (value == null) { throw new IllegalStateException(key); } return value; }",
            ),
            "sqs:SendMessage env Q one",
            id="a method that reads the environment",
        ),
        pytest.param(
            handler(SEND.format('sqs.getQueueUrl(g -> g.queueName(System.getenv("NAME"))).queueUrl()')),
            "sqs:SendMessage env NAME one",
            id="a queue's URL by its name",
        ),
        pytest.param(
            handler(
                SEND.format('SsmClient.create().getParameter(p -> p.name("/q/url")).parameter().value()'),
                head=V2 + "import software.amazon.awssdk.services.ssm.SsmClient;\n",
            ),
            "sqs:SendMessage ssm /q/url one",
            id="a stored parameter",
        ),
        pytest.param(
            handler(SEND.format("event.getRecords().get(0).getBody()")),
            "sqs:SendMessage message event.Records[*].body one",
            id="taken from the message",
        ),
        pytest.param(
            handler(SEND.format('Map.of("a", System.getenv("A"), "b", System.getenv("B")).get(context.getFunctionName())')),
            "sqs:SendMessage env A | env B one",
            id="a table under an unknown key",
        ),
        pytest.param(
            handler(SEND.format('switch (context.getFunctionName()) { case "a" -> System.getenv("A"); default -> "b"; }')),
            "sqs:SendMessage env A | b one",
            id="a switch that is worth something",
        ),
        pytest.param(
            handler(SEND.format("url"), '@Value("${queue.url}") private String url;'),
            "sqs:SendMessage env QUEUE_URL one",
            id="a configured property",
        ),
        # guards and multiplicity
        pytest.param(
            handler("if (event.getRecords().isEmpty()) { " + SEND.format('"q"') + " }"),
            "sqs:SendMessage q maybe",
            id="under a condition",
        ),
        pytest.param(
            handler("if (event == null) { return null; } " + SEND.format('"q"')),
            "sqs:SendMessage q maybe",
            id="after an early return",
        ),
        pytest.param(
            handler("if (event == null) { throw new RuntimeException(); } " + SEND.format('"q"')),
            "sqs:SendMessage q one",
            id="after a check that throws",
        ),
        pytest.param(
            handler("for (SQSEvent.SQSMessage m : event.getRecords()) { " + SEND.format('"q"') + " }"),
            "sqs:SendMessage q many",
            id="in a loop",
        ),
        pytest.param(
            handler(
                "event.getRecords().stream().map(r -> r.getBody()).forEach(this::send);",
                "void send(String s) { " + SEND.format('"q"') + " }",
            ),
            "sqs:SendMessage q many",
            id="for each element, by a method reference",
        ),
        pytest.param(
            handler("try { work(); } catch (RuntimeException e) { " + SEND.format('"q"') + " }", "void work() {}"),
            "sqs:SendMessage q maybe",
            id="when something failed",
        ),
        # what calls it
        pytest.param(
            handler("new Thread(() -> { " + SEND.format('"q"') + " }).start();"), "sqs:SendMessage q one", id="another thread"
        ),
        pytest.param(
            handler("executor.submit(new Runnable() { public void run() { " + SEND.format('"q"') + " } });"),
            "sqs:SendMessage q one",
            id="an anonymous class",
        ),
        pytest.param(
            handler('CompletableFuture.supplyAsync(() -> "q").thenAccept(q -> { ' + SEND.format("q") + " });"),
            "sqs:SendMessage q one",
            id="after a future",
        ),
        pytest.param(
            handler('clients.get("sqs").sendMessage(SendMessageRequest.builder().queueUrl("q").build());'),
            "sqs:SendMessage q one",
            id="a client that is not known to be one, by its request",
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
        pytest.param(handler('sqs.receiveMessage(b -> b.queueUrl("q"));'), id="a read"),
        pytest.param(handler("", "void send() { " + SEND.format('"q"') + " }"), id="never called"),
        pytest.param(handler('new Sender().sendMessage("q", "x");'), id="not an SDK client"),
        pytest.param(
            handler("send(1);", "void send(int a) {} void send(int a, int b) { " + SEND.format('"q"') + " }"),
            id="another overload",
        ),
    ],
)
def test_a_handler_writes_nothing(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, source).calls == ()


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
