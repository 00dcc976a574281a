"""API tokens as text: `chub_`, 43 base62 characters (256 random bits), 6 base62 characters of their CRC-32.

The prefix lets secret scanners find them, the check sum lets them tell a token from a chance hit without asking us.
Only a keyed digest is stored: who copies the database has no token, and who writes into it cannot make one.
"""

import binascii
import re
import secrets
import string

from organizations import integrity

PREFIX = "chub_"
PATTERN = r"chub_[0-9A-Za-z]{49}"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECK = 43, 6
_TOKEN = re.compile(PATTERN, re.ASCII)


def new_token() -> str:
    random = _base62(secrets.randbits(256), _RANDOM)
    return f"{PREFIX}{random}{_check_sum(random)}"


def is_token(text: str) -> bool:
    """Whether it could be one: form and check sum. Cheap, so that nonsense costs no query."""
    if not _TOKEN.fullmatch(text):
        return False
    random = text[len(PREFIX) : -_CHECK]
    return secrets.compare_digest(text[-_CHECK:], _check_sum(random))


def digest(token: str, purpose: str = "token") -> str:
    """What is stored, under a key that the master key seals. Tokens for something else have a purpose of their own."""
    return integrity.mac(purpose, token)


def digests(token: str, purpose: str = "token") -> list[str]:
    """What may be stored of it: under the newest key, or under an earlier one."""
    newest = digest(token, purpose)
    version = int(newest.partition(":")[0])
    return [newest, *(integrity.mac(purpose, token, version=each) for each in range(version - 1, 0, -1))]


def _check_sum(random: str) -> str:
    return _base62(binascii.crc32(f"{PREFIX}{random}".encode()), _CHECK)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
