"""What a person may choose for a slot of an app: what fits and is good, among what they see in its organization."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from appstore.models import Profile
from appstore.profile_types import types_of
from appstore.signing.assets import Assets
from appstore.signing.candidates import certificates_for, profiles_for
from appstore.signing.key_rules import fitting_keys
from appstore.signing.slots import Purpose, Slot
from credentials.models import Credential


@dataclass(frozen=True)
class Choice:
    """`value` is what the form sends."""

    value: str
    name: str
    note: str
    expires: datetime | None = None
    credential: Credential | None = None
    profile: Profile | None = None


def choices_of(assets: Assets, slot: Slot) -> list[Choice]:
    """What ends last comes first."""
    if slot.distribution:
        found = list(_signing(assets, slot))
        return sorted(found, key=lambda each: each.expires.timestamp() if each.expires else 0.0, reverse=True)
    there = {pin.credential_id for pin in assets.pins.get(slot.name, []) if slot.takes_several}
    return [
        Choice(f"credential:{each.pk}", each.name, each.summary, each.expires_at, each)
        for each in fitting_keys(assets, slot)
        if each.pk not in there
    ]


def _signing(assets: Assets, slot: Slot) -> Iterator[Choice]:
    kind = types_of(assets.app.platform)[slot.distribution]
    certificates = certificates_for(assets, kind)
    if slot.purpose == Purpose.CERTIFICATE:
        for certificate in certificates.values():
            if (identity := certificate.identity) and not certificate.trouble:
                note = certificate.doubt or identity.summary
                yield Choice(f"credential:{identity.pk}", identity.name, note, certificate.expires, identity)
        return
    for each in profiles_for(assets, kind, slot.extension or assets.app.identifier, certificates):
        if each.trouble:
            continue
        if each.mirror:
            yield Choice(
                f"profile:{each.mirror.pk}", each.name, each.identifier, each.expires, profile=each.mirror
            )
        elif each.credential:
            note = f"{each.identifier}, uploaded here"
            yield Choice(f"credential:{each.credential.pk}", each.name, note, each.expires, each.credential)
