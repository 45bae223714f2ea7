"""A build of CodeBuild: its start, and in which state it ended, are told to the default bus.

CodeBuild guide, "Build notifications input format reference"
(https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html): status, project and ARN stand in the
detail, and more of the build in `additional-information`, of which times, phases and the environment are written otherwise than
BatchGetBuilds answers them. A project with a webhook is started by others, one that tries again starts builds itself.
Step Functions guide, "Manage AWS CodeBuild builds with Step Functions"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html).
"""

from __future__ import annotations

from untangle.channels.envelope.form import Names
from untangle.channels.envelope.job.form import HEARS, JobForm, Notice, Sync, event, every, only, recased, states_only
from untangle.model.step import Stop

_KIND = "CodeBuild Build State Change"
_ENDED = ("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED")


def _effect(stop: Stop, names: Names) -> str:
    return event(
        "aws.codebuild",
        _KIND,
        "$a.Builds[0].Arn",
        "$a.Builds[0].EndTime",
        """(
  $b := $a.Builds[0];
  {
    'build-status': $b.BuildStatus,
    'project-name': $b.ProjectName,
    'build-id': $b.Arn,
    'additional-information': {
      'build-number': $b.BuildNumber,
      'timeout-in-minutes': $b.TimeoutInMinutes,
      'build-complete': true,
      'initiator': $b.Initiator,
      'source': {'location': $b.Source.Location, 'type': $b.Source.Type},
      'source-version': $b.SourceVersion,
      'artifact': {
        'md5sum': $b.Artifacts.Md5sum,
        'sha256sum': $b.Artifacts.Sha256sum,
        'location': $b.Artifacts.Location
      },
      'logs': {'group-name': $b.Logs.GroupName, 'stream-name': $b.Logs.StreamName, 'deep-link': $b.Logs.DeepLink}
    },
    'current-phase': 'COMPLETED',
    'current-phase-context': '[]',
    'version': '1'
  }
)""",
    )


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="codebuild",
        operation="StartBuild",
        asks="codebuild:batchGetBuilds",
        arguments={"Ids": "[$e.response.build.id]"},
        answer="$states.result",
        state="$a.Builds[0].BuildStatus",
        ended=_ENDED,
        notices=(
            Notice(
                type="eventbridge",
                told=_ENDED,
                effect=_effect,
                lost=("environment", "environment-variables", "build-start-time", "phases", "network-interface", "vpc-config"),
                refuses=every(states_only(*_ENDED, at="build-status", kind=_KIND), only()),
                unset={
                    "Triggers": "who pushes to its repository starts builds of it too",
                    "AutoRetryLimit": "CodeBuild tries a build again that failed, and each try tells of its own end",
                },
            ),
        ),
        page="https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html",
        sync=Sync(
            resource="codebuild:startBuild.sync",
            arguments=recased("$e.params", "upper"),
            throttled=("CodeBuild.AccountLimitExceededException",),
            found=':build\\/([^"]+)"',
            response="{'build': {'id': $found}}",
            takes=(
                "projectName", "environmentVariablesOverride", "sourceVersion", "buildspecOverride", "imageOverride",
                "computeTypeOverride", "sourceLocationOverride", "sourceTypeOverride", "artifactsOverride",
                "timeoutInMinutesOverride", "privilegedModeOverride", "serviceRoleOverride",
            ),
            lost=("initiator",),
            actions=("codebuild:StartBuild", "codebuild:StopBuild", *HEARS),
        ),
    ),
)  # fmt: skip
