"""The code of deployed functions: each package is streamed into memory, read as a scanned folder would be, and dropped.

    download.py   a package from AWS, and from nowhere else
    archive.py    the source files in it, however hostile it is
    unpacked.py   those files as a tree for the readers of code
    written.py    what was read, as a recording keeps it: no code

A package that several functions share is downloaded and read once. What is compiled, an image or a layer is a gap.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from untangle.model.code import CodeFacts
from untangle.model.resource import Coverage, Gap, Inventory, Resource, Stack
from untangle.scanners.account.abreast import abreast
from untangle.scanners.account.call import Answer, Outcome, Page, Request, Scope, Unfinished
from untangle.scanners.account.packages import download
from untangle.scanners.account.packages.archive import Unpacked, unpack
from untangle.scanners.account.packages.unpacked import InMemory
from untangle.scanners.account.packages.written import reread, written
from untangle.scanners.cdk.internal import is_internal
from untangle.scanners.code import FUNCTION, LANGUAGES, read_code
from untangle.scanners.code.language import Language

AT_ONCE = 4  # packages in memory
_READ = {"python", "javascript"}  # languages whose packages hold their source
# Files that tell the readers where modules are, and which of them are other people's.
_ABOUT = ("METADATA", "PKG-INFO", "RECORD", "top_level.txt", "requirements.txt", "Pipfile", "package.json", "tsconfig.json")
_SCRIPTS = (".js", ".mjs", ".cjs")
_SIGNING = b"aws4_request"  # a constant of AWS's signatures, version 4
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What the packages say: facts by function, sorted by id; gaps of no one function; how the calls ended."""

    facts: tuple[CodeFacts, ...] = ()
    gaps: tuple[Gap, ...] = ()
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    """A deployed function as Lambda lists it, and its id in the scan."""

    id: str
    listed: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.listed.get("FunctionName"))

    @property
    def size(self) -> int:
        """Bytes of its package, zipped."""
        size = self.listed.get("CodeSize")
        return size if isinstance(size, int) else 0

    @property
    def language(self) -> Language | None:
        """What its package is read as; None where it holds nothing that is read."""
        runtime = str(self.listed.get("Runtime") or "").lower()
        found = [item for item in LANGUAGES if runtime and runtime.startswith(item.runtimes)]
        return found[0] if len(found) == 1 and found[0].name in _READ else None

    def unread(self) -> str | None:
        """Why its package is not even downloaded."""
        if self.listed.get("PackageType") == "Image":
            return "it runs a container image, which is not read"
        if self.language is None:
            return f"packages of runtime {self.listed.get('Runtime') or 'unknown'} hold no source that is read"
        if self.size > download.LARGEST:
            return f"its package of {_megabytes(self.size)} is larger than {_megabytes(download.LARGEST)}"
        return None


def read(scopes: Sequence[Scope], inventory: Inventory, known: Collection[str]) -> Deployed:
    """What the packages of the deployed functions say whose code was asked for, but for those whose code is `known` already.

    Raises AwsError where the credentials are bad for all of them.
    """
    functions = (item for item in inventory.resources if item.type == FUNCTION and not is_internal(item))
    ids = {item.deployed: item.id for item in functions if item.deployed}
    asked = tuple(scope for scope in scopes if scope.code)
    whole, broken = abreast(asked, lambda scope: tuple(_of_account(scope, ids, known)))
    found = [each for _, parts in whole for each in parts]
    rows = dict.fromkeys(row for scope in asked for row in scope.caller.coverage)
    return Deployed(
        facts=tuple(sorted((item for facts, _ in found for item in facts), key=lambda item: item.function)),
        gaps=tuple(item for _, gaps in found for item in gaps),
        coverage=(*rows, *broken),
    )


def _of_account(
    scope: Scope, ids: Mapping[str, str], known: Collection[str]
) -> Iterator[tuple[tuple[CodeFacts, ...], tuple[Gap, ...]]]:
    """Facts and gaps, region by region; where no function was found, nothing is asked either."""
    places = {tuple(arn.split(":")[3:5]) for arn in ids}
    for region in scope.regions:
        if (region, scope.account) in places:
            wanted = [item for item in _functions(scope, region, ids) if item.id not in known]
            yield tuple(_Packages(scope, region).read(wanted)), tuple(_layers(wanted))


def unread(scopes: Iterable[Scope], inventory: Inventory, code: Iterable[CodeFacts]) -> Iterator[CodeFacts]:
    """What to say of the functions whose code was not asked for and is nowhere else: one gap for all of a place."""
    places = {f"{scope.account}/{region}" for scope in scopes if not scope.code for region in scope.regions}
    live = {item.id: item.stack for item in inventory.resources if item.type == FUNCTION and item.stack in places}
    for facts in code:
        if facts.function in live and facts.entry is None:
            why = "the code of deployed functions is read only where an account is scanned or recorded with --code"
            gap = Gap(what=f"code of the functions in aws/{live[facts.function]}", why=why)
            yield replace(facts, readable=False, gaps=(gap,))


def cost(scopes: Iterable[Scope]) -> str:
    """What reading the packages may take: calls and bytes; asks for nothing that a scan does not ask for anyway."""
    listed = [item for scope in scopes if scope.code for item in _listed(scope)]
    found = [item for item in listed if item.unread() is None]
    shared = {(item.listed.get("CodeSha256"), item.listed.get("FunctionArn", "").split(":")[3]): item.size for item in found}
    return (
        f"--code: up to {2 * len(shared):,} calls more for the packages of {len(found):,} of {len(listed):,} functions, "
        f"and up to {_megabytes(sum(shared.values()))} to stream"
    )


def _listed(scope: Scope) -> list[_Function]:
    jobs = [partial(_in_region, scope, region) for region in scope.regions]
    return [_Function(id="", listed=item) for items in scope.caller.together(jobs) for item in items]


def _in_region(scope: Scope, region: str) -> list[Mapping[str, Any]]:
    request = Request(account=scope.account, region=region, service="lambda", operation="ListFunctions")
    return [item for item in scope.caller.answer(request).items("Functions") if isinstance(item, Mapping)]


def _functions(scope: Scope, region: str, ids: Mapping[str, str]) -> list[_Function]:
    found = {str(item.get("FunctionArn")): item for item in _in_region(scope, region)}
    return [_Function(id=ids[arn], listed=item) for arn, item in sorted(found.items()) if arn in ids]


class _Packages:
    """The packages of one region."""

    def __init__(self, scope: Scope, region: str) -> None:
        self._scope, self._region = scope, region
        self._held, self._reading = threading.BoundedSemaphore(AT_ONCE), threading.Lock()

    def read(self, functions: list[_Function]) -> Iterator[CodeFacts]:
        """What the code of each function says, or why it is not known."""
        groups: dict[str, list[_Function]] = {}
        for function in functions:
            why = function.unread()
            if why:
                yield _unknown(function, why)
            else:
                groups.setdefault(str(function.listed.get("CodeSha256") or function.name), []).append(function)
        jobs = [partial(self._package, groups[digest]) for digest in sorted(groups)]
        for found in self._scope.caller.together(jobs):
            yield from found

    def _package(self, functions: list[_Function]) -> list[CodeFacts]:
        """What one package says of each function that it is the code of."""
        asked = self._request("lambda", "GetFunction", FunctionName=functions[0].name)
        each = [{"Name": item.name, "Handler": item.listed.get("Handler")} for item in functions]
        kept = self._request("code", "ReadPackage", CodeSha256=functions[0].listed.get("CodeSha256"), Functions=each)
        with self._held:
            answer = self._scope.caller.derived(asked, kept, partial(self._derive, functions))
        return [self._facts(item, answer) for item in functions]

    def _request(self, service: str, operation: str, **params: Any) -> Request:
        return Request(account=self._scope.account, region=self._region, service=service, operation=operation, params=params)

    def _derive(self, functions: list[_Function], page: Page) -> Page:
        """What may be kept of a package: what was read in it."""
        code = page.get("Code")
        location = code.get("Location") if isinstance(code, Mapping) else None
        if not isinstance(location, str):
            raise Unfinished("Lambda names no place to download from")
        found = unpack(download.download(location), partial(_wanted, functions[0].language))
        with self._reading:
            facts = self._read(functions, found)
        return {"Functions": [{"Name": name, "Facts": written(facts[name])} for name in sorted(facts)]}

    def _read(self, functions: list[_Function], found: Unpacked) -> Mapping[str, CodeFacts]:
        """The facts by the functions' names; their places are named by the first function."""
        stack = f"{self._scope.account}/{self._region}"
        folder = f"aws/{stack}/{functions[0].name}"
        stacks = (Stack(id=stack, path=f"aws/{stack}", folder="", kind="account"),)
        made = tuple(_resource(item, stack, folder) for item in functions)
        read = read_code(InMemory(folder, found.files), Inventory(stacks=stacks, resources=made))
        by_name = {item.name: item for item in functions}
        return {facts.function: _honest(facts, by_name[facts.function], found) for facts in read}

    def _facts(self, function: _Function, answer: Answer) -> CodeFacts:
        if answer.outcome is not Outcome.READ:
            why = f"its package could not be read: {answer.code or answer.outcome.value}"
            if answer.code.startswith("download"):
                return _unknown(function, why)
            place = f"code of the functions in aws/{self._scope.account}/{self._region}"
            return CodeFacts(
                function=function.id, readable=False, gaps=(Gap(what=place, why=why.replace("its package", "packages")),)
            )
        told = next((item.get("Facts") for item in answer.items("Functions") if item.get("Name") == function.name), None)
        try:
            return reread(told, function.id)
        except ValueError:
            return _unknown(function, "what the recording says of it has another form")


def _wanted(language: Language | None, path: str) -> bool:
    """Whether a file of a package is source, or says something about source."""
    suffixes = language.suffixes if language else ()
    return (path.endswith(suffixes) and not path.endswith(".d.ts")) or path.rpartition("/")[2] in _ABOUT


def _resource(function: _Function, stack: str, folder: str) -> Resource:
    kept = {key: function.listed.get(key) for key in ("FunctionName", "Runtime", "Handler")}
    properties = {key: value for key, value in kept.items() if isinstance(value, str)}
    return Resource(
        id=function.name, type=FUNCTION, stack=stack, address=function.name, properties={**properties, "Code": folder}
    )


def _honest(facts: CodeFacts, function: _Function, found: Unpacked) -> CodeFacts:
    """The facts with what of the package could not be read: they are then not all that there is."""
    troubles = [*found.troubles, *([] if facts.calls else _bundled(found))]
    gaps = tuple(Gap(what=f"package of {function.name}", why=trouble) for trouble in troubles)
    if facts.entry is None and function.language is not None:
        why = f"no {function.language.name} file in its package fits its handler {function.listed.get('Handler') or 'unknown'}"
        return replace(facts, readable=False, gaps=(*gaps, Gap(what=f"code of {function.name}", why=why)))
    return replace(facts, readable=facts.readable and not gaps, gaps=(*facts.gaps, *gaps))


def _bundled(found: Unpacked) -> Iterator[str]:
    """Where no call is seen in a file that signs requests to AWS itself, they may be made through an SDK in it."""
    for path, data in sorted(found.files.items()):
        if path.endswith(_SCRIPTS) and _SIGNING in data:
            yield f"an AWS SDK is a part of {path}, and no call through it is seen"


def _unknown(function: _Function, why: str) -> CodeFacts:
    return CodeFacts(function=function.id, readable=False, gaps=(Gap(what=f"code of {function.name}", why=why),))


def _layers(functions: Iterable[_Function]) -> Iterator[Gap]:
    """Layers hold code, too, but not that of one function."""
    users: dict[str, list[str]] = {}
    for function in functions:
        if function.unread() is None:
            for layer in function.listed.get("Layers") or ():
                users.setdefault(str(layer.get("Arn")), []).append(function.name)
    for layer, names in sorted(users.items()):
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
        yield Gap(what=f"layer {layer}", why=f"the code of layers is not read; used by {shown}")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
