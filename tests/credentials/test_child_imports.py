"""Once the child may open nothing, its parsers need nothing more: whatever they would import later is there."""

import base64
import json
import random
import subprocess

import pytest

from credentials import child_process
from tests.fuzz import folders
from tests.fuzz.targets import TARGETS

COUNT = 400
SEALED = """
import sys
sys.path += sys.argv[3:]
import base64, json, resource
from credentials.parsing import child
from credentials.parsing.errors import ParsingError
inputs = [base64.b64decode(line) for line in sys.stdin.buffer]
parse = child.PARSERS[sys.argv[1]]()
child._limit(resource.RLIMIT_NOFILE, 0)
failed, accepted = [], 0
for data in inputs:
    try:
        parse(data, **json.loads(sys.argv[2]))
        accepted += 1
    except ParsingError:
        pass
    except BaseException as error:
        failed.append(repr(error))
print(json.dumps([failed[:5], accepted]))
"""


OPTIONS = {
    "p12": {"password": "export"},
    "identity": {"password": "export"},
    "keystore": {"password": "export"},
    "archived-files": {"paths": folders.PATHS},
    "signing": {"passphrase": folders.PASSPHRASE, "paths": folders.PATHS},
    "eas": {"path": folders.CREDENTIALS_JSON},
}


@pytest.mark.parametrize(
    "name",
    [
        "p8",
        "p12",
        "certificate",
        "profile",
        "identity",
        "signed-profile",
        "keystore",
        "device-answer",
        "archive",
        "archived-files",
        "signing",
        "eas",
    ],
)
def test_nothing_is_missing_once_the_door_is_closed(name: str) -> None:
    wanted = {"archived-files": "archive"}.get(name, name)
    target = next(target for target in TARGETS if target.name == wanted)
    inputs = [target.make(random.Random(f"sealed:{number}")) for number in range(COUNT)]
    sent = b"\n".join(base64.b64encode(data) for data in inputs)
    command = child_process.COMMAND
    ended = subprocess.run(
        [*command[:4], "-c", SEALED, name, json.dumps(OPTIONS.get(name, {})), *command[5:]],
        input=sent,
        capture_output=True,
        check=True,
    )
    failed, accepted = json.loads(ended.stdout)
    assert failed == []
    assert accepted > 0
