"""A made-up Terraform plan in JSON, as `terraform show -json` writes it: pipelines of topic, queue, function and mapping."""

from __future__ import annotations

from typing import Any

PER_PIPELINE = 5


def plan(resources: int) -> dict[str, Any]:
    """A plan of about so many resources, spread over modules of ten pipelines each."""
    modules: dict[str, list[dict[str, Any]]] = {}
    for i in range(max(1, resources // PER_PIPELINE)):
        module = f"module.part_{i // 10}"
        modules.setdefault(module, []).extend(_pipeline(module, i))
    planned = [{"address": name, "resources": [_planned(item) for item in items]} for name, items in modules.items()]
    everything = [item for items in modules.values() for item in items]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": {"child_modules": planned}},
        "resource_changes": [_change(item) for item in everything],
        "configuration": {"root_module": {"module_calls": {name[7:]: _call(items) for name, items in modules.items()}}},
    }


def _pipeline(module: str, i: int) -> list[dict[str, Any]]:
    def resource(type_: str, values: dict[str, Any], references: dict[str, str]) -> dict[str, Any]:
        return {"module": module, "type": type_, "name": f"p{i}", "values": values, "references": references}

    environment = [{"variables": {"QUEUE_URL": f"https://sqs.eu-central-1.amazonaws.com/123456789012/orders-{i + 1}"}}]
    tags = {"team": f"team-{i % 17}", "stage": "production", "purpose": "measuring how fast a plan is read"}
    code = {
        "handler": "app.handler",
        "runtime": "python3.12",
        "filename": f"build/worker-{i}.zip",
        "timeout": 30,
        "memory_size": 256,
    }
    queue = {"name": f"orders-{i}", "visibility_timeout_seconds": 180, "delay_seconds": 0, "tags": tags, "redrive_policy": None}
    function = {"function_name": f"worker-{i}", **code, "environment": environment, "tags": tags}
    return [
        resource("aws_sns_topic", {"name": f"events-{i}", "fifo_topic": False, "tags": tags}, {}),
        resource("aws_sqs_queue", queue, {}),
        resource(
            "aws_sns_topic_subscription",
            {"protocol": "sqs", "raw_message_delivery": True},
            {"topic_arn": f"aws_sns_topic.p{i}.arn", "endpoint": f"aws_sqs_queue.p{i}.arn"},
        ),
        resource("aws_lambda_function", function, {}),
        resource(
            "aws_lambda_event_source_mapping",
            {"batch_size": 10, "enabled": True},
            {"event_source_arn": f"aws_sqs_queue.p{i}.arn", "function_name": f"aws_lambda_function.p{i}.arn"},
        ),
    ]


def _address(item: dict[str, Any]) -> str:
    return f"{item['module']}.{item['type']}.{item['name']}"


def _planned(item: dict[str, Any]) -> dict[str, Any]:
    provider = "registry.terraform.io/hashicorp/aws"
    head = {"address": _address(item), "mode": "managed", "type": item["type"], "name": item["name"], "provider_name": provider}
    return {**head, "schema_version": 0, "values": item["values"], "sensitive_values": {}}


def _change(item: dict[str, Any]) -> dict[str, Any]:
    unknown = {"arn": True, "id": True, **dict.fromkeys(item["references"], True)}
    change = {"actions": ["create"], "before": None, "after": item["values"], "after_unknown": unknown, "before_sensitive": False}
    head = {
        "address": _address(item),
        "module_address": item["module"],
        "mode": "managed",
        "type": item["type"],
        "name": item["name"],
    }
    return {**head, "provider_name": "registry.terraform.io/hashicorp/aws", "change": change}


def _call(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"source": "./part", "module": {"resources": [_configured(item) for item in items]}}


def _configured(item: dict[str, Any]) -> dict[str, Any]:
    constants = {key: {"constant_value": value} for key, value in item["values"].items() if not isinstance(value, list)}
    references = {key: {"references": [path, path.rpartition(".")[0]]} for key, path in item["references"].items()}
    head = {"address": f"{item['type']}.{item['name']}", "mode": "managed", "type": item["type"], "name": item["name"]}
    return {**head, "provider_config_key": "aws", "expressions": {**constants, **references}, "schema_version": 0}
