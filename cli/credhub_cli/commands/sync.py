"""`credhub sync`"""

import argparse

from credhub_cli import waiting
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit
from credhub_cli.output import printable
from credhub_cli.progress import seen_in


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", default="", help="id, Key ID or name; needed where there are several teams")
    parser.add_argument("--wait", action="store_true", help="until it has ended")
    waiting.arguments(parser)


def run(here: Context) -> int:
    body = {"app_store_connect_key": _key(here)} if here.args.key else {}
    sync = here.client.post("/syncs", body).body
    if here.args.wait:
        sync = waiting.wait_for_sync(here, sync)
    found = f" ({seen})" if (seen := seen_in(sync)) else ""
    here.out.result(waiting.told(sync), printable(f"{sync['title']}: {sync['state']}{found}"))
    return Exit.OK


def _key(here: Context) -> str:
    asked = here.args.key
    found = [
        key["id"]
        for key in here.client.pages("/app-store-connect-keys")
        if asked in {key["id"], key["key_id"], key["name"]}
    ]
    if len(found) != 1:
        said = f"There are several keys “{asked}”. Name its id." if found else f"There is no key “{asked}”."
        raise CliError(Exit.CONFLICT if found else Exit.NOT_FOUND, "which-key", said)
    return str(found[0])
