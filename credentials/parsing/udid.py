"""Device identifiers, of which Apple prints the same one in several spellings."""

from functools import lru_cache


@lru_cache(maxsize=4096)  # the same few devices are in all of a team's profiles
def normalise_udid(udid: str) -> str:
    """For comparing only: lower case, no dashes. Apple treats such variants as one device (FACTS H)."""
    return udid.strip().replace("-", "").lower()
