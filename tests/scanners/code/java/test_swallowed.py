"""How often a Java handler makes a call that an error may skip: an error that is swallowed leaves a run that ends well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.java.handlers import IMPORTS, handler, read

HEAD = (
    IMPORTS + "import software.amazon.awssdk.services.athena.*;\nimport software.amazon.awssdk.services.athena.model.*;\n"
    "import software.amazon.awssdk.services.sqs.SqsClient;\n"
)
START = 'athena.startQueryExecution(StartQueryExecutionRequest.builder().queryString("select 1").build());'
CLIENT = (
    "private final AthenaClient athena = AthenaClient.create(); void work() {}"
    ' void fail(Exception e) { throw new RuntimeException(e); } void log(Exception e) { System.out.println("x"); }'
)
TRY = f"try {{ work(); {START} }}"
CASES: dict[str, tuple[str, str]] = {
    "nothing-catches": (START, "one"),
    "thrown-again": (f"{TRY} catch (Exception e) {{ throw e; }}", "one"),
    "thrown-as-another": (f"{TRY} catch (Exception e) {{ throw new RuntimeException(e); }}", "one"),
    "thrown-by-each": (f"{TRY} catch (AthenaException e) {{ throw e; }} catch (RuntimeException e) {{ throw e; }}", "one"),
    "process-ended": (f"{TRY} catch (Exception e) {{ System.exit(1); }}", "one"),
    "cleaned-up": (f'{TRY} finally {{ System.out.println("x"); }}', "one"),
    "behind-what-swallows": (f"try {{ work(); }} catch (Exception e) {{ log(e); }} {START}", "one"),
    "logged": (f"{TRY} catch (Exception e) {{ log(e); }}", "maybe"),
    "empty": (f"{TRY} catch (Exception e) {{ }}", "maybe"),
    "returned": (f"{TRY} catch (Exception e) {{ return null; }}", "maybe"),
    "by-the-first-of-two": (f"{TRY} catch (AthenaException e) {{ }} catch (RuntimeException e) {{ throw e; }}", "maybe"),
    "by-the-second-of-two": (f"{TRY} catch (AthenaException e) {{ throw e; }} catch (RuntimeException e) {{ }}", "maybe"),
    "returned-by-the-second": (
        f"try {{ work(); }} catch (AthenaException e) {{ throw e; }} catch (RuntimeException e) {{ return null; }} {START}",
        "maybe",
    ),
    "thrown-under-a-condition": (f"{TRY} catch (RuntimeException e) {{ if (e.getCause() != null) {{ throw e; }} }}", "maybe"),
    "behind-a-return": (f"try {{ work(); }} catch (Exception e) {{ return null; }} {START}", "maybe"),
}


@pytest.mark.parametrize("name", CASES)
def test_how_often_it_is_called(tmp_path: Path, name: str) -> None:
    body, often = CASES[name]
    [call] = [call for call in read(tmp_path, handler(body, CLIENT, HEAD)).calls if call.service == "athena"]
    assert call.multiplicity == often
    assert {guard.kind for guard in call.guards} == ({"swallowed"} if often == "maybe" else set())
