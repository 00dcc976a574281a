"""What a first start on one machine needs: a SECRET_KEY and a master key, made once, kept in the data dir.

Imported before Django's settings, so it stands on the standard library alone. A deployment that other machines
can reach (see `is_production`) gets nothing made for it: its keys must outlive the machine, so its operator
sets them.
"""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]", "::1")
SECRET_FILES = {"SECRET_KEY": "secret_key", "CREDHUB_MASTER_KEYS": "master_keys"}


class FirstStartError(Exception):
    """Starting is refused; the message says what to set."""


def data_dir(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("CREDHUB_DATA_DIR") or BASE_DIR / "var").resolve()


def allowed_hosts(environ: Mapping[str, str]) -> list[str]:
    named = [host.strip() for host in environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    return named or list(LOOPBACK_HOSTS[:3])


def is_production(environ: Mapping[str, str]) -> bool:
    """Production is what other machines can reach: ALLOWED_HOSTS names more than this machine."""
    return any(host not in LOOPBACK_HOSTS for host in allowed_hosts(environ))


def is_set(environ: Mapping[str, str], name: str) -> bool:
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def key_provider(environ: Mapping[str, str]) -> str:
    """Where the master key lives that wraps new data keys: local, transit or aws-kms."""
    return environ.get("CREDHUB_KEY_PROVIDER") or "local"


def needed_secrets(environ: Mapping[str, str]) -> list[str]:
    """The secrets that we keep ourselves. Master keys at another provider are not among them."""
    return [name for name in SECRET_FILES if name == "SECRET_KEY" or key_provider(environ) == "local"]


def require_keys(environ: Mapping[str, str]) -> None:
    """Refuse a production start whose secrets are not set. Raises FirstStartError."""
    missing = [name for name in needed_secrets(environ) if not is_set(environ, name)]
    if is_production(environ) and missing:
        folder = data_dir(environ)
        raise FirstStartError(
            f"ALLOWED_HOSTS names hosts beyond this machine, so this is production, and {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not set. Set each one, or NAME_FILE with the path of a file "
            f"that holds it. SECRET_KEY is any 50 random characters; CREDHUB_MASTER_KEYS is "
            f"`id:` and 32 random bytes in base64 (`echo main:$(openssl rand -base64 32)`). To keep keys that an "
            f"earlier start on this machine made, point at them: "
            + ", ".join(f"{name}_FILE={folder / SECRET_FILES[name]}" for name in missing)
            + ". Keep a copy apart from the database's backups: without the master key nothing opens."
        )


def make_missing_keys(environ: Mapping[str, str]) -> list[str]:
    """Make the keys that are neither set nor made yet. Returns sentences that say where they are."""
    require_keys(environ)
    if is_production(environ):
        return []
    folder = data_dir(environ)
    lines = []
    for name in needed_secrets(environ):
        path = folder / SECRET_FILES[name]
        if is_set(environ, name) or path.exists():
            continue
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _write_once(path, _new_value(name)):
            lines.append(f"First start: made {name} in {path} (readable by you alone). Back it up.")
    return lines


def _new_value(name: str) -> str:
    if name == "SECRET_KEY":
        return secrets.token_urlsafe(64)
    return f"local-{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _write_once(path: Path, value: str) -> bool:
    """Write a file that is complete or absent, never over an existing one. False: somebody else was first."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
