"""Java's and Android's own tools and CredHub read each other's keystores."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.making.keystore import make_keystore
from credentials.making.pkcs12 import write_pkcs12
from credentials.parsing.errors import ParsingError
from credentials.parsing.keystore import Keystore, parse_keystore
from tests.credentials.binary_manifest import MANIFEST
from tests.credentials.keystores import jks, self_signed
from tests.thoroughness import first_of

PASSWORD, OTHER = "changeit", "of-the-key"
UTF8 = {
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin:/usr/local/bin",
    # Each of them lives for a moment: compiling for longer takes half of it
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
keytool_is_here = pytest.mark.skipif(not shutil.which("keytool"), reason="keytool is not installed")
jarsigner_is_here = pytest.mark.skipif(not shutil.which("jarsigner"), reason="jarsigner is not installed")
apksigner_is_here = pytest.mark.skipif(not shutil.which("apksigner"), reason="apksigner is not installed")


def run(*command: str, cwd: Path) -> str:
    ended = subprocess.run(command, cwd=cwd, env=UTF8, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def generate(folder: Path, *options: str) -> None:
    run(
        "keytool", "-genkeypair", "-keystore", "made", "-storepass", PASSWORD, "-validity", "10000", *options,
        cwd=folder,
    )  # fmt: skip


def fingerprints(folder: Path, file: str, password: str = PASSWORD) -> dict[str, set[str]]:
    """What `keytool -list -v` prints: alias → its fingerprints."""
    listed = run("keytool", "-list", "-v", "-keystore", file, "-storepass", password, cwd=folder)
    entries = re.split(r"^Alias name: ", listed, flags=re.MULTILINE)[1:]
    return {entry.splitlines()[0]: set(re.findall(r"SHA(?:1|256): ([0-9A-F:]+)", entry)) for entry in entries}


def ours(keystore: Keystore) -> dict[str, set[str]]:
    return {entry.alias: {entry.sha1, entry.sha256} for entry in keystore.entries}


@keytool_is_here
@pytest.mark.parametrize("kind", first_of(["JKS", "PKCS12"]))
def test_several_aliases_by_keytool(tmp_path: Path, kind: str) -> None:
    for alias, key in {"upload": "RSA", "schlüssel-ø": "EC", "other": "RSA"}.items():
        generate(
            tmp_path,
            "-storetype",
            kind,
            "-alias",
            alias,
            "-keyalg",
            key,
            "-dname",
            f"CN={alias}, O=Acme, C=DE",
        )
    found = parse_keystore((tmp_path / "made").read_bytes(), PASSWORD)
    assert found.type == kind
    assert {entry.alias for entry in found.entries} == {"upload", "schlüssel-ø", "other"}
    assert ours(found) == fingerprints(tmp_path, "made")
    upload = next(entry for entry in found.entries if entry.alias == "upload")
    assert upload.subject == "CN=upload,O=Acme,C=DE"
    assert (upload.not_after - upload.not_before).days == 10_000


@keytool_is_here
def test_a_key_password_of_its_own_by_keytool(tmp_path: Path) -> None:
    generate(
        tmp_path, "-storetype", "JKS", "-alias", "a", "-keyalg", "RSA", "-dname", "CN=a", "-keypass", OTHER
    )
    data = (tmp_path / "made").read_bytes()
    assert ours(parse_keystore(data, PASSWORD, "a", OTHER)) == fingerprints(tmp_path, "made")


@keytool_is_here
@pytest.mark.parametrize("algorithm", first_of(["PBEWithSHA1AndDESede", "PBEWithSHA1AndRC2_40"]))
def test_the_older_encryptions_of_java(tmp_path: Path, algorithm: str) -> None:
    generate(
        tmp_path, "-storetype", "PKCS12", "-alias", "a", "-keyalg", "RSA", "-dname", "CN=a",
        f"-J-Dkeystore.pkcs12.certPbeAlgorithm={algorithm}",
        "-J-Dkeystore.pkcs12.keyPbeAlgorithm=PBEWithSHA1AndDESede", "-J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA1",
    )  # fmt: skip
    assert ours(parse_keystore((tmp_path / "made").read_bytes(), PASSWORD)) == fingerprints(tmp_path, "made")


@keytool_is_here
@pytest.mark.parametrize("kind", first_of(["JKS", "PKCS12"]))
def test_what_java_makes_of_dsa(tmp_path: Path, kind: str) -> None:
    """With parameters that the standard forbids; cryptography does not read that."""
    generate(tmp_path, "-storetype", kind, "-alias", "a", "-keyalg", "DSA", "-dname", "CN=a")
    try:
        found = parse_keystore((tmp_path / "made").read_bytes(), PASSWORD).type
    except ParsingError as error:
        found = error.code
    assert found in {"unreadable-certificate", kind}  # the latter with Javas before and after


@keytool_is_here
def test_a_truststore_by_keytool(tmp_path: Path) -> None:
    generate(tmp_path, "-storetype", "PKCS12", "-alias", "a", "-keyalg", "EC", "-dname", "CN=a")
    store = ("-keystore", "made", "-storepass", PASSWORD)
    run("keytool", "-exportcert", *store, "-alias", "a", "-file", "a.cer", cwd=tmp_path)
    for kind in ("JKS", "PKCS12"):
        run(
            "keytool", "-importcert", "-noprompt", "-keystore", kind, "-storetype", kind, "-storepass", PASSWORD,
            "-file", "a.cer", cwd=tmp_path,
        )  # fmt: skip
        with pytest.raises(ValueError, match="truststore"):
            parse_keystore((tmp_path / kind).read_bytes(), PASSWORD)


@keytool_is_here
def test_keytool_opens_what_is_written_here(tmp_path: Path) -> None:
    one, two = self_signed("eins-é"), self_signed("two", ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "ours.p12").write_bytes(write_pkcs12([one, two], PASSWORD))
    found = parse_keystore((tmp_path / "ours.p12").read_bytes(), PASSWORD)
    assert fingerprints(tmp_path, "ours.p12") == ours(found)
    (tmp_path / "tests.jks").write_bytes(
        jks(PASSWORD, (one, PASSWORD), (two, OTHER))
    )  # our tests' own writer
    assert fingerprints(tmp_path, "tests.jks") == ours(found)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_opens_what_is_written_here(tmp_path: Path) -> None:
    (tmp_path / "ours.p12").write_bytes(write_pkcs12([self_signed("a"), self_signed("b")], PASSWORD))
    out = run("openssl", "pkcs12", "-in", "ours.p12", "-passin", f"pass:{PASSWORD}", "-nodes", cwd=tmp_path)
    assert out.count("BEGIN PRIVATE KEY") == 2
    assert out.count("BEGIN CERTIFICATE") == 2


@keytool_is_here
@jarsigner_is_here
def test_a_generated_keystore_signs_a_jar(tmp_path: Path) -> None:
    new = make_keystore(common_name="Acmé Games", organization="Acme", country="de")
    (tmp_path / "new.p12").write_bytes(new.file)
    assert set(fingerprints(tmp_path, "new.p12", new.password)) == {new.alias}
    with zipfile.ZipFile(tmp_path / "app.jar", "w") as jar:
        jar.writestr("hello.txt", "hello")
    run("jarsigner", "-keystore", "new.p12", "-storepass", new.password, "app.jar", new.alias, cwd=tmp_path)
    verified = run("jarsigner", "-verify", "-verbose", "-certs", "app.jar", cwd=tmp_path)
    assert "jar verified." in verified
    assert "CN=Acmé Games" in verified


@apksigner_is_here
def test_a_generated_keystore_signs_an_apk(tmp_path: Path) -> None:
    new = make_keystore(common_name="Acme", alias="release", password="123456")
    (tmp_path / "new.p12").write_bytes(new.file)
    with zipfile.ZipFile(tmp_path / "app.apk", "w") as apk:
        apk.writestr("AndroidManifest.xml", MANIFEST)
        apk.writestr("classes.dex", b"dex\n035\0")
    run(
        "apksigner", "sign", "--ks", "new.p12", "--ks-key-alias", new.alias, "--ks-pass", f"pass:{new.password}",
        "--min-sdk-version", "24", "app.apk", cwd=tmp_path,
    )  # fmt: skip
    verified = run("apksigner", "verify", "--min-sdk-version", "24", "--print-certs", "app.apk", cwd=tmp_path)
    entry = parse_keystore(new.file, new.password).entries[0]
    assert entry.sha256.replace(":", "").lower() in verified
