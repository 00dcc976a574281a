"""A key as other tools take it: what they read from our files signs as the key that was stored."""

import json
import os
import shutil
import subprocess

import jwt
import pytest
from codemagic.tools.app_store_connect.arguments import Types
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from appstore.exports import asc_lines, environment_lines, fastlane_json, fastlane_lines, p8_name
from tests import factories

KEY_ID, ISSUER = "2X9R4HXF34", "57246542-96fe-1a63-e053-0824d011072a"
NAMES = [
    "APP_STORE_CONNECT_KEY_ID",
    "APP_STORE_CONNECT_KEY_IDENTIFIER",
    "APP_STORE_CONNECT_ISSUER_ID",
    "APP_STORE_CONNECT_PRIVATE_KEY",
]
BASH = shutil.which("bash")


def signs_as(pem: str, p8: bytes) -> bool:
    """What this PEM signs is what the stored key's public half checks."""
    stored = load_pem_private_key(p8, None)
    assert isinstance(stored, EllipticCurvePrivateKey)
    token = jwt.encode({"iss": ISSUER}, pem, algorithm="ES256", headers={"kid": KEY_ID})
    return bool(jwt.decode(token, stored.public_key(), algorithms=["ES256"])["iss"] == ISSUER)


@pytest.mark.parametrize(
    ("individual", "name"), [(False, "AuthKey_2X9R4HXF34.p8"), (True, "ApiKey_2X9R4HXF34.p8")]
)
def test_the_file_is_called_as_apple_calls_it(individual: bool, name: str) -> None:
    assert p8_name(KEY_ID, individual=individual) == name


@pytest.mark.parametrize("in_house", [False, True])
def test_fastlane(in_house: bool) -> None:
    """Its `from_json_file` needs key_id and key, and for match a boolean in_house; key_content is refused there."""
    p8 = factories.make_p8()
    read = json.loads(fastlane_json(KEY_ID, ISSUER, p8, in_house=in_house))
    assert read == {
        "key_id": KEY_ID, "issuer_id": ISSUER, "key": p8.decode(), "duration": 1200, "in_house": in_house,
    }  # fmt: skip
    assert signs_as(read["key"], p8)


def test_fastlane_takes_a_key_without_an_issuer_for_an_individual_one() -> None:
    assert "issuer_id" not in json.loads(fastlane_json(KEY_ID, "", factories.make_p8(), in_house=False))


def read_by_bash(lines: bytes, names: list[str] = NAMES) -> dict[str, str]:
    assert BASH
    script = (
        "set -a; . /dev/stdin; set +a; for n in " + " ".join(names) + '; do printf "%s\\0" "${!n-}"; done'
    )
    made = subprocess.run([BASH, "-c", script], input=lines, capture_output=True, check=True, env={})
    assert made.stderr == b""
    return dict(zip(names, made.stdout.decode().split("\0"), strict=False))


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_environment_lines_in_a_shell() -> None:
    p8 = factories.make_p8()
    lines = environment_lines(KEY_ID, ISSUER, p8)
    assert lines.count(b"\n") == len(NAMES)
    assert list(read_by_bash(lines).values()) == [KEY_ID, KEY_ID, ISSUER, p8.decode()]


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_the_lines_of_other_tools() -> None:
    p8, prefix = factories.make_p8(), "APP_STORE_CONNECT_API_KEY"
    names = [f"{prefix}_{each}" for each in ("KEY_ID", "ISSUER_ID", "KEY", "IN_HOUSE")]
    read = read_by_bash(fastlane_lines(KEY_ID, ISSUER, p8, in_house=True), names)
    assert list(read.values()) == [KEY_ID, ISSUER, p8.decode(), "true"]
    names = ["ASC_KEY_ID", "ASC_ISSUER_ID", "ASC_PRIVATE_KEY"]
    assert list(read_by_bash(asc_lines(KEY_ID, "", p8), names).values()) == [KEY_ID, "", p8.decode()]


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_no_value_runs_as_a_command() -> None:
    """An Issuer ID is what somebody typed."""
    nasty = '$(touch x)`id`\'; echo "out" #'
    read = read_by_bash(environment_lines(KEY_ID, nasty, b"it's \\n $(id)\n"))
    assert read["APP_STORE_CONNECT_ISSUER_ID"] == nasty
    assert read["APP_STORE_CONNECT_PRIVATE_KEY"] == "it's \\n $(id)\n"


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_codemagic_takes_them_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    p8 = factories.make_p8()
    for name, value in read_by_bash(environment_lines(KEY_ID, ISSUER, p8)).items():
        monkeypatch.setitem(os.environ, name, value)
    taken = Types.PrivateKeyArgument.from_environment_variable_default()
    assert taken is not None
    assert signs_as(taken.value, p8)
    for argument, value in ((Types.KeyIdentifierArgument, KEY_ID), (Types.IssuerIdArgument, ISSUER)):
        found = argument.from_environment_variable_default()
        assert found is not None
        assert found.value == value
    monkeypatch.setenv("APP_STORE_CONNECT_PRIVATE_KEY", p8.decode().replace("\n", "\\n"))
    with pytest.raises(ValueError, match="not a valid PEM"):  # which is why the line is written for a shell
        _ = Types.PrivateKeyArgument.from_environment_variable_default().value  # type: ignore[union-attr]
