"""The token in the keychain of a Mac."""

import contextlib

from credhub_cli import security_tool
from credhub_cli.errors import CliError, Exit

SERVICE = "credhub"


def write(url: str, token: str) -> None:
    security_tool.tell(
        security_tool.line("add-generic-password", "-U", "-s", SERVICE, "-a", url, "-w", token)
    )


def read(url: str) -> str:
    try:
        return security_tool.ask("find-generic-password", "-s", SERVICE, "-a", url, "-w").strip()
    except CliError:
        raise CliError(
            Exit.NOT_SIGNED_IN,
            "not-signed-in",
            "The keychain does not give the token. Sign in again: credhub login",
        ) from None


def delete(url: str) -> None:
    with contextlib.suppress(CliError):  # it is gone already
        security_tool.ask("delete-generic-password", "-s", SERVICE, "-a", url)
