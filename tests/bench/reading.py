"""What reading an upload in a child of its own costs."""

import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

from credentials.parsing.p8 import P8Key, parse_p8
from credentials.reading import read_upload
from tests import factories


def run(table: Callable[..., None]) -> None:
    p8, organization_id = factories.make_p8(), uuid.uuid4()

    def interpreter() -> Any:
        return subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)

    table(
        "Reading an uploaded .p8",
        ("an interpreter that does nothing", interpreter),
        {
            "read in a child": lambda: read_upload(P8Key, p8, organization_id=organization_id),
            "parsed in this process": lambda: parse_p8(p8),
        },
    )
