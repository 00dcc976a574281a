"""What docs/webhooks.md prints for receivers works as printed."""

import json
import re
import shutil
import subprocess
import time

import pytest

from organizations.webhooks import signing
from organizations.webhooks.events import TEST, Event
from tests.architecture.sources import ROOT

TEXT = (ROOT / "docs" / "webhooks.md").read_text()
BODY = '{"type":"sync.failed","data":{"name":"Zoë"}}'.encode()


def printed(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[0]


def cases() -> list[tuple[str, dict[str, str], bytes, bool]]:
    """secret, headers, body, whether it is to be believed."""
    secret, other, now = signing.new_secret(), signing.new_secret(), int(time.time())
    good = signing.headers([secret], "msg_1", now, BODY)
    return [
        (secret, good, BODY, True),
        (secret, signing.headers([other, secret], "msg_1", now, BODY), BODY, True),
        (other, good, BODY, False),
        (secret, good, BODY + b" ", False),
        (secret, {**good, "webhook-id": "msg_2"}, BODY, False),
        (secret, {**good, "webhook-timestamp": str(now + 1)}, BODY, False),
        (secret, signing.headers([secret], "msg_1", now - 301, BODY), BODY, False),
    ]


def test_in_python() -> None:
    names: dict[str, object] = {}
    exec(printed("python"), names)  # noqa: S102 - our own document
    check = names["is_from_credhub"]
    assert [check(secret, headers, body) for secret, headers, body, _ in cases()] == [
        good for *_, good in cases()
    ]  # type: ignore[operator]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here")
def test_in_node() -> None:
    asked = [[secret, headers, body.decode()] for secret, headers, body, _ in cases()]
    script = (
        f"{printed('javascript')}\n"
        f"const asked = {json.dumps(asked)};\n"
        "console.log(JSON.stringify(asked.map(([s, h, b]) => isFromCredHub(s, h, Buffer.from(b)))));"
    )
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [good for *_, good in cases()]


def test_every_event_is_described() -> None:
    assert set(re.findall(r"`([a-z]+\.[a-z]+)`", TEXT.split("| event |")[1].split("\n\n")[0])) == {
        *Event,
        TEST,
    }
