"""`untangle verify`: both sides run on the same handlers, through the same faults, and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from untangle.cli.commands import CLAIM_CHECK, QUERY_LANGUAGE, bucket_of, main
from untangle.cli.documents import json_of, text_in
from untangle.cli.source import Source, option, reads
from untangle.errors import ExitCode, UsageError, nearest

BUDGET = 120


@main.command()
@reads
@option("--chain", "id", metavar="ID", help="The chain to prove; not needed where there is only one.")
@option("--input", "inputs", type=click.Path(path_type=Path), multiple=True, metavar="FILE",
      help="Use this event (JSON), or list of events, in the place of made ones; repeatable.")  # fmt: skip
@option(
    "--seed", type=int, default=0, show_default=True, help="Chooses values and pairs of faults; the same seed, the same proof."
)
@option("--budget", type=click.IntRange(1), default=BUDGET, show_default=True, metavar="N", help="Run at most N scenarios.")
@option("--mutants/--no-mutants", default=True, help="Plant faults into the proposal and see whether they show.  [default: yes]")
@option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(1),
    metavar="SECONDS",
    help="Run nothing more after so long, and say what was not.",
)
@QUERY_LANGUAGE
@CLAIM_CHECK
@option("--python", metavar="COMMAND", help="The Python that runs the handlers; it must have what they import.")
@option("--packages", multiple=True, metavar="FOLDER",
      type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
      help="Handlers find packages there: npm install, pip install --target, a virtual environment; repeatable.")  # fmt: skip
@option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to write the certificate.")
@option("-o", "--output", metavar="FILE", default="-", help="Write it there instead.")
def verify(
    source: Source, id: str | None, inputs: tuple[Path, ...], claim: str | None, form: str, output: str, **asked: Any
) -> int:
    """Run a chain and the state machine proposed for it on the same handlers, through faults, and compare them.

    This runs your handlers, in a process of its own: without your credentials, without network, against services that are played
    on this machine. What they leave in queues, tables and buckets, which calls they make and how often must be the same on both
    sides; what differs must be one of the differences that the proposal lists, and is checked. Then faults are planted into the
    proposal: the share that the scenarios tell apart is the mutation score.

    Exits with 0 where both are equal, with 1 where they are not, or where no message went over any of the hops that move.

    \b
    untangle verify . --chain orders-checkout
    untangle verify . --chain orders-checkout --input events/order.json -o certificate.json --format json
    untangle verify . --chain orders-checkout --seed 7 --budget 300 --time-limit 120
    """
    from untangle.cli.progress import progress
    from untangle.emit.certificate import as_json, as_text
    from untangle.pipeline import verify as prove

    given = tuple(event for path in inputs for event in _events(path))
    found, config = source.read()
    if id is None:
        if len(found.chains) != 1:
            raise UsageError("say --chain ID", hint=nearest("", (chain.id for chain in found.chains)))
        id = found.chains[0].id
    root = source.path if source.path.is_dir() else source.path.parent
    with progress(source.verbose, source.quiet) as hear:
        bucket = bucket_of(claim, config, asked["language"])
        certificate = prove(found, id, root, inputs=given, claim=bucket, progress=hear, **asked)
    view = source.view(config.min_confidence)
    plain = output != "-"
    text = (
        as_json(certificate)
        if form == "json" or output.endswith(".json")
        else as_text(certificate, width=view.width, color=view.color and not plain)
    )
    source.write(output, text)
    return ExitCode.DONE if certificate.proves else ExitCode.FINDINGS


def _events(path: Path) -> list[tuple[str, Any]]:
    """The events of a file, each with a name."""
    data = json_of(text_in(path), str(path))
    if isinstance(data, list):
        return [(f"{path.name} {number}", event) for number, event in enumerate(data, 1)]
    return [(path.name, data)]
