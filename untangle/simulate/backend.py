"""What keeps the state of services that no channel plays: moto, in this process. Nothing of it reaches a network.

One process has one moto, so one world is alive at a time: a new one begins with empty services.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from untangle.errors import UntangleError
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.names import REGION

DUMMY: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "ASIASIMULATED0000000",
    "AWS_SECRET_ACCESS_KEY": "simulated",
    "AWS_SESSION_TOKEN": "simulated",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class NoMoto(UntangleError):
    """moto is not installed."""

    def __init__(self) -> None:
        super().__init__("what stands in for AWS (moto) is not installed", hint="pip install 'untangle-aws[run]'")


class _Refuses:
    """Stands where a client's connection stands: what moto does not answer would go to the network, and does not."""

    def send(self, request: Any) -> Any:
        """Refuses."""
        raise NotImplementedError(f"{request.method} {str(request.url).split('?')[0]}")

    def close(self) -> None:
        """Nothing is open."""


_mock: Any = None
_clients: dict[str, Any] = {}


def fresh(seed: int = 0) -> None:
    """moto with nothing in it, whose ids come from the seed. Raises `NoMoto`."""
    global _mock
    os.environ.update(DUMMY)
    try:
        from moto import mock_aws
        from moto.moto_api._internal import mock_random
    except ImportError:
        raise NoMoto from None
    if _mock is None:
        # The loaded service models of the default session stay: a second world begins in milliseconds.
        _mock = mock_aws(config={"core": {"reset_boto3_session": False}})
        _mock.start()
    else:
        # What `stop` and `start` would do, without putting every address of every service in its place again.
        from moto.core.base_backend import BackendDict
        from moto.core.model_instances import reset_model_data

        BackendDict.reset()
        reset_model_data()
    mock_random.seed(seed)


def stop() -> None:
    """moto stands aside, and what it held is gone."""
    global _mock
    if _mock is not None:
        _mock.stop()
    _mock = None


def client(service: str) -> Any:
    """The client of a service, by botocore's name."""
    if service not in _clients:
        import botocore.session
        from botocore.config import Config

        session = botocore.session.Session()
        session.set_credentials(*(DUMMY[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")))
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=True, s3={"addressing_style": "path"})
        made = session.create_client(service, region_name=REGION, config=config)
        made._endpoint.http_session = _Refuses()
        _clients[service] = made
    return _clients[service]


def carry_out(call: ApiCall) -> dict[str, Any]:
    """Have moto carry a call out; bodies are bytes. Raises `ApiError`."""
    from botocore.exceptions import BotoCoreError, ClientError

    made = client(call.service)
    original = ORIGINAL or type(made)._make_api_call
    try:
        response = dict(original(made, call.operation, dict(call.params)))
    except ClientError as error:
        said = dict(error.response.get("Error", {}))
        rest = {key: value for key, value in error.response.items() if key not in ("Error", "ResponseMetadata")}
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        code, message = str(said.get("Code") or "Unknown"), str(said.get("Message") or "")
        raise ApiError(code, message, status=status, service=call.service, response=rest) from None
    except NotImplementedError as error:
        message = f"moto does not know {call.service}:{call.operation} ({error})"
        raise ApiError("NotImplemented", message, status=501, service=call.service) from None
    except BotoCoreError:
        raise
    except Exception as error:  # moto's own defects
        message = f"moto failed at {call.service}:{call.operation}: {type(error).__name__}: {error}"
        raise ApiError("InternalFailure", message, status=500, service=call.service) from None
    response.pop("ResponseMetadata", None)
    if call.service == "dynamodb" and call.params.get("ReturnConsumedCapacity", "NONE") == "NONE":
        response.pop("ConsumedCapacity", None)  # which DynamoDB tells those who ask for it
    if call.operation == "CompleteMultipartUpload" and response.get("VersionId") == "null":
        del response["VersionId"]  # which S3 answers for buckets with versions alone
    return {key: value.read() if hasattr(value, "read") else value for key, value in response.items()}


ORIGINAL: Any = None  # `BaseClient._make_api_call` as botocore has it, once a host has put its own in its place
