"""Whatever words a service refuses with, it is one kind of row, and never looks like an empty account."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from untangle.scanners.account.call import Outcome
from untangle.scanners.account.denied import is_credentials, is_throttled, outcome_of, row
from untangle.scanners.account.operations import operation


def error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListThings")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("AccessDenied", Outcome.DENIED),  # S3 and the query protocol
        ("AccessDeniedException", Outcome.DENIED),  # JSON
        ("AuthorizationError", Outcome.DENIED),  # SNS
        ("UnauthorizedOperation", Outcome.DENIED),  # EC2
        ("403", Outcome.DENIED),
        ("OptInRequired", Outcome.UNAVAILABLE),
        ("UnrecognizedClientException", Outcome.UNAVAILABLE),
        ("InvalidClientTokenId", Outcome.UNAVAILABLE),
        ("SubscriptionRequiredException", Outcome.UNAVAILABLE),
        ("UnknownOperationException", Outcome.UNAVAILABLE),
        ("ResourceNotFoundException", Outcome.ABSENT),
        ("NoSuchBucketPolicy", Outcome.ABSENT),
        ("AWS.SimpleQueueService.NonExistentQueue", Outcome.ABSENT),
        ("ThrottlingException", Outcome.INCOMPLETE),
        ("InternalServerError", Outcome.INCOMPLETE),
        ("NeverHeardOf", Outcome.INCOMPLETE),
    ],
)
def test_every_code_has_its_outcome(code: str, outcome: Outcome) -> None:
    assert outcome_of(error(code)) == (outcome, code)


def test_failures_on_the_way_say_nothing_about_what_is_there() -> None:
    assert outcome_of(EndpointConnectionError(endpoint_url="https://x"))[0] is Outcome.UNAVAILABLE
    assert outcome_of(ReadTimeoutError(endpoint_url="https://x")) == (Outcome.INCOMPLETE, "ReadTimeoutError")


def test_a_service_control_policy_is_named() -> None:
    message = "not authorized to perform: sqs:ListQueues with an explicit deny in a service control policy"
    assert outcome_of(error("AccessDenied", message)) == (Outcome.DENIED, "AccessDenied (service control policy)")


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "SignatureDoesNotMatch"])
def test_bad_credentials_are_no_denial(code: str) -> None:
    assert is_credentials(error(code)) and is_credentials(NoCredentialsError())
    assert not is_credentials(error("AccessDenied"))


def test_throttling_is_known_by_all_its_names() -> None:
    assert all(is_throttled(error(code)) for code in ("Throttling", "TooManyRequestsException", "SlowDown", "RequestThrottled"))
    assert not is_throttled(error("AccessDenied"))


class TestRow:
    QUEUES, FUNCTIONS = operation("sqs", "ListQueues"), operation("lambda", "GetPolicy")

    def test_a_denied_operation_says_what_is_missing_and_what_may_be_unseen(self) -> None:
        found = row("1", "eu-west-1", self.QUEUES, {(Outcome.DENIED, "AccessDenied"): 1})
        assert (found.source, found.operation, found.outcome) == ("aws/1/eu-west-1", "sqs.ListQueues", "denied")
        assert found.permission == "sqs:ListQueues" and "sqs" in found.unseen

    def test_one_refusal_among_many_answers_shows(self) -> None:
        seen = {(Outcome.READ, ""): 190, (Outcome.ABSENT, ""): 9, (Outcome.INCOMPLETE, "ReadTimeoutError"): 1}
        found = row("1", "eu-west-1", self.FUNCTIONS, seen)
        assert (found.outcome, found.note) == ("incomplete", "ReadTimeoutError: 1 of 200")
        assert found.unseen and found.permission is None

    def test_what_was_read_lacks_nothing(self) -> None:
        found = row("1", "eu-west-1", self.FUNCTIONS, {(Outcome.READ, ""): 1, (Outcome.ABSENT, ""): 5})
        assert (found.outcome, found.unseen, found.permission, found.note) == ("read", (), None, "")
