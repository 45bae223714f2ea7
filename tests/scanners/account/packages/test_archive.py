"""Archives that are hostile or broken: what can be read of them is, what cannot is said, and nothing is raised."""

from __future__ import annotations

import struct
import warnings
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scanners.account.packages.apps import zipped
from untangle.scanners.account.packages import archive
from untangle.scanners.account.packages.archive import unpack

GOOD = b"def handler(event, context): ..."


def python(path: str) -> bool:
    return path.endswith(".py")


def entry(name: str, **settings: int) -> bytes:
    """An archive with a good file and one that has these settings."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("app.py", GOOD)
        info = zipfile.ZipInfo(name)
        for key, value in settings.items():
            setattr(info, key, value)
        made.writestr(info, b"pass" * 100)
    return buffer.getvalue()


def patched(offset: int, value: bytes, *, local: int = 0) -> bytes:
    """An archive whose directory says something else of its second file than what is so; `local` also before the file itself."""
    data = bytearray(entry("other.py"))
    at = data.rindex(b"PK\x01\x02") + offset
    data[at : at + len(value)] = value
    if local:
        at = data.rindex(b"PK\x03\x04") + local
        data[at : at + len(value)] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(entry("../../etc/other.py"), "leads out of the package: ../../etc/other.py", id="above"),
        pytest.param(entry("/etc/other.py"), "leads out of the package: /etc/other.py", id="absolute"),
        pytest.param(entry("C:\\other.py"), "leads out of the package: C:/other.py", id="drive"),
        pytest.param(entry("a\x1b[2J.py"), "leads out of the package: a\\x1b[2J.py", id="terminal codes"),
        pytest.param(entry("link.py", external_attr=0o120777 << 16), "a link: link.py", id="link"),
        pytest.param(patched(8, b"\x01\x00", local=6), "encrypted: other.py", id="encrypted"),
        pytest.param(patched(16, b"\0\0\0\0", local=14), "damaged, or packed in an unknown way: other.py", id="checksum"),
        pytest.param(patched(10, b"\x63\x00", local=8), "damaged, or packed in an unknown way: other.py", id="method"),
        pytest.param(patched(24, struct.pack("<I", 33 << 20)), "larger than 32 MB: other.py", id="one large file"),
        pytest.param(patched(42, b"\xf0\xff\xff\x00"), "damaged, or packed in an unknown way: other.py", id="place"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_read(data: bytes, told: str) -> None:
    found = unpack(data, python)
    assert found.files == {"app.py": GOOD}
    assert [trouble for trouble in found.troubles if told in trouble] and len(found.troubles) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive", zipped({"app.py": GOOD})[:-30], zipped({"app.py": GOOD})[40:], b"PK\x05\x06" + b"\xff" * 18],
    ids=["empty", "text", "cut at its end", "cut at its start", "an end without a start"],
)
def test_what_is_no_archive_is_said_to_be_none(data: bytes) -> None:
    found = unpack(data, python)
    assert not found.files and found.troubles


def test_unpacked_it_may_not_be_larger_than_lambda_allows() -> None:
    """A bomb: its directory names the same megabytes again and again."""
    data = patched(24, struct.pack("<I", 251 << 20))
    found = unpack(data, python)
    assert not found.files and "larger than the 250 MB" in found.troubles[0]


def test_it_may_not_hold_any_number_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_FILES", 10)
    assert unpack(zipped({f"{n}.py": b"" for n in range(10)}), python).troubles == ()
    assert "more than 10 files" in unpack(zipped({f"{n}.py": b"" for n in range(11)}), python).troubles[0]


def test_sources_beyond_the_limit_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_SOURCE", 25)
    found = unpack(zipped({f"{n}.py": b"0123456789" for n in range(4)}), python)
    assert sorted(found.files) == ["0.py", "1.py"] and "2.py, 3.py" in found.troubles[0]


def test_a_file_is_never_longer_than_it_says() -> None:
    """A megabyte of zeros behind a file that says that it has four bytes."""
    data = bytearray(zipped({"app.py": b"\0" * 1_000_000}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 4)
    found = unpack(bytes(data), python)
    assert sum(len(content) for content in found.files.values()) <= 5


def test_other_files_and_vendored_folders_are_left_out() -> None:
    files = {"app.py": GOOD, "data.bin": b"1", "node_modules/x/a.py": b"", "lib/site-packages/b.py": b"", "lib/c.py": b"c"}
    assert unpack(zipped(files), python).files == {"app.py": GOOD, "lib/c.py": b"c"}


def test_of_two_files_at_one_place_the_last_counts() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.writestr("app.py", b"first")
        made.writestr("./app.py", b"second")
    assert unpack(buffer.getvalue(), python).files == {"app.py": b"second"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=8), st.integers(0, 400), st.integers(0, 8))
def test_no_damage_raises(noise: bytes, at: int, cut: int) -> None:
    data = zipped({"app.py": GOOD, "lib/a.py": GOOD * 3})
    damaged = data[:at] + noise + data[at + cut :]
    found = unpack(damaged, python)
    assert sum(len(content) for content in found.files.values()) <= 4 * len(GOOD)
