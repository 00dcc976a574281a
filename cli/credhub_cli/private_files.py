"""Files that hold secrets: readable for their owner alone from the first byte on, and whole or not there at all."""

import os
import re
import secrets
from pathlib import Path

from credhub_cli.errors import CliError, Exit

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,200}")


def plain_name(name: str) -> str:
    """A file name that came from elsewhere. Raises CliError for what would leave the folder."""
    if not _PLAIN.fullmatch(name):
        raise CliError(Exit.FAILED, "unexpected", "CredHub gave a file a name that is not written here.")
    return name


def private_folder(folder: Path) -> Path:
    """Made with 0700 where it is not there yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, content: bytes) -> Path:
    """0600. Whoever reads at the same time sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return path


def write_all(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Path below the folder → content. Folders below it are no links: a project that somebody else wrote may have
    some."""
    private_folder(folder)
    made = []
    for name, content in files.items():
        *above, last = map(plain_name, name.split("/"))
        place = folder.joinpath(*above)
        if place.resolve() != folder.resolve().joinpath(*above):
            raise CliError(
                Exit.FAILED, "files", f"{place} leads to another place. Take that link away first."
            )
        path = private_folder(place) / last
        made.append(write_private(path, content))
    return made
