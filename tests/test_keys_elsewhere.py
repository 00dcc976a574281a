"""Where another provider holds the master keys, none is made or asked for here."""

from pathlib import Path

import pytest

from credhub import first_start


def test_no_master_key_is_made_beside_another_provider(tmp_path: Path) -> None:
    environ = {"CREDHUB_DATA_DIR": str(tmp_path / "data"), "CREDHUB_KEY_PROVIDER": "transit"}
    (line,) = first_start.make_missing_keys(environ)
    assert "made SECRET_KEY" in line
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_production_asks_for_what_it_needs(tmp_path: Path) -> None:
    environ = {"CREDHUB_DATA_DIR": str(tmp_path), "ALLOWED_HOSTS": "credhub.example"}
    with pytest.raises(first_start.FirstStartError, match="SECRET_KEY and CREDHUB_MASTER_KEYS are not set"):
        first_start.require_keys(environ)
    with pytest.raises(first_start.FirstStartError, match="so this is production, and SECRET_KEY is not set"):
        first_start.require_keys(environ | {"CREDHUB_KEY_PROVIDER": "aws-kms"})
    first_start.require_keys(environ | {"CREDHUB_KEY_PROVIDER": "aws-kms", "SECRET_KEY": "x"})
