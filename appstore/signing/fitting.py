"""App IDs and the bundle IDs that profiles for them are good for."""


def fitting_identifiers(identifier: str) -> list[str]:
    """The App IDs whose profiles fit, the exact one first, then wildcards, the longest first."""
    words = identifier.split(".")
    wildcards = [".".join([*words[:length], "*"]) for length in range(len(words) - 1, 0, -1)]
    return [identifier, *wildcards, "*"]


def fits(app_id: str, identifier: str) -> bool:
    """Whether a profile for this App ID, which may be a wildcard, is good for an app."""
    return app_id == identifier or (app_id.endswith("*") and identifier.startswith(app_id[:-1]))
