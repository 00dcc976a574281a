"""The drill of docs/key-ceremony.md, with the commands that it names: the machine is lost, and everything is back."""

import re
import secrets
import shutil
from pathlib import Path

import pytest

from appstore.sandbox.server import Sandbox
from tests.credentials.support import another_key
from tests.process.browser import Browser
from tests.process.house import House, house, keys, wait_for

pytestmark = pytest.mark.thorough
PASSWORD = secrets.token_urlsafe(16)


def first_account(running: House) -> Browser:
    link = re.search(r"Create the first account: (\S+)", running.log.read_text())
    assert link
    browser = Browser(running.url)
    browser.set_up(link[1], "owner@example.com", PASSWORD, "Acme")
    return browser


def test_a_lost_machine_is_back(tmp_path: Path) -> None:
    escrow = keys()  # what the operator kept apart from the backups
    away = tmp_path / "away" / "newest.backup"
    away.parent.mkdir()
    with Sandbox(hourly_limit=1_000_000) as apple:
        environ = {
            "APPSTORE_API_URL": apple.url,
            "APPSTORE_ENTERPRISE_API_URL": apple.enterprise_url,
            **escrow,
        }
        team = apple.add_team("Drill", certificates=2, profiles=4, bundle_ids=2, devices=3)
        key = apple.add_key(team)
        with house(tmp_path / "lost", **environ) as lost:
            lost.data_dir.parent.mkdir()
            lost.up()
            page = first_account(lost).upload(
                "acme", file_name=key.file_name, p8=key.p8, issuer_id=key.issuer_id, name="Survivor"
            )
            wait_for(lambda: lost.count("appstore_profile") == 4, "the first sync", lost.log)
            made = lost.manage("backup", str(away))  # while it runs
            assert made.returncode == 0, made.stderr
            lost.kill_all()
            shutil.rmtree(lost.data_dir)
        asked = len(apple.requests)

        with house(tmp_path / "new", **environ) as new:
            new.data_dir.parent.mkdir()
            verified = new.manage("restore", "--verify", "--all-secrets", str(away))
            assert (verified.returncode, "1 secret opened" in verified.stdout) == (0, True), verified.stderr
            restored = new.manage("restore", str(away))
            assert (restored.returncode, "Restored." in restored.stdout) == (0, True), restored.stderr
            whole = new.manage("verify_audit")
            assert (whole.returncode, "The activity log is whole" in whole.stdout) == (0, True), whole.stderr
            again = new.manage("restore", str(away))
            assert (again.returncode, "This instance is in use" in again.stderr) == (1, True)

            new.up()
            browser = Browser(new.url)
            browser.sign_in("owner@example.com", PASSWORD)
            path = page.removeprefix(lost.url)
            assert "Survivor" in browser.get(path)
            assert "1–4 of 4" in browser.get("/o/acme/profiles/")
            # The key opens: the worker signs with it, and Apple takes it.
            form = browser.session.get(f"{new.url}{path}", timeout=60).text
            action = re.search(r'action="([^"]+/sync/?)"', form)
            assert action, form
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
            assert token
            browser.session.post(
                f"{new.url}{action[1]}", {"csrfmiddlewaretoken": token[1]}, headers={"Referer": new.url}, timeout=60
            )  # fmt: skip
            wait_for(lambda: len(apple.requests) > asked, "a sync of the restored key", new.log)
            wait_for(
                lambda: (
                    new.rows(
                        "SELECT state FROM appstore_syncrun WHERE kind = 'SYNC' ORDER BY created_at DESC LIMIT 1"
                    )[0][0]
                    == "SUCCEEDED"
                ),
                "its end",
                new.log,
            )

            refused = new.manage("restore", str(away))
            assert (refused.returncode, "Stop it first" in refused.stderr) == (1, True)


def test_without_the_master_key_nothing_is_back(tmp_path: Path) -> None:
    with house(tmp_path / "first", migrated=True, **keys()) as first:
        away = tmp_path / "newest.backup"
        assert first.manage("backup", str(away)).returncode == 0
    with house(tmp_path / "second", CREDHUB_MASTER_KEYS=another_key("test"), SECRET_KEY="x" * 60) as second:
        second.data_dir.parent.mkdir()
        refused = second.manage("restore", str(away))
        assert refused.returncode == 1
        assert "does not open with the master key “test”" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert second.table_names() == []
