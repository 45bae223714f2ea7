"""The rules of what is found while files are read: scanners and the configuration report them, nothing here detects them."""

from __future__ import annotations

from untangle.model.rule import Rule

SOURCE_RULES: tuple[Rule, ...] = (
    Rule(
        id="template-syntax",
        severity="error",
        title="A template cannot be parsed",
        costs="Nothing of this file is known: its functions, channels and hops are missing from everything that follows.",
        instead="Correct the line that is named; the rest of the tree was scanned all the same.",
    ),
    Rule(
        id="template-duplicate-key",
        severity="error",
        title="A key stands twice in one mapping",
        costs="Most parsers keep the last one in silence, so a resource or property that was written is not deployed.",
        instead="Give one of the two another name, or delete it.",
    ),
    Rule(
        id="template-alias-bomb",
        severity="error",
        title="A template's aliases unfold beyond every measure",
        costs="Unfolded, the file would fill the memory of whatever reads it; it was not unfolded and is not part of this scan.",
        instead="Write out what the aliases stand for, or remove the file.",
    ),
    Rule(
        id="template-too-large",
        severity="error",
        title="A file is larger than any template may be",
        costs="The file was left aside. CloudFormation accepts templates of 1 MB at most: this one cannot be deployed as it is.",
        instead="Exclude the file from the scan, or split the template into nested stacks.",
    ),
    Rule(
        id="template-too-deep",
        severity="error",
        title="A template nests deeper than any template does",
        costs="What lies beyond the limit was not read, for reading it could exhaust the memory of whatever tries.",
        instead="Flatten the part that is named, or exclude the file from the scan.",
    ),
    Rule(
        id="template-unknown-tag",
        severity="warning",
        title="A tag is not one of CloudFormation's",
        costs="CloudFormation refuses the template. Its value was read as if the tag were not there.",
        instead="Write one of the intrinsic functions, or quote the text if no function is meant.",
    ),
    Rule(
        id="template-encoding",
        severity="warning",
        title="A template is not clean UTF-8 text",
        costs="The characters that could not be decoded were replaced, so names that hold them match nothing.",
        instead="Save the file as UTF-8 and remove control characters.",
    ),
    Rule(
        id="template-shape",
        severity="error",
        title="A part of a template has not the shape that it must have",
        costs="The part was left aside; what it declares is missing from everything that follows.",
        instead="A resource is a mapping with a Type, and with Properties that are a mapping.",
    ),
    Rule(
        id="only-declared",
        severity="warning",
        title="Something is declared and not deployed",
        costs="Whoever reads the template believes in a part of the workflow that is not there: what is sent to it is lost, or "
        "the call fails. The stack is deployed without it, or somebody has deleted it by hand.",
        instead="Deploy the template as it is, or take out of it what is not wanted any more.",
    ),
    Rule(
        id="changed-wiring",
        severity="warning",
        title="What is deployed is wired or set otherwise than it is declared",
        costs="Messages go other ways than the source says, or meet other code, and the next deployment may put that back in the "
        "middle of the day. What is found in the source alone is then not what happens.",
        instead="Write into the template what is meant to be there, and deploy it; take out of the account what is not.",
    ),
    Rule(
        id="config-stale-entry",
        severity="warning",
        title="The configuration speaks of something that is not there",
        costs="A statement about a hop, function or channel that was renamed or removed no longer does anything.",
        instead="Correct the entry or delete it.",
    ),
)
