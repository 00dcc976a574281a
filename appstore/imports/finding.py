"""What is in an archive: read file by file as what each is, keys matched with certificates by what is in them."""

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.views.decorators.debug import sensitive_variables

from appstore.imports.asking import Archive, patiently
from appstore.imports.candidates import Candidate, Contents
from credentials.kinds import apple_certificate, google_service_account, keystore_found, provisioning_profile
from credentials.kinds.found import Found
from credentials.parsing import file_kinds
from credentials.parsing.archived import SIGNING_KINDS, SortedFile
from credentials.parsing.eas_json import EasKeystore, EasTarget
from credentials.parsing.errors import ParsingError
from credentials.parsing.file_paths import file_name
from credentials.parsing.identity import SigningIdentity
from credentials.parsing.keystore import Keystore
from credentials.parsing.p8 import P8Key, key_id_from_filename
from credentials.parsing.service_account import ServiceAccount
from credentials.parsing.signed_profile import SignedProfile
from credentials.parsing.signing_files import FoundCertificate, FoundKey, Problem, together

MOST_OF_A_SORT = 100  # each of these files is read in a child of its own
T = TypeVar("T")
_NOT_FOR_HERE = {
    file_kinds.GOOGLE_SERVICES: "This is a google-services.json, which is built into an app. It holds no secret.",
    file_kinds.ARCHIVE: "This is a zip inside of the upload, which is not opened. Upload it by itself.",
    file_kinds.REQUEST: "This is a signing request, not a key. Make one here when you need a certificate.",
}  # fmt: skip


class Finding:
    """One archive, read into `contents`; `keys` and `certificates` are those without their other half beside them."""

    def __init__(self, archive: Archive, organization_id: uuid.UUID, password: str) -> None:
        self._archive, self._organization_id, self._password = archive, organization_id, password
        self.contents = Contents()
        self.keys: tuple[FoundKey, ...] = ()
        self.certificates: tuple[FoundCertificate, ...] = ()

    def read(self, step: Callable[[int], None], told: Callable[[int], None]) -> None:
        """`told` hears how many files there are, `step` how many more were read. Raises ParsingError."""
        files = list(self._archive.files())
        told(len(files))
        taken: set[str] = set()
        for file in _of(files, file_kinds.CREDENTIALS_JSON)[:MOST_OF_A_SORT]:
            taken |= {file.path, *self._eas(file.path)}
            step(1)
        left = [file for file in files if file.path not in taken]
        self._signing([file for file in left if file.kind in SIGNING_KINDS])
        for kind, read in (
            (file_kinds.P8, self._p8),
            (file_kinds.KEYSTORE, self._keystore),
            (file_kinds.SERVICE_ACCOUNT, self._service_account),
        ):
            self._each(_of(left, kind), read, step)
        for file in left:
            if why := _NOT_FOR_HERE.get(file.kind):
                self._problem(file.path, file.kind, why)

    def _problem(self, path: str, code: str, message: str) -> None:
        self.contents.problems.append(Problem(path, code, message))

    def _add(self, kind: str, found: Found, *paths: str) -> None:
        self.contents.candidates.append(Candidate(kind, found, tuple(dict.fromkeys(paths))))

    def _signing(self, files: list[SortedFile]) -> None:
        found = together(self._archive.signing(files))
        for identity in found.identities:
            certificate, key = identity.certificate, identity.key
            made = apple_certificate.found_of(certificate.facts, certificate.der, key.pkcs8)
            self._add(apple_certificate.APPLE_CERTIFICATE, made, certificate.path, key.path)
        for profile in found.profiles:
            made = provisioning_profile.found_of(profile.facts, profile.certificates, profile.content)
            self._add(provisioning_profile.PROVISIONING_PROFILE, made, profile.path)
        self.contents.problems += found.problems
        self.keys = found.keys
        self.certificates = found.certificates

    def _each(
        self, files: list[SortedFile], read: Callable[[str, bytes], None], step: Callable[[int], None]
    ) -> None:
        for more in files[MOST_OF_A_SORT:]:
            self._problem(more.path, "too-many", f"Only {MOST_OF_A_SORT} of this sort are read at a time.")
        for file in self._archive.contents(files[:MOST_OF_A_SORT]):
            self._try(file.path, read, file.path, file.content)
            step(1)

    @sensitive_variables()
    def _ask(self, wanted: type[T], content: bytes, **options: str) -> T:
        return patiently(wanted, content, self._organization_id, **options)

    @sensitive_variables()
    def _p8(self, path: str, content: bytes) -> None:
        key = self._ask(P8Key, content)
        key_id = key_id_from_filename(file_name(path)) or ""
        facts = {"key_id": key_id, "public_key_sha256": key.public_key_sha256}
        self._add("", Found(key.public_key_sha256, file_name(path), facts, key.pem), path)

    @sensitive_variables()
    def _keystore(self, path: str, content: bytes, told: EasKeystore | None = None) -> None:
        password, alias = (told.password, told.alias) if told else (self._password, "")
        key_password = told.key_password if told else ""
        keystore = self._ask(Keystore, content, password=password, alias=alias, key_password=key_password)
        found = keystore_found.found_in(keystore, content, password, file_name=file_name(path))
        self._add(keystore_found.ANDROID_KEYSTORE, found, path)

    @sensitive_variables()
    def _service_account(self, path: str, content: bytes) -> None:
        found = google_service_account.found_of(self._ask(ServiceAccount, content))
        self._add(google_service_account.GOOGLE_SERVICE_ACCOUNT, found, path)

    @sensitive_variables()
    def _eas(self, path: str) -> set[str]:
        """Takes what credentials.json names, with the passwords that stand there. Returns the paths of these."""
        try:
            read = self._archive.eas(path)
        except ParsingError as error:
            self.contents.problems.append(Problem.of(path, error))
            return set()
        self.contents.problems += read.problems
        taken = set()
        for target in read.targets:
            taken |= {target.p12_path, target.profile_path}
            self._try(target.p12_path, self._eas_identity, target)
            self._try(target.profile_path, self._eas_profile, target)
        if (keystore := read.keystore) is not None:
            taken.add(keystore.path)
            self._try(keystore.path, self._keystore, keystore.path, keystore.content, keystore)
        return taken

    @sensitive_variables()
    def _try(self, path: str, read: Callable[..., None], *given: object) -> None:
        try:
            read(*given)
        except ParsingError as error:
            self.contents.problems.append(Problem.of(path, error))

    @sensitive_variables()
    def _eas_identity(self, target: EasTarget) -> None:
        identity = self._ask(SigningIdentity, target.p12, password=target.p12_password)
        if not identity.private_key:
            raise ParsingError("no-key", "There is a certificate in this file, and no private key.")
        found = apple_certificate.found_of(identity.facts, identity.certificate, identity.private_key)
        self._add(apple_certificate.APPLE_CERTIFICATE, found, target.p12_path)

    def _eas_profile(self, target: EasTarget) -> None:
        signed = self._ask(SignedProfile, target.profile)
        found = provisioning_profile.found_of(signed.profile, signed.certificates, target.profile)
        self._add(provisioning_profile.PROVISIONING_PROFILE, found, target.profile_path)


def _of(files: list[SortedFile], kind: str) -> list[SortedFile]:
    return [file for file in files if file.kind == kind]
