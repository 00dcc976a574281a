"""What `credhub signing install` made, so that `credhub signing uninstall` takes away that and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path

from credhub_cli.private_files import private_folder, write_private


def record_file(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME") or Path.home()) / ".local" / "state")
    return Path(base) / "credhub" / "installed.json"


def recorded(environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """The keychain ("" for none) and the files."""
    try:
        told = json.loads(record_file(environ).read_text("utf-8"))
    except FileNotFoundError:
        return "", []
    return str(told["keychain"]), [str(each) for each in told["files"]]


def record(environ: Mapping[str, str], keychain: str, files: list[Path]) -> None:
    """Added to what is there already."""
    before_keychain, before = recorded(environ)
    told = {
        "keychain": keychain or before_keychain,
        "files": list(dict.fromkeys([*before, *map(str, files)])),
    }
    path = record_file(environ)
    private_folder(path.parent)
    write_private(path, json.dumps(told, indent=2).encode() + b"\n")
