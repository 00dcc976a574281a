"""Files of a folder, read into keys, certificates and profiles: as they are, or as fastlane match encrypts them."""

from collections.abc import Mapping

from .errors import ParsingError
from .file_kinds import MATCH_V1, MATCH_V2, P12, PRIVATE_KEY, file_kind
from .kdf_cost import too_costly
from .match_encryption import V2_COST, open_match_file
from .p12_outline import read_outline
from .signing_file import is_signing_file, read_signing_file
from .signing_files import Found, Problem, SigningFiles, matched

# What reading costs in iterations of a hash (`kdf_cost`), of which a second has some four million
KEY_COST, _USUAL_KEY = (
    150_000,
    2_500,
)  # loading RSA with 2048 bits, which checks its primes; the bytes of its file
_MOST_KEY_COST = 1_000_000  # with 4096 bits, beyond which none is loaded
FILE_COST = 1_500  # parsing a certificate or a profile
# A whole repository of 5,000 files. Where a child reads a part, its budget is `kdf_cost.MAX_ITERATIONS`.
MOST_WORK = 200_000_000
_GIVEN_UP_AFTER = 3  # files that a passphrase does not open, and none that it does


def reading_cost(path: str, kind: str, size: int) -> int:
    """About what a file costs to be read, told without opening it. `kind` is what `file_kind` says."""
    cost = V2_COST if kind == MATCH_V2 else 0
    if kind not in {P12, PRIVATE_KEY} and not path.lower().endswith(".p12"):
        return cost + FILE_COST
    return cost + min(int(KEY_COST * max(1.0, size / _USUAL_KEY) ** 3), _MOST_KEY_COST)


def read_signing_files(
    files: Mapping[str, bytes], *, passphrase: str = "", p12_password: str = "", most_work: int = MOST_WORK
) -> SigningFiles:
    """What all of them hold together. A file that cannot be read is a problem of its own.

    `passphrase` is match's. ParsingError "too-costly" before anything is decrypted, "passphrase-needed", and
    "wrong-passphrase" when it opens none of the first files.
    """
    kinds = {path: file_kind(path, content) for path, content in files.items()}
    encrypted = {path for path, kind in kinds.items() if kind in {MATCH_V1, MATCH_V2}}
    if encrypted and not passphrase:
        raise _passphrase_needed()
    work = _Work(most_work)
    for path, kind in kinds.items():
        work.spend(reading_cost(path, kind, len(files[path])))
    problems: list[Problem] = []
    plain = {path: content for path, content in files.items() if path not in encrypted}
    plain |= _opened({path: files[path] for path in encrypted}, passphrase, problems)
    found: list[Found] = []
    for path, content in plain.items():
        try:
            work.spend(_p12_cost(content, p12_password))
            found += read_signing_file(path, content, p12_password)
        except ParsingError as error:
            problems.append(Problem.of(path, error))
    return matched(sorted([*found, *problems], key=lambda each: each.path))


class _Work:
    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, cost: int) -> None:
        if cost > self.left:
            raise too_costly()
        self.left -= cost


def _opened(files: Mapping[str, bytes], passphrase: str, problems: list[Problem]) -> dict[str, bytes]:
    """The smallest first: a wrong passphrase is known after three of them."""
    opened: dict[str, bytes] = {}
    closed = 0
    for path in sorted(files, key=lambda path: (len(files[path]), path)):
        try:
            opened[path] = open_match_file(files[path], passphrase, is_signing_file)
        except ParsingError as error:
            problems.append(Problem.of(path, error))
            closed += error.code == "wrong-passphrase"
        if closed == _GIVEN_UP_AFTER and not opened:
            break
    if closed and not opened:
        raise _wrong_passphrase()
    return opened


def _p12_cost(content: bytes, password: str) -> int:
    """What opening it would cost, read from its outline; 0 for other files."""
    if file_kind("", content) != P12:
        return 0
    return read_outline(content, mac_tries=1 if password else 2).cost


def _passphrase_needed() -> ParsingError:
    return ParsingError(
        "passphrase-needed", "This repository is encrypted. Give its passphrase: the one that match asks for."
    )


def _wrong_passphrase() -> ParsingError:
    return ParsingError(
        "wrong-passphrase",
        "The passphrase does not open this repository. It is the one that match asks for (MATCH_PASSWORD).",
    )
