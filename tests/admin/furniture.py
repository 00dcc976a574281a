"""One row of every registered model in each organization, each with a word that tells whose it is."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from appstore.models import (
    App,
    AppStoreConnectKey,
    Assignment,
    BundleId,
    Certificate,
    DeveloperTeam,
    Device,
    DeviceInvitation,
    DeviceRequest,
    HeldSweep,
    ImportItem,
    ImportUpload,
    KeyPreference,
    ObjectChange,
    Profile,
)
from appstore.models import SyncRun as Run
from credentials.models import Credential, DataKey, RevealRequest, Share
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import (
    ApiToken,
    AuditEvent,
    Invitation,
    Membership,
    Organization,
    TrustPolicy,
    User,
    Webhook,
    WebhookDelivery,
)
from organizations.models.invitation import hash_token
from organizations.permissions import Permission, Role
from tests import factories
from tests.conftest import Cast

_RANDOM = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
MODELS: list[type[Model]] = list(admin.site._registry)

Rows = dict[type[Model], Any]


@dataclass
class House:
    """`rows` are by owner: root (shared with nobody), shared (with sub A), sub_a, sub_b, other."""

    cast: Cast
    rows: dict[str, Rows]
    p8s: list[bytes] = field(default_factory=list, repr=False)

    # Whose rows a person must not meet, and the words that these carry
    UNSEEN = {
        "root_owner": {"other": ["globex"]},
        "sub_a_admin": {"other": ["globex"], "sub_b": ["traveller", "acme travel"], "root": ["rootling"]},
        "outsider": {"root": ["acme"], "shared": ["sharedword"], "sub_a": ["gamesword"], "sub_b": ["traveller"]},
    }  # fmt: skip

    def words(self, member: str) -> list[str]:
        return [word for words in self.UNSEEN[member].values() for word in words]

    def unseen(self, member: str) -> list[Any]:
        """Rows of others. People of the root are seen in its sub-organizations, where their roles count."""
        return [
            row
            for owner in self.UNSEEN[member]
            for model, row in self.rows[owner].items()
            if not (member == "sub_a_admin" and owner == "root" and model in {User, Organization})
        ]


def address(model: type[Model], page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def traces(response: Any, words: list[str]) -> list[str]:
    body = _RANDOM.sub("", response.content.decode()).lower()
    return [word for word in words if word in body]


def _rows(organization: Organization, word: str, house: House, fan: str = "") -> Rows:
    p8 = factories.make_p8()
    house.p8s.append(p8)
    key = factories.make_key(
        organization, name=f"{word} key", key_id=f"{word.upper()}1", issuer_id=f"{word}-issuer", p8=p8
    )
    assert key.team is not None
    DeveloperTeam.objects.filter(pk=key.team_id).update(name=f"{word} team")
    things = factories.mirror(key.team, count=1)
    for found in things.values():
        found[0].name = f"{word} {found[0].name}"
        found[0].save()
    person = factories.make_user(fan or f"{word}@example.com")
    membership = factories.join(person, organization, Role.VIEWER)
    invitation = Invitation.objects.create(
        organization=organization,
        email=f"invited.{word}@example.com",
        token_hash=hash_token(word),
        expires_at=timezone.now() + timedelta(days=1),
    )
    delivery = factories.make_delivery(organization, f"{word} hook")
    device_invitation = factories.make_device_invitation(key.team, person, name=f"{word} testers")
    upload = factories.make_import(organization, f"{word}.zip")
    app = App.objects.create(
        organization=organization, platform="IOS", identifier=f"com.{word}.app", name=f"{word} app"
    )
    return {
        App: app,
        Assignment: Assignment.objects.create(app=app, slot="submission-key", credential=key.credential),
        DeviceInvitation: device_invitation,
        DeviceRequest: factories.make_device_request(device_invitation, f"{word} phone"),
        Organization: organization,
        User: person,
        Membership: membership,
        Invitation: invitation,
        ApiToken: ApiToken.issue(
            SYSTEM, organization, name=f"{word} CI", scopes=[Permission.CREDENTIAL_VIEW]
        )[0],
        TrustPolicy: factories.make_trust_policy(organization, f"{word} provider"),
        Webhook: delivery.webhook,
        WebhookDelivery: delivery,
        AuditEvent: AuditEvent.objects.filter(organization=organization, subject_label__contains=word)[0],
        Credential: key.credential,
        DataKey: DataKey.objects.get(organization=organization),
        RevealRequest: factories.ask_to_reveal(key.credential, person, reason=f"{word} reason"),
        AppStoreConnectKey: key,
        DeveloperTeam: key.team,
        Certificate: things["certificates"][0],
        Profile: things["profiles"][0],
        BundleId: things["bundle-ids"][0],
        Device: things["devices"][0],
        Run: key.sync_runs.get(),
        KeyPreference: KeyPreference.objects.create(user=person, team=key.team, key=key),
        ObjectChange: factories.make_change(things["devices"][0]),
        HeldSweep: factories.make_hold(key.team),
        ImportUpload: upload,
        ImportItem: upload.items.get(),
    }


def furnish(cast: Cast) -> House:
    house = House(cast, {})
    house.rows["root"] = _rows(cast.root, "rootling", house, fan="family@example.com")
    house.rows["sub_a"] = _rows(cast.sub_a, "gamesword", house)
    house.rows["sub_b"] = _rows(cast.sub_b, "traveller", house)
    other_sub = cast.other.create_sub_organization(SYSTEM, "Globex Power")
    house.rows["other"] = _rows(cast.other, "globex", house)
    shared = factories.make_key(
        cast.root, name="sharedword key", key_id="SHAREDWORD1", issuer_id="sharedword"
    )
    house.rows["shared"] = {
        Credential: shared.credential,
        AppStoreConnectKey: shared,
        DeveloperTeam: shared.team,
    }
    for key, subs in ((shared, [cast.sub_a]), (house.rows["other"][AppStoreConnectKey], [other_sub])):
        share(SYSTEM, key.credential, with_all=False, chosen=subs)
    share(SYSTEM, house.rows["root"][Credential], with_all=False, chosen=[cast.sub_b])
    for owner in ("root", "other", "shared"):
        house.rows[owner][Share] = Share.objects.get(credential=house.rows[owner][Credential])
    return house
