"""The objects that the access matrix asks for: what belongs to whom, and what is shared with whom."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from appstore.models import App, AppStoreConnectKey, Assignment, DeviceRequest, ImportUpload, Policy, SyncRun
from credentials.models import Credential, RevealRequest
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import ApiToken, Invitation, Membership, Organization, TrustPolicy, WebhookDelivery
from organizations.models.invitation import hash_token
from organizations.permissions import Permission, Role
from tests import factories
from tests.conftest import Cast


@dataclass
class Holdings:
    """One of each kind of object: what the ids in an address stand for."""

    key: AppStoreConnectKey
    things: dict[str, list[Any]]  # collection → Apple's objects
    request: Credential  # one with a public file
    archived: Credential  # what `restore` is asked for
    membership: Membership
    invitation: Invitation
    token: ApiToken
    trusted: TrustPolicy
    sub: Organization
    archived_sub: Organization
    upload: ImportUpload  # read, and not decided yet
    asked: RevealRequest  # by somebody who has left since
    delivery: WebhookDelivery  # of a webhook
    device_request: DeviceRequest  # by an invitation whose link leads nowhere
    app: App


@dataclass
class World:
    """`places` are where something is to be seen; `elsewhere` is where it is not, because slug and ids do not
    belong together: a sentence → the row of tests/access/elsewhere.py, the slug, and the objects."""

    cast: Cast
    places: dict[str, tuple[str, Holdings]]
    elsewhere: dict[str, tuple[str, str, Holdings]]


def invite(organization: Organization, email: str) -> Invitation:
    """An open invitation whose link ends in `token-of-<email>`."""
    return Invitation.objects.create(
        organization=organization,
        email=email,
        role=Role.VIEWER,
        token_hash=hash_token(f"token-of-{email}"),
        expires_at=timezone.now() + timedelta(days=1),
    )


def _hold(organization: Organization, *, with_all: bool = False, chosen: Any = ()) -> Holdings:
    """A key (of an Apple account of its own), its mirror, and one of everything else."""
    word = f"{organization.slug}-{AppStoreConnectKey.objects.count()}"
    key = factories.make_key(organization, issuer_id=word)
    assert key.team is not None
    factories.make_hold(key.team)
    SyncRun.objects.filter(key=key).update(state=SyncRun.State.FAILED)  # so that it can be tried again
    archived = factories.make_key(organization, issuer_id=f"{word}-archived").credential
    archived.archive(SYSTEM)
    request = factories.make_signing_request(organization, word)
    if with_all or chosen:
        for credential in (key.credential, request):
            share(SYSTEM, credential, with_all=with_all, chosen=list(chosen))
    root = organization.parent or organization
    archived_sub = root.create_sub_organization(SYSTEM, f"Closed {word}")
    archived_sub.archive(SYSTEM)
    things = factories.mirror(key.team, count=1)
    spare = factories.make_user(f"spare-{word}@example.com")
    return Holdings(
        key=key,
        things=things,
        request=request,
        archived=archived,
        membership=factories.join(spare, organization, Role.VIEWER),
        invitation=invite(organization, f"invited-{word}@example.com"),
        token=ApiToken.issue(SYSTEM, organization, name="CI", scopes=[Permission.CREDENTIAL_VIEW])[0],
        trusted=factories.make_trust_policy(organization),
        sub=root.create_sub_organization(SYSTEM, f"Live {word}"),
        archived_sub=archived_sub,
        upload=factories.make_import(organization),
        asked=factories.ask_to_reveal(key.credential, spare),
        delivery=factories.make_delivery(organization),
        device_request=factories.make_device_request(factories.make_device_invitation(key.team)),
        app=_app(organization, things["bundle-ids"][0].identifier, key.credential),
    )


def _app(organization: Organization, identifier: str, chosen: Credential) -> App:
    """One of the key's team, which may be ensured."""
    app = App(
        organization=organization,
        platform="IOS",
        identifier=identifier,
        name="App",
        policy=Policy.CERTIFICATES,
    )
    app.add(SYSTEM)
    Assignment.objects.create(app=app, slot="push-key", credential=chosen)
    return app


def build(cast: Cast) -> World:
    own = _hold(cast.root)
    shared = _hold(cast.root, chosen=[cast.sub_a])
    everyone = _hold(cast.root, with_all=True)
    withdrawn = _hold(cast.root, with_all=True)
    sub = _hold(cast.sub_a)
    globex = _hold(cast.other)
    sub.sub, sub.archived_sub = globex.sub, globex.archived_sub  # a sub-organization has none of its own
    for credential in (withdrawn.key.credential, withdrawn.request):
        credential.archive(SYSTEM)
    for holdings in (shared, everyone):  # restoring it is asked of what is shared, and so is seen
        holdings.archived = holdings.key.credential
    invite(cast.sub_b, cast.sub_b_developer.email)
    assert own.key.team is not None
    factories.make_device_invitation(own.key.team, cast.root_owner, token="token-of-devices")
    root, sub_a, sub_b, other = cast.root.slug, cast.sub_a.slug, cast.sub_b.slug, cast.other.slug
    return World(
        cast,
        places={
            "root": (root, own),
            "sub": (sub_a, sub),
            "shared": (sub_a, shared),
            "everyone": (sub_b, everyone),
        },
        elsewhere={
            "the root asks for the outsider's": ("root", root, globex),
            "the root's address with sub A's ids": ("root", root, sub),
            "sub A asks for what the root keeps": ("sub-a", sub_a, own),
            "sub A asks for what the root shared and then archived": ("sub-a", sub_a, withdrawn),
            "sub A asks for the outsider's": ("sub-a", sub_a, globex),
            "sub B asks for what is shared with sub A": ("sub-b", sub_b, shared),
            "sub B asks for sub A's": ("sub-b", sub_b, sub),
            "the outsider asks for the root's": ("outsider", other, own),
            "the outsider asks for what the root shares with all": ("outsider", other, everyone),
            "an archived organization's address": ("archived", own.archived_sub.slug, own),
        },
    )
