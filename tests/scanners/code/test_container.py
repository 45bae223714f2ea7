"""What the tasks of ECS do: the scripts that their containers run are read as handlers are."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import scan
from untangle.model.code import CodeFacts
from untangle.model.location import Location
from untangle.model.resource import Resource
from untangle.model.value import Concat, Symbol, Value, show

PYTHON = "import boto3, os\ndef main():\n    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody='x')\nif __name__ == '__main__':\n    main()\n"
NODE = (
    "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';\nconst sqs = new SQSClient({});\n"
    "const main = async () => { await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE })); };\nmain().catch(console.error);\n"
)
DOCKERFILE = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD ["python", "main.py"]\n'
JOB = {"job/Dockerfile": DOCKERFILE, "job/main.py": PYTHON}
ECR = Concat((Symbol("AWS::AccountId"), ".dkr.ecr.", Symbol("AWS::Region"), ".amazonaws.com/shop/job:latest"))
HASH = Concat((Symbol("AWS::AccountId"), ".dkr.ecr.eu-west-1.amazonaws.com/cdk-hnb659fds-container-assets:0123"))
BODY = "{ image: ecs.ContainerImage.fromAsset('../job') }"


def task(*containers: dict[str, Value], address: str = "Task", path: str | None = None) -> Resource:
    given = tuple(
        {"Name": "app", "Image": ECR, "Environment": ({"Name": "QUEUE", "Value": "orders"},), **item} for item in containers
    )
    return Resource(
        id=f"s/{address}",
        type="AWS::ECS::TaskDefinition",
        stack="s",
        address=address,
        properties={"ContainerDefinitions": given},
        metadata={"aws:cdk:path": path} if path else {},
        location=Location("template.yaml", 1),
    )


def read(files: dict[str, str], resource: Resource) -> CodeFacts:
    return scan(files, resource)[resource.address]


def told(found: CodeFacts) -> list[str]:
    return [f"{call.operation} {show(call.arguments['QueueUrl'])}" for call in found.calls]


@pytest.mark.parametrize(
    ("files", "container"),
    [
        pytest.param(JOB, {}, id="an image by its repository's name"),
        pytest.param(JOB, {"Image": "job"}, id="an image by its name"),
        pytest.param({**JOB, "web/Dockerfile": DOCKERFILE, "web/main.py": ""}, {}, id="one of two images"),
        pytest.param({"job/Dockerfile": DOCKERFILE.replace("main.py", "x.py"), "job/main.py": PYTHON}, {"Command": ("python", "main.py")}, id="another command"),
        pytest.param({"job/Dockerfile": DOCKERFILE.replace('"main.py"', '"-m", "work"'), "job/work.py": PYTHON}, {}, id="a module"),
        pytest.param({"job/Dockerfile": DOCKERFILE.replace('"main.py"', '"-m", "work"'), "job/work/__main__.py": PYTHON}, {}, id="a package"),
        pytest.param({"tasks/job/Dockerfile": DOCKERFILE.replace("COPY . .", "COPY tasks/job/* libs/queue.py ./"), "tasks/job/main.py": PYTHON, "libs/queue.py": ""}, {}, id="from the folder that holds all that is copied"),
        pytest.param({"job/Dockerfile": "FROM node\nWORKDIR /a\nCOPY . .\nCMD npm start", "job/package.json": '{"scripts": {"start": "node dist/index.js"}}', "job/src/index.ts": NODE}, {}, id="a script of a package, compiled"),
    ],
)  # fmt: skip
def test_a_container_s_script_is_read(files: dict[str, str], container: dict[str, Value]) -> None:
    found = read(files, task(container))
    assert found.readable, found.gaps
    assert told(found) == ["SendMessage env QUEUE"]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("const t = new ecs.FargateTaskDefinition(this, 'Task', {});\n    t.addContainer('app', BODY);", "Shop/Task/Resource"),
        ("const a = new DockerImageAsset(this, 'Img', { directory: '../job' });\n    const t = new ecs.FargateTaskDefinition(this, 'Task');\n    t.addContainer('app', { image: ecs.ContainerImage.fromDockerImageAsset(a) });", "Shop/Task/Resource"),
        ("new patterns.ApplicationLoadBalancedFargateService(this, 'Svc', { taskImageOptions: BODY });", "Shop/Svc/TaskDef/Resource"),
        ("new patterns.QueueProcessingFargateService(this, 'Svc', BODY);", "Shop/Svc/QueueProcessingTaskDef/Resource"),
    ],
)  # fmt: skip
def test_the_cdk_source_names_the_image(source: str, path: str) -> None:
    text = (
        "import * as cdk from 'aws-cdk-lib';\nimport * as ecs from 'aws-cdk-lib/aws-ecs';\nimport * as patterns from 'aws-cdk-lib/aws-ecs-patterns';\n"
        "import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';\n"
        f"export class Shop extends cdk.Stack {{ constructor(s: any, i: string) {{ super(s, i);\n    {source.replace('BODY', BODY)}\n }} }}"
    )
    files = {**JOB, "other/job/Dockerfile": DOCKERFILE, "app/cdk.json": "{}", "app/lib/shop.ts": text}
    address = "".join(path.split("/")[1:-1]) + "8E3B365E"
    assert told(read(files, task({"Image": HASH}, address=address, path=path))) == ["SendMessage env QUEUE"]
    assert told(read(files, task({"Image": HASH}, address=address))) == ["SendMessage env QUEUE"]


def test_a_server_s_routes_are_part_of_what_it_does() -> None:
    app = NODE.replace("main().catch(console.error);", "const app = express();\napp.post('/orders', main);\napp.listen(80);")
    files = {"job/Dockerfile": 'FROM node\nCOPY . /a\nCMD ["node", "/a/index.mjs"]', "job/index.mjs": app}
    assert told(read(files, task({}))) == ["SendMessage env QUEUE"]


def test_containers_of_a_task_are_one_participant_and_sidecars_none() -> None:
    files = {**JOB, "web/Dockerfile": DOCKERFILE, "web/main.py": PYTHON.replace("QUEUE", "OTHER")}
    sidecar: dict[str, Value] = {"Name": "xray", "Image": "amazon/aws-xray-daemon"}
    found = read(files, task({}, {"Name": "web", "Image": "web"}, sidecar))
    assert sorted(told(found)) == ["SendMessage env OTHER", "SendMessage env QUEUE"]


@pytest.mark.parametrize(
    ("files", "container", "why"),
    [
        ({}, {}, "no Dockerfile in the scanned tree fits container app"),
        ({"a/job/Dockerfile": "", "b/job/Dockerfile": ""}, {}, "2 Dockerfiles fit container app equally: a/job/Dockerfile, b/job/Dockerfile"),
        ({"job/Dockerfile": "FROM x\nCMD java -jar a.jar"}, {}, "job/Dockerfile starts java -jar a.jar: no script of the scanned tree is seen in that"),
        ({"job/Dockerfile": "FROM x"}, {"Command": ("sh", "-c", "printf 'kind: source\n  spec: a'" + " && long" * 40)}, "job/Dockerfile starts sh -c printf 'kind: source spec: a' && long && long && long && long && long && …: no script of the scanned tree is seen in that"),
        ({"job/Dockerfile": "FROM x\nCMD python main.py"}, {}, "job/Dockerfile starts main.py, which is not found in the scanned tree"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_a_gap(files: dict[str, str], container: dict[str, Value], why: str) -> None:
    found = read(files, task(container))
    assert not found.readable
    assert [gap.why for gap in found.gaps] == [why]
