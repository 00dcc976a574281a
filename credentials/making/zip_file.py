"""One zip of several files, for a download."""

import io
import zipfile
from collections.abc import Mapping

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same files give the same bytes
_FOR_THE_OWNER = 0o600 << 16  # keys are in it


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Path → content, in this order. Made in memory: what is secret in it touches no disk."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(_inside(path), _MOMENT)
            info.external_attr = _FOR_THE_OWNER
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return made.getvalue()


def _inside(path: str) -> str:
    """Names in it come from Apple and out of files: none of them leads out of the folder that it is unpacked in."""
    parts = path.replace("\\", "_").split("/")
    return "/".join("_" if part in {"", ".", ".."} else part for part in parts)
