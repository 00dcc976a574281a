"""An organization may require a second factor: of everybody, in its sub-organizations too, operators included."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey
from credentials.models import Credential
from organizations.models import AuditEvent, Membership, Organization, User
from organizations.permissions import Permission
from tests.conftest import Cast
from tests.organizations.signing_in import add_totp, authenticated, code_of, new_browser, sign_in


@pytest.fixture
def strict(cast: Cast, root_key: AppStoreConnectKey) -> Cast:
    cast.root.requires_second_factor = True
    cast.root.save()
    return cast


def with_app(cast: Cast, name: str) -> Client:
    """Somebody who set up an app and has just signed in with it."""
    user = getattr(cast, name)
    client, secret = new_browser(), add_totp(user)
    sign_in(client, user.email)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    return client


@pytest.mark.parametrize("name", ["root_owner", "root_viewer", "operator"])
def test_without_one_every_page_says_what_is_missing(strict: Cast, name: str) -> None:
    client = strict.client(name)
    for page in ("overview", "credentials", "members", "syncs"):
        for organization in (strict.root, strict.sub_a):
            answer = client.get(reverse(page, args=[organization.slug]))
            assert answer.status_code == 403
            assert f"{organization} asks for a second factor" in answer.content.decode()
            assert reverse("mfa_activate_totp") in answer.content.decode()
            assert "Root key" not in answer.content.decode()


def test_a_post_does_nothing(strict: Cast) -> None:
    client = strict.client("root_owner")
    client.post(reverse("organization-settings", args=[strict.root.slug]), {"name": "Taken"})
    client.post(reverse("sub-organizations", args=[strict.root.slug]), {"name": "More"})
    assert not Organization.objects.filter(name__in=["Taken", "More"]).exists()


@pytest.mark.parametrize("name", ["root_owner", "operator"])
def test_the_choke_point_is_closed_and_so_is_the_admin(strict: Cast, name: str) -> None:
    actor = strict.actor(name)
    for permission in set(Permission) - {Permission.ORGANIZATION_VIEW}:
        assert not actor.can(permission, strict.root)
        assert not actor.organizations(permission).filter(pk__in=[strict.root.pk, strict.sub_a.pk]).exists()
    assert not Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW).exists()
    assert (
        not Membership.objects.for_actor(actor, Permission.MEMBER_VIEW)
        .filter(organization=strict.root)
        .exists()
    )
    key = Credential.objects.get()
    client = strict.client(name)
    assert client.get(reverse("admin:credentials_credential_change", args=[key.pk])).status_code == 302
    assert "Root key" not in client.get(reverse("admin:credentials_credential_changelist")).content.decode()


def test_it_is_still_in_the_switcher(strict: Cast) -> None:
    page = strict.client("root_owner").get(reverse("mfa_index")).content.decode()
    assert reverse("overview", args=[strict.root.slug]) in page


def test_elsewhere_nothing_changes(strict: Cast) -> None:
    assert strict.client("outsider").get(reverse("overview", args=[strict.other.slug])).status_code == 200
    assert strict.client("operator").get(reverse("overview", args=[strict.other.slug])).status_code == 200
    assert strict.client("outsider").get(reverse("overview", args=[strict.root.slug])).status_code == 404


def test_with_one_it_opens(strict: Cast) -> None:
    for name in ("root_owner", "operator"):
        assert with_app(strict, name).get(reverse("credentials", args=[strict.root.slug])).status_code == 200
    assert (
        with_app(strict, "sub_a_admin").get(reverse("overview", args=[strict.sub_a.slug])).status_code == 200
    )


def test_a_forged_factor_does_not_open_it(strict: Cast) -> None:
    Authenticator.objects.bulk_create(
        [Authenticator(user=strict.root_owner, type="totp", data={"secret": "x"})]
    )
    assert strict.client("root_owner").get(reverse("overview", args=[strict.root.slug])).status_code == 403


def ask(client: Client, organization: Organization, required: str = "yes") -> str:
    page = reverse("require-second-factor", args=[organization.slug])
    return str(client.post(page, {"required": required}).headers.get("Location", ""))


def required(organization: Organization) -> bool:
    return Organization.objects.get(pk=organization.pk).requires_second_factor


def test_an_owner_with_a_factor_sets_it_and_it_is_on_record(cast: Cast) -> None:
    client, settings_page = (
        with_app(cast, "root_owner"),
        reverse("organization-settings", args=[cast.root.slug]),
    )
    assert "Require a second factor" in client.get(settings_page).content.decode()
    assert ask(client, cast.root) == settings_page
    assert required(cast.root)
    assert client.get(settings_page).status_code == 200
    ask(client, cast.root, "no")
    assert not required(cast.root)
    events = AuditEvent.objects.filter(action="organization:second-factor", organization=cast.root)
    assert [event.facts["now"] for event in events.order_by("created_at")] == ["required", "not required"]


def test_who_has_none_does_not_require_it_of_others(cast: Cast) -> None:
    client = cast.client("root_owner")
    authenticated(client, {"method": "password"})
    ask(client, cast.root)
    assert not required(cast.root)
    page = client.get(reverse("organization-settings", args=[cast.root.slug])).content.decode()
    assert "Set up a second factor for your own account first." in page


def test_it_takes_a_fresh_authentication(cast: Cast) -> None:
    client = with_app(cast, "root_owner")
    authenticated(client, {"method": "password"}, ago=0)
    assert ask(client, cast.root).startswith(reverse("mfa_reauthenticate"))
    assert not required(cast.root)


def test_it_is_the_roots_to_say(cast: Cast) -> None:
    client = with_app(cast, "root_owner")
    page = reverse("require-second-factor", args=[cast.sub_a.slug])
    assert client.post(page, {"required": "yes"}).status_code == 404
    with pytest.raises(ValueError, match="follows its root"):
        cast.sub_a.require_second_factor(cast.actor("root_owner"), required=True)
    viewer: User = cast.root_viewer
    add_totp(viewer)
    assert (
        cast.client("root_viewer")
        .post(reverse("require-second-factor", args=[cast.root.slug]), {"required": "yes"})
        .status_code
        == 403
    )
