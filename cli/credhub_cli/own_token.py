"""What `GET /token` tells of the token in use."""

from typing import Any

NAMES = (
    "name", "last_four", "scopes", "without_effect", "kinds", "bundle_ids", "networks", "expires_at",
)  # fmt: skip


def without_effect(token: dict[str, Any]) -> str:
    """A sentence; "" where its maker may still do all of it."""
    lost = " ".join(token["without_effect"])
    return f"Without effect, because who made the token may not do it any more: {lost}" if lost else ""
