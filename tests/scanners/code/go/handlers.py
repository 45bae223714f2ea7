"""Go handlers written to disk and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.scanners.code.reading import lay
from untangle.model.code import CodeFacts
from untangle.scanners.code.go.library import Go
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree

V2 = "github.com/aws/aws-sdk-go-v2"
V1 = "github.com/aws/aws-sdk-go"
PATHS = (
    *("context", "encoding/json", "fmt", "os", "errors", "strings", "sync", "github.com/aws/aws-lambda-go/events"),
    *("github.com/aws/aws-lambda-go/lambda", f"{V2}/aws", f"{V2}/config"),
)
SQS = "var client = sqs.NewFromConfig(aws.Config{})\n"
SEND = 'client.SendMessage(ctx, &sqs.SendMessageInput{{QueueUrl: {}, MessageBody: aws.String("x")}})'


def program(body: str, members: str = SQS, *imports: str) -> str:
    """A program whose handler of an SQS event has this body; `imports` stand for the SDK's packages of SQS."""
    listed = [f'\t"{path}"' for path in PATHS]
    listed += [f"\t{line}" for line in imports or (f'"{V2}/service/sqs"', f'"{V2}/service/sqs/types"')]
    return (
        "package main\n\nimport (\n" + "\n".join(listed) + f"\n)\n\n{members}\n"
        f"func handle(ctx context.Context, event events.SQSEvent) error {{\n\t{body}\n\treturn nil\n}}\n\n"
        "func main() {\n\tlambda.Start(handle)\n}\n"
    )


def v2(*services: str) -> tuple[str, ...]:
    """Imports of packages of the SDK's second version, those of types under a name of their own."""
    return tuple(f'{"types " if name.endswith("types") else ""}"{V2}/service/{name}"' for name in services)


def read(folder: Path, source: str, others: Mapping[str, str] | None = None, path: str = "cmd/fn/main.go") -> CodeFacts:
    """The facts of the program in `path`, other files laid by their paths."""
    lay(folder, {path: source, **(others or {})})
    return facts(Go(Tree(folder)), "go", "shop/Fn", path, "main")
