"""What a configuration file may say, and how it is told where it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.config import (
    Binding,
    Boundary,
    Config,
    Ignored,
    Owner,
    Rejected,
    StatedHop,
    lines_of,
    load,
    read_baseline,
)
from untangle.errors import ConfigError, InputError

EVERYTHING = """
min-confidence = "possible"
fail-on = "warning"
baseline = "known.json"
claim-check = "orders-claims"
exclude = ["legacy/", "*.bak"]

[parameters]
Stage = "prod"
Retries = 3
Enabled = true

[[ignore]]
rule = "fan-out"
reason = "meant so"

[[hop]]
producer = "app/A"
consumer = "app/B"
channel = "app/Q"
reason = "the queue is made by hand"

[[bind]]
function = "app/A"
target = "env QUEUE_URL"
channel = "app/Q"
reason = "set by the pipeline"

[[reject]]
hop = "0123456789ab"
reason = "test code"

[[reject]]
producer = "app/A"
consumer = "app/C"
reason = "never happens"

[[owner]]
pattern = "app/*"
owner = "orders"
reason = "CODEOWNERS"

[[boundary]]
channel = "shared/Bus"
reason = "another team's"
"""


def written(folder: Path, text: str, name: str = "untangle.toml") -> Path:
    (folder / name).write_text(text)
    return folder


def failure(folder: Path, text: str, name: str = "untangle.toml") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text, name))
    return caught.value


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    config = load(written(tmp_path, EVERYTHING))
    assert config == Config(
        path=str(tmp_path / "untangle.toml"),
        min_confidence="possible",
        fail_on="warning",
        baseline=tmp_path / "known.json",
        claim_check="orders-claims",
        exclude=("legacy/", "*.bak"),
        parameters={"Stage": "prod", "Retries": "3", "Enabled": "true"},
        ignored=(Ignored(rule="fan-out", reason="meant so", line=13),),
        hops=(StatedHop(producer="app/A", consumer="app/B", channel="app/Q", reason="the queue is made by hand", line=17),),
        bindings=(Binding(function="app/A", target="env QUEUE_URL", channel="app/Q", reason="set by the pipeline", line=23),),
        rejected=(
            Rejected(hop="0123456789ab", reason="test code", line=29),
            Rejected(producer="app/A", consumer="app/C", reason="never happens", line=33),
        ),
        owners=(Owner(pattern="app/*", owner="orders", reason="CODEOWNERS", line=38),),
        boundaries=(Boundary(channel="shared/Bus", reason="another team's", line=43),),
    )


def test_the_same_can_be_said_in_a_project_file(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n\n[tool.untangle]\nexclude = ["a"]\n\n'
    text += '[[tool.untangle.owner]]\npattern = "*"\nowner = "us"\nreason = "r"\n'
    config = load(written(tmp_path, text, "pyproject.toml"))
    assert (config.exclude, config.owners) == (("a",), (Owner(pattern="*", owner="us", reason="r", line=7),))


def test_the_file_of_its_own_comes_first(tmp_path: Path) -> None:
    written(tmp_path, '[tool.untangle]\nfail-on = "note"\n', "pyproject.toml")
    assert load(written(tmp_path, 'fail-on = "error"\n')).fail_on == "error"


@pytest.mark.parametrize("text", ["[tool.black]\nline-length = 1\n", "broken = [", "tool = 3 # untangle", "\ufeff[project]\n"])
def test_a_project_file_that_does_not_speak_of_untangle_says_nothing(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text, "pyproject.toml")) == Config()


def test_a_project_file_that_is_not_text_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe[tool.untangle]")
    assert load(tmp_path) == Config()


def test_a_template_is_scanned_with_the_configuration_beside_it(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").touch()
    assert load(written(tmp_path, 'fail-on = "note"') / "template.yaml").fail_on == "note"


def test_a_named_file_is_read_instead(tmp_path: Path) -> None:
    written(tmp_path, 'fail-on = "note"')
    (tmp_path / "other.toml").write_text('fail-on = "error"')
    assert load(tmp_path, tmp_path / "other.toml").fail_on == "error"
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ('\nmin_confidence = "weak"', 2, "unknown key 'min_confidence'", "min-confidence"),
        ("[[hops]]\n", 1, "unknown key 'hops'", "hop"),
        ('[[hop]]\nproducer = "a"\nconsumr = "b"', 3, "unknown key 'consumr'", "consumer"),
        ('fail-on = "fatal"', 1, "fail-on is 'fatal'", "note, warning, error, never"),
        ('min-confidence = "sure"', 1, "min-confidence is 'sure'", "likely"),
        ("exclude = 3", 1, "exclude must be a list of texts", None),
        ("exclude = [1]", 1, "exclude must be a list of texts", None),
        ("baseline = 1", 1, "baseline must be text", None),
        ('claim-check = "My_Bucket"', 1, "claim-check is 'My_Bucket', which is no name of a bucket", None),
        ("parameters = 1", 1, "parameters must be a table", None),
        ("[parameters]\nA = []", 2, "parameter A must be text or a number", None),
        ("[hop]\n", 1, "hop must be a list of tables", "[[hop]]"),
        ("hop = [1]\n", 1, "hop must be a list of tables", "[[hop]]"),
        ('[[owner]]\npattern = "a"\nowner = "b"', 1, "owner needs a reason", None),
        ('[[owner]]\npattern = "a"\nowner = "b"\nreason = " "', 4, "reason must be text", None),
        ('[[owner]]\npattern = 4\nowner = "b"\nreason = "r"', 2, "pattern must be text", None),
        ('[[reject]]\nreason = "r"\nproducer = "a"', 1, "reject needs hop or producer and consumer", None),
        ('[[ignore]]\nreason = "r"', 1, "ignore needs rule or fingerprint", None),
        ('[[boundary]]\nreason = "r"', 1, "boundary needs channel or hop", None),
        ('[[ignore]]\nrule = "a"\nreason = "r"\n[[ignore]]\nrule = "b"', 4, "ignore needs a reason", None),
        ("a = 1\nb = [", 2, "is not valid TOML", None),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str, hint: str | None) -> None:
    error = failure(tmp_path, text)
    assert error.where == f"{tmp_path / 'untangle.toml'}:{line}"
    assert message in error.message
    assert hint is None or hint in (error.hint or "")


def test_lines_are_right_in_a_project_file_too(tmp_path: Path) -> None:
    text = '[project]\nexclude = 1\n\n[tool.untangle]\nfail-on = "error"\nexclude = 1\n'
    assert failure(tmp_path, text, "pyproject.toml").where == f"{tmp_path / 'pyproject.toml'}:6"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a = " + b"[" * 100_000])
def test_hostile_files_are_an_error_and_no_traceback(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "untangle.toml").write_bytes(data)
    with pytest.raises(ConfigError):
        load(tmp_path)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert (config.path, config.min_confidence, config.fail_on, config.exclude) == (None, "likely", "never", ())


@pytest.mark.parametrize(
    ("entry", "ignored"),
    [
        (Ignored(rule="loop", reason="r"), True),
        (Ignored(rule="fan-out", reason="r"), False),
        (Ignored(fingerprint="aa", reason="r"), True),
        (Ignored(rule="loop", fingerprint="bb", reason="r"), False),
        (Ignored(rule="loop", fingerprint="aa", reason="r"), True),
    ],
)
def test_a_finding_is_ignored_by_rule_by_fingerprint_or_by_both(entry: Ignored, ignored: bool) -> None:
    assert Config(ignored=(entry,)).ignores("loop", "aa") is ignored


def test_routes_of_quoted_and_dotted_keys() -> None:
    text = '[tool."untangle"]\na.b = 1\n"c d" = 2\n[[x]]\ny = 1\n[[x]]\ny = 2\n'
    lines = lines_of(text)
    assert lines[("tool", "untangle", "a", "b")] == 2
    assert (lines[("x", 0, "y")], lines[("x", 1)], lines[("x", 1, "y")]) == (5, 6, 7)


def test_a_baseline_is_a_scan_document(tmp_path: Path) -> None:
    file = tmp_path / "scan.json"
    file.write_text('{"schema": "untangle.scan/1", "findings": [{"fingerprint": "aa"}, {"fingerprint": "bb"}]}')
    assert read_baseline(file) == {"aa", "bb"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [1]}', '{"findings": [{}]}', "[" * 100_000])
def test_anything_else_is_no_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / "scan.json").write_text(text)
    with pytest.raises(InputError, match="not a scan document"):
        read_baseline(tmp_path / "scan.json")
