"""The child has nothing of ours, opens nothing, and comes to an end."""

import json
import threading
import time
import uuid
from pathlib import Path

import pytest
from django.conf import settings

from credentials import child_process, slots
from credentials.parsing import child
from credentials.parsing.p8 import P8Key
from credentials.parsing.p12 import P12
from credentials.reading import read_upload
from tests import factories
from tests.credentials.children import probe, program, read, refused, told_by
from tests.security import bombs


def test_it_has_none_of_our_environment_and_only_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "CREDHUB_MASTER_KEYS", "DATABASE_URL"):
        monkeypatch.setenv(name, "secret")
    told = told_by(
        monkeypatch,
        "import json, os; open_files = len(os.listdir('/proc/self/fd')); "
        "print(json.dumps([dict(os.environ), open_files, os.getsid(0) == os.getpid(), os.getcwd()]))",
    )
    environment, open_files, is_apart, folder = json.loads(told)
    assert set(environment) <= {"LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    assert open_files == 4  # its socket twice, nothing as standard error, and the listing itself
    assert is_apart
    assert folder == "/"


def test_its_command_line_holds_no_secret() -> None:
    words = " ".join(child_process.COMMAND)
    assert settings.SECRET_KEY not in words
    assert settings.CREDHUB_MASTER_KEYS not in words


def test_it_knows_no_django(monkeypatch: pytest.MonkeyPatch) -> None:
    probe(monkeypatch, "return p8.P8Key(b'', ','.join(sorted({m.split('.')[0] for m in sys.modules})))")
    modules = set(read(P8Key, b"").public_key_sha256.split(","))
    assert "cryptography" in modules
    assert {"django", "appstore", "credhub", "celery"} & modules == set()


@pytest.mark.parametrize(
    "body",
    ["open('/etc/hostname')", "open('/tmp/x', 'w')", "os.listdir('/')", "_socket.socket()", "os.pipe()"],
)
def test_while_it_parses_nothing_can_be_opened(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    probe(
        monkeypatch,
        f"try:\n    {body}\n    return p8.P8Key(b'', 'opened')\n"
        "except OSError as error:\n    return p8.P8Key(b'', str(error.errno))",
    )
    assert read(P8Key, b"").public_key_sha256 == "24"  # EMFILE


def test_its_limits_cannot_be_raised_again(monkeypatch: pytest.MonkeyPatch) -> None:
    names = "AS CPU CORE FSIZE NPROC NOFILE"
    all_of_them = f"[r.getrlimit(getattr(r, 'RLIMIT_' + name)) for name in '{names}'.split()]"
    probe(monkeypatch, f"import resource as r\nreturn p8.P8Key(b'', repr({all_of_them}))")
    limits = [child.MEMORY_BYTES, child.CPU_SECONDS, 0, 0, 0, 0]
    assert read(P8Key, b"").public_key_sha256 == repr([(limit, limit) for limit in limits])


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "bytes(300 * 1024 * 1024)", "x = [None]\nwhile True: x += x", "os.abort()",
     "import time; time.sleep(60)"],
    ids=["processor", "memory", "growing memory", "aborts", "sleeps"],
)  # fmt: skip
def test_a_hog_is_stopped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    probe(monkeypatch, body)
    assert refused().code == "too-much-work"
    assert "Stopped reading an uploaded file: parser=p8" in caplog.text


def test_a_bomb_that_no_outline_shows() -> None:
    """The key is encrypted once more inside the encrypted part: only opening that tells what it costs."""
    bomb = bombs.p12_with_hidden(bombs.pbkdf2(bombs.MOST, bytes(16)))
    assert refused(P12, bomb, password=bombs.PASSWORD).code == "too-much-work"


def test_memory_that_no_outline_shows() -> None:
    bomb = bombs.p12_with_hidden(bombs.scrypt(2**22))
    assert refused(P12, bomb, password=bombs.PASSWORD).code in {"too-much-work", "wrong-password"}


def test_no_child_of_the_child_is_left_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(child_process, "WALL_SECONDS", 0.7)
    told = tmp_path / "pid"
    program(
        monkeypatch,
        "import os, time\nif not os.fork():\n"
        f"    open({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)",
    )
    assert refused().code == "too-much-work"
    assert _is_gone(int(told.read_text()))


def _is_gone(pid: int) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # nobody here reaps orphans
            return True
        time.sleep(0.02)
    return False


def test_at_most_two_children_of_one_organization(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted where they start, with as many readers as may run and wait."""
    monkeypatch.setattr(slots, "PATIENCE_SECONDS", 30)
    running, most, lock = 0, 0, threading.Lock()
    run_child = child_process.run_child

    def counted(request: bytes) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            time.sleep(0.1)
            return run_child(request)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr("credentials.reading.run_child", counted)
    organization, done = uuid.uuid4(), []

    def reader() -> None:
        done.append(read_upload(P8Key, factories.make_p8(), organization_id=organization))

    threads = [threading.Thread(target=reader) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 6
    assert most == 2


def test_everything_is_over_within_two_seconds() -> None:
    assert child_process.WALL_SECONDS < 2
    assert child.CPU_SECONDS < child_process.WALL_SECONDS
