"""Plain scalars by YAML 1.1, as CloudFormation reads them, and by 1.2, as the Serverless Framework does."""

from __future__ import annotations

from typing import Any

import pytest

from untangle.scanners.document import read_document


@pytest.mark.parametrize(
    ("text", "older", "core"),
    [
        ("yes", True, "yes"),
        ("No", False, "No"),
        ("ON", True, "ON"),
        ("off", False, "off"),
        ("true", True, True),
        ("False", False, False),
        ("tRUE", "tRUE", "tRUE"),
        ("~", None, None),
        ("12", 12, 12),
        ("Nobody", "Nobody", "Nobody"),
        ('"true"', "true", "true"),
        ("!!bool yes", True, "yes"),
    ],
)
def test_what_a_scalar_is(text: str, older: Any, core: Any) -> None:
    data = f"a: {text}\n".encode()
    assert read_document(data).root == {"a": older}
    assert read_document(data, core=True).root == {"a": core}
