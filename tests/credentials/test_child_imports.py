"""Once the child may open nothing, its parsers need nothing more: whatever they would import later is there."""

import base64
import json
import random
import subprocess

import pytest

from credentials import child_process
from tests.fuzz.targets import TARGETS

COUNT = 400
SEALED = """
import sys
sys.path += sys.argv[2:]
import base64, json, resource
from credentials.parsing import child
from credentials.parsing.errors import ParsingError
inputs = [base64.b64decode(line) for line in sys.stdin.buffer]
parse = child.PARSERS[sys.argv[1]]()
child._limit(resource.RLIMIT_NOFILE, 0)
failed, accepted = [], 0
for data in inputs:
    try:
        parse(data, **({"password": "export"} if sys.argv[1] in {"p12", "identity", "keystore"} else {}))
        accepted += 1
    except ParsingError:
        pass
    except BaseException as error:
        failed.append(repr(error))
print(json.dumps([failed[:5], accepted]))
"""


@pytest.mark.parametrize(
    "name", ["p8", "p12", "certificate", "profile", "identity", "signed-profile", "keystore"]
)
def test_nothing_is_missing_once_the_door_is_closed(name: str) -> None:
    target = next(target for target in TARGETS if target.name == name)
    inputs = [target.make(random.Random(f"sealed:{number}")) for number in range(COUNT)]
    sent = b"\n".join(base64.b64encode(data) for data in inputs)
    command = child_process.COMMAND
    ended = subprocess.run(
        [*command[:4], "-c", SEALED, name, *command[5:]], input=sent, capture_output=True, check=True
    )
    failed, accepted = json.loads(ended.stdout)
    assert failed == []
    assert accepted > 0
