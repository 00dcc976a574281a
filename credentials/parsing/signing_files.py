"""What a folder of signing files holds, whatever its layout: keys and certificates matched by what is in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .certificate import CertificateFacts
from .errors import ParsingError
from .profile import ProfileFacts


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    path: str
    der: bytes = field(repr=False)
    facts: CertificateFacts


@dataclass(frozen=True, slots=True)
class FoundKey:
    """`pkcs8` is DER without a password."""

    path: str
    pkcs8: bytes = field(repr=False)
    public_key_sha256: str


@dataclass(frozen=True, slots=True)
class FoundProfile:
    """`certificates` are those of the profile that can be read."""

    path: str
    content: bytes = field(repr=False)
    facts: ProfileFacts
    certificates: tuple[CertificateFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and the private key whose public half is in it."""

    certificate: FoundCertificate
    key: FoundKey


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that was not taken, or taken once only: a slug and a sentence."""

    path: str
    code: str
    message: str

    @classmethod
    def of(cls, path: str, error: ParsingError) -> "Problem":
        return cls(path, error.code, error.message)


@dataclass(frozen=True, slots=True)
class SigningFiles:
    """Each key, certificate and profile once; `keys` and `certificates` are those without their other half."""

    identities: tuple[Identity, ...] = ()
    keys: tuple[FoundKey, ...] = ()
    certificates: tuple[FoundCertificate, ...] = ()
    profiles: tuple[FoundProfile, ...] = ()
    problems: tuple[Problem, ...] = ()


Found = FoundCertificate | FoundKey | FoundProfile | Problem


def matched(found: Iterable[Found]) -> SigningFiles:
    """Keys with their certificates, by public key and never by name. One key may belong to several certificates."""
    once = _Once()
    for each in found:
        once.take(each)
    by_public_key = {key.public_key_sha256: key for key in once.keys.values()}
    identities, alone, used = [], [], set()
    for certificate in once.certificates.values():
        key = by_public_key.get(certificate.facts.public_key_sha256)
        if key is None:
            alone.append(certificate)
        else:
            identities.append(Identity(certificate, key))
            used.add(key.public_key_sha256)
    return SigningFiles(
        identities=tuple(identities),
        keys=tuple(key for digest, key in by_public_key.items() if digest not in used),
        certificates=tuple(alone),
        profiles=tuple(once.profiles.values()),
        problems=tuple(once.problems),
    )


def together(parts: Iterable[SigningFiles]) -> SigningFiles:
    """Several readings as one: a key of one part finds its certificate in another."""
    found: list[Found] = []
    for part in parts:
        for identity in part.identities:
            found += [identity.certificate, identity.key]
        found += [*part.keys, *part.certificates, *part.profiles, *part.problems]
    return matched(found)


class _Once:
    """Keeps the first of what is told twice, and says of a second file that it is one."""

    def __init__(self) -> None:
        self.keys: dict[str, FoundKey] = {}
        self.certificates: dict[str, FoundCertificate] = {}
        self.profiles: dict[bytes, FoundProfile] = {}
        self.problems: list[Problem] = []

    def take(self, each: Found) -> None:
        if isinstance(each, FoundKey):
            first: Found = self.keys.setdefault(each.public_key_sha256, each)
        elif isinstance(each, FoundCertificate):
            first = self.certificates.setdefault(each.facts.sha256, each)
        elif isinstance(each, FoundProfile):
            first = self.profiles.setdefault(each.content, each)
        else:
            self.problems.append(each)
            return
        if _stem(first.path) != _stem(each.path):  # a .p12 often has its .cer beside it
            self.problems.append(
                Problem(each.path, "duplicate", f"This is the same as {first.path}, which was taken.")
            )


def _stem(path: str) -> str:
    return path.rpartition(".")[0]
