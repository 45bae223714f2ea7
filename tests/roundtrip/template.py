"""The SAM template of a made-up workflow: what a person would write by hand for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tests.roundtrip.code import effect_type, handler, variable
from tests.roundtrip.shape import Application, Channel, Function, Listener

_TEMPLATES = {
    "sqs": ("SQSSendMessagePolicy", "QueueName", "QueueName"),
    "sns": ("SNSPublishMessagePolicy", "TopicName", "TopicName"),
    "eventbridge": ("EventBridgePutEventsPolicy", "EventBusName", ""),
    "s3": ("S3WritePolicy", "BucketName", ""),
    "dynamodb_stream": ("DynamoDBWritePolicy", "TableName", ""),
    "invoke": ("LambdaInvokePolicy", "FunctionName", ""),
    "call": ("LambdaInvokePolicy", "FunctionName", ""),
}
_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "eventbridge": "events:PutEvents",
    "s3": "s3:PutObject",
    "dynamodb_stream": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
    "kinesis": ["kinesis:PutRecord", "kinesis:PutRecords"],
    "invoke": "lambda:InvokeFunction",
    "call": "lambda:InvokeFunction",
}
_LEDGERS = {"dynamodb_stream": "Ledger", "sqs": "Outside", "s3": "Shelf"}
_ASYNCHRONOUS_FORMS = frozenset({"sns", "eventbridge", "s3", "rows", "plain", "destination"})


class Ref(str):
    """`!Ref NAME`."""


class Att(str):
    """`!GetAtt NAME.ATTRIBUTE`."""


def template(application: Application) -> str:
    """The template as text."""
    return yaml.dump(_Template(application).document(), Dumper=_Short if application.short else _Long, sort_keys=False, width=130)


class _Long(yaml.SafeDumper):
    """Intrinsics in their long form, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Short(_Long):
    """Intrinsics in YAML's short form."""


_Long.add_representer(Ref, lambda dumper, value: dumper.represent_dict({"Ref": str(value)}))
_Long.add_representer(Att, lambda dumper, value: dumper.represent_dict({"Fn::GetAtt": str(value).split(".", 1)}))
_Short.add_representer(Ref, lambda dumper, value: dumper.represent_scalar("!Ref", str(value)))
_Short.add_representer(Att, lambda dumper, value: dumper.represent_scalar("!GetAtt", str(value)))


class _Template:
    """One template at work."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.resources: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        for function in self.application.functions:
            self.function(function)
        for channel in self.application.channels:
            self.channel(channel)
        for name, type in sorted({(_LEDGERS[type], type) for type in map(effect_type, self.application.functions) if type}):
            self.resource(name, type, {})
        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": "AWS::Serverless-2016-10-31",
            "Globals": {"Function": {"Runtime": "python3.12", "Timeout": 10}},
            "Resources": self.resources,
        }

    # Functions.

    def function(self, function: Function) -> None:
        folder, entry = handler(self.application, function)
        variables, policies = {}, []
        for send in function.sends:
            channel = self.application.channel(send.channel)
            if channel.type != "destination":
                variables[variable(channel.name)] = self.name(channel)
                policies.append(self.grant(function, channel.type, channel))
        if effect_type(function):
            variables[variable("Ledger")] = Ref(_LEDGERS[effect_type(function)])
            policies.append(
                self.grant(
                    function, effect_type(function), Channel(name=_LEDGERS[effect_type(function)], type=effect_type(function))
                )
            )
        if any(self.application.channel(send.channel).type == "schedule" for send in function.sends):
            variables["SCHEDULER_ROLE"] = Att("SchedulerRole.Arn")
            policies.append(_statement("iam:PassRole", Att("SchedulerRole.Arn")))
        events = dict(self.events(function))
        properties: dict[str, Any] = {"CodeUri": f"{folder}/", "Handler": entry}
        if variables:
            properties["Environment"] = {"Variables": variables}
        policies += [_statement("s3:GetObject", "*")] if function.form in ("s3", "rows") else []
        if policies:
            properties["Policies"] = [policy for index, policy in enumerate(policies) if policy not in policies[:index]]
        if events:
            properties["Events"] = events
        properties |= self.asynchronous(function)
        self.resources[function.name] = {"Type": "AWS::Serverless::Function", "Properties": properties}

    def name(self, channel: Channel) -> Any:
        """What a handler is told of a channel."""
        if channel.type in ("invoke", "call"):
            return Ref(channel.listeners[0].consumer)
        if channel.type == "schedule":
            return Att(f"{channel.listeners[0].consumer}.Arn")
        return Ref(channel.name)

    def grant(self, function: Function, type: str, channel: Channel) -> Any:
        """A policy that lets a function write to a channel."""
        if type == "schedule":
            return _statement("scheduler:CreateSchedule", "*")
        target = channel.listeners[0].consumer if type in ("invoke", "call") else channel.name
        if function.style.policy == "template" and type in _TEMPLATES:
            policy, parameter, attribute = _TEMPLATES[type]
            return {policy: {parameter: Att(f"{target}.{attribute}") if attribute else Ref(target)}}
        if type == "sns":
            return _statement(_ACTIONS[type], Ref(target))
        if type == "s3":
            return _statement(_ACTIONS[type], {"Fn::Sub": f"${{{target}.Arn}}/*"})
        return _statement(_ACTIONS[type], Att(f"{target}.Arn"))

    def asynchronous(self, function: Function) -> dict[str, Any]:
        """The settings of asynchronous invocations, with where their failures and their answers go."""
        found: dict[str, Any] = {}
        config: dict[str, Any] = {}
        if function.form in _ASYNCHRONOUS_FORMS:
            if function.retries is not None:
                config["MaximumRetryAttempts"] = function.retries
            if function.failed:
                failed = f"{function.name}Failed"
                self.resource(failed, "sqs", {})
                if function.failed == "queue":
                    found["DeadLetterQueue"] = {"Type": "SQS", "TargetArn": Att(f"{failed}.Arn")}
                else:
                    config["DestinationConfig"] = {"OnFailure": {"Type": "SQS", "Destination": Att(f"{failed}.Arn")}}
        for send in function.sends:
            channel = self.application.channel(send.channel)
            if channel.type == "destination":
                (listener,) = channel.listeners
                to = ("SQS", listener.queue) if listener.queue else ("Lambda", listener.consumer)
                config.setdefault("DestinationConfig", {})["OnSuccess"] = {"Type": to[0], "Destination": Att(f"{to[1]}.Arn")}
        return {**found, "EventInvokeConfig": config} if config else found

    # What starts functions.

    def events(self, function: Function) -> Iterator[tuple[str, Any]]:
        entry = function.entry
        if entry == "api":
            yield "Post", {"Type": "Api", "Properties": {"Path": f"/{function.name.lower()}", "Method": "post"}}
        elif entry in ("sqs", "kinesis"):
            source = f"{function.name}Inbox"
            self.resource(source, entry, self.redrive(source, 3) if entry == "sqs" else {})
            yield "Inbox", self.mapping(entry, source, Listener(consumer=function.name))
        elif entry == "s3":
            self.resource(f"{function.name}Uploads", "s3", {})
            yield (
                "Uploaded",
                {"Type": "S3", "Properties": {"Bucket": Ref(f"{function.name}Uploads"), "Events": "s3:ObjectCreated:*"}},
            )
        elif entry == "sns":
            self.resource(f"{function.name}Inbox", "sns", {})
            yield "Inbox", {"Type": "SNS", "Properties": {"Topic": Ref(f"{function.name}Inbox")}}
        elif entry == "eventbridge":
            self.resource(f"{function.name}Inbox", "eventbridge", {})
            rule = {"EventBusName": Ref(f"{function.name}Inbox"), "Pattern": {"source": ["outside"]}}
            yield "Inbox", {"Type": "EventBridgeRule", "Properties": rule}
        for channel, listener in self.application.listening(function.name):
            found = self.event(channel, listener)
            if found:
                yield f"From{channel.name}", found

    def event(self, channel: Channel, listener: Listener) -> dict[str, Any] | None:
        """What makes a function a listener of a channel, where that stands with the function."""
        if listener.queue:
            self.between(channel, listener)
            return self.mapping("sqs", listener.queue, listener)
        if channel.type in ("sqs", "dynamodb_stream", "kinesis"):
            return self.mapping(channel.type, channel.name, listener, self.criteria(channel, listener))
        if channel.type == "sns":
            return {"Type": "SNS", "Properties": {"Topic": Ref(channel.name), **_filter(listener)}}
        if channel.type == "s3":
            rules = [{"Name": "prefix", "Value": "inbox/"}]
            found = {"Bucket": Ref(channel.name), "Events": "s3:ObjectCreated:*", "Filter": {"S3Key": {"Rules": rules}}}
            return {"Type": "S3", "Properties": found}
        if channel.type != "eventbridge":
            return None
        if listener.transform == "template":
            self.rule(channel, listener, f"{listener.consumer}.Arn")
            self.resources[f"{channel.name}{listener.consumer}Permission"] = {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": Ref(listener.consumer),
                    "Action": "lambda:InvokeFunction",
                    "Principal": "events.amazonaws.com",
                    "SourceArn": Att(f"{channel.name}{listener.consumer}Rule.Arn"),
                },
            }
            return None
        rule: dict[str, Any] = {"EventBusName": Ref(channel.name), "Pattern": _pattern(listener)}
        if listener.transform:
            rule["InputPath"] = "$.detail"
        if listener.tries != 3:
            rule["RetryPolicy"] = {"MaximumRetryAttempts": listener.tries}
        return {"Type": "EventBridgeRule", "Properties": rule}

    def mapping(self, type: str, source: str, listener: Listener, criteria: Any = None) -> dict[str, Any]:
        """An event source mapping as an event of a function."""
        kinds = {
            "sqs": ("SQS", "Queue", "Arn"),
            "dynamodb_stream": ("DynamoDB", "Stream", "StreamArn"),
            "kinesis": ("Kinesis", "Stream", "Arn"),
        }
        name, key, attribute = kinds[type]
        found: dict[str, Any] = {key: Att(f"{source}.{attribute}"), "BatchSize": listener.batch}
        if type != "sqs":
            found |= {"StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": listener.tries}
            if listener.dead_letter:
                self.resource(f"{source}Lost", "sqs", {})
                found["DestinationConfig"] = {"OnFailure": {"Type": "SQS", "Destination": Att(f"{source}Lost.Arn")}}
        if listener.window:
            found["MaximumBatchingWindowInSeconds"] = listener.window
        if listener.partial:
            found["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
        if listener.most and type == "sqs":
            found["ScalingConfig"] = {"MaximumConcurrency": listener.most}
        if criteria is not None:
            found["FilterCriteria"] = {"Filters": [{"Pattern": criteria}]}
        return {"Type": name, "Properties": found}

    def criteria(self, channel: Channel, listener: Listener) -> str | None:
        """The filter of a mapping, as the text that it is."""
        if not listener.kinds:
            return None
        kinds = ", ".join(f'"{kind}"' for kind in listener.kinds)
        if channel.type == "sqs":
            return f'{{"body": {{"kind": [{kinds}]}}}}'
        return f'{{"dynamodb": {{"NewImage": {{"kind": {{"S": [{kinds}]}}}}}}}}'

    # Channels.

    def channel(self, channel: Channel) -> None:
        if channel.type in ("invoke", "call", "destination"):
            return
        if channel.type == "schedule":
            self.role()
            return
        properties: dict[str, Any] = {}
        if channel.type == "sqs":
            listener = channel.listeners[0] if channel.listeners else None
            properties |= self.redrive(channel.name, listener.tries, channel.fifo) if listener and listener.dead_letter else {}
            properties |= {"DelaySeconds": channel.delay} if channel.delay else {}
            properties |= {"FifoQueue": True} if channel.fifo else {}
        if channel.type == "dynamodb_stream":
            properties["StreamSpecification"] = {"StreamViewType": channel.view}
        self.resource(channel.name, channel.type, properties)

    def between(self, channel: Channel, listener: Listener) -> None:
        """The queue between a topic, bus or destination and its listener, with what lets messages in."""
        queue = listener.queue
        self.resource(queue, "sqs", self.redrive(queue, listener.tries) if listener.dead_letter else {})
        if channel.type == "sns":
            properties = {"TopicArn": Ref(channel.name), "Protocol": "sqs", "Endpoint": Att(f"{queue}.Arn"), **_filter(listener)}
            properties |= {"RawMessageDelivery": True} if listener.raw else {}
            self.resources[f"{queue}Subscription"] = {"Type": "AWS::SNS::Subscription", "Properties": properties}
        elif channel.type == "eventbridge":
            self.rule(channel, listener, f"{queue}.Arn")
        if channel.type != "destination":
            service = {"sns": "sns", "eventbridge": "events"}[channel.type]
            statement = {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": Att(f"{queue}.Arn"),
            }
            document = {"Version": "2012-10-17", "Statement": [statement]}
            self.resources[f"{queue}Policy"] = {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [Ref(queue)], "PolicyDocument": document},
            }

    def rule(self, channel: Channel, listener: Listener, target: str) -> None:
        """A rule as a resource of its own."""
        one: dict[str, Any] = {"Id": "Target", "Arn": Att(target)}
        if listener.transform == "path":
            one["InputPath"] = "$.detail"
        elif listener.transform:
            one["InputTransformer"] = {
                "InputPathsMap": {"id": "$.detail.id", "kind": "$.detail.kind", "items": "$.detail.items"},
                "InputTemplate": '{"id": <id>, "kind": <kind>, "items": <items>}',
            }
        if not listener.queue and listener.tries != 3:
            one["RetryPolicy"] = {"MaximumRetryAttempts": listener.tries}
        properties = {"EventBusName": Ref(channel.name), "EventPattern": _pattern(listener), "Targets": [one]}
        self.resources[f"{channel.name}{listener.consumer}Rule"] = {"Type": "AWS::Events::Rule", "Properties": properties}

    def redrive(self, queue: str, tries: int, fifo: bool = False) -> dict[str, Any]:
        self.resource(f"{queue}Lost", "sqs", {"FifoQueue": True} if fifo else {})
        return {
            "VisibilityTimeout": 60,
            "RedrivePolicy": {"deadLetterTargetArn": Att(f"{queue}Lost.Arn"), "maxReceiveCount": tries},
        }

    def resource(self, name: str, type: str, properties: dict[str, Any]) -> None:
        """The resource of a channel type."""
        made = {
            "sqs": "AWS::SQS::Queue",
            "sns": "AWS::SNS::Topic",
            "eventbridge": "AWS::Events::EventBus",
            "s3": "AWS::S3::Bucket",
            "kinesis": "AWS::Kinesis::Stream",
            "dynamodb_stream": "AWS::DynamoDB::Table",
        }
        if type == "eventbridge":
            properties = {"Name": f"{name.lower()}-bus", **properties}
        elif type == "kinesis":
            properties = {"ShardCount": 1, **properties}
        elif type == "dynamodb_stream":
            properties = {
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                **properties,
            }
        self.resources[name] = {"Type": made[type], **({"Properties": properties} if properties else {})}

    def role(self) -> None:
        """The role with which schedules invoke functions."""
        assumed = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
        allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
        self.resources["SchedulerRole"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [assumed]},
                "Policies": [{"PolicyName": "invoke", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}],
            },
        }


def _statement(action: Any, resource: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def _filter(listener: Listener) -> dict[str, Any]:
    """The filter policy of a subscription."""
    if not listener.kinds:
        return {}
    scope = {} if listener.scope == "attributes" else {"FilterPolicyScope": "MessageBody"}
    return {"FilterPolicy": {"kind": list(listener.kinds)}, **scope}


def _pattern(listener: Listener) -> dict[str, Any]:
    """The pattern of a rule."""
    kinds = {"detail": {"kind": list(listener.kinds)}} if listener.kinds else {}
    return {"source": ["shop"], "detail-type": ["Done"], **kinds}
