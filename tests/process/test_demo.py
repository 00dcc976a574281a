"""`manage.py up --demo`: full by itself, full once, and no private key anywhere but in the sandbox's own file."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import leaks
from tests.process.browser import Browser
from tests.process.house import House, house, wait_for

OWNER = "owner@acme.example"
TABLES = [
    "organizations_organization", "organizations_user", "organizations_membership", "credentials_credential",
    "credentials_share", "appstore_developerteam", "appstore_appstoreconnectkey", "appstore_certificate",
    "appstore_profile", "appstore_bundleid", "appstore_device",
]  # fmt: skip
KEY_FILE = "AuthKey_*.p8"
# What every private key of ours has, whichever it is: the words of PEM, and what stands before the secret bytes
# of a P-256 key in PKCS#8 and in SEC 1.
SHAPES = {
    **leaks.forms_of_secret(b"-----BEGIN PRIVATE KEY-----", "PEM"),
    **leaks.forms_of_secret(b"-----BEGIN EC PRIVATE KEY-----", "PEM of SEC 1"),
    **leaks.forms_of_secret(bytes.fromhex("306b0201010420"), "PKCS#8"),
    **leaks.forms_of_secret(bytes.fromhex("30770201010420"), "SEC 1"),
    "PEM without spaces": b"BEGINPRIVATEKEY",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("demo")) as made:
        start(made)
        yield made


def start(demo: House) -> None:
    told = demo.log.read_text().count("The demo is ready") if demo.log.exists() else 0
    demo.up("--demo", "--sandbox-port", str(demo.sandbox_ports[0]))
    wait_for(lambda: demo.log.read_text().count("The demo is ready") > told, "the demo", demo.log)
    wait_for(lambda: is_idle(demo), "the end of the first syncs", demo.log)


def password(demo: House) -> str:
    return str(re.findall(r"Sign in with the password (\S+) as", demo.log.read_text())[-1])


@pytest.fixture(scope="module")
def owner(demo: House) -> Browser:
    person = Browser(demo.url)
    person.sign_in(OWNER, password(demo))
    return person


def is_idle(demo: House) -> bool:
    active = "SELECT count(*) FROM appstore_syncrun WHERE state IN ('QUEUED', 'RUNNING')"
    return demo.rows(active) == [(0,)]


def test_the_dashboard_is_full(demo: House, owner: Browser) -> None:
    page = owner.get("/o/acme/credentials/")
    for name in (
        "Acme App Store",
        "Acme App Store (backup)",
        "Acme In-House (Enterprise)",
        "Acme Labs (revoked)",
    ):
        assert name in page
    assert "Refused by Apple" in page
    teams = dict(
        demo.rows("SELECT name, id FROM appstore_developerteam WHERE name IN ('Acme Inc.', 'Acme In-House')")
    )
    assert teams.keys() == {"Acme Inc.", "Acme In-House"}
    sizes = {
        table: demo.rows(f"SELECT count(*) FROM {table} WHERE team_id = '{teams['Acme Inc.']}'")[0][0]  # noqa: S608
        for table in ("appstore_certificate", "appstore_profile", "appstore_bundleid", "appstore_device")
    }
    assert list(sizes.values()) == [40, 200, 60, 150]
    overview = owner.get("/o/acme/")
    assert re.search(r"Expir(ing in|es)", overview)
    assert demo.rows(
        "SELECT count(*) FROM appstore_syncrun WHERE state IN ('FAILED', 'DEAD', 'WAITING')"
    ) == [(0,)]


def test_the_logins_that_are_told_work(demo: House) -> None:
    told = dict.fromkeys(re.findall(r"^  (\S+@\S+) ", demo.log.read_text(), re.M))
    assert len(told) == 7
    for email in ("developer@travel.acme.example", "operator@credhub.example"):
        assert email in told
        Browser(demo.url).sign_in(email, password(demo))


def test_a_second_start_doubles_nothing(demo: House) -> None:
    wait_for(lambda: is_idle(demo), "the end of all syncs", demo.log)
    before = {table: demo.count(table) for table in TABLES}
    assert demo.process is not None
    demo.process.terminate()
    assert demo.ended() == 0
    start(demo)
    assert {table: demo.count(table) for table in TABLES} == before


def test_the_ready_key_ends_with_its_certificates_on_its_page(demo: House, owner: Browser) -> None:
    (file,) = (demo.data_dir / "sandbox").glob(KEY_FILE)
    listing = (demo.data_dir / "sandbox" / "READY_KEYS.md").read_text()
    issuer = re.search(rf"\| `{file.name}` \| \w+ \| (\S+) \|", listing)
    assert issuer
    page = owner.upload(
        "acme", file_name=file.name, p8=file.read_bytes(), issuer_id=issuer[1], name="By hand"
    )
    names = wait_for(
        lambda: demo.rows(
            "SELECT certificate.name FROM appstore_certificate AS certificate "
            "JOIN appstore_appstoreconnectkey AS key ON key.team_id = certificate.team_id "
            "JOIN credentials_credential AS credential ON credential.id = key.credential_id "
            "WHERE credential.name = 'By hand' ORDER BY certificate.expiration_date DESC"
        ),
        "certificates",
        demo.log,
    )
    assert len(names) == 12
    wait_for(
        lambda: '<span class="muted">12</span>' in owner.get(page), "the certificates on the page", demo.log
    )
    assert names[0][0] in owner.get(page)
    # The key that went all the way through is nowhere but in the file that it came from.
    known = leaks.forms_of(file.read_bytes())
    assert {finding.path for finding in leaks.find_in_tree(demo.data_dir.parent, known)} == {file}


def test_no_private_key_is_anywhere_but_in_the_ready_file(demo: House) -> None:
    """The data dir with database, broker and logs; the ready file shows that the search finds what there is."""
    (file,) = (demo.data_dir / "sandbox").glob(KEY_FILE)
    found = {finding.path for finding in leaks.find_in_tree(demo.data_dir.parent, SHAPES)}
    assert found == {file}
    looked_at = {path.name for path in demo.data_dir.parent.rglob("*")}
    assert {"up.log", "data", "sandbox", "state.json"} <= looked_at
    if "DATABASE_URL" not in demo.environ:
        assert {"credhub.sqlite3", "broker"} <= looked_at


@pytest.mark.parametrize("form", ["PEM", "DER", "hex", "base64"])
@pytest.mark.parametrize("layout", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_the_shapes_are_those_of_any_key(tmp_path: Path, layout: PrivateFormat, form: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(Encoding.DER, layout, NoEncryption())
    forms = {
        "PEM": key.private_bytes(Encoding.PEM, layout, NoEncryption()),
        "DER": der,
        "hex": der.hex().encode(),
        "base64": base64.b64encode(der),
    }
    (tmp_path / "x").write_bytes(b"something before " + forms[form])
    assert leaks.find_in_tree(tmp_path, SHAPES)
