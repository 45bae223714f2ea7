"""AWS::Serverless::Function: the function itself, its code, alias, URL, role and what starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.model.resource import Resource
from untangle.model.value import Either, Ref, Value
from untangle.scanners.sam import grants
from untangle.scanners.sam.destinations import read_invoke_config
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events import read_events
from untangle.scanners.sam.events.event import Target
from untangle.scanners.sam.part import Part, absences, each, options, properties
from untangle.scanners.sam.role import Grants, make_role, read_policies, written

# Properties that only SAM knows; everything else is CloudFormation's own.
_CONSUMED = frozenset(
    {
        "AssumeRolePolicyDocument",
        "AutoPublishAlias",
        "AutoPublishAliasAllProperties",
        "AutoPublishCodeSha256",
        "CodeUri",
        "DeadLetterQueue",
        "DeploymentPreference",
        "EventInvokeConfig",
        "Events",
        "FunctionUrlConfig",
        "ImageUri",
        "InlineCode",
        "PermissionsBoundary",
        "Policies",
        "PropagateTags",
        "ProvisionedConcurrencyConfig",
        "Role",
        "RolePath",
        "Tags",
        "Tracing",
        "VersionDeletionPolicy",
        "VersionDescription",
    }
)
_RENAMED = {
    "Code": ("ImageUri", "CodeUri", "InlineCode"),
    "DeadLetterConfig": ("DeadLetterQueue",),
    "TracingConfig": ("Tracing",),
}
_DEAD_LETTERS = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


def expand_function(draft: Draft, resource: Resource) -> None:
    """Writes one function out."""
    part = properties(resource)
    held = Grants()
    function = _keep(draft, resource, _role(draft, part))
    target = _target(draft, part, function, held)
    _url(draft, part, target)
    read_invoke_config(draft, part, target)
    _permit(draft, part, held)
    read_policies(draft, part, held)
    read_events(draft, part, target)
    for condition in absences(resource.get("Role"), resource.condition):
        at = replace(written(part, "Policies"), condition=condition)
        make_role(draft, at, f"{resource.address}Role", "lambda", held.under(resource.condition, condition))


def _keep(draft: Draft, resource: Resource, role: Value) -> Resource:
    values = {key: value for key, value in resource.properties.items() if key not in _CONSUMED}
    values |= {
        "Code": code(resource),
        "Role": role,
        "DeadLetterConfig": each(resource.get("DeadLetterQueue"), _dead_letter),
        "TracingConfig": each(resource.get("Tracing"), lambda mode: {"Mode": mode}),
        "Tags": each(resource.get("Tags"), tags),
    }
    moved = [((key,), (key,)) for key in values]
    moved += [((key,), (source,)) for key, sources in _RENAMED.items() for source in sources]
    return draft.keep(resource, "AWS::Lambda::Function", values, moved)


def code(resource: Resource) -> Value:
    """The canonical `Code`: inline text, an S3 object, an image, or a local path; "." where SAM's own default holds."""
    inline = each(resource.get("InlineCode"), lambda text: {"ZipFile": text})
    image = each(resource.get("ImageUri"), lambda uri: {"ImageUri": uri})
    uri = each(resource.get("CodeUri"), location)
    if resource.get("PackageType") == "Image":
        return image or {"ImageUri": None}
    return next((value for value in (inline, uri, image) if value is not None), ".")


def location(uri: Value) -> Value:
    """A CodeUri, ContentUri or the like: a local path stays text, an S3 object becomes `{S3Bucket, S3Key, S3ObjectVersion}`."""
    if isinstance(uri, str) and uri.startswith("s3://"):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        key, _, version = key.partition("?versionId=")
        return {"S3Bucket": bucket, "S3Key": key} | ({"S3ObjectVersion": version} if version else {})
    if isinstance(uri, Mapping):
        names = {"Bucket": "S3Bucket", "Key": "S3Key", "Version": "S3ObjectVersion"}
        return {names.get(key, key): value for key, value in uri.items()}
    return uri


def tags(given: Value) -> Value:
    """SAM's mapping of tags as CloudFormation's list."""
    if not isinstance(given, Mapping):
        return given
    return tuple({"Key": key, "Value": value} for key, value in given.items())


def _dead_letter(given: Value) -> Value:
    return {"TargetArn": given.get("TargetArn")} if isinstance(given, Mapping) else None


def _role(draft: Draft, part: Part) -> Value:
    """The function's Role: as given; where none is (or on one side of an Fn::If none is), the generated one."""
    return or_else(part.get("Role"), draft.ref(f"{part.owner.address}Role", "Arn"))


def or_else(value: Value, otherwise: Value) -> Value:
    """The value with `otherwise` where it is absent, on every side of an `Either`."""
    if isinstance(value, Either):
        return Either(tuple(or_else(option, otherwise) for option in value.options), value.conditions)
    return otherwise if value is None else value


def _target(draft: Draft, part: Part, function: Resource, held: Grants) -> Target:
    """What the function's events start: its alias where `AutoPublishAlias` always makes one, else the function."""
    arn, name = Ref(function.id, "Arn"), Ref(function.id)
    for alias in part.below("AutoPublishAlias"):
        made = _alias(draft, alias, function)
        if alias.condition == part.condition:
            arn = name = Ref(made.id)
    return Target(address=function.address, service="lambda", arn=arn, name=name, grants=held)


def _alias(draft: Draft, alias: Part, function: Resource) -> Resource:
    version = draft.make(
        alias,
        f"{function.address}Version",
        "AWS::Lambda::Version",
        {"FunctionName": Ref(function.id), "Description": alias.owner.get("VersionDescription")},
        origin="sam alias",
    )
    text = alias.value if isinstance(alias.value, str) else ""
    letters = "".join(letter for letter in text.replace("-", "D").replace("_", "U") if letter.isalnum())
    made = draft.make(
        alias,
        f"{function.address}Alias{letters}",
        "AWS::Lambda::Alias",
        {
            "Name": alias.value,
            "FunctionName": Ref(function.id),
            "FunctionVersion": Ref(version.id, "Version"),
            "ProvisionedConcurrencyConfig": alias.owner.get("ProvisionedConcurrencyConfig"),
        },
        origin="sam alias",
        metadata={"DeploymentPreference": alias.owner.get("DeploymentPreference")},
    )
    draft.refer(function.address, "Version", version.address)
    draft.refer(function.address, "Alias", made.address)
    return made


def _url(draft: Draft, part: Part, target: Target) -> None:
    for config in part.below("FunctionUrlConfig"):
        if not isinstance(config.value, Mapping):
            draft.problem(config, f"the FunctionUrlConfig of {target.address} is no mapping")
            continue
        draft.make(
            config,
            f"{target.address}Url",
            "AWS::Lambda::Url",
            {"TargetFunctionArn": target.name, **config.value},
            origin="sam function url",
            moved=[((key,), (*config.route, key)) for key in config.value],
        )


def _permit(draft: Draft, part: Part, held: Grants) -> None:
    """What SAM grants a function besides its policies: network, tracing, its dead-letter queue or topic."""
    durable = part.get("DurableConfig") is not None
    held.manage(grants.managed("AWSLambdaBasicDurableExecutionRolePolicy" if durable else "AWSLambdaBasicExecutionRole"), part)
    if any(mode != "Disabled" for mode, _ in options(part.get("Tracing"))):
        held.manage(grants.managed("AWSXrayWriteOnlyAccess"), part)
    if part.get("VpcConfig") is not None:
        held.manage(grants.managed("AWSLambdaVPCAccessExecutionRole"), part)
    for queue in part.below("DeadLetterQueue"):
        kind, arn = queue.get("Type"), queue.get("TargetArn")
        if arn is None or not isinstance(kind, str) or kind not in _DEAD_LETTERS:
            draft.problem(queue, f"the DeadLetterQueue of {part.owner.address} needs a TargetArn and a Type, SQS or SNS")
        else:
            document = grants.document((grants.allow(_DEAD_LETTERS[kind], arn),))
            held.attach(document, queue, name="DeadLetterQueuePolicy")
