"""The other side of a comparison: what runs once the workflow has taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.model.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """A proposal as it would be deployed.

    `definitions` are the state machines by name, the main one first, with `${Name}` where an ARN, a URL or a name belongs;
    `substitutions` say what each stands for: a node id of the graph, or the name of one of the machines, and its attribute, ""
    standing for what `Ref` gives (see `emit.asl.substitutions`). `workflow` says what starts it and which subscriptions go.
    `starts` are the values of `UNTANGLE_START` of the functions that stay outside and start it, by node id.
    """

    definitions: Mapping[str, Mapping[str, Any]]
    workflow: Workflow
    substitutions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    starts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
