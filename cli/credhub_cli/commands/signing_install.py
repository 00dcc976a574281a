"""`credhub signing install`: on a Mac into a keychain of its own and Xcode's folders; elsewhere as files."""

import argparse
import base64
import tempfile
from pathlib import Path

from credhub_cli import fetching, installed, mac, signing
from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.private_files import plain_name, write_all
from credhub_cli.sign_in import is_mac
from credhub_cli.signing import Assets
from credhub_cli.signing_files import EXPORT_OPTIONS, P12, android_files, ios_files


def arguments(parser: argparse.ArgumentParser) -> None:
    signing.arguments(parser)
    parser.add_argument("--keychain", default="credhub", metavar="NAME", help="macOS: its name (credhub)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("signing"),
        metavar="DIR",
        help="where what no keychain takes goes (signing)",
    )


def run(here: Context) -> int:
    assets = signing.ask(here, "signing install")
    if not is_mac():
        keychain, paths = "", fetching.written(assets, here.args.out)
    else:
        keychain, paths = _on_mac(here, assets)
    installed.record(here.environ, keychain, [path.resolve() for path in paths])
    said = fetching.said(assets, paths) + (f"\n  keychain {keychain}" if keychain else "")
    here.out.result(fetching.told(assets, paths) | {"keychain": keychain or None}, said)
    return Exit.OK


def _on_mac(here: Context, assets: Assets) -> tuple[str, list[Path]]:
    paths: list[Path] = []
    if assets.android:
        paths += write_all(here.args.out, android_files(assets.android))
    if not assets.ios:
        return "", paths
    keychain = mac.keychain_path(here.environ, plain_name(here.args.keychain))
    identity = assets.ios["identity"]
    with tempfile.TemporaryDirectory(prefix="credhub-") as folder:
        (p12,) = write_all(Path(folder), {P12: base64.b64decode(identity["p12"])})
        mac.install_identity(keychain, p12, identity["p12_password"], identity["sha1"])
    files = ios_files(assets.ios)
    profiles = {each["file_name"]: files[each["file_name"]] for each in assets.ios["profiles"]}
    for place in mac.profile_folders(here.environ):
        paths += write_all(place, profiles)
    paths += write_all(here.args.out, {EXPORT_OPTIONS: files[EXPORT_OPTIONS]})
    return str(keychain), paths
