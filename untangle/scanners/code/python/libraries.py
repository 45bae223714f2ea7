"""Libraries that wrap the SDK, as tables: which of their calls write, and to where.

A call is recorded as the API call that it ends in. `WRITERS` maps a dotted name to the operation and to the argument
that holds an `s3://` address (or a name); `PARAMETERS` are the readers of stored parameters; `SAME` hand their argument through.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from untangle.model.value import Concat, Env, Symbol, Value
from untangle.scanners.code.operations import OPERATIONS
from untangle.scanners.code.python.attributes import Attributes
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Class,
    Client,
    DictOf,
    Foreign,
    FromMessage,
    Instance,
    ListOf,
    Member,
    Scope,
    SdkObject,
    ServiceResource,
    dict_of,
    options,
)
from untangle.scanners.code.python.export import value_of
from untangle.scanners.code.python.recording import bucket_and_key, record
from untangle.scanners.code.python.sdk import session_call, stored


@dataclass(frozen=True, slots=True)
class Writer:
    """A library call that writes: the argument with the address, and the one with the file mode where only "w" writes."""

    operation: tuple[str, str]
    argument: str
    position: int
    mode: tuple[str, int] | None = None
    must_be_s3: bool = False


_PUT = ("s3", "PutObject")
_WRANGLER = "to_parquet to_csv to_json to_excel to_orc upload to_deltalake"
WRITERS: dict[str, Writer] = {
    "smart_open.open": Writer(_PUT, "uri", 0, ("mode", 1), True),
    "smart_open.smart_open": Writer(_PUT, "uri", 0, ("mode", 1), True),
    "fsspec.open": Writer(_PUT, "urlpath", 0, ("mode", 1), True),
    "s3fs.S3FileSystem.open": Writer(_PUT, "path", 0, ("mode", 1)),
    "s3fs.S3FileSystem.put": Writer(_PUT, "rpath", 1),
    "s3fs.S3FileSystem.put_file": Writer(_PUT, "rpath", 1),
    "s3fs.S3FileSystem.upload": Writer(_PUT, "rpath", 1),
    "s3fs.S3FileSystem.pipe": Writer(_PUT, "path", 0),
    "s3fs.S3FileSystem.touch": Writer(_PUT, "path", 0),
    "s3fs.S3FileSystem.cp": Writer(("s3", "CopyObject"), "path2", 1),
    "s3fs.S3FileSystem.copy": Writer(("s3", "CopyObject"), "path2", 1),
    "s3fs.S3FileSystem.mv": Writer(("s3", "CopyObject"), "path2", 1),
    "s3fs.S3FileSystem.rm": Writer(("s3", "DeleteObject"), "path", 0),
    "cloudpathlib.S3Path.write_text": Writer(_PUT, "self", 0),
    **{f"awswrangler.s3.{name}": Writer(_PUT, "path", 1) for name in _WRANGLER.split()},
    "awswrangler.s3.copy_objects": Writer(("s3", "CopyObject"), "target_path", 2),
    "awswrangler.s3.delete_objects": Writer(("s3", "DeleteObjects"), "path", 0),
    "awswrangler.dynamodb.put_items": Writer(("dynamodb", "BatchWriteItem"), "table_name", 1),
    "awswrangler.dynamodb.put_df": Writer(("dynamodb", "BatchWriteItem"), "table_name", 1),
    "awswrangler.dynamodb.put_csv": Writer(("dynamodb", "BatchWriteItem"), "table_name", 1),
    "awswrangler.dynamodb.put_json": Writer(("dynamodb", "BatchWriteItem"), "table_name", 1),
    "awswrangler.dynamodb.delete_items": Writer(("dynamodb", "BatchWriteItem"), "table_name", 1),
}
# Methods of anything that write where their first argument is an `s3://` address (data frames, figures).
_S3_VERBS = re.compile(r"(^|_)(upload|write|put|save|dump|store|copy|cp|to)(_|$)")
_S3_METHODS = frozenset(
    [
        "to_csv",
        "to_json",
        "to_parquet",
        "to_excel",
        "to_feather",
        "to_pickle",
        "to_orc",
        "savefig",
        "write_csv",
        "write_parquet",
        "save",
    ]
)
_POWERTOOLS = "aws_lambda_powertools.utilities."
PARAMETERS: dict[str, str] = {
    f"{_POWERTOOLS}parameters.get_parameter": "ssm",
    f"{_POWERTOOLS}parameters.get_secret": "secretsmanager",
    f"{_POWERTOOLS}parameters.SSMProvider.get": "ssm",
    f"{_POWERTOOLS}parameters.SecretsProvider.get": "secretsmanager",
    "ssm_cache.SSMParameter": "ssm",
    "aws_secretsmanager_caching.SecretCache.get_secret_string": "secretsmanager",
}
_EVENTS = "SQSEvent SNSEvent S3Event EventBridgeEvent DynamoDBStreamEvent KinesisStreamEvent APIGatewayProxyEvent"
_EVENTS += " APIGatewayProxyEventV2 LambdaFunctionUrlEvent sqs_event.SQSRecord dynamo_db_stream_event.DynamoDBStreamEvent"
_CHECKS = "parser.parse parser.event_parser validation.validate"
SAME = frozenset(
    [
        *(f"{_POWERTOOLS}data_classes.{name}" for name in _EVENTS.split()),
        *(f"{_POWERTOOLS}{name}" for name in _CHECKS.split()),
        "dynamodb_json.json_util.loads",
        "pydantic.TypeAdapter.validate_python",
        "pydantic.parse_obj_as",
    ]
)
# Readers of the environment: called with a variable's name, or through a method that says its type.
_SETTINGS = (
    *("decouple.config", "decouple.Config", "environs.Env", "environ.Env"),
    *("starlette.config.Config", "everett.manager.ConfigManager"),
)
_SETTING_TYPES = frozenset({"str", "int", "bool", "url", "json", "list", "dict", "float", "path"})
_SESSIONS = (
    "boto3.session.Session",
    "boto3.Session",
    "aioboto3.Session",
    "aiobotocore.session",
    "botocore.session",
    "boto3.DEFAULT_SESSION",
)


def setting(name: str, arguments: Arguments) -> str | None:
    """The environment variable that a settings library is asked for; None for any other call."""
    base, _, kind = name.rpartition(".")
    if not (name.startswith(_SETTINGS) if kind not in _SETTING_TYPES else base.startswith(_SETTINGS)):
        return None
    asked, namespace = arguments.get("key", 0), arguments.named.get("namespace")
    if not isinstance(asked, str):
        return None
    return f"{namespace}_{asked}".upper() if isinstance(namespace, str) else asked.upper()


def call(core: Attributes, name: str, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """What a call of a library gives, by its dotted name; NOT_KNOWN where no table has it."""
    found = _sdk(name, arguments)
    if found is not None:
        return found
    variable = setting(name, arguments)
    if variable is not None:
        has_default = "default" in arguments.named
        return core.variable(variable, arguments.named.get("default"), node, scope, has_default=has_default)
    if name in PARAMETERS:
        return stored(PARAMETERS[name], arguments.get("name", 0))
    if name.endswith("parameters.get_parameters_by_name"):
        given = arguments.get("parameters", 0)
        keys = list(given.entries) if isinstance(given, DictOf) else []
        return DictOf({key: stored("ssm", key) for key in keys}, open=True)
    if name in SAME:
        return arguments.get("event", 0, arguments.get("data", 0))
    writer = WRITERS.get(name)
    if writer is not None:
        return write(core, name, writer, arguments, node, scope)
    return NOT_KNOWN


NOT_KNOWN: Abstract = object()


def _sdk(name: str, arguments: Arguments) -> Abstract:
    library, _, last = name.rpartition(".")
    if library.startswith(("boto3", "aioboto3", "aiobotocore", "botocore.session")):
        found = session_call(last, arguments)
        if found is not None:
            return found
        if name.startswith("boto3.dynamodb.table."):
            return SdkObject("dynamodb", last, (("TableName", arguments.get("table_name", 0)),))
    return None


def is_session(name: str) -> bool:
    """Whether a library object of this name makes clients."""
    return name.startswith(_SESSIONS)


def typed(name: str) -> Abstract:
    """The client or resource that a type of mypy_boto3 (or botocore's own) stands for; None for any other."""
    top, _, rest = name.partition(".")
    if not top.startswith(("mypy_boto3_", "types_boto3_", "types_aiobotocore_")):
        return None
    service = top.removeprefix("mypy_boto3_").removeprefix("types_boto3_").removeprefix("types_aiobotocore_")
    service = {"lambda_": "lambda", "iot_data": "iot-data"}.get(service, service.replace("_", "-"))
    last = rest.rpartition(".")[2]
    if last.endswith("Client"):
        return Client(service)
    if last.endswith("ServiceResource"):
        return ServiceResource(service)
    parameter = {"Table": "TableName", "Queue": "QueueUrl", "Topic": "TopicArn", "Bucket": "Bucket"}.get(last)
    return SdkObject(service, last, ((parameter, Symbol(last)),)) if parameter is not None else None


def write(core: Attributes, name: str, writer: Writer, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """What a writer of the table gives; its write is recorded where the mode and the address say that it is one."""
    foreign = Foreign(name, arguments)
    if writer.mode is not None:
        mode = arguments.get(*writer.mode, "r")
        if isinstance(mode, str) and not any(letter in mode for letter in "wax"):
            return foreign
    address = arguments.get(writer.argument, writer.position)
    if address is None:
        return foreign
    for option in options(address):
        if writer.must_be_s3 and not is_s3(option):
            continue
        service, operation = writer.operation
        parameters: dict[str, Abstract] = {"TableName": option}
        if service == "s3":
            parameters = {**bucket_and_key(_as_uri(option))}
        record(core, OPERATIONS[service, operation], parameters, node, scope)
    return foreign


def _as_uri(address: Abstract) -> Value:
    value = value_of(address)
    if isinstance(value, str):
        return value if "://" in value else f"s3://{value}"
    if isinstance(value, Concat) and not (isinstance(value.parts[0], str) and "://" in value.parts[0]):
        return Concat(("s3://", *value.parts))
    return value


def is_s3(address: Abstract) -> bool:
    """Whether an address is one of S3."""
    lead = address.parts[0] if isinstance(address, Concat) else address
    return isinstance(lead, str) and lead.startswith(("s3://", "s3a://"))


def saves(name: str, arguments: Arguments) -> Abstract:
    """The `s3://` address that a method of something unknown writes to, by its name; None where it does not."""
    if name not in _S3_METHODS and not _S3_VERBS.search(name):
        return None
    found = [value for value in arguments.all() if any(is_s3(option) for option in options(value))]
    return found[-1] if found else None


# pynamodb: a model is a table, its instances are items.
_MODEL_WRITES = {"save": "PutItem", "update": "UpdateItem", "delete": "DeleteItem"}


def model_call(core: Attributes, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """What a pynamodb model's method gives; NOT_KNOWN for anything else."""
    receiver = member.receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, Class) or not any(name.startswith("pynamodb.") for name in cls.libraries()):
        return NOT_KNOWN
    table = _table_of(cls)
    if isinstance(receiver, Instance) and member.name in _MODEL_WRITES:
        parameters: dict[str, Abstract] = {"TableName": table}
        if member.name == "save":
            parameters["Item"] = dict_of(receiver.names, open=True)
        record(core, OPERATIONS["dynamodb", _MODEL_WRITES[member.name]], parameters, node, scope)
        return None
    if member.name == "batch_write":
        return SdkObject("dynamodb", "ModelBatch", (("TableName", table),))
    if member.name in ("get", "query", "scan", "from_raw_data", "batch_get"):
        made = Instance(cls)
        return made if member.name in ("get", "from_raw_data") else ListOf([made], open=True)
    return NOT_KNOWN


def _table_of(cls: Class) -> Abstract:
    for ancestor in cls.ancestors():
        meta = ancestor.names.names.get("Meta")
        if isinstance(meta, Class) and "table_name" in meta.names.names:
            return meta.names.names["table_name"]
    return Symbol(cls.name)


# A receiver that is not known, asked for something that only the SDK has: by method and by the spelling of its parameters.
_TELLING: dict[str, tuple[tuple[str, str, str], ...]] = {
    "publish": (("TopicArn", "sns", "Publish"), ("TargetArn", "sns", "Publish")),
    "publish_batch": (("PublishBatchRequestEntries", "sns", "PublishBatch"),),
    "send_message": (("MessageBody", "sqs", "SendMessage"),),
    "send_message_batch": (("QueueUrl", "sqs", "SendMessageBatch"),),
    "put_events": (("Entries", "events", "PutEvents"),),
    "put_record": (("StreamName", "kinesis", "PutRecord"), ("DeliveryStreamName", "firehose", "PutRecord")),
    "put_records": (("StreamName", "kinesis", "PutRecords"),),
    "invoke": (("FunctionName", "lambda", "Invoke"),),
    "start_execution": (("stateMachineArn", "stepfunctions", "StartExecution"),),
    "start_sync_execution": (("stateMachineArn", "stepfunctions", "StartSyncExecution"),),
    "put_object": (("Bucket", "s3", "PutObject"),),
    "copy_object": (("Bucket", "s3", "CopyObject"),),
    "delete_object": (("Bucket", "s3", "DeleteObject"),),
    "delete_objects": (("Bucket", "s3", "DeleteObjects"),),
    "upload_fileobj": (("Bucket", "s3", "PutObject"),),
    "upload_file": (("Bucket", "s3", "PutObject"),),
    "put_item": (("Item", "dynamodb", "PutItem"),),
    "update_item": (("UpdateExpression", "dynamodb", "UpdateItem"), ("AttributeUpdates", "dynamodb", "UpdateItem")),
    "delete_item": (("Key", "dynamodb", "DeleteItem"),),
    "batch_write_item": (("RequestItems", "dynamodb", "BatchWriteItem"),),
    "transact_write_items": (("TransactItems", "dynamodb", "TransactWriteItems"),),
    "create_schedule": (("Target", "scheduler", "CreateSchedule"),),
}
_TARGETLESS = {
    "MessageBody": "QueueUrl",
    "Item": "TableName",
    "UpdateExpression": "TableName",
    "Key": "TableName",
    "AttributeUpdates": "TableName",
}


def telling_call(core: Attributes, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> bool:
    """Records a call on an unknown object whose method and parameters can only be the SDK's; False where they are not."""
    for parameter, service, name in _TELLING.get(member.name, ()):
        if parameter in arguments.named:
            given = dict(arguments.named)
            target = _TARGETLESS.get(parameter)
            if target is not None and target not in given:
                given[target] = member.receiver if isinstance(member.receiver, Symbol | Env) else Symbol(_receiver(member))
            record(core, OPERATIONS[service, name], given, node, scope)
            return True
    return False


def _receiver(member: Member) -> str:
    return member.text.name.rpartition(".")[0] or member.text.name


def data_model(core: Attributes, member: Member, arguments: Arguments) -> Abstract:
    """`Model.parse_obj(message)` and its like give the message itself; NOT_KNOWN for other methods."""
    if member.name in ("parse_obj", "model_validate", "from_dict", "from_orm", "construct", "model_construct"):
        return arguments.get("obj", 0) if arguments.positional else NOT_KNOWN
    if member.name in ("parse_raw", "model_validate_json", "from_json"):
        given = arguments.get("json_data", 0)
        return FromMessage((*given.path, "()"), given.name) if isinstance(given, FromMessage) else NOT_KNOWN
    return NOT_KNOWN
