"""What Java handlers write to: one row for each way of naming a target and each form of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.java.handlers import SEND, V1, V2, handler, read
from tests.scanners.code.reading import told


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
