"""What looks like a secret, and what does not however random it looks."""

from __future__ import annotations

import pytest

from untangle.scanners.account.secrets import REDACTED, is_named_secret, is_secret, redact, sweep

# Put together at run time, so that no scanner of repositories takes this file for a leak.
AKIA = "AKIA" + "IOSFODNN7EXAMPLE"
SECRETS = {
    "access key": AKIA,
    "temporary key": "ASIA" + "Y34FZKBOKMUTVV7A",
    "secret key": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "presigned": "https://awslambda.s3.amazonaws.com/x?X-Amz-Security-Token=abc&X-Amz-Signature=def",
    "database": "postgres://app:hunter22@db.internal:5432/orders",
    "github": "ghp_" + "a" * 36,
    "slack": "xoxb-" + "123456789012-abcdefghijkl",
    "stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "google": "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "assigned": "password=correct-horse",
    "bearer": "Authorization: Bearer" + "1234567890",
    "hex": "0123456789abcdef" * 4,
}
HARMLESS = (
    "arn:aws:lambda:eu-west-1:123456789012:function:Shop-OrderFunction1A2B3C4D-aB3dE6gH9jK2",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders/db-AbCdEf",
    "arn:aws:iam::123456789012:role/service-role/ShopStack-OrderFunctionServiceRoleDefaultPolicy1A2B3C4D-XYZ",
    "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo",
    "ShopStackOrderFunctionServiceRoleDefaultPolicy1A2B3C4D",
    "$.detail.password",
    "rate(5 minutes)",
    "SELECT * FROM 'devices/+/telemetry' WHERE temperature > 50",
    "123e4567-e89b-12d3-a456-426614174000",
)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_seen_and_taken_out_of_a_text(kind: str) -> None:
    secret = SECRETS[kind]
    assert is_secret(secret)
    text = redact(f'{{"before": 1, "value": "{secret}"}}')
    assert REDACTED in text and '"before": 1' in text
    longest = max(secret.replace("=", " ").split(), key=len)
    assert longest not in text


@pytest.mark.parametrize("text", HARMLESS)
def test_names_are_none(text: str) -> None:
    assert not is_secret(text)
    assert redact(text) == text


@pytest.mark.parametrize("key", ["Password", "DB_PASSWORD", "api_key", "ApiKey", "client_secret", "GithubToken", "privateKey"])
def test_a_key_can_say_so(key: str) -> None:
    assert is_named_secret(key, "hunter22")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("TaskToken.$", "$$.Task.Token"),
        ("Password", "$.password"),
        ("SecretArn", "arn:aws:secretsmanager:x"),
        ("Token", 5),
        ("Table", "x"),
    ],
)
def test_references_are_none(key: str, value: object) -> None:
    assert not is_named_secret(key, value)


@pytest.mark.parametrize(
    "piece", ["eyJ", "https://", "a://", "password: ", "sk-a-", "arn:aws:x:y::", "-----BEGIN PRIVATE KEY-----"]
)
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * 20_000  # what grows with the square of the length would not end in the time of a test
    assert len(redact(text)) <= len(text) + len(REDACTED) * 20_000


class TestSweep:
    def test_says_where_and_never_what(self) -> None:
        row = {"answer": {"Functions": [{"FunctionName": "ok"}, {"FunctionName": f"x {AKIA}"}]}}
        assert list(sweep(row)) == [("answer.Functions[1].FunctionName", "an AWS access key")]

    def test_looks_at_keys_and_does_not_repeat_them(self) -> None:
        ((where, kind),) = sweep({"Variables": {AKIA: None}})
        assert (where, kind) == (f"Variables.{REDACTED}", "an AWS access key")

    def test_digests_of_code_are_public(self) -> None:
        digest = "dBjftJeZ4CVP+mB92K27uhbUJU1p1r/wW1gFWFOEjXk="
        assert list(sweep({"CodeSha256": digest})) == []
        assert list(sweep({"Name": digest})) == [("Name", "a random token")]

    def test_does_not_get_lost_in_nesting(self) -> None:
        deep: object = "x"
        for _ in range(500):
            deep = [deep]
        assert [kind for _, kind in sweep(deep)] == ["nesting that is too deep to be looked at"]
