"""The files' contents and their digests. What is given away is on record before it leaves."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.views.decorators.debug import sensitive_variables

from appstore.models import Profile
from appstore.secure_files.choosing import SecureFile
from credentials.kinds.apple_certificate import certificate_of
from credentials.making.match_repository import bare_key
from credentials.models import Credential
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization

WHAT = "match"
CHECKSUM = "match_key_sha256"  # among the identity's facts


def checksums(files: Sequence[SecureFile]) -> dict[int, str]:
    """File's id → SHA-256 of what `content_of` gives. That of a private key is public, since nobody guesses a key from
    it; it is worked out once, and kept: to list opens nothing."""
    contents = _profile_contents([each.profile for each in files if each.profile])
    found = {}
    for each in files:
        if each.profile is not None:
            found[each.id] = hashlib.sha256(contents[each.profile.pk]).hexdigest()
        elif each.identity is not None:
            found[each.id] = _of_key(each.identity) if each.is_key else each.identity.identifier
    return found


@sensitive_variables()
def _of_key(identity: Credential) -> str:
    if known := identity.facts.get(CHECKSUM):
        return str(known)
    key = bare_key(identity.reveal(SYSTEM, "The digest of its file for fastlane match, once", what=WHAT))
    identity.facts[CHECKSUM] = hashlib.sha256(key).hexdigest()
    identity.save(update_fields=["facts"])
    return str(identity.facts[CHECKSUM])


@sensitive_variables()
def content_of(actor: Actor, organization: Organization, file: SecureFile) -> bytes:
    """Raises what `release` does."""
    facts = {"bundle_id": file.bundle_id, "distribution": file.distribution}
    if file.identity is not None and file.is_key:
        purpose = f"fastlane match: {file.name}"[:200]
        key = file.identity.release(actor, organization, file.bundle_id, purpose, what=WHAT, facts=facts)
        return bare_key(key)
    row = file.identity or file.profile
    if row is None:
        raise ValueError("A file is of an identity or of a profile.")
    content = (
        certificate_of(row) if isinstance(row, Credential) else next(iter(_profile_contents([row]).values()))
    )
    kind = row.kind if isinstance(row, Credential) else "profile"
    audit.record(
        actor, audit.Action.ASSET_DOWNLOADED, row, organization=organization, kind=kind, what=WHAT,
        bundle_id=file.bundle_id, distribution=file.distribution,
    )  # fmt: skip
    return content


def _profile_contents(profiles: Sequence[Profile]) -> dict[Any, bytes]:
    """One query."""
    rows = Profile.objects.filter(pk__in=[each.pk for each in profiles])
    return {pk: bytes(content or b"") for pk, content in rows.values_list("pk", "profile_content")}
