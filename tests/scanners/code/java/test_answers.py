"""Whether a Java handler does anything with the answer, or with the error, of a call that starts a job."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.java.handlers import IMPORTS, handler, read

HEAD = (
    IMPORTS + "import java.util.concurrent.*;\nimport software.amazon.awssdk.services.athena.*;\n"
    "import software.amazon.awssdk.services.athena.model.*;\nimport software.amazon.awssdk.services.sqs.SqsClient;\n"
)
CLIENT = "private final AthenaClient athena = AthenaClient.create();"
LATER = "private final AthenaAsyncClient athena = AthenaAsyncClient.create();"
START = 'athena.startQueryExecution(StartQueryExecutionRequest.builder().queryString("select 1").build())'
RUN = f"{CLIENT} void run() {{ {START}; }}"
# What stands in the handler, the members of its class, and whether it is seen that nothing is done with the answer.
CASES: dict[str, tuple[str, str, bool]] = {
    "thrown-away": (f"{START};", CLIENT, True),
    "thrown-away-by-a-builder": ('athena.startQueryExecution(b -> b.queryString("select 1"));', CLIENT, True),
    "thrown-away-in-a-loop": (f"for (var r : event.getRecords()) {{ {START}; }}", CLIENT, True),
    "thrown-away-for-each": (f"event.getRecords().forEach(r -> {{ {START}; }});", CLIENT, True),
    "kept": (f"var answer = {START};", CLIENT, False),
    "returned": (f"if (event != null) return {START}.queryExecutionId();", CLIENT, False),
    "printed": (f"System.out.println({START});", CLIENT, False),
    "read-at-once": (f"{START}.queryExecutionId();", CLIENT, False),
    "failure-caught": (f"try {{ {START}; }} catch (AthenaException e) {{ }}", CLIENT, False),
    "cleaned-up-behind": (f"try {{ {START}; }} finally {{ System.out.println(1); }}", CLIENT, True),
    "failure-swallowed-at-last": (f"try {{ {START}; }} finally {{ return null; }}", CLIENT, False),
    "in-a-method": ("run();", RUN, True),
    "in-a-method-that-returns-it": ("run();", f"{CLIENT} Object run() {{ return {START}; }}", False),
    "in-a-method-whose-failure-is-caught": ("try { run(); } catch (Exception e) { }", RUN, False),
    "in-a-method-whose-failure-is-caught-once": ("run(); try { run(); } catch (Exception e) { }", RUN, False),
    "opened-by-a-try-that-catches": (
        "try (var held = open()) { held.hashCode(); } catch (Exception e) { }", f"{CLIENT} java.io.Closeable open() {{ {START}; return null; }}", False
    ),
    "in-another-thread": (f"Executors.newCachedThreadPool().submit(() -> {{ {START}; }});", CLIENT, False),
    "in-a-task-of-a-future": (f"CompletableFuture.runAsync(() -> {{ {START}; }}).join();", CLIENT, False),
    "waited-for": (f"{START}.join();", LATER, True),
    "waited-for-and-kept": (f"var answer = {START}.join();", LATER, False),
    "taken-by-what-follows": (f"{START}.thenAccept(r -> System.out.println(r)).join();", LATER, False),
    "failure-taken-by-what-follows": (f"{START}.exceptionally(e -> null).join();", LATER, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_nobody_takes(tmp_path: Path, name: str) -> None:
    body, members, thrown_away = CASES[name]
    [call] = [call for call in read(tmp_path, handler(body, members, HEAD)).calls if call.service == "athena"]
    assert call.answered is (False if thrown_away else None)
