"""What boto3 makes anew for each handler that starts cold, and what is the same each time: its classes and its clients.

A function is loaded anew in every world, and its clients with it, which takes longer than all that it does then. So what is made
once is kept, with the session that made it, and handed out as copies; what is read from botocore's files is kept for all. A copy
has hooks of its own as soon as somebody registers one; nothing else of a client is changed by its use, since no call reaches the
network. What is made in another way than by boto3's own session is not kept.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any

_SIMPLE = (str, bool, int, float, type(None))


def install(running: Callable[[], Any]) -> None:
    """Keep what boto3 makes while `running` says that a handler runs; once for a process."""
    from botocore.client import ClientCreator
    from botocore.loaders import Loader
    from botocore.session import Session

    Loader.__init__ = _models(Loader.__init__)
    ClientCreator._create_client_class = _classes(ClientCreator._create_client_class)
    Session.create_client = _clients(Session.create_client, running)
    try:
        from boto3.resources.factory import ResourceFactory
    except ImportError:
        return
    ResourceFactory.load_from_definition = _resources(ResourceFactory.load_from_definition)


def _models(original: Callable[..., None]) -> Callable[..., None]:
    """The descriptions of services, which every session reads anew from files, by where they are looked for."""
    read: dict[tuple[str, ...], dict[Any, Any]] = {}

    def remembered(self: Any, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        if type(self.file_loader) is self.FILE_LOADER_CLASS:
            self._cache = read.setdefault((*self.search_paths, "", *self._extras_types), {})

    return remembered


def _classes(original: Callable[..., Any]) -> Callable[..., Any]:
    """Classes of clients. What is registered to change one (boto3's own methods) belongs to the session, so the class does."""

    def remembered(self: Any, service_name: str, service_model: Any) -> Any:
        made: dict[tuple[str, str], tuple[Any, Any]] = _kept_with(self._event_emitter, "classes")
        key = (service_name, str(service_model.api_version))
        if key not in made or made[key][0] is not self._event_emitter:
            made[key] = self._event_emitter, original(self, service_name, service_model)
        return made[key][1]

    return remembered


def _resources(original: Callable[..., Any]) -> Callable[..., Any]:
    """Classes of resources, by the session's factory and the definition, which its loader keeps."""

    def remembered(self: Any, resource_name: str, single_resource_json_definition: Any, service_context: Any) -> Any:
        made: dict[tuple[str, int], tuple[Any, Any, Any]] = _kept_with(self, "resources")
        key = (f"{service_context.service_name} {resource_name}", id(single_resource_json_definition))
        known = made.get(key)
        if known is None or known[0] is not self or known[1] is not single_resource_json_definition:
            found = original(self, resource_name, single_resource_json_definition, service_context)
            known = made[key] = self, single_resource_json_definition, found
        return known[2]

    return remembered


def _clients(original: Callable[..., Any], running: Callable[[], Any]) -> Callable[..., Any]:
    """Clients of a session that are asked for with the same words and variables."""

    def remembered(self: Any, *given: Any, **named: Any) -> Any:
        key = _key(given, named) if running() is not None else None
        if key is None:
            return original(self, *given, **named)
        made: dict[tuple[Any, ...], tuple[Any, Any, Any]] = _kept_with(self, "clients")
        known = made.get(key)
        hooks = _hooks(self)
        # A hook that is registered with the session concerns the clients that are made after it.
        if known is None or known[0] is not self or known[1] is not hooks:
            client = original(self, *given, **named)
            known = made[key] = self, _hooks(self), client
        return _copied(known[2])

    return remembered


def _kept_with(owner: Any, what: str) -> dict[Any, Any]:
    """What is remembered for an owner, in the owner: it goes with a session that a handler makes for itself each time."""
    held: dict[Any, Any] = vars(owner).setdefault(f"_untangle_{what}", {})
    return held


def _key(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...] | None:
    """What a client is made of: None where that cannot be told."""
    words = [*((str(number), value) for number, value in enumerate(given)), *sorted(named.items())]
    told: list[Any] = []
    for name, value in words:
        options = getattr(value, "_user_provided_options", None)
        if not isinstance(value, _SIMPLE) and options is None:
            return None
        told.append((name, type(value).__name__, repr(options if options is not None else value)))
    variables = ((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
    told.extend(sorted(one for one in variables if not one[0].startswith("AWS_LAMBDA_")))
    return tuple(told)


def _hooks(session: Any) -> Any:
    """An object that is another one after a hook has been registered with a session: botocore's own memory of hooks."""
    emitter = session.get_component("event_emitter")
    return getattr(getattr(emitter, "_emitter", emitter), "_lookup_cache", None)


def _copied(client: Any) -> Any:
    """A client like this one, with hooks of its own."""
    made = object.__new__(type(client))
    made.__dict__.update(client.__dict__)
    made.meta = copy.copy(client.meta)
    made.meta.events = copy.copy(client.meta.events)
    return made
