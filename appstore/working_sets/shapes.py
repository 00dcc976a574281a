"""The zip of a working set, made in memory of what was opened."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.views.decorators.debug import sensitive_variables

from appstore.models import Certificate
from appstore.working_sets.fitting import EAS, FILES, MATCH
from appstore.working_sets.opening import Opened
from appstore.working_sets.plain_files import plain_files
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE, certificate_of
from credentials.kinds.keystore_found import ANDROID_KEYSTORE, KeystoreSecret
from credentials.making.eas_json import Keystore, Target, eas_files
from credentials.making.match_repository import write_match
from credentials.making.p12 import encode_p12, new_password
from credentials.making.zip_file import zip_of
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.profile import parse_profile
from credentials.parsing.signing_files import FoundCertificate, FoundKey, FoundProfile, Identity, SigningFiles
from organizations.models import Organization


@dataclass(frozen=True)
class Wishes:
    """How the files are to be protected: `password` is for .p12 files ("" for new ones), `passphrase` for match."""

    password: str = field(default="", repr=False)
    modern: bool = False
    passphrase: str = field(default="", repr=False)
    match_version: int = 2


@sensitive_variables()
def make_zip(organization: Organization, shape: str, opened: Opened, wishes: Wishes) -> bytes:
    makers: dict[str, Callable[[], dict[str, bytes]]] = {
        FILES: lambda: plain_files(opened, wishes.password, modern=wishes.modern),
        EAS: lambda: _eas(opened, wishes),
        MATCH: lambda: _match(organization, opened, wishes),
    }
    return zip_of(makers[shape]())


@sensitive_variables()
def _eas(opened: Opened, wishes: Wishes) -> dict[str, bytes]:
    identities = {row.identifier: (row, key) for row, key in opened.secrets if row.kind == APPLE_CERTIFICATE}
    targets = []
    for _name, content in opened.profiles:
        facts = parse_profile(content)
        identity, key = next(
            identities[digest] for digest in facts.certificate_sha256s if digest in identities
        )
        password = wishes.password or new_password()
        p12 = encode_p12(
            key,
            certificate_of(identity),
            password,
            name=identity.facts["common_name"],
            modern=wishes.modern,
        )
        targets.append(Target(facts.application_identifier, p12, password, content))
    return eas_files(targets, _keystore(opened))


def _keystore(opened: Opened) -> Keystore | None:
    for row, secret in opened.secrets:
        if row.kind == ANDROID_KEYSTORE:
            kept = KeystoreSecret.opened(secret)
            alias, key_password = next(iter(kept.key_passwords.items()))
            return Keystore(kept.file, kept.password, alias, key_password)
    return None


@sensitive_variables()
def _match(organization: Organization, opened: Opened, wishes: Wishes) -> dict[str, bytes]:
    identities = []
    for row, key in opened.secrets:
        der = certificate_of(row)
        facts = parse_certificate(der)
        found = FoundKey(row.name, key, facts.public_key_sha256)
        identities.append(Identity(FoundCertificate(row.name, der, facts), found))
    profiles = [FoundProfile(name, content, parse_profile(content)) for name, content in opened.profiles]
    digests = [each.certificate.facts.sha256 for each in identities]
    at_apple = Certificate.objects.visible_in(organization).filter(sha256__in=digests, gone_at=None)
    made = write_match(
        SigningFiles(identities=tuple(identities), profiles=tuple(profiles)),
        wishes.passphrase,
        certificate_ids=dict(at_apple.values_list("sha256", "apple_id")),
        version=wishes.match_version,
    )
    if not made.left_out:
        return made.files
    told = "\n".join(f"{each.path}: {each.message}" for each in made.left_out)
    return {**made.files, "left-out.txt": told.encode() + b"\n"}
