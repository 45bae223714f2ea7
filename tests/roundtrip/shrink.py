"""A failing application made small: fewer functions, calls and settings, for as long as it fails in the same way.

Greedy, as in delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from tests.roundtrip.draw import form_of
from tests.roundtrip.shape import Application, Channel, Function, Listener, Send, Style

_PLAIN_LISTENER = Listener(consumer="")
_PLAIN_FUNCTION = Function(name="", form="")
_SETTINGS = ("kinds", "window", "batch", "partial", "most", "transform", "raw", "tries", "dead_letter", "queue")


def shrunk(application: Application, fails: Callable[[Application], bool], most: int = 120) -> Application:
    """The smallest application that `fails` says fails, found within so many tries."""
    tried = 0
    again = True
    while again and tried < most:
        again = False
        for candidate in _smaller(application):
            tried += 1
            if fails(candidate):
                application, again = candidate, True
                break
            if tried >= most:
                break
    return application


def _smaller(application: Application) -> Iterator[Application]:
    """Everything that is a step smaller, the largest steps first."""
    for function in reversed(application.functions[1:]):
        yield _without(application, function.name)
    for function in application.functions:
        for index in range(len(function.sends)):
            sends = function.sends[:index] + function.sends[index + 1 :]
            yield _reached(application.with_function(replace(function, sends=sends)))
    for channel in application.channels:
        for index, listener in enumerate(channel.listeners):
            for changed in _plainer(listener, _PLAIN_LISTENER, _SETTINGS):
                listeners = (*channel.listeners[:index], changed, *channel.listeners[index + 1 :])
                yield _formed(application.with_channel(replace(channel, listeners=listeners)))
        for changed in _plainer(channel, Channel(name="", type=""), ("delay", "fifo", "view")):
            yield application.with_channel(changed)
    for function in application.functions:
        for changed in _plainer(function, _PLAIN_FUNCTION, ("breaks", "retries", "failed", "effect", "style")):
            yield application.with_function(changed)
        for index, send in enumerate(function.sends):
            for changed in _plainer(send, Send(channel=""), ("batched", "delay", "kind", "times")):
                sends = (*function.sends[:index], replace(changed, group=0), *function.sends[index + 1 :])
                yield application.with_function(replace(function, sends=sends))


def _plainer(item: Any, plain: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """The item with one of these fields as it is in the plain one."""
    known = {field.name for field in fields(item)}
    for name in names:
        if name in known and getattr(item, name) != (wanted := Style() if name == "style" else getattr(plain, name)):
            yield replace(item, **{name: wanted})


def _without(application: Application, name: str) -> Application:
    """Without a function: nobody listens in its place, and what then leads nowhere is left out."""
    channels = (
        replace(channel, listeners=tuple(one for one in channel.listeners if one.consumer != name))
        for channel in application.channels
    )
    functions = tuple(function for function in application.functions if function.name != name)
    return _reached(replace(application, functions=functions, channels=tuple(channels)))


def _reached(application: Application) -> Application:
    """Only what an entry leads to: functions that something starts, channels with somebody at both ends."""
    while True:
        channels = {channel.name: channel for channel in application.channels}
        functions = tuple(
            replace(function, sends=tuple(send for send in function.sends if channels[send.channel].listeners))
            for function in application.functions
        )
        used = {send.channel for function in functions for send in function.sends}
        heard = {listener.consumer for name in used for listener in channels[name].listeners}
        first = application.functions[0].name
        standing = tuple(function for function in functions if function.entry or function.name in heard or function.name == first)
        names = {function.name for function in standing}
        kept = tuple(
            replace(channel, listeners=tuple(one for one in channel.listeners if one.consumer in names))
            for channel in application.channels
            if channel.name in used
        )
        made = replace(application, functions=standing, channels=kept)
        if made == application:
            return made
        application = made


def _formed(application: Application) -> Application:
    """With each function reading the envelope in which its messages come now."""
    for function in application.functions:
        ways = list(application.listening(function.name))
        if ways and not function.entry:
            form = form_of(ways[0][0].type, ways[0][1])
            application = application.with_function(replace(function, form=form))
    return application
