"""What steps are called: by the word that tells most, whatever made the address."""

from __future__ import annotations

import pytest

from untangle.emit.asl.names import StateNames
from untangle.model.naming import called, spoken
from untangle.model.node import Function


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ChargeFunction", "Charge"),
        ("notify-restaurant", "notify restaurant"),
        ("module.x.aws_lambda_function.send_mail[0]", "send mail"),
        ("module.Download.module.lambda_function.aws_lambda_function.this[0]", "Download"),
        ("module.validate_feed_lambda.aws_lambda_function.lambda", "validate feed"),
        ('aws_lambda_function.resize["eu"]', "resize eu"),
        ("aws_lambda_function.this", "this"),
        ("resizeLambdaHandlerD06B8F09", "resize"),
        ("Report20261121", "Report20261121"),
        ("ProcessDOCXFunction", "ProcessDOCX"),
        ("LambdaInitiateEvaluation", "InitiateEvaluation"),
        ("lambda-resize", "resize"),
        ("LambdaFunction", "Lambda"),
        ("Lambda", "Lambda"),
        ("***", "Step"),
    ],
)
def test_a_step_is_called_after_what_its_function_does(address: str, name: str) -> None:
    assert spoken(address) == name


def test_functions_of_one_name_are_told_apart_by_their_stacks() -> None:
    made = [Function(id=f"{stack}/Update", address="Update", stack=stack) for stack in ("orders", "delivery")]
    assert called(made) == {"orders/Update": "orders Update", "delivery/Update": "delivery Update"}


def test_a_function_whose_name_says_nothing_is_called_after_its_stack() -> None:
    made = [Function(id=f"{stack}/handler", address="handler", stack=stack) for stack in ("live/mailer", "biller", "template")]
    assert called(made) == {"live/mailer/handler": "mailer", "biller/handler": "biller", "template/handler": "handler"}


def test_a_function_that_stands_there_twice_keeps_its_name() -> None:
    made = Function(id="orders/Update", address="Update", stack="orders")
    assert called([made, made]) == {"orders/Update": "Update"}


def test_no_name_is_given_twice_and_none_is_too_long() -> None:
    names = StateNames()
    assert [names.take("Pay"), names.take("Pay", "after Cart"), names.take("Pay", "after Cart")] == [
        "Pay",
        "Pay after Cart",
        "Pay 2",
    ]
    assert len(names.take("x" * 200)) == 80
