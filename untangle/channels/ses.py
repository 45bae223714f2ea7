"""Amazon SES: mail that arrives is handed to a function, told to a topic or stored in a bucket, by receipt rules.

A function is invoked asynchronously unless the rule says RequestResponse; the mail's text stands only in the bucket.
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each, inner
from untangle.channels.routing import BUCKET, TOPIC, entry_node, onward, triggers

_STORED = (
    ("SNSAction", "TopicArn", TOPIC),
    ("S3Action", "BucketName", BUCKET),
    ("S3Action", "TopicArn", TOPIC),
    ("LambdaAction", "TopicArn", TOPIC),
    ("BounceAction", "TopicArn", TOPIC),
)


def _links(world: World) -> Iterator[Found]:
    for rule in world.of_type("AWS::SES::ReceiptRule"):
        note = f"receipt rule {rule.address}"
        yield entry_node(rule, "ses")
        for index, action, _ in each(rule.get("Rule", "Actions")):
            route = ("Rule", "Actions", index)
            function = inner(action, "LambdaAction", "FunctionArn")
            yield from triggers(world, "ses", rule, function, *route, note=note)
            for name, key, type_ in _STORED:
                value = inner(action, name, key)
                if value is not None:
                    yield from onward(world, rule.id, rule, value, *route, note=note, types=(type_,))


CHANNEL = Channel(type="ses", title="SES receipt rule", links=_links, message=("Records", "*", "ses"))
