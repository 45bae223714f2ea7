"""The interpreter of state machines beside moto's: seconds per execution, and how many end as the service recorded.

    python benchmarks/machine.py [RECORDINGS] [--rounds 5] [--json FILE]

RECORDINGS is a file of executions (`definition`, `input`, `expected`); without it one that lies beside the corpus named by
UNTANGLE_CORPUS is taken, `asl/recorded-executions.json`. The two take turns, execution by execution, in one process. untangle's
time includes what it does with the definition; of moto (with `execute_state_machine`, its own interpreter, in a thread) the time
from StartExecution to the end counts, creating the machine is told beside it. Machines that wait or try again are left out of
the times, as moto really waits. Needs `pip install 'moto[stepfunctions]'`.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measure import REPOSITORY, finish, machine

sys.path.insert(0, str(REPOSITORY))

from untangle.simulate.machine import execute

_LIMIT = 5.0  # seconds that moto is given for one execution


def untangle(definition: str, value: str) -> tuple[str, Any, str | None]:
    """(event that ends it, output, error) of an execution."""
    execution = execute(json.loads(definition), json.loads(value))
    result = execution.result
    if result is None:
        raise TimeoutError(definition[:60])
    return execution.events[-1].type, result.output, result.error


class Moto:
    """Executions in moto's own interpreter."""

    def __init__(self) -> None:
        import boto3

        self.client = boto3.client("stepfunctions", region_name="us-east-1")
        self.count = 0

    def create(self, definition: str) -> str:
        """A state machine's ARN."""
        self.count += 1
        role = "arn:aws:iam::123456789012:role/r"
        answer = self.client.create_state_machine(name=f"m{self.count}", definition=definition, roleArn=role)
        return str(answer["stateMachineArn"])

    def run(self, arn: str, value: str) -> tuple[str, Any, str | None]:
        """As `untangle`; raises `TimeoutError` where it does not end."""
        self.count += 1
        execution = self.client.start_execution(stateMachineArn=arn, name=f"e{self.count}", input=value)["executionArn"]
        until = time.perf_counter() + _LIMIT
        while time.perf_counter() < until:
            told = self.client.describe_execution(executionArn=execution)
            if told["status"] != "RUNNING":
                output = told.get("output")
                ended = "ExecutionSucceeded" if told["status"] == "SUCCEEDED" else "ExecutionFailed"
                return ended, json.loads(output) if output else None, told.get("error")
            time.sleep(0.0002)
        raise TimeoutError(arn)


@contextmanager
def _moto() -> Iterator[Moto]:
    os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")  # noqa: S106
    from moto import mock_aws

    logging.disable(logging.CRITICAL)  # moto tells of every execution that fails

    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Moto()


def _ended_so(case: Mapping[str, Any], ended: tuple[str, Any, str | None]) -> bool:
    """Whether an execution ended as recorded: the event, the output (unless masked), the error's name."""
    expected = case["expected"]
    output = expected.get("output")
    output = json.loads(output) if isinstance(output, str) else output
    return (ended[0], ended[2]) == (expected["type"], expected.get("error")) and (ended[1] == output or "<" in json.dumps(output))


def _waits(definition: str) -> bool:
    return '"Wait"' in definition or '"Retry"' in definition


def _measure(cases: list[dict[str, Any]], rounds: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {"untangle": [], "untangle, first": [], "moto": [], "moto, creating": []}
    right = {"untangle": 0, "moto": 0}
    with _moto() as moto:
        for case in cases:
            definition, value = json.dumps(case["definition"]), json.dumps(case["input"])
            timed = not _waits(definition)
            begin = time.perf_counter()
            ended = untangle(definition, value)
            seconds["untangle, first"].append(time.perf_counter() - begin)
            right["untangle"] += _ended_so(case, ended)
            begin = time.perf_counter()
            try:
                arn = moto.create(definition)
                seconds["moto, creating"].append(time.perf_counter() - begin)
                right["moto"] += _ended_so(case, moto.run(arn, value))
                for _ in range(rounds if timed else 0):
                    begin = time.perf_counter()
                    untangle(definition, value)
                    between = time.perf_counter()
                    moto.run(arn, value)
                    seconds["untangle"].append(between - begin)
                    seconds["moto"].append(time.perf_counter() - between)
            except Exception as error:
                print(f"moto: {case['id'].rpartition('::')[2]}: {type(error).__name__}", file=sys.stderr)
    medians = {name: statistics.median(taken) * 1000 for name, taken in seconds.items() if taken}
    slowest = {name: max(taken) * 1000 for name, taken in seconds.items() if taken}
    return {"executions": len(cases), "ended as recorded": right, "median ms": medians, "slowest ms": slowest}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(os.environ.get("UNTANGLE_CORPUS", ".")).parent / "asl" / "recorded-executions.json"
    parser.add_argument("recordings", type=Path, nargs="?", default=beside)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if not given.recordings.is_file():
        sys.exit(f"no recordings at {given.recordings}")
    cases = json.loads(given.recordings.read_text())
    told = _measure(cases, given.rounds)
    for name, value in told["median ms"].items():
        print(f"{name:18} median {value:8.2f} ms   slowest {told['slowest ms'][name]:9.1f} ms")
    print(f"ratio of the medians: {told['median ms']['moto'] / told['median ms']['untangle']:.0f}x")
    for name, count in told["ended as recorded"].items():
        print(f"{name:18} {count} of {len(cases)} ended as recorded")
    print(machine())
    finish(given.json, told)


if __name__ == "__main__":
    main()
