"""A day on which much goes wrong: every secret that was typed, uploaded or opened is then looked for everywhere."""

import base64
import gzip
import io
import json
import logging
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.log import AdminEmailHandler
from pytest_django import Settings

from appstore import runs
from appstore.doorbell import ring
from appstore.models import AppStoreConnectKey, SyncRun
from appstore.sandbox.server import Sandbox
from credhub.backup import reading
from credhub.celery import make_broker_folders
from organizations import tokens
from organizations.models import ApiToken
from tests import factories
from tests.appstore.uploading import upload
from tests.conftest import Cast
from tests.credhub.backups import backup
from tests.leak_places import database_files, everywhere
from tests.leaks import find
from tests.log_lines import everything_logged
from tests.organizations import invitations, signing_in


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with everything_logged() as lines:
        yield lines


@pytest.fixture
def reports(settings: Settings) -> Iterator[None]:
    """Error mails, as an operator may turn them on."""
    settings.ADMINS = [("Operator", "operator@example.com")]
    log, handler = logging.getLogger("django.request"), AdminEmailHandler(include_html=True)
    handler.setLevel(logging.ERROR)  # as Django's own settings have it
    log.addHandler(handler)
    yield
    log.removeHandler(handler)


def perform_all() -> None:
    while run := SyncRun.objects.active().filter(state=SyncRun.State.QUEUED).first():
        runs.perform(run.pk)


def broken(error: str) -> Any:
    def fall(*_args: Any, **_kwargs: Any) -> None:
        seed = error  # a local variable that holds it
        raise RuntimeError(f"cannot do this with {seed}")

    return fall


def signed_in(email: str) -> Client:
    client = signing_in.new_browser()
    assert signing_in.sign_in(client, email).status_code == 302
    return client


def shown_seed(client: Client) -> str:
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'id="authenticator-secret"[^>]*>\s*([A-Z2-7]{16,})', page)
    assert found
    return found[1]


def set_up_an_app(email: str) -> tuple[str, list[str]]:
    """Through the pages. Its secret, and the recovery codes that came with it."""
    client = signed_in(email)
    seed = shown_seed(client)
    code = {"code": signing_in.code_of(seed)}
    assert client.post(reverse("mfa_activate_totp"), code).status_code == 302
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.search(r'id="recovery-codes"[^>]*>(.*?)</', page, re.DOTALL)
    assert codes
    again = signing_in.new_browser()
    signing_in.sign_in(again, email)
    for tried in ("000000", codes[1].split()[1]):
        again.post(reverse("mfa_authenticate"), {"code": tried})
    assert signing_in.is_signed_in(again)
    return seed, codes[1].split()


def made_on_its_page(cast: Cast) -> str:
    client, page = signed_in(cast.root_owner.email), reverse("tokens", args=[cast.root.slug])
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    asked = {"name": "CI", "scopes": ["credential:view", "credential:reveal"], "days": "30"}
    found = re.search(tokens.PATTERN, client.post(page, asked).content.decode())
    assert found
    return found[0]


@pytest.fixture
def canaries(
    cast: Cast,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    logged: io.StringIO,
    reports: None,
    real_ring: None,
) -> dict[str, bytes]:
    """The day. Name → secret."""
    password, wrong = f"pw {secrets.token_urlsafe(24)}", f"wrong {secrets.token_urlsafe(24)}"
    seed, token = base64.b32encode(secrets.token_bytes(20)).decode(), f"chub_{secrets.token_hex(24)}"
    stored, refused, crashed = factories.make_p8(), factories.make_p8(), factories.make_p8()
    client = cast.client("root_owner")
    client.raise_request_exception = False
    add = reverse("add-app-store-connect-key", args=["acme"])

    # People: an invitation taken up, sign-ins right and wrong, a password reset, a token shown to a wrong door
    path = invitations.link(cast.root)
    new = Client()
    assert new.post(path, {"name": "New", "password": password}).status_code == 302
    for tried in (wrong, password):
        Client().post("/accounts/login/", {"login": "new@example.com", "password": tried})
    new.post("/accounts/login/", {"login": f"{password}", "password": "typed into the wrong field"})
    client.get("/o/acme/", headers={"authorization": f"Bearer {token}", "x-api-key": token})
    client.get(f"/api/v1/x/?token={token}", headers={"referer": f"https://x.example/?{token}"})
    client.get(f"/invitations/{token}/")
    identity = {"trust_policy": str(cast.root.pk), "token": token}
    assert (
        client.post("/api/v1/federation/token", identity, content_type="application/json").status_code == 401
    )

    # A token that works: made on its page, used, tried in the wrong places, revoked
    api_token = made_on_its_page(cast)
    machine = Client(headers={"authorization": f"Bearer {api_token}"})
    assert machine.get("/api/v1/credentials").status_code == 200
    machine.post(f"/api/v1/credentials/{cast.root.pk}/reveal", api_token, content_type="application/json")
    client.get(f"/api/v1/credentials?cursor={api_token}")
    ApiToken.objects.get().revoke(cast.actor("root_owner"))
    assert machine.get("/api/v1/credentials").status_code == 401

    # Authenticator apps: one that is set up and used, one that somebody only looked at
    enrolled, codes = set_up_an_app(cast.root_viewer.email)
    looked_at = shown_seed(signed_in(cast.sub_b_developer.email))

    with Sandbox() as sandbox:
        settings.APPSTORE_API_URL = settings.APPSTORE_ENTERPRISE_API_URL = sandbox.url
        team = sandbox.add_team("Acme", certificates=1, profiles=1, bundle_ids=1, devices=1)
        issued = sandbox.add_key(team)
        facts = {"key_id": issued.key_id, "issuer_id": issued.issuer_id, "file_name": "key.p8"}
        upload(client, cast.root, refused, **{**facts, "issuer_id": "not an issuer"})
        upload(client, cast.root, text=seed + token, **facts)
        upload(client, cast.root, issued.p8, name="Our key", **facts)
        perform_all()
        key = AppStoreConnectKey.objects.get()
        assert key.credential.status == "WORKS"
        with (
            monkeypatch.context() as trouble
        ):  # a view that breaks with a key in hand, and one with other words
            trouble.setattr("credentials.crypto.seal", broken(crashed.decode()))
            assert (
                upload(
                    client, cast.root, crashed, key_id="CRASHED123", issuer_id=issued.issuer_id
                ).status_code
                == 500
            )
            trouble.setattr("organizations.models.Organization.rename", broken(seed + " " + token))
            data = {"name": "x", "otp": seed, "token": token, "password": password}
            assert client.post("/o/acme/settings/", data).status_code == 500
            assert client.get(f"{add}?token={token}").status_code == 200
        with monkeypatch.context() as trouble:  # a task that breaks
            trouble.setattr("appstore.clients.TokenMinter", broken(issued.p8.decode()))
            trouble.setattr("appstore.clients._minters", {})
            client.post(reverse("sync-now", args=["acme", key.credential.pk]))
            perform_all()
        assert "run_broke" in logged.getvalue()
        client.post("/accounts/password/reset/", {"email": "new@example.com"})
        stored = issued.p8
    return {
        "key": stored,
        "refused key": refused,
        "crashed key": crashed,
        "password": password.encode(),
        "wrong password": wrong.encode(),
        "TOTP seed": seed.encode(),
        "enrolled seed": enrolled.encode(),
        "bytes of the enrolled seed": base64.b32decode(enrolled),
        "seed that was only shown": looked_at.encode(),
        "recovery code": codes[0].encode(),
        "token": token.encode(),
        "API token": api_token.encode(),
        "random part of the API token": api_token[5:-6].encode(),
        "invitation": path.split("/")[2].encode(),
        "SECRET_KEY": configured.SECRET_KEY.encode(),
        "master key": base64.b64decode(configured.CREDHUB_MASTER_KEYS.partition(":")[2]),
    }


@pytest.fixture
def real_ring(doorbell: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages go to the broker, where they stay: no worker takes them."""
    make_broker_folders(configured.CELERY_BROKER_TRANSPORT_OPTIONS)
    monkeypatch.setattr("appstore.doorbell.ring", ring)


@pytest.mark.django_db(transaction=True)
def test_none_is_found_anywhere(canaries: dict[str, bytes], logged: io.StringIO, tmp_path: Path) -> None:
    backup(tmp_path / "newest.backup")
    backup(tmp_path / "escrow.backup", "--passphrase-file", str(passphrase(tmp_path)))
    inside = "\n".join(json.dumps(each) for each in reading.contents(tmp_path / "newest.backup"))
    backups = [*tmp_path.glob("*.backup"), ("opened backup", inside.encode())]
    places = [("log", logged.getvalue().encode()), *everywhere(), *backups]
    names = {str(place if isinstance(place, Path) else place[0]) for place in places}
    assert {
        "log",
        "credentials_credential",
        "django_session",
        "opened session",
        "mail to operator@example.com",
    } <= names
    if not configured.REDIS_URL:
        assert any((Path(configured.BROKER_DIR) / "messages").iterdir())  # messages were sent
    if connection.vendor == "sqlite":
        assert any(path.name.endswith("-wal") for path in database_files())

    # The invitation's link is mailed to whom it invites; nobody else gets it.
    assert find(canaries, [place for place in places if not _is_mail_to_invited(place)]) == []

    # The same search does find them, where they are planted.
    planted = b"".join(canaries.values())
    for disguise in (planted, planted.hex().encode(), base64.b64encode(planted), gzip.compress(planted)):
        found = find(canaries, [("planted", disguise)])
        assert {finding.form.split(":")[0].split(",")[0] for finding in found} == canaries.keys()


def passphrase(folder: Path) -> Path:
    path = folder / "phrase"
    path.write_text("six words that nobody else has\n")
    return path


def _is_mail_to_invited(place: Any) -> bool:
    return isinstance(place, tuple) and place[0] == "mail to new@example.com"
