"""Every job that a workflow can wait for is played, with the fields of the service's own output shapes and no other."""

from __future__ import annotations

from typing import Any

import pytest

from untangle.channels.envelope.job import JOBS
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.clock import Clock
from untangle.simulate.jobs import PLAYS, Book, Play, is_played
from untangle.simulate.services.shapes import model_of

_PARAMS: dict[str, dict[str, Any]] = {
    "SubmitJob": {"jobName": "j", "jobQueue": "q", "jobDefinition": "d"},
    "StartBuild": {"projectName": "p", "sourceVersion": "v"},
    "RunTask": {"taskDefinition": "t", "cluster": "c"},
    "AddJobFlowSteps": {"JobFlowId": "j-1", "Steps": [{"Name": "s", "HadoopJarStep": {"Jar": "a.jar", "Args": ["x"]}}]},
    "StartJobRun": {"JobName": "j", "Arguments": {"--a": "1"}},
    "CreateJob": {"Role": "r", "Settings": {"OutputGroups": [{"Outputs": [{}]}]}},
    "StartTranscriptionJob": {"TranscriptionJobName": "t", "Media": {"MediaFileUri": "s3://b/k"}, "OutputBucketName": "b"},
    "StartSpeechSynthesisTask": {"OutputS3BucketName": "b", "OutputFormat": "mp3", "Text": "hello", "VoiceId": "Joanna"},
    "StartQueryExecution": {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": "s3://b/k/"}},
}


def _conforms(shape: Any, value: Any, where: str = "") -> list[str]:
    """What of a value is not in the shape."""
    if shape.type_name == "structure":
        wrong = [f"{where}.{name}" for name in value if name not in shape.members]
        return wrong + [
            item for name in value if name in shape.members for item in _conforms(shape.members[name], value[name], name)
        ]
    if shape.type_name == "list":
        return [item for inner in value for item in _conforms(shape.member, inner, where)]
    return []


def test_every_form_is_played() -> None:
    assert [(form.service, form.operation) for form in JOBS if not is_played(form.service, form.operation)] == []


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("play", PLAYS, ids=lambda play: f"{play.service}-{play.operation}")
def test_answers_have_the_fields_of_the_service(play: Play, fails: bool) -> None:
    clock, told = Clock(), []
    ids = iter(f"00000000-0000-4000-8000-{number:012d}" for number in range(99))
    strikes = frozenset({"fails"} if fails else ())
    book = Book(
        plays=PLAYS,
        clock=clock,
        new_id=lambda: next(ids),
        tell=lambda play, job, one: told.append(one),
        strikes=lambda operation: strikes,
    )
    topic = {"NotificationChannel": {"SNSTopicArn": "t", "RoleArn": "r"}}
    model = model_of(play.service)
    response = book.answer(ApiCall(service=play.service, operation=play.operation, params=_PARAMS.get(play.operation, topic)))
    assert response is not None and _conforms(model.operation_model(play.operation).output_shape, response) == []
    job = book.meant(play, str(response))
    assert job is not None and not job.ended
    shape = model.operation_model(play.asks).output_shape
    assert _conforms(shape, play.answer((job,))) == []
    clock.run()
    assert clock.now == 60 and job.well is not fails
    assert _conforms(shape, play.answer((job,))) == []
    assert bool(told) is not (fails and play.service == "polly")


def test_a_name_that_a_job_has_is_refused() -> None:
    book = Book(plays=PLAYS, clock=Clock(), new_id=lambda: "id")
    call = ApiCall(service="transcribe", operation="StartTranscriptionJob", params=_PARAMS["StartTranscriptionJob"])
    book.answer(call)
    with pytest.raises(ApiError, match="already exists"):
        book.answer(call)
