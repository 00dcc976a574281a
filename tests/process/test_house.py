"""The houses that these tests build stand apart from each other."""

import os
from contextlib import ExitStack

import pytest

from tests.process.house import _redis_database


@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="runs on Redis only")
def test_no_two_houses_share_a_redis_database() -> None:
    with ExitStack() as several:
        taken = [several.enter_context(_redis_database()) for _ in range(4)]
        assert len(set(taken)) == 4
    with ExitStack() as several:  # what was given back is there again
        assert len({several.enter_context(_redis_database()) for _ in range(4)}) == 4
