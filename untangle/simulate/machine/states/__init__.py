"""The types of states."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.simulate.machine.states.choice import CHOICE
from untangle.simulate.machine.states.fail import FAIL
from untangle.simulate.machine.states.kind import Kind
from untangle.simulate.machine.states.map import MAP
from untangle.simulate.machine.states.parallel import PARALLEL
from untangle.simulate.machine.states.pass_state import PASS
from untangle.simulate.machine.states.succeed import SUCCEED
from untangle.simulate.machine.states.task import TASK
from untangle.simulate.machine.states.wait import WAIT

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (PASS, TASK, CHOICE, WAIT, SUCCEED, FAIL, PARALLEL, MAP)}
