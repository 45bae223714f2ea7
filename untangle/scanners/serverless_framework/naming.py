"""The logical ids that the framework gives to what it generates, so that `resources` can refer to it.

Source: the framework's `lib/plugins/aws/lib/naming.js`; the names are the same in all versions.
"""

from __future__ import annotations

import re

ROLE = "IamRoleLambdaExecution"
DEPLOYMENT_BUCKET = "ServerlessDeploymentBucket"
REST_API = "ApiGatewayRestApi"
HTTP_API = "HttpApi"
SOCKET_API = "WebsocketsApi"
_OTHER = re.compile(r"[^0-9A-Za-z]")
_VARIABLE = re.compile(r"\{(.*)\}")


def upper_first(name: str) -> str:
    """`orderPaid` -> `OrderPaid`."""
    return name[:1].upper() + name[1:]


def normalized(key: str) -> str:
    """A function's or resource's key as part of a logical id: `on-order_paid` -> `OnDashorderUnderscorepaid`."""
    return upper_first(key.replace("-", "Dash").replace("_", "Underscore"))


def alphanumeric(name: str) -> str:
    """A bucket's, topic's or queue's name as part of a logical id: `my-topic` -> `Mytopic`."""
    return upper_first(_OTHER.sub("", name))


def function(key: str) -> str:
    """`hello` -> `HelloLambdaFunction`."""
    return f"{normalized(key)}LambdaFunction"


def function_role(key: str) -> str:
    """The role of a function that has statements of its own."""
    return f"{normalized(key)}{ROLE}"


def layer(key: str) -> str:
    """`deps` -> `DepsLambdaLayer`."""
    return f"{normalized(key)}LambdaLayer"


def path(text: str) -> str:
    """A URL path as part of a logical id: `users/{id}/orders` -> `UsersIdVarOrders`."""
    return "".join(_path_part(part) for part in text.split("/"))


def _path_part(part: str) -> str:
    capitalized = part[:1].upper() + part[1:].lower()
    return upper_first(_OTHER.sub("", _VARIABLE.sub(r"\1Var", capitalized.replace("-", "Dash"))))


def socket_route(route: str) -> str:
    """A WebSocket route as part of a logical id: `$connect` -> `Sconnect`."""
    return route.replace("$", "S").replace("/", "Slash").replace("-", "Dash").replace("_", "Underscore").replace(".", "Period")
