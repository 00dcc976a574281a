"""Where the CLI is signed in: from the environment, or as `credhub login` kept it."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from credhub_cli import token_keychain
from credhub_cli.addresses import safe_url
from credhub_cli.errors import CliError, Exit
from credhub_cli.private_files import private_folder, write_private


@dataclass(frozen=True)
class SignIn:
    url: str
    token: str = field(repr=False)
    place: str = "environment"  # or file, keychain


def config_file(environ: Mapping[str, str]) -> Path:
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or Path.home()) / ".config")
    return Path(home) / "credhub" / "config.json"


def is_mac() -> bool:
    return platform.system() == "Darwin"


def saved(environ: Mapping[str, str]) -> SignIn | None:
    path = config_file(environ)
    try:
        if path.stat().st_mode & 0o077 and os.name == "posix":
            raise CliError(
                Exit.NOT_SIGNED_IN,
                "config-readable",
                f"Others can read {path}. Revoke its token and sign in again.",
            )
        told = json.loads(path.read_text("utf-8"))
        kept = SignIn(told["url"], told["token"], told["place"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise CliError(
            Exit.NOT_SIGNED_IN, "config-unreadable", f"{path} cannot be read. Sign in again: credhub login"
        ) from None
    if kept.place == "keychain":
        return SignIn(kept.url, token_keychain.read(kept.url), kept.place)
    return kept


def save(environ: Mapping[str, str], sign_in: SignIn) -> None:
    """`place` says where the token goes."""
    if sign_in.place == "keychain":
        token_keychain.write(sign_in.url, sign_in.token)
    told = asdict(sign_in)
    told["token"] = "" if sign_in.place == "keychain" else sign_in.token
    path = config_file(environ)
    private_folder(path.parent)
    write_private(path, json.dumps(told, indent=2).encode() + b"\n")


def forget(environ: Mapping[str, str]) -> bool:
    """Whether there was anything to forget."""
    path = config_file(environ)
    if not path.exists():
        return False
    try:
        kept = json.loads(path.read_text("utf-8"))
        if kept["place"] == "keychain":
            token_keychain.delete(kept["url"])
    except (ValueError, KeyError, TypeError):
        pass  # whatever it was, it goes
    path.unlink()
    return True


def current(environ: Mapping[str, str], url_option: str = "") -> SignIn:
    """A kept token goes to the address that it was kept for, and nowhere else."""
    asked = url_option or environ.get("CREDHUB_URL", "")
    token = environ.get("CREDHUB_TOKEN", "").strip()
    if asked and token:
        return SignIn(safe_url(asked), token)
    kept = saved(environ)
    if kept is None or (asked and safe_url(asked) != kept.url):
        raise CliError(
            Exit.NOT_SIGNED_IN,
            "not-signed-in",
            "Sign in first: credhub login, or set CREDHUB_URL and CREDHUB_TOKEN.",
        )
    return SignIn(safe_url(kept.url), token) if token else kept
