"""EAS's credentials.json with the files that it names.

https://docs.expo.dev/app-signing/local-credentials/
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from organizations.words import clean

from . import limits
from .errors import ParsingError
from .file_paths import folder, safe_path
from .signing_files import Problem

MOST_TARGETS = 100


@dataclass(frozen=True, slots=True)
class EasTarget:
    """One target of an iOS app; `name` is "" where the file has but one."""

    name: str
    p12_path: str
    p12: bytes = field(repr=False)
    p12_password: str = field(repr=False)
    profile_path: str
    profile: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EasKeystore:
    """`key_password` is "" where it is the keystore's own."""

    path: str
    content: bytes = field(repr=False)
    password: str = field(repr=False)
    alias: str
    key_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EasCredentials:
    """`problems` say which parts of it could not be taken; their paths are as the file writes them."""

    targets: tuple[EasTarget, ...]
    keystore: EasKeystore | None
    problems: tuple[Problem, ...]


def read_eas(files: Mapping[str, bytes], path: str = "credentials.json") -> EasCredentials:
    """What the credentials.json at `path` names, relative to the folder it is in. No password is tried here.

    ParsingError "no-credentials-json", "not-json", "nothing-in-it". Problems have "not-complete", "unsafe-path" and
    "missing-file".
    """
    document = _document(files, path)
    reading = _Reading(files, folder(path))
    targets = [
        target for name, told in _targets(document) if (target := reading.target(name, told)) is not None
    ]
    android = document.get("android")
    keystore = reading.keystore(android) if android is not None else None
    if not targets and keystore is None and not reading.problems:
        raise ParsingError(
            "nothing-in-it",
            "This credentials.json names neither iOS nor Android credentials. Choose the one of your app.",
        )
    return EasCredentials(tuple(targets), keystore, tuple(reading.problems))


def _document(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    if path not in files:
        raise ParsingError("no-credentials-json", "There is no credentials.json in this folder.")
    content = files[path]
    try:
        if len(content) > limits.CREDENTIALS_JSON:
            raise _not_json()
        document = json.loads(content.decode("utf-8-sig"))
        json.dumps(document, ensure_ascii=False).encode()  # no halves of surrogate pairs
    except (ValueError, RecursionError):
        raise _not_json() from None
    if not isinstance(document, dict):
        raise _not_json()
    return document


def _targets(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """(name, what it says); a target of one's own is told by EAS's own sign: a profile right under `ios`."""
    ios = document.get("ios")
    if ios is None:
        return []
    if not isinstance(ios, dict) or isinstance(ios.get("provisioningProfilePath"), str):
        return [("", ios)]
    if len(ios) > MOST_TARGETS:
        raise _not_json()
    return [(name, told) for name, told in ios.items()] or [("", ios)]


class _Reading:
    def __init__(self, files: Mapping[str, bytes], base: str) -> None:
        self.files, self.base = files, base
        self.problems: list[Problem] = []

    def target(self, name: str, told: Any) -> EasTarget | None:
        certificate = _part(told, "distributionCertificate")
        profile, p12 = _text(told, "provisioningProfilePath"), _text(certificate, "path")
        password = _text(certificate, "password")
        if not profile or not p12 or password is None:
            where = f"ios.{name}" if name else "ios"
            self.incomplete(where, "provisioningProfilePath, distributionCertificate.path and .password")
            return None
        found, content = self.file(p12), self.file(profile)
        if found is None or content is None:
            return None
        return EasTarget(clean(name), *found, password, *content)

    def keystore(self, android: Any) -> EasKeystore | None:
        told = _part(android, "keystore")
        path, password, alias = (
            _text(told, name) for name in ("keystorePath", "keystorePassword", "keyAlias")
        )
        if not path or password is None or not alias:
            self.incomplete("android.keystore", "keystorePath, keystorePassword and keyAlias")
            return None
        found = self.file(path)
        return (
            None if found is None else EasKeystore(*found, password, alias, _text(told, "keyPassword") or "")
        )

    def incomplete(self, where: str, needed: str) -> None:
        self.problems.append(
            Problem(clean(where), "not-complete", f"This part of credentials.json needs {needed}.")
        )

    def file(self, named: str) -> tuple[str, bytes] | None:
        """(path in the folder, content); None with a problem said."""
        try:
            path = self.base + safe_path(named)
        except ParsingError as error:
            self.problems.append(Problem(clean(named), error.code, _UNSAFE))
            return None
        if path not in self.files:
            self.problems.append(
                Problem(
                    path, "missing-file", "credentials.json names this file, and it is not in the folder."
                )
            )
            return None
        return path, self.files[path]


_UNSAFE = (
    "credentials.json names a file outside of its folder. Only files inside of it are read: put it there."
)


def _part(told: Any, name: str) -> dict[str, Any]:
    part = told.get(name) if isinstance(told, dict) else None
    return part if isinstance(part, dict) else {}


def _text(told: Any, name: str) -> str | None:
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) else None


def _not_json() -> ParsingError:
    return ParsingError(
        "not-json", "This credentials.json cannot be read: it is no JSON object of the sort that EAS writes."
    )
