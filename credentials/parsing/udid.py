"""Device identifiers, of which Apple prints the same one in several spellings."""


def normalise_udid(udid: str) -> str:
    """For comparing only: lower case, no dashes. Apple treats such variants as one device (FACTS H)."""
    return udid.strip().replace("-", "").lower()
