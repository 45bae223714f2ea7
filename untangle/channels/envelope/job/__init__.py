"""Jobs of other services whose end a workflow can wait for itself, one file per way in which it was told of."""

from __future__ import annotations

from untangle.channels.envelope.job import analysis, batch, codebuild, ecs, emr, execution, glue, mediaconvert, output
from untangle.channels.envelope.job.form import JobForm, Notice, Sync

JOBS: tuple[JobForm, ...] = (
    *analysis.JOBS,
    *batch.JOBS,
    *codebuild.JOBS,
    *ecs.JOBS,
    *emr.JOBS,
    *execution.JOBS,
    *glue.JOBS,
    *mediaconvert.JOBS,
    *output.JOBS,
)
_FORMS = {(form.service, form.operation): form for form in JOBS}

__all__ = ["JOBS", "JobForm", "Notice", "Sync", "job_of"]


def job_of(service: str, operation: str) -> JobForm | None:
    """The form of the job that an operation (of botocore's service name) starts; None where none is written."""
    return _FORMS.get((service, operation))
