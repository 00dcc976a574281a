"""A provisioning profile with what its certificates say: who may sign with it."""

from dataclasses import dataclass
from functools import lru_cache

from .certificate import CertificateFacts, parse_certificate
from .errors import ParsingError
from .profile import ProfileFacts, parse_profile


@dataclass(frozen=True, slots=True)
class SignedProfile:
    """`certificates` are those of the profile that can be read, in its order."""

    profile: ProfileFacts
    certificates: tuple[CertificateFacts, ...]


def parse_signed_profile(content: bytes) -> SignedProfile:
    """ParsingError: those of `parse_profile`. A certificate that cannot be read is no reason to refuse a profile."""
    profile = parse_profile(content)
    read = (_facts(each) for each in profile.certificates)
    return SignedProfile(profile, tuple(facts for facts in read if facts is not None))


@lru_cache(maxsize=256)  # the profiles of a folder name the same few again and again
def _facts(der: bytes) -> CertificateFacts | None:
    try:
        return parse_certificate(der)
    except ParsingError:
        return None
