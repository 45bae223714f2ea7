"""The outbox's own clients, made once, when the first one is needed: its calls are none of the handler's."""

from __future__ import annotations

from typing import Any

_made: dict[str, Any] = {}


def client(service: str) -> Any:
    """The client of a service, in the function's own region."""
    if service not in _made:
        import botocore.session

        _made[service] = botocore.session.get_session().create_client(service)
    return _made[service]
