"""Handlers read beside each other say what they say read one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.reading import lay
from untangle.model.resource import Inventory, Resource, Stack
from untangle.scanners import beside
from untangle.scanners.code import FUNCTION, read_code
from untangle.scanners.tree import Tree

# Each handler of a language shares a module with the others of its stack.
SHARED = {
    "python": {
        "queue.py": "import boto3, os\ndef send(body):\n"
        "    boto3.client('sqs').send_message(QueueUrl=os.environ['Q'], MessageBody=body)\n"
    },
    "nodejs": {
        "queue.js": "const AWS = require('aws-sdk')\nexports.send = (body) =>\n"
        "  new AWS.SQS().sendMessage({QueueUrl: process.env.Q, MessageBody: body}).promise()\n"
    },
}
HANDLER = {
    "python": "from queue import send\ndef run(event, context):\n    send(event['id'])\n",
    "nodejs": "const {send} = require('./queue')\nexports.run = async (event) => { await send(event.id) }\n",
}
ENDING = {"python": "py", "nodejs": "js"}


def functions(folder: Path, many: int) -> Inventory:
    """Functions of three stacks, of either language, some without code."""
    resources = []
    for i in range(many):
        language, stack = ("python", "nodejs")[i % 2], f"stack{i % 3}"
        lay(folder, {f"{stack}/{name}": text for name, text in SHARED[language].items()})
        if i % 5:
            lay(folder, {f"{stack}/handler{i}.{ENDING[language]}": HANDLER[language]})
        properties = {"Handler": f"handler{i}.run", "Runtime": f"{language}3.12", "Code": "."}
        resources.append(Resource(id=f"{stack}/F{i}", type=FUNCTION, stack=stack, address=f"F{i}", properties=properties))
    stacks = [Stack(id=f"stack{i}", path=f"stack{i}/template.yaml", folder=f"stack{i}", kind="sam") for i in range(3)]
    return Inventory(stacks=tuple(stacks), resources=tuple(resources))


@pytest.mark.parametrize("many", [23, 24, 61])
def test_any_number_of_processes_reads_the_same(many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = functions(tmp_path, many)
    read = []
    for processes in (1, 2, 3):
        monkeypatch.setattr(beside, "processes", lambda count=processes: count)
        read.append(read_code(Tree(tmp_path), inventory))
    assert read[0] == read[1] == read[2]
    assert [facts.function for facts in read[0]] == sorted(resource.id for resource in inventory.resources)
    assert sum(len(facts.calls) for facts in read[0]) == sum(1 for i in range(many) if i % 5)
