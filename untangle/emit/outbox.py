"""The outbox as part of a proposal: its sources as the folder of a layer, and the lines that put it around each handler.

A layer leaves the packages of the functions as they are. Python's is the package `untangle_outbox` (`/opt/python` is on the path
of every Python function), Node's stands in `/opt/nodejs/untangle-outbox` and is named with its whole path (Lambda guide,
"Managing Lambda dependencies with layers"). Functions in container images have no layers: theirs is copied into the image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from untangle.emit.markdown import code
from untangle.emit.wording import clean, count
from untangle.model.change import NewFile
from untangle.model.entry import EFFECTS
from untangle.model.graph import EventGraph
from untangle.model.node import Function
from untangle.model.step import Task
from untangle.model.workflow import Workflow, every_step

FOLDER = "outbox"
_SOURCES = {"python": ("outbox", "python/untangle_outbox"), "nodejs": ("node", "nodejs/untangle-outbox")}
_HANDLERS = {"python": "untangle_outbox.handler", "nodejs": "/opt/nodejs/untangle-outbox/outbox.handler"}
_SHIPPED = (".py", ".js", ".mjs", ".json")


def outbox_files(workflow: Workflow, graph: EventGraph) -> Iterator[NewFile]:
    """The sources for each language that the workflow's functions are written in."""
    languages = {language_of(function) for function in _functions(workflow, graph)}
    for language, (source, place) in _SOURCES.items():
        if language not in languages:
            continue
        for file in sorted(files("untangle.runtime").joinpath(source).iterdir(), key=lambda file: file.name):
            if file.name.endswith(_SHIPPED):
                yield NewFile(path=f"{FOLDER}/{place}/{file.name}", text=file.read_text(encoding="utf-8"))


def outbox_section(workflow: Workflow, graph: EventGraph) -> Iterator[str]:
    """The Markdown of how it is put around the handlers, in the words of the templates that declare them."""
    functions = _functions(workflow, graph)
    called = {function.id: clean(graph.told(function.id, [each.id for each in functions])) for function in functions}
    covered = [function for function in functions if language_of(function)]
    if not functions:
        return
    yield "## The outbox"
    yield ""
    if covered:
        yield (
            f"{code(f'{FOLDER}/')} is the folder of a layer. It stands in front of {count(len(covered), 'handler')}, which stay "
            "as they are: without a marker in its invocation a handler runs as before; with one, the calls that the workflow "
            "took over are answered and handed to it instead of being sent. To see what it would hand over while nothing "
            f"changes, set {code('UNTANGLE_RECORD=stdout')}: names and types of fields, no values, go to the log, a line for "
            "each message."
        )
        yield ""
        yield from ("| function | `Handler` | `UNTANGLE_HANDLER` |", "|---|---|---|")
        yield from (_row(function, called[function.id]) for function in covered)
        yield ""
        for kind in sorted({_template(function) for function in covered}):
            example = next(function for function in covered if _template(function) == kind)
            yield from _SNIPPETS[kind](workflow, example)
    yield from _remarks(workflow, functions, called)


def language_of(function: Function) -> str | None:
    """The language whose outbox a function takes; None where there is none for it, or what it runs on is not known."""
    return next((name for name in _SOURCES if (function.runtime or "").startswith(name)), None)


def _tasks(workflow: Workflow) -> list[Task]:
    return [step for step in every_step(workflow.root, workflow.nested) if isinstance(step, Task)]


def _functions(workflow: Workflow, graph: EventGraph) -> list[Function]:
    found = {task.function: graph.function(task.function) for task in _tasks(workflow)}
    return [found[id] for id in sorted(found)]


def _row(function: Function, called: str) -> str:
    handler = _HANDLERS[language_of(function) or "python"]
    own = code(function.handler) if function.handler else "its handler as it is now"
    return f"| {code(called)} | {code(handler)} | {own} |"


def _template(function: Function) -> str:
    """What kind of source declares a function, by the file that does."""
    name = function.location.path.rpartition("/")[2] if function.location is not None else ""
    if name.endswith((".tf", ".tf.json")):
        return "Terraform"
    return "Serverless Framework" if name.startswith("serverless.") else "CloudFormation and SAM"


def _values(function: Function) -> tuple[str, str, str]:
    language = language_of(function) or "python"
    return function.address.rpartition(".")[2] or "Function", _HANDLERS[language], function.handler or "<its handler>"


def _variables(workflow: Workflow, own: str) -> dict[str, str]:
    """The variables of a function; claims are taken from the one bucket only."""
    claim = next((task.claim for task in _tasks(workflow) if task.claim), None)
    return {"UNTANGLE_HANDLER": own, **({"UNTANGLE_CLAIMS": claim} if claim else {})}


def _sam(workflow: Workflow, function: Function) -> Iterator[str]:
    name, handler, own = _values(function)
    yield from ("CloudFormation and SAM:", "", "```yaml", "UntangleOutbox:", "  Type: AWS::Serverless::LayerVersion")
    yield from ("  Properties:", f"    ContentUri: workflows/{workflow.chain}/{FOLDER}", f"{name}:", "  Properties:")
    yield from (
        f"    Handler: {handler}  # was {own}",
        "    Layers: [!Ref UntangleOutbox]",
        "    Environment:",
        "      Variables:",
    )
    yield from (f"        {key}: {value}" for key, value in _variables(workflow, own).items())
    yield from ("```", "")


def _serverless(workflow: Workflow, function: Function) -> Iterator[str]:
    name, handler, own = _values(function)
    yield from ("Serverless Framework:", "", "```yaml", "layers:", "  untangleOutbox:")
    yield from (
        f"    path: workflows/{workflow.chain}/{FOLDER}",
        "functions:",
        f"  {name}:",
        f"    handler: {handler}  # was {own}",
    )
    yield from ("    layers: [!Ref UntangleOutboxLambdaLayer]", "    environment:")
    yield from (f"      {key}: {value}" for key, value in _variables(workflow, own).items())
    yield from ("```", "")


def _terraform(workflow: Workflow, function: Function) -> Iterator[str]:
    _, handler, own = _values(function)
    yield from ("Terraform:", "", "```hcl", 'data "archive_file" "untangle_outbox" {', '  type        = "zip"')
    yield f'  source_dir  = "${{path.root}}/workflows/{workflow.chain}/{FOLDER}"'
    yield from ('  output_path = "${path.root}/.terraform/untangle_outbox.zip"', "}", "")
    yield from ('resource "aws_lambda_layer_version" "untangle_outbox" {', '  layer_name       = "untangle-outbox"')
    yield "  filename         = data.archive_file.untangle_outbox.output_path"
    yield from ("  source_code_hash = data.archive_file.untangle_outbox.output_base64sha256", "}", "")
    yield from (f"# in {function.address}", f'handler = "{handler}" # was {own}')
    yield "layers  = [aws_lambda_layer_version.untangle_outbox.arn]"
    yield from ("environment {", "  variables = {")
    yield from (f'    {key} = "{value}"' for key, value in _variables(workflow, own).items())
    yield from ("  }", "}", "```", "")


_SNIPPETS = {"CloudFormation and SAM": _sam, "Serverless Framework": _serverless, "Terraform": _terraform}


def _remarks(workflow: Workflow, functions: list[Function], called: Mapping[str, str]) -> Iterator[str]:
    """What else it takes: permissions, images, functions without an outbox."""
    tasks, lines = _tasks(workflow), []

    def who(chosen: list[str]) -> str:
        return ", ".join(code(called[id]) for id in dict.fromkeys(chosen))

    if written := [task.function for task in tasks if any(one.type == "dynamodb_stream" for one in task.captures)]:
        lines.append(
            f"{who(written)}: what is written to a table is handed over with its images, so the role needs `dynamodb:GetItem` "
            "beside `UpdateItem`, and `PutItem` and `DeleteItem` beside `BatchWriteItem`"
        )
    if stored := [task.function for task in tasks if any(one.type == "s3" for one in task.captures)]:
        lines.append(f"{who(stored)}: the size of an object that is copied or uploaded in parts is asked for with `s3:GetObject`")
    if failing := [task.function for task in tasks if task.entry != EFFECTS and any(one.sent for one in task.captures)]:
        lines.append(
            f"{who(failing)}: a run that fails after a write that is worked on is called `FailedWithEffects` in logs and traces; "
            "its message holds its own error and what it has written, so the log holds that too"
        )
    if claimed := [task for task in tasks if task.claim]:
        lines.append(
            f"large messages go through {code(claimed[0].claim or '')}: the roles of all these functions need `s3:PutObject` and "
            "`s3:GetObject` on it"
        )
    if images := [function.id for function in functions if function.image]:
        lines.append(f"{who(images)}: in a container image there are no layers; copy the folder of its language into the image")
    if others := [function.id for function in functions if language_of(function) is None]:
        lines.append(
            f"{who(others)}: there is an outbox for Python and Node.js; for what this runs on, which is another or not known, "
            "there is none, and no state may wait for its effects"
        )
    yield from (f"- {line}" for line in lines)
    yield from ("",) if lines else ()
