"""Plugins that make resources of their own, and compose files."""

from __future__ import annotations

from pathlib import Path

from tests.scanners.serverless_framework.services import scan_files, scan_text
from untangle.model.value import Imported, Ref


def test_state_machines_of_the_step_functions_plugin(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    plugins: [serverless-step-functions]
    functions:
      hello: {handler: a.b}
    stepFunctions:
      stateMachines:
        orders:
          name: Orders-${sls:stage}
          type: EXPRESS
          events:
            - schedule: rate(1 day)
            - eventBridge: {pattern: {source: [shop]}}
          definition:
            StartAt: Hello
            States:
              Hello: {Type: Task, Resource: !GetAtt hello.Arn, Next: Again}
              Again: {Type: Task, Resource: !GetAtt HelloLambdaFunction.Arn, End: true}
    """
    scanned = scan_text(tmp_path, text)
    machine = scanned.get("shop/OrdersDashdev")

    assert machine.get("StateMachineName") == "Orders-dev"
    assert machine.get("Definition", "States", "Hello", "Resource") == Ref("shop/hello", "Arn")
    assert machine.get("Definition", "States", "Again", "Resource") == Ref("shop/hello", "Arn")
    targets = scanned.get("shop/OrdersEventsRuleSchedule1").get("Targets")
    assert isinstance(targets, tuple)
    assert targets[0]["Arn"] == Ref("shop/OrdersDashdev")  # type: ignore[index,call-overload]
    assert len(scanned.all("AWS::Events::Rule")) == 2
    assert not scanned.inventory.gaps


def test_constructs_of_lift(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws, environment: {QUEUE: "${construct:jobs.queueUrl}"}}
    plugins: [serverless-lift]
    constructs:
      jobs:
        type: queue
        maxRetries: 5
        worker: {handler: src/worker.main, timeout: 30}
      files: {type: storage}
      hook: {type: webhook, path: /hook, method: POST}
    functions:
      hello: {handler: src/hello.main}
    """
    scanned = scan_text(tmp_path, text)

    assert scanned.get("shop/hello").get("Environment", "Variables", "QUEUE") == Ref("shop/jobsQueue")
    assert scanned.get("shop/jobsWorker").get("Handler") == "src/worker.main"
    assert scanned.one("AWS::Lambda::EventSourceMapping").get("EventSourceArn") == Ref("shop/jobsQueue", "Arn")
    redrive = scanned.get("shop/jobsQueue").get("RedrivePolicy")
    assert redrive == {"deadLetterTargetArn": Ref("shop/jobsDlq", "Arn"), "maxReceiveCount": 5}
    assert scanned.get("shop/filesBucket").type == "AWS::S3::Bucket"
    assert scanned.get("shop/hookIntegration").get("IntegrationSubtype") == "EventBridge-PutEvents"


def test_a_compose_file_hands_an_output_to_another_service(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "serverless-compose.yml": """
                services:
                  billing: {path: services/billing}
                  shop: {path: services/shop, params: {queueUrl: '${billing.QueueUrl}'}}
                """,
            "services/billing/serverless.yml": """
                service: billing
                provider: {name: aws}
                resources:
                  Resources: {Queue: {Type: AWS::SQS::Queue}}
                  Outputs: {QueueUrl: {Value: !Ref Queue}}
                """,
            "services/shop/serverless.yml": """
                service: shop
                provider: {name: aws}
                functions: {hello: {handler: a.b, environment: {X: '${param:queueUrl}'}}}
                """,
        },
    )
    billing = next(stack for stack in scanned.inventory.stacks if stack.id == "billing")

    assert scanned.variable() == Imported("compose:services/billing.QueueUrl")
    assert ("compose:services/billing.QueueUrl", Ref("billing/Queue")) in billing.exports
    assert [source.path for source in scanned.inventory.sources] == [
        "services/billing/serverless.yml",
        "services/shop/serverless.yml",
    ]


def test_layers_of_the_service(tmp_path: Path) -> None:
    text = "service: shop\nprovider: {name: aws}\nlayers: {deps: {path: layer}}\nfunctions: {hello: {handler: a.b}}\n"

    assert scan_text(tmp_path, text).get("shop/DepsLambdaLayer").get("Content") == "layer"
