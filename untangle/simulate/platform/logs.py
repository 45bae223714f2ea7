"""CloudWatch Logs: the lines that are put into a log group go to the functions that subscribe to it.

What functions print is not among them: only what is put there by a call. Patterns of plain terms are matched; those on JSON and
on columns are not.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from untangle.model.resource import Resource
from untangle.simulate.call import ApiCall
from untangle.simulate.names import ACCOUNT
from untangle.simulate.platform.event.log_lines import subscribed
from untangle.simulate.platform.passing import not_played, pass_on
from untangle.simulate.platform.played import Played, Stage

_FILTER = "AWS::Logs::SubscriptionFilter"
_TERM = re.compile(r'([?-]?)(?:"([^"]*)"|(\S+))')


def _heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
    group = call.params.get("logGroupName")
    for resource in sorted(stage.application.inventory.resources, key=lambda item: item.id):
        if resource.type == _FILTER and stage.application.text(resource.get("LogGroupName"), stack=resource.stack) == group:
            _subscribed(stage, resource, call)


def _subscribed(stage: Stage, filter: Resource, call: ApiCall) -> None:
    pattern = stage.application.text(filter.get("FilterPattern"), stack=filter.stack)
    targets = stage.application.atlas.function(filter.get("DestinationArn"), near=filter.stack)
    if not targets or pattern.strip()[:1] in ("{", "[", "%"):
        why = "its destination is no function" if not targets else f"its pattern {pattern} is not read"
        not_played(stage, filter.id, why)
        return
    lines = [line for line in call.params.get("logEvents") or () if passes(pattern, str(line.get("message", "")))]
    group, stream = str(call.params.get("logGroupName")), str(call.params.get("logStreamName"))
    for target in targets if lines else ():
        event = subscribed(lines, group=group, stream=stream, filters=[filter.address], account=ACCOUNT)
        stage.tell("deliver", filter.id, to=target.node, event=event)
        pass_on(stage, filter.id, partial(stage.invoke_later, target.node, event))


def passes(pattern: str, line: str) -> bool:
    """Whether a line has all plain terms of a pattern, one of the optional ones (`?a ?b`) and none of the excluded (`-c`)."""
    terms = [(sign, quoted or word) for sign, quoted, word in _TERM.findall(pattern)]
    optional = [text for sign, text in terms if sign == "?"]
    wanted = all(text in line for sign, text in terms if not sign)
    refused = any(text in line for sign, text in terms if sign == "-")
    return wanted and not refused and (not optional or any(text in line for text in optional))


PLAYED = Played(type="logs", operations={"logs": frozenset({"PutLogEvents"})}, heard=_heard)
