"""A fastlane match repository: `certs/<type>/<ID>.cer` and `.p12`, `profiles/<type>/<Name>.mobileprovision`, often
in a folder per team.

The .p12 is no PKCS#12 but the bare private key in PEM; some teams put a real one there, without a password.
What a file is tells its content, once it is decrypted; its name only says whether match would have made it.
"""

from collections.abc import Mapping

from .der_kind import binary_kind
from .errors import ParsingError
from .file_paths import is_clutter
from .kdf_cost import too_costly
from .match_encryption import V2_COST, match_version, open_match_file
from .p12_outline import read_outline
from .signing_file import is_signing_file, read_signing_file
from .signing_files import Found, Problem, SigningFiles, matched

ENDINGS = (".cer", ".p12", ".mobileprovision", ".provisionprofile")
# What reading costs in iterations of a hash (`kdf_cost`), of which a second has some four million
KEY_COST, _USUAL_KEY = (
    150_000,
    2_500,
)  # loading RSA with 2048 bits, which checks its primes; its bytes in the repository
_MOST_KEY_COST = 1_000_000  # with 4096 bits, beyond which none is loaded
FILE_COST = 1_500  # parsing a certificate or a profile
# A whole repository of 5,000 files. Where a child reads a part, its budget is `kdf_cost.MAX_ITERATIONS`.
MOST_WORK = 200_000_000
_GIVEN_UP_AFTER = 3  # files that a passphrase does not open, and none that it does


def match_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of a folder that match would read."""
    return {
        path: content
        for path, content in files.items()
        if path.lower().endswith(ENDINGS) and not is_clutter(path)
    }


def reading_cost(path: str, size: int, version: int) -> int:
    """About what a file costs to be read, told by its name, its size and its encryption alone."""
    cost = V2_COST if version == 2 else 0
    if not path.lower().endswith(".p12"):
        return cost + FILE_COST
    return cost + min(int(KEY_COST * max(1.0, size / _USUAL_KEY) ** 3), _MOST_KEY_COST)


def read_match(files: Mapping[str, bytes], passphrase: str, *, most_work: int = MOST_WORK) -> SigningFiles:
    """Everything that the repository holds, encrypted or not. A file that cannot be read is a problem of its own.

    ParsingError "nothing-found", "too-costly" before anything is decrypted, "passphrase-needed", and
    "wrong-passphrase" when it opens none of the first files.
    """
    chosen = match_files(files)
    if not chosen:
        raise _nothing_found()
    versions = {path: match_version(content) for path, content in chosen.items()}
    if not passphrase and any(versions.values()):
        raise _passphrase_needed()
    work = _Work(most_work)
    for path, version in versions.items():
        work.spend(reading_cost(path, len(chosen[path]), version))
    # The smallest first: a wrong passphrase is known after three of them.
    order = sorted(chosen, key=lambda path: (not versions[path], len(chosen[path]), path))
    found = _read_all(chosen, order, passphrase, work)
    return matched(sorted(found, key=lambda each: each.path))


class _Work:
    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, cost: int) -> None:
        if cost > self.left:
            raise too_costly()
        self.left -= cost


def _read_all(files: Mapping[str, bytes], order: list[str], passphrase: str, work: _Work) -> list[Found]:
    found: list[Found] = []
    opened = closed = 0
    for path in order:
        content = files[path]
        try:
            if match_version(content):
                content = open_match_file(content, passphrase, is_signing_file)
                opened += 1
            work.spend(_p12_cost(content))
            found += read_signing_file(path, content)
        except ParsingError as error:
            found.append(Problem.of(path, error))
            closed += error.code == "wrong-passphrase"
        if closed == _GIVEN_UP_AFTER and not opened:
            break
    if closed and not opened:
        raise _wrong_passphrase()
    return found


def _p12_cost(content: bytes) -> int:
    """What opening it without a password would cost, read from its outline; 0 for other files."""
    if binary_kind(content) != "pkcs12":
        return 0
    return read_outline(content, mac_tries=2).cost


def _nothing_found() -> ParsingError:
    return ParsingError(
        "nothing-found",
        "There is no certificate, key or provisioning profile of match in this folder. Choose the repository that "
        "match made: the folder with “certs” and “profiles” in it.",
    )


def _passphrase_needed() -> ParsingError:
    return ParsingError(
        "passphrase-needed", "This repository is encrypted. Give its passphrase: the one that match asks for."
    )


def _wrong_passphrase() -> ParsingError:
    return ParsingError(
        "wrong-passphrase",
        "The passphrase does not open this repository. It is the one that match asks for (MATCH_PASSWORD).",
    )
