"""ResultWriter: what becomes of the results of a distributed Map (Step Functions guide, "ResultWriter (Map)")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.failure import StateFailure, text_of
from untangle.simulate.machine.states.ask_service import ask_service
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.task import TaskFailure
from untangle.simulate.machine.visit import Visit


def write(visit: Visit, value: Any, arn: str, outputs: list[tuple[Any, Any]], failures: list[tuple[Any, StateFailure]]) -> Work:
    """The result of the Map: the outputs, or where the ResultWriter put them."""
    said = visit.state.get("ResultWriter")
    if not said:
        return [output for _, output in outputs]
    config = said.get("WriterConfig", {})
    if "Resource" not in said:
        return _shaped(config, outputs, failures)
    template = said.get("Arguments" if visit.jsonata else "Parameters", {})
    place = visit.ask(template, "ResultWriter/Arguments") if visit.jsonata else visit.fill(template, value)
    prefix = str(place.get("Prefix", ""))
    folder = (prefix if not prefix or prefix.endswith("/") else f"{prefix}/") + arn.rpartition(":")[2]
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status, results in (("SUCCEEDED", _told(outputs)), ("FAILED", _told(failures))):
        if results:
            shaped = _lines(config, results if status == "FAILED" else _shaped(config, outputs, (), told=results))
            yield from _put(visit, said["Resource"], place, f"{folder}/{status}_0.json", shaped)
            files[status].append({"Key": f"{folder}/{status}_0.json", "Size": len(shaped.encode())})
    manifest = {"DestinationBucket": place.get("Bucket"), "MapRunArn": arn, "ResultFiles": files}
    yield from _put(visit, said["Resource"], place, f"{folder}/manifest.json", text_of(manifest))
    return {"MapRunArn": arn, "ResultWriterDetails": {"Bucket": place.get("Bucket"), "Key": f"{folder}/manifest.json"}}


def _put(visit: Visit, resource: str, place: Mapping[str, Any], key: str, body: str) -> Work:
    arguments = {"Bucket": place.get("Bucket"), "Key": key, "Body": body.encode(errors="surrogatepass")}  # as it is
    answer = yield from ask_service(visit, resource, "putObject", arguments)
    if isinstance(answer, TaskFailure):
        raise StateFailure("States.ResultWriterFailed", answer.cause or answer.error)


def _told(results: Any) -> list[dict[str, Any]]:
    """Each child's input and how it ended."""
    told = []
    for given, answer in results:
        if isinstance(answer, StateFailure):
            told.append({"Input": text_of(given), "Status": "FAILED", **answer.output})
        else:
            told.append({"Input": text_of(given), "Output": text_of(answer), "Status": "SUCCEEDED"})
    return told


def _shaped(config: Mapping[str, Any], outputs: Any, failures: Any, told: list[dict[str, Any]] | None = None) -> list[Any]:
    """The results as the transformation asks: with what was given (NONE), the outputs alone (COMPACT), or flattened (FLATTEN)."""
    kind = config.get("Transformation", "NONE")
    if kind == "NONE":
        return told if told is not None else [*_told(outputs), *_told(failures)]
    plain = [output for _, output in outputs]
    if kind == "COMPACT":
        return plain
    return [item for output in plain for item in (output if isinstance(output, list) else [output])]


def _lines(config: Mapping[str, Any], results: list[Any]) -> str:
    if config.get("OutputType") == "JSONL":
        return "\n".join(text_of(result) for result in results)
    return text_of(results)
