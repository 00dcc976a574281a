"""`credhub whoami`"""

import argparse

from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.output import printable
from credhub_cli.own_token import own_token


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(here: Context) -> int:
    organization = here.client.get("/organization")
    token = own_token(here.client, here.sign_in)
    told = {name: organization[name] for name in ("id", "slug", "name", "root")}
    said = f"{printable(organization['name'])} ({organization['slug']}) at {here.sign_in.url}"
    if token:
        name = f" “{printable(token['name'])}”" if token["name"] else ""
        said += (
            f"\nToken{name} …{token['last_four']} until {token['expires_at']}: {' '.join(token['scopes'])}"
        )
    else:
        said += "\nWhat the token may do, it may not see itself (activity:view)."
    here.out.result({"url": here.sign_in.url, "organization": told, "token": token}, said)
    return Exit.OK
