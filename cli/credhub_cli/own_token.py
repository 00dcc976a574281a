"""What is known of the token in use."""

from typing import Any

from credhub_cli.client import Client
from credhub_cli.errors import CliError, Exit
from credhub_cli.sign_in import SignIn

NAMES = ("name", "last_four", "scopes", "networks", "expires_at")


def own_token(client: Client, sign_in: SignIn) -> dict[str, Any] | None:
    """Its row in the organization's list, or what was told with it; None where it may not see that list."""
    if sign_in.expires_at:
        told: dict[str, Any] = dict.fromkeys(NAMES)
        return told | {
            "last_four": sign_in.token[-4:],
            "scopes": list(sign_in.scopes),
            "expires_at": sign_in.expires_at,
        }
    try:
        rows = [each for each in client.pages("/tokens") if each["last_four"] == sign_in.token[-4:]]
    except CliError as error:
        if error.exit_code == Exit.NOT_ALLOWED:
            return None
        raise
    live = [each for each in rows if each["revoked_at"] is None]
    return {name: live[0][name] for name in NAMES} if len(live) == 1 else None
