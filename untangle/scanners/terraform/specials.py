"""Data sources that can be read without a provider: where the stack stands, policy documents, stored values, exports."""

from __future__ import annotations

from collections.abc import Callable

from untangle.model.value import ACCOUNT, PARTITION, REGION, Imported, Stored, Value
from untangle.scanners.terraform.body import one
from untangle.scanners.terraform.policy_document import policy_document
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import Body
from untangle.scanners.terraform.unknowns import Wrong, over

Special = Callable[[str], Value]
_PLACES: dict[str, dict[str, Value]] = {
    "aws_region": {"name": REGION, "id": REGION, "region": REGION},
    "aws_caller_identity": {"account_id": ACCOUNT, "id": ACCOUNT},
    "aws_partition": {"partition": PARTITION, "id": PARTITION, "dns_suffix": "amazonaws.com"},
}
# Data sources whose value is held by a store or exported by a stack: the argument that names it.
_STORED = {
    ("aws_ssm_parameter", "value"): ("ssm", "name"),
    ("aws_ssm_parameter", "insecure_value"): ("ssm", "name"),
    ("aws_secretsmanager_secret_version", "secret_string"): ("secretsmanager", "secret_id"),
    ("aws_cloudformation_export", "value"): ("export", "name"),
}
# Attributes that are what an argument says.
_ECHOES = {
    ("null_data_source", "outputs"): "inputs",
    ("terraform_data", "output"): "input",
    ("null_resource", "triggers"): "triggers",
}


def special(key: tuple[str, str, str], scope: Scope, body: Body, place: str) -> Special | None:
    """What gives the attributes of a special resource (None for one that it does not know); None for all other resources."""
    mode, type_, _ = key
    if mode == "data" and type_ in _PLACES and not {"provider", "region"} & body.attributes.keys():
        return _PLACES[type_].get
    if mode == "data" and type_ == "aws_iam_policy_document":
        return _once(("json", "minified_json"), lambda: policy_document(scope, body, place))
    if mode == "data" and type_ == "template_file":
        return _once(("rendered",), lambda: _rendered(scope, body, place))
    stored = {attribute: source for (kind, attribute), source in _STORED.items() if kind == type_ and mode == "data"}
    if stored:
        return lambda attribute: _stored(*stored[attribute], scope, body, place) if attribute in stored else None
    echoes = {attribute: argument for (kind, attribute), argument in _ECHOES.items() if kind == type_}
    return (lambda attribute: one(scope, body, echoes[attribute], place) if attribute in echoes else None) if echoes else None


def _once(names: tuple[str, ...], work: Callable[[], Value]) -> Special:
    done: list[Value] = []
    busy = False

    def give(attribute: str) -> Value:
        nonlocal busy
        if attribute not in names or busy:
            return None
        if not done:
            busy = True
            try:
                done.append(work())
            finally:
                busy = False
        return done[0]

    return give


def _stored(store: str, argument: str, scope: Scope, body: Body, place: str) -> Value:
    name = one(scope, body, argument, place)
    if name is None:
        return None
    return over(name, lambda option: Imported(option) if store == "export" else Stored(store, option))


def _rendered(scope: Scope, body: Body, place: str) -> Value:
    template, names = one(scope, body, "template", place), one(scope, body, "vars", place)
    if not isinstance(template, str):
        return None
    try:
        return scope.rendered(template, names if isinstance(names, dict) else {})
    except Wrong:
        return None
