"""What an instance, or a project that somebody else wrote, may put in the way: it moves no cursor and no file."""

import json
from pathlib import Path

import pytest
from credhub_cli.errors import CliError, Exit
from credhub_cli.output import Output
from credhub_cli.private_files import write_all

EVIL = "a\x1b]0;x\x07\x9b31m\u202e\U000e0041b"


def test_nothing_that_is_said_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).result({}, f"{EVIL}\nü")
    Output(as_json=True).result({"name": EVIL, "ü": [1]}, "")
    Output(as_json=True).error(CliError(Exit.FAILED, "x", EVIL))
    text, told = capsys.readouterr()
    assert all(each.isprintable() or each == "\n" for each in text + told)
    plain, _, document = text.partition("{")
    assert plain.endswith("b\nü\n")
    assert json.loads("{" + document) == {"name": EVIL, "ü": [1]}
    assert json.loads(told)["error"]["detail"] == EVIL


def test_a_link_in_a_project_takes_no_secret_elsewhere(tmp_path: Path) -> None:
    folder, public = tmp_path / "project", tmp_path / "public"
    folder.mkdir()
    public.mkdir()
    (folder / "credentials").symlink_to(public)
    with pytest.raises(CliError, match="leads to another place"):
        write_all(folder, {"credentials/ios/dist-cert.p12": b"key"})
    assert not list(public.iterdir())
    (folder / "credentials").unlink()
    (link := tmp_path / "link").symlink_to(folder)  # where whoever runs it wants them
    (made,) = write_all(link, {"credentials/ios/dist-cert.p12": b"key"})
    assert made.read_bytes() == b"key"
    assert not made.stat().st_mode & 0o077
