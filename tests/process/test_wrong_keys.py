"""With the wrong master key nothing starts, one line says which key is needed, and the database is as it was."""

import sys
from collections.abc import Iterator

import pytest

from tests.credentials.support import another_key
from tests.process.house import House, house, keys
from tests.thoroughness import first_of

STARTS = {
    "up": ["manage.py", "up"],
    "migrate": ["manage.py", "migrate"],
    "gunicorn": ["-m", "gunicorn", "--bind", "127.0.0.1:0", "credhub.wsgi"],
    "worker": ["-m", "celery", "-A", "credhub", "worker", "--pool", "solo"],
}
RIGHT, OTHER = keys()["CREDHUB_MASTER_KEYS"], another_key("other")
WRONG = {
    "missing": (OTHER, "“test”, and the configuration holds the master key “other”"),
    "another value": (another_key("test"), "“test” has the right name and the wrong value"),
    "cut off": (RIGHT[:-6], "“test” is not `id:`"),
    "cut off with padding": (RIGHT[:-8] + "AAA=", "“test” is not `id:`"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("wrong"), migrated=True, SECRET_KEY=keys()["SECRET_KEY"]) as place:
        yield place


def contents(place: House) -> list[object]:
    """What tells a database that was written to: its tables, and the rows that starting would touch."""
    if "DATABASE_URL" in place.environ:
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
    else:
        tables = "SELECT name FROM sqlite_master ORDER BY 1"
    names = [name for (name,) in place.rows(tables)]
    rows = place.rows("SELECT version, master_key_id, wrapped FROM credentials_systemkey")
    return [names, [(*row[:-1], bytes(row[-1])) for row in rows], place.count("django_migrations")]


@pytest.mark.parametrize("start", first_of(STARTS, count=2))
def test_nothing_starts_without_the_master_key_of_the_database(place: House, start: str) -> None:
    before, files = contents(place), sorted(each.name for each in place.data_dir.iterdir())
    wrong, told = WRONG["missing"]

    ended = place.run([sys.executable, *STARTS[start]], CREDHUB_MASTER_KEYS=wrong, PORT=str(place.port))

    assert ended.returncode != 0
    said = ended.stderr + ended.stdout
    assert f"The database needs the master key {told}" in said
    assert "Traceback" not in said
    assert contents(place) == before
    new = {each.name for each in place.data_dir.iterdir()} - set(files)
    assert new <= {"up.lock", "broker", "credhub.sqlite3-shm", "credhub.sqlite3-wal"}
    for secret in (RIGHT, wrong):
        assert secret.partition(":")[2] not in said


@pytest.mark.parametrize("kind", first_of([kind for kind in WRONG if kind != "missing"]))
def test_up_refuses_in_one_line(place: House, kind: str) -> None:
    wrong, told = WRONG[kind]
    before = contents(place)

    ended = place.manage("up", CREDHUB_MASTER_KEYS=wrong, PORT=str(place.port))

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("CredHub cannot start: ")
    assert told in line
    assert wrong.partition(":")[2] not in ended.stderr
    assert contents(place) == before


def test_the_right_one_starts(place: House) -> None:
    started = place.run(
        [sys.executable, "-W", "ignore", "-c", "import credhub.wsgi"], CREDHUB_MASTER_KEYS=f"{OTHER},{RIGHT}"
    )
    assert (started.returncode, started.stderr) == (0, "")
