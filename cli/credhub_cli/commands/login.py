"""`credhub login`: the token comes from the environment, from standard input or from a prompt, never from the words."""

import argparse
import getpass
import re
import sys

from credhub_cli import sign_in
from credhub_cli.addresses import safe_url
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit, usage
from credhub_cli.identity_tokens import PROVIDERS
from credhub_cli.output import printable
from credhub_cli.sign_in import SignIn

_SHAPE = re.compile(r"chub_[0-9A-Za-z]{49}")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", nargs="?", default="", help="https://credhub.example.com (CREDHUB_URL)")
    parser.add_argument("--oidc", choices=sorted(PROVIDERS), help="with the identity token of this CI job")
    parser.add_argument(
        "--policy", default="", help="with --oidc: the ID of the trusted CI provider in CredHub"
    )
    parser.add_argument(
        "--audience", default="", help="with --oidc: the policy's; the address where nothing is said"
    )
    parser.add_argument("--no-keychain", action="store_true", help="macOS: keep the token in a file")


def run(here: Context) -> int:
    url = safe_url(
        here.args.address or here.option("url", default="") or _asked(here, "CREDHUB_URL", "Address: ")
    )
    made = _of_job(here, url) if here.args.oidc else _of_person(here, url)
    token = here.client_for(url, made.token).get("/token")
    organization, ends = token["organization"], token["expires_at"]
    sign_in.save(here.environ, made)
    place = "the keychain" if made.place == "keychain" else str(sign_in.config_file(here.environ))
    told = {"url": url, "organization": organization["slug"], "expires_at": ends, "scopes": token["scopes"]}
    told["kept_in"] = made.place
    said = f"Signed in to {organization['name']} at {url}; the token is in {place}. It ends at {ends}."
    here.out.result(told, printable(said))
    return Exit.OK


def _asked(here: Context, variable: str, prompt: str) -> str:
    if found := here.environ.get(variable, "").strip():
        return found
    if not sys.stdin.isatty():
        raise usage(f"Name the address: credhub login https://credhub.example.com, or {variable}.")
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline()


def _of_person(here: Context, url: str) -> SignIn:
    token = here.environ.get("CREDHUB_TOKEN", "").strip()
    if not token:
        token = (getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline(1000)).strip()
    if not _SHAPE.fullmatch(token):
        said = "This is no token of CredHub. It begins with chub_ and has 54 characters."
        raise CliError(Exit.NOT_SIGNED_IN, "not-authenticated", said)
    return SignIn(url, token, place="keychain" if sign_in.is_mac() and not here.args.no_keychain else "file")


def _of_job(here: Context, url: str) -> SignIn:
    policy = here.args.policy or here.environ.get("CREDHUB_POLICY", "")
    if not policy:
        raise usage("With --oidc, say which trusted CI provider: --policy and its ID.")
    identity = PROVIDERS[here.args.oidc](here.environ, here.args.audience or url)
    body = {"trust_policy": policy, "token": identity}
    told = here.client_for(url, "").send("POST", "/federation/token", body=body).body
    return SignIn(url, told["token"], place="file")
