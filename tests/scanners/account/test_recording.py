"""Recordings: the same answers give the same bytes, whatever ends a scan leaves what it had, and no secret is written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.account.test_secrets import SECRETS
from untangle.errors import InputError
from untangle.scanners.account.call import Outcome, Request
from untangle.scanners.account.recording import Recorded, Writer, is_recording, pack, read, remarks

ACCOUNT, REGION = "123456789012", "eu-west-1"
ABOUT = {ACCOUNT: {"partition": "aws", "regions": [REGION]}}


def request(operation: str = "ListTopics", service: str = "sns", **params: Any) -> Request:
    return Request(account=ACCOUNT, region=REGION, service=service, operation=operation, params=params)


def answered(*pages: dict[str, Any]) -> Recorded:
    return Recorded(pages=pages, outcome=Outcome.READ)


def refused(outcome: Outcome = Outcome.DENIED, code: str = "AccessDenied") -> Recorded:
    return Recorded(pages=(), outcome=outcome, code=code)


def begin(folder: Path, **options: Any) -> Writer:
    writer = Writer(folder=folder, accounts=ABOUT, **options)
    writer.begin()
    return writer


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


ANSWERS = [
    (request(), answered({"Topics": [{"TopicArn": "b"}]}, {"Topics": [{"TopicArn": "a"}]})),
    (request("GetTopicAttributes", TopicArn="b"), answered({"Attributes": {}})),
    (request("GetTopicAttributes", TopicArn="a"), refused()),
    (request("GetPolicy", "lambda", FunctionName="f"), refused(Outcome.ABSENT, "ResourceNotFoundException")),
]


class TestWriting:
    def test_the_order_of_answers_does_not_show(self, tmp_path: Path) -> None:
        for name, answers in (("one", ANSWERS), ("two", ANSWERS[::-1])):
            writer = begin(tmp_path / name)
            for asked, answer in answers:
                writer.write(asked, answer)
            writer.close(complete=True)
        assert files(tmp_path / "one") == files(tmp_path / "two")
        assert set(files(tmp_path / "one")) == {
            "manifest.json",
            f"{ACCOUNT}/{REGION}/sns.jsonl",
            f"{ACCOUNT}/{REGION}/lambda.jsonl",
        }

    def test_what_is_read_is_what_was_written(self, tmp_path: Path) -> None:
        writer = begin(tmp_path / "r")
        for asked, answer in ANSWERS:
            writer.write(asked, answer)
        writer.close(complete=True)
        found = read(tmp_path / "r")
        assert {(key[3], key[4]): answer for key, answer in found.answers.items()} == {
            (asked.operation, asked.key): answer for asked, answer in ANSWERS
        }
        assert found.accounts == ABOUT
        assert not found.complete, "something was denied"

    def test_an_operation_that_was_never_answered_is_one_row(self, tmp_path: Path) -> None:
        for name, tried in (("one", "abc"), ("two", "cde")):  # which calls were made before giving up is chance
            writer = begin(tmp_path / name)
            for topic in tried:
                writer.write(request("GetTopicAttributes", TopicArn=topic), refused())
            writer.close(complete=True)
        assert files(tmp_path / "one") == files(tmp_path / "two")

    def test_a_zip_depends_on_its_files_only(self, tmp_path: Path) -> None:
        writer = begin(tmp_path / "r")
        writer.write(*ANSWERS[0])
        writer.close(complete=True)
        pack(tmp_path / "r", tmp_path / "one.zip")
        for path in (tmp_path / "r").rglob("*.jsonl"):
            path.touch()
        pack(tmp_path / "r", tmp_path / "two.zip")
        assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
        assert read(tmp_path / "one.zip") == read(tmp_path / "r")

    def test_nothing_is_written_after_the_end(self, tmp_path: Path) -> None:
        writer = begin(tmp_path / "r")
        writer.close(complete=False)
        before = files(tmp_path / "r")
        writer.write(*ANSWERS[0])
        writer.close(complete=True)
        assert files(tmp_path / "r") == before


class TestSecrets:
    @pytest.mark.parametrize("kind", sorted(set(SECRETS) - {"assigned", "bearer", "hex"}))
    def test_a_planted_secret_is_not_written_and_its_place_is_told(self, tmp_path: Path, kind: str) -> None:
        writer = begin(tmp_path / "r")
        writer.write(request(), answered({"Topics": [{"TopicArn": f"x {SECRETS[kind]}"}]}))
        writer.write(request("GetTopicAttributes", TopicArn=SECRETS[kind]), answered({}))
        writer.close(complete=True)
        text = b"".join(files(tmp_path / "r").values()).decode()
        assert not [line for line in SECRETS[kind].split("\n") if len(line) > 12 and line in text]
        assert "answer.Topics[0].TopicArn" in text
        told = "\n".join(remarks(tmp_path / "r"))
        assert "answer.Topics[0].TopicArn looks like" in told and "not complete" in told

    def test_what_was_withheld_is_not_empty_when_it_is_read(self, tmp_path: Path) -> None:
        writer = begin(tmp_path / "r")
        writer.write(request(), answered({"Topics": [{"TopicArn": SECRETS["access key"]}]}))
        writer.close(complete=True)
        (answer,) = read(tmp_path / "r").answers.values()
        assert answer.outcome is Outcome.WITHHELD and not answer.outcome.known


class TestWhatIsLeft:
    """Of a scan that was killed, or of a recording that was touched."""

    def test_a_torn_last_line_costs_only_itself(self, tmp_path: Path) -> None:
        writer = begin(tmp_path / "r")
        writer.write(*ANSWERS[0])
        for file in writer._files.values():
            file.flush()
        path = tmp_path / "r" / ACCOUNT / REGION / "sns.jsonl"
        whole = path.read_text()
        path.write_text(whole + whole[:20])
        found = read(tmp_path / "r")
        assert list(found.answers.values()) == [ANSWERS[0][1]]
        assert found.damaged == (f"{ACCOUNT}/{REGION}/sns.jsonl:3",) and not found.complete

    @pytest.mark.parametrize(("dropped", "code"), [(1, "its pages broke off"), (0, "pages are missing")])
    def test_missing_pages_are_not_the_end(self, tmp_path: Path, dropped: int, code: str) -> None:
        writer = begin(tmp_path / "r")
        writer.write(*ANSWERS[0])
        writer.close(complete=True)
        path = tmp_path / "r" / ACCOUNT / REGION / "sns.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        del lines[dropped]
        path.write_text("".join(lines))
        (answer,) = read(tmp_path / "r").answers.values()
        assert (answer.outcome, answer.code) == (Outcome.INCOMPLETE, code)

    @pytest.mark.parametrize(
        "line",
        [
            "[]", "{}", "null", "[" * 10_000, '{"op": 1, "params": {}, "page": 1, "answer": {}}',
            '{"op": "A", "params": [], "page": 1, "answer": {}}', '{"op": "A", "params": {}, "page": 0, "answer": {}}',
            '{"op": "A", "params": {}, "page": true, "answer": {}}', '{"op": "A", "params": {}, "page": 1, "answer": []}',
            '{"op": "A", "params": {}, "page": 1, "outcome": "fine"}', "\x00\xff",
        ],
    )  # fmt: skip
    def test_a_line_that_makes_no_sense_is_named(self, tmp_path: Path, line: str) -> None:
        begin(tmp_path / "r").close(complete=True)
        path = tmp_path / "r" / ACCOUNT / REGION / "sns.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(line + "\n")
        assert read(tmp_path / "r").damaged == (f"{ACCOUNT}/{REGION}/sns.jsonl:1",)

    @pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": "other/1"}', "{", "[" * 100_000])
    def test_what_is_no_recording_is_refused(self, tmp_path: Path, manifest: str) -> None:
        (tmp_path / "manifest.json").write_text(manifest)
        assert not is_recording(tmp_path)
        with pytest.raises(InputError, match="no recording"):
            read(tmp_path)

    def test_a_zip_may_not_lead_elsewhere_nor_grow_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        begin(tmp_path / "r").close(complete=True)
        target = tmp_path / "r.zip"
        with zipfile.ZipFile(target, "w") as archive:
            archive.write(tmp_path / "r" / "manifest.json", "manifest.json")
            archive.writestr("../../etc/x.jsonl", json.dumps({"op": "A", "params": {}, "page": 1, "answer": {}}))
        assert read(target).damaged == ("../../etc/x.jsonl:1",)
        monkeypatch.setattr("untangle.scanners.account.recording.LARGEST", 10)
        with pytest.raises(InputError):
            read(target)


class TestResuming:
    def test_what_is_kept_is_kept_and_the_rest_is_gone(self, tmp_path: Path) -> None:
        writer = begin(tmp_path / "r")
        for asked, answer in ANSWERS:
            writer.write(asked, answer)
        writer.close(complete=True)
        earlier = read(tmp_path / "r")
        again = Writer(folder=tmp_path / "r", accounts=ABOUT)
        again.begin({key: answer for key, answer in earlier.answers.items() if answer.outcome.known})
        again.write(ANSWERS[2][0], answered({"Attributes": {"TopicArn": "a"}}))
        again.close(complete=True)
        found = read(tmp_path / "r")
        assert found.complete
        assert len(found.answers) == len(ANSWERS) and all(answer.outcome.known for answer in found.answers.values())
