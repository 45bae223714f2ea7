"""Java handlers written to disk and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.scanners.code.reading import lay
from untangle.model.code import CodeFacts
from untangle.scanners.code.java.library import Java
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree

ROOT = "src/main/java/com/shop/"
IMPORTS = """package com.shop;
import java.util.*;
import com.amazonaws.services.lambda.runtime.*;
import com.amazonaws.services.lambda.runtime.events.*;
import com.fasterxml.jackson.databind.ObjectMapper;
"""
V2 = (
    IMPORTS
    + "import software.amazon.awssdk.services.sqs.SqsClient;\nimport software.amazon.awssdk.services.sqs.model.*;\n"
    + "import software.amazon.awssdk.services.sns.SnsClient;\nimport software.amazon.awssdk.services.sns.model.PublishRequest;\n"
)
V1 = IMPORTS + "import com.amazonaws.services.sqs.*;\nimport com.amazonaws.services.sqs.model.*;\n"
SEND = 'sqs.sendMessage(SendMessageRequest.builder().queueUrl({}).messageBody("x").build());'


def handler(body: str, members: str = "", head: str = V2) -> str:
    """A handler of an SQS event with this body, whose class has a client and these members."""
    return (
        f"{head}public class Fn implements RequestHandler<SQSEvent, String> {{\n"
        f"  private final SqsClient sqs = SqsClient.create();\n  {members}\n"
        f"  public String handleRequest(SQSEvent event, Context context) {{ {body} return null; }}\n}}\n"
    )


def read(folder: Path, source: str, others: Mapping[str, str] | None = None, name: str = "Fn::handleRequest") -> CodeFacts:
    """The facts of the handler in `Fn.java`, other files laid beside it by their paths."""
    lay(folder, {f"{ROOT}Fn.java": source, **{ROOT + path: text for path, text in (others or {}).items()}})
    return facts(Java(Tree(folder)), "java", "shop/Fn", f"{ROOT}Fn.java", name)
