"""An Android keystore, JKS or PKCS12, as keytool and Android Studio write it, with one alias or several."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import limits
from .der_kind import der_kind
from .jks import MAGIC, read_jks
from .keystore_entry import KeystoreEntry, LockedKey, make_entry, quoted
from .keystore_p12 import read_keystore_p12
from .keystore_refusals import refusal
from .pem_text import as_text, labels

_JCEKS = b"\xce\xce\xce\xce"
_BKS = (b"\0\0\0\x01\0\0\0\x14", b"\0\0\0\x02\0\0\0\x14")  # version, and a salt of 20 bytes
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")
_NAMED_MOST = 8


@dataclass(frozen=True, slots=True)
class Keystore:
    """`closed` are aliases of the file whose keys were not asked for."""

    type: str  # "JKS" or "PKCS12"
    entries: tuple[KeystoreEntry, ...]
    closed: tuple[str, ...]


def parse_keystore(data: bytes, password: str = "", alias: str = "", key_password: str = "") -> Keystore:
    """The keys of a keystore, opened: all of them, or the one of `alias` (upper and lower case are the same).

    Keys are tried with `key_password`, and with the keystore's. What opening costs is read first (`p12_outline`).
    ParsingError (see `keystore_refusals`) for all else.
    """
    kind = _kind(data)
    if not password:
        raise refusal("password-needed")
    found: Sequence[LockedKey]
    if kind == "JKS":
        found = read_jks(data, password)
    else:
        passwords = len({password, key_password or password})
        found = read_keystore_p12(data, password, key_tries=passwords)
    if not found:
        raise refusal("no-private-key")
    wanted = _chosen(found, alias)
    entries = tuple(_opened(wanted, password, key_password))
    closed = tuple(each.alias for each in found if each not in wanted)
    return Keystore(kind, entries, closed)


def _kind(data: bytes) -> str:
    """ "JKS" or "PKCS12"; all else is refused by its name."""
    if not data:
        raise refusal("empty")
    if data.startswith(MAGIC) and len(data) <= limits.KEYSTORE:
        return "JKS"
    for start, code in ((_JCEKS, "jceks"), (_BKS, "bks"), (_ARCHIVES, "archive")):
        if data.startswith(start):
            raise refusal(code)
    if len(data) > limits.KEYSTORE:
        raise refusal("too-large")
    if der_kind(data) == "pkcs12":
        return "PKCS12"
    text = as_text(data)
    if text is not None:
        raise refusal("pem" if labels(text) else "text")
    raise refusal("not-a-keystore")


def _chosen(found: Sequence[LockedKey], alias: str) -> Sequence[LockedKey]:
    if not alias:
        return found
    wanted = [each for each in found if each.alias.casefold() == alias.casefold()]
    if not wanted:
        names = [quoted(each.alias) for each in found]
        more = [f"{len(names) - _NAMED_MOST} more"] if len(names) > _NAMED_MOST else []
        raise refusal("no-alias", alias=quoted(alias), aliases=", ".join(names[:_NAMED_MOST] + more))
    return wanted


def _opened(wanted: Sequence[LockedKey], password: str, key_password: str) -> list[KeystoreEntry]:
    """A password that was typed for keys has to open one of them, else it was typed wrong."""
    passwords = list(dict.fromkeys([key_password or password, password]))
    entries = []
    for each in wanted:
        for tried in passwords:
            if unlocked := each.unlock(tried):
                entries.append(make_entry(each.alias, *unlocked, tried))
                break
        else:
            code = "wrong-key-password" if len(passwords) > 1 else "key-password-needed"
            raise refusal(code, alias=quoted(each.alias))
    if key_password and all(entry.key_password != key_password for entry in entries):
        raise refusal("wrong-key-password", alias=quoted(entries[0].alias))
    return entries
