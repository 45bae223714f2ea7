"""The chokepoint: what may be asked, and what every kind of failure on the way becomes. Nothing lost, nothing invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults, answer, error, xml_error
from tests.scanners.account.test_manners import Clock
from untangle.errors import AwsError
from untangle.model.resource import Coverage
from untangle.scanners.account.boto import Live
from untangle.scanners.account.call import GLOBAL, Answer, Outcome, Request
from untangle.scanners.account.chokepoint import FRUITLESS, Chokepoint
from untangle.scanners.account.manners import Manners

Make = Callable[..., Chokepoint]


def request(service: str, operation: str, **params: Any) -> Request:
    return Request(account=ACCOUNT, region=REGION, service=service, operation=operation, params=params)


def policies(names: Any) -> list[Request]:
    return [request("lambda", "GetPolicy", FunctionName=name) for name in names]


def rows(caller: Chokepoint) -> Mapping[str, Coverage]:
    return {item.operation: item for item in caller.coverage}


def read_policy(name: str = "x") -> Any:
    return answer(f'{{"Policy": "{{\\"Id\\": \\"{name}\\"}}"}}')


class TestWhatMayBeAsked:
    @pytest.mark.parametrize(
        ("service", "operation"),
        [
            ("sqs", "ReceiveMessage"),
            ("sqs", "DeleteQueue"),
            ("lambda", "Invoke"),
            ("s3", "GetObject"),
            ("secretsmanager", "GetSecretValue"),
        ],
    )
    def test_what_is_not_on_the_list_is_never_sent(self, faults: Faults, caller: Make, service: str, operation: str) -> None:
        with pytest.raises(ValueError, match="not on the list"):
            caller().answer(request(service, operation))
        assert not faults.sent

    def test_optional_operations_have_to_be_asked_for(self, faults: Faults, caller: Make) -> None:
        with pytest.raises(ValueError, match="--code"):
            caller().answer(request("lambda", "GetFunction", FunctionName="f"))
        assert not faults.sent

    def test_of_a_package_no_address_is_kept(self, faults: Faults, caller: Make) -> None:
        code = '{"Location": "https://x?X-Amz-Signature=1", "RepositoryType": "S3"}'
        body = f'{{"Code": {code}, "Configuration": {{"FunctionName": "f"}}}}'
        faults.always("GetFunction", lambda: answer(body))
        (page,) = caller(groups=frozenset({"code"})).answer(request("lambda", "GetFunction", FunctionName="f")).pages
        assert page == {"Code": {"RepositoryType": "S3"}, "Configuration": {"FunctionName": "f"}}


class TestDenied:
    @pytest.mark.parametrize(
        ("service", "operation", "make"),
        [
            ("lambda", "ListEventSourceMappings", lambda: error("AccessDeniedException", status=403)),
            ("sns", "ListTopics", lambda: xml_error("AuthorizationError")),
            ("sqs", "ListQueues", lambda: error("AccessDenied", "with an explicit deny in a service control policy")),
            ("s3", "GetBucketNotificationConfiguration", lambda: xml_error("AccessDenied")),
            ("dynamodb", "ListTables", lambda: error("AccessDeniedException")),
        ],
    )
    def test_every_protocol_s_refusal_is_one_kind_of_row(
        self, faults: Faults, caller: Make, service: str, operation: str, make: Callable[[], Any]
    ) -> None:
        faults.always(operation, make)
        point = caller()
        params = {"Bucket": "some-bucket"} if service == "s3" else {}
        found = point.answer(request(service, operation, **params))
        assert (found.outcome, found.pages) == (Outcome.DENIED, ())
        row = rows(point)[f"{service}.{operation}"]
        assert row.outcome == "denied" and row.unseen and (row.permission or "").startswith(f"{service}:")

    def test_after_some_refusals_and_no_success_it_is_not_asked_again(self, faults: Faults, caller: Make) -> None:
        faults.always("GetPolicy", lambda: error("AccessDeniedException", status=403))
        point = caller()
        found = list(point.each(policies(f"f{n}" for n in range(200))))
        assert {item.outcome for item in found} == {Outcome.DENIED} and len(found) == 200
        assert faults.sent["GetPolicy"] < FRUITLESS + 10
        assert rows(point)["lambda.GetPolicy"].note == "AccessDeniedException: 200 of 200"

    def test_one_bucket_s_own_policy_says_nothing_about_the_others(self, faults: Faults, caller: Make) -> None:
        faults.on(
            "GetBucketNotificationConfiguration", lambda n, request: xml_error("AccessDenied") if n < 10 else answer("<N/>")
        )
        buckets = [request("s3", "GetBucketNotificationConfiguration", Bucket=f"bucket-{n}") for n in range(11)]
        found = [caller_.answer(item) for caller_ in [caller()] for item in buckets]
        assert [item.outcome for item in found] == [Outcome.DENIED] * 10 + [Outcome.READ]

    @pytest.mark.parametrize("code", ["UnrecognizedClientException", "OptInRequired", "InvalidClientTokenId"])
    def test_a_region_that_is_not_enabled_is_a_row_and_no_end(self, faults: Faults, caller: Make, code: str) -> None:
        faults.always("ListEventSourceMappings", lambda: error(code, status=403))
        point = caller()
        assert point.answer(request("lambda", "ListEventSourceMappings")).outcome is Outcome.UNAVAILABLE
        assert "sqs" in rows(point)["lambda.ListEventSourceMappings"].unseen

    def test_a_service_that_is_not_in_the_region(self, faults: Faults, caller: Make) -> None:
        def nowhere(times: int, request: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://pipes.nowhere-1.amazonaws.com")

        faults.on("ListPipes", nowhere)
        assert caller().answer(request("pipes", "ListPipes")).outcome is Outcome.UNAVAILABLE

    def test_absent_is_known(self, faults: Faults, caller: Make) -> None:
        faults.always("GetPolicy", lambda: error("ResourceNotFoundException", status=404))
        point = caller()
        assert point.answer(policies("f")[0]).outcome is Outcome.ABSENT
        assert rows(point)["lambda.GetPolicy"].outcome == "read"


class TestOnTheWay:
    @pytest.mark.parametrize("fault", [ReadTimeoutError, ConnectTimeoutError])
    def test_a_timeout_is_a_row(self, faults: Faults, caller: Make, fault: Callable[..., Exception]) -> None:
        def late(times: int, request: Any) -> Any:
            raise fault(endpoint_url="https://aws")

        faults.on("GetPolicy", late)
        point = caller()
        assert point.answer(policies("f")[0]).outcome is Outcome.INCOMPLETE
        assert rows(point)["lambda.GetPolicy"].outcome == "incomplete"

    def test_pages_before_a_break_are_kept_and_it_does_not_look_whole(self, faults: Faults, caller: Make) -> None:
        first = '{"EventSourceMappings": [{"UUID": "one"}], "NextMarker": "m"}'
        faults.on(
            "ListEventSourceMappings", lambda times, request: error("InternalServerError", status=500) if times else answer(first)
        )
        point = caller()
        found = point.answer(request("lambda", "ListEventSourceMappings"))
        assert [item["UUID"] for item in found.items("EventSourceMappings")] == ["one"]
        assert found.outcome is Outcome.INCOMPLETE and rows(point)["lambda.ListEventSourceMappings"].unseen

    @pytest.mark.parametrize(
        ("service", "operation", "body"),
        [
            ("lambda", "ListEventSourceMappings", '{"EventSourceMappings": [{"UU'),
            ("sqs", "ListQueues", '{"QueueUrls": ["http'),
            ("sqs", "ListQueues", "<html>please sign in to this network</html>"),
            ("sns", "ListTopics", "<ListTopicsResponse><ListTopicsResult><Topics>"),
        ],
    )
    def test_a_body_that_was_cut_off_is_no_empty_list(
        self, faults: Faults, caller: Make, service: str, operation: str, body: str
    ) -> None:
        faults.always(operation, lambda: answer(body))
        assert caller().answer(request(service, operation)).outcome is Outcome.INCOMPLETE

    @pytest.mark.parametrize("code", ["ExpiredTokenException", "ExpiredToken"])
    def test_credentials_that_run_out_end_the_scan_with_what_to_do(self, faults: Faults, caller: Make, code: str) -> None:
        faults.on("GetPolicy", lambda times, request: error(code, status=403) if times >= 5 else read_policy())
        with pytest.raises(AwsError, match="--resume"):
            list(caller().each(policies(f"f{n}" for n in range(40))))


class TestThrottling:
    def test_no_call_fails_under_the_published_limit(self, faults: Faults) -> None:
        """AWS allows 15 GetPolicy a second; by the clock of this test, the buckets never ask for more."""
        clock, sent = Clock(), list[float]()

        def throttle(times: int, request: Any) -> Any:
            sent.append(clock.now)
            recent = [moment for moment in sent if clock.now - moment < 1]
            return (
                error("TooManyRequestsException", status=429) if len(recent) > 30 else read_policy()
            )  # its burst is two seconds

        faults.on("GetPolicy", throttle)
        live = Live({ACCOUNT: faults.session}, Manners(wait=clock.wait, clock=clock))
        point = Chokepoint(live, threads=False)
        found = list(point.each(policies(f"f{n}" for n in range(450))))
        assert {item.outcome for item in found} == {Outcome.READ}
        assert live.throttled == 0 and len(sent) == 450
        assert 450 / 15 - 2 < clock.now - 1000 < 450 / 15 * 1.25

    def test_where_the_account_allows_less_nothing_is_lost(self, faults: Faults) -> None:
        clock, allowed = Clock(), list[float]()

        def throttle(times: int, request: Any) -> Any:
            if len([moment for moment in allowed if clock.now - moment < 1]) >= 4:
                return error("TooManyRequestsException", status=429)
            allowed.append(clock.now)
            return read_policy()

        faults.on("GetPolicy", throttle)
        live = Live({ACCOUNT: faults.session}, Manners(wait=clock.wait, clock=clock))
        point = Chokepoint(live, threads=False)
        found = list(point.each(policies(f"f{n}" for n in range(200))))
        assert {item.outcome for item in found} == {Outcome.READ}
        assert 0 < live.throttled < 100, "it learns"

    def test_what_is_throttled_for_ever_is_told(self, faults: Faults, caller: Make) -> None:
        faults.always("GetPolicy", lambda: error("TooManyRequestsException", status=429))
        point = caller()
        assert point.answer(policies("f")[0]).code == "TooManyRequestsException"
        assert rows(point)["lambda.GetPolicy"].outcome == "incomplete"


class TestManyAtOnce:
    def test_answers_come_in_the_order_of_the_requests(self, faults: Faults, caller: Make) -> None:
        faults.on("GetPolicy", lambda times, request: read_policy(request.url.split("/")[-2]))
        names = [f"f{n}" for n in range(60)]
        found = list(caller().each(policies(names)))
        assert [page["Policy"] for item in found for page in item.pages] == [f'{{"Id": "{name}"}}' for name in names]

    def test_jobs_may_ask_many_things_themselves(self, faults: Faults, caller: Make) -> None:
        faults.always("GetPolicy", read_policy)
        point = caller()

        def job(start: int) -> Callable[[], list[Answer]]:
            return lambda: list(point.each(policies(f"f{n}" for n in range(start, start + 10))))

        assert [len(found) for found in point.together([job(n) for n in range(20)])] == [10] * 20

    def test_progress_says_how_far_it_is(self, faults: Faults, caller: Make) -> None:
        told: list[str] = []
        faults.always("GetPolicy", read_policy)
        list(caller(tell=told.append).each(policies(f"f{n}" for n in range(12))))
        assert told and told[0].endswith("of 12 calls (lambda 1)")


class TestNames:
    def test_an_environment_is_held_against_all_names_of_the_region(self, caller: Make, tmp_path: Path) -> None:
        """Whichever listing is made first, a queue that a variable names is known to be one."""
        boto3.client("sqs", REGION).create_queue(QueueName="orders")
        boto3.client("s3", REGION).create_bucket(Bucket="shop-invoices", CreateBucketConfiguration={"LocationConstraint": REGION})
        role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        variables = {"TO": "orders", "WHERE": "shop-invoices", "GREETING": "hello", "SELF": "f"}
        boto3.client("lambda", REGION).create_function(
            FunctionName="f",
            Role=role,
            Runtime="python3.12",
            Handler="a.b",
            Code={"ZipFile": b"x"},
            Environment={"Variables": variables},
        )
        ((function,),) = [list(caller().answer(request("lambda", "ListFunctions")).items("Functions"))]
        assert function["Environment"]["Variables"] == {**variables, "GREETING": None}

    def test_such_listings_are_asked_for_once(self, faults: Faults, caller: Make) -> None:
        point = caller()
        for _ in range(3):
            point.answer(request("lambda", "ListFunctions"))
            point.answer(request("sqs", "ListQueues"))
        point.answer(Request(account=ACCOUNT, region=GLOBAL, service="s3", operation="ListBuckets"))
        assert {faults.sent[name] for name in ("ListFunctions", "ListQueues", "ListTopics", "ListBuckets")} == {1}
