"""Rotation: a new secret for the same token, and how long the old one works."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models
from django.urls import reverse
from django.utils import timezone

from organizations import audit_verify, token_rotation, tokens
from organizations.actors import Actor
from organizations.models import ApiToken, AuditEvent, EarlierSecret, ScopeAboveOwnError
from organizations.permissions import Permission, Role
from organizations.token_rotation import TokenIsOverError
from tests import factories
from tests.conftest import Cast
from tests.organizations.test_api_tokens import HERE, fresh, issue

DAY = timedelta(days=1)


def rotate(cast: Cast, token: ApiToken, overlap: timedelta = DAY, by: Actor | None = None) -> str:
    actor = by or cast.actor("root_owner")
    return token_rotation.rotate(actor, token, overlap=overlap, expires_at=timezone.now() + 90 * DAY)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_both_work_until_the_overlap_is_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    token, old = issue(cast, networks=["198.51.100.0/24"])
    new = rotate(cast, token)
    assert ApiToken.of_text(new, HERE) == ApiToken.of_text(old, HERE) == token
    assert ApiToken.of_text(old, "203.0.113.1") is None
    earlier = token.earlier_secrets.get()
    at(monkeypatch, earlier.ends_at)
    assert ApiToken.of_text(old, HERE) is None
    assert ApiToken.of_text(new, HERE) == token


def test_at_once_and_one_old_secret_at_a_time(cast: Cast) -> None:
    token, first = issue(cast)
    second = rotate(cast, token)
    third = rotate(cast, token)
    assert [ApiToken.of_text(text, HERE) is not None for text in (first, second, third)] == [
        False,
        True,
        True,
    ]
    fourth = rotate(cast, token, timedelta())
    assert [ApiToken.of_text(text, HERE) is not None for text in (second, third, fourth)] == [
        False,
        False,
        True,
    ]
    assert AuditEvent.objects.filter(action="token:rotated", subject_id=str(token.pk)).count() == 3
    known = audit_verify.Known()
    assert [*audit_verify.verify_chains(known), *audit_verify.verify_rows(known)] == []


def test_revoking_ends_both(cast: Cast) -> None:
    token, old = issue(cast)
    new = rotate(cast, token)
    ApiToken.objects.get(pk=token.pk).revoke(cast.actor("root_owner"))
    assert [ApiToken.of_text(text, HERE) for text in (old, new)] == [None, None]
    with pytest.raises(TokenIsOverError):
        rotate(cast, token)


def test_the_old_secret_never_outlives_what_it_was_given(cast: Cast) -> None:
    token, _old = issue(cast, expires_at=timezone.now() + timedelta(hours=1))
    rotate(cast, token, 7 * DAY)
    assert token.earlier_secrets.get().ends_at == token.expires_at
    with pytest.raises(ValueError, match="seven days"):
        rotate(cast, token, 8 * DAY)


@pytest.mark.parametrize("column", ["digest", "ends_at", "token_id"])
def test_an_old_secret_that_was_forged_opens_nothing(cast: Cast, column: str) -> None:
    token, old = issue(cast)
    other, _text = issue(cast, Permission.CREDENTIAL_REVEAL)
    rotate(cast, token)
    made = tokens.new_token()
    values = {"digest": tokens.digest(made), "ends_at": timezone.now() + 365 * DAY, "token_id": other.pk}
    models.QuerySet(EarlierSecret).update(**{column: values[column]})  # past the guards, as SQL would
    assert ApiToken.of_text(made if column == "digest" else old, HERE) is None


def test_who_rotates_holds_what_it_may_do_and_answers_for_it(cast: Cast) -> None:
    token, _old = issue(cast, Permission.CREDENTIAL_REVEAL)
    admin = factories.make_user("rotating-admin@example.com")
    factories.join(admin, cast.root, Role.ADMIN)
    with pytest.raises(ScopeAboveOwnError):  # else an admin would have an owner's secret
        rotate(cast, token, by=Actor(user=admin))
    with pytest.raises(PermissionDenied):
        rotate(cast, token, by=cast.actor("root_viewer"))
    mine, _text = issue(cast)
    new = rotate(cast, mine, by=Actor(user=admin))
    found = ApiToken.of_text(new, HERE)
    assert found is not None
    assert found.created_by == admin
    assert (found.scope_words, found.is_genuine, found.last_four) == (mine.scope_words, True, new[-4:])


def test_the_page_shows_it_once(cast: Cast) -> None:
    token, old = issue(cast)
    client, page = fresh(cast), reverse("rotate-token", args=[cast.root.slug, token.pk])
    answer = client.post(page, {"overlap": "8", "days": "90"})
    assert answer.status_code == 400
    assert "less than or equal to 7" in answer.content.decode()
    listed = reverse("tokens", args=[cast.root.slug])
    assert "Old secret until" not in client.get(listed).content.decode()
    answer = client.post(page, {"overlap": "2", "days": "30"})
    assert "Old secret until" in client.get(listed).content.decode()
    found = re.search(tokens.PATTERN, answer.content.decode())
    assert found
    assert ApiToken.of_text(found[0], HERE) == ApiToken.of_text(old, HERE) == token
    assert not re.search(tokens.PATTERN, client.get(page).content.decode())
    assert (
        cast.client("root_owner").post(page, {"overlap": "0", "days": "30"}).status_code == 302
    )  # not fresh
    assert ApiToken.of_text(found[0], HERE) == token
