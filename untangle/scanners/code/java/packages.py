"""What the AWS packages of Java are called, as data.

SDK v2: `software.amazon.awssdk.services.<service>`, requests made by builders.
SDK v1: `com.amazonaws.services.<service>`, requests made by constructors and `with…`.
https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/ https://docs.aws.amazon.com/AWSJavaSDK/latest/javadoc/
"""

from __future__ import annotations

V2 = "software.amazon.awssdk"
V1 = "com.amazonaws"
EVENTS = "com.amazonaws.services.lambda.runtime"
# Service names of packages that differ from botocore's.
SERVICES = {
    "eventbridge": "events",
    "cloudwatchevents": "events",
    "sfn": "stepfunctions",
    "iotdataplane": "iot-data",
    "iotdata": "iot-data",
    "cloudwatchlogs": "logs",
    "dynamodbv2": "dynamodb",
    "kinesisfirehose": "firehose",
    "simplesystemsmanagement": "ssm",
    "simpleemail": "ses",
    "simpleemailv2": "sesv2",
    "sagemakerruntime": "sagemaker-runtime",
    "bedrockruntime": "bedrock-runtime",
    "redshiftdata": "redshift-data",
    "redshiftdataapi": "redshift-data",
    "securitytoken": "sts",
}
# Classes that are clients with methods of their own: (class name) -> (service, flavour).
WRAPPERS = {
    "DynamoDbEnhancedClient": ("dynamodb", "enhanced"),
    "DynamoDbEnhancedAsyncClient": ("dynamodb", "enhanced"),
    "DynamoDB": ("dynamodb", "document"),
    "DynamoDBMapper": ("dynamodb", "mapper"),
    "S3TransferManager": ("s3", "transfer"),
    "TransferManager": ("s3", "transfer"),
    "TransferManagerBuilder": ("s3", "transfer"),
    "S3Presigner": ("s3", "presigner"),
    "AmazonSQSBufferedAsyncClient": ("sqs", ""),
    "AmazonSQSExtendedClient": ("sqs", ""),
    "SqsExtendedClient": ("sqs", ""),
    "AmazonSNSExtendedClient": ("sns", ""),
}
TABLES = frozenset({"DynamoDbTable", "DynamoDbAsyncTable", "Table"})
# The parameters of constructors of SDK v1, by position.
CONSTRUCTORS: dict[str, tuple[str, ...]] = {
    "SendMessageRequest": ("queueUrl", "messageBody"),
    "SendMessageBatchRequest": ("queueUrl", "entries"),
    "SendMessageBatchRequestEntry": ("id", "messageBody"),
    "PublishRequest": ("topicArn", "message", "subject"),
    "PublishBatchRequest": ("topicArn", "publishBatchRequestEntries"),
    "PutObjectRequest": ("bucket", "key", "body"),
    "CopyObjectRequest": ("copySourceBucket", "copySourceKey", "bucket", "key"),
    "DeleteObjectRequest": ("bucket", "key"),
    "DeleteObjectsRequest": ("bucket",),
    "GeneratePresignedUrlRequest": ("bucket", "key", "method"),
    "PutItemRequest": ("tableName", "item"),
    "UpdateItemRequest": ("tableName", "key", "attributeUpdates"),
    "DeleteItemRequest": ("tableName", "key"),
    "BatchWriteItemRequest": ("requestItems",),
    "WriteRequest": ("putRequest",),
    "PutRequest": ("item",),
    "AttributeValue": ("s",),
    "GetParameterRequest": (),
    "GetQueueUrlRequest": ("queueName",),
    "CreateTopicRequest": ("name",),
    "TableWriteItems": ("tableName",),
    "TableNameOverride": ("tableNameReplacement",),
}
# The parameters of client methods that take them by position: (service, operation) -> by number of arguments.
POSITIONS: dict[tuple[str, str], dict[int, tuple[str, ...]]] = {
    ("sqs", "SendMessage"): {2: ("queueUrl", "messageBody")},
    ("sqs", "SendMessageBatch"): {2: ("queueUrl", "entries")},
    ("sqs", "GetQueueUrl"): {1: ("queueName",)},
    ("sqs", "CreateQueue"): {1: ("queueName",)},
    ("sns", "CreateTopic"): {1: ("name",)},
    ("sns", "Publish"): {2: ("topicArn", "message"), 3: ("topicArn", "message", "subject")},
    ("s3", "PutObject"): {3: ("bucket", "key", "body"), 4: ("bucket", "key", "body", "metadata")},
    ("s3", "CopyObject"): {4: ("copySourceBucket", "copySourceKey", "bucket", "key")},
    ("s3", "DeleteObject"): {2: ("bucket", "key")},
    ("dynamodb", "PutItem"): {2: ("tableName", "item"), 3: ("tableName", "item", "returnValues")},
    ("dynamodb", "UpdateItem"): {3: ("tableName", "key", "attributeUpdates")},
    ("dynamodb", "DeleteItem"): {2: ("tableName", "key"), 3: ("tableName", "key", "returnValues")},
    ("dynamodb", "BatchWriteItem"): {1: ("requestItems",)},
    ("kinesis", "PutRecord"): {3: ("streamName", "data", "partitionKey")},
}
# Parameters that hold a list, whichever way it is given.
LISTS = frozenset(
    (
        *("entries", "records", "publishBatchRequestEntries", "transactItems", "targets", "logEvents", "statements"),
        *("transactStatements", "objects", "containerOverrides", "resources"),
    )
)
# What SDK v1 calls parameters otherwise.
RENAMED = {"bucketName": "bucket", "destinationBucketName": "bucket", "destinationBucket": "bucket", "destinationKey": "key"}
# Enumerations whose value tells something.
ENUMS = {
    "InvocationType": {
        "EVENT": "Event",
        "REQUEST_RESPONSE": "RequestResponse",
        "DRY_RUN": "DryRun",
        "Event": "Event",
        "RequestResponse": "RequestResponse",
        "DryRun": "DryRun",
    },
    "HttpMethod": {"PUT": "PUT", "POST": "POST", "GET": "GET", "DELETE": "DELETE"},
}
# What classes of the SDKs' packages are called that say of no service.
PARTS = (
    "Request",
    "Entry",
    "Response",
    "Result",
    "Item",
    "Items",
    "Config",
    "Schema",
    "Mapper",
    "Override",
    "Batch",
    "Builder",
    "Value",
)
# Frameworks that call the user's code where it cannot be followed from the handler.
FRAMEWORKS = (
    "com.amazonaws.serverless.",
    "org.springframework.cloud.function.adapter",
    "io.quarkus.amazon",
    "io.micronaut.function",
)


def service_of(package: str) -> str | None:
    """botocore's name of the service that a package of an SDK is for; None for the SDK's own packages."""
    if package.startswith(EVENTS):
        return None
    for start in (f"{V2}.services.", f"{V1}.services."):
        if package.startswith(start):
            name = package[len(start) :].split(".")[0]
            return SERVICES.get(name, name)
    if package.startswith((f"{V2}.enhanced.dynamodb", f"{V2}.enhanced.dynamo")):
        return "dynamodb"
    return "s3" if package.startswith(f"{V2}.transfer.s3") else None


def operation_of(method: str) -> str:
    """The API's name of a client's method ("sendMessage", "sendMessageAsync")."""
    name = method.removesuffix("Async") if method != "invokeAsync" else method
    return name[:1].upper() + name[1:]


def property_of(method: str) -> str:
    """The parameter that a setter or getter of a request is for ("withQueueUrl", "getQueueUrl", "queueUrl")."""
    for prefix in ("with", "set", "get"):
        rest = method[len(prefix) :]
        if method.startswith(prefix) and rest[:1].isupper():
            method = rest[:1].lower() + rest[1:]
            break
    return RENAMED.get(method, method)
