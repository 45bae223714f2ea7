"""How the AWS SDKs of Java are called: requests by builders and constructors, clients, and the wrappers over them."""

from __future__ import annotations

from untangle.model.value import Stored
from untangle.scanners.code.java.packages import (
    CONSTRUCTORS,
    ENUMS,
    LISTS,
    POSITIONS,
    TABLES,
    WRAPPERS,
    operation_of,
    property_of,
    service_of,
)
from untangle.scanners.code.lowered.library import Follower, Site
from untangle.scanners.code.lowered.spelling import SDK
from untangle.scanners.code.lowered.things import (
    Client,
    Closure,
    Factory,
    Items,
    Message,
    Record,
    Thing,
    Unknown,
    join,
    literal,
    options,
    to_value,
)

TABLE = "table"  # the type of records that are a handle of one DynamoDB table
_ANSWERS = {
    ("ssm", "GetParameter"): ("parameter.value", "name", "ssm"),
    ("secretsmanager", "GetSecretValue"): ("secretString", "secretId", "secretsmanager"),
    ("sqs", "GetQueueUrl"): ("queueUrl", "queueName", None),
    ("sqs", "CreateQueue"): ("queueUrl", "queueName", None),
    ("sns", "CreateTopic"): ("topicArn", "name", None),
}
_CONFIGURES = frozenset(
    (
        *("build", "create", "builder", "standard", "defaultClient", "region", "credentialsProvider", "httpClient", "async"),
        *("httpClientBuilder", "overrideConfiguration", "endpointOverride", "dynamoDbClient", "s3Client", "serviceConfiguration"),
        *("defaultAsyncClient", "crtBuilder", "crtCreate", "extensions", "applyMutation", "asyncConfiguration", "toBuilder"),
        *("forcePathStyle", "accelerate", "multipartEnabled", "minimumPartSizeInBytes", "targetThroughputInGbps"),
        *("setEndpoint", "setRegion", "dualstackEnabled", "fipsEnabled", "defaultsMode", "endpointProvider"),
    )
)
_WRITES_OF_TABLES = {
    "putItem": "PutItem",
    "putItemWithResponse": "PutItem",
    "updateItem": "UpdateItem",
    "updateItemWithResponse": "UpdateItem",
    "deleteItem": "DeleteItem",
    "deleteItemWithResponse": "DeleteItem",
}
_MAPPER = {"save": "PutItem", "delete": "DeleteItem", "batchSave": "BatchWriteItem", "batchDelete": "BatchWriteItem"}
_UPLOADS = {
    "upload": "PutObject",
    "uploadFile": "PutObject",
    "uploadDirectory": "PutObject",
    "uploadFileList": "PutObject",
    "copy": "CopyObject",
}


def known_class(package: str, name: str) -> Thing:
    """What a value of an SDK's class is that the code does not make itself: a client or a table; else unknown."""
    service = service_of(package)
    if service is None:
        return Unknown()
    if name in WRAPPERS:
        return Client(*WRAPPERS[name])
    if name in TABLES:
        return Record({"table": Unknown("table")}, type=TABLE)
    return Client(service) if is_client(package, name) else Unknown()


def is_client(package: str, name: str) -> bool:
    """Whether a class of an SDK's service package is a client or makes one."""
    if ".model" in package or name.endswith(("Exception", "Request", "Result", "Response")):
        return False
    return name.endswith(("Client", "ClientBuilder")) or name.startswith(("Amazon", "AWS"))


def call(package: str, name: str, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
    """A constructor or static method of an SDK's class: `name` is "SqsClient.builder", or "SendMessageRequest" with `new`."""
    cls, _, method = name.rpartition(".") if not new else (name, "", "")
    first = arguments[0] if arguments else None
    short = cls.rpartition(".")[2]
    service = service_of(package)
    if short in WRAPPERS:
        return Client(*WRAPPERS[short])
    if service is not None and is_client(package, short):
        return Client(service)
    if short == "TableNameOverride" and method == "withTableNameReplacement":
        return Record({"tableNameReplacement": first}, type=f"{SDK}TableNameOverride")
    if short in ("SdkBytes", "RequestBody", "AsyncRequestBody", "ByteBuffer", "BlockingInputStreamAsyncRequestBody"):
        return first
    if short == "TableSchema" or method in ("fromBean", "fromImmutableClass"):
        return first
    if short in ("AttributeValue", "AttributeValues") and method[:4] == "from" and method != "from":
        return Record({method[4:]: first}, type=f"{SDK}AttributeValue")
    if new or method in ("builder", "create"):
        return request(short, arguments, interpreter) if new else Record(type=f"{SDK}{short}")
    return interpreter.apply(Unknown(name), arguments, site)


def request(name: str, arguments: list[Thing], interpreter: Follower) -> Thing:
    """`new SendMessageRequest(url, body)`."""
    if name == "Item":
        return Record(type="item")
    positions = CONSTRUCTORS.get(name, ())
    made = Record(type=f"{SDK}{name}")
    for key, value in zip(positions, arguments, strict=False):
        set_field(made, key, [value], interpreter)
    return made


def enumerated(name: str) -> str | None:
    """The value of an SDK's enumeration constant ("InvocationType.EVENT")."""
    kind, _, constant = name.rpartition(".")
    return ENUMS.get(kind.rpartition(".")[2], {}).get(constant)


def built(value: Thing, interpreter: Follower, kind: str = "") -> Thing:
    """What a builder is given: a function that fills one in gives what it filled in."""
    if not isinstance(value, Closure):
        return value
    made = Record(type=f"{SDK}{kind}")
    interpreter.apply(value, [made], Site(value.path, value.code.line, "builder"))
    return made


def set_field(record: Record, key: str, values: list[Thing], interpreter: Follower) -> None:
    """Sets a parameter of a request."""
    given = [built(value, interpreter) for value in values]
    if key in LISTS:
        elements: list[Thing] = []
        open_ = False
        for value in given:
            if isinstance(value, Items):
                elements.extend(value.elements)
                open_ = open_ or value.open
            else:
                elements.append(value)
        record.fields[key] = Items(elements, open_)
    else:
        record.fields[key] = given[0] if len(given) == 1 else Items(given)


def of_request(record: Record, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """A method of a request, an entry of one, a builder of either, or an answer: sets and gets parameters."""
    if method in ("build", "toBuilder", "clone", "copy", "self"):
        return record
    if method == "applyMutation" and arguments:
        interpreter.apply(arguments[0], [record], site)
        return record
    key = property_of(method)
    if not arguments:
        return record.fields.get(key, Unknown(site.text))
    if method.startswith("add") and method[3:4].isupper():
        _add(record, method, arguments, interpreter)
    elif record.type.endswith("PrimaryKey") and len(arguments) > 1:
        pass
    else:
        set_field(record, key, arguments, interpreter)
    return record


def _add(record: Record, method: str, arguments: list[Thing], interpreter: Follower) -> None:
    """`addPutItem(table, item)` of transactions and write batches, and `addXEntry(key, value)` of SDK v1's maps."""
    kind = {"addPutItem": "Put", "addUpdateItem": "Update", "addDeleteItem": "Delete"}.get(method)
    table = arguments[0]
    if kind is not None and isinstance(table, Record) and table.type == TABLE:
        entry = Record({"TableName": table.fields.get("table"), "Item": arguments[-1]})
        listed = record.fields.setdefault("transactItems", Items())
        if isinstance(listed, Items):
            listed.elements.append(Record({kind: entry}))
    elif kind is not None:
        listed = record.fields.setdefault("requests", Items())
        if isinstance(listed, Items):
            listed.elements.append(Record({f"{kind}Request": Record({"Item": arguments[0]})}))
    elif method == "addWriteBatch":
        batch = built(arguments[0], interpreter)
        items = record.fields.setdefault("requestItems", Record())
        if isinstance(batch, Record) and isinstance(items, Record):
            of = batch.fields.get("mappedTableResource")
            name = of.fields.get("table") if isinstance(of, Record) else Unknown("table")
            items.computed.append((name, batch.fields.get("requests", Items())))
    elif method.endswith("Entry") and len(arguments) == 2:
        key = property_of(method[3].lower() + method[4:-5])
        held = record.fields.setdefault(key, Record())
        if isinstance(held, Record) and (name := literal(arguments[0])) is not None:
            held.fields[name] = arguments[1]


def send(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """A method of a client."""
    if method in _CONFIGURES or (method.startswith("with") and method[4:5].isupper()):
        return client
    if client.flavour:
        return _FLAVOURS[client.flavour](client, method, arguments, site, interpreter)
    operation = operation_of(method)
    given = [built(value, interpreter, f"{operation}Request") for value in arguments]
    parameters = _parameters(client.service, operation, given)
    if operation == "GeneratePresignedUrl":
        return _presigned(parameters, given, site, interpreter)
    interpreter.record(client.service, operation, parameters, site)
    if operation == "PutItem" and client.service == "dynamodb" and not given:
        return Unknown(site.text)
    return _answer(client.service, operation, parameters) or Unknown(site.text)


def _parameters(service: str, operation: str, given: list[Thing]) -> Thing:
    names = POSITIONS.get((service, operation), {}).get(len(given))
    first = given[0] if given else None
    if names is not None and not (isinstance(first, Record) and first.type.startswith(SDK)):
        return Record(dict(zip(names, given, strict=True)), type=f"{SDK}{operation}Request")
    if operation == "PutObject" and len(given) > 1 and isinstance(first, Record):
        return Record({**first.fields, "body": given[1]}, type=first.type)
    return first


def _answer(service: str, operation: str, parameters: Thing) -> Thing:
    """What reading a parameter, a secret or a queue's URL gives."""
    known = _ANSWERS.get((service, operation))
    if known is None or not isinstance(parameters, Record):
        return None
    route, asked, store = known
    name = parameters.fields.get(asked)
    value: Thing = Stored(store, to_value(name)) if store is not None else name
    for step in reversed(route.split(".")):
        value = Record({step: value}, type=f"{SDK}answer")
    return value


def _presigned(parameters: Thing, given: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """SDK v1's presigned URLs: uploads where the method is PUT."""
    method = parameters.fields.get("method") if isinstance(parameters, Record) else None
    if len(given) == 4:
        parameters, method = Record({"bucket": given[0], "key": given[1]}, type=f"{SDK}PutObjectRequest"), given[3]
    if literal(method) == "PUT":
        interpreter.record("s3", "PutObject", parameters, site, "client upload")
    return Unknown(site.text)


def _presigner(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    request = built(arguments[0], interpreter) if arguments else None
    if method == "presignPutObject" and isinstance(request, Record):
        interpreter.record("s3", "PutObject", request.fields.get("putObjectRequest"), site, "client upload")
    return Unknown(site.text)


def _transfer(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """The transfer managers of both SDKs: `upload(bucket, key, file)`, `uploadFile(request)`."""
    operation = _UPLOADS.get(method)
    if operation is None:
        return client if method in ("s3ClientFactory", "executorFactory") else Unknown(site.text)
    first = built(arguments[0], interpreter) if arguments else None
    if isinstance(first, Record) and first.type.startswith(SDK):
        inner = first.fields.get("putObjectRequest") or first.fields.get("copyObjectRequest") or first
        return interpreter.record("s3", operation, inner, site)
    names = ("copySourceBucket", "copySourceKey", "bucket", "key") if operation == "CopyObject" else ("bucket", "key")
    return interpreter.record("s3", operation, Record(dict(zip(names, arguments, strict=False)), type=SDK), site)


def _enhanced(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    if method == "table":
        return Record({"table": arguments[0] if arguments else Unknown("table")}, type=TABLE)
    if method in ("batchWriteItem", "transactWriteItems"):
        return interpreter.record("dynamodb", operation_of(method), built(arguments[0], interpreter) if arguments else None, site)
    return Unknown(site.text)


def _document(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    if method == "getTable":
        return Record({"table": arguments[0] if arguments else Unknown("table")}, type=TABLE)
    if method == "batchWriteItem":
        for option in options(arguments[0] if arguments else None):
            table = option.fields.get("tableName") if isinstance(option, Record) else None
            parameters = Record({"RequestItems": Record(computed=[(table, Items())])})
            interpreter.record("dynamodb", "BatchWriteItem", parameters, site)
    return Unknown(site.text)


def of_table(table: Record, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """A method of a handle of one table."""
    operation = _WRITES_OF_TABLES.get(method)
    if operation is None:
        return table.fields.get("table") if method in ("tableName", "getTableName") else Unknown(site.text)
    item = built(arguments[0], interpreter) if arguments else None
    if isinstance(item, Record) and item.type.startswith(SDK):
        item = item.fields.get("item", item)
    parameters = Record({"TableName": table.fields.get("table"), "Item" if operation == "PutItem" else "Key": item})
    return interpreter.record("dynamodb", operation, parameters, site)


def _mapper(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """DynamoDBMapper: the table's name is an annotation of the class of what is saved, unless a configuration replaces it."""
    operation = _MAPPER.get(method)
    if operation is None or not arguments:
        return Unknown(site.text)
    tables = [_replaced(value) for value in arguments[1:]]
    name = next((table for table in tables if table is not None), None) or join(_table_of(item) for item in options(arguments[0]))
    if operation == "BatchWriteItem":
        entry = Record({"PutRequest" if method == "batchSave" else "DeleteRequest": Record()})
        parameters = Record({"RequestItems": Record(computed=[(name, Items([entry]))])})
    else:
        parameters = Record({"TableName": name, "Item" if operation == "PutItem" else "Key": arguments[0]})
    return interpreter.record("dynamodb", operation, parameters, site)


def _replaced(config: Thing) -> Thing:
    override = config.fields.get("tableNameOverride") if isinstance(config, Record) else None
    return override.fields.get("tableNameReplacement") if isinstance(override, Record) else None


def _table_of(item: Thing) -> Thing:
    if isinstance(item, Items):
        return join(_table_of(element) for element in item.elements) if item.elements else Unknown("table")
    kind = item.made_by if isinstance(item, Record) else item.type if isinstance(item, Message) else item
    while isinstance(kind, Factory):
        for tag, value in kind.code.tags:
            name = getattr(value, "value", None)
            if tag == "DynamoDBTable" and isinstance(name, str):
                return name
        kind = kind.base
    return Unknown("table")


_FLAVOURS = {
    "enhanced": _enhanced,
    "document": _document,
    "mapper": _mapper,
    "transfer": _transfer,
    "presigner": _presigner,
}
