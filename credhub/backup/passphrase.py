"""A passphrase from a file: never on a command line, where every process of the machine reads it."""

from pathlib import Path

from credhub.backup.errors import BackupError
from credhub.backup.keys import SHORTEST_PASSPHRASE


def read(path: str | None) -> bytes | None:
    """The file's first line. Raises BackupError when it is not there, or too short."""
    if path is None:
        return None
    try:
        line = Path(path).read_bytes().split(b"\n", 1)[0].strip()
    except OSError as error:
        raise BackupError(f"The passphrase file {path} cannot be read ({error.strerror}).") from None
    if len(line) < SHORTEST_PASSPHRASE:
        raise BackupError(f"A passphrase has {SHORTEST_PASSPHRASE} characters or more.")
    return line
