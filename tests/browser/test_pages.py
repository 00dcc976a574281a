"""Every page, at both widths, light and dark: a clean console, no request to anybody else, and nothing out of shape."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from appstore.models import App, AppStoreConnectKey, BundleId, Certificate, Device, KeyType, Profile, SyncRun
from appstore.sandbox.model import Kind, Role
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM, Actor
from organizations.models import ApiToken
from organizations.permissions import TOKEN_SCOPES
from tests import factories
from tests.access.world import invite
from tests.browser.apple import HeldSandbox
from tests.browser.conftest import Visit
from tests.browser.page_checks import ALL, SOME, look
from tests.browser.worker import Worker
from tests.conftest import Cast

Pages = list[tuple[str, str]]  # what the picture is called, and the address
MAIN = {
    "overview",
    "credential",
    "share-credential",
    "add-app-store-connect-key",
    "admin",
    "login",
    "not-found",
}


@pytest.fixture
def world(
    cast: Cast, apple: HeldSandbox, synced_key: AppStoreConnectKey, worker: Worker
) -> AppStoreConnectKey:
    """Something of everything that the pages show. Returns the key that is synced and shared."""
    team = synced_key.team
    assert team is not None
    (sandbox_team,) = [each for each in apple.teams if each.issuer_id == team.issuer_id]
    share(SYSTEM, synced_key.credential, with_all=False, chosen=[cast.sub_a])
    for name, key_type, issued in (
        ("A person's own key", KeyType.INDIVIDUAL, apple.add_key(sandbox_team, kind=Kind.INDIVIDUAL)),
        ("Uploads only", KeyType.TEAM, apple.add_key(sandbox_team, Role.APP_MANAGER)),
    ):
        factories.make_key(
            cast.root,
            name=name,
            key_type=key_type,
            p8=issued.p8,
            key_id=issued.key_id,
            issuer_id=issued.issuer_id,
        )
    unknown = factories.make_key(
        cast.root, name="A name that goes on and on, as names of settings sometimes do"
    )
    share(SYSTEM, unknown.credential, with_all=True, chosen=[])
    factories.make_key(cast.root, name="Archived").credential.archive(SYSTEM)
    invite(cast.root, "invited-person-with-a-long-address@example.com")
    cast.root.create_sub_organization(SYSTEM, "Acme Closed").archive(SYSTEM)
    worker.wait_until_idle()
    factories.make_hold(team)
    chosen = Profile.objects.filter(devices__isnull=False).latest("expiration_date")
    factories.make_change(chosen)
    Profile.objects.filter(pk=chosen.pk).update(flaws=["certificate-gone", "capability-missing:HEALTHKIT"])
    return synced_key


def of_the_root(cast: Cast, key: AppStoreConnectKey) -> Pages:
    slug, pk = cast.root.slug, key.credential_id
    one = {
        "certificates": Certificate.objects.latest("expiration_date"),
        "profiles": Profile.objects.filter(devices__isnull=False).latest("expiration_date"),
        "bundle-ids": BundleId.objects.filter(profiles__isnull=False)[0],
        "devices": Device.objects.filter(profiles__isnull=False)[0],
    }
    ApiToken.issue(
        Actor(user=cast.root_owner), cast.root, name="GitHub, release job", scopes=list(TOKEN_SCOPES),
        networks=["192.0.2.0/24"],
    )  # fmt: skip
    whole = ["overview", "apps", "credentials", "add-app-store-connect-key", "syncs", "drift", "members", "tokens",
             "sub-organizations", "activity", "organization-settings"]  # fmt: skip
    of_a_key = [
        "credential",
        "share-credential",
        "rename-credential",
        "replace-credential",
        "archive-credential",
    ]
    weak = Credential.objects.get(name="Uploads only")
    app = App(organization=cast.root, platform="IOS", identifier="com.example.app", name="An app")
    app.add(SYSTEM)
    return [
        *((name, reverse(name, args=[slug])) for name in whole),
        *((name, reverse(name, args=[slug, pk])) for name in of_a_key),
        ("credential-too-weak", reverse("credential", args=[slug, weak.pk])),
        *((name, reverse("apple-objects", args=[slug, name])) for name in one),
        *(
            (f"{name}-one", reverse("apple-object", args=[slug, name, thing.pk]))
            for name, thing in one.items()
        ),
        ("sync-one", reverse("sync", args=[slug, SyncRun.objects.filter(kind="SYNC")[0].pk])),
        ("app", reverse("app", args=[slug, app.pk])),
        ("ensure-signing", reverse("ensure-signing", args=[slug, app.pk, "ad-hoc"])),
        ("archived-credentials", reverse("credentials", args=[slug]) + "?archived=1"),
        ("nothing-matches", reverse("credentials", args=[slug]) + "?q=nothing-is-called-this"),
        ("archive-sub-organization", reverse("archive-sub-organization", args=[slug, cast.sub_b.pk])),
        ("password-change", reverse("account_change_password")),
        ("security", reverse("mfa_index")),
        ("sessions", reverse("sessions")),
        ("not-found", "/o/nobody/"),
    ]


def of_the_sub_organization(cast: Cast, key: AppStoreConnectKey) -> Pages:
    slug = cast.sub_a.slug
    return [
        ("sub-overview", reverse("overview", args=[slug])),
        ("sub-credentials", reverse("credentials", args=[slug])),
        ("sub-credential", reverse("credential", args=[slug, key.credential_id])),
        ("sub-certificates", reverse("apple-objects", args=[slug, "certificates"])),
        ("sub-members", reverse("members", args=[slug])),
        ("not-allowed", reverse("share-credential", args=[slug, key.credential_id])),
    ]


def of_new_organizations(cast: Cast) -> Pages:
    key = factories.make_key(cast.other, name="Lonely").credential
    key.organization.credentials.exclude(pk=key.pk).delete()
    return [
        ("new-overview", reverse("overview", args=[cast.sub_b.slug])),
        ("new-credentials", reverse("credentials", args=[cast.other.slug])),
        ("new-certificates", reverse("apple-objects", args=[cast.other.slug, "certificates"])),
        ("new-share", reverse("share-credential", args=[cast.other.slug, key.pk])),
    ]


def of_the_admin(cast: Cast, key: AppStoreConnectKey) -> Pages:
    lists = ["credentials_credential", "appstore_appstoreconnectkey", "appstore_certificate",
             "appstore_profile", "appstore_syncrun", "organizations_auditevent", "organizations_membership",
             "organizations_user"]  # fmt: skip
    one = {
        "credentials_credential": key.credential_id,
        "appstore_appstoreconnectkey": key.pk,
        "appstore_certificate": Certificate.objects.all()[0].pk,
        "organizations_organization": cast.root.pk,
    }
    return [
        ("admin", reverse("admin:index")),
        *((f"admin-{name}", reverse(f"admin:{name}_changelist")) for name in lists),
        *((f"admin-{name}-one", reverse(f"admin:{name}_change", args=[pk])) for name, pk in one.items()),
        ("admin-add-key", reverse("admin:appstore_appstoreconnectkey_add")),
        ("admin-add-organization", reverse("admin:organizations_organization_add")),
        ("admin-share", reverse("admin:credentials_credential_share", args=[key.credential_id])),
    ]


def before_sign_in() -> Pages:
    return [
        ("login", reverse("account_login")),
        ("password-reset", reverse("account_reset_password")),
        ("password-reset-done", reverse("account_reset_password_done")),
        ("locked-out", reverse("account_inactive")),
        (
            "invitation",
            reverse("accept-invitation", args=["token-of-invited@example.com"]),
        ),
        ("invitation-ended", reverse("accept-invitation", args=["none"])),
    ]


def look_at(page: Page, pages: Pages) -> Iterator[str]:
    """What is wrong, page by page."""
    for name, address in pages:
        page.goto(address)
        yield from look(page, name, ALL if name in MAIN else SOME)


def expect_nothing(problems: Iterator[str]) -> None:
    found = list(problems)
    assert not found, "\n".join(found)


def test_the_dashboard(visit: Visit, cast: Cast, world: AppStoreConnectKey) -> None:
    expect_nothing(look_at(visit("root_owner"), of_the_root(cast, world)))


def test_a_sub_organization_and_new_ones(visit: Visit, cast: Cast, world: AppStoreConnectKey) -> None:
    expect_nothing(look_at(visit("sub_a_admin"), of_the_sub_organization(cast, world)))
    expect_nothing(look_at(visit("operator"), of_new_organizations(cast)))


def test_the_admin(visit: Visit, cast: Cast, world: AppStoreConnectKey) -> None:
    expect_nothing(look_at(visit("operator"), of_the_admin(cast, world)))


def test_what_strangers_see(visit: Visit, cast: Cast) -> None:
    invite(cast.root, "invited@example.com")
    expect_nothing(look_at(visit("anonymous"), before_sign_in()))
