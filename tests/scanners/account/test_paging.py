"""All pages of everything: where botocore stops early, where it has no paginator, and where a service never ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import botocore.session
import pytest

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults, answer, error
from untangle.scanners.account.call import Answer, Outcome, Request
from untangle.scanners.account.chokepoint import Chokepoint
from untangle.scanners.account.operations import OPERATIONS
from untangle.scanners.account.paging import Pager, pager

SESSION = botocore.session.get_session()


def ask(caller: Chokepoint, service: str, operation: str, **params: Any) -> Answer:
    return caller.answer(Request(account=ACCOUNT, region=REGION, service=service, operation=operation, params=params))


def test_there_are_more_than_a_thousand_queues(caller: Callable[..., Chokepoint]) -> None:
    sqs = boto3.client("sqs", REGION)
    for number in range(1010):
        sqs.create_queue(QueueName=f"q{number}")
    assert len(set(ask(caller(), "sqs", "ListQueues").items("QueueUrls"))) == 1010


def test_topics_come_by_the_hundred(caller: Callable[..., Chokepoint]) -> None:
    sns = boto3.client("sns", REGION)
    for number in range(230):
        sns.create_topic(Name=f"t{number}")
    found = ask(caller(), "sns", "ListTopics")
    assert (len(found.pages), len(list(found.items("Topics")))) == (3, 230)


def test_an_own_pager_goes_on_to_the_end(faults: Faults, caller: Callable[..., Chokepoint]) -> None:
    def page(times: int, request: Any) -> Any:
        names = [f"s{times * 2}", f"s{times * 2 + 1}"]
        more = "true" if times < 2 else "false"
        assert times == 0 or f'"s{times * 2 - 1}"' in request.body.decode(), "each page begins after the last stream"
        return answer(f'{{"DeliveryStreamNames": ["{names[0]}", "{names[1]}"], "HasMoreDeliveryStreams": {more}}}')

    faults.on("ListDeliveryStreams", page)
    found = ask(caller(), "firehose", "ListDeliveryStreams")
    assert list(found.items("DeliveryStreamNames")) == [f"s{n}" for n in range(6)] and found.outcome is Outcome.READ


def test_event_buses_have_no_paginator_and_yet_pages(faults: Faults, caller: Callable[..., Chokepoint]) -> None:
    token = ['"NextToken": "t1",', '"NextToken": "t2",', ""]
    faults.on("ListEventBuses", lambda times, request: answer(f'{{{token[times]} "EventBuses": [{{"Name": "b{times}"}}]}}'))
    assert [bus["Name"] for bus in ask(caller(), "events", "ListEventBuses").items("EventBuses")] == ["b0", "b1", "b2"]


def test_a_listing_that_goes_in_circles_is_broken_off_and_told(faults: Faults, caller: Callable[..., Chokepoint]) -> None:
    faults.always("ListEventBuses", lambda: answer('{"NextToken": "same", "EventBuses": [{"Name": "b"}]}'))
    point = caller()
    found = ask(point, "events", "ListEventBuses")
    assert (found.outcome, found.code) == (Outcome.INCOMPLETE, "RepeatedToken") and found.pages
    assert [item.outcome for item in point.coverage] == ["incomplete"]


def test_a_token_that_grew_too_old_begins_the_listing_anew(faults: Faults, caller: Callable[..., Chokepoint]) -> None:
    def page(times: int, request: Any) -> Any:
        if times == 1:
            return error("InvalidNextToken")
        token = "" if times == 3 else '"NextToken": "t", '
        return answer(f'{{{token}"EventBuses": [{{"Name": "b{times}"}}]}}')

    faults.on("ListEventBuses", page)
    found = ask(caller(), "events", "ListEventBuses")
    assert found.outcome is Outcome.READ
    assert [bus["Name"] for bus in found.items("EventBuses")] == ["b2", "b3"], "nothing twice, nothing of the first attempt"


@pytest.mark.parametrize("item", OPERATIONS, ids=lambda item: f"{item.service}.{item.name}")
def test_whatever_answers_with_a_token_is_paged(item: Any) -> None:
    model = SESSION.get_service_model(item.service).operation_model(item.name)
    takes = list(model.input_shape.members) if model.input_shape else []
    gives = list(model.output_shape.members)
    known = SESSION.get_paginator_model(item.service)._paginator_config.get(item.name)
    tokens = {
        name
        for name in gives
        if name.lower().endswith(("token", "marker", "position")) or name.startswith(("HasMore", "LastEvaluated"))
    }
    assert not tokens or pager(item.service, item.name, known, takes, gives) is not None


def test_the_last_page_is_the_last() -> None:
    turn = Pager(("Marker",), ("NextMarker",), "IsTruncated")
    assert turn.following({"IsTruncated": True, "NextMarker": "m"}) == {"Marker": "m"}
    assert turn.following({"IsTruncated": False, "NextMarker": "m"}) is None
    assert Pager(("T",), ("T",)).following({"T": ""}) is None
