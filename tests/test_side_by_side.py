"""What `make test` shares out among its processes."""

import pytest
from django.conf import settings

from tests.side_by_side import FIRST, TOGETHER, unit_of


@pytest.mark.parametrize("path", sorted({path for group in [*TOGETHER, FIRST] for path in group}))
def test_there_is_such_a_place(path: str) -> None:
    assert list(settings.BASE_DIR.glob(f"{path.rstrip('/')}*"))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/browser/test_share.py::test_a", "tests/browser/test_upload.py::test_b[phone]", True),
        ("tests/process/test_up.py::test_a", "tests/process/test_hardening.py::test_b", True),
        ("tests/process/test_demo.py::test_a", "tests/process/test_demo.py::test_b", True),
        ("tests/process/test_demo.py::test_a", "tests/process/test_stop.py::test_b", False),
    ],
)
def test_files_that_share_something_dear_stay_together(one: str, other: str, together: bool) -> None:
    assert (unit_of(one) == unit_of(other)) == together
