"""Small handlers written to disk and read as the scanner reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from untangle.model.code import Call, CodeFacts
from untangle.model.location import Location
from untangle.model.resource import Inventory, Resource, Stack
from untangle.model.value import Value, show
from untangle.scanners.code import read_code
from untangle.scanners.tree import Tree

FUNCTION = "AWS::Lambda::Function"
PREAMBLE = "import json\nimport os\nimport boto3\n"


def function(address: str = "Fn", *, metadata: Mapping[str, Value] | None = None, **properties: Value) -> Resource:
    """A function of the stack `s`, whose template is `template.yaml` in the root."""
    given = {"Handler": "app.handler", "Runtime": "python3.12", "Code": "src", **properties}
    return Resource(
        id=f"s/{address}",
        type=FUNCTION,
        stack="s",
        address=address,
        properties={key: value for key, value in given.items() if value is not None},
        metadata=metadata or {},
        location=Location("template.yaml", 1),
    )


def scan(files: Mapping[str, str], *resources: Resource, folder: str = "") -> dict[str, CodeFacts]:
    """The facts of each function, by address. `folder` is the template's."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        stack = Stack(id="s", path="template.yaml", folder=folder, kind="sam")
        inventory = Inventory(stacks=(stack,), resources=resources or (function(),))
        return {facts.function.partition("/")[2]: facts for facts in read_code(Tree(root), inventory)}


def facts(code: str, *, environment: Mapping[str, Value] | None = None, **others: str) -> CodeFacts:
    """The facts of one handler: `src/app.py` is the preamble and this code; `others` are further modules beside it."""
    files = {"src/app.py": PREAMBLE + dedent(code)}
    files |= {f"src/{name}.py": text for name, text in others.items()}
    known = {} if environment is None else {"Environment": {"Variables": environment}}
    return scan(files, function(**known))["Fn"]


def body(code: str) -> CodeFacts:
    """The facts of a handler with this body."""
    lines = "\n".join("    " + line for line in dedent(code).strip("\n").splitlines())
    return facts(f"def handler(event, context):\n{lines}\n")


def only(found: CodeFacts) -> Call:
    """The one call of a handler."""
    assert [gap.why for gap in found.gaps] == []
    assert len(found.calls) == 1, [call.text for call in found.calls]
    return found.calls[0]


def shown(call: Call, *names: str) -> tuple[str, ...]:
    """Arguments of a call in their short readable form; "" for what is not known to be there."""
    return tuple(show(call.arguments[name]) if name in call.arguments else "" for name in names)
