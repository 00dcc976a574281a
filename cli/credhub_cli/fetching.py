"""Signing assets in a folder, and what is told of it."""

from pathlib import Path
from typing import Any

from credhub_cli.output import printable
from credhub_cli.private_files import write_all
from credhub_cli.signing import Assets
from credhub_cli.signing_files import android_files, ios_files, public


def written(assets: Assets, folder: Path) -> list[Path]:
    files: dict[str, bytes] = {}
    if assets.ios:
        files |= ios_files(assets.ios)
    if assets.android:
        files |= android_files(assets.android)
    return write_all(folder, files)


def told(assets: Assets, paths: list[Path]) -> dict[str, Any]:
    """For --json: everything but the secrets, and where those are."""
    files = [str(path) for path in paths]
    return {"ios": public(assets.ios), "android": public(assets.android), "files": files}


def said(assets: Assets, paths: list[Path]) -> str:
    lines = []
    if assets.ios:
        identity = assets.ios["identity"]
        lines.append(f"{identity['name']} until {identity['expiration_date']}: {identity['rule']}")
        lines += [
            f"{each['bundle_id']}: {each['name']} until {each['expiration_date']}: {each['rule']}"
            for each in assets.ios["profiles"]
        ]
    if assets.android:
        keystore = assets.android["keystore"]
        lines.append(f"{keystore['name']}, alias {keystore['alias']}: {keystore['rule']}")
    return "\n".join([*map(printable, lines), *(f"  {path}" for path in paths)])
