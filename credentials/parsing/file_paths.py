"""Paths that files name themselves: in an archive, or in a credentials.json. None may leave the folder it is in."""

import re

from organizations.words import clean

from .errors import ParsingError

LONGEST = 500
_DRIVE = re.compile(r"[A-Za-z]:")


def safe_path(name: str) -> str:
    """The path with "/" between its parts and without "./". ParsingError "unsafe-path" for all that could escape."""
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or _DRIVE.match(path):
        raise _unsafe("has an absolute path")
    if ".." in parts:
        raise _unsafe("has a path with “..” in it")
    joined = "/".join(parts)
    if not joined or len(joined) > LONGEST or clean(joined, LONGEST) != joined:
        raise _unsafe("has an empty, endless or unreadable name")
    return joined


def file_name(path: str) -> str:
    return path.rpartition("/")[2]


def folder(path: str) -> str:
    """With its "/" at the end; "" for a file at the top."""
    return path[: len(path) - len(file_name(path))]


def is_clutter(path: str) -> bool:
    """What systems and git leave beside the files: never read."""
    parts = path.split("/")
    return bool({".git", "__MACOSX"} & set(parts)) or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _unsafe(what: str) -> ParsingError:
    return ParsingError(
        "unsafe-path",
        f"A file in it {what}, which would lead out of its folder. Only paths inside the folder are read.",
    )
