"""A new credential of what was found in an upload, or made here."""

from credentials.kinds.found import Found
from credentials.models import Credential
from organizations.actors import Actor
from organizations.models import Organization
from organizations.words import typed_name

LONGEST_NAME = 100


def store_found(
    actor: Actor, organization: Organization, kind: str, found: Found, *, name: str = ""
) -> Credential:
    """Named as said, or after what is in it. Raises DuplicateCredentialError."""
    return Credential.store(
        actor,
        organization=organization,
        kind=kind,
        name=name or free_name(organization, found.name),
        identifier=found.identifier,
        secret=found.secret,
        facts=found.facts,
        expires_at=found.expires_at,
    )


def free_name(organization: Organization, wanted: str) -> str:
    """The name, or with a number behind it where another credential of the organization has it."""
    wanted = typed_name(wanted)[: LONGEST_NAME - 5]
    like_it = organization.credentials.live().filter(name__istartswith=wanted)
    lowered, number, name = {each.lower() for each in like_it.values_list("name", flat=True)}, 2, wanted
    while name.lower() in lowered:
        name, number = f"{wanted} {number}", number + 1
    return name
