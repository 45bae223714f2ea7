"""A cloud assembly with stages: what the CDK adds for its own purposes is understood, and is no part of the application."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from untangle import pipeline
from untangle.config import Config
from untangle.model.resource import Resource
from untangle.model.scan import Scan
from untangle.scanners.cdk.internal import is_internal

OURS, THEIRS = "a" * 64, "b" * 64
NOTIFIES = "BucketNotificationsHandler050a0587b7544547bf325f094a3db834"
RETAINS = "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a"
CALLS = "AWS679f53fac002430cb0da5b7982bd2287"
PROVIDER = "ObjectsCustomResourceProvider"
RESTRICTS = "Prod/Shop/Custom::VpcRestrictDefaultSGCustomResourceProvider"
DEPLOYS = "8693BB64968944B69AAFB0CC9EB8756C"

# Logical id and path of what the CDK adds.
INTERNAL = {
    f"{NOTIFIES}7ECC3691": f"Prod/Shop/{NOTIFIES}/Resource",
    f"{RETAINS}FD4BFC8A": f"Prod/Shop/{RETAINS}/Resource",
    f"{CALLS}2D164C4C": f"Prod/Shop/{CALLS}/Resource",
    f"CustomS3AutoDelete{PROVIDER}Handler9D90184F": f"Prod/Shop/Custom::S3AutoDelete{PROVIDER}/Handler",
    "CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E": f"{RESTRICTS}/Handler",
    f"CustomCDKBucketDeployment{DEPLOYS}81C01536": f"Prod/Shop/Custom::CDKBucketDeployment{DEPLOYS}/Resource",
    "SeedProviderframeworkonEvent83BDB3AE": "Prod/Shop/SeedProvider/framework-onEvent/Resource",
    "SeedProviderframeworkisComplete9A2E1F00": "Prod/Shop/SeedProvider/framework-isComplete/Resource",
}
# Functions of the application that are called nearly so.
OWN = {
    "LogRetentionCleaner5A2B1C3D": "Prod/Shop/LogRetentionCleaner/Resource",
    "BucketNotificationsHandler1A2B3C4D": "Prod/Shop/BucketNotificationsHandler/Resource",
    "SeedProviderHandler83BDB3AE": "Prod/Shop/SeedProvider/Handler/Resource",
    "frameworkFn12345678": "Prod/Shop/frameworkFn/Resource",
}
PLACE = """import boto3, os
s3 = boto3.client("s3")
def handler(event, context):
    s3.put_object(Bucket=os.environ["BUCKET"], Key="k", Body=b"x")
"""


def function(path: str, handler: str, asset: str, role: str, noted: bool, **variables: Any) -> dict[str, Any]:
    """A function as the CDK writes it; `noted` with what it notes of constructs and assets."""
    properties = {
        "Code": {"S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": f"{asset}.zip"},
        "Handler": handler,
        "Runtime": "python3.12",
        "Role": {"Fn::GetAtt": [role, "Arn"]},
        "Environment": {"Variables": variables},
    }
    notes = {"Metadata": {"aws:cdk:path": path, "aws:asset:path": f"../asset.{asset}", "aws:asset:property": "Code"}}
    return {"Type": "AWS::Lambda::Function", "Properties": properties, **(notes if noted else {})}


def role(*actions: str, on: Any = "*") -> dict[str, Any]:
    """A role that may do this."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}] if actions else []
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}}


def shop(noted: bool) -> dict[str, Any]:
    """A function that writes to a bucket, one that is told of it by a notification, and all that the CDK adds."""
    objects = {"Fn::Join": ["", [{"Fn::GetAtt": ["Uploads8DD6F2AA", "Arn"]}, "/*"]]}
    told = {"Events": ["s3:ObjectCreated:*"], "LambdaFunctionArn": {"Fn::GetAtt": ["Pay7E1A0B1C", "Arn"]}}
    return {
        "Uploads8DD6F2AA": {"Type": "AWS::S3::Bucket"},
        "PlaceRole": role("s3:PutObject", on=objects),
        "PayRole": role(),
        "TheirRole": role("s3:PutBucketNotification", "lambda:InvokeFunction", "sqs:SendMessage"),
        "Place7E1A0B1C": function(
            "Prod/Shop/Place/Resource", "place.handler", OURS, "PlaceRole", noted, BUCKET={"Ref": "Uploads8DD6F2AA"}
        ),
        "Pay7E1A0B1C": function("Prod/Shop/Pay/Resource", "pay.handler", OURS, "PayRole", noted),
        "UploadsNotifications1": {
            "Type": "Custom::S3BucketNotifications",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": [f"{NOTIFIES}7ECC3691", "Arn"]},
                "BucketName": {"Ref": "Uploads8DD6F2AA"},
                "NotificationConfiguration": {"LambdaFunctionConfigurations": [told]},
                "Managed": True,
            },
        },
        "Seed1": {
            "Type": "Custom::AWS",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": [f"{CALLS}2D164C4C", "Arn"]},
                "Create": '{"service":"Lambda","action":"invoke","parameters":{"FunctionName":"pay"}}',
                "InstallLatestAwsSdk": False,
            },
        },
        **{id: function(path, "index.handler", THEIRS, "TheirRole", noted) for id, path in INTERNAL.items()},
    }


def assembly(folder: Path, *, noted: bool) -> Path:
    """An application with a stage, synthesised."""
    out = folder / "cdk.out"
    stage = out / "assembly-Prod"
    stage.mkdir(parents=True)
    (folder / "cdk.json").write_text('{"app": "python app.py"}')
    (stage / "ProdShopF7D1C23A.template.json").write_text(json.dumps({"Resources": shop(noted)}, indent=1))
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod", "displayName": "Prod"}}
    (out / "manifest.json").write_text(json.dumps({"version": "39.0.0", "artifacts": {"assembly-Prod": nested}}))
    (stage / "manifest.json").write_text(json.dumps({"version": "39.0.0", "artifacts": {}}))
    files = {OURS: {"source": {"path": f"../asset.{OURS}", "packaging": "zip"}}}
    (stage / "ProdShopF7D1C23A.assets.json").write_text(json.dumps({"version": "39.0.0", "files": files}))
    for asset, handlers in ((OURS, {"place.py": PLACE, "pay.py": "def handler(e, c): pass\n"}), (THEIRS, {"index.py": ""})):
        (out / f"asset.{asset}").mkdir()
        for name, text in handlers.items():
            (out / f"asset.{asset}" / name).write_text(text)
    return out


def hops(scan: Scan) -> list[tuple[str, str]]:
    return [(hop.producer.rpartition("/")[2], hop.consumer.rpartition("/")[2]) for hop in scan.graph.hops]


@pytest.mark.parametrize("noted", [True, False], ids=["with notes", "without notes"])
class TestStages:
    def test_a_stages_notification_makes_a_hop_and_the_cdks_own_handlers_make_none(self, tmp_path: Path, noted: bool) -> None:
        assembly(tmp_path, noted=noted)
        (tmp_path / "handlers").mkdir()
        (tmp_path / "handlers" / "place.py").write_text(PLACE)
        (tmp_path / "handlers" / "pay.py").write_text("def handler(event, context):\n    pass\n")
        scan = pipeline.scan(tmp_path, config=Config())
        assert hops(scan) == [("Place7E1A0B1C", "Pay7E1A0B1C")]
        assert [item.address for item in scan.graph.functions if not item.internal] == ["Pay7E1A0B1C", "Place7E1A0B1C"]
        assert {item.address for item in scan.graph.functions if item.internal} == set(INTERNAL)
        assert [stack.path for stack in scan.graph.sources] == ["cdk.out/assembly-Prod/ProdShopF7D1C23A.template.json"]
        assert scan.graph.gaps == ()

    def test_an_assembly_that_is_scanned_itself_holds_its_handlers(self, tmp_path: Path, noted: bool) -> None:
        scan = pipeline.scan(assembly(tmp_path, noted=noted), config=Config())
        assert {item.code for item in scan.graph.functions if not item.internal} == {
            f"asset.{OURS}/place.py",
            f"asset.{OURS}/pay.py",
        }
        assert hops(scan) == [("Place7E1A0B1C", "Pay7E1A0B1C")]


class TestInternal:
    @pytest.mark.parametrize("address", INTERNAL)
    @pytest.mark.parametrize("noted", [True, False])
    def test_what_the_cdk_adds_is_known_by_its_path_or_its_hash(self, address: str, noted: bool) -> None:
        metadata = {"aws:cdk:path": INTERNAL[address]} if noted else {}
        resource = Resource(id=f"s/{address}", type="AWS::Lambda::Function", stack="s", address=address, metadata=metadata)
        assert is_internal(resource)

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("SingletonFunction1488541a7b23466481b69b4408076b81HandlerCD40AE9F", True),
            ("SingletonFunction76b3e830a873425f8453eddd85c86925Handler81461ECE", True),
            ("SingletonFunction5c1898e096fb4e3e95d5f6c67f3ce41aHandlerADF3E6EA", True),
            ("SingletonFunction0f0e0d0c0b0a49088706050403020100HandlerCD40AE9F", False),
        ],
    )
    def test_the_singletons_of_an_integration_test_are_the_cdks_and_no_others(self, address: str, expected: bool) -> None:
        resource = Resource(id=f"s/{address}", type="AWS::Lambda::Function", stack="s", address=address)
        assert is_internal(resource) is expected

    @pytest.mark.parametrize("address", OWN)
    @pytest.mark.parametrize("noted", [True, False])
    def test_a_users_function_of_a_like_name_is_the_users(self, address: str, noted: bool) -> None:
        metadata = {"aws:cdk:path": OWN[address]} if noted else {}
        resource = Resource(id=f"s/{address}", type="AWS::Lambda::Function", stack="s", address=address, metadata=metadata)
        assert not is_internal(resource)
