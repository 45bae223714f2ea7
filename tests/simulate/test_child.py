"""The process in which handlers run: what gets into it, what it refuses, how it ends."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from untangle.config import Config
from untangle.pipeline import scan
from untangle.simulate import child
from untangle.simulate.child import ChildFailed, run_in_child
from untangle.simulate.choreography import Play, Played, play
from untangle.simulate.stimulus import Invoked, Stimulus


def job(root: Path, handler: str) -> Play:
    properties = {"Handler": "app.handler", "Runtime": "python3.12", "Code": "./src", "Timeout": 10}
    resources = {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    (root / "template.json").write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
    (root / "src").mkdir()
    (root / "src" / "app.py").write_text(dedent(handler))
    graph = scan(root, config=Config()).graph
    return Play(graph=graph, root=root, stimuli=(Stimulus(what=Invoked(function="template/F", event={}, how="request")),))


def answer(played: Played) -> object:
    return next(item.detail for item in played.log if item.kind in ("answer", "error"))


def test_a_handler_sees_nothing_of_the_user_and_reaches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("TOKEN_OF_THE_USER", "secret")
    outside = tmp_path / "outside.txt"
    handler = f"""
        import os, socket, subprocess
        def attempt(what):
            try:
                what()
            except Exception as error:
                return str(error)
            return "done"
        def handler(event, context):
            return {{
                "environment": [name for name in ("AWS_PROFILE", "TOKEN_OF_THE_USER") if name in os.environ],
                "parent": open(f"/proc/self/environ").read().count("TOKEN_OF_THE_USER"),
                "network": attempt(lambda: socket.create_connection(("192.0.2.1", 80), timeout=1)),
                "program": attempt(lambda: subprocess.run(["/bin/true"])),
                "file": attempt(lambda: open({str(outside)!r}, "w")),
                "tmp": attempt(lambda: open("/tmp/x", "w").close()),
                "home": os.path.expanduser("~") != {str(Path.home())!r},
            }}
    """
    found = answer(play(job(tmp_path, handler)))
    assert isinstance(found, dict)
    assert found["payload"] == {
        "environment": [],
        "parent": 0,
        "network": "a local run does not reach 192.0.2.1 on the network",
        "program": "a local run does not start /bin/true",
        "file": f"a local run does not write {outside}",
        "tmp": "done",
        "home": True,
    }
    assert not outside.exists()


def test_what_a_handler_prints_is_no_result(tmp_path: Path) -> None:
    handler = """
        import os
        def handler(event, context):
            os.write(1, b'{"result": 1}\\n')
            print('{"result": 2}')
            return "mine"
    """
    assert answer(play(job(tmp_path, handler))) == {"payload": "mine", "seconds": 0.0}


def test_a_process_that_ends_says_so(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="ended with 3"):
        play(job(tmp_path, "import os\ndef handler(event, context):\n    os._exit(3)\n"))


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    before = time.monotonic()
    with pytest.raises(ChildFailed, match="more than 2 seconds"):
        play(job(tmp_path, "while True: pass\n"), seconds=2)
    assert time.monotonic() - before < 30


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Whatever ends that one closes its end of the pipe."""
    made = tmp_path / "made"
    made.mkdir()
    (made / "left").write_text("by a handler")
    started = child._start("choreography", str(made), sys.executable)
    assert started.stdin is not None and started.stdout is not None and started.stderr is not None
    child._feed(started, pickle.dumps(job(tmp_path, "import os\nos.write(1, b'at work')\nwhile True: pass\n")))
    assert started.stderr.read(7) == b"at work"
    started.stdin.close()
    assert started.wait(timeout=60) == -signal.SIGKILL
    assert not made.exists()
    started.stdout.close()
    started.stderr.close()


def test_a_missing_module_is_said_and_ends_the_run(tmp_path: Path) -> None:
    played = play(job(tmp_path, "import a_library_nobody_has\ndef handler(event, context): pass\n"))
    assert "imports a_library_nobody_has" in played.unable
    assert not played.finished


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="cannot be started"):
        run_in_child("choreography", None, python=str(tmp_path / "python"))


def test_another_interpreter_finds_what_is_ours_behind_its_own(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "other"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    assert answer(play(job(tmp_path, "def handler(event, context):\n    return 1\n"), python=str(python))) == {
        "payload": 1,
        "seconds": 0.0,
    }


@pytest.mark.parametrize("task", sorted(child.TASKS))
def test_every_task_is_there(task: str) -> None:
    import importlib

    module, _, function = child.TASKS[task].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_the_environment_is_made_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "GITHUB_TOKEN", "PYTHONSTARTUP", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "the user's")
    made = child._environment("/somewhere")
    assert not [name for name, value in made.items() if "the user's" in value]
    assert made["HOME"] == made["TMPDIR"] == "/somewhere"
    assert made["AWS_CONFIG_FILE"] == os.devnull
