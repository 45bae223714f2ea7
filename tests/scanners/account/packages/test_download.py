"""Packages come from AWS over TLS or not at all; what goes wrong never tells the signed address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from untangle.scanners.account.call import Unfinished
from untangle.scanners.account.packages import download
from untangle.scanners.account.packages.download import check

SECRET = "X-Amz-Signature=0123456789abcdef"  # noqa: S105


@pytest.mark.parametrize(
    "url",
    [
        "https://awslambda-eu-west-1-tasks.s3.eu-west-1.amazonaws.com/snapshots/1/f?" + SECRET,
        "https://awslambda-cn-north-1-tasks.s3.cn-north-1.amazonaws.com.cn/snapshots/1/f",
        "https://bucket.s3.amazonaws.com:443/f",
    ],
)
def test_addresses_of_aws_are_followed(url: str) -> None:
    check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket.s3.amazonaws.com/f?" + SECRET,
        "https://bucket.s3.amazonaws.com.example.org/f?" + SECRET,
        "https://amazonaws.com.example.org/f",
        "https://example.org/.amazonaws.com?" + SECRET,
        "https://bucket.s3.amazonaws.com@example.org/f",
        "https://user:word@bucket.s3.amazonaws.com/f",
        "https://bucket.s3.amazonaws.com:8443/f",
        "https://bucket.s3.amazonaws.com:port/f",
        "https://169.254.169.254/latest/meta-data",
        "https://evilamazonaws.com/f",
        "file:///etc/passwd",
        "https://[::1/f",
        "",
    ],
)
def test_others_are_not(url: str) -> None:
    with pytest.raises(Unfinished) as told:
        download.download(url)
    assert SECRET not in str(told.value) and "example" not in str(told.value)


class Stream:
    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.taken = pieces, 0

    def stream(self, size: int) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece


def test_a_stream_is_taken_whole() -> None:
    assert download._limited(Stream(b"ab", b"c")) == b"abc"


def test_a_stream_that_is_longer_than_a_package_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", 3)
    endless = Stream(*[b"ab"] * 1000)
    with pytest.raises(Unfinished, match="broken off"):
        download._limited(endless)
    assert endless.taken == 2


def test_a_stream_that_drips_is_broken_off() -> None:
    times = iter(range(0, 10_000, 100))
    with pytest.raises(Unfinished, match="not done in 300 seconds"):
        download._limited(Stream(*[b"a"] * 1000), clock=lambda: float(next(times)))


class Answer:
    def __init__(self, status: int, *pieces: bytes, **headers: str) -> None:
        self.status_code, self.raw = status, Stream(*pieces)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(302, Location="https://example.org"), "HTTP 302"),
        (Answer(403, b"<Error>expired</Error>"), "HTTP 403"),
        (Answer(200, b"ab", Content_Length="3"), "not all of it came"),
    ],
    ids=["elsewhere", "refused", "cut off"],
)
def test_only_a_whole_answer_is_taken(answer: Answer, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda session, request: answer)
    with pytest.raises(Unfinished, match=told):
        download.download("https://b.s3.amazonaws.com/f")


@pytest.mark.parametrize("size", [{"Content_Length": "3"}, {}], ids=["its size said", "not said"])
def test_what_comes_is_what_is_there(size: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda session, request: Answer(200, b"ab", b"c", **size))
    assert download.download("https://b.s3.amazonaws.com/f") == b"abc"


@pytest.mark.parametrize("error", [OSError("https://b.s3.amazonaws.com/f?" + SECRET), ValueError(SECRET)])
def test_what_fails_is_tried_again_and_told_by_its_kind_only(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def fail(url: str) -> bytes:
        tried.append(url)
        raise error

    monkeypatch.setattr(download, "_whole", fail)
    with pytest.raises(Unfinished) as told:
        download.download("https://b.s3.amazonaws.com/f?" + SECRET)
    assert len(tried) == download.TRIES
    assert str(told.value) == f"download failed: {type(error).__name__}" and told.value.__cause__ is None
