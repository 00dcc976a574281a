"""Guesses are counted per account and per address, in the database, and who is stopped is on record."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations import guesses
from organizations.models import AuditEvent
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import add_totp, code_of, is_signed_in, new_browser, sign_in

KNOWN = "root.owner@example.com"
THROTTLED = "Too many failed login attempts."


@pytest.mark.parametrize(
    "spelling",
    [
        "ROOT.OWNER@EXAMPLE.COM",
        "  root.owner@example.com ",
        "ｒｏｏｔ.ｏｗｎｅｒ@example.com",
        "\u2003root.owner@example.com",
    ],
    ids=["case", "space", "full-width", "em-space"],
)
def test_spellings_of_one_name_are_one_name(spelling: str) -> None:
    assert guesses.one_name(spelling) == KNOWN


@pytest.mark.parametrize(
    "other", ["rootowner@example.com", "root.owner+x@example.com", "root.owner@example.org"]
)
def test_other_addresses_are_other_names(other: str) -> None:
    assert guesses.one_name(other) != KNOWN


def test_all_spellings_share_a_counter(cast: Cast) -> None:
    spellings = [KNOWN, KNOWN.upper(), f" {KNOWN}", "Root.Owner@example.com", "root.OWNER@example.COM"]
    for spelling in spellings:
        assert THROTTLED not in sign_in(new_browser(), spelling, "no idea").content.decode()
    client = new_browser()
    assert THROTTLED in sign_in(client, KNOWN).content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", [KNOWN, "nobody.here@example.com"], ids=["known", "unknown"])
def test_failures_and_the_stop_are_on_record(cast: Cast, name: str) -> None:
    """The same for who is unknown, whose name is not kept: people type passwords into the wrong field."""
    client = new_browser()
    for _ in range(7):
        sign_in(client, name, "no idea")
    events = AuditEvent.objects.filter(action__startswith="sign-in:").order_by("created_at")
    assert [event.action for event in events] == ["sign-in:failed"] * 5 + ["sign-in:blocked"]
    assert {event.subject_label for event in events} == {KNOWN if name == KNOWN else "an unknown account"}
    assert {event.address for event in events} == {client.defaults["REMOTE_ADDR"]}
    assert all(event.facts == {"method": "password"} and event.request_id for event in events)


def test_the_same_work_for_known_and_unknown(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is hashed once, and as many queries are made, whoever is asked for."""
    counts, queries = [], []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        counts[-1:] = [sum(counts[-1:]) + 1]
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    sign_in(new_browser(), "first.of.all@example.com", "no idea")  # begins the chain of the log
    counts.clear()
    for name in (KNOWN, "nobody.here@example.com"):
        counts.append(0)
        with CaptureQueriesContext(connection) as captured:
            sign_in(new_browser(), name, "no idea")
        queries.append(len(captured))
    assert counts == [1, 1]
    assert abs(queries[0] - queries[1]) <= 1


def test_codes_are_counted_too(cast: Cast) -> None:
    secret, client = add_totp(cast.root_owner), new_browser()
    sign_in(client, KNOWN)
    for _ in range(5):
        assert (
            "Incorrect code" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
        )
    elsewhere = new_browser()
    sign_in(elsewhere, KNOWN)
    assert (
        THROTTLED in elsewhere.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).content.decode()
    )
    assert not is_signed_in(elsewhere)
    actions = AuditEvent.objects.filter(subject_label=KNOWN, action__startswith="sign-in:")
    assert actions.filter(action="sign-in:failed", facts={"method": "totp"}).count() == 5
    assert actions.filter(action="sign-in:blocked", facts={"method": "code"}).count() == 1


def test_passwords_are_counted_at_the_fresh_prompt(cast: Cast) -> None:
    client = cast.client("root_owner")
    for _ in range(5):
        client.post(reverse("account_reauthenticate"), {"password": "no idea"})
    answer = client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    assert THROTTLED in answer.content.decode()
    assert AuditEvent.objects.filter(action="sign-in:blocked").count() == 1


def test_the_fresh_prompt_is_limited_for_one_person(cast: Cast) -> None:
    client = cast.client("root_owner")
    answers = [client.post(reverse("account_reauthenticate"), {}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert "Too many attempts" in answers[-1].content.decode()
    assert cast.client("outsider").post(reverse("account_reauthenticate"), {}).status_code == 200


def test_many_names_do_not_push_out_a_counter(cast: Cast) -> None:
    """Django's cache table keeps 300 entries unless told otherwise, and then drops some by name."""
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000
    for _ in range(5):
        sign_in(new_browser(), KNOWN, "no idea")
    for number in range(400):
        cache.set(f"{number:04d}", [1.0], 300)
    assert THROTTLED in sign_in(new_browser(), KNOWN).content.decode()


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_counted_or_recorded_can_be_rolled_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counters and records are written outside of any transaction: what fails afterwards leaves them."""
    inside: list[bool] = []
    for name in ("failed", "blocked"):
        done = getattr(guesses, name)

        def watched(*args: object, done: object = done, **kwargs: object) -> None:
            inside.append(connection.in_atomic_block)
            done(*args, **kwargs)  # type: ignore[operator]

        monkeypatch.setattr(guesses, name, watched)
    client = new_browser()
    add_totp(cast.root_owner)
    for _ in range(6):
        sign_in(client, KNOWN, "no idea")
    cache.clear()
    sign_in(client, KNOWN)
    for _ in range(6):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert inside == [False] * 12
    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS")
    cache.clear()


def test_a_counter_in_a_transaction_would_be_lost(cast: Cast) -> None:
    """Why the test above is there: the cache is a table of the same database."""
    with transaction.atomic():
        cache.set("counted", 1, 60)
        transaction.set_rollback(True)
    assert cache.get("counted") is None


def test_a_passkey_sign_in_is_limited_by_address(cast: Cast) -> None:
    client = Client(REMOTE_ADDR="203.0.113.77")
    answers = [
        client.post(reverse("mfa_login_webauthn"), {"credential": "{}"}).status_code for _ in range(11)
    ]
    assert answers == [302] * 10 + [429]
