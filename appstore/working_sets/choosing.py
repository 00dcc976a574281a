"""What can be taken into a working set: an organization's own credentials, and the profiles that Apple has for them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from appstore.models import Profile
from credentials.kinds import KINDS
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential
from credentials.parsing.errors import ParsingError
from credentials.parsing.profile import ProfileFacts, parse_profile
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission

MOST = 50
OFFERED = 200  # of each, on the page
_NEVER = {SIGNING_REQUEST}  # half of a signing identity: its key is taken as that


@dataclass
class Chosen:
    """`secrets` have to be revealed, `public` are profiles that were uploaded, `mirrored` those of Apple's mirror."""

    secrets: list[Credential] = field(default_factory=list)
    public: list[Credential] = field(default_factory=list)
    mirrored: list[Profile] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.secrets) + len(self.public) + len(self.mirrored)

    @property
    def identities(self) -> list[Credential]:
        return [each for each in self.secrets if each.kind == APPLE_CERTIFICATE]

    @cached_property
    def mirrored_facts(self) -> list[tuple[Profile, ProfileFacts | None]]:
        """None: it cannot be read."""
        return [(each, _facts_of(each)) for each in self.mirrored]

    @property
    def unreadable(self) -> list[Profile]:
        return [each for each, facts in self.mirrored_facts if facts is None]


def _facts_of(profile: Profile) -> ProfileFacts | None:
    try:
        return parse_profile(bytes(profile.profile_content or b""))
    except ParsingError:
        return None


class Offer:
    """What this person can choose from in this organization: secrets only where they may reveal."""

    def __init__(self, actor: Actor, organization: Organization) -> None:
        self.actor, self.organization = actor, organization
        self.can_reveal = actor.can(Permission.CREDENTIAL_REVEAL, organization)

    def credentials(self) -> Any:
        own = Q(organization=self.organization)
        rows = Credential.objects.for_actor(self.actor, Permission.ASSET_DOWNLOAD, own)
        rows = rows.live().without_secret()
        if not self.can_reveal:
            return rows.filter(kind=PROVISIONING_PROFILE)
        return rows.exclude(kind__in=_NEVER)

    def mirrored(self) -> Any:
        """Active profiles at Apple, those first that expire last."""
        reachable = Profile.objects.for_actor(self.actor, Permission.ASSET_DOWNLOAD)
        rows = reachable.visible_in(self.organization).filter(gone_at=None, profile_state="ACTIVE")
        rows = rows.exclude(profile_content=None).exclude(profile_content=b"").select_related("bundle_id")
        return rows.order_by(F("expiration_date").desc(nulls_last=True), "pk")

    def shelves(self) -> list[tuple[str, list[Credential]]]:
        """(kind's label, credentials) as the page offers them."""
        usable = self.credentials().filter(Q(reveal_allowed=True) | Q(kind=PROVISIONING_PROFILE))
        rows = list(usable.order_by("kind", "name")[:OFFERED])
        found: dict[str, list[Credential]] = {}
        for row in rows:
            found.setdefault(row.kind, []).append(row)
        ordered = [kind for kind in KINDS if kind in found]
        return [(KINDS[kind].label, found[kind]) for kind in ordered]

    def chosen(self, credentials: Collection[UUID], profiles: Collection[UUID]) -> Chosen:
        """Of these ids, what can be taken; no ciphertext is loaded for it. Others are as if they were not there."""
        found = Chosen(mirrored=list(self.mirrored().filter(pk__in=profiles)[: MOST + 1]))
        rows = self.credentials().filter(pk__in=credentials).order_by("name")
        for row in rows.select_related("organization__parent")[: MOST + 1]:
            (found.public if KINDS[row.kind].is_public else found.secrets).append(row)
        return found
