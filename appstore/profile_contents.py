"""What a profile's own file names: certificates, devices, entitlements. Apple's lists tell none of it in full.

Read once, when the file comes, and kept as plain values, so that later syncs need neither the file nor Apple.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509

from credentials.parsing.errors import ParsingError
from credentials.parsing.profile import parse_profile
from credentials.parsing.udid import normalise_udid


def contents_of(profile_content: bytes) -> dict[str, Any]:
    """`certificates`: [SHA-256, end of its validity or None] each; `udids` normalised; `entitlements` by name;
    `identifier` and `prefix` of the App ID. Empty when it cannot be read."""
    try:
        facts = parse_profile(profile_content)
    except ParsingError:
        return {}
    return {
        "certificates": [
            [sha256, _end_of(der)]
            for sha256, der in zip(facts.certificate_sha256s, facts.certificates, strict=True)
        ],
        "udids": sorted(set(map(normalise_udid, facts.udids))),
        "entitlements": sorted(facts.entitlements),
        "identifier": facts.application_identifier,
        "prefix": facts.app_id_prefix,
    }


def columns_of(contents: dict[str, Any]) -> dict[str, Any]:
    """The row's values that follow from the contents."""
    ends = [datetime.fromisoformat(end) for _sha256, end in contents.get("certificates", []) if end]
    return {
        "contents": contents,
        "certificates_expire_at": min(ends, default=None),
        "certificates_last_until": max(ends, default=None),
    }


@lru_cache(maxsize=2_000)
def _end_of(der: bytes) -> str | None:
    """The same few certificates are in all of a team's profiles."""
    try:
        return x509.load_der_x509_certificate(der).not_valid_after_utc.isoformat()
    except ValueError:
        return None
