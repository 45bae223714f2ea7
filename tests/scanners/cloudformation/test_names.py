"""What a root stack is called."""

from __future__ import annotations

import pytest

from untangle.scanners.cloudformation.names import stack_ids

CASES = [
    ({"template.yaml": "template"}),
    ({"orders/template.yaml": "orders", "a/b/template.yml": "a/b"}),
    ({"cloudformation/main.yaml": "cloudformation", "infra/stack.json": "infra", "x/CloudFormation.template": "x"}),
    ({"deployment/identification.json": "identification", "deployment/api.json": "api"}),
    ({"a/queue.yaml": "a/queue", "b/queue.yaml": "b/queue"}),
    ({"a/queue.yaml": "a/queue.yaml", "a/queue.json": "a/queue.json"}),
    ({"synth/TheFooStack.template.json": "TheFooStack", "orders.cfn.yml": "orders"}),
    ({"orders/template.yaml": "orders", "x/orders.yaml": "x/orders"}),
    ({"o/template.yaml": "o/template.yaml", "o/template.json": "o/template.json"}),
    ({"o/template.yaml": "o/template", "o/main.yaml": "o/main"}),
]


@pytest.mark.parametrize("ids", CASES, ids=str)
def test_stack_ids(ids: dict[str, str]) -> None:
    assert stack_ids(ids) == ids
