"""A fastlane match repository: `certs/<type>/<ID>.cer` and `.p12`, `profiles/<type>/<Name>.mobileprovision`, often
in a folder per team.

The .p12 is no PKCS#12 but the bare private key in PEM; some teams put a real one there, without a password.
What a file is tells its content, once it is decrypted; its name only says whether match would read it.
"""

from collections.abc import Mapping

from .errors import ParsingError
from .file_paths import is_clutter
from .signing_files import SigningFiles
from .signing_folder import MOST_WORK, read_signing_files

ENDINGS = (".cer", ".p12", ".mobileprovision", ".provisionprofile")


def read_match(files: Mapping[str, bytes], passphrase: str, *, most_work: int = MOST_WORK) -> SigningFiles:
    """Everything that the repository holds, encrypted or not; git's own files may be among them.

    ParsingError as `read_signing_files`, and "nothing-found".
    """
    chosen = {
        path: content
        for path, content in files.items()
        if path.lower().endswith(ENDINGS) and not is_clutter(path)
    }
    if not chosen:
        raise ParsingError(
            "nothing-found",
            "There is no certificate, key or provisioning profile of match in this folder. Choose the repository that "
            "match made: the folder with “certs” and “profiles” in it.",
        )
    return read_signing_files(chosen, passphrase=passphrase, most_work=most_work)
