"""`credhub keys`"""

import argparse

from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.output import table

NAMES = ("id", "name", "key_id", "issuer_id", "key_type", "health", "root", "last_synced_at")


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(here: Context) -> int:
    keys = [
        {name: key[name] for name in NAMES} | {"team": key["team"]}
        for key in here.client.pages("/app-store-connect-keys")
    ]
    rows = [
        (
            key["name"],
            key["key_id"],
            (key["team"] or {}).get("name", ""),
            key["key_type"],
            key["health"] + (" (Root)" if key["root"] else ""),
            key["last_synced_at"] or "never",
        )
        for key in keys
    ]
    said = (
        table(("NAME", "KEY ID", "TEAM", "TYPE", "HEALTH", "LAST SYNC"), rows)
        if rows
        else "There are no keys."
    )
    here.out.result({"items": keys}, said)
    return Exit.OK
