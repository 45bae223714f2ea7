"""Logical ids, as the framework's documentation gives them."""

from __future__ import annotations

import pytest

from untangle.scanners.serverless_framework import naming


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (naming.function("hello"), "HelloLambdaFunction"),
        (naming.function("send-mail"), "SendDashmailLambdaFunction"),
        (naming.function("send_mail"), "SendUnderscoremailLambdaFunction"),
        (naming.function_role("hello"), "HelloIamRoleLambdaExecution"),
        (naming.layer("deps"), "DepsLambdaLayer"),
        (naming.alphanumeric("my-orders.topic"), "Myorderstopic"),
        (naming.path("users/{id}/order-lines"), "UsersIdVarOrderDashlines"),
        (naming.path(""), ""),
        (naming.socket_route("$connect"), "Sconnect"),
        (naming.socket_route("send/order"), "sendSlashorder"),
    ],
)
def test_logical_ids(made: str, expected: str) -> None:
    assert made == expected
