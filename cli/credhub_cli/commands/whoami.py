"""`credhub whoami`"""

import argparse

from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.output import printable
from credhub_cli.own_token import NAMES, without_effect


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(here: Context) -> int:
    organization, token = here.client.get("/organization"), here.client.get("/token")
    told = {name: organization[name] for name in ("id", "slug", "name", "root")}
    of_token = {name: token[name] for name in NAMES}
    limits = [f"for {each}" for each in token["bundle_ids"]] + [f"from {each}" for each in token["networks"]]
    said = [
        f"{organization['name']} ({organization['slug']}) at {here.sign_in.url}",
        f"Token “{token['name']}” …{token['last_four']} until {token['expires_at']}: {' '.join(token['scopes'])}",
        *([f"Only {', '.join(limits)}"] if limits else []),
        *([lost] if (lost := without_effect(token)) else []),
    ]
    result = {"url": here.sign_in.url, "organization": told, "token": of_token}
    here.out.result(result, "\n".join(map(printable, said)))
    return Exit.OK
