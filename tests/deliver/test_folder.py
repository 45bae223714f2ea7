"""Files into a folder: written once, renewed where they are untangle's own, left alone where they are somebody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.deliver.folder import RECORD, below, write
from untangle.errors import DeliveryError
from untangle.model.change import NewFile

ONE = (NewFile(path="state-machine.asl.json", text="{}\n"), NewFile(path="contracts/a.json", text="[]\n"))
TWO = (NewFile(path="state-machine.asl.json", text='{"new": 1}\n'),)


def everything(folder: Path) -> dict[str, str]:
    return {item.relative_to(folder).as_posix(): item.read_text() for item in sorted(folder.rglob("*")) if item.is_file()}


def test_files_are_written_below_the_folder(tmp_path: Path) -> None:
    paths = write(tmp_path / "new" / "chain", ONE)
    assert [path.relative_to(tmp_path / "new/chain").as_posix() for path in paths] == [
        "contracts/a.json",
        "state-machine.asl.json",
    ]
    assert (tmp_path / "new/chain/contracts/a.json").read_text() == "[]\n"


def test_twice_gives_the_same_bytes_and_touches_nothing(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    before, times = everything(tmp_path), {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    write(tmp_path, ONE)
    assert everything(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == times


def test_what_untangle_wrote_is_renewed(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    write(tmp_path, TWO)
    assert (tmp_path / "state-machine.asl.json").read_text() == '{"new": 1}\n'
    assert (tmp_path / "contracts/a.json").read_text() == "[]\n"
    write(tmp_path, ONE)


@pytest.mark.parametrize("edited", ["{}\n\n", "mine"])
def test_what_somebody_changed_is_left_alone(tmp_path: Path, edited: str) -> None:
    write(tmp_path, ONE)
    (tmp_path / "state-machine.asl.json").write_text(edited)
    before = everything(tmp_path)
    with pytest.raises(DeliveryError, match=r"state-machine\.asl\.json would be overwritten"):
        write(tmp_path, (*TWO, NewFile(path="b.json", text="x\n")))
    assert everything(tmp_path) == before
    write(tmp_path, TWO, force=True)
    assert (tmp_path / "state-machine.asl.json").read_text() == '{"new": 1}\n'


def test_what_somebody_wrote_is_left_alone_unless_it_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "state-machine.asl.json").write_text("{}\n")
    write(tmp_path, ONE)
    (tmp_path / "contracts/a.json").unlink()
    (tmp_path / "contracts/a.json").symlink_to(tmp_path / "absent")
    with pytest.raises(DeliveryError, match=r"contracts/a\.json"):
        write(tmp_path, ONE)


@pytest.mark.parametrize("record", ["", "[]", '{"sha256": 3}', '{"sha256": []}', "[" * 100_000])
def test_a_record_that_is_not_to_be_understood_protects_everything(tmp_path: Path, record: str) -> None:
    write(tmp_path, ONE)
    (tmp_path / RECORD).write_text(record)
    with pytest.raises(DeliveryError):
        write(tmp_path, TWO)


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../../x", "", "a//b", "./a", "..", "a\\b", "a\0b", ".git/hooks/pre-commit", "x/.git/c"]
)
def test_no_path_leaves_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(DeliveryError):
        write(tmp_path / "folder", (NewFile(path=path, text="x\n"),))
    assert everything(tmp_path) == {}


def test_no_symbolic_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/contracts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeliveryError, match="symbolic link"):
        below(tmp_path / "folder", "contracts/a.json")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeliveryError, match="cannot be written"):
        write(tmp_path / "file" / "x", ONE)


def test_half_a_character_is_written_as_its_escape(tmp_path: Path) -> None:
    write(tmp_path, (NewFile(path="a.json", text='"\ud800"\n'),))
    assert (tmp_path / "a.json").read_text() == '"\\ud800"\n'
