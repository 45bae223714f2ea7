"""`resources`, what the framework generates, and references both ways."""

from __future__ import annotations

from pathlib import Path

from tests.scanners.serverless_framework.services import scan_files, scan_text
from untangle.model.value import Concat, Imported, Ref


def test_resources_and_functions_refer_to_each_other(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    functions:
      send-mail:
        handler: a.b
        environment: {QUEUE: !Ref Queue}
    resources:
      Resources:
        Queue: {Type: AWS::SQS::Queue}
        Allow:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !GetAtt SendDashmailLambdaFunction.Arn
            SourceArn: !Sub '${SendDashmailLambdaFunction.Arn}:x'
      Outputs:
        Mailer: {Value: !Ref SendDashmailLambdaFunction, Export: {Name: 'mailer-${sls:stage}'}}
    """
    scanned = scan_text(tmp_path, text)
    stack = scanned.inventory.stacks[0]

    assert scanned.get("shop/send-mail").get("Environment", "Variables", "QUEUE") == Ref("shop/Queue")
    assert scanned.get("shop/Allow").get("FunctionName") == Ref("shop/send-mail", "Arn")
    assert scanned.get("shop/Allow").get("SourceArn") == Concat((Ref("shop/send-mail", "Arn"), ":x"))
    assert stack.outputs["Mailer"] == Ref("shop/send-mail")
    assert ("mailer-dev", Ref("shop/send-mail")) in stack.exports


def test_a_resource_called_like_a_function_keeps_its_references(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    functions:
      orders: {handler: a.b, environment: {TABLE: !Ref orders}}
    resources:
      Resources:
        orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: t}}
    """
    scanned = scan_text(tmp_path, text)

    assert scanned.get("shop/orders").type == "AWS::Lambda::Function"
    assert scanned.get("shop/orders#2").get("TableName") == "t"
    assert scanned.get("shop/orders").get("Environment", "Variables", "TABLE") == Ref("shop/orders#2")


def test_resources_may_be_a_list_of_files_and_know_where_they_are(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "api/serverless.yml": """
                service: shop
                provider: {name: aws}
                resources:
                  - ${file(resources/queue.yml)}
                  - Resources:
                      Topic: ${file(resources/topic.yml):Topic}
                  - Outputs:
                      QueueArn: {Value: !GetAtt Queue.Arn}
                """,
            "api/resources/queue.yml": """
                Resources:
                  Queue:
                    Type: AWS::SQS::Queue
                    Properties:
                      QueueName: ${self:service}-${sls:stage}
                """,
            "api/resources/topic.yml": "Topic:\n  Type: AWS::SNS::Topic\n",
        },
    )
    queue, topic = scanned.one("AWS::SQS::Queue"), scanned.one("AWS::SNS::Topic")

    assert queue.get("QueueName") == "shop-dev"
    assert [str(queue.location), str(queue.at("QueueName"))] == ["api/resources/queue.yml:2", "api/resources/queue.yml:5"]
    assert str(topic.location).startswith("api/resources/topic.yml:")
    assert scanned.inventory.stacks[0].outputs["QueueArn"] == Ref("shop/Queue", "Arn")


def test_files_that_a_service_takes_in_are_no_templates_of_their_own(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "serverless.yml": "service: shop\nprovider: {name: aws}\nresources: ${file(queue.yml)}\n",
            "queue.yml": "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n",
            "template.yml": "Resources:\n  Other:\n    Type: AWS::SQS::Queue\n",
        },
    )

    assert scanned.tree.templates == ("template.yml",)


def test_functions_may_be_a_list_of_files(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "serverless.yml": "service: shop\nprovider: {name: aws}\nfunctions:\n  - ${file(one.yml)}\n  - ${file(two.yml)}\n",
            "one.yml": "hello:\n  handler: a.b\n  events:\n    - sns: orders\n",
            "two.yml": "other:\n  handler: a.c\n",
        },
    )

    assert str(scanned.get("shop/hello").location) == "one.yml:1"
    assert str(scanned.one("AWS::SNS::Subscription").location) == "one.yml:4"
    assert str(scanned.get("shop/other").location) == "two.yml:1"


def test_extensions_change_what_is_generated(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    functions: {hello: {handler: a.b, environment: {A: a}}}
    resources:
      extensions:
        HelloLambdaFunction: {Properties: {Environment: {Variables: {B: b}}}}
        NobodyLambdaFunction: {Properties: {Timeout: 1}}
    """
    scanned = scan_text(tmp_path, text)

    assert scanned.get("shop/hello").get("Environment", "Variables") == {"A": "a", "B": "b"}
    assert [gap.what for gap in scanned.inventory.gaps] == ["the extension of NobodyLambdaFunction"]


def test_a_declared_resource_is_merged_with_the_generated_one(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    functions: {hello: {handler: a.b, events: [{s3: photos}]}}
    resources:
      Resources:
        S3BucketPhotos: {Type: AWS::S3::Bucket, Properties: {AccessControl: Private}}
    """
    bucket = scan_text(tmp_path, text).one("AWS::S3::Bucket")

    assert (bucket.get("BucketName"), bucket.get("AccessControl")) == ("photos", "Private")
    assert bucket.get("NotificationConfiguration") is not None


def test_one_service_takes_the_output_of_another(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "a/serverless.yml": """
                service: billing
                provider: {name: aws, stage: "${opt:stage, 'dev'}"}
                resources:
                  Resources: {Queue: {Type: AWS::SQS::Queue}}
                  Outputs: {QueueUrl: {Value: !Ref Queue}}
                """,
            "b/serverless.yml": """
                service: shop
                provider: {name: aws, stackName: the-shop}
                functions: {hello: {handler: a.b, environment: {X: '${cf:billing-${sls:stage}.QueueUrl}'}}}
                """,
        },
    )
    stacks = {stack.id: stack for stack in scanned.inventory.stacks}

    assert scanned.variable() == Imported("cf:billing-dev.QueueUrl")
    assert ("cf:billing-dev.QueueUrl", Ref("billing/Queue")) in stacks["billing"].exports
    assert any(name == "cf:the-shop.HelloLambdaFunctionQualifiedArn" for name, _ in stacks["shop"].exports)


def test_conditions_of_the_resources_hold(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    resources:
      Conditions:
        Never: !Equals [a, b]
        Live: !Equals ['${sls:stage}', !Ref AWS::Region]
      Resources:
        Gone: {Type: AWS::SQS::Queue, Condition: Never}
        Queue: {Type: AWS::SQS::Queue, Condition: Live}
    """
    queue = scan_text(tmp_path, text).one("AWS::SQS::Queue")

    assert (queue.address, queue.condition) == ("Queue", "Live")


def test_services_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    service = "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b}}\n"
    scanned = scan_files(tmp_path, {"x/serverless.yml": service, "y/serverless.yml": service, "y/serverless-b.yml": service})

    assert len({stack.id for stack in scanned.inventory.stacks}) == 3
    assert len(scanned.all("AWS::Lambda::Function")) == 3
