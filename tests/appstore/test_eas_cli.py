"""credentials.json through eas-cli's own reader, which bin/peers installs from npm."""

import json
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from credhub_cli.eas import eas_files
from credhub_cli.private_files import write_all
from cryptography.hazmat.primitives.serialization import pkcs12

from credentials.kinds import provisioning_profile
from credentials.kinds.storing import store_found
from credentials.parsing.signed_profile import parse_signed_profile
from organizations.actors import SYSTEM
from tests.appstore.exporting import export, hold, unzipped
from tests.cli import stub
from tests.conftest import Cast
from tests.credentials.revealing import fresh_client
from tests.credentials.signing_material import key, profile
from tests.credentials.test_match_other_tools import NODE

ROOT = Path(__file__).parents[2]
MODULES = ROOT / ".tools" / "eas" / "node_modules"
READER = ROOT / "tests" / "peers" / "eas" / "read.js"
pytestmark = pytest.mark.skipif(
    NODE is None or not MODULES.is_dir(), reason="eas-cli is not installed: bin/peers does it, with npm"
)


def read_by_eas_cli(*folders: Path) -> Any:
    command = [NODE or "", str(READER), str(MODULES), *map(str, folders)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout)


def signed_with(target: dict[str, Any]) -> tuple[bytes, bytes, str]:
    """Profile, .p12 and its password."""
    made = target["distributionCertificate"]
    return (
        b64decode(target["provisioningProfile"]),
        b64decode(made["certificateP12"]),
        made["certificatePassword"],
    )


def test_it_reads_what_is_exported_and_pulled(cast: Cast, tmp_path: Path) -> None:
    content, of_share = profile(), profile("com.example.app.share")
    held, signed = hold(cast.root, content), parse_signed_profile(of_share)
    found = provisioning_profile.found_of(signed.profile, signed.certificates, of_share)
    share = store_found(SYSTEM, cast.root, provisioning_profile.PROVISIONING_PROFILE, found)
    client, chosen = fresh_client(cast.root_owner), (held.identity, held.profile, held.keystore)
    exported = {
        "one": unzipped(export(client, held, *chosen, shape="set-eas")),
        "two": unzipped(export(client, held, *chosen, share, shape="set-eas")),
    }
    for name, files in exported.items():
        write_all(tmp_path / name, files)
    targets = {"Acme": stub.APP, "Share": stub.SHARE}
    write_all(tmp_path / "pulled", eas_files(targets, stub.assets([stub.APP, stub.SHARE]), stub.keystore()))

    one, two, pulled = read_by_eas_cli(*(tmp_path / name for name in ("one", "two", "pulled")))

    for read, name, expected in (
        (one, "one", {"Acme": content}),  # a single target gets the name that eas-cli asks for
        (two, "two", {"com.example.app": content, "com.example.app.share": of_share}),
    ):
        assert read["ios"].keys() == expected.keys()
        for target, profile_of_it in expected.items():
            got, p12, _password = signed_with(read["ios"][target])
            assert got == profile_of_it
            assert p12 in exported[name].values()
        keystore = read["android"]["keystore"]
        assert b64decode(keystore.pop("keystore")) == exported[name]["credentials/android/keystore.jks"]
        assert keystore == {"keystorePassword": "store word", "keyAlias": "upload", "keyPassword": "key word"}

    _profile, p12, password = signed_with(one["ios"]["Acme"])
    private, _certificate, _others = pkcs12.load_key_and_certificates(p12, password.encode())
    assert private is not None
    assert private.public_key() == key().public_key()

    assert [signed_with(each) for each in pulled["ios"].values()] == [
        (b"profile 1", stub.P12, stub.PASSWORD),
        (b"profile 2", stub.P12, stub.PASSWORD),
    ]
    kept = pulled["android"]["keystore"]
    assert (b64decode(kept["keystore"]), kept["keystorePassword"]) == (stub.KEYSTORE, stub.STORE_PASSWORD)


def test_what_is_installed_is_what_eas_cli_itself_asks_for() -> None:
    """Its entry in the lock was cut to what the reader loads (bin/peers)."""
    asked = json.loads((MODULES / "eas-cli" / "package.json").read_text())
    ours = json.loads((READER.parent / "package.json").read_text())["dependencies"]
    assert asked["version"] == ours.pop("eas-cli")
    assert ours == {name: asked["dependencies"][name] for name in ours}
