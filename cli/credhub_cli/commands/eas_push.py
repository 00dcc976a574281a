"""`credhub credentials.json push`"""

import argparse
import base64
from pathlib import Path
from typing import Any

from credhub_cli import eas
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit
from credhub_cli.output import printable


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, default=Path(), help="of the project (here)")


def run(here: Context) -> int:
    folder: Path = here.args.dir
    try:
        uploads = eas.uploads_of((folder / eas.FILE).read_text("utf-8"))
        contents = [(folder / each.path).read_bytes() for each in uploads]
    except FileNotFoundError as error:
        raise CliError(Exit.NOT_FOUND, "no-file", f"There is no {error.filename}.") from None
    # Everything was read before the first is sent.
    done = [_sent(here, upload, content) for upload, content in zip(uploads, contents, strict=True)]
    words = {"added": "added", "exists": "was there already"}
    said = "\n".join(printable(f"{each['path']}: {words[str(each['state'])]}") for each in done)
    here.out.result({"items": done}, said or "It names nothing.")
    return Exit.OK


def _sent(here: Context, upload: eas.Upload, content: bytes) -> dict[str, Any]:
    file = {"name": Path(upload.path).name, "content": base64.b64encode(content).decode()}
    body = {"kind": upload.kind, "fields": upload.fields, "files": {"file": file}}
    told: dict[str, Any] = {"path": upload.path, "kind": upload.kind}
    try:
        made = here.client.post("/credentials", body).body
    except CliError as error:
        if error.code == "exists":
            return told | {"state": "exists", "id": None, "name": None}
        said = f"{upload.path}: {error.detail}"
        raise CliError(
            error.exit_code, error.code, said, status=error.status, request_id=error.request_id
        ) from None
    return told | {"state": "added", "id": made["id"], "name": made["name"]}
