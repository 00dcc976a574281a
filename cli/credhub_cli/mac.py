"""A keychain of its own for a build on a Mac, and both folders in which Xcode looks for profiles."""

import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from credhub_cli.errors import CliError, Exit
from credhub_cli.private_files import private_folder
from credhub_cli.security_tool import ask, line, tell

TOOLS = ("codesign", "security", "pkgbuild", "productbuild", "productsign")
LOCK_AFTER = 21_600  # seconds: the longest build


def home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def profile_folders(environ: Mapping[str, str]) -> list[Path]:
    """Xcode 16 and newer, and before."""
    library = home(environ) / "Library"
    return [
        library / "Developer/Xcode/UserData/Provisioning Profiles",
        library / "MobileDevice/Provisioning Profiles",
    ]


def keychain_path(environ: Mapping[str, str], name: str) -> Path:
    return home(environ) / "Library" / "Keychains" / f"{name}.keychain-db"


def import_lines(keychain: Path, keychain_password: str, p12: Path, password: str) -> list[str]:
    """What `security` is told, in order."""
    chain = str(keychain)
    trusted = [word for tool in TOOLS for word in ("-T", f"/usr/bin/{tool}")]
    return [
        line("create-keychain", "-p", keychain_password, chain),
        line("set-keychain-settings", "-lut", str(LOCK_AFTER), chain),
        line("unlock-keychain", "-p", keychain_password, chain),
        line("import", str(p12), "-k", chain, "-f", "pkcs12", "-P", password, *trusted),
        line(
            "set-key-partition-list",
            "-S",
            "apple-tool:,apple:,codesign:",
            "-s",
            "-k",
            keychain_password,
            chain,
        ),
    ]


def searched() -> list[str]:
    """The keychains that are searched now."""
    return [each for told in ask("list-keychains", "-d", "user").splitlines() for each in shlex.split(told)]


def install_identity(keychain: Path, p12: Path, password: str, sha1: str) -> None:
    """Raises CliError, and leaves no keychain then."""
    private_folder(keychain.parent)
    remove_keychain(keychain)
    try:
        tell(*import_lines(keychain, secrets.token_urlsafe(24), p12, password))
        others = [each for each in searched() if each != str(keychain)]
        ask("list-keychains", "-d", "user", "-s", str(keychain), *others)
        _require_listed(keychain, sha1)
    except BaseException:
        remove_keychain(keychain)
        raise


def _require_listed(keychain: Path, sha1: str) -> None:
    if sha1.replace(":", "").upper() not in ask("find-identity", str(keychain)).upper():
        raise CliError(Exit.FAILED, "keychain", "macOS took the signing identity and does not list it.")


def remove_keychain(keychain: Path) -> bool:
    """Whether there was one. It leaves the list of those that are searched too."""
    if not keychain.exists():
        return False
    ask("delete-keychain", str(keychain))
    return True
