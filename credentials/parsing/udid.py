"""Device identifiers, of which Apple prints the same one in several spellings."""

import re
from functools import lru_cache

UDID = re.compile(r"[0-9a-f]{40}|[0-9A-F]{8}-[0-9A-F]{16}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.I)


@lru_cache(maxsize=4096)  # the same few devices are in all of a team's profiles
def normalise_udid(udid: str) -> str:
    """For comparing only: lower case, no dashes. Apple treats such variants as one device (FACTS H)."""
    return udid.strip().replace("-", "").lower()
