"""What an image starts, and which file of the tree that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.scanners.code.command import Script, script
from untangle.scanners.code.dockerfile import parse
from untangle.scanners.tree import Tree


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        pytest.param('FROM python\nCMD ["python", "main.py"]', ("python", "main.py"), id="a list"),
        pytest.param("FROM python\nCMD python -u main.py # start", ("python", "-u", "main.py"), id="a line"),
        pytest.param('FROM python\nENTRYPOINT ["python3"]\nCMD ["main.py"]', ("python3", "main.py"), id="entrypoint and command"),
        pytest.param('FROM python\nCMD ["python", \\\n "main.py"]', ("python", "main.py"), id="over two lines"),
        pytest.param('FROM a AS base\nCMD ["x.py"]\nFROM b\nRUN y\nFROM base', ("x.py",), id="of the stage it is made from"),
        pytest.param("FROM a\nENV MAIN=work.py\nCMD python $MAIN", ("python", "work.py"), id="by a variable"),
        pytest.param(
            "ARG MAIN=work.py\nFROM a\nARG MAIN\nCMD python $MAIN", ("python", "work.py"), id="by an argument of the file"
        ),
        pytest.param("ARG MAIN=work.py\nFROM a\nCMD python $MAIN", ("python", "$MAIN"), id="which a stage does not take"),
        pytest.param("FROM scratch", (), id="nothing"),
    ],
)
def test_what_an_image_starts(text: str, argv: tuple[str, ...]) -> None:
    assert parse(text, "").argv() == argv


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        pytest.param("FROM x\nWORKDIR /app\nCOPY . .", "main.py", "job/main.py", id="everything"),
        pytest.param("FROM x\nCOPY src/ /app/", "/app/main.py", "job/src/main.py", id="a folder's content"),
        pytest.param("FROM x\nWORKDIR /app\nCOPY main.py run.py", "run.py", "job/main.py", id="under another name"),
        pytest.param("FROM x\nWORKDIR /app\nCOPY src ./src", "src/main.py", "job/src/main.py", id="a folder under its name"),
        pytest.param(
            "FROM x AS made\nWORKDIR /build\nCOPY . .\nFROM y\nWORKDIR /app\nCOPY --from=made /build/src ./src",
            "src/main.py",
            "job/src/main.py",
            id="from another stage",
        ),
        pytest.param("FROM x\nWORKDIR /app\nCOPY src/* /app/", "main.py", "job/src/main.py", id="all files of a folder"),
        pytest.param("FROM x\nWORKDIR /app\nCOPY src/*.sh /app/", "main.py", None, id="other files of a folder"),
        pytest.param("FROM x\nCOPY ../main.py /app/", "/app/elsewhere.py", None, id="not copied"),
        pytest.param("FROM x\nCOPY ../../etc/passwd /app/", "/app/passwd", None, id="outside the tree"),
    ],
)
def test_which_file_a_path_in_the_image_is(tmp_path: Path, text: str, path: str, found: str | None) -> None:
    (tmp_path / "job" / "src").mkdir(parents=True)
    for name in ("main.py", "job/main.py", "job/src/main.py"):
        (tmp_path / name).touch()
    tree = Tree(tmp_path)
    assert next((item for item in parse(text, "job").paths(path, tree) if tree.has(item)), None) == found


FILES = {
    "start.sh": '#!/bin/sh\nset -e\nmigrate up\nexec python worker.py "$@"\n',
    "package.json": '{"scripts": {"start": "node dist/index.js"}}',
}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python main.py", Script("main.py")),
        ("python3.12 -u -W ignore /app/main.py --once", Script("/app/main.py")),
        ("python -m worker.run", Script("worker.run", True)),
        ("gunicorn -w 4 app.main:api", Script("app.main", True)),
        ("python -m uvicorn app:api --port 80", Script("app", True)),
        ("celery -A tasks worker", Script("tasks", True)),
        ("node --enable-source-maps dist/index.js", Script("dist/index.js")),
        ("npx ts-node src/index.ts", Script("src/index.ts")),
        ("npm start", Script("dist/index.js")),
        ("sh -c 'cd /app && python main.py'", Script("main.py")),
        ("./start.sh", Script("worker.py")),
        ("poetry run python main.py", Script("main.py")),
        ("tini -- node index.js", Script("index.js")),
        ("NODE_ENV=production node index.js", Script("index.js")),
        ("java -jar app.jar", None),
        ("python -c 'print(1)'", None),
        ("", None),
    ],
)
def test_which_script_a_command_runs(command: str, expected: Script | None) -> None:
    assert script(parse(f"FROM x\nCMD {command}", "").argv(), lambda path: FILES.get(path.removeprefix("./"))) == expected
