"""API tokens: their text, who finds one, and what its actor reaches."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from credentials import system_keys
from credentials.models import SystemKey
from organizations import tokens
from organizations.actors import Actor
from organizations.models import ApiToken, AuditEvent, Organization, ScopeAboveOwnError
from organizations.permissions import TOKEN_SCOPES, Permission, Role
from tests import factories
from tests.conftest import Cast

HERE = "198.51.100.7"


def issue(cast: Cast, *scopes: Permission, **options: object) -> tuple[ApiToken, str]:
    owner = Actor(user=cast.root_owner)
    chosen = list(scopes) or [Permission.CREDENTIAL_VIEW]
    return ApiToken.issue(owner, cast.root, name="CI", scopes=chosen, **options)  # type: ignore[arg-type]


def test_a_token_looks_like_one() -> None:
    made = {tokens.new_token() for _ in range(200)}
    assert len(made) == 200
    for each in made:
        assert re.fullmatch(tokens.PATTERN, each)
        assert tokens.is_token(each)


@pytest.mark.parametrize("spoil", [
    lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
    lambda text: text[:10] + ("a" if text[10] != "a" else "b") + text[11:],
    lambda text: text + "0", lambda text: text[:-1], lambda text: text.upper(), lambda text: text + "\n",
    lambda text: "chub_" + "0" * 49, lambda _text: "",
])  # fmt: skip
def test_what_is_not_quite_one_costs_no_query(db: None, spoil, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    text = spoil(tokens.new_token())
    assert not tokens.is_token(text)
    with django_assert_num_queries(0):
        assert ApiToken.of_text(text, HERE) is None


def test_only_a_digest_is_stored(cast: Cast) -> None:
    token, text = issue(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM organizations_apitoken")
        stored = repr(cursor.fetchall())
    assert text not in stored
    assert text[5:-6] not in stored
    assert ApiToken.of_text(text, HERE) == token
    assert token.last_four == text[-4:]


def test_it_is_found_under_an_earlier_version_of_the_key(cast: Cast) -> None:
    token, text = issue(cast)
    SystemKey.make(version=2)
    system_keys.forget()
    assert tokens.digest(text) != token.digest
    assert ApiToken.of_text(text, HERE) == token


@pytest.mark.parametrize("change", [
    {"expires_at": timezone.now() - timedelta(seconds=1)}, {"revoked_at": timezone.now()},
])  # fmt: skip
def test_one_that_is_over_is_nobodys(cast: Cast, change: dict[str, object]) -> None:
    token, text = issue(cast)
    for name, value in change.items():
        setattr(token, name, value)
    token.save(update_fields=list(change))
    assert ApiToken.of_text(text, HERE) is None


def test_networks(cast: Cast) -> None:
    _token, text = issue(cast, networks=["198.51.100.0/24", "2001:db8::/32"])
    for address in (HERE, "::ffff:198.51.100.9", "2001:db8::1"):
        assert ApiToken.of_text(text, address), address
    for address in ("203.0.113.1", "", "nonsense", "::1"):
        assert ApiToken.of_text(text, address) is None, address


@pytest.mark.parametrize(
    "column", ["scope_words", "organization_id", "expires_at", "network_words", "digest"]
)
def test_a_row_that_was_forged_is_ignored(cast: Cast, column: str) -> None:
    token, text = issue(cast, Permission.CREDENTIAL_VIEW, networks=["198.51.100.0/24"])
    other = tokens.new_token()
    values = {
        "scope_words": "credential:reveal", "organization_id": cast.sub_a.pk, "network_words": "",
        "expires_at": timezone.now() + timedelta(days=3650), "digest": tokens.digest(other),
    }  # fmt: skip
    models.QuerySet(ApiToken).filter(pk=token.pk).update(
        **{column: values[column]}
    )  # past the guards, as SQL would
    assert ApiToken.of_text(other if column == "digest" else text, HERE) is None


def test_it_does_what_its_scopes_say_in_its_organization_only(cast: Cast) -> None:
    token, _text = issue(cast, Permission.CREDENTIAL_VIEW)
    actor = Actor(token=token)
    assert actor.can(Permission.CREDENTIAL_VIEW, cast.root)
    for permission in set(Permission) - {Permission.CREDENTIAL_VIEW, Permission.ORGANIZATION_VIEW}:
        assert not actor.can(permission, cast.root), permission
    assert not actor.can(Permission.CREDENTIAL_VIEW, cast.sub_a)
    found = Organization.objects.for_actor(actor, Permission.CREDENTIAL_VIEW)
    assert list(found) == [cast.root]
    assert not Organization.objects.for_actor(actor, Permission.MEMBER_VIEW).exists()


def test_it_is_never_more_than_who_made_it(cast: Cast) -> None:
    token, text = issue(cast, Permission.CREDENTIAL_REVEAL)
    cast.root_owner.memberships.get().delete()
    found = ApiToken.of_text(text, HERE)
    assert found is not None
    assert not Actor(token=found).can(Permission.CREDENTIAL_REVEAL, cast.root)
    assert token.is_live


def test_nobody_gives_more_than_they_hold(cast: Cast) -> None:
    admin = factories.make_user("token-admin@example.com")
    factories.join(admin, cast.root, Role.ADMIN)
    with pytest.raises(ScopeAboveOwnError, match="reveal and download secrets"):
        ApiToken.issue(Actor(user=admin), cast.root, name="x", scopes=[Permission.CREDENTIAL_REVEAL])
    with pytest.raises(PermissionDenied):
        ApiToken.issue(Actor(user=cast.root_viewer), cast.root, name="x", scopes=[Permission.CREDENTIAL_VIEW])
    with pytest.raises(ValueError, match="scopes"):
        issue(cast, Permission.MEMBER_MANAGE)
    with pytest.raises(ValueError, match="within a year"):
        issue(cast, expires_at=timezone.now() + timedelta(days=366))
    assert set(TOKEN_SCOPES) <= set(Permission)
    assert not ApiToken.objects.exists()


def test_its_use_is_on_record_once_a_day_and_address(cast: Cast) -> None:
    token, _text = issue(cast)

    def use(address: str) -> int:
        token.refresh_from_db()
        token.note_use(Actor(token=token, address=address))
        return AuditEvent.objects.filter(action="token:used", organization=cast.root).count()

    assert [use(HERE), use(HERE), use("203.0.113.1"), use("203.0.113.1")] == [1, 1, 2, 2]
    yesterday = timezone.now() - timedelta(days=1)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=yesterday)
    assert use("203.0.113.1") == 3
    token.refresh_from_db()
    assert (token.last_used_from, token.is_genuine) == ("203.0.113.1", True)


# The page


def page(cast: Cast) -> str:
    return reverse("tokens", args=[cast.root.slug])


def fresh(cast: Cast) -> Client:
    client = cast.client("root_owner")
    client.get(page(cast))
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    return client


def test_a_token_is_shown_once_and_is_worth_what_was_chosen(cast: Cast) -> None:
    client = fresh(cast)
    asked = {
        "name": " Release  job ",
        "scopes": ["credential:view"],
        "days": "7",
        "networks": "192.0.2.1, 2001:db8::/32",
    }
    answer = client.post(page(cast), asked)
    found = re.search(tokens.PATTERN, answer.content.decode())
    assert found
    token = ApiToken.of_text(found[0], "192.0.2.1")
    assert token is not None
    assert (token.name, token.networks) == ("Release job", ["192.0.2.1/32", "2001:db8::/32"])
    assert timedelta(days=6) < token.expires_at - timezone.now() <= timedelta(days=7)
    assert not re.search(tokens.PATTERN, client.get(page(cast)).content.decode())
    assert AuditEvent.objects.filter(action="token:created", subject_id=str(token.pk)).count() == 1
    assert client.post(reverse("revoke-token", args=[cast.root.slug, token.pk])).status_code == 302
    assert ApiToken.of_text(found[0], "192.0.2.1") is None
    assert client.post(reverse("revoke-token", args=[cast.root.slug, token.pk])).status_code == 404


@pytest.mark.parametrize(("wrong", "says"), [
    ({"networks": "192.0.2.1/8"}, "is not an address or a range"), ({"networks": "office"}, "is not an address"),
    ({"days": "0"}, "greater than or equal to 1"), ({"days": "366"}, "less than or equal to 365"),
    ({"scopes": ["member:manage"]}, "member:manage is not one of"), ({"scopes": []}, "required"),
    ({"name": "\u202e"}, "can be read"),
])  # fmt: skip
def test_a_form_that_is_wrong_says_so_and_makes_none(cast: Cast, wrong: dict[str, object], says: str) -> None:
    asked = {"name": "CI", "scopes": ["credential:view"], "days": "7"} | wrong
    answer = fresh(cast).post(page(cast), asked)
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_making_one_takes_fresh_authentication(cast: Cast) -> None:
    asked = {"name": "CI", "scopes": ["credential:view"], "days": "7"}
    answer = cast.client("root_owner").post(page(cast), asked)
    assert answer.status_code == 302
    assert not ApiToken.objects.exists()
